"""Doubts that could be cut short: by an impatient person, a retry, a request shared by many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ipaas.core.errors import Recovery, TooLarge
from runtime.engine import Call, Failure, Outcome, Plan, Program, RunStatus, resume
from tests.runtime.test_engine import (
    LINE,
    LINE_WIRES,
    READ,
    START,
    WRITE,
    Table,
    action,
    field,
    lost,
    node,
    ok,
    program,
    wires,
)

HIDES = timedelta(seconds=60)  # what nobody said of how long a vendor hides a document
FOUND = {"can_probe": True}
RULES = {"schema": 1, "rules": [{"id": "r", "target": "n", "expr": field("trigger.n")}]}
REFUSED = Failure("x", "No.", recovery=Recovery.FIX_DATA)


def of(plan: Plan, node_id: str) -> Call:
    return next(call for call in plan.calls if call.node_id == node_id)


def wait_of(plan: Plan) -> timedelta:
    assert not plan.calls
    assert plan.due_at is not None
    return plan.due_at - START


def test_nobody_can_have_the_second_search_done_before_a_late_document_would_show() -> None:
    table = Table(program(LINE, LINE_WIRES, a={**WRITE, **FOUND}, b=READ))
    probe = table.go(lost(table.go().calls[0])).calls[0]
    assert wait_of(table.go(Outcome(probe, found=False))) >= HIDES
    with pytest.raises(resume.NothingToDo, match="may still show itself"):
        resume.hurry(table.program, table.snapshot, table.moment)
    assert not table.go().calls


def test_other_timers_of_the_run_can_be_cut_short_meanwhile() -> None:
    side = [node("start", "trigger.manual"), action("a"), action("b")]
    table = Table(program(side, wires("start>a", "start>b"), a={**WRITE, **FOUND}, b=READ))
    first = table.go()
    down = Failure("acme.500", "Broken.", recovery=Recovery.RETRY)
    probe = of(table.go(lost(of(first, "a")), Outcome(of(first, "b"), failure=down)), "a")
    table.go(Outcome(probe, found=False))
    table.take(resume.hurry(table.program, table.snapshot, table.moment))
    assert [call.node_id for call in table.go().calls] == ["b"]


def test_a_step_done_over_while_it_is_in_doubt_is_searched_for_twice() -> None:
    """Another way of the run failed; a person has everything done again from the step in doubt."""
    side = [node("start", "trigger.manual"), action("a"), action("b")]
    table = Table(program(side, wires("start>a", "start>b"), a={**WRITE, **FOUND}, b=READ))
    first = table.go()
    probe = of(table.go(lost(of(first, "a")), Outcome(of(first, "b"), failure=REFUSED)), "a")
    table.go(Outcome(probe, found=False))
    assert table.snapshot.status is RunStatus.WAITING
    again = resume.retry(
        table.program,
        table.snapshot,
        table.moment,
        from_start=False,
        trigger=table.snapshot.trigger,
        from_node="a",
    )
    table.take(again)
    second = table.go()
    assert of(second, "a").purpose == "probe"
    plan = table.go(Outcome(of(second, "a"), found=False), ok(of(second, "b")))
    assert wait_of(plan) >= HIDES


def test_a_call_under_way_when_the_run_was_given_up_is_waited_for_before_it_is_done_over() -> None:
    table = Table(program(LINE, LINE_WIRES, a={**WRITE, **FOUND, "call_life_s": 125}, b=READ))
    table.go()
    from runtime.engine import give_up

    hopeless = Failure("run.hopeless", "Five workers died.")
    table.take(give_up(table.program, table.snapshot, table.moment, hopeless))
    again = resume.retry(
        table.program,
        table.snapshot,
        table.moment,
        from_start=True,
        trigger=table.snapshot.trigger,
    )
    table.take(again)
    probe = table.go().calls[0]
    assert probe.purpose == "probe"
    assert wait_of(table.go(Outcome(probe, found=False))) >= timedelta(seconds=125)


# A request shared by many carries a key of its own, which sending one of them again does not.

MANY = {**WRITE, "has_key": True, "batch_max": 30, "visibility_delay_s": 2, "call_life_s": 125}


def shared(**facts: Any) -> Program:
    many = action("a")
    many["config"]["together_s"] = 1
    return program([node("start", "trigger.manual"), many], wires("start>a"), a={**MANY, **facts})


def test_what_left_with_others_is_searched_for_as_if_it_had_no_key() -> None:
    table = Table(shared(**FOUND))
    probe = table.go(lost(table.go().calls[0])).calls[0]
    assert wait_of(table.go(Outcome(probe, found=False))) >= HIDES


def test_what_left_with_others_may_still_leave_when_its_worker_died() -> None:
    table = Table(shared(**FOUND))
    table.go()
    table.crash()
    probe = table.go().calls[0]
    assert wait_of(table.go(Outcome(probe, found=False))) >= timedelta(seconds=125)


def test_what_left_with_others_and_cannot_be_searched_for_is_a_persons_business() -> None:
    table = Table(shared())
    plan = table.go(lost(table.go().calls[0]))
    assert (plan.snapshot.status, plan.calls) == (RunStatus.IN_DOUBT, ())


# Find-or-create searches before it creates: too early, it finds nothing and creates a second one.


def finder(**facts: Any) -> Program:
    step = node("a", "find_or_create", connection="acme", entity="x", find=RULES, create=RULES)
    known = {**WRITE, "has_key": True, "call_life_s": 125, **facts}
    return program([node("start", "trigger.manual"), step], wires("start>a"), a=known)


def test_a_lost_creation_without_a_key_is_not_repeated_before_the_first_can_be_found() -> None:
    table = Table(finder())
    plan = table.go(lost(table.go().calls[0]))
    assert wait_of(plan) >= HIDES
    with pytest.raises(resume.NothingToDo):
        resume.hurry(table.program, table.snapshot, table.moment)
    table.now = plan.due_at or START
    assert table.go().calls[0].purpose == "send"


def test_a_creation_whose_worker_died_is_not_repeated_while_it_may_be_on_its_way() -> None:
    table = Table(finder())
    table.go()
    table.crash()
    assert wait_of(table.go()) >= timedelta(seconds=125)


def test_a_lost_creation_with_a_key_is_repeated_soon() -> None:
    table = Table(finder(create_keyed=True))
    assert wait_of(table.go(lost(table.go().calls[0]))) < timedelta(seconds=5)


# Another version of the flow may lack the step that is under way.


@pytest.mark.parametrize("left", ["nothing", "a step of another kind"])
def test_a_run_does_not_go_on_in_a_version_that_lacks_what_is_under_way(left: str) -> None:
    side = [node("start", "trigger.manual"), action("a"), action("b")]
    table = Table(program(side, wires("start>a", "start>b"), a=READ, b=READ))
    first = table.go()
    down = Failure("acme.500", "Broken.", recovery=Recovery.RETRY)
    table.go(Outcome(of(first, "a"), failure=down), Outcome(of(first, "b"), failure=REFUSED))
    other = [] if left == "nothing" else [node("a", "map", mapping={"schema": 1, "rules": []})]
    edges = wires("start>b") if left == "nothing" else wires("start>a", "start>b")
    newer = program([side[0], *other, action("b")], edges, b=READ)
    with pytest.raises(resume.NothingToDo, match="is not in that version"):
        resume.retry(
            newer,
            table.snapshot,
            table.moment,
            from_start=False,
            trigger=table.snapshot.trigger,
        )


def test_a_loop_whose_list_cannot_be_kept_and_changes_says_so() -> None:
    class Small(Table):
        """Takes no document of more than fifty entries."""

        def keep(self, document: Any) -> str:
            if isinstance(document, list) and len(document) > 50:
                raise TooLarge("Too large.")
            return super().keep(document)

    step = node("each", "for_each", list=field("trigger.items"))
    inside = node("m", "map", mapping={"schema": 1, "rules": []})
    drawn = program(
        [node("start", "trigger.manual"), step, inside], wires("start>each", "each.item>m")
    )
    table = Small(drawn, {"items": list(range(600))})
    assert len(table.go().spawns[0].children) == 500
    table.kept[table.snapshot.trigger] = {"items": [1, 2, 3]}
    plan = table.go()
    assert plan.snapshot.status is RunStatus.FAILED
    assert [letter.failure.code for letter in plan.dead_letters] == ["for_each.list_changed"]
    assert plan.ended_families == ("run_1/each/0",)
