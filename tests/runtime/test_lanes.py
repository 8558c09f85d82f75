"""Order per business key, runs at once per flow, latest wins; with many workers and failures."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from ipaas.core import clock
from runtime import control, store
from runtime.effects.hands import Flight, Worker
from runtime.engine import resume
from runtime.models import DeadLetter, Deployment, JournalBatch, Lane, Run
from runtime.triggers.intake import Receipt, receive
from tests.kit.order_flow import LaterClock, OrderFlow, make_order_flow, settle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=8)
    yield made
    made.close()


def rule(flow: OrderFlow, **rules: Any) -> None:
    """Give the trigger these settings, as publishing does."""
    from runtime.lanes import Rules

    lanes = Rules.of_trigger(rules).as_json()
    assert Deployment.objects.filter(flow_id=flow.flow_id).update(lanes=lanes) == 1


def announce(flow: OrderFlow, order: dict[str, Any], change: int) -> str:
    """Id of the run of one change of an order."""
    changed = {**order, "updated_at": f"2026-01-02 03:04:{change:02d}", "state": f"s{change}"}
    (answer,) = receive([flow.delivery(changed)])
    assert isinstance(answer, Receipt), answer
    return answer.runs[0]


def listen_to_every_change(flow: OrderFlow) -> None:
    """The shop's order_saved starts one run per change, not one per order."""
    Deployment.objects.filter(flow_id=flow.flow_id).update(operation="order_saved")


def claim(limit: int, worker: str) -> list[store.Claim]:
    """What a worker takes when the second of the changes is over: runs wait for that."""
    later = LaterClock()
    later.skipped = timedelta(seconds=1)
    with clock.use(later):
        return store.claim(limit, worker)


def claimed(limit: int = 10) -> list[str]:
    return [taken.run_id for taken in claim(limit, "somebody")]


def status(run_id: str) -> str:
    return str(Run.objects.get(id=run_id).status)


def end(run_id: str) -> None:
    control.cancel(Run.objects.get(id=run_id).workspace_id, run_id)


def test_a_later_run_of_a_key_waits_and_other_keys_do_not(flow: OrderFlow) -> None:
    listen_to_every_change(flow)
    rule(flow, order="by_key")
    one, other = flow.place(), flow.place(random=True, seed=2)
    first, second = announce(flow, one, 1), announce(flow, one, 2)
    third = announce(flow, one, 3)
    beside = announce(flow, other, 1)
    assert claimed() == [first, beside]
    end(first)
    assert claimed() == [second], "in the order of arrival"
    end(second)
    assert claimed() == [third]
    end(third)
    end(beside)
    assert not Lane.objects.exists(), "an empty lane leaves nothing behind"


def test_runs_of_a_key_follow_each_other_to_the_end(flow: OrderFlow, worker: Worker) -> None:
    listen_to_every_change(flow)
    rule(flow, order="by_key", max_parallel=2)
    orders = [flow.place(random=True, seed=seed) for seed in range(4)]
    runs = [[announce(flow, order, change) for change in range(3)] for order in orders]
    settle(worker)
    for of_one in runs:
        rows = [Run.objects.get(id=run_id) for run_id in of_one]
        assert {row.status for row in rows} == {"succeeded"}
        assert [row.started_at for row in rows] == sorted(row.started_at for row in rows)
        for before, after in zip(rows, rows[1:], strict=False):
            assert before.finished_at <= after.started_at, "an update has overtaken"
    assert Lane.objects.get().busy == 0


def test_a_failed_run_holds_up_its_key_until_a_person_has_settled_it(
    flow: OrderFlow, worker: Worker
) -> None:
    listen_to_every_change(flow)
    rule(flow, order="by_key")
    broken = flow.place(sample="no-lines")
    bad, behind = announce(flow, broken, 1), announce(flow, broken, 2)
    free = announce(flow, flow.place(random=True, seed=5), 1)
    settle(worker)
    assert (status(bad), status(behind), status(free)) == ("failed", "queued", "succeeded")
    letter = DeadLetter.objects.get(run_id=bad)
    control.skip_dead_letter(flow.workspace_id, letter.id, by="Ana", reason="It was a test.")
    settle(worker)
    assert status(behind) == "failed", "it moved, and has no lines either"


def test_a_failed_run_lets_its_key_go_on_where_the_trigger_says_so(
    flow: OrderFlow, worker: Worker
) -> None:
    listen_to_every_change(flow)
    rule(flow, order="by_key", on_failure="pass")
    broken = flow.place(sample="no-lines")
    bad, behind = announce(flow, broken, 1), announce(flow, broken, 2)
    settle(worker)
    assert (status(bad), status(behind)) == ("failed", "failed")


def test_no_more_runs_of_a_flow_at_once_than_its_trigger_allows(flow: OrderFlow) -> None:
    listen_to_every_change(flow)
    rule(flow, max_parallel=2)
    runs = [announce(flow, flow.place(random=True, seed=seed), 1) for seed in range(5)]
    assert claimed() == runs[:2]
    end(runs[3])  # one that waits: nothing becomes free
    assert claimed() == []
    end(runs[0])
    assert claimed() == [runs[2]]
    end(runs[1])
    assert claimed() == [runs[4]]


