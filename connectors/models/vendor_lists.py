"""Lists of a connected system, such as its accounts, as they were when they were last read."""

from __future__ import annotations

from django.db import models

from connectors.models.connections import ConnectionRow
from ipaas.core import clock

VALUE_CHARACTERS = 255


class VendorList(models.Model):
    """One pick-list of one connection.

    The entries of ``round`` count (0: none yet) and stay in force while ``reading``, the round
    that is being read portion by portion, has ``got`` so many of its own.
    """

    connection = models.ForeignKey(
        ConnectionRow, on_delete=models.CASCADE, related_name="vendor_lists"
    )
    name = models.CharField(max_length=60)
    round = models.IntegerField(default=0)
    count = models.IntegerField(default=0)
    too_long = models.BooleanField(default=False)
    fetched_at = models.DateTimeField(default=clock.now)
    reading = models.IntegerField(default=0)
    got = models.IntegerField(default=0)
    began_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "connectors_vendor_list"
        constraints = [
            models.UniqueConstraint(fields=["connection", "name"], name="one_list_of_a_name")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.connection_id}"


class VendorListEntry(models.Model):
    """One entry of a pick-list, as one reading of it found it."""

    list = models.ForeignKey(VendorList, on_delete=models.CASCADE, related_name="entries")
    round = models.IntegerField()
    value = models.CharField(max_length=VALUE_CHARACTERS)
    label = models.CharField(max_length=VALUE_CHARACTERS)

    class Meta:
        db_table = "connectors_vendor_list_entry"
        constraints = [
            models.UniqueConstraint(
                fields=["list", "round", "value"], name="one_entry_of_a_value_in_a_round"
            )
        ]

    def __str__(self) -> str:
        return self.value
