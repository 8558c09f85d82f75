"""Connections to PostgreSQL and SQLite behind one face."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads

from connectors.catalog.sql.hooks import values
from connectors.catalog.sql.hooks.failures import failure_of
from connectors.catalog.sql.hooks.statements import quoted, with_parameters
from connectors.sdk import ConnectorError, OperationContext, Recovery, needed
from ipaas.core import clock, jsonio

Row = dict[str, Any]
Tables = dict[str, dict[str, str]]
CONNECT_S = 5


class Database(Protocol):
    """One open transaction."""

    style: str

    def tables(self) -> Tables:
        """Columns and their types by table and view."""

    def quote(self, name: str) -> str:
        """A name as it stands in a statement."""

    def table(self, name: str) -> str:
        """A table's name, with its schema, as it stands in a statement."""

    def place(self, name: str) -> str:
        """How a parameter of that name stands in a statement."""

    def rows(self, statement: str, given: Mapping[str, Any]) -> Iterator[Row]:
        """Rows of a statement, read as they are asked for."""

    def run(self, statement: str, given: Mapping[str, Any]) -> tuple[int, Row | None]:
        """How many rows were touched, and the first one that RETURNING gave."""


@contextmanager
def transaction(
    context: OperationContext, *, write: bool, timeout_s: float, words: str, sent: str = ""
) -> Iterator[Database]:
    """One transaction, committed at the end; every failure is a ConnectorError and undoes it.

    A failure of the commit itself leaves the outcome open.
    """
    kind = str(context.settings.get("kind") or "postgresql")
    opened = _sqlite if kind == "sqlite" else _postgresql
    started_s = clock.monotonic_s()
    stage = _Stage()
    target = _target(context, kind)
    try:
        with opened(context, write, timeout_s, stage) as database:
            yield database
        context.note(words, target, sent=sent, started_s=started_s)
    except (psycopg.Error, sqlite3.Error, OverflowError) as error:
        context.note(words, target, sent=sent, answer=None, started_s=started_s)
        raise failure_of(error, write and stage.committing) from error
    except ConnectorError:
        context.note(words, target, sent=sent, answer=None, started_s=started_s)
        raise


class _Stage:
    committing = False


def _target(context: OperationContext, kind: str) -> str:
    settings = context.settings
    host = f"{settings.get('host')}:{settings.get('port')}" if kind == "postgresql" else ""
    return f"{kind}://{host}/{settings.get('database', '')}"


# PostgreSQL


@contextmanager
def _postgresql(
    context: OperationContext, write: bool, timeout_s: float, stage: _Stage
) -> Iterator[Database]:
    settings = context.settings
    host, user = str(settings.get("host") or ""), str(settings.get("user") or "")
    if not host:
        raise needed("host", "Server")
    port = int(str(settings.get("port") or 5432))
    tls = str(settings.get("tls") or "verify-full")
    info = make_conninfo(
        host=host,
        # The very address that was checked; the name is for the certificate only.
        hostaddr=context.addresses(host, port)[0],
        port=port,
        dbname=str(settings.get("database") or ""),
        user=user or None,
        password=context.secret("password") or None,
        sslmode=tls,
        sslrootcert="system" if tls == "verify-full" else None,
        connect_timeout=CONNECT_S,
        application_name="Causeway",
        options=f"-c statement_timeout={int(timeout_s * 1000)}"
        " -c idle_in_transaction_session_timeout=60000 -c lock_timeout=10000",
        # Nothing of the server's own account: no password file, no service file, no Kerberos.
        passfile="/dev/null",
        gssencmode="disable",
    )
    connection = psycopg.connect(info, row_factory=dict_row)
    try:
        set_json_loads(jsonio.loads, connection)
        connection.read_only = not write
        yield _PostgreSQL(connection, str(settings.get("schema") or "public"))
        stage.committing = True
        connection.commit()
    finally:
        connection.close()