def test_waiting_runs_end_when_a_newer_event_of_their_record_comes(flow: OrderFlow) -> None:
    listen_to_every_change(flow)
    rule(flow, latest_wins=True)
    order = flow.place()
    moving, older, newest = (announce(flow, order, change) for change in (1, 2, 3))
    assert (status(moving), status(older), status(newest)) == ("queued", "superseded", "queued")
    told = JournalBatch.objects.get(run_id=older).entries[0]
    assert "newer event" in told["text"]
    assert told["data"] == {"by": newest}
    assert claimed() == [moving]
    end(moving)
    assert claimed() == [newest]


def test_the_latest_of_one_delivery_wins_too(flow: OrderFlow) -> None:
    listen_to_every_change(flow)
    rule(flow, latest_wins=True)
    order = flow.place()
    deliveries = [
        flow.delivery({**order, "updated_at": f"2026-01-02 03:04:0{n}"}) for n in range(4)
    ]
    runs = [answer.runs[0] for answer in receive(deliveries) if isinstance(answer, Receipt)]
    assert [status(run_id) for run_id in runs] == ["queued", "superseded", "superseded", "queued"]
    assert claimed() == [runs[0]]


def test_a_run_that_is_cancelled_in_line_frees_nobodys_place(
    flow: OrderFlow,
) -> None:
    listen_to_every_change(flow)
    rule(flow, order="by_key")
    order = flow.place()
    first, second, third = (announce(flow, order, change) for change in (1, 2, 3))
    assert claimed() == [first]
    end(second)
    end(first)
    assert claimed() == [third]


def test_a_run_whose_worker_died_keeps_its_place(flow: OrderFlow, worker: Worker) -> None:
    listen_to_every_change(flow)
    rule(flow, order="by_key")
    order = flow.place()
    first, second = announce(flow, order, 1), announce(flow, order, 2)
    dead = claim(1, "dead")
    assert [taken.run_id for taken in dead] == [first]
    settle(worker)  # the clock jumps over the dead worker's lease
    assert (status(first), status(second)) == ("succeeded", "succeeded")
    worker._turn(worker._take(dead), Flight())  # a late answer frees nothing twice
    assert not Lane.objects.exists()


def test_many_workers_and_gates_keep_the_order(flow: OrderFlow) -> None:
    listen_to_every_change(flow)
    rule(flow, order="by_key", max_parallel=3)
    orders = [flow.place(random=True, seed=seed) for seed in range(6)]
    told: dict[int, list[str]] = {n: [] for n in range(len(orders))}
    workers = [Worker(f"w{n}", calls_at_once=4) for n in range(2)]
    done = threading.Event()

    def bring(numbers: list[int]) -> None:
        try:
            for change in range(4):
                for number in numbers:
                    told[number].append(announce(flow, orders[number], change))
        finally:
            connection.close()

    def carry(own: Worker) -> None:
        try:
            while own.work_once(8) or not done.wait(0.01):
                pass
        finally:
            connection.close()

    gates = [threading.Thread(target=bring, args=(part,)) for part in ([0, 1, 2], [3, 4, 5])]
    carriers = [threading.Thread(target=carry, args=(own,)) for own in workers]
    for thread in (*gates, *carriers):
        thread.start()
    for thread in gates:
        thread.join()
    done.set()
    for thread in carriers:
        thread.join()
    settle(workers[0])
    for own in workers:
        own.close()
    assert sum(map(len, told.values())) == 24
    for of_one in told.values():
        rows = [Run.objects.get(id=run_id) for run_id in of_one]
        assert {row.status for row in rows} == {"succeeded"}
        for before, after in zip(rows, rows[1:], strict=False):
            assert before.finished_at <= after.started_at, "an update has overtaken"
    assert [lane.busy for lane in Lane.objects.all()] == [0]


def test_people_who_cancel_while_a_lane_moves_are_not_turned_away(flow: OrderFlow) -> None:
    listen_to_every_change(flow)
    rule(flow, order="by_key")
    order = flow.place()
    runs = [announce(flow, order, change) for change in range(24)]
    carried, wrong = Worker("w", calls_at_once=4), []

    def cancel(some: list[str]) -> None:
        try:
            for run_id in some:
                try:
                    end(run_id)
                except control.RunMoving:
                    pass
                except resume.NothingToDo:
                    pass  # it has ended meanwhile
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    people = [threading.Thread(target=cancel, args=(runs[n::3],)) for n in range(3)]
    for thread in people:
        thread.start()
    while any(thread.is_alive() for thread in people):
        carried.work_once(8)
    settle(carried)
    carried.close()
    assert wrong == []
    assert {status(run_id) for run_id in runs} <= {"succeeded", "cancelled"}
    assert not Lane.objects.exists()
