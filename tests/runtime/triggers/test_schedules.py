"""Schedules start runs: once each, whoever looks, also after the machine was off."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from ipaas.core import clock
from runtime import store
from runtime.effects.hands import Worker
from runtime.models import Event, Timer
from runtime.triggers import manual, schedules, status
from tests.runtime.triggers.conftest import NOON, Place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]

DAILY = {"cron": "0 6 * * *", "timezone": "Europe/Paris"}
Advance = Callable[..., datetime]


def due() -> datetime | None:
    timer: datetime | None = Timer.objects.values_list("due_at", flat=True).get()
    return timer


def test_a_schedule_fires_at_its_time_and_not_before(place: Place, advance: Advance) -> None:
    flow = place.publish("trigger.schedule", {**DAILY, "input": {"region": "north"}})
    assert due() == datetime(2026, 3, 3, 5, 0, tzinfo=UTC)
    advance(hours=16, minutes=59)
    assert schedules.fire_due() == []
    advance(minutes=1)
    assert len(schedules.fire_due()) == 1
    assert schedules.fire_due() == []
    (run,) = place.runs(flow)
    document = place.document(run)
    assert document["scheduled_at"] == "2026-03-03T05:00:00+00:00"
    assert (document["local_date"], document["local_time"]) == ("2026-03-03", "06:00")
    assert document["input"] == {"region": "north"}
    assert run.business_key == "2026-03-03 06:00"
    assert due() == datetime(2026, 3, 4, 5, 0, tzinfo=UTC)


def test_after_days_of_silence_it_runs_once_and_says_how_many_were_missed(
    place: Place, advance: Advance
) -> None:
    flow = place.publish("trigger.schedule", DAILY)
    advance(days=4, hours=3)
    schedules.fire_due()
    (run,) = place.runs(flow)
    document = place.document(run)
    assert document["scheduled_at"] == "2026-03-06T05:00:00+00:00"
    assert document["missed"] == 3


def test_a_schedule_that_skips_what_it_missed_waits_for_the_next_time(
    place: Place, advance: Advance
) -> None:
    flow = place.publish("trigger.schedule", {**DAILY, "missed": "skip"})
    advance(days=4, hours=3)
    schedules.fire_due()
    assert place.runs(flow) == []
    assert due() == datetime(2026, 3, 7, 5, 0, tzinfo=UTC)
    advance(hours=14, seconds=30)  # half a minute late is not missed
    schedules.fire_due()
    assert len(place.runs(flow)) == 1


def test_many_schedulers_at_once_fire_once(place: Place) -> None:
    flow = place.publish("trigger.schedule", DAILY)
    Timer.objects.update(
        planned_at=clock.now() - timedelta(days=1), due_at=clock.now() - timedelta(seconds=1)
    )
    Timer.objects.update(planned_at=datetime(2026, 3, 3, 5, 0, tzinfo=UTC))
    errors: list[BaseException] = []

    def look() -> None:
        try:
            schedules.fire_due()
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(place.runs(flow)) == 1


def test_a_timer_that_is_set_back_starts_no_second_run(place: Place, advance: Advance) -> None:
    flow = place.publish("trigger.schedule", DAILY)
    planned = due()
    advance(hours=17)
    schedules.fire_due()
    Timer.objects.update(planned_at=planned, due_at=planned)  # as if its commit had been lost
    schedules.fire_due()
    assert len(place.runs(flow)) == 1
    assert Event.objects.count() == 1


def test_a_clock_that_jumps_back_neither_doubles_nor_stops_a_schedule(
    place: Place, virtual: clock.VirtualClock
) -> None:
    flow = place.publish("trigger.schedule", {"cron": "0 * * * *"})
    virtual.advance(timedelta(hours=1))
    schedules.fire_due()
    virtual.advance(timedelta(minutes=-30))
    schedules.fire_due()
    virtual.advance(timedelta(minutes=90))
    schedules.fire_due()
    planned = [place.document(run)["scheduled_at"] for run in place.runs(flow)]
    assert planned == ["2026-03-02T13:00:00+00:00", "2026-03-02T14:00:00+00:00"]


def test_a_flow_that_is_off_does_not_fire_and_goes_on_when_it_is_on(
    place: Place, advance: Advance
) -> None:
    flow = place.publish("trigger.schedule", DAILY)
    place.switch(flow, False)
    advance(days=2)
    assert schedules.fire_due() == []
    place.switch(flow, True)
    assert schedules.fire_due() == []
    assert due() == datetime(2026, 3, 5, 5, 0, tzinfo=UTC)


def test_publishing_again_keeps_the_time_unless_the_schedule_changed(
    place: Place, advance: Advance
) -> None:
    flow = place.publish("trigger.schedule", DAILY)
    advance(days=1)  # due, and not fired yet
    place.publish("trigger.schedule", DAILY, flow=flow)
    assert due() == datetime(2026, 3, 3, 5, 0, tzinfo=UTC)
    place.publish("trigger.schedule", {"cron": "0 20 * * *"}, flow=flow)
    assert due() == datetime(2026, 3, 3, 20, 0, tzinfo=UTC)
    place.publish("trigger.manual", flow=flow)
    assert not Timer.objects.exists()


def test_a_schedule_can_be_run_now_and_shows_its_next_five_times(
    place: Place, virtual: clock.VirtualClock
) -> None:
    flow = place.publish("trigger.schedule", DAILY)
    run_id, _ = manual.start(place.workspace_id, "test", flow, given={})
    assert place.runs(flow)[0].id == run_id
    found = status.trigger_status(place.workspace_id, "test", flow)
    assert [fire["local"][:16] for fire in found["timer"]["next"]] == [
        f"2026-03-0{day}T06:00" for day in range(3, 8)
    ]
    assert "06:00" in found["timer"]["description"]


def test_a_month_of_schedules_and_their_runs_takes_seconds(
    place: Place, virtual: clock.VirtualClock, worker: Worker
) -> None:
    flows: dict[str, Any] = {
        place.publish("trigger.schedule", {"cron": "0 */6 * * *"}): 31 * 4,
        place.publish("trigger.schedule", {**DAILY, "timezone": "America/New_York"}): 31,
        place.publish("trigger.schedule", {"cron": "0 9 L * *"}): 1,
    }
    end = NOON + timedelta(days=31)
    while True:
        moments = Timer.objects.filter(due_at__isnull=False).order_by("due_at")
        moment = moments.values_list("due_at", flat=True).first()
        if moment is None or moment > end:
            break
        virtual.advance(moment - virtual.now())
        schedules.fire_due()
        while worker.work_once(32):
            pass
    assert store.next_due() is None
    for flow, count in flows.items():
        runs = place.runs(flow)
        assert len(runs) == count
        assert {run.status for run in runs} == {"succeeded"}
