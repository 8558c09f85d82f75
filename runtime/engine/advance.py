"""The engine: (program, snapshot, outcomes) -> plan. Pure; all of it runs in memory.

Edges are control flow. A step starts when every incoming edge is decided and at least one was
taken; a way that is not taken is skipped, and skipping spreads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ipaas.core.errors import Recovery
from runtime.engine.draft import PlanDraft
from runtime.engine.evaluate import Done, evaluate, failure_of
from runtime.engine.program import CallFacts, Program
from runtime.engine.retry import RetryPolicy
from runtime.engine.states import IllegalMove, RunStatus, StepStatus
from runtime.engine.values import (
    Call,
    DeadLetter,
    Document,
    Failure,
    Moment,
    Outcome,
    Plan,
    Snapshot,
    StepState,
)
from runtime.graph import Node

POLICY = RetryPolicy()
PROBES_BEFORE_RESEND = 2
MAX_PROBE_FAILURES = 12
BUSY_SHORTEST_S = 0.5
BUSY_LONGEST_S = 60.0
MAX_LOSSES = 50
RETRY_LATER = "Retry when the other system answers again."
CALL_LIFE_S = 130.0  # no call lives longer: connecting, and twice the patience for a reply


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

    ``data`` is the context document ``{"trigger", "steps", "vars"}``; outputs of steps that
    finish here are added to it. ``claimed``: a worker has just taken the run over, so whatever was
    under way belongs to a worker that died or was too late.
    """
    draft = PlanDraft(program, snapshot, data, moment)
    if claimed:
        _recover(draft)
    for outcome in outcomes:
        _take_in(draft, outcome)
    if snapshot.status is not RunStatus.CANCELLED:
        for node_id in program.graph.order:
            node = program.graph.nodes[node_id]
            try:
                _turn(draft, node)
            except IllegalMove:
                raise
            except Exception as error:
                draft.fail(node, failure_of(error, node.name))
    return draft.finish()


def give_up(program: Program, snapshot: Snapshot, moment: Moment, failure: Failure) -> Plan:
    """Plan that stops a run which cannot be carried on at all; a person must look.

    Steps keep their states, so whatever was under way stays in doubt and is searched for first if
    a person lets the run go on.
    """
    draft = PlanDraft(program, snapshot, {"steps": {}}, moment)
    node_id = next(
        (n for n in program.graph.order if snapshot.step(n).status in _UNFINISHED),
        snapshot.trigger_node,
    )
    node = program.graph.nodes.get(node_id)
    stopped = replace(snapshot.step(node_id), error=failure.as_json())
    draft.snapshot = draft.snapshot.with_step(node_id, stopped)
    draft.changed.add(node_id)
    draft.dead_letters.append(DeadLetter(node_id, node.name if node else node_id, failure))
    draft.note("run.stopped", node_id, failure.message, **failure.as_json())
    return draft.finish(RunStatus.FAILED)


_UNFINISHED = (
    StepStatus.PENDING,
    StepStatus.RUNNING,
    StepStatus.RETRYING,
    StepStatus.IN_DOUBT,
)


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
        _not_answered(draft, program.graph.nodes[node_id], facts, state, lost, delay_s=0.0)


def _turn(draft: PlanDraft, node: Node) -> None:
    state = draft.step(node.id)
    if state.status is StepStatus.PENDING:
        _begin(draft, node, state)
    elif state.next_at is not None and state.next_at <= draft.moment.now:
        facts = draft.program.facts[node.id]
        if state.status is StepStatus.RETRYING or state.probes >= PROBES_BEFORE_RESEND:
            _call(draft, node, facts, state, "send")
        elif state.status is StepStatus.IN_DOUBT:
            _call(draft, node, facts, state, "probe")


