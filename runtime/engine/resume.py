"""What a person may do to a run that stopped: retry, decide a doubt, cancel."""

from __future__ import annotations

import re
from dataclasses import replace

from ipaas.core import jsonio
from ipaas.core.errors import Conflict
from runtime.engine import late, waits
from runtime.engine.answers import PROBES_BEFORE_RESEND
from runtime.engine.draft import PlanDraft
from runtime.engine.program import Program
from runtime.engine.states import FINISHED_RUN, RunStatus, StepStatus
from runtime.engine.step import StepState
from runtime.engine.values import Document, Moment, Plan, Snapshot
from runtime.graph import LOOP, Graph, Work

_SETTLED = (StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.SKIPPED)
_MOVING = (StepStatus.RUNNING, StepStatus.RETRYING, StepStatus.WAITING)


class NothingToDo(Conflict):
    """The run is not in a state in which this can be done."""

    code = "run.nothing_to_do"


def retry(
    program: Program,
    snapshot: Snapshot,
    moment: Moment,
    *,
    from_start: bool,
    trigger: str,
    from_node: str = "",
) -> Plan:
    """Do a failed run again: from its start, from a step that was reached, or from those that
    failed.

    ``trigger`` is the reference of the (perhaps edited) trigger document. Effects that were
    confirmed keep their keys, so whatever was posted is found again and not posted twice.
    """
    stopped = any(
        s.status is StepStatus.FAILED and s.needs_mending for s in snapshot.steps.values()
    )
    moving = snapshot.status is not RunStatus.WAITING or from_start or not stopped
    if snapshot.status is not RunStatus.FAILED and moving:
        raise NothingToDo(
            f"Only a failed run can be retried; this one is {snapshot.status}.",
            hint="Wait until it has ended, or replay it: a replay starts a new run from the stored "
            "document.",
        )
    redone = to_redo(program, snapshot, from_start=from_start, from_node=from_node)
    doubtful = [node for node in redone if _only_a_person_knows(program, snapshot, node)]
    if doubtful and (from_start or from_node):
        raise NothingToDo(
            "A step of this run is in doubt; doing it over could post its document twice.",
            hint="Retry from the step that failed, and settle the doubt.",
            node_ids=doubtful,
        )
    lost = [n for n, s in snapshot.steps.items() if n not in redone and _lacks(program, n, s)]
    if lost:
        raise NothingToDo(
            "A step of this run that is under way is not in that version.",
            hint="Go on with the version it began with, or wait until that step has ended.",
            node_ids=lost,
        )
    draft = PlanDraft(program, replace(snapshot, trigger=trigger), {"steps": {}}, moment)
    for node_id in redone:
        state = snapshot.step(node_id)
        node = program.graph.nodes.get(node_id)
        makes_runs = node is not None and node.kind.work is Work.FAMILY
        if makes_runs and state.total:
            draft.ended_families.append(draft.family(node_id))
        if state.status is StepStatus.WAITING and node is not None and node.type == "approval":
            draft.answered.append((node_id, "cancelled"))
        tried = state.attempts > 0 or makes_runs
        generation = state.generation + 1 if tried else state.generation
        fresh = StepState(generation=generation, adrift=_unsettled(state), unsure=state.unsure)
        draft.snapshot = draft.snapshot.with_step(node_id, fresh)
        draft.changed.add(node_id)
    where = "from the start" if from_start else "from the step that failed"
    if from_node:
        where = f"from “{program.graph.nodes[from_node].name}”"
    draft.note("run.retried", None, f"A person retried the run {where}")
    return draft.finish(RunStatus.QUEUED)


def moved(before: Snapshot, old: Program, program: Program) -> Snapshot:
    """The snapshot of the old version as another one sees it: its trigger may have another name.

    An item of a loop goes on in the same loop; raises NothingToDo if that is not there any more, or
    if its steps read what a new step before the loop would have given: the run above did not do it.
    """
    scope, graph = before.scope, program.graph
    if scope is not None and scope.items:
        loops = [loop for loop, _, _ in scope.items]
        if all(
            loop in graph.nodes
            and graph.nodes[loop].type == LOOP
            and graph.loops[loop] == outer
            and graph.body(loop)
            for loop, outer in zip(loops, ["", *loops], strict=False)
        ):
            _require_known(old.graph, graph, loops[-1])
            return before
        raise NothingToDo(
            "That version has not the loop of which this record is an item.",
            hint="Retry it with the version it began with, or replay the whole run.",
        )
    trigger = graph.triggers[0].id
    steps = dict(before.steps)
    if trigger != before.trigger_node and before.trigger_node in steps:
        steps[trigger] = steps.pop(before.trigger_node)
    return replace(before, trigger_node=trigger, steps=steps)


