"""How runs and steps look to people: one shape for lists, pages and live messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from runtime.engine import Program, Snapshot, StepState, StepStatus
from runtime.graph import Graph
from runtime.models import Run
from runtime.parking import is_pause
from runtime.store import snapshot_of

_ACTIVE = (StepStatus.RUNNING, StepStatus.RETRYING, StepStatus.IN_DOUBT, StepStatus.WAITING)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def duration_ms(start: datetime | None, end: datetime | None) -> int | None:
    """Whole milliseconds between two times, None while one is missing."""
    return None if start is None or end is None else round((end - start).total_seconds() * 1000)


def step_summary(node_id: str, state: StepState) -> dict[str, Any]:
    """One step of a run."""
    return {
        "node_id": node_id,
        "status": str(state.status),
        "port": state.port,
        "attempts": state.attempts,
        "started_at": _text(state.started_at),
        "finished_at": _text(state.finished_at),
        "duration_ms": duration_ms(state.started_at, state.finished_at),
        "next_attempt_at": _text(state.next_at),
        "call_out": state.away,
        "needs_person": state.person,
        "waits_for_connection": None if is_pause(state.parked) else state.parked,
        "paused": is_pause(state.parked),
        "children": {"made": state.made, "total": state.total} if state.total else None,
        "error": dict(state.error) if state.error else None,
    }


def run_summary(
    *,
    run_id: str,
    flow: tuple[str, str],
    version: int,
    kind: str,
    environment: str,
    business_key: str,
    created_at: datetime,
    started_at: datetime | None,
    finished_at: datetime | None,
    snapshot: Snapshot,
    graph: Graph,
) -> dict[str, Any]:
    """One line of the run list; the same in live messages."""
    current = next((n for n, s in snapshot.steps.items() if s.status in _ACTIVE), None)
    failed = next(
        (
            (node, state.error)
            for node, state in snapshot.steps.items()
            if state.error and state.status is not StepStatus.SUCCEEDED and state.port is None
        ),
        None,
    )
    return {
        "id": run_id,
        "flow": {"id": flow[0], "name": flow[1]},
        "version": version,
        "kind": kind,
        "environment": environment,
        "status": str(snapshot.status),
        "business_key": business_key,
        "created_at": _text(created_at),
        "started_at": _text(started_at),
        "finished_at": _text(finished_at),
        "duration_ms": duration_ms(created_at, finished_at),
        "current": current and {"node_id": current, "name": name_of(graph, current)},
        "error": failed
        and {
            "node_id": failed[0],
            "node_name": name_of(graph, failed[0]),
            "code": (failed[1] or {}).get("code"),
            "message": (failed[1] or {}).get("message"),
            "hint": (failed[1] or {}).get("hint"),
        },
        "seq": snapshot.seq,
        "paused": any(is_pause(state.parked) for state in snapshot.steps.values()),
        "parent": _parent(snapshot),
    }


def _parent(snapshot: Snapshot) -> dict[str, Any] | None:
    """The run above, its step, and the place among the items (None for a called flow)."""
    scope = snapshot.scope
    if scope is None:
        return None
    index = scope.items[-1][2] if scope.items else None
    return {"run_id": scope.parent, "node_id": scope.family.split("/")[1], "index": index}


def summary_of(
    run: Run,
    program: Program,
    snapshot: Snapshot | None = None,
    ended_at: datetime | None = None,
) -> dict[str, Any]:
    """One line of a list, of the run's row; as a newer snapshot, if given, has it by now."""
    return run_summary(
        run_id=run.id,
        flow=(run.flow_id, program.flow_name),
        version=program.version,
        kind=run.kind,
        environment=run.environment,
        business_key=run.business_key,
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at if snapshot is None else ended_at,
        snapshot=snapshot or snapshot_of(run),
        graph=program.graph,
    )


def name_of(graph: Graph, node_id: str) -> str:
    """What people call a node."""
    node = graph.nodes.get(node_id)
    return node.name if node else node_id
