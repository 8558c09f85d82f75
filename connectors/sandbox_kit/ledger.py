"""Durable memory of one vendor for one instance: a SQLite file that survives restarts.

Records are JSON documents with look-up keys. Write-ahead logging with normal synchronisation:
what was answered outlives a killed process; only a power cut may take the last commits.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.sandbox_kit.vendor import WebhookMessage
from ipaas.core import jsonio

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  entity TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
  UNIQUE (entity, scope, id));
CREATE TABLE IF NOT EXISTS record_key (
  entity TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
  id TEXT NOT NULL, PRIMARY KEY (entity, scope, name, value, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_key_by_id ON record_key (entity, scope, id);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fault (
  name TEXT PRIMARY KEY, remaining INTEGER, match TEXT NOT NULL, skip INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, headers BLOB NOT NULL,
  body BLOB NOT NULL, created_at REAL NOT NULL, due_at REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'pending',
  last_error TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (state, due_at);
"""
KEPT_DELIVERIES = 1000
_CACHE_KB = 256


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
        self._db.executescript(_SCHEMA)
        self._stored: dict[str, Any] = {
            name: jsonio.loads(value) for name, value in self._db.execute("SELECT * FROM setting")
        }
        self.faults = FaultSwitches(self)
        self.recent_calls: dict[str, list[float]] = {}

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
        """Seconds since 1970, moved by the setting clock_offset_s."""
        return time.time() + float(self.setting("clock_offset_s", 0))

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
            "INSERT INTO record (entity, scope, id, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (entity, scope, id) DO UPDATE SET body = excluded.body",
            (*identity, jsonio.dumps(body)),
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
            "SELECT body FROM record WHERE entity = ? AND scope = ? AND id = ?",
            (entity, scope, str(record_id)),
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
            f"WHERE k.entity = ? AND k.scope = ? AND k.name = ? AND {condition} ORDER BY r.seq",
            values,
        )
        return [jsonio.loads(body) for (body,) in rows]

    def all(self, entity: str, *, scope: str = "") -> list[Any]:
        """All records, oldest first."""
        rows = self._db.execute(
            "SELECT body FROM record WHERE entity = ? AND scope = ? ORDER BY seq", (entity, scope)
        )
        return [jsonio.loads(body) for (body,) in rows]

    def count(self, entity: str) -> int:
        """Records of every scope."""
        row = self._db.execute("SELECT count(*) FROM record WHERE entity = ?", (entity,)).fetchone()
        return int(row[0])

    def newest(self, entity: str, *, offset: int = 0, limit: int = 50) -> list[Any]:
        """Records of every scope, newest first."""
        rows = self._db.execute(
            "SELECT body FROM record WHERE entity = ? ORDER BY seq DESC LIMIT ? OFFSET ?",
            (entity, limit, offset),
        )
        return [jsonio.loads(body) for (body,) in rows]

    def forget_records(self, *, except_entities: tuple[str, ...] = ()) -> None:
        """Remove records, faults and webhooks; settings and counters stay."""
        marks = ",".join("?" * len(except_entities))
        for table in ("record", "record_key"):
            self._db.execute(f"DELETE FROM {table} WHERE entity NOT IN ({marks})", except_entities)
        self._db.execute("DELETE FROM outbox")
        self.faults.clear()

    # --- webhooks out

    def enqueue(self, message: WebhookMessage) -> None:
        """Promise a webhook: it is sent after the commit until the receiver says 2xx."""
        now = time.time()
        self._db.execute(
            "INSERT INTO outbox (url, headers, body, created_at, due_at) VALUES (?, ?, ?, ?, ?)",
            (message.url, jsonio.dumps(dict(message.headers)), message.body, now, now),
        )

    def due(self, limit: int, under_way: set[int]) -> list[tuple[int, WebhookMessage, int, float]]:
        """Promised messages whose time has come: (id, message, attempts so far, promised at)."""
        if limit <= 0:
            return []
        rows = self._db.execute(
            "SELECT id, url, headers, body, attempts, created_at FROM outbox "
            "WHERE state = 'pending' AND due_at <= ? ORDER BY due_at LIMIT ?",
            (time.time(), limit + len(under_way)),
        ).fetchall()
        return [
            (number, WebhookMessage(url, jsonio.loads(headers), body), attempts, created_at)
            for number, url, headers, body, attempts, created_at in rows
            if number not in under_way
        ][:limit]

    def next_due_at(self, under_way: set[int]) -> float | None:
        """When the next message not under way has to go, or None."""
        rows = self._db.execute(
            "SELECT id, due_at FROM outbox WHERE state = 'pending' ORDER BY due_at LIMIT ?",
            (len(under_way) + 1,),
        )
        return next((due_at for number, due_at in rows if number not in under_way), None)

    def delivered(self, number: int) -> None:
        self._db.execute(
            "UPDATE outbox SET state = 'delivered', attempts = attempts + 1, last_error = '' "
            "WHERE id = ?",
            (number,),
        )
        if number % 100 == 0:
            self._db.execute(
                "DELETE FROM outbox WHERE state = 'delivered' AND id <= ?",
                (number - KEPT_DELIVERIES,),
            )

    def not_delivered(self, number: int, error: str, retry_at: float | None) -> None:
        """Plan another attempt, or give the message up when ``retry_at`` is None."""
        self._db.execute(
            "UPDATE outbox SET attempts = attempts + 1, last_error = ?, "
            "due_at = coalesce(?, due_at), state = iif(? IS NULL, 'given_up', 'pending') "
            "WHERE id = ?",
            (error, retry_at, retry_at, number),
        )

    def webhook_counts(self) -> dict[str, int]:
        counts = {"pending": 0, "delivered": 0, "given_up": 0}
        counts.update(self._db.execute("SELECT state, count(*) FROM outbox GROUP BY state"))
        return counts

    def newest_webhooks(self, limit: int) -> list[dict[str, Any]]:
        rows = self._db.execute(
            "SELECT id, url, body, created_at, attempts, state, last_error FROM outbox "
            "ORDER BY id DESC LIMIT ?",
            (limit,),
        )
        return [
            {
                "id": number,
                "url": url,
                "body": body.decode("utf-8", "replace"),
                "created_at": datetime.fromtimestamp(created_at, UTC).isoformat(),
                "attempts": attempts,
                "state": state,
                "last_error": last_error,
            }
            for number, url, body, created_at, attempts, state, last_error in rows
        ]


