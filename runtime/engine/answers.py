"""What became of calls, and what follows: try again, search, wait, or ask a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ipaas.core.errors import Recovery
from runtime.engine.draft import PlanDraft
from runtime.engine.evaluate import failure_of
from runtime.engine.program import CallFacts
from runtime.engine.retry import RATE_LIMIT, TRANSIENT, UNKNOWN, RetryPolicy
from runtime.engine.states import IllegalMove, StepStatus
from runtime.engine.step import StepState
from runtime.engine.values import Failure, Held, Outcome
from runtime.graph import Node

POLICY = RetryPolicy()  # of a step that says nothing about it
PROBES_BEFORE_RESEND = 2
MAX_PROBE_FAILURES = 12
UNSAID_VISIBILITY_S = 60.0  # half a minute to do it, half a minute to show it
BUSY_SHORTEST_S = 0.5
BUSY_LONGEST_S = 60.0
MAX_LOSSES = 50
RETRY_LATER = "Retry when the other system answers again."
PARKED_S = 300.0  # until a connection that was lost is tried in case nobody told of its return


def take_in(draft: PlanDraft, outcome: Outcome) -> None:
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
    elif outcome.held:
        _hold(draft, node, state, outcome.held)
    elif outcome.already:
        text = f"{node.name}: this document was posted before; its result is used"
        draft.succeed(node, outcome.output, text=text)
    elif outcome.failure is not None:
        not_answered(draft, node, facts, state, outcome.failure)
    elif outcome.call.purpose == "probe" and not outcome.found:
        _absent(draft, node, facts, state)
    elif outcome.call.purpose == "probe":
        text = f"{node.name}: the document has arrived; it is adopted and not sent again"
        draft.succeed(node, outcome.output, text=text)
    else:
        draft.succeed(node, outcome.output)


def _hold(draft: PlanDraft, node: Node, state: StepState, held: Held) -> None:
    """The call has not left; that uses up neither tries nor time."""
    searching = state.status is StepStatus.IN_DOUBT
    changes: dict[str, Any] = {}
    if not searching:
        changes["attempts"] = max(0, state.attempts - 1)
        if not changes["attempts"]:
            changes["started_at"] = None
    draft.wait(
        node,
        StepStatus.IN_DOUBT if searching else StepStatus.WAITING,
        max(0.05, (held.until - draft.moment.now).total_seconds()),
        f"{node.name}: {held.text}",
        **changes,
    )


def _busy_delay_s(draft: PlanDraft, state: StepState) -> float:
    """Longer the longer it has lasted: the other run may wait for a person for days."""
    began = state.started_at or draft.moment.now
    waited_s = (draft.moment.now - began).total_seconds()
    bound = min(BUSY_LONGEST_S, max(BUSY_SHORTEST_S, 0.2 * waited_s))
    return bound * (1 + draft.moment.rand())


def _absent(draft: PlanDraft, node: Node, facts: CallFacts, state: StepState) -> None:
    probes = state.probes + 1
    tries = _tries(state)
    policy = draft.program.policy(node).of(UNKNOWN)
    if probes < PROBES_BEFORE_RESEND:
        keyed = draft.program.keyed(node)
        wait_s = facts.visibility_delay_s if keyed else settle_s(facts, adrift=state.adrift)
        draft.wait(
            node,
            StepStatus.IN_DOUBT,
            wait_s,
            f"{node.name}: not there yet; searching once more before it is sent again",
            probes=probes,
        )
    elif (again_s := _pause_s(draft, state, policy, tries, max(0, tries - 1))) is None:
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
            again_s,
            f"{node.name}: it did not arrive; sending it again under the same key",
            probes=probes,
            unsure=False,
        )


def _pause_s(
    draft: PlanDraft, state: StepState, policy: RetryPolicy, tries: int, failed: int
) -> float | None:
    """Seconds until the next try after so many that failed; None if there is none any more."""
    spent_s = _spent_s(draft, state)
    if not policy.allows(tries, spent_s):
        return None
    wait_s = policy.delay_s(failed, draft.moment.rand(), None) if failed else 0.0
    return wait_s if policy.allows(tries, spent_s, wait_s) else None


def settle_s(facts: CallFacts, *, adrift: bool) -> float:
    """Seconds until what was sent without a key has shown itself, if it arrived.

    Nobody may have said how long the vendor hides a fresh document; and a worker that was cut off
    may still be sending it (``adrift``). No key would stop a second one.
    """
    wait_s = facts.visibility_delay_s
    if not wait_s or facts.has_key:  # where keys are usual, it holds for calls that carry one
        wait_s = max(wait_s, UNSAID_VISIBILITY_S)
    return max(wait_s, facts.call_life_s) if adrift else wait_s


def _tries(state: StepState) -> int:
    """Tries that the vendor has had.

    Our own crashes do not use up the patience meant for the vendor, up to a limit: a call that
    kills its worker each time must not go on for ever.
    """
    return state.attempts - min(state.losses, MAX_LOSSES)


def not_answered(
    draft: PlanDraft,
    node: Node,
    facts: CallFacts,
    state: StepState,
    failure: Failure,
    delay_s: float | None = None,
) -> None:
    """A call failed, or nobody knows. Decide between trying, searching, and asking a person."""
    rand = draft.moment.rand()
    policy = draft.program.policy(node)
    if failure.recovery is Recovery.REAUTHORISE and _park(draft, node, facts, state, failure):
        return
    if state.status is StepStatus.IN_DOUBT:  # the probe itself failed
        failures = state.probe_failures + 1
        hopeless = failure.recovery in (Recovery.GIVE_UP, Recovery.FIX_DATA)
        if hopeless and draft.program.keyed(node):
            why = f"{node.name}: it cannot be searched for; sending it again under the same key"
            draft.wait(node, StepStatus.RETRYING, 0.0, why)
        elif hopeless or failures > MAX_PROBE_FAILURES:
            draft.move(node.id, StepStatus.IN_DOUBT, error=failure.as_json(), person=True)
            draft.note("step.in_doubt", node.id, f"{node.name}: {failure.message}")
        else:
            wait_s = policy.delay_s(failures, rand, failure.retry_after_s)
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
            unsure=True,
        )
        return
    keyed, searches = draft.program.keyed(node), node.type == "find_or_create"
    if unknown_write and not keyed and not searches:
        draft.move(node.id, StepStatus.IN_DOUBT, error=failure.as_json(), person=True)
        text = f"{node.name}: {failure.message} The system cannot be searched; a person must look"
        draft.note("step.in_doubt", node.id, text)
        return
    if unknown_write or failure.recovery is Recovery.RETRY:
        tries = _tries(state)
        policy = policy.of(_class_of(failure))
        wait_s = policy.delay_s(max(1, tries), rand, failure.retry_after_s)
        wait_s = wait_s if delay_s is None else delay_s
        hidden = unknown_write and not keyed
        if hidden:  # it searches before it creates: not before a first one can be found
            wait_s = max(wait_s, settle_s(facts, adrift=failure.adrift))
        if policy.allows(tries, _spent_s(draft, state), wait_s):
            draft.wait(
                node,
                StepStatus.RETRYING,
                wait_s,
                f"{node.name}: {failure.message} Trying again",
                error=failure.as_json(),
                adrift=hidden,
                unsure=state.unsure or unknown_write,
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


def _class_of(failure: Failure) -> str:
    if failure.executed == "unknown":
        return UNKNOWN
    return TRANSIENT if failure.retry_after_s is None else RATE_LIMIT


def _spent_s(draft: PlanDraft, state: StepState) -> float:
    """Seconds since the step began."""
    began = state.started_at or draft.moment.now
    return (draft.moment.now - began).total_seconds()


def _park(
    draft: PlanDraft, node: Node, facts: CallFacts, state: StepState, failure: Failure
) -> bool:
    """Let the step wait until its connection is authorised again; True if it does.

    Nothing is used up by that: a thousand records that wait need one person, once.
    """
    if facts.writes and failure.executed == "unknown" and state.status is not StepStatus.IN_DOUBT:
        return False
    connection = str(node.config.get("connection"))
    probing = state.status is StepStatus.IN_DOUBT
    draft.parked.add(connection)
    draft.wait(
        node,
        StepStatus.IN_DOUBT if probing else StepStatus.WAITING,
        PARKED_S * (1 + draft.moment.rand()),
        f"{node.name}: {failure.message} It goes on when the connection is authorised again",
        error=failure.as_json(),
        parked=connection,
        attempts=state.attempts if probing else max(0, state.attempts - 1),
    )
    return True


def not_worked(draft: PlanDraft, node: Node, state: StepState, failure: Failure) -> None:
    """A step could not be worked out in memory: what may pass is tried again, the rest fails."""
    policy = draft.program.policy(node)
    tries = state.stumbles + 1
    may = failure.recovery is Recovery.RETRY
    wait_s = _pause_s(draft, state, policy, tries, tries) if may else None
    if wait_s is not None:
        draft.wait(
            node,
            StepStatus.RETRYING,
            wait_s,
            f"{node.name}: {failure.message} Trying again",
            error=failure.as_json(),
            stumbles=tries,
        )
    else:
        draft.fail(node, failure)
