"""Durable state of runs: claim, checkpoint, change. All races end here, in single transactions.

``due_at`` is the queue. A claim sets it to the end of the lease, so a run whose worker died becomes
claimable again by itself; ``fence`` rises with every claim and change, so whoever holds an old one
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.errors import Recovery
from ipaas.core.ids import new_id
from runtime import faults
from runtime.effects import payloads
from runtime.engine import (
    FINISHED_RUN,
    Call,
    Entry,
    Failure,
    Outcome,
    Plan,
    RunStatus,
    Snapshot,
    StepState,
    StepStatus,
)
from runtime.models import Attempt, DeadLetter, Effect, JournalBatch, Run

LEASE = timedelta(seconds=10)
LEFT_BEHIND = Failure(
    "effect.left_behind",
    "An earlier run was stopped while it was posting the same document.",
    recovery=Recovery.RETRY,
    executed="unknown",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that this worker owns until the lease ends."""

    run_id: str
    workspace_id: str
    environment: str
    release_id: str
    flow_id: str
    kind: str
    business_key: str
    fence: int
    lease_ends: datetime
    created_at: datetime
    started_at: datetime | None
    snapshot: Snapshot
    fresh: bool  # False: an earlier worker may have had it


@dataclass(slots=True)
class Record:
    """What one turn of a run must leave behind in the database."""

    claim: Claim
    plan: Plan
    box: payloads.PayloadBox
    outcomes: Sequence[Outcome] = ()
    earlier: tuple[Entry, ...] = ()  # journal entries made before the plan
    exchange_refs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checkpoint allowed: calls that may leave, and calls that must not."""

    granted: tuple[Call, ...]
    settled: tuple[Outcome, ...]  # answers known without calling


def snapshot_of(run: Run) -> Snapshot:
    """The engine's view of a run row."""
    return Snapshot(
        run.id,
        run.trigger_node,
        run.trigger,
        run.source_key,
        {node: StepState.from_json(raw) for node, raw in run.state.items()},
        RunStatus(run.status),
        run.seq,
    )


def claim(limit: int, worker: str) -> list[Claim]:
    """Up to ``limit`` runs that are due, now owned by ``worker`` for one lease."""
    now = clock.now()
    if not Run.objects.filter(due_at__lte=now).exists():
        return []  # spares the embedded database its write lock
    with transaction.atomic():
        rows = list(
            Run.objects.select_for_update(skip_locked=True)
            .filter(due_at__lte=now)
            .order_by("due_at")[:limit]
        )
        ends = now + LEASE
        Run.objects.filter(id__in=[row.id for row in rows]).update(
            due_at=ends, owner=worker, fence=F("fence") + 1
        )
    faults.point("claim.after_commit")
    return [
        Claim(
            row.id,
            row.workspace_id,
            row.environment,
            row.release_id,
            row.flow_id,
            row.kind,
            row.business_key,
            row.fence + 1,
            ends,
            row.created_at,
            row.started_at,
            snapshot_of(row),
            row.status == RunStatus.QUEUED,
        )
        for row in rows
    ]


def extend(claims: Iterable[Claim]) -> datetime:
    """End of the renewed leases; a claim that was lost is not renewed."""
    ends = clock.now() + LEASE
    with transaction.atomic():
        for each in claims:
            Run.objects.filter(id=each.run_id, fence=each.fence).update(due_at=ends)
    return ends


def checkpoint(records: Sequence[Record]) -> dict[str, Verdict]:
    """Commit the turns of many runs at once; the verdict per run id.

    A run that is missing from the answer was taken by another worker: nothing of it was written
    and nothing may be done for it. Intents of writes are committed here, before any call leaves.
    """
    now = clock.now()
    for record in records:
        record.exchange_refs = [
            record.box.keep([exchange.as_json() for exchange in outcome.exchanges])
            if outcome.exchanges
            else ""
            for outcome in record.outcomes
        ]
    with transaction.atomic():
        fences = dict(
            Run.objects.select_for_update()
            .filter(id__in=[record.claim.run_id for record in records])
            .order_by("id")
            .values_list("id", "fence")
        )
        valid = [r for r in records if fences.get(r.claim.run_id) == r.claim.fence]
        rows = [row for record in valid for row in record.box.rows()]
        payloads.write(rows)
        _settle_effects(valid, now)
        verdicts = _reserve(valid, now)
        Attempt.objects.bulk_create(_attempts(valid))
        for record in valid:
            if record.plan.calls and faults.skipped("intent"):
                continue  # only to prove that the kill test notices
            save_plan(record.claim.run_id, record.plan, now, record.claim, record.earlier)
        faults.point("checkpoint.before_commit")
    faults.point("checkpoint.after_commit")
    return verdicts


