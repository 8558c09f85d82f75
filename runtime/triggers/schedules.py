"""Schedules that are due start their runs: one event per fire time, however many look at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.errors import IpaasError
from runtime import faults
from runtime.models import Timer
from runtime.triggers import arrivals
from runtime.triggers.arrivals import Arrival
from runtime.triggers.cron import schedule_of
from runtime.triggers.polling import tell_timer

KIND = "trigger.schedule"
GRACE = timedelta(seconds=60)  # later than this, a fire counts as missed
_BATCH = 100


def fire_due() -> list[str]:
    """Ids of the runs that were started for fire times that have come.

    Event, run and next fire time are one commit. The event is named by the fire time, so a
    schedule that two processes look at fires once.
    """
    now = clock.now()
    due = Timer.objects.filter(kind=KIND, due_at__lte=now)
    if not due.exists():
        return []
    with faults.commits("schedule"):
        timers = list(
            due.select_for_update(skip_locked=True, of=("self",))
            .select_related("deployment")
            .order_by("due_at")[:_BATCH]
        )
        fired = [arrival for timer in timers if (arrival := _fire(timer, now)) is not None]
        stored = arrivals.store(fired)
        for timer in timers:
            timer.updated_at = now
            timer.save(
                update_fields=[
                    "planned_at",
                    "due_at",
                    "acted_at",
                    "found_at",
                    "error",
                    "updated_at",
                ]
            )
            tell_timer(timer)
    return [run for runs in stored.new.values() for run in runs]


def _fire(timer: Timer, now: datetime) -> Arrival | None:
    """What the fire times up to ``now`` bring in, if anything; the timer moves on to the next."""
    try:
        schedule = schedule_of(timer.settings)
    except IpaasError as error:
        timer.due_at, timer.error = None, _shown(error, now)
        return None
    planned = timer.planned_at or now
    last, count = schedule.latest(planned - timedelta(seconds=1), now)
    timer.planned_at = timer.due_at = schedule.next(now)
    timer.acted_at, timer.error = now, None
    if last is None:
        return None  # the clock went back, or the schedule was changed under way
    if now - last > GRACE and timer.settings.get("missed") == "skip":
        return None
    timer.found_at = now
    return _arrival(timer, last, now, count - 1)


def document(
    settings: Mapping[str, Any], planned: datetime, now: datetime, missed: int
) -> dict[str, Any]:
    """What a run learns of the time it was started for."""
    schedule = schedule_of(settings)
    local = planned.astimezone(schedule.zone)
    return {
        "scheduled_at": planned.isoformat(),
        "fired_at": now.isoformat(),
        "timezone": schedule.timezone,
        "local_date": local.date().isoformat(),
        "local_time": local.strftime("%H:%M"),
        "missed": missed,
        "input": settings.get("input") or {},
    }


def _arrival(timer: Timer, planned: datetime, now: datetime, missed: int) -> Arrival:
    deployment = timer.deployment
    found = document(timer.settings, planned, now, missed)
    event = connectors.Event(
        entity="schedule",
        id=planned.isoformat(),
        revision="",
        topic="schedule",
        business_key=f"{found['local_date']} {found['local_time']}",
        document=found,
    )
    source = f"flow/{deployment.flow_id}/{deployment.trigger_node}"
    return Arrival(timer.workspace_id, timer.environment, source, event, str(deployment.flow_id))


def _shown(error: IpaasError, now: datetime) -> dict[str, str]:
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "at": now.isoformat(),
    }
