"""Durable state of runs: claim, checkpoint, change. All races end here, in single transactions.

``due_at`` is the queue. A claim sets it to the end of the lease, so a run whose worker died becomes
claimable again by itself; ``fence`` rises with every claim and change, so whoever holds an old one
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from django.db import connection, transaction
from django.db.models import F

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.errors import IpaasError
from ipaas.core.ids import new_id
from runtime import faults, intents
from runtime.effects import payloads
from runtime.engine import (
    FINISHED_RUN,
    Outcome,
    Plan,
    RunStatus,
    Snapshot,
    StepState,
    StepStatus,
)
from runtime.intents import Verdict
from runtime.models import Attempt, DeadLetter, JournalBatch, Run

LEASE = timedelta(seconds=10)
PRIORITIES = (0, 1)  # live work, and what is read from the past behind it
WEARY = 2  # claims without a commit after which a run is taken alone
HOPELESS = 5  # and after which it is given up


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
    owner: str
    lease_ends: datetime
    created_at: datetime
    started_at: datetime | None
    snapshot: Snapshot
    in_vain: int = 0  # earlier claims since which nothing was committed


@dataclass(slots=True)
class Record:
    """What one turn of a run must leave behind in the database."""

    claim: Claim
    plan: Plan
    box: payloads.PayloadBox
    outcomes: Sequence[Outcome] = ()
    exchange_refs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Turn:
    """A plan, and the run it is for."""

    run_id: str
    workspace_id: str
    environment: str
    flow_id: str
    started_at: datetime | None
    plan: Plan
    holder: str = ""  # the worker that keeps the run while calls are under way


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
    """Up to ``limit`` runs that are due, now owned by ``worker`` for one lease.

    A run that was claimed again and again without any commit may be killing its workers: it is
    claimed alone, so that it takes no others down.
    """
    now = clock.now()
    if not Run.objects.filter(priority__in=PRIORITIES, due_at__lte=now).exists():
        return []  # spares the embedded database its write lock
    with transaction.atomic():
        rows: list[Run] = []
        for priority in PRIORITIES:  # one by one: each is a short range of the index
            due = Run.objects.select_for_update(skip_locked=True)
            due = due.filter(priority=priority, due_at__lte=now).order_by("due_at")
            rows += due[: limit - len(rows)] if len(rows) < limit else []
        if rows and rows[0].in_vain >= WEARY:
            rows = rows[:1]
        rows = [row for row in rows if row.in_vain < WEARY] or rows
        ends = now + LEASE
        Run.objects.filter(id__in=[row.id for row in rows]).update(
            due_at=ends, owner=worker, fence=F("fence") + 1, in_vain=F("in_vain") + 1
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
            worker,
            ends,
            row.created_at,
            row.started_at,
            snapshot_of(row),
            row.in_vain,
        )
        for row in rows
    ]


def extend(claims: Iterable[Claim]) -> tuple[datetime, set[str]]:
    """End of the renewed leases, and ids of the runs that are still held; others were lost."""
    fences = {each.run_id: each.fence for each in claims}
    ends = clock.now() + LEASE
    with transaction.atomic():
        rows = Run.objects.select_for_update().filter(id__in=fences).order_by("id")
        held = {i for i, fence in rows.values_list("id", "fence") if fences[i] == fence}
        Run.objects.filter(id__in=held, due_at__isnull=False).update(due_at=ends)
    return ends, held


def checkpoint(records: Sequence[Record]) -> dict[str, Verdict]:
    """Commit the turns of many runs at once; the verdict per run id.

    A run that is missing from the answer was taken by another worker: nothing of it was written
    and nothing may be done for it. Intents of writes are committed here, before any call leaves.
    """
    now = clock.now()
    for record in records:
        record.exchange_refs = [_keep_exchanges(record.box, o) for o in record.outcomes]
    with transaction.atomic():
        fences = dict(
            Run.objects.select_for_update()
            .filter(id__in=[record.claim.run_id for record in records])
            .order_by("id")
            .values_list("id", "fence")
        )
        valid = [r for r in records if fences.get(r.claim.run_id) == r.claim.fence]
        payloads.write([row for record in valid for row in record.box.rows()])
        intents.settle(valid, now)
        verdicts = intents.reserve(valid, now)
        Attempt.objects.bulk_create(_attempts(valid))
        skipped = faults.skipped("intent")  # only to prove that the kill test notices
        save([_turn(record, now) for record in valid if not (record.plan.calls and skipped)], now)
        faults.point("checkpoint.before_commit")
    faults.point("checkpoint.after_commit")
    for record in valid:
        record.box.empty()
    return verdicts


def _keep_exchanges(box: payloads.PayloadBox, outcome: Outcome) -> str:
    if not outcome.exchanges:
        return ""
    try:
        return box.keep([exchange.as_json() for exchange in outcome.exchanges])
    except (IpaasError, TypeError, ValueError):
        return ""  # what went over the wire is for people to read; the run does not need it


def _turn(record: Record, now: datetime) -> Turn:
    claim = record.claim
    return Turn(
        claim.run_id,
        claim.workspace_id,
        claim.environment,
        claim.flow_id,
        claim.started_at or now,
        record.plan,
        claim.owner,
    )


def save(turns: Sequence[Turn], now: datetime) -> None:
    """Write snapshots, journals, dead letters and pairs inside the caller's transaction.

    A few statements, however many runs there are. While calls are under way for a holder, the run
    stays due at the end of a new lease.
    """
    JournalBatch.objects.bulk_create(
        JournalBatch(
            run_id=turn.run_id,
            from_seq=turn.plan.entries[0].seq,
            to_seq=turn.plan.entries[-1].seq,
            entries=[entry.as_json() for entry in turn.plan.entries],
        )
        for turn in turns
        if turn.plan.entries
    )
    if turns:
        with connection.cursor() as cursor:
            cursor.executemany(_update_run(), [_run_values(turn, now) for turn in turns])
    DeadLetter.objects.bulk_create(_dead_letters(turns, now))
    connectors.record_xrefs(
        connectors.NewReference(
            turn.workspace_id,
            turn.environment,
            entity=pair.entity,
            left_connection=pair.left[0],
            left_id=pair.left[1],
            right_connection=pair.right[0],
            right_id=pair.right[1],
            run_id=turn.run_id,
        )
        for turn in turns
        for pair in turn.plan.pairs
    )


_SAVED = (
    "state status seq trigger error current_node started_at finished_at due_at owner in_vain"
).split()


@cache
def _update_run() -> str:
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(name)} = %s" for name in _SAVED)
    return f"UPDATE {quote(Run._meta.db_table)} SET {changes} WHERE id = %s"


def _run_values(turn: Turn, now: datetime) -> list[object]:
    """Values of the columns ``_SAVED``, and the run's id."""
    snapshot = turn.plan.snapshot
    steps = snapshot.steps.items()
    finished = snapshot.status in FINISHED_RUN
    kept = not finished and bool(turn.holder) and any(s.under_way for _, s in steps)
    error = next(
        (
            {"node_id": node, **state.error}
            for node, state in steps
            if state.error and state.status is not StepStatus.SUCCEEDED and state.port is None
        ),
        None,
    )
    values = {
        "state": {node: state.as_json() for node, state in steps},
        "status": str(snapshot.status),
        "seq": snapshot.seq,
        "trigger": snapshot.trigger,
        "error": error,
        "current_node": next((node for node, s in steps if s.status in _CURRENT), ""),
        "started_at": turn.started_at,
        "finished_at": now if finished else None,
        "due_at": now + LEASE if kept else turn.plan.due_at,
        "owner": turn.holder if kept else "",
        "in_vain": 0,
    }
    field = Run._meta.get_field
    prepared = [field(name).get_db_prep_save(values[name], connection) for name in _SAVED]
    return [*prepared, turn.run_id]


