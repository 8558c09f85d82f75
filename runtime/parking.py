"""Runs that wait until a connection is authorised again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from runtime.models import Parked

if TYPE_CHECKING:
    from runtime.store import Turn


def save(turns: Iterable[Turn]) -> None:
    """Remember which runs wait for which connection; inside the transaction that writes them."""
    rows = [
        Parked(
            workspace_id=turn.workspace_id,
            environment=turn.environment,
            connection=connection,
            run_id=turn.run_id,
        )
        for turn in turns
        for connection in turn.plan.parked
    ]
    if rows:
        Parked.objects.bulk_create(rows, ignore_conflicts=True)


def waiting_for(workspace_id: str, environment: str) -> dict[str, int]:
    """How many runs wait, by connection."""
    found: dict[str, int] = {}
    for slug in Parked.objects.filter(
        workspace_id=workspace_id, environment=environment, run__status="waiting"
    ).values_list("connection", flat=True):
        found[slug] = found.get(slug, 0) + 1
    return found
