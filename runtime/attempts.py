"""Attempts: one row for each call that a step made, with what went over the wire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ipaas.core.errors import IpaasError
from runtime import sql
from runtime.effects import payloads
from runtime.engine import Outcome

if TYPE_CHECKING:
    from runtime.store import Record

_TABLE = sql.Table(
    "runtime_attempt",
    {
        "run_id": "text",
        "node_id": "text",
        "number": "int",
        "purpose": "text",
        "started_at": "timestamptz",
        "duration_ms": "int",
        "outcome": "text",
        "error": "text",
        "exchanges": "text",
    },
)


def keep_exchanges(box: payloads.PayloadBox, outcome: Outcome) -> str:
    """Reference of what went over the wire, "" if nothing did."""
    if not outcome.exchanges:
        return ""
    try:
        return box.keep([exchange.as_json() for exchange in outcome.exchanges])
    except (IpaasError, TypeError, ValueError):
        return ""  # what went over the wire is for people to read; the run does not need it


def save(records: Iterable[Record]) -> None:
    """Write what became of the calls that these records tell of."""
    rows = [
        (
            record.claim.run_id,
            outcome.call.node_id,
            outcome.call.attempt,
            outcome.call.purpose,
            outcome.started_at,
            outcome.duration_ms,
            outcome_word(outcome),
            sql.text(outcome.failure.as_json()) if outcome.failure else None,
            reference,
        )
        for record in records
        for outcome, reference in zip(record.outcomes, record.exchange_refs, strict=True)
        if outcome.started_at is not None
    ]
    _TABLE.insert(rows)


def outcome_word(outcome: Outcome) -> str:
    """One word for what became of a call."""
    if outcome.failure is not None:
        if outcome.call.writes and outcome.failure.executed == "unknown":
            return "unknown"
        return "retry" if outcome.failure.recovery == "retry" else "refused"
    if outcome.call.purpose == "probe":
        return "found" if outcome.found else "absent"
    return "kept" if outcome.kept else "ok"
