"""Which object in one system is which object in another, and what people changed of that."""

from __future__ import annotations

from django.db import models
from django.db.models import F

from ipaas.core import clock


class CrossReferenceRow(models.Model):
    """Object ``left_id`` of ``left_connection`` is ``right_id`` of ``right_connection``.

    Connections are held by slug: a reference outlives the connection that made it.
    """

    workspace = models.ForeignKey(
        "tenancy.Workspace", on_delete=models.CASCADE, related_name="cross_references"
    )
    environment = models.CharField(max_length=40)
    entity = models.CharField(max_length=60)
    left_connection = models.CharField(max_length=60)
    left_id = models.CharField(max_length=120)
    right_connection = models.CharField(max_length=60)
    right_id = models.CharField(max_length=120)
    run_id = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "connectors_cross_reference"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "workspace",
                    "environment",
                    "entity",
                    "left_connection",
                    "left_id",
                    "right_connection",
                ],
                name="one_counterpart_per_object",
            )
        ]
        indexes = [
            models.Index(
                fields=["workspace", "environment", "right_connection", "right_id"],
                name="xref_by_right",
            ),
            models.Index(fields=["workspace", "-created_at"], name="xref_newest"),
        ]

    def __str__(self) -> str:
        return (
            f"{self.entity}: {self.left_connection}/{self.left_id}"
            f" = {self.right_connection}/{self.right_id}"
        )


class CrossReferenceVersion(models.Model):
    """What one person did to the pairs of an environment: who, why, and how many.

    What runs record makes no version: that is their history, not an edit.
    """

    workspace = models.ForeignKey(
        "tenancy.Workspace", on_delete=models.CASCADE, related_name="cross_reference_versions"
    )
    environment = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    action = models.CharField(max_length=16)
    note = models.CharField(max_length=300, blank=True, default="")
    author = models.CharField(max_length=160)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "connectors_cross_reference_version"
        ordering = [F("number").desc()]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "environment", "number"], name="one_xref_version_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"version {self.number} of the pairs in {self.environment}"


class CrossReferenceChange(models.Model):
    """What one version did to one object's counterpart; None where it had none."""

    version = models.ForeignKey(
        CrossReferenceVersion, on_delete=models.CASCADE, related_name="changes"
    )
    entity = models.CharField(max_length=60)
    left_connection = models.CharField(max_length=60)
    left_id = models.CharField(max_length=120)
    right_connection = models.CharField(max_length=60)
    before = models.CharField(max_length=120, null=True)
    before_run_id = models.CharField(max_length=40, blank=True, default="")
    after = models.CharField(max_length=120, null=True)

    class Meta:
        db_table = "connectors_cross_reference_change"
        indexes = [
            models.Index(
                fields=["entity", "left_connection", "left_id", "right_connection", "id"],
                name="xref_change_by_object",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entity}: {self.left_connection}/{self.left_id} in {self.version_id}"
