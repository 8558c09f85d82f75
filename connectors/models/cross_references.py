"""Which object in one system is which object in another."""

from __future__ import annotations

from django.db import models

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