_CURRENT = (StepStatus.RUNNING, StepStatus.RETRYING, StepStatus.IN_DOUBT)


def _dead_letters(turns: Iterable[Turn], now: datetime) -> list[DeadLetter]:
    return [
        DeadLetter(
            id=new_id("dl"),
            workspace_id=turn.workspace_id,
            environment=turn.environment,
            run_id=turn.run_id,
            flow_id=turn.flow_id,
            node_id=letter.node_id,
            node_name=_storable(letter.node_name)[:200],
            code=_storable(letter.failure.code)[:80],
            message=_storable(letter.failure.message),
            hint=_storable(letter.failure.hint),
            created_at=now,
        )
        for turn in turns
        for letter in turn.plan.dead_letters
    ]


def _storable(text: str) -> str:
    """Text that every database takes: PostgreSQL refuses the character 0."""
    return text.replace("\0", "")


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


def release_leases() -> int:
    """Make all claimed runs claimable at once; how many there were.

    Only for a process that knows it is the only one (the embedded default, which holds a lock on
    its data folder): whoever claimed them is dead.
    """
    now = clock.now()
    return Run.objects.exclude(owner="").filter(due_at__gt=now).update(due_at=now, owner="")


def next_due() -> datetime | None:
    """When the next run becomes claimable, or None if nothing waits."""
    waiting = Run.objects.filter(due_at__isnull=False).order_by("due_at")
    firsts = [
        waiting.filter(priority=priority).values_list("due_at", flat=True).first()
        for priority in PRIORITIES
    ]
    return min((due for due in firsts if due is not None), default=None)
