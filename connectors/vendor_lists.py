"""Lists of connected systems that are kept, so that mappings are checked without asking again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.models import VendorList
from connectors.values import Choice
from ipaas.core import clock

KEPT_FOR = timedelta(days=7)
MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list as it was at ``fetched_at``; one that is not ``complete`` has no entries."""

    name: str
    entries: tuple[Choice, ...]
    complete: bool
    fetched_at: datetime


def keep(connection_id: str, name: str, entries: list[Choice], *, complete: bool) -> KeptList:
    """Remember what a system answered, in place of what it answered before."""
    complete = complete and len(entries) < MOST_KEPT
    kept = entries if complete else []
    now = clock.now()
    VendorList.objects.update_or_create(
        connection_id=connection_id,
        name=name,
        defaults={
            "entries": [[entry.value, entry.label] for entry in kept],
            "complete": complete,
            "fetched_at": now,
        },
    )
    return KeptList(name, tuple(kept), complete, now)


def kept_lists(connection_id: str, names: Collection[str]) -> dict[str, KeptList]:
    """What is kept of these lists, by name; one query."""
    rows = VendorList.objects.filter(
        connection_id=connection_id, name__in=names, fetched_at__gt=clock.now() - KEPT_FOR
    )
    return {
        row.name: KeptList(
            row.name,
            tuple(Choice(str(value), str(label)) for value, label in row.entries),
            row.complete,
            row.fetched_at,
        )
        for row in rows
    }


def forget_old() -> int:
    """Remove lists that are too old to check against; how many."""
    return VendorList.objects.filter(fetched_at__lte=clock.now() - KEPT_FOR).delete()[0]
