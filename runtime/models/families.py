"""Runs that a step made, questions to people, and runs that wait for a connection."""

from __future__ import annotations

from django.db import models

from runtime.models.runs import Run


class Family(models.Model):
    """The runs that one step of a run made, counted; changed only with the runs themselves.

    Those with an ``item_index`` below ``released`` may move. ``version`` rises when there is
    something for the run above to look at; ``looked`` is the version it last looked at.
    """

    id = models.CharField(primary_key=True, max_length=100)  # run/node/round
    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, models.CASCADE, related_name="families")
    node_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)  # item, flow
    total = models.IntegerField()
    made = models.IntegerField()
    released = models.IntegerField(default=0)
    succeeded = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    cancelled = models.IntegerField(default=0)
    parallel = models.IntegerField()
    stops = models.BooleanField()  # after a failure no further one is released
    waits = models.BooleanField()  # the run above goes on when all have ended
    closed = models.BooleanField(default=False)  # no further one is released, whatever happens
    version = models.IntegerField(default=0)
    looked = models.IntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                name="family_news",
                condition=models.Q(version__gt=models.F("looked")),
            ),
            models.Index(
                fields=["id"],
                name="family_held",
                condition=models.Q(released__lt=models.F("made"), closed=False),
            ),
        ]


class Approval(models.Model):
    """A question to a person, for which a run waits."""

    id = models.CharField(primary_key=True, max_length=40)
    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=40)
    run = models.ForeignKey(Run, models.CASCADE, related_name="approvals")
    flow_id = models.CharField(max_length=40)
    node_id = models.CharField(max_length=40)
    node_name = models.CharField(max_length=200)
    text = models.TextField()
    assignee_kind = models.CharField(max_length=10)  # role, user
    assignee = models.CharField(max_length=150)
    status = models.CharField(max_length=10, default="open")
    escalated = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "node_id"],
                name="one_open_question_per_step",
                condition=models.Q(status="open"),
            )
        ]
        indexes = [models.Index(fields=["workspace", "environment", "status", "-id"])]


class Parked(models.Model):
    """A run with a step that waits until a connection is authorised again.

    ``connection`` may also be a key that a lookup table lacks (``engine.awaited``), or a pause.
    ``since``: when the call left that was refused.
    """

    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=40)
    connection = models.CharField(max_length=80)
    run = models.ForeignKey(Run, models.CASCADE, related_name="+")
    since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "environment", "connection", "run"],
                name="parked_once_per_connection",
            )
        ]