def _require_known(old: Graph, graph: Graph, loop: str) -> None:
    """Raise NothingToDo if steps in the loop read those before it that the old version has not."""
    inside = [node for node in graph.nodes if loop in _loops_around(graph, node)]
    read = "\n".join(jsonio.dumps(graph.nodes[node].config).decode() for node in inside)
    for before in graph.upstream(loop):
        if before not in old.nodes and re.search(rf"\bsteps\.{re.escape(before)}\b", read):
            raise NothingToDo(
                f"In that version the loop reads “{graph.nodes[before].name}”, which the run of "
                "this record has not done.",
                hint="Retry it with the version it began with, or replay the whole run.",
            )


def _loops_around(graph: Graph, node_id: str) -> set[str]:
    found: set[str] = set()
    while loop := graph.loops[node_id]:
        found.add(loop)
        node_id = loop
    return found


def to_redo(
    program: Program, snapshot: Snapshot, *, from_start: bool = False, from_node: str = ""
) -> list[str]:
    """Ids of the reached steps that a retry would do again; raises NothingToDo for a bad choice."""
    chosen: set[str] = set()
    if from_node:
        node = program.graph.nodes.get(from_node)
        if node is None or node.kind.is_trigger or from_node not in snapshot.steps:
            raise NothingToDo(
                "The run has not come to that step, or its flow does not have it.",
                hint="Choose another step, or start over.",
            )
        known = [n for n in snapshot.steps if n in program.graph.nodes]
        chosen = {from_node} | {n for n in known if from_node in program.graph.upstream(n)}
    return [
        node_id
        for node_id, state in snapshot.steps.items()
        if from_start
        or node_id in chosen
        or (state.status is StepStatus.FAILED and state.port is None)
    ]


def go_past(
    program: Program, snapshot: Snapshot, moment: Moment, *, node_id: str, output: Document
) -> Plan:
    """Leave out a step that failed: the run goes on behind it as if it had given ``output``."""
    node = program.graph.nodes.get(node_id)
    state = snapshot.step(node_id)
    if node is None or state.status is not StepStatus.FAILED or state.port is not None:
        raise NothingToDo("This step does not stand still.", hint="Reload the record.")
    if "out" not in node.ports:
        raise NothingToDo(
            f"“{node.name}” chooses a way; it cannot be left out.",
            hint="Correct the document, or end the record.",
        )
    draft = PlanDraft(program, snapshot, {"steps": {}}, moment)
    fresh = StepState(
        generation=state.generation,
        attempts=state.attempts,
        input=state.input,
        unsure=state.unsure,
    )
    draft.snapshot = draft.snapshot.with_step(node_id, fresh)
    draft.succeed(node, output, text=f"{node.name}: a person had it left out")
    return draft.finish(RunStatus.QUEUED)


def _lacks(program: Program, node_id: str, state: StepState) -> bool:
    """Whether a step moves, or waits, that the program could not carry on."""
    if state.status in (*_SETTLED, StepStatus.PENDING):
        return False
    return node_id not in program.graph.nodes or (
        state.attempts > 0 and node_id not in program.facts
    )


def _unsettled(state: StepState) -> bool:
    """Whether what the step sent may still be on its way, or not be shown yet."""
    if state.status in _SETTLED:
        return False
    return state.adrift or state.status in (StepStatus.RUNNING, StepStatus.IN_DOUBT)


def _only_a_person_knows(program: Program, snapshot: Snapshot, node_id: str) -> bool:
    """Whether a write of that node may have arrived and nothing but a person can tell."""
    if snapshot.step(node_id).status not in (StepStatus.RUNNING, StepStatus.IN_DOUBT):
        return False
    facts = program.facts.get(node_id)
    return facts is None or (facts.writes and not facts.can_probe and not facts.has_key)


