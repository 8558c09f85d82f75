"""What triggers remember: addresses, timers, cursors, backfills, and who leads the schedulers."""

from __future__ import annotations

from typing import Any

from django.db import models

from ipaas.tenancy.fields import JsonText
from runtime.models.releases import Deployment
from runtime.models.runs import Event


class MissedEvent(models.Model):
    """An event that is known but did not start this flow, and can still start it.

    It came while the flow was off, or another flow's backfill read it (``history``). One that a
    person has dismissed starts nothing any more.
    """

    class Reason(models.TextChoices):
        """Why the flow did not take it."""

        OFF = "off"
        HISTORY = "history"
        DISMISSED = "dismissed"

    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=40)
    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="missed")
    event = models.ForeignKey(Event, models.CASCADE, related_name="+")
    business_key = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=10, default="off", db_default="off")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deployment", "event"], name="missed_once_per_flow")
        ]


class Hook(models.Model):
    """An address of a flow's own, at which messages of any system come in.

    It outlives releases, so a flow that is published again keeps its address and its secret.
    Secrets are sealed; ``previous`` is accepted beside ``secret`` until ``previous_until``.
    """

    token = models.CharField(max_length=64, unique=True)
    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=40)
    flow_id = models.CharField(max_length=40)
    node_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    settings: Any = JsonText(default=dict)
    deployed = models.BooleanField(default=False)
    secret = models.BinaryField(null=True)
    previous = models.BinaryField(null=True)
    previous_until = models.DateTimeField(null=True)
    learning_until = models.DateTimeField(null=True)
    refusal: Any = JsonText(null=True)  # the last message that was refused, without its content

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "environment", "flow_id"], name="one_hook_per_flow"
            )
        ]


class HookSample(models.Model):
    """A message that an address received while it was learning, sealed."""

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="samples")
    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    content_type = models.CharField(max_length=120, blank=True)
    sealed = models.BinaryField()
    size = models.IntegerField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["hook", "-id"], name="hook_samples")]


class Timer(models.Model):
    """When a trigger must act next, and how far it has come: schedules and polls.

    ``due_at`` is the queue, as for runs: claimed means due again at the end of a lease, and
    ``fence`` rises with every claim. ``planned_at`` is the fire time that ``due_at`` stands for.
    """

    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=40)
    deployment = models.OneToOneField(Deployment, models.CASCADE, related_name="timer")
    kind = models.CharField(max_length=40)
    settings: Any = JsonText(default=dict)
    cursor: Any = JsonText(null=True)
    planned_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    fence = models.IntegerField(default=0)
    owner = models.CharField(max_length=80, blank=True)
    failures = models.IntegerField(default=0)  # since the last success
    error: Any = JsonText(null=True)
    acted_at = models.DateTimeField(null=True)  # last success
    found_at = models.DateTimeField(null=True)  # last success that found something
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], name="timer_due", condition=models.Q(due_at__isnull=False)
            )
        ]


class Backfill(models.Model):
    """A trigger's past, read in pieces behind live work."""

    id = models.CharField(primary_key=True, max_length=40)
    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=40)
    flow_id = models.CharField(max_length=40)
    connection = models.CharField(max_length=80)
    operation = models.CharField(max_length=80)
    inputs: Any = JsonText(default=dict)
    since = models.DateTimeField()
    until = models.DateTimeField()
    status = models.CharField(max_length=12)  # running, paused, done, cancelled, failed
    cursor: Any = JsonText(null=True)
    read = models.IntegerField(default=0)  # events the vendor gave
    started = models.IntegerField(default=0)  # runs started
    known = models.IntegerField(default=0)  # events that had started a run before
    due_at = models.DateTimeField(null=True)
    fence = models.IntegerField(default=0)
    owner = models.CharField(max_length=80, blank=True)
    failures = models.IntegerField(default=0)
    error: Any = JsonText(null=True)
    created_by = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], name="backfill_due", condition=models.Q(due_at__isnull=False)
            ),
            models.Index(fields=["workspace", "environment", "-id"], name="backfill_list"),
        ]


class Lease(models.Model):
    """Who leads, until when; ``fence`` rises with every change of leader."""

    name = models.CharField(primary_key=True, max_length=40)
    holder = models.CharField(max_length=120, blank=True)
    fence = models.IntegerField(default=0)
    until = models.DateTimeField()


class Process(models.Model):
    """A process of this installation that said lately that it lives."""

    id = models.CharField(primary_key=True, max_length=120)  # host:pid:start
    role = models.CharField(max_length=20)
    host = models.CharField(max_length=120)
    pid = models.IntegerField()
    alone = models.BooleanField()  # embedded: it must be the only one
    skew_ms = models.IntegerField(default=0)  # its clock against the database's
    draining = models.BooleanField(default=False, db_default=False)  # it is asked to end
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()


class Installation(models.Model):
    """What all processes on one database must agree on: a probe sealed with the newest master key.

    The rotation of keys seals it anew like everything else, and so carries it over.
    """

    name = models.CharField(primary_key=True, max_length=20)
    sealed = models.BinaryField(default=b"")
    known_keys: Any = JsonText(default=list)  # check values, in the order in which they came
    updated_at = models.DateTimeField()
