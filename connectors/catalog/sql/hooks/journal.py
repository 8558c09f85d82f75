"""A table of the customer's database that remembers which writes were done: never twice.

The entry and the write are one transaction, so after a lost answer the same key finds out.
"""

from __future__ import annotations

from typing import Any

from connectors.catalog.sql.hooks.databases import Database
from connectors.sdk import ConnectorError, Recovery
from ipaas.core import clock, jsonio

TABLE = "causeway_effects"
_COLUMNS = "(key varchar(255) PRIMARY KEY, done_at varchar(40) NOT NULL, result text NOT NULL)"


def begin(database: Database, key: str) -> dict[str, Any] | None:
    """The result of an earlier write under ``key``, or None if this transaction has it now."""
    table = database.table(TABLE)
    if TABLE not in database.tables():
        try:
            database.run(f"CREATE TABLE IF NOT EXISTS {table} {_COLUMNS}", {})
        except Exception as error:
            if str(getattr(error, "sqlstate", "") or "").startswith("23"):
                raise  # another worker is making it at this moment
            raise ConnectorError(
                f"The table {TABLE}, which keeps writes from happening twice, cannot be made.",
                code="sql.no_journal",
                recovery=Recovery.GIVE_UP,
                hint=f"Have it made by the database's administrator: CREATE TABLE {TABLE} "
                f"{_COLUMNS}; and let the user select, insert and update it.",
            ) from error
    place = database.place
    count, _ = database.run(
        f"INSERT INTO {table} (key, done_at, result) VALUES ({place('key')}, {place('at')}, '')"
        " ON CONFLICT (key) DO NOTHING",
        {"key": key, "at": clock.now().isoformat()},
    )
    if count:
        return None
    rows = database.rows(f"SELECT result FROM {table} WHERE key = {place('key')}", {"key": key})
    found: dict[str, Any] = jsonio.loads(next(iter(rows))["result"])
    return found


def end(database: Database, key: str, result: dict[str, Any]) -> None:
    """Remember the result beside the key."""
    place = database.place
    database.run(
        f"UPDATE {database.table(TABLE)} SET result = {place('result')} WHERE key = {place('key')}",
        {"key": key, "result": jsonio.dumps(result).decode()},
    )
