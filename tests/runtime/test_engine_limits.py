"""The engine alone where things go on for too long, or cannot be kept, or nobody can know."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ipaas.core.errors import Recovery, Unprocessable
from runtime.engine import (
    Failure,
    Moment,
    Outcome,
    Plan,
    RunStatus,
    StepStatus,
    give_up,
    resume,
)
from runtime.engine.answers import BUSY_LONGEST_S, MAX_LOSSES, POLICY, UNSAID_VISIBILITY_S
from runtime.engine.program import CALL_LIFE_S
from tests.runtime.test_engine import (
    LINE,
    LINE_WIRES,
    READ,
    START,
    WRITE,
    Table,
    action,
    lost,
    node,
    ok,
    program,
    wires,
)

SEARCHED = {**WRITE, "can_probe": True, "visibility_delay_s": 2}
KEYED = {**WRITE, "has_key": True}


class PickyTable(Table):
    """A store that refuses some documents."""

    @property
    def moment(self) -> Moment:
        return Moment(self.now, lambda: 0.5, self.keep_if_possible)

    def keep_if_possible(self, document: Any) -> str:
        if "huge" in str(document):
            raise Unprocessable("Too large.")
        return self.keep(document)


def until_rest(table: Table, plan: Plan, answer: Any) -> int:
    """How many writes left until the run came to rest; ``answer`` is the vendor."""
    sends = 0
    for _ in range(500):
        if plan.calls:
            sends += sum(call.purpose == "send" for call in plan.calls)
            plan = table.go(*[answer(call) for call in plan.calls])
        elif plan.due_at is not None:
            table.now = max(table.now, plan.due_at)
            plan = table.go()
        else:
            return sends
    pytest.fail("the run never came to rest")


def test_a_write_that_never_arrives_is_not_sent_for_ever() -> None:
    table = Table(program(LINE, LINE_WIRES, a=SEARCHED, b=READ))
    sends = until_rest(
        table,
        table.go(),
        lambda call: Outcome(call, found=False) if call.purpose == "probe" else lost(call),
    )
    assert sends == POLICY.attempts
    assert table.snapshot.status is RunStatus.FAILED
    assert table.plan is not None
    (letter,) = table.plan.dead_letters
    assert letter.failure.code == "retries.used_up"
    assert letter.failure.executed == "unknown", "its key must not be given up"


def test_a_call_that_kills_its_worker_each_time_ends_in_a_dead_letter() -> None:
    table = Table(program(LINE, LINE_WIRES, a=READ, b=READ))
    table.go()
    for _ in range(MAX_LOSSES + POLICY.attempts + 1):
        if table.snapshot.status is RunStatus.FAILED:
            break
        table.crash()
        plan = table.go()
    assert table.snapshot.status is RunStatus.FAILED
    assert [letter.node_id for letter in plan.dead_letters] == ["a"]


def test_a_keyless_write_is_not_sent_again_while_a_lost_worker_may_still_be_sending_it() -> None:
    table = Table(program(LINE, LINE_WIRES, a=SEARCHED, b=READ))
    table.go()
    table.crash()
    probe = table.go().calls[0]
    plan = table.go(Outcome(probe, found=False))
    assert plan.due_at == START + timedelta(seconds=CALL_LIFE_S)
    with pytest.raises(resume.NothingToDo):
        resume.hurry(table.program, table.snapshot, table.moment)


@pytest.mark.parametrize(
    ("facts", "waits_s"),
    [
        ({"visibility_delay_s": 0}, UNSAID_VISIBILITY_S),
        ({"visibility_delay_s": 7}, 7),
        ({"visibility_delay_s": 0, "has_key": True}, 0),
    ],
)
def test_a_keyless_write_is_searched_for_again_when_a_slow_vendor_would_show_it(
    facts: dict[str, Any], waits_s: float
) -> None:
    table = Table(program(LINE, LINE_WIRES, a={**SEARCHED, **facts}, b=READ))
    send = table.go().calls[0]
    lost = Failure("cut", "The reply is lost.", recovery=Recovery.RETRY, executed="unknown")
    probe = table.go(Outcome(send, failure=lost)).calls[0]
    assert probe.purpose == "probe"
    plan = table.go(Outcome(probe, found=False))
    if waits_s:
        assert plan.due_at == table.moment.now + timedelta(seconds=waits_s)
        assert not plan.calls
    else:
        assert [call.purpose for call in plan.calls] == ["probe"]


def test_a_keyed_write_of_a_lost_worker_is_sent_again_soon() -> None:
    table = Table(program(LINE, LINE_WIRES, a={**SEARCHED, "has_key": True}, b=READ))
    table.go()
    table.crash()
    plan = table.go(Outcome(table.go().calls[0], found=False))
    assert plan.due_at == START + timedelta(seconds=2)


def test_a_run_that_waits_for_another_one_looks_less_and_less_often() -> None:
    table = Table(program(LINE, LINE_WIRES, a=WRITE, b=READ))
    plan = table.go()
    looks = 0
    while table.now < START + timedelta(days=1):
        looks += 1
        plan = table.go(Outcome(plan.calls[0], busy="run_0"))
        assert plan.due_at is not None
        assert plan.due_at - table.now <= timedelta(seconds=2 * BUSY_LONGEST_S)
        table.now = plan.due_at
        plan = table.go()
    assert looks < 1500, "a day of waiting must not fill the journal"


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (READ, StepStatus.FAILED),
        (SEARCHED, StepStatus.FAILED),
        (KEYED, StepStatus.FAILED),
        (WRITE, StepStatus.IN_DOUBT),
    ],
)
def test_an_answer_that_cannot_be_stored_is_a_failure_of_its_step_alone(
    facts: Any, status: StepStatus
) -> None:
    table = PickyTable(program(LINE, LINE_WIRES, a=facts, b=READ))
    call = table.go().calls[0]
    plan = table.go(Outcome(call, output={"text": "huge"}))
    state = plan.snapshot.step("a")
    assert state.status is status
    assert state.person is (status is StepStatus.IN_DOUBT), "it was done: nobody may do it again"


def test_inputs_that_cannot_be_stored_are_a_failure_of_their_step_alone() -> None:
    table = PickyTable(program(LINE, LINE_WIRES, a=READ, b=READ))
    first = table.go().calls[0]
    table.trigger = {"n": "huge"}
    table.snapshot = replace(table.snapshot, trigger=table.keep(table.trigger))
    plan = table.go(ok(first))
    assert [letter.node_id for letter in plan.dead_letters] == ["b"]
    assert not plan.calls


def test_a_bug_in_a_step_takes_the_error_port() -> None:
    broken = node("m", "map", mapping={"schema": 1, "rules": "nonsense"})
    mend = node("mend", "map", mapping={"schema": 1, "rules": []})
    compiled = program(
        [node("start", "trigger.manual"), broken, mend], wires("start>m", "m.error>mend")
    )
    table = Table(compiled)
    table.go()
    assert table.statuses()["mend"] == "succeeded"


def test_two_branches_may_have_calls_under_way_while_one_fails() -> None:
    compiled = program(
        [node("start", "trigger.manual"), action("a"), action("b")],
        wires("start>a", "start>b"),
        a=READ,
        b=SEARCHED,
    )
    table = Table(compiled)
    first, second = table.go().calls
    plan = table.go(Outcome(first, failure=Failure("x", "No.", recovery=Recovery.FIX_DATA)))
    assert plan.snapshot.status is RunStatus.RUNNING
    assert [letter.node_id for letter in plan.dead_letters] == ["a"]
    table.crash()  # the other answer is lost with its worker
    probe = table.go().calls[0]
    plan = table.go(Outcome(probe, output={"id": "7"}))
    assert plan.snapshot.status is RunStatus.FAILED
    assert not plan.dead_letters, "one dead letter is enough"
    assert plan.due_at is None
    assert second.node_id == "b"


def test_a_doubt_in_one_branch_outlives_a_failure_in_the_other() -> None:
    compiled = program(
        [node("start", "trigger.manual"), action("a"), action("b")],
        wires("start>a", "start>b"),
        a=READ,
        b=WRITE,
    )
    table = Table(compiled)
    first, second = table.go().calls
    failed = Failure("x", "No.", recovery=Recovery.FIX_DATA)
    plan = table.go(Outcome(first, failure=failed), lost(second))
    assert plan.snapshot.status is RunStatus.IN_DOUBT
    with pytest.raises(resume.NothingToDo):
        retried(table, from_start=True)
    table.take(
        resume.decide(
            table.program, table.snapshot, table.moment, node_id="b", choice="adopt", output={}
        )
    )
    assert table.go().snapshot.status is RunStatus.FAILED
    retried(table, from_start=False)
    assert [call.node_id for call in table.go().calls] == ["a"]


def retried(table: Table, *, from_start: bool) -> Plan:
    return table.take(
        resume.retry(
            table.program,
            table.snapshot,
            table.moment,
            from_start=from_start,
            trigger=table.snapshot.trigger,
        )
    )


def test_a_run_that_is_given_up_says_so_and_goes_on_where_it_stood() -> None:
    table = Table(program(LINE, LINE_WIRES, a=SEARCHED, b=READ))
    table.go()
    plan = table.take(
        give_up(table.program, table.snapshot, table.moment, Failure("run.x", "No memory."))
    )
    assert (plan.snapshot.status, plan.due_at) == (RunStatus.FAILED, None)
    assert [letter.failure.code for letter in plan.dead_letters] == ["run.x"]
    retried(table, from_start=False)
    table.crash()  # whoever claims it knows nothing of the call that had left
    assert table.go().calls[0].purpose == "probe"


def test_a_run_given_up_over_an_unknowable_write_is_not_started_over() -> None:
    table = Table(program(LINE, LINE_WIRES, a=WRITE, b=READ))
    table.go()
    table.take(give_up(table.program, table.snapshot, table.moment, Failure("run.x", "No.")))
    with pytest.raises(resume.NothingToDo, match="twice"):
        retried(table, from_start=True)
    retried(table, from_start=False)
    table.crash()
    plan = table.go()
    assert not plan.calls
    assert plan.snapshot.status is RunStatus.IN_DOUBT


def test_a_vendor_may_not_make_us_wait_for_years() -> None:
    table = Table(program(LINE, LINE_WIRES, a=READ, b=READ))
    for wish in (1e12, Decimal("-5")):
        table = Table(program(LINE, LINE_WIRES, a=READ, b=READ))
        failure = Failure("429", "Slow.", recovery=Recovery.RETRY, retry_after_s=float(wish))
        plan = table.go(Outcome(table.go().calls[0], failure=failure))
        assert plan.due_at is not None
        assert START < plan.due_at <= START + timedelta(hours=27)
