"""Flows as people edit them: drafts with revisions, and published versions."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from designer.mapping_models import (
    MappingShapes,
    MappingTemplate,
    MappingTemplateVersion,
    MappingTest,
    OwnFunction,
    OwnFunctionVersion,
    RefusedSuggestions,
    SchemaShape,
)
from ipaas.tenancy.fields import JsonText

__all__ = [
    "Draft",
    "Flow",
    "MappingShapes",
    "MappingTemplate",
    "MappingTemplateVersion",
    "MappingTest",
    "OwnFunction",
    "OwnFunctionVersion",
    "RefusedSuggestions",
    "SchemaShape",
    "Version",
]


class Flow(models.Model):
    """What a person edits."""

    id = models.CharField(primary_key=True, max_length=40)
    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-updated_at"])]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """The state being edited; ``revision`` rises with every save."""

    flow = models.OneToOneField(Flow, models.CASCADE, related_name="draft")
    revision = models.IntegerField(default=1)
    document = JsonText()
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    def __str__(self) -> str:
        return f"draft {self.revision} of {self.flow_id}"


class Version(models.Model):
    """A published state; never changed."""

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    document = JsonText()
    note = models.TextField(blank=True)
    environment = models.CharField(max_length=40)
    release_id = models.CharField(max_length=40)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["flow", "number"], name="one_version_per_number")
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.flow_id}"