class FaultSwitches:
    """Which faults are on; kept in the ledger, held in memory because every call asks."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._on: dict[str, tuple[int | None, str, int]] = {
            name: (remaining, match, skip)
            for name, remaining, match, skip in ledger.execute("SELECT * FROM fault")
        }

    def switch_on(
        self, name: str, *, times: int | None = None, match: str = "", skip: int = 0
    ) -> None:
        """Hit ``times`` calls (None: until off) whose path contains ``match``, after ``skip``."""
        self._keep(name, (times, match, skip))

    def switch_off(self, name: str) -> None:
        self._keep(name, None)

    def clear(self) -> None:
        self._on.clear()
        self._ledger.execute("DELETE FROM fault")

    def state(self, name: str) -> tuple[bool, int | None]:
        """Whether it is on, and how many calls it will still hit (None: until off)."""
        switch = self._on.get(name)
        return (True, switch[0]) if switch else (False, None)

    def take(self, name: str, path: str = "") -> bool:
        """True if this call is hit; counts it."""
        switch = self._on.get(name)
        if switch is None:
            return False
        remaining, match, skip = switch
        if match and match.lower() not in path.lower():
            return False
        if skip:
            self._keep(name, (remaining, match, skip - 1))
            return False
        if remaining is not None:
            self._keep(name, (remaining - 1, match, 0) if remaining > 1 else None)
        return True

    def _keep(self, name: str, switch: tuple[int | None, str, int] | None) -> None:
        if switch is None:
            self._on.pop(name, None)
            self._ledger.execute("DELETE FROM fault WHERE name = ?", (name,))
        else:
            self._on[name] = switch
            self._ledger.execute(
                "INSERT OR REPLACE INTO fault VALUES (?, ?, ?, ?)", (name, *switch)
            )


def fold(value: Any) -> str:
    """Text of a key value with letter case ignored."""
    return str(value).casefold()
