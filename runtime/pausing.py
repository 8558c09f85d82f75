"""What people hold back: a flow, a connection, a run. Rows stay; no further call leaves.

A step that may not call stands still (``engine.advance``) and its run is parked under the name of
the pause, so that whoever takes the pause away wakes it. Calls that have left are answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ipaas.core import clock
from runtime.engine import Stay
from runtime.models import Pause, Run
from runtime.parking import pause_key as key_of

SEEN_AFTER_S = 0.25  # another process's pause; one's own at once
Place = tuple[str, str]
Waiting = tuple[str, str, str]  # workspace, environment, name


class _Known(NamedTuple):
    read_s: float
    pauses: dict[tuple[str, str, str, str], tuple[str, str]]  # place, kind, ref -> by, reason


_known: list[_Known] = []


def stay(place: Place, flow_id: str, run_ids: tuple[str, ...], connection: str) -> Stay | None:
    """Why a call of this run by this connection may not leave, if something is paused."""
    pauses = _pauses()
    if not pauses:
        return None
    named = [run_id for run_id in run_ids if run_id]
    if any(kind == "run" for *_, kind, _ in pauses):
        named += _above(named[-1:])
    wanted = [("flow", flow_id), *(("run", run_id) for run_id in named)]
    if connection:
        wanted.append(("connection", connection))
    for kind, ref in wanted:
        found = pauses.get((*place, kind, ref))
        if found is not None:
            by, reason = found
            why = f": {reason}" if reason else ""
            return Stay(key_of(kind, ref), f"{_WORDS[kind]} was paused by {by}{why}")
    return None


_WORDS = {"flow": "the flow", "run": "the run", "connection": "the connection"}


def _above(run_ids: list[str]) -> list[str]:
    """The runs above: what is paused holds back the items of its items too."""
    found: list[str] = []
    while run_ids:
        rows = Run.objects.filter(id__in=run_ids).exclude(parent_id="")
        run_ids = list(rows.values_list("parent_id", flat=True))
        found += run_ids
    return found


def _pauses() -> dict[tuple[str, str, str, str], tuple[str, str]]:
    now_s = clock.monotonic_s()
    known = next(iter(_known), None)  # other threads forget, and read anew
    if known is None or not 0 <= now_s - known.read_s < SEEN_AFTER_S:
        rows = Pause.objects.values_list(
            "workspace_id", "environment", "kind", "ref", "by", "reason"
        )
        known = _Known(now_s, {row[:4]: row[4:] for row in rows})
        _known[:] = [known]
    return known.pauses


def over(places: Iterable[Waiting]) -> list[Waiting]:
    """Those of these names under which runs wait for the end of a pause that is not there."""
    wanted = set(places)
    if not wanted:
        return []
    there = {
        (workspace_id, environment, key_of(kind, ref))
        for workspace_id, environment, kind, ref in Pause.objects.values_list(
            "workspace_id", "environment", "kind", "ref"
        )
    }
    if wanted - there:
        forget()
    return sorted(wanted - there)


def forget() -> None:
    """Look anew at the next question."""
    _known.clear()


def of_run(run: Run) -> list[dict[str, Any]]:
    """Pauses that hold this run back, or would at its next call."""
    rows = Pause.objects.filter(workspace_id=run.workspace_id, environment=run.environment)
    own = {("flow", run.flow_id), ("run", run.id), ("run", run.parent_id)}
    parked = {raw.get("parked") for raw in run.state.values()}
    return [
        shown(row)
        for row in rows
        if (row.kind, row.ref) in own or key_of(row.kind, row.ref) in parked
    ]


def shown(row: Pause) -> dict[str, Any]:
    """A pause as people see it."""
    return {
        "id": row.pk,
        "environment": row.environment,
        "kind": row.kind,
        "ref": row.ref,
        "by": row.by,
        "reason": row.reason,
        "at": row.at.isoformat(),
    }
