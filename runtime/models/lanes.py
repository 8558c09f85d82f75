"""Lanes keep runs of one business key in order, and a flow from running too often at once."""

from __future__ import annotations

from django.db import models


class Lane(models.Model):
    """How many runs may move at once in one order, and how many do.

    One row per business key (``size`` 1) or per flow; its lock is what decides who comes first.
    The row of a key is gone when no run is in its lane.
    """

    id = models.CharField(primary_key=True, max_length=64)  # digest of place, flow and key
    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    size = models.IntegerField()
    busy = models.IntegerField(default=0)
    last = models.BigIntegerField(default=0)  # position given last, in microseconds
    holds_failed = models.BooleanField(default=False)  # a failed run keeps its place
