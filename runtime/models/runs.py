"""Events taken in, runs, their journal and the attempts of their calls.

Every order writes these tables, so they bear only the indexes that a query needs, and what they
refer to is not checked by the database on each insert (``_hot``): nothing but this app writes them.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from ipaas.tenancy.fields import JsonText
from runtime.models.releases import Release


def _hot(to: Any, on_delete: Any = models.CASCADE, **options: Any) -> models.ForeignKey[Any, Any]:
    """A reference without a constraint and without the two indexes that PostgreSQL would get."""
    return models.ForeignKey(to, on_delete, db_constraint=False, db_index=False, **options)


class Event(models.Model):
    """Something that happened elsewhere, acknowledged and kept; one row per identity."""

    id = models.CharField(primary_key=True, max_length=40)
    workspace = _hot("tenancy.Workspace", related_name="+")
    environment = models.CharField(max_length=40)
    identity = models.CharField(max_length=64)  # digest of (source, entity, id, revision)
    source = models.CharField(max_length=120)
    entity = models.CharField(max_length=80)
    entity_id = models.CharField(max_length=200)
    revision = models.CharField(max_length=120)
    payload = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "environment", "identity"], name="one_event_per_identity"
            )
        ]


class Run(models.Model):
    """One execution of a release. ``due_at`` is the queue: a run is claimable once it has passed.

    A queued run is due at once, a waiting one when its timer ends, a claimed one when its lease
    ends; a finished run has none, unless it was cancelled while a call was away and nothing is
    known of that yet. ``fence`` rises with every claim, so a late worker is refused.
    """

    id = models.CharField(primary_key=True, max_length=40)
    workspace = _hot("tenancy.Workspace", related_name="+")
    environment = models.CharField(max_length=40)
    flow_id = models.CharField(max_length=40)
    release = _hot(Release, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, default="live")
    priority = models.SmallIntegerField(default=0, db_default=0)  # 0 live, 1 behind it
    backfill_id = models.CharField(max_length=40, null=True)
    status = models.CharField(max_length=12)
    trigger_node = models.CharField(max_length=40)
    trigger = models.CharField(max_length=64)
    source_key = models.CharField(max_length=300)
    business_key = models.CharField(max_length=120, blank=True)
    state = JsonText(default=dict)
    error = JsonText(null=True)
    current_node = models.CharField(max_length=40, blank=True)
    seq = models.IntegerField(default=0)
    fence = models.IntegerField(default=0)
    owner = models.CharField(max_length=80, blank=True)
    in_vain = models.IntegerField(default=0)  # claims since the last commit
    due_at = models.DateTimeField(null=True)
    event = _hot(Event, models.SET_NULL, null=True, related_name="+")
    replay_of = models.CharField(max_length=40, blank=True)
    revision = models.CharField(max_length=120, default="", db_default="", blank=True)
    parent_id = models.CharField(max_length=40, default="", db_default="", blank=True)
    family_id = models.CharField(max_length=100, default="", db_default="", blank=True)
    item_index = models.IntegerField(null=True)
    scope = JsonText(null=True)  # what a run that another run made knows of it
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lane = models.CharField(max_length=64, default="", db_default="", blank=True)
    slot = models.CharField(max_length=64, default="", db_default="", blank=True)
    waits_in = models.CharField(max_length=64, default="", db_default="", blank=True)
    position = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["priority", "due_at"],
                name="run_due_by_priority",
                condition=models.Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["backfill_id", "status"],
                name="run_backfill",
                condition=models.Q(backfill_id__isnull=False),
            ),
            models.Index(
                fields=["workspace", "environment", "-id"],
                name="run_roots",
                condition=models.Q(parent_id=""),
            ),
            models.Index(
                fields=["family_id", "item_index"],
                name="run_family",
                condition=~models.Q(family_id=""),
            ),
            models.Index(
                fields=["parent_id"], name="run_parent", condition=~models.Q(parent_id="")
            ),
            models.Index(
                fields=["waits_in", "position"],
                name="run_waiting",
                condition=~models.Q(waits_in=""),
            ),
            models.Index(fields=["event"], name="run_event"),
            models.Index(
                fields=["workspace", "environment", "status", "-id"],
                name="run_roots_by_status",
                condition=models.Q(parent_id=""),
            ),
            models.Index(fields=["workspace", "environment", "business_key"], name="run_key"),
            models.Index(fields=["workspace", "flow_id", "-id"], name="run_flow"),
        ]


class JournalBatch(models.Model):
    """The journal entries of one commit."""

    run = _hot(Run, related_name="journal")
    from_seq = models.IntegerField()
    to_seq = models.IntegerField()
    entries = JsonText()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "from_seq"], name="journal_has_no_fork")
        ]


class Attempt(models.Model):
    """One call of a step, with what went over the wire."""

    run = _hot(Run, related_name="attempts")
    node_id = models.CharField(max_length=40)
    number = models.IntegerField()
    purpose = models.CharField(max_length=8)
    started_at = models.DateTimeField()
    duration_ms = models.IntegerField()
    outcome = models.CharField(max_length=10)
    error = JsonText(null=True)
    exchanges = models.CharField(max_length=64, blank=True)  # payload reference

    class Meta:
        indexes = [models.Index(fields=["run"], name="attempt_run")]


class Effect(models.Model):
    """A write that was allowed to leave: its intent, and what became of it."""

    workspace = _hot("tenancy.Workspace", related_name="+")
    key = models.CharField(max_length=40)
    run_id = models.CharField(max_length=40)
    node_id = models.CharField(max_length=40)
    state = models.CharField(max_length=10)  # intended, confirmed, refused
    generation = models.IntegerField(default=0)
    digest = models.CharField(max_length=64)  # of the inputs
    result = models.CharField(max_length=64, blank=True)  # payload reference
    intended_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="one_effect_per_key")
        ]


class DeadLetter(models.Model):
    """A step that needs a person."""

    id = models.CharField(primary_key=True, max_length=40)
    workspace = models.ForeignKey("tenancy.Workspace", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=40)
    run = models.ForeignKey(Run, models.CASCADE, related_name="dead_letters")
    flow_id = models.CharField(max_length=40)
    node_id = models.CharField(max_length=40)
    node_name = models.CharField(max_length=200)
    code = models.CharField(max_length=80)
    message = models.TextField()
    hint = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=16, default="", db_default="", blank=True)
    suggestion = JsonText(null=True)  # what could be done about it, for a person to accept
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    status = models.CharField(max_length=10, default="open")  # open, retried, skipped, expired
    edits = JsonText(default=list)  # what people did: when, who, why
    retried_by_job = models.CharField(max_length=40, default="", db_default="", blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "environment", "status", "-id"]),
            models.Index(
                fields=["workspace", "environment", "status", "fingerprint", "-id"],
                name="letter_cause",
            ),
            models.Index(
                fields=["retried_by_job"],
                name="letter_job",
                condition=~models.Q(retried_by_job=""),
            ),
        ]


class Payload(models.Model):
    """A document, compressed and sealed, named by a keyed digest of its content."""

    workspace = _hot("tenancy.Workspace", related_name="+")
    digest = models.CharField(max_length=64)
    sealed = models.BinaryField()
    size = models.IntegerField()  # bytes of JSON before compression
    created_at = models.DateTimeField()
    # Once it has moved to the object store, ``sealed`` is empty and these say where it is.
    pack_id = models.CharField(max_length=40, default="", db_default="", blank=True)
    pack_start = models.IntegerField(default=0, db_default=0)
    pack_length = models.IntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="one_payload_per_content")
        ]
        indexes = [
            models.Index(fields=["pack_id"], name="payload_pack", condition=~models.Q(pack_id=""))
        ]


class Pack(models.Model):
    """An object of the object store: many documents of one workspace."""

    class State(models.TextChoices):
        """How far it is."""

        COMING = "coming"  # may or may not be in the store
        THERE = "there"
        GOING = "going"  # holds nothing any more

    id = models.CharField(primary_key=True, max_length=40)
    workspace = _hot("tenancy.Workspace", related_name="+")
    key = models.BinaryField()
    state = models.CharField(max_length=8)
    count = models.IntegerField(default=0)
    size = models.IntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "changed_at"], name="pack_state")]