class _PostgreSQL:
    style = "pyformat"

    def __init__(self, connection: psycopg.Connection[Row], schema: str) -> None:
        self._connection = connection
        self._schema = schema

    def tables(self) -> Tables:
        found: Tables = {}
        for row in self._connection.execute(
            "SELECT c.relname AS t, a.attname AS c, format_type(a.atttypid, a.atttypmod) AS k"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " WHERE n.nspname = %s AND c.relkind IN ('r', 'v', 'm', 'p', 'f')"
            " ORDER BY c.relname, a.attnum",
            (self._schema,),
        ):
            found.setdefault(row["t"], {})[row["c"]] = row["k"]
        return found

    def quote(self, name: str) -> str:
        return quoted(name).replace("%", "%%")

    def table(self, name: str) -> str:
        return f"{self.quote(self._schema)}.{self.quote(name)}"

    def place(self, name: str) -> str:
        return f"%({name})s"

    def rows(self, statement: str, given: Mapping[str, Any]) -> Iterator[Row]:
        with self._connection.cursor() as cursor:
            # Streams, and by the extended protocol, which takes one statement only.
            for row in cursor.stream(statement, _taken(given)):
                yield {name: values.as_json(value) for name, value in row.items()}

    def run(self, statement: str, given: Mapping[str, Any]) -> tuple[int, Row | None]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, _taken(given), prepare=True)
            first = cursor.fetchone() if cursor.description else None
            return max(cursor.rowcount, 0), _json_row(first)


def _taken(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values.for_postgresql(value) for name, value in given.items()}


def _json_row(row: Mapping[str, Any] | None) -> Row | None:
    return None if row is None else {name: values.as_json(value) for name, value in row.items()}


# SQLite

_DENIED = {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_PRAGMA}


def _allow(action: int, first: Any, second: Any, *_: Any) -> int:
    """No other file may be touched, and no setting of the connection."""
    if action in _DENIED or (action == sqlite3.SQLITE_FUNCTION and second == "load_extension"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


@contextmanager
def _sqlite(
    context: OperationContext, write: bool, timeout_s: float, stage: _Stage
) -> Iterator[Database]:
    name = str(context.settings.get("database") or "")
    root = context.local_root()
    path = (root / name).resolve()
    if not name or not path.is_relative_to(root) or not path.is_file():
        raise ConnectorError(
            f"There is no database file “{name[:80]}” in your workspace's folder.",
            code="sql.no_file",
            recovery=Recovery.REAUTHORISE,
            hint="Correct the file in the connection's settings.",
        )
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={'rw' if write else 'ro'}",
        uri=True,
        timeout=10,
        isolation_level=None,
        check_same_thread=False,
    )
    deadline = clock.monotonic_s() + timeout_s
    try:
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA query_only = {0 if write else 1}")
        connection.execute("PRAGMA trusted_schema = 0")
        database = _SQLite(connection)
        database.tables()
        connection.set_progress_handler(lambda: int(clock.monotonic_s() > deadline), 10_000)
        connection.set_authorizer(_allow)
        connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        yield database
        stage.committing = True
        connection.execute("COMMIT")
    finally:
        connection.close()


class _SQLite:
    style = "named"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tables: Tables = {}

    def tables(self) -> Tables:
        if not self._tables:
            for row in self._connection.execute(
                "SELECT t.name AS t, c.name AS c, c.type AS k FROM sqlite_master t"
                " JOIN pragma_table_info(t.name) c"
                " WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite_%'"
                " ORDER BY t.name, c.cid"
            ).fetchall():
                self._tables.setdefault(row["t"], {})[row["c"]] = row["k"]
        return self._tables

    def quote(self, name: str) -> str:
        return quoted(name)

    def table(self, name: str) -> str:
        return quoted(name)

    def place(self, name: str) -> str:
        return f":{name}"

    def rows(self, statement: str, given: Mapping[str, Any]) -> Iterator[Row]:
        cursor = self._connection.execute(statement, _plain(given))
        for row in cursor:
            yield {name: values.as_json(row[name]) for name in row.keys()}  # noqa: SIM118

    def run(self, statement: str, given: Mapping[str, Any]) -> tuple[int, Row | None]:
        cursor = self._connection.execute(statement, _plain(given))
        returned = cursor.fetchall() if cursor.description else []
        count = len(returned) if cursor.description else max(cursor.rowcount, 0)
        first = returned[0] if returned else None
        return count, None if first is None else _json_row(
            dict(zip(first.keys(), first, strict=True))
        )


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values.for_sqlite(value) for name, value in given.items()}


def parameters(database: Database, statement: str, given: Any) -> tuple[str, dict[str, Any]]:
    """A person's statement in the database's style."""
    named = given if isinstance(given, Mapping) else {}
    return with_parameters(statement, named, style=database.style)


def rows_of(inputs: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The rows that a step wants to write."""
    rows = inputs.get("rows")
    if rows is None:
        rows = [inputs["row"]] if isinstance(inputs.get("row"), Mapping) else []
    found = [row for row in rows if isinstance(row, Mapping) and row]
    if not found or len(found) != len(rows):
        raise needed("row", "Row")
    return found
