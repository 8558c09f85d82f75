"""How a flow's trigger stands, for people: what starts it, when next, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings

from ipaas.core import clock
from ipaas.core.errors import Conflict, IpaasError
from runtime import faults
from runtime.models import Timer
from runtime.triggers import arming, backfill, missed, polling
from runtime.triggers.cron import Schedule, schedule_of
from runtime.triggers.manual import deployment_of

NEXT_FIRES = 5


class NothingToAsk(Conflict):
    """The flow's trigger asks nobody, so it cannot be hurried."""

    code = "trigger.nothing_to_ask"


def trigger_status(workspace_id: str, environment: str, flow_id: str) -> dict[str, Any]:
    """State of a live flow's trigger; raises TriggerNotFound."""
    deployment = deployment_of(workspace_id, environment, flow_id)
    timer = Timer.objects.filter(deployment=deployment).first()
    return {
        "flow_id": flow_id,
        "environment": environment,
        "node_id": deployment.trigger_node,
        "kind": deployment.trigger_type,
        "active": deployment.active,
        "connection": deployment.connection or None,
        "operation": deployment.operation or None,
        "webhook_url": deployment.hook_token and address(deployment.hook_token),
        "timer": timer and _timer(timer),
        "missed": missed.count(deployment),
        "can_backfill": backfill.can_backfill(deployment),
    }


def address(token: str) -> str:
    """What a sender is given."""
    return f"{settings.PUBLIC_URL}/hooks/{token}"


def poll_now(workspace_id: str, environment: str, flow_id: str) -> None:
    """Ask the connected system at once; raises NothingToAsk for other triggers."""
    deployment = deployment_of(workspace_id, environment, flow_id)
    with faults.commits("status.poll_now"):
        timer = (
            Timer.objects.select_for_update()
            .filter(deployment=deployment, kind=polling.KIND)
            .first()
        )
        if timer is None or not deployment.active:
            raise NothingToAsk(
                "This flow does not ask a connected system, or it is switched off.",
                hint="Only “Ask for changes” can be hurried.",
            )
        if not timer.owner:  # else a look is under way
            timer.due_at = clock.now()
            timer.save(update_fields=["due_at"])
            polling.tell_timer(timer)


def preview(given: dict[str, Any], after: datetime | None) -> dict[str, Any]:
    """A schedule in words, and its next fire times; raises ScheduleWrong."""
    schedule = schedule_of(given)
    return {
        "cron": schedule.expression,
        "timezone": schedule.timezone,
        "description": schedule.describe(),
        "next": fires(schedule, after or clock.now()),
    }


def fires(schedule: Schedule, after: datetime) -> list[dict[str, str]]:
    """The next fire times, as instants and as the clock on the wall there shows them."""
    coming: Iterator[datetime] = schedule.after(after)
    return [
        {"at": fire.isoformat(), "local": fire.astimezone(schedule.zone).isoformat()}
        for fire in islice(coming, NEXT_FIRES)
    ]


def _timer(timer: Timer) -> dict[str, Any]:
    found = {
        "next_at": timer.due_at and timer.due_at.isoformat(),
        "acted_at": timer.acted_at and timer.acted_at.isoformat(),
        "found_at": timer.found_at and timer.found_at.isoformat(),
        "under_way": bool(timer.owner),
        "failures": timer.failures,
        "error": timer.error,
        "every_s": polling.every_s(timer) if timer.kind == polling.KIND else None,
        "cursor": timer.cursor,
        "description": None,
        "next": [],
    }
    if timer.kind == arming.SCHEDULE:
        try:
            schedule = schedule_of(timer.settings)
        except IpaasError:
            return found
        found["description"] = f"{schedule.describe()} ({schedule.timezone})"
        if timer.due_at is not None:
            found["next"] = fires(schedule, clock.now())
    return found