def _begin(draft: PlanDraft, node: Node, state: StepState) -> None:
    if node.kind.is_trigger:
        if node.id == draft.snapshot.trigger_node:
            draft.move(node.id, StepStatus.SUCCEEDED, port="out", output=draft.snapshot.trigger)
            draft.note("step.succeeded", node.id, f"{node.name}: received", port="out")
        else:
            draft.move(node.id, StepStatus.SKIPPED)
        return
    incoming = draft.program.graph.incoming[node.id]
    taken = False
    for edge in incoming:
        source = draft.step(edge.source)
        if source.status is StepStatus.SKIPPED:
            continue
        if source.port is None:
            return  # not decided yet
        taken = taken or source.port == edge.source_port
    if not taken:
        draft.move(node.id, StepStatus.SKIPPED)
        return
    result = evaluate(draft.program, node, draft.data)
    if isinstance(result, Failure):
        draft.fail(node, result)
    elif isinstance(result, Done):
        if result.pair is not None:
            draft.pairs.append(result.pair)
        draft.succeed(node, result.output, result.port)
    else:
        facts = draft.program.facts[node.id]
        kept = draft.moment.keep(result.inputs)
        if state.generation and facts.writes and facts.can_probe:
            # A person had it done again: look first whether the earlier try arrived after all.
            draft.move(node.id, StepStatus.IN_DOUBT, input=kept, probes=PROBES_BEFORE_RESEND - 1)
            _call(draft, node, facts, draft.step(node.id), "probe", result.inputs)
        else:
            draft.move(node.id, StepStatus.RUNNING, input=kept)
            _call(draft, node, facts, draft.step(node.id), "send", result.inputs)


def _call(
    draft: PlanDraft,
    node: Node,
    facts: CallFacts,
    state: StepState,
    purpose: str,
    inputs: Document = None,
) -> None:
    """Put a call into the plan. Inputs are evaluated again: same documents, same result."""
    if inputs is None:
        result = evaluate(draft.program, node, draft.data)
        if isinstance(result, Failure):
            draft.fail(node, result)
            return
        assert not isinstance(result, Done)
        inputs = result.inputs
    attempt = state.attempts + (purpose == "send")
    status = StepStatus.RUNNING if purpose == "send" else StepStatus.IN_DOUBT
    if purpose == "send" and state.status is StepStatus.RUNNING:
        started = replace(state, attempts=attempt)
        draft.snapshot = draft.snapshot.with_step(node.id, started)
    else:
        draft.move(node.id, status, attempts=attempt, next_at=None)
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
            key=draft.program.effect_key(node, draft.snapshot.source_key),
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


def _take_in(draft: PlanDraft, outcome: Outcome) -> None:
    """Absorb an outcome; an answer that cannot be stored is a failure of its step alone."""
    try:
        _absorb(draft, outcome)
    except IllegalMove:
        raise
    except Exception as error:
        node = draft.program.graph.nodes[outcome.call.node_id]
        facts = draft.program.facts[node.id]
        failure = failure_of(error, node.name)
        if facts.writes and outcome.failure is None:
            failure = replace(
                failure,
                message=f"It was done, but its answer cannot be stored: {failure.message}",
                executed="yes",
            )
            if not facts.can_probe and not facts.has_key:
                draft.move(node.id, StepStatus.IN_DOUBT, error=failure.as_json(), person=True)
                draft.note("step.in_doubt", node.id, f"{node.name}: {failure.message}")
                return
        draft.fail(node, failure)


def _absorb(draft: PlanDraft, outcome: Outcome) -> None:
    node = draft.program.graph.nodes[outcome.call.node_id]
    facts = draft.program.facts[node.id]
    state = draft.step(node.id)
    if outcome.busy:
        draft.wait(
            node,
            StepStatus.RETRYING,
            _busy_delay_s(draft, state),
            f"{node.name}: another run is posting the same document; waiting for it",
            attempts=max(0, state.attempts - 1),
        )
    elif outcome.already:
        text = f"{node.name}: this document was posted before; its result is used"
        draft.succeed(node, outcome.output, text=text)
    elif outcome.failure is not None:
        _not_answered(draft, node, facts, state, outcome.failure)
    elif outcome.call.purpose == "probe" and not outcome.found:
        _absent(draft, node, facts, state)
    elif outcome.call.purpose == "probe":
        text = f"{node.name}: the document has arrived; it is adopted and not sent again"
        draft.succeed(node, outcome.output, text=text)
    else:
        draft.succeed(node, outcome.output)


def _busy_delay_s(draft: PlanDraft, state: StepState) -> float:
    """Longer the longer it has lasted: the other run may wait for a person for days."""
    began = state.started_at or draft.moment.now
    waited_s = (draft.moment.now - began).total_seconds()
    bound = min(BUSY_LONGEST_S, max(BUSY_SHORTEST_S, 0.2 * waited_s))
    return bound * (1 + draft.moment.rand())


