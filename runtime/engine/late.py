"""Calls of cancelled runs: what became of them is found out, and nothing follows from it.

The answer may come late (``answered_late``). If none comes, because the worker died, somebody looks
when no call can be on its way any more (``settle``): a document that may have arrived is searched
for, and is never sent again from here. Whoever does the same document again looks for it too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from ipaas.core.errors import Recovery
from runtime.engine.advance import put_call
from runtime.engine.answers import (
    MAX_PROBE_FAILURES,
    PARKED_S,
    PROBES_BEFORE_RESEND,
    settle_s,
)
from runtime.engine.draft import PlanDraft
from runtime.engine.program import CallFacts, Program
from runtime.engine.states import RunStatus, StepStatus
from runtime.engine.step import StepState
from runtime.engine.values import Document, Failure, Moment, Outcome, Plan, Snapshot
from runtime.graph import Node

LEASE = timedelta(seconds=10)  # that the call may still have to leave in
NO_ANSWER = Failure(
    "run.cancelled_asking", "The run was cancelled while this call was under way; no answer came."
)
NEVER_ARRIVED = Failure(
    "run.cancelled_absent",
    "The run was cancelled while this was being sent. It was searched for twice and is not there.",
)
UNKNOWN = Failure(
    "run.cancelled_unknown",
    "The run was cancelled while this was being sent, and no answer came: it may have arrived.",
    "Look in the other system before you send it by other means.",
    executed="unknown",
)


def looked_at(program: Program, snapshot: Snapshot, now: datetime) -> datetime | None:
    """When somebody must look at a run that is cancelled now: when its calls have surely ended, or
    when a document that may have arrived is to be searched for; None if it needs no looking at."""
    found = [state.next_at for state in snapshot.steps.values() if state.next_at is not None]
    for node_id, state in snapshot.steps.items():
        if state.under_way:
            facts = program.facts.get(node_id)
            life_s = facts.call_life_s if facts is not None else CallFacts("", False).call_life_s
            found.append(now + LEASE + timedelta(seconds=life_s))
    return min(found, default=None)


def stop(draft: PlanDraft, node_id: str, state: StepState) -> None:
    """End a step of a run that is cancelled now: it has been cancelled, though a call of it may be
    away still; what a try may have left behind that nobody could search for is in doubt."""
    node, facts = draft.program.graph.nodes.get(node_id), draft.program.facts.get(node_id)
    unsure = state.unsure and facts is not None and facts.writes
    if node is not None and facts is not None and unsure and not state.under_way:
        _in_doubt(draft, node, facts, replace(UNKNOWN, adrift=state.adrift))
        return
    draft.move(node_id, StepStatus.CANCELLED, away=state.under_way, parked=None, person=False)
    if state.under_way:
        name = node.name if node is not None else node_id
        draft.note("step.cancelled", node_id, f"{name}: its call had left; its answer is awaited")


def answered_late(
    program: Program, snapshot: Snapshot, moment: Moment, outcomes: Iterable[Outcome]
) -> Plan:
    """Note in a cancelled run what became of calls that were under way when it was cancelled.

    What was done counts as done, so that nobody does it again; nobody is asked about what was
    refused; and what may have arrived is searched for.
    """
    draft = PlanDraft(program, snapshot, {"steps": {}}, moment)
    for outcome in outcomes:
        node_id, failure = outcome.call.node_id, outcome.failure
        if not draft.step(node_id).under_way:
            continue
        node, facts = program.graph.nodes[node_id], program.facts[node_id]
        if outcome.call.purpose == "probe":
            _searched(draft, node, facts, outcome)
        elif outcome.never_left:
            _not_sent(draft, node, facts)
        elif failure is None:
            text = f"{node.name}: the answer came after the run was cancelled; it is done"
            draft.succeed(node, outcome.output, text=text)
        elif failure.executed == "no" or not facts.writes:
            draft.move(node_id, StepStatus.FAILED, port=None, error=failure.as_json())
            text = f"{node.name}: refused after the run was cancelled. {failure.message}"
            draft.note("step.failed", node_id, text, **failure.as_json())
        else:
            _in_doubt(draft, node, facts, failure)
    return _plan(draft)


def settle(
    program: Program,
    snapshot: Snapshot,
    data: Document,
    moment: Moment,
    outcomes: Iterable[Outcome] = (),
    *,
    claimed: bool = False,
) -> Plan:
    """Find out what became of calls of a cancelled run whose answers did not come."""
    draft = PlanDraft(program, snapshot, data, moment)
    for node_id, state in snapshot.steps.items() if claimed else ():
        if state.under_way:
            _unanswered(draft, program.graph.nodes[node_id], program.facts[node_id], state)
    for outcome in outcomes:
        node_id = outcome.call.node_id
        _searched(draft, program.graph.nodes[node_id], program.facts[node_id], outcome)
    for node_id, state in draft.snapshot.steps.items():
        if state.next_at is None or state.next_at > moment.now:
            continue
        node, facts = program.graph.nodes[node_id], program.facts[node_id]
        stay = moment.stays(str(node.config.get("connection")))
        if stay is not None:
            _later(draft, node_id, PARKED_S if stay.key else 0.0)
        else:
            put_call(draft, node, facts, state, "probe")
    return _plan(draft)


def let_be(program: Program, snapshot: Snapshot, moment: Moment, failure: Failure) -> Plan:
    """Plan that looks no further: what the cancelled run may have done cannot be looked for."""
    draft = PlanDraft(program, snapshot, {"steps": {}}, moment)
    for node_id, state in snapshot.steps.items():
        facts = program.facts.get(node_id)
        if state.away and facts is not None and not facts.writes:
            draft.move(node_id, StepStatus.CANCELLED, error=NO_ANSWER.as_json())
            draft.note("step.cancelled", node_id, NO_ANSWER.message)
        elif state.under_way or state.next_at is not None:
            unknown = replace(
                state, status=StepStatus.IN_DOUBT, person=True, next_at=None, away=False
            )
            draft.snapshot = draft.snapshot.with_step(
                node_id, replace(unknown, error=UNKNOWN.as_json())
            )
            draft.changed.add(node_id)
            draft.note("step.in_doubt", node_id, failure.message, **failure.as_json())
    return _plan(draft)


def _plan(draft: PlanDraft) -> Plan:
    plan = draft.finish(RunStatus.CANCELLED)
    due_at = looked_at(draft.program, plan.snapshot, draft.moment.now)
    return replace(plan, due_at=due_at)


def _unanswered(draft: PlanDraft, node: Node, facts: CallFacts, state: StepState) -> None:
    if not facts.writes:
        draft.move(node.id, StepStatus.CANCELLED, error=NO_ANSWER.as_json())
        draft.note("step.cancelled", node.id, f"{node.name}: {NO_ANSWER.message}")
    elif state.status is StepStatus.IN_DOUBT and facts.can_probe:
        _later(draft, node.id, 0.0)
    else:
        _in_doubt(draft, node, facts, UNKNOWN)


def _not_sent(draft: PlanDraft, node: Node, facts: CallFacts) -> None:
    """The call had been allowed to leave, and did not; an earlier one may have."""
    if draft.step(node.id).unsure and facts.writes:
        _in_doubt(draft, node, facts, UNKNOWN)
    else:
        draft.move(node.id, StepStatus.CANCELLED)
        draft.note("step.cancelled", node.id, f"{node.name}: its call has not left")


def _in_doubt(draft: PlanDraft, node: Node, facts: CallFacts, failure: Failure) -> None:
    """It may have arrived: it is searched for, or it stays open until somebody does it again."""
    if facts.can_probe:
        changes = {"next_at": draft.moment.now, "probes": 0, "adrift": failure.adrift}
        text = f"{node.name}: nobody knows whether it arrived; it is searched for"
    else:
        changes = {"person": True}
        text = f"{node.name}: nobody knows whether it arrived; whoever does it again looks"
    draft.move(node.id, StepStatus.IN_DOUBT, error=failure.as_json(), parked=None, **changes)
    draft.note("step.in_doubt", node.id, text)


def _searched(draft: PlanDraft, node: Node, facts: CallFacts, outcome: Outcome) -> None:
    state, failure = draft.step(node.id), outcome.failure
    if outcome.held:
        wait_s = (outcome.held.until - draft.moment.now).total_seconds()
        _later(draft, node.id, max(0.05, wait_s))
    elif failure is not None:
        failures = state.probe_failures + 1
        hopeless = failure.recovery in (Recovery.GIVE_UP, Recovery.FIX_DATA)
        if hopeless or failures > MAX_PROBE_FAILURES:
            draft.move(node.id, StepStatus.IN_DOUBT, error=UNKNOWN.as_json(), person=True)
            text = f"{node.name}: it cannot be searched for ({failure.message})"
            draft.note("step.in_doubt", node.id, text)
            return
        lost = failure.recovery is Recovery.REAUTHORISE
        policy, rand = draft.program.policy(node), draft.moment.rand()
        wait_s = PARKED_S if lost else policy.delay_s(failures, rand, failure.retry_after_s)
        why = f"{node.name}: the search failed ({failure.message})"
        draft.wait(node, StepStatus.IN_DOUBT, wait_s, why, probe_failures=failures)
    elif outcome.found:
        text = f"{node.name}: the document has arrived, though the run was cancelled; it is done"
        draft.succeed(node, outcome.output, text=text)
    elif state.probes + 1 < PROBES_BEFORE_RESEND:
        keyed = draft.program.keyed(node)
        wait_s = facts.visibility_delay_s if keyed else settle_s(facts, adrift=state.adrift)
        why = f"{node.name}: not there yet; it is searched for once more"
        draft.wait(node, StepStatus.IN_DOUBT, wait_s, why, probes=state.probes + 1)
    else:
        draft.move(node.id, StepStatus.FAILED, port=None, error=NEVER_ARRIVED.as_json())
        draft.note("step.failed", node.id, f"{node.name}: {NEVER_ARRIVED.message}")


def _later(draft: PlanDraft, node_id: str, wait_s: float) -> None:
    next_at = draft.moment.now + timedelta(seconds=wait_s)
    waits = replace(draft.step(node_id), next_at=next_at)
    draft.snapshot = draft.snapshot.with_step(node_id, waits)
    draft.changed.add(node_id)
