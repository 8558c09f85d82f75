"""The engine: (program, snapshot, outcomes) -> plan. Pure; all of it runs in memory.

Edges are control flow. A step starts when every incoming edge is decided and at least one was
taken; a way that is not taken is skipped, and skipping spreads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from ipaas.core.errors import Recovery
from runtime.engine import families, waits
from runtime.engine.answers import PARKED_S, PROBES_BEFORE_RESEND, not_answered, not_worked, take_in
from runtime.engine.draft import PlanDraft
from runtime.engine.evaluate import Done, evaluate, failure_of
from runtime.engine.program import CallFacts, Program
from runtime.engine.states import IllegalMove, RunStatus, StepStatus
from runtime.engine.step import StepState
from runtime.engine.values import SENT, Call, Document, Failure, Moment, Outcome, Plan, Snapshot
from runtime.graph import ITEM, LOOP, Node, Work


def advance(
    program: Program,
    snapshot: Snapshot,
    data: Document,
    moment: Moment,
    outcomes: Iterable[Outcome] = (),
    *,
    claimed: bool = False,
) -> Plan:
    """Take in what became of earlier calls, then go as far as possible without the outside.

    ``data`` is the context document ``{"trigger", "steps", "vars"}``, for an item of a loop also
    ``item``, ``index`` and ``loops``; outputs of steps that finish here are added to it.
    ``claimed``: a worker has just taken the run over, so whatever was under way belongs to a worker
    that died or was too late.
    """
    draft = PlanDraft(program, snapshot, data, moment)
    draft.claimed = claimed
    if claimed:
        _recover(draft)
    for outcome in outcomes:
        take_in(draft, outcome)
    if snapshot.status is not RunStatus.CANCELLED:
        for node_id in program.graph.body(loop_of(program, snapshot)):
            node = program.graph.nodes[node_id]
            try:
                _turn(draft, node)
            except IllegalMove:
                raise
            except Exception as error:
                draft.fail(node, failure_of(error, node.name))
    return draft.finish()


def loop_of(program: Program, snapshot: Snapshot) -> str:
    """The loop of which the run is an item; "" for a run of a whole flow."""
    node = program.graph.nodes.get(snapshot.trigger_node)
    return node.id if node is not None and node.type == LOOP else ""


def _recover(draft: PlanDraft) -> None:
    """A call that was under way when its worker was lost has an unknown outcome."""
    program, moment = draft.program, draft.moment
    for node_id, state in draft.snapshot.steps.items():
        if not state.under_way:
            continue
        facts = program.facts[node_id]
        draft.changed.add(node_id)
        if state.status is StepStatus.IN_DOUBT:
            draft.snapshot = draft.snapshot.with_step(node_id, replace(state, next_at=moment.now))
            continue
        lost = Failure(
            "worker.lost",
            "The worker stopped while the call was under way.",
            recovery=Recovery.RETRY,
            executed="unknown" if facts.writes else "no",
            adrift=True,
        )
        state = replace(state, losses=state.losses + 1)
        draft.snapshot = draft.snapshot.with_step(node_id, state)
        not_answered(draft, program.graph.nodes[node_id], facts, state, lost, delay_s=0.0)


def _turn(draft: PlanDraft, node: Node) -> None:
    state = draft.step(node.id)
    if state.status is StepStatus.PENDING:
        _begin(draft, node, state)
    elif state.status is StepStatus.WAITING and node.kind.work is Work.FAMILY:
        families.go_on(draft, node, state)
    elif not _is_due(draft, state):
        return
    elif state.status is StepStatus.WAITING and node.kind.work is Work.WAIT:
        waits.time_is_up(draft, node, state)
    elif node.kind.work is not Work.CALL:
        _work(draft, node, state)
    else:
        facts = draft.program.facts[node.id]
        if _stays(draft, node, state, str(node.config.get("connection"))):
            return
        if state.status in _SENDS or state.probes >= PROBES_BEFORE_RESEND:
            put_call(draft, node, facts, state, "send")
        elif state.status is StepStatus.IN_DOUBT:
            put_call(draft, node, facts, state, "probe")


_SENDS = (StepStatus.RETRYING, StepStatus.WAITING)


def _is_due(draft: PlanDraft, state: StepState) -> bool:
    if state.parked and draft.claimed:
        return True  # whoever woke the run may have authorised the connection again
    return state.next_at is not None and state.next_at <= draft.moment.now


def _begin(draft: PlanDraft, node: Node, state: StepState) -> None:
    if node.kind.is_trigger:
        if node.id == draft.snapshot.trigger_node:
            variables = dict(draft.moment.variables())
            draft.data["vars"] = variables  # as they are now, to the end of the run
            kept = draft.moment.keep(variables) if variables else None
            trigger = draft.snapshot.trigger
            draft.move(node.id, StepStatus.SUCCEEDED, port="out", output=trigger, input=kept)
            draft.note("step.succeeded", node.id, f"{node.name}: received", port="out")
        else:
            draft.move(node.id, StepStatus.SKIPPED)
        return
    incoming = draft.program.graph.incoming[node.id]
    taken = False
    for edge in incoming:
        if edge.source_port == ITEM and edge.source == draft.snapshot.trigger_node:
            taken = True  # the run is for one item of the loop
            continue
        source = draft.step(edge.source)
        if source.status is StepStatus.SKIPPED:
            continue
        if source.port is None:
            return  # not decided yet
        taken = taken or source.port == edge.source_port
    if not taken:
        draft.move(node.id, StepStatus.SKIPPED)
        return
    if node.kind.work is Work.FAMILY:
        if not _stays(draft, node, state, ""):
            families.begin(draft, node)
    elif node.kind.work is Work.WAIT:
        waits.begin(draft, node)
    else:
        _work(draft, node, state)


def _work(draft: PlanDraft, node: Node, state: StepState) -> None:
    """Work a step out in memory; a call is put into the plan."""
    result = evaluate(draft.program, node, draft.data, draft.moment.resources)
    if isinstance(result, Failure):
        not_worked(draft, node, state, result)
    elif isinstance(result, Done):
        if result.pair is not None:
            draft.pairs.append(result.pair)
        draft.succeed(node, result.output, result.port)
    else:
        facts = draft.program.facts[node.id]
        if _stays(draft, node, state, str(node.config.get("connection"))):
            return
        kept = draft.moment.keep(result.inputs)
        if state.generation and facts.writes and facts.can_probe:
            # A person had it done again: look first whether the earlier try arrived after all.
            probes = 0 if state.adrift else PROBES_BEFORE_RESEND - 1
            draft.move(node.id, StepStatus.IN_DOUBT, input=kept, probes=probes)
            put_call(draft, node, facts, draft.step(node.id), "probe", result.inputs)
        else:
            draft.move(node.id, StepStatus.RUNNING, input=kept)
            put_call(draft, node, facts, draft.step(node.id), "send", result.inputs)


def _stays(draft: PlanDraft, node: Node, state: StepState, connection: str) -> bool:
    """Whether the step must stand still, because somebody paused something or the worker ends.

    It keeps its state, so that whatever has to be looked at before it is sent still is.
    """
    stay = draft.moment.stays(connection)
    if stay is None:
        if state.parked and state.status is StepStatus.PENDING:
            draft.unparked.add(state.parked)
            free = replace(state, parked=None, next_at=None)
            draft.snapshot = draft.snapshot.with_step(node.id, free)
        return False
    now = draft.moment.now
    delay_s = PARKED_S * (1 + draft.moment.rand()) if stay.key else 0.0
    if state.parked and state.parked != stay.key:
        draft.unparked.add(state.parked)
    if stay.key:
        draft.parked.add(stay.key)
    if stay.key and state.parked != stay.key:
        draft.note("step.paused", node.id, f"{node.name}: {stay.text}")
    still = replace(state, next_at=now + timedelta(seconds=delay_s), parked=stay.key or None)
    draft.snapshot = draft.snapshot.with_step(node.id, still)
    draft.changed.add(node.id)
    return True


def put_call(
    draft: PlanDraft,
    node: Node,
    facts: CallFacts,
    state: StepState,
    purpose: str,
    inputs: Document = None,
) -> None:
    """Put a call into the plan. What was sent before stays what it is: tables may have changed."""
    sent = draft.data.setdefault(SENT, {})
    if inputs is None and state.bound:
        inputs = sent.get(node.id)
    if inputs is None:
        result = evaluate(draft.program, node, draft.data, draft.moment.resources)
        if isinstance(result, Failure):
            not_worked(draft, node, state, result)
            return
        assert not isinstance(result, Done)
        inputs = result.inputs
    sent[node.id] = inputs
    attempt = state.attempts + (purpose == "send")
    status = StepStatus.RUNNING if purpose == "send" else StepStatus.IN_DOUBT
    if purpose == "send" and state.status is StepStatus.RUNNING:
        started = replace(state, attempts=attempt, adrift=False)
        draft.snapshot = draft.snapshot.with_step(node.id, started)
    else:
        if state.parked:
            draft.unparked.add(state.parked)
        adrift = state.adrift and purpose == "probe"
        draft.move(node.id, status, attempts=attempt, next_at=None, parked=None, adrift=adrift)
    find_or_create = node.type == "find_or_create"
    draft.calls.append(
        Call(
            node_id=node.id,
            purpose=purpose,
            kind=node.type,
            connection=str(node.config.get("connection")),
            connector=facts.connector,
            operation=str(node.config.get("entity" if find_or_create else "operation")),
            inputs=inputs,
            writes=facts.writes,
            key=draft.program.effect_key(node, draft.snapshot.source_key, draft.snapshot.revision),
            generation=state.generation,
            attempt=attempt,
        )
    )
    words = "sending" if facts.writes else "asking"
    text = (
        f"{node.name}: {words}, try {attempt}"
        if purpose == "send"
        else (f"{node.name}: searching whether the document has arrived")
    )
    draft.note(f"call.{purpose}", node.id, text, attempt=attempt)
