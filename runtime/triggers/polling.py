"""Vendors are asked what changed: claimed like runs, events and cursor in one commit."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.db.models import F

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.errors import IpaasError, Recovery
from runtime import faults
from runtime.limits import looks
from runtime.limits.keeper import Want
from runtime.live.news import tell_change, trigger_of
from runtime.models import Deployment, Timer
from runtime.triggers import arrivals
from runtime.triggers.arrivals import Arrival, Start, Stored

log = logging.getLogger(__name__)
KIND = "trigger.poll"
LEASE = timedelta(seconds=20)  # renewed while a look is under way; repeated after it if killed
LATE = timedelta(seconds=5)
LIMIT = 500
_SLOWEST_S = 600  # between tries while nobody needs to mend anything
_HOPELESS_S = 900  # between tries when only a person can mend it


@dataclass(frozen=True, slots=True)
class Look:
    """A poll that this scheduler carries until its lease ends."""

    timer_id: int
    fence: int
    ref: connectors.ConnectionRef
    operation: str
    inputs: dict[str, Any]
    cursor: dict[str, Any] | None
    since: datetime | None


def claim(worker: str) -> Look | None:
    """The poll that has been due for longest, now this worker's for one lease."""
    now = clock.now()
    due = Timer.objects.filter(kind=KIND, due_at__lte=now)
    if not due.exists():
        return None
    with faults.commits("polling.claim"):
        timer = (
            due.select_for_update(skip_locked=True, of=("self",))
            .select_related("deployment")
            .order_by("due_at")
            .first()
        )
        if timer is None:
            return None
        Timer.objects.filter(pk=timer.pk).update(
            due_at=now + LEASE, owner=worker, fence=F("fence") + 1
        )
        tell_timer(timer)
    deployment = timer.deployment
    return Look(
        timer.pk,
        timer.fence + 1,
        connectors.ConnectionRef(timer.workspace_id, timer.environment, str(deployment.connection)),
        str(deployment.operation),
        timer.settings.get("inputs") or {},
        timer.cursor,
        _begins(timer, now),
    )


def _begins(timer: Timer, now: datetime) -> datetime | None:
    """Where a first look begins: now, or when it was due if it failed, died or came late."""
    if timer.cursor is not None or timer.planned_at is None:
        return None
    late = now - timer.planned_at >= LATE
    return timer.planned_at if timer.failures or late else None


def renew(look: Look) -> None:
    """Keep the claim of a look that is under way."""
    held = Timer.objects.filter(pk=look.timer_id, fence=look.fence).exclude(owner="")
    held.update(due_at=clock.now() + LEASE)


def connection_ready(workspace_id: str, environment: str, slug: str) -> int:
    """Ask a system again at once whose connection works again; how many looks that are."""
    now = clock.now()
    failing = Timer.objects.filter(
        kind=KIND,
        workspace_id=workspace_id,
        environment=environment,
        deployment__connection=slug,
        failures__gt=0,
        due_at__gt=now,
        owner="",
    )
    return failing.update(due_at=now)


def put_off() -> list[tuple[str, str, str]]:
    """Connections (workspace, environment, slug) that are asked later because a look failed."""
    late = Timer.objects.filter(kind=KIND, failures__gt=0, due_at__gt=clock.now(), owner="")
    named = late.values_list("workspace_id", "environment", "deployment__connection")
    return list(named.distinct())


def release_claims() -> int:
    """Make all claimed looks due at once; only for a process that knows it is the only one."""
    held = Timer.objects.filter(kind=KIND, due_at__isnull=False).exclude(owner="")
    return held.update(due_at=clock.now(), owner="", fence=F("fence") + 1)


