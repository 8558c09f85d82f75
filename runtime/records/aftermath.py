"""What became of the records that a job retried: told to browsers while their runs are under way.

It is read from the runs themselves, so it is right whatever else people do to them. A job is
followed until none of its runs moves; those that end tell it, and a sweep is only a net.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable

from django.db import DatabaseError
from django.db.models import Count, Exists, OuterRef, QuerySet

from ipaas.core import clock
from runtime.engine import RunStatus
from runtime.live.news import BULK, tell_change
from runtime.live.publisher import list_group
from runtime.live.watchers import watched
from runtime.models import BulkJob, DeadLetter

log = logging.getLogger(__name__)
WENT_THROUGH, UNDER_WAY = "went_through", "under_way"
FAILED_AGAIN, IN_DOUBT, ENDED = "failed_again", "in_doubt", "ended"
KNOWN_S = 1.0  # how long the places of followed jobs are known
MOVING = frozenset({RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING})
_WORDS = {
    RunStatus.SUCCEEDED: WENT_THROUGH,
    RunStatus.FAILED: FAILED_AGAIN,
    RunStatus.IN_DOUBT: IN_DOUBT,
    RunStatus.CANCELLED: ENDED,
    RunStatus.SUPERSEDED: ENDED,
}
_Place = tuple[str, str]  # workspace, environment
_lock = threading.Lock()
_known: tuple[float, frozenset[_Place]] = (float("-inf"), frozenset())


def results(job_ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """By job, how many of its records went through, failed again, are in doubt, or move still.

    A record whose run has failed at one step and goes on at another has failed again.
    """
    wanted = list(job_ids)
    found: dict[str, Counter[str]] = {job_id: Counter() for job_id in wanted}
    stuck = DeadLetter.objects.filter(run_id=OuterRef("run_id"), status="open")
    rows = (
        DeadLetter.objects.filter(retried_by_job__in=wanted)
        .annotate(stuck=Exists(stuck))
        .values_list("retried_by_job", "run__status", "stuck")
        .annotate(n=Count("id"))
        .order_by()
    )
    for job_id, status, is_stuck, n in rows if wanted else ():
        word = FAILED_AGAIN if is_stuck else _WORDS.get(RunStatus(status), UNDER_WAY)
        found[job_id][word] += n
    return {job_id: dict(counts) for job_id, counts in found.items()}


def failed_again(rows: QuerySet[DeadLetter], job_id: str) -> QuerySet[DeadLetter]:
    """Those of these records that a job had retried before they failed."""
    before = DeadLetter.objects.filter(retried_by_job=job_id)
    return rows.exclude(retried_by_job=job_id).filter(run_id__in=before.values("run_id"))


def tell(places: Iterable[_Place]) -> None:
    """Runs have come to rest there: tell whoever looks at a job that retried them. Never raises."""
    groups = {list_group(*place): place for place in places}
    try:
        seen = watched(groups) if groups else set()
        followed = _followed() if seen else frozenset()
        for group in seen:
            if groups[group] in followed:
                tell_change(*groups[group], BULK)
    except DatabaseError:
        log.warning("nobody was told how a job stands", exc_info=True)


def _followed() -> frozenset[_Place]:
    global _known
    now_s = clock.monotonic_s()
    with _lock:
        if now_s - _known[0] < KNOWN_S:
            return _known[1]
    places = BulkJob.objects.filter(followed=True).values_list("workspace_id", "environment")
    found = frozenset(places.distinct())
    with _lock:
        _known = (now_s, found)
    return found


def sweep() -> int:
    """Follow no longer the jobs of which no run moves any more; how many."""
    jobs = BulkJob.objects.filter(followed=True, status__in=("done", "cancelled"))
    rows = {row.id: row for row in jobs[:100]}
    over = [job_id for job_id, found in results(rows).items() if not found.get(UNDER_WAY)]
    BulkJob.objects.filter(id__in=over).update(followed=False)
    for job_id in over:
        tell_change(rows[job_id].workspace_id, rows[job_id].environment, BULK)
    return len(over)
