"""What people hold back, and what they have done to many records at once."""

from __future__ import annotations

from typing import Any

from django.db import models

from ipaas.tenancy.fields import JsonText


class Pause(models.Model):
    """A flow, a connection or a run whose calls may not leave; its rows stay as they are."""

    class Kind(models.TextChoices):
        """What is held back."""

        FLOW = "flow"
        CONNECTION = "connection"
        RUN = "run"

    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)
    ref = models.CharField(max_length=80)  # id of a flow or run, slug of a connection
    by = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "environment", "kind", "ref"], name="paused_once"
            )
        ]


class BulkJob(models.Model):
    """Something done to all dead letters of a filter, in pieces; or only tried (``rehearsal``).

    ``due_at`` is the queue, as for backfills. Records are taken in the order of their ids, behind
    ``last_id`` up to ``until_id``: what fails again meanwhile is a new record and left alone.
    """

    id = models.CharField(primary_key=True, max_length=40)
    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=40)
    action = models.CharField(max_length=10)  # retry, skip, assign
    rehearsal = models.BooleanField()
    choice: Any = JsonText(default=dict)  # filter of the list, or ids
    options: Any = JsonText(default=dict)
    status = models.CharField(max_length=10)  # running, paused, done, cancelled
    last_id = models.CharField(max_length=40, blank=True)
    until_id = models.CharField(max_length=40)
    total = models.IntegerField()
    done = models.IntegerField(default=0)
    counts: Any = JsonText(default=dict)  # by outcome
    problems: Any = JsonText(default=list)  # the first records that could not be dealt with
    due_at = models.DateTimeField(null=True)
    fence = models.IntegerField(default=0)
    owner = models.CharField(max_length=120, blank=True)
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # Runs that it retried may be under way still: what becomes of them is told.
    followed = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["followed"], name="bulk_followed", condition=models.Q(followed=True)
            ),
            models.Index(
                fields=["due_at"], name="bulk_due", condition=models.Q(due_at__isnull=False)
            ),
            models.Index(fields=["workspace", "environment", "-id"], name="bulk_list"),
        ]