def carry(look: Look) -> list[str]:
    """Ask the vendor and commit what it says; ids of the runs that started.

    While the vendor's limits or its silence forbid it, nothing is asked. A look that lost its claim
    (the flow was switched off, or the lease ended) commits nothing: the next one asks from the same
    cursor.
    """
    want = Want(f"poll:{look.timer_id}", look.ref, look.operation)
    if until := looks.held_until(want):
        _put_off(look, until)
        return []
    faults.point("poll.before_send")
    try:
        with looks.told(want):
            polled = connectors.poll(
                look.ref,
                look.operation,
                look.cursor,
                inputs=look.inputs,
                since=look.since,
                limit=LIMIT,
            )
    except Exception as error:  # whatever it was: it is shown, and tried again
        _fail(look, error)
        return []
    faults.point("poll.after_reply")
    found = [
        Arrival(look.ref.workspace_id, look.ref.environment, look.ref.slug, event, flow_id=None)
        for event in polled.events
    ]
    now = clock.now()
    try:
        with faults.commits("poll"):
            timer = _held(look)
            if timer is None:
                return []
            stored = arrivals.store(found)
            runs = _take(timer.deployment, found, stored)
            timer.cursor = polled.cursor
            timer.acted_at = timer.updated_at = now
            timer.found_at = now if found else timer.found_at
            timer.failures, timer.error, timer.owner = 0, None, ""
            timer.due_at = now if polled.more else now + timedelta(seconds=every_s(timer))
            timer.save()
            tell_timer(timer)
    except DatabaseError:
        raise  # the look is repeated when its claim ends
    except Exception as error:  # one document that cannot be kept: shown, and not skipped
        _fail(look, error)
        return []
    arrivals.announce(stored, found)
    return runs


def every_s(timer: Timer) -> int:
    """Seconds between two looks, as the flow sets it."""
    return max(1, int(timer.settings.get("every_s") or 300))


def _take(deployment: Deployment, found: list[Arrival], stored: Stored) -> list[str]:
    runs = [run for ids in stored.new.values() for run in ids]
    runs += [run for ids in stored.late.values() for run in ids]
    known = [
        arrival
        for arrival in found
        if arrival.place not in stored.new
        and arrival.place not in stored.late
        and arrivals.listens(deployment, arrival)
    ]
    return runs + arrivals.start_known(Start(deployment), known, dismissed=False)


def _held(look: Look) -> Timer | None:
    """The timer, locked, if this look still holds it."""
    return (
        Timer.objects.select_for_update(of=("self",))
        .select_related("deployment")
        .filter(pk=look.timer_id, fence=look.fence, deployment__active=True)
        .first()
    )


def _put_off(look: Look, until: datetime) -> None:
    """Not a failure: the look has not left."""
    held = Timer.objects.filter(pk=look.timer_id, fence=look.fence).exclude(owner="")
    held.update(due_at=until, owner="")


def _fail(look: Look, error: Exception) -> None:
    if not isinstance(error, IpaasError):
        log.error("a poll of %s failed", look.operation, exc_info=error)
    now = clock.now()
    with faults.commits("polling.fail"):
        timer = _held(look)
        if timer is None:
            return
        timer.failures += 1
        timer.error = problem_of(error, now)
        timer.due_at = now + pause_after(error, timer.failures, every_s(timer))
        timer.owner, timer.updated_at = "", now
        timer.save()
        tell_timer(timer)


def tell_timer(timer: Timer) -> None:
    """Tell browsers that the trigger stands differently."""
    tell_change(timer.workspace_id, timer.environment, trigger_of(timer.deployment.flow_id))


def pause_after(error: Exception, failures: int, every_s: int) -> timedelta:
    """How long to wait after so many failures in a row: longer each time, never all at once."""
    recovery = getattr(error, "recovery", Recovery.GIVE_UP)
    asked = getattr(error, "retry_after_s", None)
    if asked is None and recovery is not Recovery.RETRY:
        wait = float(max(every_s, _HOPELESS_S))
    else:
        wait = min(_SLOWEST_S, 5 * 2 ** min(failures, 12)) * random.uniform(0.5, 1.0)
    return timedelta(seconds=max(wait, float(asked or 0)))


def problem_of(error: Exception, now: datetime) -> dict[str, Any]:
    """What a person is shown of a failure."""
    if isinstance(error, IpaasError):
        found = {"code": error.code, "message": error.message, "hint": error.hint}
    else:
        found = {
            "code": "trigger.failed",
            "message": "The connected system could not be asked.",
            "hint": "The server's log says more; it is tried again.",
        }
    return {**found, "at": now.isoformat()}
