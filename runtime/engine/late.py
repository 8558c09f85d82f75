"""Answers that come when nothing follows from them any more: the run has been cancelled."""

from __future__ import annotations

from collections.abc import Iterable

from runtime.engine.draft import PlanDraft
from runtime.engine.program import Program
from runtime.engine.states import RunStatus, StepStatus
from runtime.engine.values import Moment, Outcome, Plan, Snapshot


def answered_late(
    program: Program, snapshot: Snapshot, moment: Moment, outcomes: Iterable[Outcome]
) -> Plan:
    """Note in a cancelled run what became of calls that were under way when it was cancelled.

    What was done counts as done, so that nobody does it again; nobody is asked about what was
    refused; and of what may have arrived it stays open until somebody does it again, who looks.
    """
    draft = PlanDraft(program, snapshot, {"steps": {}}, moment)
    for outcome in outcomes:
        node_id, failure = outcome.call.node_id, outcome.failure
        if outcome.held or outcome.busy or not draft.step(node_id).under_way:
            continue
        searched = outcome.call.purpose == "probe"
        if searched and (failure is not None or not outcome.found):
            continue  # it may still show itself
        node = program.graph.nodes[node_id]
        if failure is None:
            text = f"{node.name}: the answer came after the run was cancelled; it is done"
            draft.succeed(node, outcome.output, text=text)
        elif failure.executed == "no":
            draft.move(node_id, StepStatus.FAILED, port=None, error=failure.as_json())
            text = f"{node.name}: refused after the run was cancelled. {failure.message}"
            draft.note("step.failed", node_id, text, **failure.as_json())
        else:
            draft.move(node_id, StepStatus.IN_DOUBT, error=failure.as_json())
            text = f"{node.name}: nobody knows whether it arrived; whoever does it again looks"
            draft.note("step.in_doubt", node_id, text)
    return draft.finish(RunStatus.CANCELLED)
