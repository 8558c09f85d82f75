"""Runs that wait until a connection is authorised again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ipaas.core import clock
from runtime.models import Parked

if TYPE_CHECKING:
    from runtime.store import Turn

PAUSE = "pause/"


def is_pause(parked: str | None) -> bool:
    """Whether a step waits for the end of a pause."""
    return parked is not None and parked.startswith(PAUSE)


def pause_key(kind: str, ref: str) -> str:
    """The name under which runs wait for the end of a pause."""
    return f"{PAUSE}{kind}/{ref}"[:80]


def save(turns: Iterable[Turn]) -> None:
    """Remember which runs wait for which connection; inside the transaction that writes them."""
    rows: list[Parked] = []
    for turn in turns:
        if turn.plan.unparked:
            Parked.objects.filter(run_id=turn.run_id, connection__in=turn.plan.unparked).delete()
        rows.extend(
            Parked(
                workspace_id=turn.workspace_id,
                environment=turn.environment,
                connection=connection,
                run_id=turn.run_id,
                since=turn.called_at or clock.now(),
            )
            for connection in turn.plan.parked
        )
    if rows:
        Parked.objects.bulk_create(rows, ignore_conflicts=True)
