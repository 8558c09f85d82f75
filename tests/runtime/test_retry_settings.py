"""How often and how patiently a step is tried is a setting of the step, also by class of errors."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipaas.core.errors import Recovery
from runtime.engine import Call, Failure, Moment, Outcome, Plan, RunStatus
from runtime.engine.retry import RetryPolicy
from tests.runtime.test_engine import READ, START, WRITE, Table, action, node, ok, program, wires

TROUBLE = Failure("acme.500", "Out of order.", recovery=Recovery.RETRY)
SLOWER = replace(TROUBLE, code="acme.429", retry_after_s=30.0)
KEYED = {**WRITE, "has_key": True}


def table(retry: dict[str, Any], facts: Any = READ, rand: float = 0.5) -> Table:
    step = action("a")
    step["config"]["retry"] = retry

    class Chosen(Table):
        @property
        def moment(self) -> Moment:
            return Moment(self.now, lambda: rand, self.keep)

    nodes = [node("start", "trigger.manual"), step]
    return Chosen(program(nodes, wires("start>a"), a=facts))


def tries(it: Table, failure: Failure, most: int = 40) -> list[float]:
    """When, in seconds after the first, the step was tried until it was given up."""
    plan, found = it.go(), list[float]()
    while plan.calls:
        found.append((it.now - START).total_seconds())
        assert len(found) < most
        plan = it.go(*[Outcome(call, failure=failure) for call in plan.calls])
        if plan.due_at is not None:
            it.now = plan.due_at
            plan = it.go()
    assert it.snapshot.status is RunStatus.FAILED
    return found


def test_a_step_says_how_many_tries_there_are() -> None:
    assert len(tries(table({"attempts": 3}), TROUBLE)) == 3
    assert len(tries(table({"attempts": 1}), TROUBLE)) == 1


def test_each_class_of_errors_may_have_its_own_patience() -> None:
    retry = {
        "attempts": 2,
        "rate_limit": {"attempts": 5},
        "unknown": {"attempts": 4},
    }
    assert len(tries(table(retry), TROUBLE)) == 2
    assert len(tries(table(retry), SLOWER)) == 5
    lost = replace(TROUBLE, executed="unknown")
    assert len(tries(table(retry, KEYED), lost)) == 4


def test_pauses_grow_by_the_factor_up_to_the_longest() -> None:
    at = tries(
        table({"attempts": 5, "first_s": 2, "factor": 3, "longest_s": 20}, rand=1.0), TROUBLE
    )
    assert at == [0, 2, 8, 26, 46]


@given(st.integers(1, 30), st.floats(0, 1))
def test_a_pause_is_a_random_share_of_its_bound(attempt: int, rand: float) -> None:
    policy = RetryPolicy(first_s=1, factor=2, longest_s=60)
    bound = min(60.0, 2.0 ** (attempt - 1))
    assert policy.delay_s(attempt, rand, None) == pytest.approx(max(0.05, bound * rand))


def test_what_the_vendor_wishes_goes_before_our_own_pauses() -> None:
    at = tries(table({"attempts": 3, "longest_s": 1}, rand=1.0), SLOWER)
    assert at == [0, 33, 66], "a tenth on top keeps those who wait apart"


def test_no_try_comes_after_the_time_is_up() -> None:
    steady = {"attempts": 100, "first_s": 10, "factor": 1}
    at = tries(table({**steady, "budget_s": 35}, rand=1.0), TROUBLE)
    assert at == [0, 10, 20, 30]
    assert tries(table({**steady, "budget_s": 35}), SLOWER) == [0, 31.5]
    own = {**steady, "budget_s": 35, "rate_limit": {"budget_s": 100}}
    assert len(tries(table(own), SLOWER)) == 4


def test_a_lost_write_is_given_up_in_time_too_and_keeps_its_key() -> None:
    it = table({"first_s": 60, "factor": 1, "budget_s": 100, "attempts": 50}, KEYED, rand=1.0)
    assert tries(it, replace(TROUBLE, executed="unknown")) == [0, 60]
    assert it.plan is not None
    (letter,) = it.plan.dead_letters
    assert (letter.failure.code, letter.failure.executed) == ("retries.used_up", "unknown")


def test_a_step_that_waits_says_when_it_is_tried_next() -> None:
    it = table({"first_s": 8, "factor": 1}, rand=1.0)
    plan = it.go(Outcome(it.go().calls[0], failure=TROUBLE))
    assert plan.due_at == it.snapshot.step("a").next_at == START + timedelta(seconds=8)
    (entry,) = [each for each in plan.entries if each.kind == "step.waits"]
    assert entry.data["next_at"] == plan.due_at.isoformat()


def both(it: Table) -> tuple[Plan, Call, Call]:
    plan = it.go()
    first, second = plan.calls
    return plan, first, second


@pytest.mark.parametrize("late", ["a", "b"])
def test_a_join_waits_for_every_way_that_was_taken(late: str) -> None:
    join = node("join", "map", mapping={"schema": 1, "rules": []})
    nodes = [node("start", "trigger.manual"), action("a"), action("b"), join]
    it = Table(program(nodes, wires("start>a", "start>b", "a>join", "b>join"), a=READ, b=READ))
    _, *calls = both(it)
    early = next(call for call in calls if call.node_id != late)
    plan = it.go(ok(early))
    assert "join" not in it.statuses() or it.statuses()["join"] == "pending"
    assert plan.snapshot.status is RunStatus.RUNNING
    last = it.go(ok(next(call for call in calls if call.node_id == late)))
    assert it.statuses()["join"] == "succeeded"
    assert last.snapshot.status is RunStatus.SUCCEEDED
