"""Durable state of runs: claim, checkpoint, change. All races end here, in single transactions.

``due_at`` is the queue. A claim sets it to the end of the lease, so a run whose worker died becomes
claimable again by itself; ``fence`` rises with every claim and change, so whoever holds an old one
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

from connectors import facade as connectors
from ipaas.core import clock, jsonio
from runtime import approvals, attempts, children, faults, intents, lanes, letters, parking, sql
from runtime.effects import payloads
from runtime.engine import (
    FINISHED_RUN,
    Outcome,
    Plan,
    RunStatus,
    Scope,
    Snapshot,
    StepState,
    StepStatus,
)
from runtime.intents import Verdict
from runtime.models import Run

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
    finished_at: datetime | None  # of a cancelled run of which more is to be found out
    snapshot: Snapshot
    in_vain: int = 0  # earlier claims since which nothing was committed
    priority: int = 0  # 0 live, 1 behind it
    place: lanes.Place = lanes.Place()  # among runs of its key and of its flow


@dataclass(slots=True)
class Record:
    """What one turn of a run must leave behind in the database."""

    claim: Claim
    plan: Plan
    box: payloads.PayloadBox
    before: RunStatus  # the run's state until now
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
    before: RunStatus
    holder: str = ""  # the worker that keeps the run while calls are under way
    place: lanes.Place = lanes.Place()
    finished_at: datetime | None = None  # when the run ended, if that is known before this turn
    called_at: datetime | None = None  # when the first of the calls left that it takes in


def snapshot_of(run: Run | _Due) -> Snapshot:
    """The engine's view of a run row."""
    return Snapshot(
        run.id,
        run.trigger_node,
        run.trigger,
        run.source_key,
        {node: StepState.from_json(raw) for node, raw in run.state.items()},
        RunStatus(run.status),
        run.seq,
        run.revision,
        Scope.from_json(run.scope) if run.scope else None,
    )


class _Due(NamedTuple):
    """What a claim reads of a run's row."""

    id: str
    workspace_id: str
    environment: str
    release_id: str
    flow_id: str
    kind: str
    business_key: str
    fence: int
    created_at: Any
    started_at: Any
    finished_at: Any
    in_vain: int
    trigger_node: str
    trigger: str
    source_key: str
    state: Any
    status: str
    seq: int
    priority: int
    revision: str
    scope: Any
    lane: str
    slot: str


_DUE = (
    f"SELECT {', '.join(_Due._fields)} FROM runtime_run WHERE priority = %s AND due_at <= %s"
    " ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED"
)


def claim(limit: int, worker: str, *, weary: bool = True) -> list[Claim]:
    """Up to ``limit`` runs that are due, now owned by ``worker`` for one lease.

    A run that was claimed again and again without any commit may be killing its workers: it is
    claimed alone, so that it takes no others down; without ``weary``, not at all.
    """
    now = clock.now()
    if not _anything_due(now):
        return []  # spares the embedded database its write lock
    with sql.writing("claim"):
        rows: list[_Due] = []
        for priority in PRIORITIES:  # one by one: each is a short range of the index
            if len(rows) < limit:
                rows += map(_Due._make, sql.fetch(_DUE, priority, now, limit - len(rows)))
        if weary and rows and rows[0].in_vain >= WEARY:
            rows = rows[:1]
        rows = [row for row in rows if row.in_vain < WEARY] or (rows if weary else [])
        ends = now + LEASE
        if rows:
            sql.change(
                "UPDATE runtime_run SET due_at = %s, owner = %s, fence = fence + 1,"
                " in_vain = in_vain + 1 WHERE id = ANY(%s)",
                ends,
                worker,
                [row.id for row in rows],
            )
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
            sql.moment(row.created_at),
            sql.moment(row.started_at),
            sql.moment(row.finished_at),
            snapshot_of(_parsed(row)),
            row.in_vain,
            row.priority,
            lanes.Place(row.lane, row.slot),
        )
        for row in rows
    ]


def _parsed(row: _Due) -> _Due:
    scope = jsonio.loads(row.scope) if row.scope else None
    return row._replace(state=jsonio.loads(row.state), scope=scope)


def _anything_due(now: datetime) -> bool:
    looked = "SELECT 1 FROM runtime_run WHERE priority = %s AND due_at <= %s LIMIT 1"
    return any(sql.fetch(looked, priority, now) for priority in PRIORITIES)


def extend(claims: Iterable[Claim]) -> tuple[datetime, set[str]]:
    """End of the renewed leases, and ids of the runs that are still held; others were lost."""
    fences = {each.run_id: each.fence for each in claims}
    ends = clock.now() + LEASE
    with sql.writing("extend"):
        held = {i for i, fence in _fences(list(fences)).items() if fences[i] == fence}
        sql.change(
            "UPDATE runtime_run SET due_at = %s WHERE id = ANY(%s) AND due_at IS NOT NULL",
            ends,
            list(held),
        )
    return ends, held


