"""Durable memory of one vendor for one instance: a SQLite file that survives restarts.

Records are JSON documents with look-up keys. Write-ahead logging with normal synchronisation:
what was answered outlives a killed process; only a power cut may take the last commits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.sandbox_kit.journal import Journal
from connectors.sandbox_kit.outbox import OUTBOX_SCHEMA, Outbox
from connectors.sandbox_kit.switches import FAULT_SCHEMA, FaultSwitches
from connectors.sandbox_kit.vendor import Call, RecordRef, WebhookMessage
from ipaas.core import clock, jsonio

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  entity TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
  born REAL NOT NULL DEFAULT 0, UNIQUE (entity, scope, id));
CREATE TABLE IF NOT EXISTS record_key (
  entity TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
  id TEXT NOT NULL, PRIMARY KEY (entity, scope, name, value, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_key_by_id ON record_key (entity, scope, id);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""
_CACHE_KB = 256
_NEVER = 1e18
_VISIBLE = "born <= ?"


class Ledger:
    """One vendor's records, settings, faults and outgoing webhooks for one instance.

    Not thread-safe: it belongs to the event loop of the process.
    """

    def __init__(
        self,
        path: Path,
        instance: str,
        defaults: Mapping[str, Any],
        *,
        opened: Callable[[Ledger], None] = lambda _ledger: None,
    ) -> None:
        """``opened`` hears each time the file is opened, so that someone can close others."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.instance = instance
        self.path = path
        self._defaults = dict(defaults)
        self._opened = opened
        self._connection: sqlite3.Connection | None = None
        self._hidden_after = _NEVER
        self._behind_s = 0.0
        self._db.executescript(_SCHEMA + FAULT_SCHEMA + OUTBOX_SCHEMA)
        if "born" not in {row[1] for row in self._db.execute("PRAGMA table_info(record)")}:
            self._db.execute("ALTER TABLE record ADD COLUMN born REAL NOT NULL DEFAULT 0")
        self._stored: dict[str, Any] = {
            name: jsonio.loads(value) for name, value in self._db.execute("SELECT * FROM setting")
        }
        self.faults = FaultSwitches(self)
        self.outbox = Outbox(self)
        self.journal = Journal()
        self.recent_calls: dict[str, list[float]] = {}
        self.deferred: list[tuple[float, Call]] = []  # cut off, to be carried out at a time

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute("PRAGMA busy_timeout=5000")
            db.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
            self._connection = db
            self._opened(self)
        return self._connection

    def close(self) -> None:
        """Give the file back for now; the next use opens it again."""
        if self._connection is not None and not self._connection.in_transaction:
            self._connection.close()
            self._connection = None

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        return self._db.execute(statement, values)

    # --- transactions

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is kept together, or nothing of it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo only what is inside when it fails, and go on with the transaction."""
        self._db.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO part")
            self._db.execute("RELEASE part")
            raise
        self._db.execute("RELEASE part")

    # --- time

    def now_s(self) -> float:
        """Seconds since 1970 by the clock in force, moved by the setting clock_offset_s."""
        return clock.now().timestamp() + float(self.setting("clock_offset_s", 0)) - self._behind_s

    @contextmanager
    def as_of(self, moment_s: float) -> Iterator[None]:
        """What is done within happens at a time that has passed."""
        self._behind_s = max(0.0, self.now_s() - moment_s)
        try:
            yield
        finally:
            self._behind_s = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.now_s(), UTC)

    # --- settings

    def setting(self, name: str, otherwise: Any = None) -> Any:
        if name in self._stored:
            return self._stored[name]
        return self._defaults.get(name, otherwise)

    def settings(self) -> dict[str, Any]:
        return {**self._defaults, **self._stored}

    def change_settings(self, changes: Mapping[str, Any]) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO setting VALUES (?, ?)",
            [(name, jsonio.dumps(value)) for name, value in changes.items()],
        )
        self._stored.update(changes)

    # --- counters

    def next_number(self, counter: str) -> int:
        """Next number of a counter, from 1; never given twice, also not after a reset."""
        row = self._db.execute(
            "INSERT INTO counter VALUES (?, 1) "
            "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            (counter,),
        ).fetchone()
        return int(row[0])

    def count_from(self, counter: str, at_least: int) -> None:
        """Make sure that the counter's next number is greater than ``at_least``."""
        self._db.execute(
            "INSERT INTO counter VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
            (counter, at_least),
        )

    # --- records

    def put(
        self,
        entity: str,
        record_id: str | int,
        body: Mapping[str, Any],
        *,
        keys: Mapping[str, Any] | None = None,
        scope: str = "",
    ) -> None:
        """Write a record; ``keys`` are the values it can be found by (letter case ignored)."""
        identity = (entity, scope, str(record_id))
        self._db.execute(
            "INSERT INTO record (entity, scope, id, body, born) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (entity, scope, id) DO UPDATE SET body = excluded.body",
            (*identity, jsonio.dumps(body), self.now_s()),
        )
        self._db.execute(
            "DELETE FROM record_key WHERE entity = ? AND scope = ? AND id = ?", identity
        )
        if keys:
            self._db.executemany(
                "INSERT INTO record_key VALUES (?, ?, ?, ?, ?)",
                [
                    (entity, scope, name, fold(value), str(record_id))
                    for name, value in keys.items()
                    if value is not None
                ],
            )

    def get(self, entity: str, record_id: str | int, *, scope: str = "") -> Any | None:
        row = self._db.execute(
            f"SELECT body FROM record WHERE entity = ? AND scope = ? AND id = ? AND {_VISIBLE}",
            (entity, scope, str(record_id), self._cutoff(entity)),
        ).fetchone()
        return jsonio.loads(row[0]) if row else None

    def remove(self, entity: str, record_id: str | int, *, scope: str = "") -> None:
        for table in ("record", "record_key"):
            self._db.execute(
                f"DELETE FROM {table} WHERE entity = ? AND scope = ? AND id = ?",
                (entity, scope, str(record_id)),
            )

    def remove_below(self, entity: str, name: str, below: Any, *, scope: str = "") -> None:
        """Remove the records whose key is less than ``below`` as text."""
        old = "SELECT id FROM record_key WHERE entity = ? AND scope = ? AND name = ? AND value < ?"
        ids = [i for (i,) in self._db.execute(old, (entity, scope, name, fold(below)))]
        for record_id in ids:
            self.remove(entity, record_id, scope=scope)

    def find(self, entity: str, name: str, value: Any, *, scope: str = "") -> list[Any]:
        """Records with that key, oldest first."""
        return self._joined("k.value = ?", (entity, scope, name, fold(value)))

    def find_from(self, entity: str, name: str, lowest: Any, *, scope: str = "") -> list[Any]:
        """Records whose key is ``lowest`` or greater as text, oldest first."""
        return self._joined("k.value >= ?", (entity, scope, name, fold(lowest)))

    def _joined(self, condition: str, values: tuple[str, ...]) -> list[Any]:
        rows = self._db.execute(
            "SELECT r.body FROM record_key k JOIN record r USING (entity, scope, id) "
            f"WHERE k.entity = ? AND k.scope = ? AND k.name = ? AND {condition} "
            f"AND r.{_VISIBLE} ORDER BY r.seq",
            (*values, self._cutoff(values[0])),
        )
        return [jsonio.loads(body) for (body,) in rows]

    def all(self, entity: str, *, scope: str = "") -> list[Any]:
        """All records, oldest first."""
        rows = self._db.execute(
            f"SELECT body FROM record WHERE entity = ? AND scope = ? AND {_VISIBLE} ORDER BY seq",
            (entity, scope, self._cutoff(entity)),
        )
        return [jsonio.loads(body) for (body,) in rows]

    def count(self, entity: str) -> int:
        """Records of every scope."""
        row = self._db.execute("SELECT count(*) FROM record WHERE entity = ?", (entity,)).fetchone()
        return int(row[0])

    def newest(self, entity: str, *, limit: int = 50) -> list[Any]:
        """Records of every scope, newest first."""
        rows = self._db.execute(
            "SELECT body FROM record WHERE entity = ? ORDER BY seq DESC LIMIT ?", (entity, limit)
        )
        return [jsonio.loads(body) for (body,) in rows]

    def listed(
        self, entity: str, offset: int, limit: int, containing: str
    ) -> tuple[list[tuple[RecordRef, Any]], int]:
        """One page of records with where they are kept, newest first, and how many fit in all."""
        where, values = "entity = ?", [entity]
        if containing:
            where += " AND instr(lower(CAST(body AS TEXT)), ?) > 0"
            values.append(containing.lower())
        rows = self._db.execute(
            f"SELECT id, scope, body FROM record WHERE {where} ORDER BY seq DESC LIMIT ? OFFSET ?",
            (*values, limit, offset),
        ).fetchall()
        total = self._db.execute(f"SELECT count(*) FROM record WHERE {where}", values).fetchone()[0]
        found = [(RecordRef(entity, i, scope), jsonio.loads(body)) for i, scope, body in rows]
        return found, int(total)

    def rewrite(
        self, entity: str, record_id: str | int, body: Mapping[str, Any], *, scope: str = ""
    ) -> None:
        """Replace a record; look-up keys that are fields of it follow, others stay."""
        identity = (entity, scope, str(record_id))
        keys = dict(
            self._db.execute(
                "SELECT name, value FROM record_key WHERE entity = ? AND scope = ? AND id = ?",
                identity,
            ).fetchall()
        )
        fresh = {name: body.get(name, value) for name, value in keys.items()}
        self.put(entity, record_id, body, keys=fresh, scope=scope)

    @contextmanager
    def hiding(self, age_s: float) -> Iterator[None]:
        """Inside, look-ups find only records older than ``age_s``; lists for people show all."""
        self._hidden_after = self.now_s() - age_s
        try:
            yield
        finally:
            self._hidden_after = _NEVER

    def _cutoff(self, entity: str) -> float:
        """Latest birth that is seen; what the vendor keeps for itself ("_token") always is."""
        return _NEVER if entity.startswith("_") else self._hidden_after

    def age_all(self) -> None:
        """Let every record look as if it had been there for ever."""
        self._db.execute("UPDATE record SET born = 0")

    def forget_records(self, *, except_entities: tuple[str, ...] = ()) -> None:
        """Remove records, faults and webhooks; settings and counters stay."""
        marks = ",".join("?" * len(except_entities))
        for table in ("record", "record_key"):
            self._db.execute(f"DELETE FROM {table} WHERE entity NOT IN ({marks})", except_entities)
        self._db.execute("DELETE FROM outbox")
        self.faults.clear()

    def forget_entities(self, *entities: str) -> None:
        """Remove all records of these kinds."""
        for table in ("record", "record_key"):
            self._db.executemany(
                f"DELETE FROM {table} WHERE entity = ?", [(entity,) for entity in entities]
            )

    # --- webhooks out

    def enqueue(self, message: WebhookMessage) -> None:
        """Promise a webhook: it is sent after the commit until the receiver says 2xx."""
        self.outbox.promise(message)


def fold(value: Any) -> str:
    """Text of a key value with letter case ignored."""
    return str(value).casefold()
