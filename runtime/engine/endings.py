"""How a run ends: given up, or with a result for whoever made it."""

from __future__ import annotations

from dataclasses import replace

from runtime.engine.advance import loop_of
from runtime.engine.draft import PlanDraft
from runtime.engine.late import let_be
from runtime.engine.program import Program
from runtime.engine.states import RunStatus, StepStatus
from runtime.engine.values import Failure, Moment, Plan, Snapshot


def give_up(program: Program, snapshot: Snapshot, moment: Moment, failure: Failure) -> Plan:
    """Plan that stops a run which cannot be carried on at all; a person must look.

    Steps keep their states, so whatever was under way stays in doubt and is searched for first if
    a person lets the run go on.
    """
    if snapshot.status is RunStatus.CANCELLED:
        return let_be(program, snapshot, moment, failure)
    draft = PlanDraft(program, snapshot, {"steps": {}}, moment)
    node_id = next(
        (n for n in program.graph.order if snapshot.step(n).status in _UNFINISHED),
        snapshot.trigger_node,
    )
    node = program.graph.nodes.get(node_id)
    stopped = replace(snapshot.step(node_id), error=failure.as_json())
    draft.snapshot = draft.snapshot.with_step(node_id, stopped)
    draft.changed.add(node_id)
    draft.bury(node_id, node.name if node else node_id, failure)
    draft.note("run.stopped", node_id, failure.message, **failure.as_json())
    return draft.finish(RunStatus.FAILED)


_UNFINISHED = (
    StepStatus.PENDING,
    StepStatus.RUNNING,
    StepStatus.RETRYING,
    StepStatus.IN_DOUBT,
    StepStatus.WAITING,
)
_SILENT = ("if", "switch", "stop", "wait", "xref")  # they decide or remember; they make nothing


def result_of(program: Program, snapshot: Snapshot) -> str | None:
    """Payload reference of what a run hands back, or None.

    The last “Give back a result” that was reached; without one, the last step (in run order) that
    made a document and succeeded.
    """
    graph = program.graph
    made: str | None = None
    given: str | None = None
    for node_id in graph.body(loop_of(program, snapshot)):
        node, state = graph.nodes[node_id], snapshot.step(node_id)
        if state.status is not StepStatus.SUCCEEDED or node.kind.is_trigger:
            continue
        if node.type == "return":
            given = state.output
        elif node.type not in _SILENT:
            made = state.output
    return given or made
