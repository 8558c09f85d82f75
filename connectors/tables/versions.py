"""Versions of a lookup table: listed, compared, brought back; and rows read by new rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.models import LookupTable, LookupVersion
from connectors.tables.cells import RowInvalid, Shape, TableInvalid
from connectors.tables.reading import TableNotFound, table_row, table_value
from connectors.tables.saving import Plan, rows_at, save, version_value
from connectors.tables.values import Comparison, Difference, Version
from ipaas.tenancy.paging import Page, cut

SHOWN_DIFFERENCES = 500


def list_versions(
    workspace_id: str, table_id: str, *, cursor: str | None = None, limit: int = 50
) -> Page[Version]:
    """What was saved, newest first."""
    row = table_row(workspace_id, table_id)
    versions = LookupVersion.objects.filter(table_id=row.id)
    return cut(versions, "-number", cursor=cursor, limit=limit).map(version_value)


def compare(workspace_id: str, table_id: str, before: int, after: int) -> Comparison:
    """How the rows of version ``after`` differ from those of ``before``."""
    row = table_row(workspace_id, table_id)
    low, high = min(before, after), max(before, after)
    _known_version(row, low)
    _known_version(row, high)
    gone = rows_at(row.id, low).filter(removed_in__lte=high)
    come = rows_at(row.id, high).filter(added_in__gt=low)
    if before > after:
        gone, come = come, gone
    old = {r.key: r.values for r in gone.only("key", "values").iterator()}
    new = {r.key: r.values for r in come.only("key", "values").iterator()}
    keys = sorted(old.keys() | new.keys())
    rows = [Difference(key, old.get(key), new.get(key)) for key in keys]
    rows = [found for found in rows if found.before != found.after]
    changed = sum(found.before is not None and found.after is not None for found in rows)
    added = sum(found.before is None for found in rows)
    return Comparison(added, changed, len(rows) - added - changed, tuple(rows[:SHOWN_DIFFERENCES]))


def roll_back(
    workspace_id: str, table_id: str, number: int, *, actor: Any, note: str = ""
) -> Version | None:
    """The new version that has the rows of version ``number`` again.

    None if they are the same. Raises TableInvalid if old rows do not fit today's columns.
    """
    row = table_row(workspace_id, table_id)
    _known_version(row, number)
    shape = table_value(row).shape
    since = rows_at(row.id, row.version).filter(added_in__gt=number)
    newer = {found.key: found for found in since.only("id", "key", "values").iterator()}
    missing = rows_at(row.id, number).filter(removed_in__lte=row.version)
    old = _read_all(shape, (found.values for found in missing.iterator()))
    same = {key for key in old if key in newer and newer[key].values == old[key]}
    add = {key: values for key, values in old.items() if key not in same}
    close = [found.id for key, found in newer.items() if key not in same]
    plan = Plan(close, add, len(add.keys() & newer.keys()))
    note = note or f"Back to version {number}"
    facts = {"to": number}
    return save(
        row,
        plan,
        columns=shape.columns,
        action="rolled_back",
        note=note,
        actor=actor,
        details=facts,
    )


def reshaped(row: LookupTable, before: Shape, after: Shape) -> Plan:
    """Every row as the new rules read it; only those that differ are written."""
    current = list(rows_at(row.id, row.version).only("id", "key", "values").iterator())
    names = {column.name for column in after.columns}
    gone = bool({column.name for column in before.columns} - names)
    old = {
        found.key: {name: found.values.get(name) for name in names} if not gone else found.values
        for found in current
    }
    read = _read_all(after, (found.values for found in current))
    fresh = {key: values for key, values in read.items() if old.get(key) != values}
    close = [found.id for found in current if found.key not in read or found.key in fresh]
    return Plan(close, fresh, len(fresh))


def _read_all(shape: Shape, rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Rows by key as ``shape`` reads them; raises TableInvalid at the first that does not fit."""
    known = {column.name for column in shape.columns}
    found: dict[str, dict[str, Any]] = {}
    for values in rows:
        try:
            key, read = shape.row({name: v for name, v in values.items() if name in known})
        except RowInvalid as error:
            name, fault = next(iter(error.faults.items()))
            raise TableInvalid(
                f"A row does not fit: {fault}",
                hint=f"Correct the column {name} first, or choose another type.",
            ) from error
        if key in found:
            raise TableInvalid(
                f"Two rows would have the key “{key[:80]}”.",
                hint="Change one of them first, or choose other key columns.",
            )
        found[key] = read
    return found


def _known_version(row: LookupTable, number: int) -> None:
    if not LookupVersion.objects.filter(table_id=row.id, number=number).exists():
        raise TableNotFound(
            f"The table has no version {number}.", hint="Choose one from the list of versions."
        )
