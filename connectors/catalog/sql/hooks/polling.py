"""Rows whose column rose since the last look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from connectors.catalog.sql.hooks.databases import Database, transaction
from connectors.catalog.sql.hooks.statements import known_columns, known_table
from connectors.sdk import Event, OperationContext, Polled, needed

TIMEOUT_S = 60


def changed_rows(
    context: OperationContext,
    cursor: dict[str, Any] | None,
    inputs: Mapping[str, Any],
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> Polled:
    """Rows above the cursor, lowest first, and the new cursor.

    The cursor is the pair (rising column, row's id) of the last row read, so that rows which share
    a time are neither lost nor read for ever. A column of times is read again from a little
    before; what was told already has the same identity.
    """
    for name in ("cursor_column", "id_column"):
        if not inputs.get(name):
            raise needed(name, name.replace("_", " "))
    with transaction(context, write=False, timeout_s=TIMEOUT_S, words="LOOK") as database:
        look = _Look(database, inputs)
        if cursor is None:
            highest = look.highest()
            start = since.isoformat() if since and _is_time(highest) else highest
            cursor = {"at": start, "id": None, "until": until.isoformat() if until else None}
        at, row_id = cursor["at"], cursor["id"]
        if row_id is None and not cursor.get("paging"):
            at = look.before(at)
        rows = look.rows(at, row_id, cursor.get("until"), limit)
    events = tuple(look.event(row) for row in rows)
    more = len(rows) >= limit
    if rows and more:
        after = {"at": rows[-1][look.rising], "id": rows[-1][look.identity], "paging": True}
    else:
        highest = rows[-1][look.rising] if rows else cursor["at"]
        after = {"at": highest, "id": None}
    return Polled(events, {**after, "until": cursor.get("until")}, more)


def _is_time(value: Any) -> bool:
    """Whether a column that holds this value can be compared with a time; an empty one can."""
    if value is None or isinstance(value, date):
        return True
    try:
        return bool(isinstance(value, str) and datetime.fromisoformat(value))
    except ValueError:
        return False


class _Look:
    def __init__(self, database: Database, inputs: Mapping[str, Any]) -> None:
        tables = database.tables()
        self._database = database
        self.table = known_table(tables, inputs.get("table"))
        columns = tables[self.table]
        key = inputs.get("key_column") or inputs["id_column"]
        self.rising, self.identity, self.key = known_columns(
            columns, (inputs["cursor_column"], inputs["id_column"], key), self.table
        )
        overlap = inputs.get("overlap_s")
        self._overlap = timedelta(seconds=60 if overlap is None else int(overlap))

    def highest(self) -> Any:
        """The highest value now; the first look begins after it."""
        column = self._database.quote(self.rising)
        text = f"SELECT max({column}) AS top FROM {self._database.table(self.table)}"
        return next(iter(self._database.rows(text, {})))["top"]

    def before(self, at: Any) -> Any:
        """``at`` less the overlap, if it is a time."""
        if not isinstance(at, str) or not self._overlap:
            return at
        try:
            return (datetime.fromisoformat(at) - self._overlap).isoformat("T" if "T" in at else " ")
        except ValueError:
            return at

    def rows(self, at: Any, row_id: Any, until: Any, limit: int) -> list[dict[str, Any]]:
        """Rows above a place, lowest first."""
        place, quote = self._database.place, self._database.quote
        rising, identity = quote(self.rising), quote(self.identity)
        conditions = [f"{rising} IS NOT NULL"]
        given: dict[str, Any] = {}
        if at is not None and row_id is not None:
            conditions.append(f"({rising}, {identity}) > ({place('at')}, {place('id')})")
            given |= {"at": at, "id": row_id}
        elif at is not None:
            conditions.append(f"{rising} > {place('at')}")
            given |= {"at": at}
        if until is not None:
            conditions.append(f"{rising} <= {place('until')}")
            given |= {"until": until}
        text = (
            f"SELECT * FROM {self._database.table(self.table)} WHERE {' AND '.join(conditions)}"
            f" ORDER BY {rising}, {identity} LIMIT {int(limit)}"
        )
        return list(islice(self._database.rows(text, given), limit))

    def event(self, row: dict[str, Any]) -> Event:
        """The row as an event; its identity holds the value of the rising column."""
        return Event(
            entity=self.table,
            id=str(row[self.identity]),
            revision=str(row[self.rising]),
            topic="row",
            business_key=str(row[self.key]),
            document=row,
        )
