"""What happens to runs when a connection is authorised again."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Count

from connectors import facade as connectors
from ipaas.core import clock
from runtime import comebacks, faults
from runtime.engine import awaited
from runtime.models import Parked
from runtime.parking import PAUSE
from runtime.triggers import backfill, polling
from runtime.workers.actors import wake

PAGE = 1_000
JUST = timedelta(minutes=1)


def waiting_for_connections(workspace_id: str, environment: str) -> dict[str, int]:
    """How many runs wait for each connection, by its slug."""
    parked = Parked.objects.filter(workspace_id=workspace_id, environment=environment)
    parked = parked.exclude(connection__startswith=awaited.PREFIX)
    parked = parked.exclude(connection__startswith=PAUSE)
    counted = parked.values("connection").annotate(runs=Count("run_id", distinct=True))
    return {row["connection"]: row["runs"] for row in counted if row["connection"]}


def connection_ready(workspace_id: str, environment: str, slug: str) -> int:
    """Let all runs go on that wait for this connection; how many there were."""
    woken, last = 0, 0
    waiting = Parked.objects.filter(
        workspace_id=workspace_id, environment=environment, connection=slug
    )
    while True:
        with faults.commits("reconnection.connection_ready"):
            some = waiting.filter(id__gt=last).order_by("id")
            rows = dict(some.values_list("id", "run_id")[:PAGE])
            woken += comebacks.wake(rows)
        if len(rows) < PAGE:
            break
        last = max(rows)
    if woken:
        transaction.on_commit(wake)
    return woken


def sweep() -> int:
    """Wake what nobody told that its connection works again: runs, and looks that had begun
    before and failed afterwards. How many."""
    looks = {*polling.put_off(), *backfill.put_off()}
    just = clock.now() - JUST
    for place, at in connectors.mended(looks).items():
        if at >= just:
            polling.connection_ready(*place)
            backfill.connection_ready(*place)
    return comebacks.sweep()
