"""Lists of connected systems that are kept, so that mappings are checked without asking again.

A list is read in portions, each in a commit of its own, so that one of many thousand entries is
never in memory as a whole and a reading that was left goes on where it was.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce

from django.db import transaction
from django.db.models import Q, QuerySet

from connectors.models import VALUE_CHARACTERS, VendorList, VendorListEntry
from connectors.values import Choice
from ipaas.core import clock

KEPT_FOR = timedelta(days=7)
MOST_KEPT = 50_000
SHORT = 1000
"""A list of up to so many entries is handed out as a whole."""
_READING_FOR = timedelta(hours=1)
_MANY = 500
_LIKE = 200
_WORD = re.compile(r"\w{2,}")


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list as it was at ``fetched_at``.

    ``complete`` is False for one that is too long to be kept (``count`` is then how many were read
    before that was found) and None while its first reading has not ended. ``got`` are the entries
    of a reading that goes on; None where none does.
    """

    id: int
    name: str
    round: int
    count: int
    complete: bool | None
    fetched_at: datetime
    got: int | None = None

    @property
    def whole(self) -> bool:
        """Whether all of it may be handed out at once."""
        return self.complete is True and self.count <= SHORT


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of a list that is under way, and how many entries it has."""

    list_id: int
    round: int
    got: int


def kept_lists(connection_id: str, names: Collection[str]) -> dict[str, KeptList]:
    """What is kept of these lists, by name, without their entries; one query."""
    now = clock.now()
    rows = VendorList.objects.filter(
        connection_id=connection_id, name__in=names, fetched_at__gt=now - KEPT_FOR
    )
    return {row.name: _kept(row, now) for row in rows}


def _kept(row: VendorList, now: datetime) -> KeptList:
    complete = True if row.round else False if row.too_long else None
    got = row.got if _goes_on(row, now) else None
    return KeptList(row.pk, row.name, row.round, row.count, complete, row.fetched_at, got)


def _goes_on(row: VendorList, now: datetime) -> bool:
    return bool(row.reading and row.began_at and row.began_at > now - _READING_FOR)


# --- entries ------------------------------------------------------------------------------------


def entries_of(kept: KeptList, most: int = SHORT) -> list[Choice]:
    """The first entries, in the order of their labels."""
    return _choices(_entries(kept).order_by("label", "value")[:most])


def entries_among(kept: KeptList, values: Collection[str]) -> dict[str, str]:
    """Those of the values that the list has, each with its label; a query for 500 of them."""
    by_stored: dict[str, list[str]] = {}
    for value in values:
        by_stored.setdefault(value[:VALUE_CHARACTERS], []).append(value)
    wanted, found = list(by_stored), {}
    for start in range(0, len(wanted), _MANY):
        some = _entries(kept).filter(value__in=wanted[start : start + _MANY])
        for stored, label in some.values_list("value", "label"):
            found.update(dict.fromkeys(by_stored[stored], label))
    return found


def entries_like(kept: KeptList, text: str) -> list[Choice]:
    """Entries to choose the likest from: all of a short list, else those that share a word."""
    if kept.whole:
        return entries_of(kept)
    words = _WORD.findall(text)[:6]
    if not words:
        return []
    # Pieces of words too, as what was typed wrongly is in no label.
    pieces = dict.fromkeys(piece for word in words for piece in (word, word[:3], word[-3:]))
    asked = [Q(label__icontains=piece) for piece in pieces] + [Q(value__startswith=words[0][:3])]
    return _choices(_entries(kept).filter(reduce(operator.or_, asked))[:_LIKE])


def _entries(kept: KeptList) -> QuerySet[VendorListEntry]:
    return VendorListEntry.objects.filter(list_id=kept.id, round=kept.round)


def _choices(rows: Iterable[VendorListEntry]) -> list[Choice]:
    return [Choice(row.value, row.label) for row in rows]


# --- reading ------------------------------------------------------------------------------------


@transaction.atomic
def begin(connection_id: str, name: str) -> Reading:
    """A new reading of a list, or the one that is under way."""
    VendorList.objects.get_or_create(connection_id=connection_id, name=name)
    row = VendorList.objects.select_for_update().get(connection_id=connection_id, name=name)
    now = clock.now()
    if not _goes_on(row, now):
        row.reading, row.got, row.began_at = max(row.round, row.reading) + 1, 0, now
        row.save()
        row.entries.exclude(round=row.round).delete()
    return Reading(row.pk, row.reading, row.got)


@transaction.atomic
def add(reading: Reading, entries: Sequence[Choice]) -> Reading | None:
    """The reading with a portion more; None if somebody else has read this portion meanwhile."""
    made = {
        entry.value[:VALUE_CHARACTERS]: VendorListEntry(
            list_id=reading.list_id,
            round=reading.round,
            value=entry.value[:VALUE_CHARACTERS],
            label=entry.label[:VALUE_CHARACTERS],
        )
        for entry in entries
    }
    got = reading.got + len(entries)
    here = VendorList.objects.filter(
        id=reading.list_id, reading=reading.round, got=reading.got
    ).update(got=got)
    if not here:
        return None
    VendorListEntry.objects.bulk_create(made.values(), batch_size=_MANY, ignore_conflicts=True)
    return Reading(reading.list_id, reading.round, got)


@transaction.atomic
def finish(reading: Reading, *, too_long: bool = False) -> None:
    """What was read takes the place of what was known; of a list that is too long, nothing."""
    row = VendorList.objects.select_for_update().get(id=reading.list_id)
    if row.reading != reading.round:
        return
    row.too_long = too_long
    row.round = 0 if too_long else reading.round
    row.reading = row.got = 0
    row.entries.exclude(round=row.round).delete()
    row.count = reading.got if too_long else row.entries.count()
    row.fetched_at = clock.now()
    row.save()


def keep(connection_id: str, name: str, entries: list[Choice]) -> None:
    """Remember a list that was answered as a whole, unless it is just being read in portions."""
    reading = begin(connection_id, name)
    added = add(reading, entries) if reading.got == 0 else None
    if added is not None:
        finish(added)


def forget(connection_id: str) -> None:
    """Nothing is known any more: the connection may lead to another account now."""
    VendorListEntry.objects.filter(list__connection_id=connection_id).delete()
    VendorList.objects.filter(connection_id=connection_id).delete()


def forget_old() -> int:
    """Remove lists that are too old to check against; how many."""
    old = VendorList.objects.filter(fetched_at__lte=clock.now() - KEPT_FOR)
    VendorListEntry.objects.filter(list__in=old).delete()
    return old.delete()[1].get("connectors.VendorList", 0)