def _absent(draft: PlanDraft, node: Node, facts: CallFacts, state: StepState) -> None:
    probes = state.probes + 1
    tries = _tries(state)
    if probes < PROBES_BEFORE_RESEND:
        wait_s = facts.visibility_delay_s
        if state.adrift and not facts.has_key:
            # A worker that was cut off may still be sending it, and no key would stop the second.
            wait_s = max(wait_s, CALL_LIFE_S)
        draft.wait(
            node,
            StepStatus.IN_DOUBT,
            wait_s,
            f"{node.name}: not there yet; searching once more before it is sent again",
            probes=probes,
        )
    elif tries >= POLICY.attempts:
        last = state.error or {}
        failure = Failure(
            "retries.used_up",
            f"{last.get('message', '')} It was tried {tries} times and never arrived.".strip(),
            RETRY_LATER,
            Recovery(last.get("recovery", Recovery.RETRY)),
            "unknown",
        )
        draft.fail(node, failure)
    else:
        draft.wait(
            node,
            StepStatus.IN_DOUBT,
            0.0 if tries <= 1 else POLICY.delay_s(tries - 1, draft.moment.rand(), None),
            f"{node.name}: it did not arrive; sending it again under the same key",
            probes=probes,
        )


def _tries(state: StepState) -> int:
    """Tries that the vendor has had.

    Our own crashes do not use up the patience meant for the vendor, up to a limit: a call that
    kills its worker each time must not go on for ever.
    """
    return state.attempts - min(state.losses, MAX_LOSSES)


def _not_answered(
    draft: PlanDraft,
    node: Node,
    facts: CallFacts,
    state: StepState,
    failure: Failure,
    delay_s: float | None = None,
) -> None:
    """A call failed, or nobody knows. Decide between trying, searching, and asking a person."""
    rand = draft.moment.rand()
    if state.status is StepStatus.IN_DOUBT:  # the probe itself failed
        failures = state.probe_failures + 1
        hopeless = failure.recovery in (Recovery.GIVE_UP, Recovery.FIX_DATA)
        if hopeless and facts.has_key:
            why = f"{node.name}: it cannot be searched for; sending it again under the same key"
            draft.wait(node, StepStatus.RETRYING, 0.0, why)
        elif hopeless or failures > MAX_PROBE_FAILURES:
            draft.move(node.id, StepStatus.IN_DOUBT, error=failure.as_json(), person=True)
            draft.note("step.in_doubt", node.id, f"{node.name}: {failure.message}")
        else:
            wait_s = POLICY.delay_s(failures, rand, failure.retry_after_s)
            why = f"{node.name}: the search failed ({failure.message})"
            draft.wait(node, StepStatus.IN_DOUBT, wait_s, why, probe_failures=failures)
        return
    unknown_write = facts.writes and failure.executed == "unknown"
    if unknown_write and facts.can_probe:
        draft.wait(
            node,
            StepStatus.IN_DOUBT,
            0.0 if delay_s is None else delay_s,
            f"{node.name}: {failure.message} Nobody knows whether it arrived; searching for it",
            error=failure.as_json(),
            probes=0,
            adrift=failure.adrift,
        )
        return
    if unknown_write and not facts.has_key:
        draft.move(node.id, StepStatus.IN_DOUBT, error=failure.as_json(), person=True)
        text = f"{node.name}: {failure.message} The system cannot be searched; a person must look"
        draft.note("step.in_doubt", node.id, text)
        return
    if unknown_write or failure.recovery is Recovery.RETRY:
        tries = _tries(state)
        if tries < POLICY.attempts:
            wait_s = POLICY.delay_s(max(1, tries), rand, failure.retry_after_s)
            draft.wait(
                node,
                StepStatus.RETRYING,
                wait_s if delay_s is None else delay_s,
                f"{node.name}: {failure.message} Trying again",
                error=failure.as_json(),
            )
            return
        failure = Failure(
            "retries.used_up",
            f"{failure.message} It was tried {state.attempts} times.",
            RETRY_LATER,  # not the vendor's hint: that speaks of tries still to come
            failure.recovery,
            failure.executed,
        )
    draft.fail(node, failure)
