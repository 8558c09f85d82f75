"""Reading and writing tables; values are parameters, names are checked against what exists."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from connectors.catalog.sql.hooks import journal
from connectors.catalog.sql.hooks.databases import (
    Database,
    parameters,
    rows_of,
    transaction,
)
from connectors.catalog.sql.hooks.polling import changed_rows
from connectors.catalog.sql.hooks.statements import known_columns, known_table
from connectors.sdk import CallFacts, ConnectorError, OperationContext, Recovery, needed

__all__ = [
    "changed_rows",
    "columns",
    "execute",
    "execute_facts",
    "insert",
    "list_tables",
    "query",
    "query_facts",
    "table_options",
    "upsert",
]

MOST_ROWS = 10_000


def query_facts(
    fixed: Mapping[str, Any], mapped: frozenset[str], settings: Mapping[str, Any]
) -> CallFacts:
    """A query reads; its text must be fixed."""
    _require_fixed(fixed, mapped)
    return CallFacts(writes=False)


def execute_facts(
    fixed: Mapping[str, Any], mapped: frozenset[str], settings: Mapping[str, Any]
) -> CallFacts:
    """A statement writes, once per key; its text must be fixed."""
    _require_fixed(fixed, mapped)
    return CallFacts(writes=True, has_key=True)


def _require_fixed(fixed: Mapping[str, Any], mapped: frozenset[str]) -> None:
    if ("statement" in mapped or "" in mapped) and "statement" not in fixed:
        raise ConnectorError(
            "The text of an SQL statement must be a fixed value.",
            code="sql.statement_not_fixed",
            recovery=Recovery.FIX_DATA,
            hint="Write it into the step, with :names for values, and map these to “Parameters”.",
            field="statement",
        )


def query(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Rows of a SELECT, at most ``limit``; whether there are more is told."""
    limit = min(int(inputs.get("limit") or 1000), MOST_ROWS)
    text = str(inputs.get("statement") or "")
    with transaction(
        context, write=False, timeout_s=_patience(inputs), words="QUERY", sent=text
    ) as database:
        statement, given = parameters(database, text, inputs.get("parameters"))
        rows = list(islice(database.rows(statement, given), limit + 1))
    return {"rows": rows[:limit], "count": min(len(rows), limit), "more": len(rows) > limit}


def insert(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The rows added, all or none of them."""
    return _written(context, inputs, [])


def upsert(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The rows added or changed, all or none of them."""
    key = inputs.get("key")
    names = [key] if isinstance(key, str) else list(key or [])
    if not names:
        raise needed("key", "Key columns")
    return _written(context, inputs, names)


def execute(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """How many rows a statement touched."""
    text = str(inputs.get("statement") or "")

    def work(database: Database) -> dict[str, Any]:
        statement, given = parameters(database, text, inputs.get("parameters"))
        count, row = database.run(statement, given)
        return {"count": count, "row": row}

    return _once(context, inputs, "EXECUTE", text, work)


def list_tables(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Tables and views with their columns."""
    del inputs
    with transaction(context, write=False, timeout_s=15, words="TABLES") as database:
        tables = {name: found for name, found in database.tables().items() if name != journal.TABLE}
    shown = [
        {"name": name, "columns": [{"name": c, "type": kind} for c, kind in found.items()]}
        for name, found in tables.items()
    ]
    return {"tables": shown, "count": len(shown)}


def columns(context: OperationContext) -> dict[str, dict[str, Any]]:
    """Columns of all tables as fields of a row; the title says which tables have one."""
    owners: dict[str, list[str]] = {}
    for table in list_tables(context, {})["tables"]:
        for column in table["columns"]:
            owners.setdefault(column["name"], []).append(table["name"])
    return {
        name: {"title": f"{name} ({', '.join(tables[:3])}{' …' if len(tables) > 3 else ''})"}
        for name, tables in owners.items()
    }


def table_options(context: OperationContext, q: str) -> list[tuple[str, str]]:
    """Tables whose name holds ``q``."""
    names = [table["name"] for table in list_tables(context, {})["tables"]]
    return [(name, name) for name in names if q.lower() in name.lower()]


def _written(
    context: OperationContext, inputs: Mapping[str, Any], key: list[Any]
) -> dict[str, Any]:
    rows = rows_of(inputs)
    if len(rows) > MOST_ROWS:
        raise ConnectorError(
            f"At most {MOST_ROWS} rows are written at a time.",
            code="sql.too_many_rows",
            recovery=Recovery.FIX_DATA,
            hint="Write them in parts, with “for each”.",
            field="rows",
        )

    def work(database: Database) -> dict[str, Any]:
        tables = database.tables()
        table = known_table(tables, inputs.get("table"))
        unique = known_columns(tables[table], key, table)
        count, first = 0, None
        for row in rows:
            names = known_columns(tables[table], row, table)
            text = _insert_text(database, table, names, unique)
            touched, stored = database.run(
                text, {f"v{number}": row[name] for number, name in enumerate(names)}
            )
            count, first = count + touched, first or stored
        return {"count": count, "row": first}

    words = "UPSERT" if key else "INSERT"
    return _once(context, inputs, words, f"{inputs.get('table')}: {len(rows)} rows", work)


def _insert_text(database: Database, table: str, names: list[str], key: list[str]) -> str:
    """INSERT of one row, or INSERT … ON CONFLICT DO UPDATE if ``key`` names columns."""
    quote = database.quote
    places = ", ".join(database.place(f"v{number}") for number in range(len(names)))
    text = f"INSERT INTO {database.table(table)} ({', '.join(map(quote, names))}) VALUES ({places})"
    if key:
        changed = [name for name in names if name not in key] or key
        updates = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in changed)
        text += f" ON CONFLICT ({', '.join(map(quote, key))}) DO UPDATE SET {updates}"
    return f"{text} RETURNING *"


def _once(
    context: OperationContext, inputs: Mapping[str, Any], words: str, sent: str, work: Any
) -> dict[str, Any]:
    """Result of ``work``, or of the time it was done before under the same key."""
    key = context.idempotency_key
    with transaction(
        context, write=True, timeout_s=_patience(inputs), words=words, sent=sent
    ) as database:
        if key and (known := journal.begin(database, key)) is not None:
            return {**known, "already": True}
        result: dict[str, Any] = {**work(database), "already": False}
        if key:
            journal.end(database, key, result)
    return result


def _patience(inputs: Mapping[str, Any]) -> float:
    return float(min(max(int(inputs.get("timeout_s") or 30), 1), 300))
