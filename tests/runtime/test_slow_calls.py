"""A system that answers slowly holds up its own runs and no others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from connectors import credentials, registry
from connectors import facade as connectors
from runtime.effects.hands import MAX_CONCURRENT_CALLS, Worker
from runtime.models import Run
from tests.faults.yard.scene import Scene, scene
from tests.kit.drawing import mapping, node
from tests.kit.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        manifest = registry.get("dock").manifest
        usual_s = manifest.read_timeout_s
        object.__setattr__(manifest, "read_timeout_s", 60.0)  # what is held is not given up
        made.publish_post("post_searched")
        yield made
        made.ledger.held.clear()
        object.__setattr__(manifest, "read_timeout_s", usual_s)


@contextmanager
def working(worker: Worker, limit: int = 32) -> Iterator[None]:
    """One thread of a worker carries what is due."""
    done = threading.Event()

    def carry() -> None:
        try:
            while not done.wait(0.02):
                worker.work_once(limit)
        finally:
            connection.close()

    thread = threading.Thread(target=carry)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(30)


def status(*run_ids: str) -> list[str]:
    rows = dict(Run.objects.filter(id__in=run_ids).values_list("id", "status"))
    return [rows[run_id] for run_id in run_ids]


def ended(*run_ids: str) -> Callable[[], bool]:
    return lambda: set(status(*run_ids)) == {"succeeded"}


def test_answers_are_committed_while_a_slow_one_of_the_same_batch_is_awaited(
    played: Scene,
) -> None:
    played.ledger.held.add("slow")
    (slow,) = played.bring("slow")
    quick = [run for name in ("p", "q", "r") for run in played.bring(name)]
    with working(played.stage.worker):
        until(ended(*quick), what="the quick ones to end", deadline_s=20)
        assert status(slow) == ["running"]
        played.ledger.held.clear()
        until(ended(slow), what="the slow one to end", deadline_s=30)


def test_what_comes_while_a_slow_call_is_awaited_does_not_wait_for_it(played: Scene) -> None:
    played.ledger.held.add("slow")
    (slow,) = played.bring("slow")
    with working(played.stage.worker):
        until(lambda: status(slow) == ["running"], what="the slow call to leave")
        quick = played.bring("later")
        until(ended(*quick), what="the later run to end", deadline_s=20)
        assert status(slow) == ["running"]
        played.ledger.held.clear()
        until(ended(slow), what="the slow one to end", deadline_s=30)


def test_a_system_that_hangs_does_not_take_all_hands_of_a_worker(played: Scene) -> None:
    """Neither all calls that a worker makes at once, nor all runs that it has in hand."""
    connectors.create_connection(
        played.stage.workspace_id,
        "test",
        connector="dock",
        name="Pier",
        slug="pier",
        settings={"base_url": played.url},
        sandbox=True,
    )
    hanging = [f"h{number}" for number in range(20)]
    played.ledger.held.update(hanging)
    runs = [run for name in hanging for run in played.bring(name)]
    worker = Worker("few hands", calls_at_once=8)
    try:
        with working(worker, limit=4):
            until(lambda: status(*runs).count("running") > 8, what="the hanging calls to leave")
            at = {"connection": "pier", "connector": "dock", "operation": "post_keyed"}
            step = node("a", "action", **at, input=mapping(name="trigger.name"))
            played.publish([step], "start>a")
            other = played.bring("other")
            until(ended(*other), what="the run at another system to end", deadline_s=20)
            assert "succeeded" not in status(*runs)
            played.ledger.held.clear()
            until(ended(*runs), what="all to end", deadline_s=60)
    finally:
        worker.close()
    assert all(played.papers(name) == 1 for name in hanging)


def test_calls_that_stand_in_line_when_a_worker_ends_do_not_leave(played: Scene) -> None:
    names = [f"h{number}" for number in range(6)]
    played.ledger.held.update(names)
    runs = [run for name in names for run in played.bring(name)]
    worker = Worker("ends", calls_at_once=2)
    try:
        with working(worker):
            until(lambda: set(status(*runs)) == {"running"}, what="all to be on their way")
            until(lambda: played.ledger.arrived >= 2, what="two calls to arrive")
            worker.drain()
            played.ledger.held.clear()
            until(lambda: status(*runs).count("succeeded") == 2, what="the two to end")
            until(lambda: "running" not in status(*runs), what="the others to be put down")
    finally:
        worker.close()
    assert sum(played.papers(name) for name in names) == 2
    for row in Run.objects.exclude(status="succeeded"):
        assert (row.owner, row.state["a"].get("attempts", 0)) == ("", 0)
    played.play()
    assert [played.papers(name) for name in names] == [1] * 6


def connections_held() -> int:
    """How many of the pool are not there to be taken."""
    stats: dict[str, int] = connection.pool.get_stats()
    return stats["pool_size"] - stats["pool_available"]


def test_as_many_hanging_calls_as_a_worker_makes_leave_it_its_database(
    played: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls that wait for their answer hold no connection to our own database, though each has
    read its connection anew, as all do when a token has just ended."""
    monkeypatch.setattr(credentials, "KEPT_S", 0.0)
    pier = {"connector": "dock", "settings": {"base_url": played.url}, "sandbox": True}
    place = (played.stage.workspace_id, "test")
    connectors.create_connection(*place, name="Pier", slug="pier", **pier)
    names = [f"h{number}" for number in range(MAX_CONCURRENT_CALLS)]
    played.ledger.held.update(names)
    runs = [run for name in names[:28] for run in played.bring(name)]
    at = {"connection": "pier", "connector": "dock", "operation": "post_keyed"}
    step = node("a", "action", **at, input=mapping(name="trigger.name"))
    played.publish([step], "start>a")
    runs += [run for name in names[28:] for run in played.bring(name)]
    worker = Worker("full hands")
    try:
        with working(worker):
            until(lambda: played.ledger.arrived >= len(names), what="all to hang", deadline_s=40)
            if connection.vendor == "postgresql":
                # New connections of the pool count as taken until they are there.
                until(lambda: connections_held() <= 3, what="the pool to be free again")
            assert set(status(*runs)) == {"running"}
            played.ledger.held.clear()
            until(ended(*runs), what="all to end", deadline_s=60)
    finally:
        worker.close()
    assert all(played.papers(name) == 1 for name in names)
