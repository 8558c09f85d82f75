"""Intents: a write leaves only after its row here is committed, and is settled in it.

A key names what is to be done once (source document and step), whichever run does it. The row says
which run has it, and what became of it: ``intended`` (may have left), ``confirmed``, ``refused``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ipaas.core.errors import Recovery
from runtime import faults, sql
from runtime.effects import payloads
from runtime.engine import FINISHED_RUN, Call, Failure, NotNow, Outcome, RunStatus, StepStatus
from runtime.models import Effect, Run

if TYPE_CHECKING:
    from runtime.store import Record

_TABLE = sql.Table(
    "runtime_effect",
    {
        "key": "text",
        "workspace_id": "text",
        "run_id": "text",
        "node_id": "text",
        "state": "text",
        "generation": "int",
        "digest": "text",
        "result": "text",
        "intended_at": "timestamptz",
    },
)
_SETTLED = sql.Table(
    "runtime_effect",
    {
        "workspace_id": "text",
        "key": "text",
        "run_id": "text",
        "state": "text",
        "result": "text",
        "settled_at": "timestamptz",
    },
)
LEFT_BEHIND = Failure(
    "effect.left_behind",
    "An earlier run was stopped while it was posting the same document.",
    recovery=Recovery.RETRY,
    executed="unknown",
    adrift=True,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checkpoint allowed: calls that may leave, and calls that must not."""

    granted: tuple[Call, ...]
    settled: tuple[Outcome, ...]  # answers known without calling


def settle(records: Iterable[Record], now: datetime) -> None:
    """Confirm or refuse the intents whose outcome is now definite.

    A step that failed without a definite "no" keeps its intent: it may have been done, so nobody
    may do it again under another key.
    """
    settled: list[sql.Row] = []
    for record in records:
        for outcome in record.outcomes:
            call, failure = outcome.call, outcome.failure
            if not call.writes or outcome.already or outcome.busy:
                continue
            step = record.plan.snapshot.step(call.node_id)
            place = (record.claim.workspace_id, call.key, record.claim.run_id)
            if step.status is StepStatus.SUCCEEDED:
                settled.append((*place, "confirmed", step.output or "", now))
            elif (
                step.status is StepStatus.FAILED
                and call.purpose == "send"
                and failure is not None
                and failure.executed == "no"
                and (not step.unsure or _judged(outcome))
            ):
                settled.append((*place, "refused", "", now))
    _SETTLED.update(settled, keys=3)


def _judged(outcome: Outcome) -> bool:
    """Whether the other system looked at the document and refused it.

    Then it knows of no earlier try under the same key. One that it did not look at (it could not
    be reached, it lets nobody in for now) says nothing of a try whose answer was lost.
    """
    failure = outcome.failure
    looked = failure is not None and failure.recovery is Recovery.FIX_DATA
    return looked and any(each.response is not None for each in outcome.exchanges[-1:])


def adopt(workspace_id: str, run_id: str, node_id: str, result: str, now: datetime) -> None:
    """A person said that the step's document has arrived: its intent is confirmed."""
    Effect.objects.filter(
        workspace_id=workspace_id, run_id=run_id, node_id=node_id, state="intended"
    ).update(state="confirmed", result=result, settled_at=now)


def reserve(records: Sequence[Record], now: datetime) -> dict[str, Verdict]:
    """Commit an intent per write, or find out that somebody else has (or had) it."""
    wanted: dict[tuple[str, str], tuple[Record, Call]] = {}
    for record in records:
        for call in record.plan.calls:
            if call.writes and call.purpose == "send":
                wanted.setdefault((record.claim.workspace_id, call.key), (record, call))
    rows = {} if faults.skipped("intent") else _reserved(wanted, records, now)
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


def _reserved(
    wanted: dict[tuple[str, str], tuple[Record, Call]], records: Sequence[Record], now: datetime
) -> dict[tuple[str, str], Effect]:
    """Insert the intents; rows (locked) of keys that stood there already or are wanted twice."""
    new = _TABLE.insert_new(
        [
            (
                key,
                workspace_id,
                record.claim.run_id,
                call.node_id,
                "intended",
                0,
                record.plan.snapshot.step(call.node_id).input or "",
                "",
                now,
            )
            for (workspace_id, key), (record, call) in sorted(wanted.items(), key=lambda w: w[0])
        ]
    )
    met = {key for _, key in wanted if key not in new} | {
        call.key
        for record in records
        for call in record.plan.calls
        if wanted.get((record.claim.workspace_id, call.key), (record,))[0] is not record
    }
    if not met:
        return {}
    found = Effect.objects.select_for_update().filter(key__in=met).order_by("id")
    return {(row.workspace_id, row.key): row for row in found}


def _meet(row: Effect, record: Record, call: Call, now: datetime) -> Call | Outcome:
    """Decide about a call whose key has a row: ours, somebody else's, or settled already."""
    run_id = record.claim.run_id
    digest = record.plan.snapshot.step(call.node_id).input or ""
    if row.state == "confirmed":
        try:
            kept = payloads.load(record.claim.workspace_id, [row.result])
        except NotNow:
            return Outcome(call, busy=row.run_id)  # asked again in a while
        # Its document may have been removed when its time was over; that it was posted stays known.
        result = kept.get(row.result, {"posted": True, "document_removed": True})
        return Outcome(call, output=result, already=row.run_id)
    if row.run_id == run_id and row.state == "intended":
        if row.digest != digest:
            row.digest, row.intended_at = digest, now
            row.save(update_fields=["digest", "intended_at"])
        return replace(call, generation=row.generation)
    if row.state == "refused":
        # The vendor may replay a refusal for the same key, so a new try needs a new one.
        row.generation += 1
        _take_over(row, run_id, call, digest, now)
        return replace(call, generation=row.generation)
    other = Run.objects.filter(id=row.run_id).values_list("status", flat=True).first()
    if other is not None and RunStatus(other) not in FINISHED_RUN:
        return Outcome(call, busy=row.run_id)
    _take_over(row, run_id, call, digest, now)
    return Outcome(call, failure=LEFT_BEHIND)


def _take_over(row: Effect, run_id: str, call: Call, digest: str, now: datetime) -> None:
    """Give the key to this run; the row in memory tells the next run of the same batch."""
    row.run_id, row.node_id, row.digest = run_id, call.node_id, digest
    row.state, row.intended_at = "intended", now
    row.save(update_fields=["run_id", "node_id", "digest", "state", "generation", "intended_at"])
