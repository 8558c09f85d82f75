"""What people keep around mappings: templates, functions of their own, tests."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ipaas.tenancy.fields import JsonText


class MappingTemplate(models.Model):
    """A mapping, or part of one, to start others from.

    ``source`` names a connector's mapping whose versions are kept here, as the connector brings
    only its newest; such a row has the source as its name.
    """

    id = models.CharField(primary_key=True, max_length=40)
    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    source = models.CharField(max_length=160, blank=True, default="")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "source", "name"], name="one_template_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class MappingTemplateVersion(models.Model):
    """One state of a template; never changed."""

    template = models.ForeignKey(MappingTemplate, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    document = JsonText()
    note = models.TextField(blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["template", "number"], name="one_template_version_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.template_id}"


class OwnFunction(models.Model):
    """A function that the workspace made of others; mappings call it by its name."""

    id = models.CharField(primary_key=True, max_length=40)
    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="one_own_function_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class OwnFunctionVersion(models.Model):
    """One state of a function; never changed. Releases hold a copy of the one they began with."""

    function = models.ForeignKey(OwnFunction, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    document = JsonText()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["function", "number"], name="one_function_version_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.function_id}"


class MappingTest(models.Model):
    """A document and what a step's mapping must make of it; both sealed, as they may be real."""

    id = models.CharField(primary_key=True, max_length=40)
    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    flow = models.ForeignKey("designer.Flow", models.CASCADE, related_name="mapping_tests")
    node_id = models.CharField(max_length=64)
    mapping_name = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    sealed = models.BinaryField()
    blocks = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["flow", "id"])]

    def __str__(self) -> str:
        return self.name


class SchemaShape(models.Model):
    """A schema as it was once, kept once for a workspace; named by its digest, never changed."""

    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    schema = JsonText()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="one_shape_per_digest")
        ]

    def __str__(self) -> str:
        return self.digest


class MappingShapes(models.Model):
    """The schemas around a mapping when people last looked: path to identity and digest."""

    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    flow = models.ForeignKey("designer.Flow", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=40)
    node_id = models.CharField(max_length=64)
    mapping_name = models.CharField(max_length=40)
    shapes = JsonText()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["flow", "environment", "node_id", "mapping_name"],
                name="one_set_of_shapes_per_mapping",
            )
        ]

    def __str__(self) -> str:
        return f"shapes around {self.node_id}.{self.mapping_name}"


class RefusedSuggestions(models.Model):
    """Pairs of source and target that people did not want as lines of a mapping."""

    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    flow = models.ForeignKey("designer.Flow", models.CASCADE, related_name="+")
    node_id = models.CharField(max_length=64)
    mapping_name = models.CharField(max_length=40)
    pairs = JsonText()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["flow", "node_id", "mapping_name"], name="one_set_of_refusals_per_mapping"
            )
        ]

    def __str__(self) -> str:
        return f"refused for {self.node_id}.{self.mapping_name}"
