"""What mappings ask of a workspace: lookup tables, cross-references and exchange rates."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.models import CrossReferenceRow, LookupTable
from connectors.tables.reading import table_value
from connectors.tables.saving import rows_at
from connectors.tables.values import Table
from ipaas.core.errors import NotFound
from ipaas.mapping.resources import MISSING, KeyHeld, Missing, Resources

IN_MEMORY_ROWS = 20_000
IN_MEMORY_TOTAL = 200_000
REMEMBERED_KEYS = 20_000
KEYS_A_QUERY = 500


class LookupTableUnknown(NotFound):
    """A flow names a lookup table that the environment does not have."""

    code = "lookup.unknown_table"


class LookupColumnUnknown(NotFound):
    """A flow asks for a column that the table does not have."""

    code = "lookup.unknown_column"


def resources(workspace_id: str, environment: str) -> Resources:
    """Answers for one piece of work: all of it sees the same versions of the tables.

    The first question costs one query for all tables; small tables are then answered from the
    memory of this process, which is kept by version and so never stale. Rows of large tables are
    read one by one and remembered.
    """
    return _Resources(workspace_id, environment)


def keys_there(
    workspace_id: str, environment: str, table: str, keys: Iterable[str]
) -> frozenset[str]:
    """Those of ``keys`` for which the table answers now; a few queries however many there are.

    Raises LookupTableUnknown.
    """
    asked = _Resources(workspace_id, environment)
    return asked.there(table, frozenset(keys))


class _Resources:
    def __init__(self, workspace_id: str, environment: str) -> None:
        self._workspace_id = workspace_id
        self._environment = environment
        self._known: dict[str, Table] | None = None
        self._pairs: dict[tuple[str, str, str, str], str | None] = {}
        self._rates: dict[tuple[str, str, date], Decimal | None] = {}

    def lookup(self, table: str, key: str, column: str | None) -> Any | Missing:
        """The value, or MISSING; a table whose policy is a default gives that instead.

        Raises KeyHeld where the policy is to hold the document; an empty key can never be added.
        """
        found = self._table(table)
        name = self._column(found, column)
        values = _row(found, found.shape.asked_key(key))
        if values is not None:
            return values.get(name)
        if found.on_miss.policy == "default" and name in found.on_miss.values:
            return found.on_miss.values[name]
        if found.on_miss.policy == "hold" and key.strip():
            raise KeyHeld(table, key)
        return MISSING

    def there(self, table: str, keys: frozenset[str]) -> frozenset[str]:
        """Those of ``keys`` that ``lookup`` would answer."""
        found = self._table(table)
        if found.on_miss.policy == "default" and self._column(found, None) in found.on_miss.values:
            return keys
        by_row: dict[str, list[str]] = {}
        for key in keys:
            by_row.setdefault(found.shape.asked_key(key), []).append(key)
        return frozenset(key for row in _known_rows(found, list(by_row)) for key in by_row[row])

    def xref(self, entity: str, from_connection: str, id: str, to_connection: str) -> str | None:
        """The counterpart, whichever of the two systems was seen first."""
        asked = (entity, from_connection, id, to_connection)
        if asked not in self._pairs:
            self._pairs[asked] = _counterpart(self._workspace_id, self._environment, *asked)
        return self._pairs[asked]

    def rate(self, base: str, quote: str, on: date) -> Decimal | None:
        """The newest rate on or before the day, from all tables of rates."""
        base, quote = base.strip().upper(), quote.strip().upper()
        if base == quote:
            return Decimal(1)
        asked = (base, quote, on)
        if asked not in self._rates:
            self._rates[asked] = self._rate(base, quote, on)
        return self._rates[asked]

    def _rate(self, base: str, quote: str, on: date) -> Decimal | None:
        newest: tuple[str, Decimal] | None = None
        for table in self._tables().values():
            if table.kind != LookupTable.Kind.RATES:
                continue
            shape = table.shape
            first = shape.key({"base": base, "quote": quote, "date": ""})
            last = shape.key({"base": base, "quote": quote, "date": on.isoformat()})
            row = (
                rows_at(table.id, table.version)
                .filter(key__startswith=first, key__lte=last)
                .order_by("-key")
                .first()
            )
            if row and (newest is None or row.values["date"] > newest[0]):
                newest = (row.values["date"], Decimal(row.values["rate"]))
        return newest[1] if newest else None

    def _tables(self) -> dict[str, Table]:
        if self._known is None:
            rows = LookupTable.objects.filter(
                workspace_id=self._workspace_id, environment=self._environment
            )
            self._known = {row.slug: table_value(row) for row in rows.order_by("slug")}
        return self._known

    def _table(self, name: str) -> Table:
        found = self._tables().get(name) or next(
            (table for table in self._tables().values() if table.name == name), None
        )
        if found is None:
            raise LookupTableUnknown(
                f"There is no lookup table “{name[:80]}” in {self._environment}.",
                hint="Make it under Lookup tables, or choose another table in the mapping.",
            )
        return found

    def _column(self, table: Table, column: str | None) -> str:
        if column is None:
            return table.shape.values[0].name
        for known in table.columns:
            if column in (known.name, known.title):
                return known.name
        raise LookupColumnUnknown(
            f"The lookup table “{table.name}” has no column “{column[:80]}”.",
            hint="Choose another column in the mapping, or add this one to the table.",
        )


_lock = threading.Lock()
_snapshots: OrderedDict[tuple[str, int], Mapping[str, dict[str, Any]]] = OrderedDict()
_remembered: OrderedDict[tuple[str, int, str], dict[str, Any] | None] = OrderedDict()


def _row(table: Table, key: str) -> dict[str, Any] | None:
    if table.row_count <= IN_MEMORY_ROWS:
        return _snapshot(table).get(key)
    asked = (table.id, table.version, key)
    with _lock:
        if asked in _remembered:
            _remembered.move_to_end(asked)
            return _remembered[asked]
    matching = rows_at(table.id, table.version).filter(key=key).order_by("key", "id")
    row = matching.only("values").first()
    found = row.values if row else None
    with _lock:
        _remembered[asked] = found
        while len(_remembered) > REMEMBERED_KEYS:
            _remembered.popitem(last=False)
    return found


def _known_rows(table: Table, keys: list[str]) -> set[str]:
    """Keys of the rows that there are."""
    if table.row_count <= IN_MEMORY_ROWS:
        rows = _snapshot(table)
        return {key for key in keys if key in rows}
    found: set[str] = set()
    for first in range(0, len(keys), KEYS_A_QUERY):
        some = keys[first : first + KEYS_A_QUERY]
        matching = rows_at(table.id, table.version).filter(key__in=some)
        found.update(matching.values_list("key", flat=True))
    return found


def _snapshot(table: Table) -> Mapping[str, dict[str, Any]]:
    """All rows of a small table as of its version."""
    asked = (table.id, table.version)
    with _lock:
        if asked in _snapshots:
            _snapshots.move_to_end(asked)
            return _snapshots[asked]
    rows = rows_at(table.id, table.version).values_list("key", "values")
    found = dict(rows.iterator(chunk_size=5000))
    with _lock:
        for old in [key for key in _snapshots if key[0] == table.id and key[1] < table.version]:
            del _snapshots[old]
        _snapshots[asked] = found
        while len(_snapshots) > 1 and sum(map(len, _snapshots.values())) > IN_MEMORY_TOTAL:
            _snapshots.popitem(last=False)
    return found


def _counterpart(
    workspace_id: str,
    environment: str,
    entity: str,
    from_connection: str,
    id: str,
    to_connection: str,
) -> str | None:
    pairs = CrossReferenceRow.objects.filter(
        workspace_id=workspace_id, environment=environment, entity=entity
    )
    forth = pairs.filter(
        left_connection=from_connection, left_id=id, right_connection=to_connection
    ).values_list("right_id", flat=True)
    back = pairs.filter(
        right_connection=from_connection, right_id=id, left_connection=to_connection
    ).values_list("left_id", flat=True)
    found: str | None = forth.first() or back.order_by("-created_at", "-id").first()
    return found
