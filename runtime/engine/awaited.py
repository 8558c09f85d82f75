"""Keys that lookup tables lack and that records wait for, as places in the list of what waits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from ipaas.mapping.resources import MISSING, KeyHeld, Missing, Resources

PREFIX = "lookup:"
LONGEST = 80  # of a place in the list; a record with a longer one waits for a person


def place(table: str, key: str) -> str | None:
    """Where a record waits for a key of a table; None if that is too long to be listed."""
    found = f"{PREFIX}{len(table)}:{table}:{key}"
    return found if len(found) <= LONGEST else None


def parts(found: str) -> tuple[str, str]:
    """Table and key of a place."""
    length, _, rest = found.removeprefix(PREFIX).partition(":")
    return rest[: int(length)], rest[int(length) + 1 :]


class Watched:
    """Resources that remember which keys of which tables were not there."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._missed: dict[tuple[str, str], None] = {}

    @property
    def places(self) -> tuple[str, ...]:
        """Places of all keys that were missed."""
        found = (place(table, key) for table, key in self._missed)
        return tuple(each for each in found if each)

    def lookup(self, table: str, key: str, column: str | None) -> Any | Missing:
        """The value of a lookup table's row; a miss is remembered."""
        try:
            found = self._resources.lookup(table, key, column)
        except KeyHeld:
            self._missed[table, key] = None
            raise
        if found is MISSING:
            self._missed[table, key] = None
        return found

    def xref(self, entity: str, from_connection: str, id: str, to_connection: str) -> str | None:
        """The paired id."""
        return self._resources.xref(entity, from_connection, id, to_connection)

    def rate(self, base: str, quote: str, on: date) -> Decimal | None:
        """The rate of a day."""
        return self._resources.rate(base, quote, on)
