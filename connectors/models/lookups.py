"""Lookup tables: their columns, their rows as of every version, and files on their way in."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from ipaas.core import clock
from ipaas.core.ids import new_id
from ipaas.tenancy.fields import JsonText


def new_table_id() -> str:
    """Fresh id of a lookup table."""
    return new_id("lut")


def new_upload_id() -> str:
    """Fresh id of a file that somebody sent."""
    return new_id("upl")


class LookupTable(models.Model):
    """A table that translates codes, in one environment; flows name it by ``slug``.

    ``version`` is the newest one that is complete. ``saving_until`` is the lock of a save: whoever
    sets it writes rows of the next version, which nobody sees before ``version`` rises.
    """

    class Kind(models.TextChoices):
        """What the table is for; the columns of exchange rates are fixed."""

        TABLE = "table"
        RATES = "rates"

    id = models.CharField(primary_key=True, max_length=40, default=new_table_id)
    workspace = models.ForeignKey(
        "tenancy.Workspace", on_delete=models.CASCADE, related_name="lookup_tables"
    )
    environment = models.CharField(max_length=40)
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True, default="")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.TABLE)
    columns: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list)
    on_miss = JsonText(default=dict)
    ignore_case = models.BooleanField(default=False)
    ignore_space = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    row_count = models.PositiveIntegerField(default=0)
    saving_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "connectors_lookup_table"
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "environment", "slug"], name="one_lookup_table_per_slug"
            )
        ]

    def __str__(self) -> str:
        return f"{self.slug} ({self.environment})"


class LookupRow(models.Model):
    """One row as it was from version ``added_in`` until before ``removed_in``.

    A change closes the row and adds another, so every version can be read at any time and costs
    only what changed. ``key`` is what is compared; ``search`` is the row's text in lower case.
    """

    table = models.ForeignKey(LookupTable, on_delete=models.CASCADE, related_name="rows")
    key = models.CharField(max_length=400)
    values = JsonText()
    search = models.TextField()
    added_in = models.PositiveIntegerField()
    removed_in = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        db_table = "connectors_lookup_row"
        constraints = [
            models.UniqueConstraint(
                fields=["table", "key"],
                condition=Q(removed_in__isnull=True),
                name="one_lookup_row_per_key",
            )
        ]
        indexes = [
            models.Index(fields=["table", "key", "id"], name="lookup_by_key"),
            models.Index(fields=["table", "added_in"], name="lookup_added"),
            models.Index(
                fields=["table", "removed_in"],
                condition=Q(removed_in__isnull=False),
                name="lookup_removed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.table_id}"


class LookupVersion(models.Model):
    """What one save did: who, why, and how many rows."""

    table = models.ForeignKey(LookupTable, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    action = models.CharField(max_length=16)
    note = models.CharField(max_length=300, blank=True, default="")
    author = models.CharField(max_length=160)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    row_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "connectors_lookup_version"
        ordering = [F("number").desc()]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "number"], name="one_lookup_version_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.table_id}"


class Upload(models.Model):
    """A file that somebody sent and will match, check and take over within the hour."""

    id = models.CharField(primary_key=True, max_length=40, default=new_upload_id)
    workspace = models.ForeignKey(
        "tenancy.Workspace", on_delete=models.CASCADE, related_name="uploads"
    )
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "connectors_upload"

    def __str__(self) -> str:
        return self.name
