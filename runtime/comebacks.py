"""Runs that are parked just as what they wait for comes back.

Whoever takes a pause away or mends a connection commits that first and then wakes the runs that are
parked. A run that is parked a moment later was not among them, nor was one that a worker still held
because of another call. The worker that puts it down looks once more (``look_again``), after its
commit, so one of the two sees the other; a sweep looks for those whose worker has died meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.db import DatabaseError
from django.db.models import Q, QuerySet

from connectors import facade as connectors
from ipaas.core import clock
from runtime import children, faults, pausing
from runtime.engine import awaited
from runtime.models import Parked, Run
from runtime.parking import PAUSE

if TYPE_CHECKING:
    from runtime.store import Record

log = logging.getLogger(__name__)
AT_ONCE = 500
_Place = tuple[str, str, str]  # workspace, environment, and the name under which runs wait


def wake(rows: Mapping[int, str]) -> int:
    """Wake the runs of these rows (ids of runs by id of the row), inside the caller's transaction.

    How many. What a worker holds keeps its row: whoever has it looks again when putting it down.
    Runs are locked before their rows go, as workers do.
    """
    run_ids = set(rows.values())
    children.wake_runs(run_ids, clock.now())
    free = set(Run.objects.filter(id__in=run_ids, owner="").values_list("id", flat=True))
    gone = [row_id for row_id, run_id in rows.items() if run_id in free]
    Parked.objects.filter(id__in=gone).delete()
    return len(gone)


def look_again(records: Iterable[Record]) -> None:
    """Wake those of these runs, just put down, that wait for what is there already."""
    run_ids = [
        record.claim.run_id
        for record in records
        if _stands_still(record) and any(s.parked for s in record.plan.snapshot.steps.values())
    ]
    try:
        if run_ids:
            _wake(Parked.objects.filter(run_id__in=run_ids))
    except DatabaseError:
        log.warning("%d runs may stand still until the next sweep", len(run_ids), exc_info=True)


def _stands_still(record: Record) -> bool:
    return not any(state.under_way for state in record.plan.snapshot.steps.values())


def sweep(limit: int = AT_ONCE) -> int:
    """Wake runs that wait for what is there already; how many."""
    return _wake(Parked.objects.all(), limit)


def _wake(rows: QuerySet[Parked], limit: int = AT_ONCE) -> int:
    rows = rows.exclude(connection__startswith=awaited.PREFIX)  # those have ``held``
    places = set(rows.values_list("workspace_id", "environment", "connection").distinct())
    over: list[_Place] = []
    rest: list[_Place] = []
    for place in places:
        (over if place[2].startswith(PAUSE) else rest).append(place)
    back: list[tuple[_Place, Q]] = [(place, Q()) for place in pausing.over(over)]
    # Only those whose call left before the connection was mended: others were refused by what is
    # there now. An older version did not note when.
    back += [
        (place, Q(since__lte=at) | Q(since=None)) for place, at in connectors.mended(rest).items()
    ]
    woken = 0
    for (workspace_id, environment, name), which in back:
        found = rows.filter(which, workspace_id=workspace_id, environment=environment)
        with faults.commits("comebacks.wake"):
            named = found.filter(connection=name).order_by("id")
            woken += wake(dict(named.values_list("id", "run_id")[:limit]))
    return woken