def checkpoint(records: Sequence[Record]) -> dict[str, Verdict]:
    """Commit the turns of many runs at once; the verdict per run id.

    A run that is missing from the answer was taken by another worker: nothing of it was written
    and nothing may be done for it. Intents of writes are committed here, before any call leaves.
    """
    now = clock.now()
    for record in records:
        record.exchange_refs = [attempts.keep_exchanges(record.box, o) for o in record.outcomes]
    with sql.writing("checkpoint"):
        lanes.lock_for_leaving(records)
        fences = _fences([record.claim.run_id for record in records])
        valid = [r for r in records if fences.get(r.claim.run_id) == r.claim.fence]
        payloads.write([row for record in valid for row in record.box.rows()])
        intents.settle(valid, now)
        verdicts = intents.reserve(valid, now)
        attempts.save(valid)
        skipped = faults.skipped("intent")  # only to prove that the kill test notices
        save([_turn(record, now) for record in valid if not (record.plan.calls and skipped)], now)
    for record in valid:
        record.box.empty()
    return verdicts


def put_off(claim: Claim, wait: timedelta) -> None:
    """Leave a claimed run for a while, as if it had not been claimed; a lost claim stays lost."""
    Run.objects.filter(id=claim.run_id, fence=claim.fence).update(
        due_at=clock.now() + wait, owner="", in_vain=0
    )


def _fences(run_ids: list[str]) -> dict[str, int]:
    """Fences of runs whose rows are locked until the transaction ends."""
    return dict(
        sql.fetch(
            "SELECT id, fence FROM runtime_run WHERE id = ANY(%s) ORDER BY id FOR UPDATE", run_ids
        )
    )


def _turn(record: Record, now: datetime) -> Turn:
    claim = record.claim
    return Turn(
        claim.run_id,
        claim.workspace_id,
        claim.environment,
        claim.flow_id,
        claim.started_at or now,
        record.plan,
        record.before,
        claim.owner,
        claim.place,
        ended_at(claim, record.plan.snapshot.status, now),
        min((o.started_at for o in record.outcomes if o.started_at is not None), default=None),
    )


def ended_at(claim: Claim, status: RunStatus, now: datetime) -> datetime | None:
    """When a run ended that is in this state by now; a cancelled one had ended when it was claimed,
    and its calls are only looked after."""
    if status not in FINISHED_RUN:
        return None
    return (claim.finished_at if status is RunStatus.CANCELLED else None) or now


def save_one(record: Record, now: datetime) -> None:
    """Write the turn of a run whose row is locked, inside the caller's transaction."""
    save([_turn(record, now)], now)


def save(turns: Sequence[Turn], now: datetime) -> None:
    """Write snapshots, journals, dead letters and pairs inside the caller's transaction.

    A few statements, however many runs there are. While calls are under way for a holder, the run
    stays due at the end of a new lease.
    """
    _JOURNAL.insert(
        [
            (
                turn.run_id,
                turn.plan.entries[0].seq,
                turn.plan.entries[-1].seq,
                sql.text([entry.as_json() for entry in turn.plan.entries]),
            )
            for turn in turns
            if turn.plan.entries
        ]
    )
    _SAVED.update([_run_values(turn, now) for turn in turns])
    letters.save(turns, now)
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
    approvals.save(turns, now)
    parking.save(turns)
    children.save(turns, now)
    lanes.come_back(turns, now)
    lanes.leave(turns, now)


_SAVED = sql.Table(
    "runtime_run",
    {
        "id": "text",
        "state": "text",
        "status": "text",
        "seq": "int",
        "trigger": "text",
        "error": "text",
        "current_node": "text",
        "started_at": "timestamptz",
        "finished_at": "timestamptz",
        "due_at": "timestamptz",
        "owner": "text",
        "in_vain": "int",
    },
)
_JOURNAL = sql.Table(
    "runtime_journalbatch",
    {"run_id": "text", "from_seq": "int", "to_seq": "int", "entries": "text"},
)


def _run_values(turn: Turn, now: datetime) -> sql.Row:
    """Values of the columns of ``_SAVED``."""
    snapshot = turn.plan.snapshot
    steps = snapshot.steps.items()
    finished = snapshot.status in FINISHED_RUN
    ended = finished and snapshot.status is not RunStatus.CANCELLED  # nothing is looked for
    kept = not ended and bool(turn.holder) and any(s.under_way for _, s in steps)
    error = next(
        (
            {"node_id": node, **state.error}
            for node, state in steps
            if state.error and state.status is not StepStatus.SUCCEEDED and state.port is None
        ),
        None,
    )
    return (
        turn.run_id,
        sql.text({node: state.as_json() for node, state in steps}),
        str(snapshot.status),
        snapshot.seq,
        snapshot.trigger,
        sql.text(error),
        next((node for node, s in steps if s.status in _CURRENT), ""),
        turn.started_at,
        (turn.finished_at or now) if finished else None,
        now + LEASE if kept else None if turn.place.waits_in else turn.plan.due_at,
        turn.holder if kept else "",
        0,
    )


_CURRENT = (StepStatus.RUNNING, StepStatus.RETRYING, StepStatus.IN_DOUBT)


def release_leases() -> int:
    """Make all claimed runs claimable at once; how many there were.

    Only for a process that knows it is the only one (the embedded default, which holds a lock on
    its data folder): whoever claimed them is dead.
    """
    now = clock.now()
    return Run.objects.exclude(owner="").filter(due_at__gt=now).update(due_at=now, owner="")


def next_due() -> datetime | None:
    """When the next run becomes claimable, or None if nothing waits."""
    first = "SELECT min(due_at) FROM runtime_run WHERE priority = %s AND due_at IS NOT NULL"
    found = chain.from_iterable(
        row for priority in PRIORITIES for row in sql.fetch(first, priority)
    )
    return min((sql.moment(due) for due in found if due is not None), default=None)
