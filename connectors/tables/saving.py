"""One save of a lookup table: rows of the next version, seen by nobody before it is complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from connectors.models import LookupRow, LookupTable, LookupVersion
from connectors.tables.cells import Column, search_text
from connectors.tables.values import Version
from ipaas.core import clock
from ipaas.core.errors import Conflict, TooLarge
from ipaas.tenancy import facade as tenancy

SavedListener = Callable[[str, str, Sequence[str]], Any]
_listeners: list[SavedListener] = []
MOST_ROWS = 500_000
BATCH = 2_000
LOCK = timedelta(minutes=10)


class TableChanged(Conflict):
    """Somebody saved the table since it was read."""

    code = "lookup.changed"


class TableBusy(Conflict):
    """A large save of the table is under way."""

    code = "lookup.busy"


def register_saved_listener(listener: SavedListener) -> None:
    """Let a higher app go on with what waited: ``listener(workspace_id, environment, names)``.

    It is told after a save is committed; ``names`` are the table's slug and its name.
    """
    if listener not in _listeners:
        _listeners.append(listener)


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows to close, by their ids, and rows to add, by their keys; a changed row is in both."""

    close: Sequence[int]
    add: Mapping[str, dict[str, Any]]
    changed: int


def rows_at(table_id: str, version: int) -> QuerySet[LookupRow]:
    """The rows of the table as of a version."""
    return LookupRow.objects.filter(
        Q(removed_in__isnull=True) | Q(removed_in__gt=version),
        table_id=table_id,
        added_in__lte=version,
    )


def save(
    row: LookupTable,
    plan: Plan,
    *,
    columns: Sequence[Column],
    action: str,
    note: str,
    actor: Any,
    details: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Version | None:
    """The version this save made, or None if there was nothing to save.

    Raises TableChanged if ``row`` is not the newest version any more. A large save goes in pieces,
    so that other writers are not kept waiting; if it dies half way, the next save sweeps up.
    ``changes`` are fields of the table that become true together with the rows.
    """
    if not plan.close and not plan.add and not changes:
        return None
    rows = row.row_count - len(plan.close) + len(plan.add)
    if rows > MOST_ROWS:
        raise TooLarge(
            f"A lookup table has at most {MOST_ROWS:,} rows.", hint="Split it by a key column."
        )
    following = row.version + 1
    at_once = len(plan.close) + len(plan.add) <= BATCH
    with transaction.atomic() if at_once else _unlocked_after_failure(row):
        _lock(row)
        _sweep(row)
        _write(row.id, following, plan, columns)
        with transaction.atomic():
            return _finish(row, following, plan, rows, action, note, actor, details, changes or {})


@contextmanager
def _unlocked_after_failure(row: LookupTable) -> Iterator[None]:
    """Free the table at once when a save in pieces fails, except for somebody else's lock."""
    try:
        yield
    except TableBusy:
        raise
    except BaseException:
        LookupTable.objects.filter(id=row.id, version=row.version).update(saving_until=None)
        raise


def _lock(row: LookupTable) -> None:
    now = clock.now()
    free = Q(saving_until__isnull=True) | Q(saving_until__lt=now)
    mine = LookupTable.objects.filter(free, id=row.id, version=row.version)
    if mine.update(saving_until=now + LOCK):
        return
    if LookupTable.objects.filter(id=row.id, version=row.version).exists():
        raise TableBusy("This table is being saved right now.", hint="Try again in a minute.")
    raise changed_meanwhile()


def changed_meanwhile() -> TableChanged:
    """Refusal of a change to a version that is not the newest any more."""
    return TableChanged(
        "Somebody else saved this table in the meantime.",
        hint="Look at the newest rows, then make your changes again.",
    )


def _sweep(row: LookupTable) -> None:
    """Undo what a save that died half way left behind."""
    LookupRow.objects.filter(table_id=row.id, added_in__gt=row.version).delete()
    LookupRow.objects.filter(table_id=row.id, removed_in__gt=row.version).update(removed_in=None)


def _write(table_id: str, version: int, plan: Plan, columns: Sequence[Column]) -> None:
    for start in range(0, len(plan.close), 500):
        LookupRow.objects.filter(
            table_id=table_id, id__in=plan.close[start : start + 500], removed_in__isnull=True
        ).update(removed_in=version)
    waiting = iter(plan.add.items())
    while batch := list(islice(waiting, BATCH)):
        LookupRow.objects.bulk_create(
            [
                LookupRow(
                    table_id=table_id,
                    key=key,
                    values=values,
                    search=search_text(columns, values),
                    added_in=version,
                )
                for key, values in batch
            ]
        )


def _finish(
    row: LookupTable,
    number: int,
    plan: Plan,
    rows: int,
    action: str,
    note: str,
    actor: Any,
    details: Mapping[str, Any] | None,
    changes: Mapping[str, Any],
) -> Version:
    now = clock.now()
    made = LookupVersion.objects.create(
        table_id=row.id,
        number=number,
        action=action,
        note=note.strip()[:300],
        author=name_of(actor),
        added=len(plan.add) - plan.changed,
        changed=plan.changed,
        removed=len(plan.close) - plan.changed,
        row_count=rows,
        created_at=now,
    )
    updated = LookupTable.objects.filter(id=row.id, version=row.version).update(
        version=number, row_count=rows, saving_until=None, changed_at=now, **changes
    )
    if not updated:
        raise changed_meanwhile()
    counts = {"added": made.added, "changed": made.changed, "removed": made.removed}
    tenancy.record_audit(
        row.workspace_id,
        actor,
        f"lookup.{action}",
        f"lookup:{row.id}",
        {"table": row.slug, "environment": row.environment, "version": number, **counts}
        | dict(details or {}),
    )
    transaction.on_commit(lambda: _tell(row), robust=True)
    return version_value(made)


def _tell(row: LookupTable) -> None:
    for listener in _listeners:
        listener(row.workspace_id, row.environment, (row.slug, row.name))


def name_of(actor: Any) -> str:
    """How a person is called in a list of versions."""
    if isinstance(actor, str):
        return actor
    return str(actor.get_full_name() or actor.get_username())[:160]


def version_value(row: LookupVersion) -> Version:
    """The version as a value."""
    return Version(
        number=row.number,
        action=row.action,
        note=row.note,
        author=row.author,
        added=row.added,
        changed=row.changed,
        removed=row.removed,
        row_count=row.row_count,
        created_at=row.created_at,
    )
