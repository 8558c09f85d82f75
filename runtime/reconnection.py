"""What happens to runs when a connection is authorised again."""

from __future__ import annotations

from django.db import transaction

from ipaas.core import clock
from runtime.children import wake_runs
from runtime.models import Parked
from runtime.workers.actors import wake

PAGE = 1_000


def connection_ready(workspace_id: str, environment: str, slug: str) -> int:
    """Let all runs go on that wait for this connection; how many there were."""
    woken = 0
    while True:
        with transaction.atomic():
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