def save_plan(
    run_id: str,
    plan: Plan,
    now: datetime,
    held: Claim | None,
    earlier: tuple[Entry, ...] = (),
) -> None:
    """Write a plan's snapshot, journal, dead letters and pairs inside the caller's transaction.

    While calls are under way for a holder, the run stays due at the end of its lease.
    """
    snapshot = plan.snapshot
    entries = earlier + plan.entries
    if entries:
        JournalBatch.objects.create(
            run_id=run_id,
            from_seq=entries[0].seq,
            to_seq=entries[-1].seq,
            entries=[entry.as_json() for entry in entries],
        )
    finished = snapshot.status in FINISHED_RUN
    keeps_lease = held is not None and any(s.under_way for s in snapshot.steps.values())
    failed = next(
        (
            (node, state)
            for node, state in snapshot.steps.items()
            if state.error and state.status is not StepStatus.SUCCEEDED and state.port is None
        ),
        None,
    )
    current = [
        node
        for node, state in snapshot.steps.items()
        if state.status in (StepStatus.RUNNING, StepStatus.RETRYING, StepStatus.IN_DOUBT)
    ]
    changes: dict[str, Any] = {
        "state": {node: state.as_json() for node, state in snapshot.steps.items()},
        "status": snapshot.status,
        "seq": snapshot.seq,
        "trigger": snapshot.trigger,
        "error": None if failed is None else {"node_id": failed[0], **(failed[1].error or {})},
        "current_node": current[0] if current else "",
        "finished_at": now if finished else None,
    }
    if keeps_lease:
        assert held is not None
        changes["due_at"] = held.lease_ends
    else:
        changes["due_at"] = None if finished else plan.due_at
        changes["owner"] = ""
    if held is not None and held.started_at is None:
        changes["started_at"] = now
    Run.objects.filter(id=run_id).update(**changes)
    _file_dead_letters(run_id, plan, now)
    _record_pairs(run_id, plan)


def _file_dead_letters(run_id: str, plan: Plan, now: datetime) -> None:
    if not plan.dead_letters:
        return
    run = Run.objects.select_related("release").get(id=run_id)
    names = {node["id"]: node.get("name") for node in run.release.body["document"]["nodes"]}
    DeadLetter.objects.bulk_create(
        DeadLetter(
            id=new_id("dl"),
            workspace_id=run.workspace_id,
            environment=run.environment,
            run_id=run_id,
            flow_id=run.flow_id,
            node_id=letter.node_id,
            node_name=names.get(letter.node_id) or letter.node_id,
            code=letter.failure.code,
            message=letter.failure.message,
            hint=letter.failure.hint,
            created_at=now,
        )
        for letter in plan.dead_letters
    )


def _record_pairs(run_id: str, plan: Plan) -> None:
    if not plan.pairs:
        return
    run = Run.objects.get(id=run_id)
    for pair in plan.pairs:
        connectors.record_xref(
            run.workspace_id,
            run.environment,
            entity=pair.entity,
            left_connection=pair.left[0],
            left_id=pair.left[1],
            right_connection=pair.right[0],
            right_id=pair.right[1],
            run_id=run_id,
        )


def _attempts(records: Iterable[Record]) -> list[Attempt]:
    return [
        Attempt(
            run_id=record.claim.run_id,
            node_id=outcome.call.node_id,
            number=outcome.call.attempt,
            purpose=outcome.call.purpose,
            started_at=outcome.started_at,
            duration_ms=outcome.duration_ms,
            outcome=outcome_word(outcome),
            error=outcome.failure.as_json() if outcome.failure else None,
            exchanges=reference,
        )
        for record in records
        for outcome, reference in zip(record.outcomes, record.exchange_refs, strict=True)
        if outcome.started_at is not None
    ]


def outcome_word(outcome: Outcome) -> str:
    """One word for what became of a call."""
    if outcome.failure is not None:
        if outcome.call.writes and outcome.failure.executed == "unknown":
            return "unknown"
        return "retry" if outcome.failure.recovery == "retry" else "refused"
    if outcome.call.purpose == "probe":
        return "found" if outcome.found else "absent"
    return "ok"


