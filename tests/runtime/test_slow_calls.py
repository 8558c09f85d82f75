"""A system that answers slowly holds up its own runs and no others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from runtime.effects.hands import Worker
from runtime.models import Run
from tests.faults.yard.scene import Scene, scene
from tests.kit.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        made.publish_post("post_searched")
        yield made
        made.ledger.held.clear()


@contextmanager
def working(worker: Worker) -> Iterator[None]:
    """One thread of a worker carries what is due."""
    done = threading.Event()

    def carry() -> None:
        try:
            while not done.wait(0.02):
                worker.work_once(32)
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
        until(ended(*quick), what="the quick ones to end", deadline_s=2.5)
        assert status(slow) == ["running"]
        played.ledger.held.clear()
        until(ended(slow), what="the slow one to end", deadline_s=30)


def test_what_comes_while_a_slow_call_is_awaited_does_not_wait_for_it(played: Scene) -> None:
    played.ledger.held.add("slow")
    (slow,) = played.bring("slow")
    with working(played.stage.worker):
        until(lambda: status(slow) == ["running"], what="the slow call to leave")
        quick = played.bring("later")
        until(ended(*quick), what="the later run to end", deadline_s=2)
        assert status(slow) == ["running"]
        played.ledger.held.clear()
        until(ended(slow), what="the slow one to end", deadline_s=30)
