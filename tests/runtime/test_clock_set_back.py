"""A clock that ran ahead is set right: nothing waits until the time that it showed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ipaas.core import clock
from runtime.models import Backfill, BulkJob, Pruning, Run, Timer
from runtime.retention import keeper
from runtime.triggers import polling
from runtime.workers.scheduler import Scheduler
from tests.faults.yard.scene import Scene, scene
from tests.kit.drawing import document, node

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
AHEAD_S = 86_400.0


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


def look() -> None:
    """A scheduler looks after everything once."""
    made = Scheduler("test")
    made._tick()
    made._pool.shutdown(wait=True)
    made.leadership.resign()


def test_a_run_whose_worker_died_with_a_clock_ahead_goes_on(played: Scene) -> None:
    played.publish_post("post_searched")
    played.bring("m")
    played.stage.skip(AHEAD_S)
    assert played.claim("dies")
    played.stage.skip(-AHEAD_S)
    look()
    played.stage.work()
    assert played.statuses() == ["succeeded"]
    assert played.papers("m") == 1


def test_a_lease_that_is_held_is_left_alone(played: Scene) -> None:
    played.publish_post("post_searched")
    (run_id,) = played.bring("m")
    assert played.claim("lives")
    before = Run.objects.get(id=run_id).due_at
    look()
    assert Run.objects.get(id=run_id).due_at == before


def test_a_schedule_fires_at_the_next_time_of_the_right_clock(played: Scene) -> None:
    drawn = document(
        [node("start", "trigger.schedule", cron="*/5 * * * *", timezone="UTC"), node("s", "stop")],
        "start>s",
    )
    played.stage.skip(AHEAD_S)
    with clock.use(played.stage.later):
        played.stage.deploy("clocked", drawn)
    look()
    due = Timer.objects.get(kind="trigger.schedule").due_at
    assert due is not None and due <= clock.now() + timedelta(minutes=5)


def test_a_poll_and_the_tidying_up_go_on(played: Scene) -> None:
    at = {"connection": "dock", "connector": "dock", "operation": "changed", "every_s": 15}
    drawn = document([node("start", "trigger.poll", **at), node("s", "stop")], "start>s")
    played.stage.deploy("polled", drawn)
    played.stage.skip(AHEAD_S)
    with clock.use(played.stage.later):
        assert polling.claim("dies")
        keeper.tidy()
    look()
    assert not Timer.objects.filter(due_at__gt=clock.now() + timedelta(minutes=1)).exists()
    assert not Pruning.objects.filter(due_at__gt=clock.now() + keeper.EVERY).exists()
    assert not Backfill.objects.exists() and not BulkJob.objects.exists()