def _settle_effects(records: Iterable[Record], now: datetime) -> None:
    """Confirm or refuse the intents whose outcome is now definite."""
    for record in records:
        for outcome in record.outcomes:
            call = outcome.call
            if not call.writes or outcome.already or outcome.busy:
                continue
            state = record.plan.snapshot.step(call.node_id)
            if state.status is StepStatus.SUCCEEDED:
                changes: dict[str, Any] = {"state": "confirmed", "result": state.output or ""}
            elif state.status is StepStatus.FAILED:
                changes = {"state": "refused"}
            else:
                continue
            Effect.objects.filter(
                workspace_id=record.claim.workspace_id, key=call.key, run_id=record.claim.run_id
            ).update(settled_at=now, **changes)


def _reserve(records: Sequence[Record], now: datetime) -> dict[str, Verdict]:
    """Commit an intent per write, or find out that somebody else has (or had) it."""
    wanted: dict[tuple[str, str], tuple[Record, Call]] = {}
    for record in records:
        for call in record.plan.calls:
            if call.writes and call.purpose == "send":
                wanted.setdefault((record.claim.workspace_id, call.key), (record, call))
    rows: dict[tuple[str, str], Effect] = {}
    if wanted and not faults.skipped("intent"):
        Effect.objects.bulk_create(
            [
                Effect(
                    workspace_id=workspace_id,
                    key=key,
                    run_id=record.claim.run_id,
                    node_id=call.node_id,
                    state="intended",
                    digest=record.plan.snapshot.step(call.node_id).input or "",
                    intended_at=now,
                )
                for (workspace_id, key), (record, call) in sorted(
                    wanted.items(), key=lambda w: w[0]
                )
            ],
            ignore_conflicts=True,
        )
        keys = [key for _, key in wanted]
        found = Effect.objects.select_for_update().filter(key__in=keys).order_by("id")
        rows = {(row.workspace_id, row.key): row for row in found}
    verdicts: dict[str, Verdict] = {}
    for record in records:
        granted: list[Call] = []
        settled: list[Outcome] = []
        for call in record.plan.calls:
            row = rows.get((record.claim.workspace_id, call.key))
            if row is None or call.purpose == "probe":
                granted.append(call)
                continue
            answer = _meet(row, record, call, now)
            if isinstance(answer, Outcome):
                settled.append(answer)
            else:
                granted.append(answer)
        verdicts[record.claim.run_id] = Verdict(tuple(granted), tuple(settled))
    return verdicts


def _meet(row: Effect, record: Record, call: Call, now: datetime) -> Call | Outcome:
    """Decide about a call whose key has a row: ours, somebody else's, or settled already."""
    run_id = record.claim.run_id
    digest = record.plan.snapshot.step(call.node_id).input or ""
    if row.state == "confirmed":
        result = payloads.load(record.claim.workspace_id, [row.result]).get(row.result)
        return Outcome(call, output=result, already=row.run_id)
    if row.run_id == run_id and row.state == "intended":
        if row.digest != digest:
            Effect.objects.filter(id=row.id).update(digest=digest, intended_at=now)
        return replace(call, generation=row.generation)
    if row.state == "refused":
        # The vendor may replay a refusal for the same key, so a new try needs a new one.
        generation = row.generation + 1
        Effect.objects.filter(id=row.id).update(
            run_id=run_id,
            node_id=call.node_id,
            state="intended",
            generation=generation,
            digest=digest,
            intended_at=now,
        )
        return replace(call, generation=generation)
    other = Run.objects.filter(id=row.run_id).values_list("status", flat=True).first()
    if other is not None and RunStatus(other) not in FINISHED_RUN:
        return Outcome(call, busy=row.run_id)
    Effect.objects.filter(id=row.id).update(run_id=run_id, node_id=call.node_id, digest=digest)
    return Outcome(call, failure=LEFT_BEHIND)


def release_leases() -> int:
    """Make all claimed runs claimable at once; how many there were.

    Only for a process that knows it is the only one (the embedded default, which holds a lock on
    its data folder): whoever claimed them is dead.
    """
    now = clock.now()
    return Run.objects.exclude(owner="").filter(due_at__gt=now).update(due_at=now, owner="")


def next_due() -> datetime | None:
    """When the next run becomes claimable, or None if nothing waits."""
    return (
        Run.objects.filter(due_at__isnull=False)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )
