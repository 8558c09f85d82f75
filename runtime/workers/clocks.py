"""What a clock that ran ahead has left behind: claims and timers that end impossibly late.

A claim ends some seconds after the time at which it was made. One that ends much later was made by
a clock that showed a later time and was set right since; if its holder has died, nobody would come
for it before that time. To look at the timers of all runs takes long where many wait, so that is
done only after some process has shown a time that has not come yet (``note_time``).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ipaas.core import clock
from ipaas.core.errors import IpaasError
from runtime import faults, store
from runtime.models import Backfill, BulkJob, Lease, Pruning, Run, Timer
from runtime.records import bulk
from runtime.retention import keeper
from runtime.triggers import polling, schedules
from runtime.triggers.cron import schedule_of
from runtime.workers import waiting

MARGIN = timedelta(minutes=2)  # clocks of several machines may differ
LONGEST_PAUSE = timedelta(hours=25)  # that a system which does not answer well is left alone
_SOME = 500
_LATEST = "clock"  # the row that holds the latest time that any process has shown


def note_time() -> None:
    """Keep the latest time that a process of this installation has shown."""
    now = clock.now()
    row = Lease.objects.filter(name=_LATEST)
    if not row.filter(until__lt=now).update(until=now):
        Lease.objects.get_or_create(name=_LATEST, defaults={"until": now})


def set_right() -> int:
    """Make due what could not be due so late; how many things there were."""
    now = clock.now()
    latest = Lease.objects.filter(name=_LATEST).values_list("until", flat=True).first()
    found = _runs(now) + _timers(now) + _work(now)
    if found or (latest is not None and latest > now + MARGIN):
        found += waiting.set_right(now)
        # Unless a clock has gone further ahead meanwhile: then it is looked at again.
        Lease.objects.filter(name=_LATEST, until=latest).update(until=now)
    return found


def _runs(now: datetime) -> int:
    freed = 0
    for priority in store.PRIORITIES:
        late = Run.objects.filter(priority=priority, due_at__gt=now + store.LEASE + MARGIN)
        freed += late.exclude(owner="").update(due_at=now)
    return freed


def _timers(now: datetime) -> int:
    late = Timer.objects.filter(due_at__gt=now + MARGIN).select_related("deployment")
    mended = 0
    for timer in late.order_by("id").iterator(chunk_size=_SOME):
        due_at = _should_be_due(timer, now)
        if timer.due_at is not None and due_at < timer.due_at - MARGIN:
            with faults.commits("clocks.timer"):
                rows = Timer.objects.filter(pk=timer.pk, fence=timer.fence, due_at=timer.due_at)
                planned = due_at if timer.kind == schedules.KIND else timer.planned_at
                mended += rows.update(due_at=due_at, planned_at=planned)
    return mended


def _should_be_due(timer: Timer, now: datetime) -> datetime:
    """The latest time for which a clock that goes right would have set the timer."""
    if timer.kind == schedules.KIND:
        never = datetime.max.replace(tzinfo=now.tzinfo)
        try:
            return schedule_of(timer.settings).next(now) or never
        except IpaasError:
            return never  # it is shown as wrong
    if timer.owner:
        return now + polling.LEASE
    return now + max(
        LONGEST_PAUSE if timer.failures else timedelta(0),
        timedelta(seconds=polling.every_s(timer)),
    )


def _work(now: datetime) -> int:
    backfills = Backfill.objects.filter(due_at__gt=now + LONGEST_PAUSE)
    jobs = BulkJob.objects.filter(due_at__gt=now + bulk.LEASE + MARGIN)
    tidying = Pruning.objects.filter(due_at__gt=now + keeper.EVERY + MARGIN)
    return sum(rows.update(due_at=now) for rows in (backfills, jobs, tidying))
