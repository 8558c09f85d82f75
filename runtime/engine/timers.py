"""Timers that a clock which ran ahead has set, and the latest times that can be right. Pure.

Whatever time has passed since, no timer can ring later than if it were set now for as long as it
was to last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from runtime.engine import waits
from runtime.engine.answers import PARKED_S
from runtime.engine.draft import PlanDraft
from runtime.engine.families import LOOK_AGAIN
from runtime.engine.program import Program
from runtime.engine.resume import NothingToDo
from runtime.engine.step import StepState
from runtime.engine.values import Moment, Plan, Snapshot
from runtime.graph import Work

MARGIN = timedelta(minutes=2)  # clocks of several machines may differ


def too_late(
    program: Program, snapshot: Snapshot, now: datetime, lasts_s: Mapping[str, float]
) -> dict[str, datetime]:
    """Steps whose timers ring later than they can, and when they may ring at the latest.

    ``lasts_s``: seconds that the last wait of a step was to last, as the journal says.
    """
    found: dict[str, datetime] = {}
    for node_id, state in snapshot.steps.items():
        if state.next_at is None:
            continue
        longest = _longest(program, node_id, state, lasts_s)
        if longest is not None and state.next_at > now + longest + MARGIN:
            found[node_id] = now + longest
    return found


def bring_forward(
    program: Program, snapshot: Snapshot, moment: Moment, lasts_s: Mapping[str, float]
) -> Plan:
    """Let those timers ring at the latest time that can be right; raises NothingToDo."""
    late = too_late(program, snapshot, moment.now, lasts_s)
    if not late:
        raise NothingToDo("No timer of this run is too late.", hint="Reload the run.")
    draft = PlanDraft(program, snapshot, {"steps": {}}, moment)
    for node_id, next_at in late.items():
        state = snapshot.step(node_id)
        began = state.started_at and min(state.started_at, moment.now)
        earlier = replace(state, next_at=next_at, started_at=began)
        draft.snapshot = draft.snapshot.with_step(node_id, earlier)
        draft.changed.add(node_id)
    text = "A clock ran ahead when timers of this run were set; they ring earlier now"
    draft.note("run.clock", None, text, node_ids=sorted(late))
    return draft.finish(snapshot.status)


def _longest(
    program: Program, node_id: str, state: StepState, lasts_s: Mapping[str, float]
) -> timedelta | None:
    """How long the step's timer can last at most; None if that is a date, or nobody knows."""
    node = program.graph.nodes.get(node_id)
    if node is None:
        return None
    if state.parked:
        return timedelta(seconds=2 * PARKED_S)
    if node.kind.work is Work.FAMILY:
        return LOOK_AGAIN
    if node.kind.work is Work.WAIT:
        return waits.longest(node)
    if node_id in lasts_s:
        return timedelta(seconds=lasts_s[node_id])
    policy = program.policy(node)
    return timedelta(seconds=1.1 * max(policy.longest_wish_s, policy.longest_s))
