"""What a mapping may ask for beside its document: workspace tables, pairs of records, rates.

The mapping stays pure: whoever applies it hands in the answers. A caller that must replay a
document exactly hands in the same answers again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Final, Literal, Protocol, TypeAlias

from ipaas.mapping.errors import ExpressionFailed
from ipaas.mapping.values import Value, shown


class KeyHeld(ExpressionFailed):
    """The table has no such key, and its owners want the document to wait until it has."""

    def __init__(self, table: str, key: str) -> None:
        super().__init__(
            f"There is no entry for {shown(key)} in lookup {table[:80]}",
            code="mapping.lookup_hold",
            hint=f"Add {shown(key)} to the lookup table {table[:80]}; the record then goes on.",
        )


class _Marker(Enum):
    MISSING = "missing"


MISSING: Final = _Marker.MISSING
"""There is no such entry; an entry whose value is empty gives None instead."""

Missing: TypeAlias = Literal[_Marker.MISSING]


class Resources(Protocol):
    """Answers for one workspace and environment; may be asked the same thing many times.

    An unknown table or entity is an ``IpaasError`` of the implementation's own; what is merely
    not there is MISSING or None. Implementations should answer from memory: a mapping asks once
    per row.
    """

    def lookup(self, table: str, key: str, column: str | None) -> Value | Missing:
        """The value of a lookup table's row, in ``column`` or the table's first value column.

        Raises KeyHeld instead of giving MISSING where the table's own rule is to wait for the key.
        """
        ...

    def xref(self, entity: str, from_connection: str, id: str, to_connection: str) -> str | None:
        """Id in ``to_connection`` of the record that ``from_connection`` knows as ``id``."""
        ...

    def rate(self, base: str, quote: str, on: date) -> Decimal | None:
        """How many ``quote`` one ``base`` is worth on a day, by ISO 4217 codes."""
        ...


@dataclass(frozen=True, slots=True)
class GivenResources:
    """Resources that were written down: for tests, examples and rehearsals.

    ``tables`` is table → key → value, or an object of columns; ``pairs`` is (entity, from
    connection, id, to connection) → id; ``rates`` is (base, quote) → day → rate, where a day
    without a rate has that of the last day before it.
    """

    tables: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    pairs: Mapping[tuple[str, str, str, str], str] = field(default_factory=dict)
    rates: Mapping[tuple[str, str], Mapping[date, Decimal]] = field(default_factory=dict)

    def lookup(self, table: str, key: str, column: str | None) -> Value | Missing:
        """The value of a table's row."""
        rows = self.tables.get(table)
        if rows is None:
            raise ExpressionFailed(
                f"There is no lookup table “{table[:80]}”",
                code="mapping.no_table",
                hint="Make the table, or choose another one.",
            )
        if key not in rows:
            return MISSING
        row = rows[key]
        if not isinstance(row, Mapping):
            return row
        if column is not None:
            return row.get(column)
        return next(iter(row.values()), None)

    def xref(self, entity: str, from_connection: str, id: str, to_connection: str) -> str | None:
        """The paired id."""
        return self.pairs.get((entity, from_connection, id, to_connection))

    def rate(self, base: str, quote: str, on: date) -> Decimal | None:
        """The rate of the day, or of the last day before it that has one."""
        if base == quote:
            return Decimal(1)
        days = self.rates.get((base, quote), {})
        known = [day for day in days if day <= on]
        return days[max(known)] if known else None


class NoResources:
    """Stands in where a mapping is applied without resources: every question is an error."""

    def lookup(self, table: str, key: str, column: str | None) -> Value | Missing:
        """Refuse."""
        raise _none_here("Lookup tables")

    def xref(self, entity: str, from_connection: str, id: str, to_connection: str) -> str | None:
        """Refuse."""
        raise _none_here("Cross-references")

    def rate(self, base: str, quote: str, on: date) -> Decimal | None:
        """Refuse."""
        raise _none_here("Exchange rates")


NO_RESOURCES: Final = NoResources()


def _none_here(what: str) -> ExpressionFailed:
    return ExpressionFailed(
        f"{what} cannot be read here",
        code="mapping.no_resources",
        hint="Try the mapping in a flow, where the workspace's data is at hand.",
    )
