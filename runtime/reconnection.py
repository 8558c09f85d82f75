"""What happens to runs when a connection is authorised again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Count

from ipaas.core import clock
from runtime import faults
from runtime.children import wake_runs
from runtime.engine import awaited
from runtime.models import Parked
from runtime.parking import PAUSE
from runtime.workers.actors import wake

PAGE = 1_000


def waiting_for_connections(workspace_id: str, environment: str) -> dict[str, int]:
    """How many runs wait for each connection, by its slug."""
    parked = Parked.objects.filter(workspace_id=workspace_id, environment=environment)
    parked = parked.exclude(connection__startswith=awaited.PREFIX)
    parked = parked.exclude(connection__startswith=PAUSE)
    counted = parked.values("connection").annotate(runs=Count("run_id", distinct=True))
    return {row["connection"]: row["runs"] for row in counted if row["connection"]}


def connection_ready(workspace_id: str, environment: str, slug: str) -> int:
    """Let all runs go on that wait for this connection; how many there were."""
    woken = 0
    while True:
        with faults.commits("reconnection.connection_ready"):
            rows = dict(
                Parked.objects.filter(
                    workspace_id=workspace_id, environment=environment, connection=slug
                ).values_list("id", "run_id")[:PAGE]
            )
            Parked.objects.filter(id__in=rows).delete()
            wake_runs(set(rows.values()), clock.now())
        woken += len(rows)
        if len(rows) < PAGE:
            break
    if woken:
        transaction.on_commit(wake)
    return woken