def decide(
    program: Program,
    snapshot: Snapshot,
    moment: Moment,
    *,
    node_id: str,
    choice: str,
    output: Document = None,
) -> Plan:
    """Settle a doubt: ``resend`` the document, or ``adopt`` what is there as its result.

    ``look`` has the other system searched again; what is found there is the result.
    """
    state = snapshot.step(node_id)
    if snapshot.status is RunStatus.CANCELLED:
        raise NothingToDo(
            "This run was cancelled: nothing of it is sent any more.",
            hint="Replay it if its document is still wanted: it is looked for first.",
        )
    if state.status is not StepStatus.IN_DOUBT or not state.person:
        raise NothingToDo("This step is not in doubt.", hint="Reload the run.")
    node = program.graph.nodes[node_id]
    draft = PlanDraft(program, snapshot, {"steps": {}}, moment)
    facts = program.facts.get(node_id)
    if choice == "look":
        if facts is None or not facts.can_probe:
            raise NothingToDo(
                "The other system cannot be searched for this document.",
                hint="Look there yourself, then say what you found.",
            )
        again = {"person": False, "next_at": moment.now, "probes": 0, "probe_failures": 0}
        draft.move(node_id, StepStatus.IN_DOUBT, **again)
        draft.note("step.look", node_id, f"{node.name}: a person had it searched for again")
    elif choice == "adopt":
        draft.succeed(node, output, text=f"{node.name}: a person confirmed that it has arrived")
    else:
        draft.move(node_id, StepStatus.RETRYING, person=False, next_at=moment.now)
        draft.note("step.resend", node_id, f"{node.name}: a person had it sent again")
    return draft.finish(RunStatus.QUEUED)


def answer(
    program: Program,
    snapshot: Snapshot,
    moment: Moment,
    *,
    node_id: str,
    approved: bool,
    by: str,
    note: str,
) -> Plan:
    """Answer the question of an approval step; raises NothingToDo if it is not asked (any more)."""
    node = program.graph.nodes.get(node_id)
    waiting = snapshot.step(node_id).status is StepStatus.WAITING
    if node is None or node.type != "approval" or not waiting:
        raise NothingToDo("This question is no longer open.", hint="Reload the page.")
    draft = PlanDraft(program, snapshot, {"steps": {}}, moment)
    waits.answer(draft, node, approved=approved, by=by, note=note)
    return draft.finish(RunStatus.QUEUED)


def hurry(program: Program, snapshot: Snapshot, moment: Moment) -> Plan:
    """Do now what a timer would do later.

    Not before a document that may be on its way, or hidden still, must have shown itself: whoever
    searches too early finds nothing and sends it twice.
    """
    if snapshot.status in FINISHED_RUN:
        raise NothingToDo(f"This run is {snapshot.status}.", hint="Reload the run.")
    draft = PlanDraft(program, snapshot, {"steps": {}}, moment)
    unsure = False
    for node_id, state in snapshot.steps.items():
        node = program.graph.nodes.get(node_id)
        if state.next_at is None or (node is not None and node.type == "approval"):
            continue  # an approval is ended by its own time limit or a person
        if state.adrift or 0 < state.probes < PROBES_BEFORE_RESEND:
            unsure = True
            continue
        draft.snapshot = draft.snapshot.with_step(node_id, replace(state, next_at=moment.now))
        draft.changed.add(node_id)
    if unsure and not draft.changed:
        raise NothingToDo(
            "What was sent may still show itself; it is searched for when that time is over.",
            hint="Wait until then: looking earlier could post it twice.",
        )
    if not draft.changed:
        raise NothingToDo("This run waits for no timer.", hint="Reload the run.")
    draft.note("run.hurried", None, "A person asked for the next try right away")
    return draft.finish(RunStatus.QUEUED)


def cancel(
    program: Program, snapshot: Snapshot, moment: Moment, *, by: str = "", reason: str = ""
) -> Plan:
    """Stop the run; what has been posted stays posted."""
    if snapshot.status in FINISHED_RUN and snapshot.status is not RunStatus.FAILED:
        raise NothingToDo(f"This run is already {snapshot.status}.", hint="Reload the run.")
    draft = PlanDraft(program, snapshot, {"steps": {}}, moment)
    if by:
        why = f": {reason}" if reason else ""
        draft.note("run.cancelled", None, f"{by} had the run cancelled{why}", by=by)
    for node_id, state in snapshot.steps.items():
        node = program.graph.nodes.get(node_id)
        if state.status is StepStatus.WAITING and node is not None and node.type == "approval":
            draft.answered.append((node_id, "cancelled"))
        if state.parked:
            draft.unparked.add(state.parked)
        if state.status in _MOVING:
            late.stop(draft, node_id, state)
        elif state.next_at is not None:
            searched = state.status is StepStatus.IN_DOUBT  # it goes on being searched for
            stopped = replace(state, next_at=state.next_at if searched else None, parked=None)
            draft.snapshot = draft.snapshot.with_step(node_id, stopped)
            draft.changed.add(node_id)
    plan = draft.finish(RunStatus.CANCELLED)
    return replace(plan, due_at=late.looked_at(program, plan.snapshot, moment.now))
