"""SQL for the hot path, where a model's object per row would cost more than the work itself.

The statements are the same text however many rows there are, so they are prepared once:
PostgreSQL gets each column as an array (``unnest``), SQLite runs its prepared statement row by
row. This module is the only one that knows the two apart. Call it inside a transaction;
rows are tuples in the order of the table's columns.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import psycopg
from django.db import connection, transaction

from ipaas.core import faults, jsonio

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """A table's name and the PostgreSQL types of the columns that are written."""

    name: str
    columns: Mapping[str, str]

    def __hash__(self) -> int:
        return hash((self.name, *self.columns))

    def row_of(self, instance: Any) -> Row:
        """Values of a model's object that was not saved."""
        found = (getattr(instance, name) for name in self.columns)
        return tuple(text(value) if isinstance(value, dict) else value for value in found)

    def insert(self, rows: Sequence[Row], *, new_only: bool = False) -> None:
        """Insert rows; ``new_only`` leaves alone those that collide with stored ones."""
        if rows:
            _write(_insert(self, new_only, _on_postgres()), rows)

    def insert_new(self, rows: Sequence[Row]) -> set[Any]:
        """First columns of the rows that were inserted; those that collide are left alone."""
        if not rows:
            return set()
        statement = f"{_insert(self, True, _on_postgres())} RETURNING {next(iter(self.columns))}"
        if _on_postgres():
            return {row[0] for row in _execute(statement, _columns(rows))}
        return {found[0] for row in rows for found in _execute(statement, _plain(row))}

    def insert_or_update(self, rows: Sequence[Row], changed: tuple[str, ...], *, key: str) -> None:
        """Insert rows; of those that exist, set ``changed``. Either way their rows are locked."""
        if rows:
            changes = ", ".join(f"{name} = excluded.{name}" for name in changed)
            statement = _insert(self, False, _on_postgres())
            _write(f"{statement} ON CONFLICT ({key}) DO UPDATE SET {changes}", rows)

    def update(self, rows: Sequence[Row], *, keys: int = 1) -> None:
        """Set the later columns of the rows that the first ``keys`` columns name."""
        if rows:
            _write(_update(self, keys, _on_postgres()), rows)


@contextmanager
def writing(name: str) -> Iterator[None]:
    """A transaction that writes, with a fault point before and after its commit.

    SQLite has one writer, and whoever finds it busy sleeps for a while and tries again: threads of
    one process wait for each other here instead, and go on at once.
    """
    with nullcontext() if _on_postgres() else _one_writer, transaction.atomic():
        yield
        faults.point(f"{name}.before_commit")
    faults.point(f"{name}.after_commit")


_one_writer = threading.RLock()


def fetch(statement: str, *values: Any) -> list[Row]:
    """Rows of a query written for PostgreSQL; ``= ANY(%s)`` takes a list.

    SQLite has one writer inside a transaction, so it needs and gets no row locks.
    """
    if _on_postgres():
        return _execute(statement, values)
    return _execute(_for_sqlite(statement), _plain(values))


def change(statement: str, *values: Any) -> None:
    """Run a statement that gives no rows."""
    fetch(statement, *values)


def moment(value: Any) -> Any:
    """The time in a column of a row that ``fetch`` gave."""
    if isinstance(value, str):  # of an expression; SQLite knows the type of a column only
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def text(document: Any) -> str | None:
    """A JSON document as its column holds it."""
    return None if document is None else jsonio.dumps(document).decode()


def _on_postgres() -> bool:
    return bool(connection.vendor == "postgresql")


@cache
def _insert(table: Table, new_only: bool, postgres: bool) -> str:
    names = ", ".join(table.columns)
    conflict = " ON CONFLICT DO NOTHING" if new_only else ""
    return f"INSERT INTO {table.name} ({names}) {_source(table, postgres)}{conflict}"


def _source(table: Table, postgres: bool) -> str:
    if postgres:
        arrays = ", ".join(f"%b::{kind}[]" for kind in table.columns.values())
        return f"SELECT * FROM unnest({arrays})"
    return f"VALUES ({', '.join('?' * len(table.columns))})"


@cache
def _update(table: Table, keys: int, postgres: bool) -> str:
    names = list(table.columns)
    if postgres:
        changes = ", ".join(f"{name} = given.{name}" for name in names[keys:])
        which = " AND ".join(f"t.{name} = given.{name}" for name in names[:keys])
        arrays = ", ".join(f"%b::{kind}[]" for kind in table.columns.values())
        return (
            f"UPDATE {table.name} AS t SET {changes}"
            f" FROM unnest({arrays}) AS given({', '.join(names)}) WHERE {which}"
        )
    # The order of the values is the order of the columns, hence the numbers.
    changes = ", ".join(f"{name} = ?{n}" for n, name in enumerate(names, 1) if n > keys)
    which = " AND ".join(f"{name} = ?{n}" for n, name in enumerate(names[:keys], 1))
    return f"UPDATE {table.name} SET {changes} WHERE {which}"


@cache
def _for_sqlite(statement: str) -> str:
    listed = statement.replace("= ANY(%s)", "IN (SELECT value FROM json_each(?))")
    return re.sub(r" FOR UPDATE( OF \w+)?( SKIP LOCKED)?", "", listed).replace("%s", "?")


def _plain(row: Iterable[Any]) -> list[Any]:
    """Values as SQLite stores them: times as Django writes them, lists as JSON."""
    return [
        str(value.astimezone(UTC).replace(tzinfo=None))
        if isinstance(value, datetime)
        else jsonio.dumps(value).decode()
        if isinstance(value, (list, set, tuple))
        else value
        for value in row
    ]


def _columns(rows: Sequence[Row]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _write(statement: str, rows: Sequence[Row]) -> None:
    if _on_postgres():
        _execute(statement, _columns(rows))
        return
    connection.ensure_connection()
    _note(statement)
    with connection.wrap_database_errors:
        connection.connection.executemany(statement, [_plain(row) for row in rows])


def _execute(statement: str, values: Sequence[Any]) -> list[Row]:
    connection.ensure_connection()
    _note(statement)
    with connection.wrap_database_errors:
        if _on_postgres():
            # Not Django's cursor: that one writes the values into the text.
            with psycopg.Cursor(connection.connection) as cursor:
                cursor.execute(statement, values, prepare=True)
                return cursor.fetchall() if cursor.description else []
        found: list[Row] = connection.connection.execute(statement, values).fetchall()
        return found


def _note(statement: str) -> None:
    """Let tests that count statements see this one."""
    if connection.queries_logged:
        connection.queries_log.append({"sql": statement, "time": "0.000"})
