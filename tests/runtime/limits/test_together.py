"""Writes of many runs leave in one request, each with an outcome of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from runtime.effects.together import Together, Waiting
from runtime.engine import Call, Failure, Outcome

LATE, TORN = Failure("late", "late"), Failure("torn", "torn")
PLACE = ("ws", "test")


def call(number: int, operation: str = "create_invoice") -> Call:
    node, books = f"n{number}", "quickbooks"
    return Call(node, "send", "action", books, books, operation, {}, True, node, 0, 1)


class Desk:
    """Sends nothing, and remembers what was sent together."""

    def __init__(self) -> None:
        self.sent: list[list[str]] = []
        self.outcomes: dict[str, Outcome] = {}
        self._news = threading.Condition()

    def perform(self, _: str, __: str, calls: Sequence[Call]) -> list[Outcome]:
        self.sent.append([each.node_id for each in calls])
        return [Outcome(each, output=each.node_id) for each in calls]

    def done(self, outcome: Outcome) -> None:
        with self._news:
            self.outcomes[outcome.call.node_id] = outcome
            self._news.notify_all()

    def wait_for(self, count: int) -> None:
        with self._news:
            assert self._news.wait_for(lambda: len(self.outcomes) >= count, timeout=10)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def together(desk: Desk) -> Iterator[Together]:
    with ThreadPoolExecutor(4) as pool:
        yield Together(pool, desk.perform, LATE, TORN)


def test_calls_of_one_operation_leave_in_one_request(together: Together, desk: Desk) -> None:
    for number in range(3):
        waiting = Waiting(call(number), lambda: True, desk.done)
        together.submit(PLACE, waiting, most=3, wait_s=5)
    desk.wait_for(3)
    assert desk.sent == [["n0", "n1", "n2"]]
    assert [desk.outcomes[f"n{n}"].output for n in range(3)] == ["n0", "n1", "n2"]


def test_nobody_waits_longer_than_asked_for(together: Together, desk: Desk) -> None:
    together.submit(PLACE, Waiting(call(1), lambda: True, desk.done), most=30, wait_s=0.01)
    desk.wait_for(1)
    assert desk.sent == [["n1"]]


def test_other_operations_and_places_keep_apart(together: Together, desk: Desk) -> None:
    others = [(PLACE, "create_invoice"), (PLACE, "create_payment"), (("b", "test"), "create_bill")]
    for number, (place, operation) in enumerate(others):
        waiting = Waiting(call(number, operation), lambda: True, desk.done)
        together.submit(place, waiting, most=30, wait_s=0.01)
    desk.wait_for(3)
    assert sorted(desk.sent) == [["n0"], ["n1"], ["n2"]]


def test_a_run_that_was_lost_while_it_waited_sends_nothing(together: Together, desk: Desk) -> None:
    together.submit(PLACE, Waiting(call(0), lambda: False, desk.done), most=2, wait_s=5)
    together.submit(PLACE, Waiting(call(1), lambda: True, desk.done), most=2, wait_s=5)
    desk.wait_for(2)
    assert desk.sent == [["n1"]]
    assert desk.outcomes["n0"].failure == LATE


def test_a_request_that_breaks_leaves_every_call_in_doubt(desk: Desk) -> None:
    def broken(*_: object) -> list[Outcome]:
        raise MemoryError

    with ThreadPoolExecutor(2) as pool:
        together = Together(pool, broken, LATE, TORN)
        for number in range(2):
            waiting = Waiting(call(number), lambda: True, desk.done)
            together.submit(PLACE, waiting, most=2, wait_s=5)
        desk.wait_for(2)
    assert {outcome.failure for outcome in desk.outcomes.values()} == {TORN}
