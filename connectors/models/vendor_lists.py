"""Lists of a connected system, such as its accounts, as they were when they were last read."""

from __future__ import annotations

from typing import Any

from django.db import models

from connectors.models.connections import ConnectionRow
from ipaas.core import clock


class VendorList(models.Model):
    """One pick-list of one connection: pairs of value and label, none if it was too long."""

    connection = models.ForeignKey(
        ConnectionRow, on_delete=models.CASCADE, related_name="vendor_lists"
    )
    name = models.CharField(max_length=60)
    entries: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list)
    complete = models.BooleanField(default=True)
    fetched_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "connectors_vendor_list"
        constraints = [
            models.UniqueConstraint(fields=["connection", "name"], name="one_list_of_a_name")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.connection_id}"
