"""What happened to a connection: the newest of its history."""

from __future__ import annotations

from django.db import models

from connectors.models.connections import ConnectionRow
from ipaas.core import clock


class ConnectionEvent(models.Model):
    """Something that happened to a connection; the same again and again is one row.

    ``times`` counts from ``at`` to ``last_at``.
    """

    connection = models.ForeignKey(ConnectionRow, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=24)
    message = models.CharField(max_length=500, blank=True, default="")
    actor = models.CharField(max_length=160, blank=True, default="")
    at = models.DateTimeField(default=clock.now)
    last_at = models.DateTimeField(default=clock.now)
    times = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "connectors_connection_event"
        indexes = [models.Index(fields=["connection", "-id"], name="event_newest")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.connection_id}"
