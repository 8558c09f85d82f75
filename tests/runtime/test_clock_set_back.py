"""A clock that ran ahead is set right: nothing waits until the time that it showed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from ipaas.core import clock
from runtime import control
from runtime.models import Approval, Backfill, BulkJob, Pruning, Run, Timer
from runtime.retention import keeper
from runtime.triggers import polling
from runtime.workers import clocks, waiting
from runtime.workers.scheduler import Scheduler
from tests.faults.yard.scene import Scene, scene
from tests.kit.drawing import const, document, mapping, node

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


def waits_ahead(it: Scene, nodes: list[Any], wires: str) -> Run:
    """A run that has begun to wait by a clock that runs ahead; then that is set right."""
    it.publish(nodes, wires)
    it.stage.skip(AHEAD_S)
    (run_id,) = it.bring("m")
    it.stage.work()
    with clock.use(it.stage.later):
        clocks.note_time()  # as each process does every few seconds
    it.stage.skip(-AHEAD_S)
    run = Run.objects.get(id=run_id)
    assert run.status == "waiting" and run.due_at > clock.now() + timedelta(hours=23)
    return run


def due_in_s(run: Run) -> float:
    run.refresh_from_db()
    assert run.due_at is not None
    rings = [step["next_at"] for step in run.state.values() if "next_at" in step]
    assert datetime.fromisoformat(min(rings)) == run.due_at
    return (run.due_at - clock.now()).total_seconds()


WAIT = node("w", "wait", mode="for", amount=10, unit="minutes")


def test_a_wait_lasts_no_longer_than_if_it_began_now(played: Scene) -> None:
    run = waits_ahead(played, [WAIT, node("s", "stop")], "start>w w>s")
    look()
    assert 300 < due_in_s(run) <= 600
    (entry,) = [e for b in run.journal.all() for e in b.entries if e["kind"] == "run.clock"]
    assert entry["data"]["node_ids"] == ["w"]
    played.stage.skip(601)
    played.stage.work()
    assert played.statuses() == ["succeeded"]


def test_a_retry_comes_after_the_pause_it_was_to_have(played: Scene) -> None:
    played.manners.refused = 1000  # it asks for a second
    at = {"connection": "dock", "connector": "dock", "operation": "post_keyed"}
    step = node("a", "action", **at, input=mapping(name="trigger.name"))
    run = waits_ahead(played, [step], "start>a")
    played.manners.refused = 0
    look()
    assert due_in_s(run) < 2
    assert datetime.fromisoformat(run.state["a"]["started_at"]) <= clock.now()
    played.stage.work_on()
    assert played.statuses() == ["succeeded"] and played.papers("m") == 1


def test_a_question_expires_in_the_time_it_was_given(played: Scene) -> None:
    asked = {"text": const("May it?"), "expires_after": 30, "expires_unit": "minutes"}
    run = waits_ahead(played, [node("ask", "approval", **asked)], "start>ask")
    look()
    assert 900 < due_in_s(run) <= 1_800
    assert Approval.objects.get().expires_at == run.due_at


def test_a_step_waits_until_the_date_it_was_told(played: Scene) -> None:
    date = (clock.now() + timedelta(days=3)).isoformat()
    until = node("w", "wait", mode="until", until=const(date))
    run = waits_ahead(played, [until, node("s", "stop")], "start>w w>s")
    look()
    assert due_in_s(run) > 2.9 * AHEAD_S


def test_what_came_in_while_the_clock_ran_ahead_is_carried_now(played: Scene) -> None:
    played.publish_post("post_keyed", max_parallel=1)
    played.stage.skip(AHEAD_S)
    with clock.use(played.stage.later):
        played.bring("m")
        played.bring("n")  # in line behind it
        clocks.note_time()
    played.stage.skip(-AHEAD_S)
    played.stage.work()
    assert played.statuses() == ["queued", "queued"]
    look()
    played.stage.work()
    assert played.statuses() == ["succeeded", "succeeded"]


def test_a_run_that_was_woken_ahead_goes_on_now(played: Scene) -> None:
    played.publish([WAIT, node("s", "stop")], "start>w w>s")
    (run_id,) = played.bring("m")
    played.stage.work()
    played.stage.skip(AHEAD_S)
    with clock.use(played.stage.later):
        control.hurry(played.stage.workspace_id, run_id)
        clocks.note_time()
    played.stage.skip(-AHEAD_S)
    look()
    played.stage.work()
    played.stage.skip(601)  # when it was hurried is not known any more, only how long it waits
    played.stage.work()
    assert played.statuses() == ["succeeded"]


def test_timers_of_a_clock_that_is_right_are_left_alone(played: Scene) -> None:
    days = node("w", "wait", mode="for", amount=5, unit="days")
    played.publish([days, node("s", "stop")], "start>w w>s")
    (run_id,) = played.bring("m")
    played.stage.work()
    run = Run.objects.get(id=run_id)
    before = (run.due_at, run.seq, run.fence)
    clocks.note_time()
    assert clocks.set_right() == 0
    assert waiting.set_right(clock.now()) == 0
    run.refresh_from_db()
    assert (run.due_at, run.seq, run.fence) == before


def test_runs_are_looked_at_only_after_a_clock_ran_ahead(played: Scene) -> None:
    run = waits_ahead(played, [WAIT, node("s", "stop")], "start>w w>s")
    assert clocks.set_right() == 1
    Run.objects.filter(id=run.id).update(due_at=clock.now() + timedelta(days=9))
    assert clocks.set_right() == 0
