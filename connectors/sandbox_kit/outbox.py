"""Webhooks a vendor promised: what leaves when, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors.sandbox_kit.vendor import (
    LATE_WEBHOOK,
    MISSING_WEBHOOK,
    REORDERED_WEBHOOKS,
    WebhookMessage,
)
from ipaas.core import jsonio

if TYPE_CHECKING:
    from connectors.sandbox_kit.ledger import Ledger

OUTBOX_SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, headers BLOB NOT NULL,
  body BLOB NOT NULL, created_at REAL NOT NULL, due_at REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'pending',
  last_error TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (state, due_at);
"""
KEPT_DELIVERIES = 1000
STATES = ("pending", "held", "lost", "delivered", "given_up")
_MOVES = {
    "send": ("pending", ("held", "lost", "delivered", "given_up", "pending")),
    "hold": ("held", ("pending",)),
    "drop": ("lost", ("pending", "held")),
}


class Outbox:
    """The messages of one ledger; times are the ledger's, so that its clock moves them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._last_waits = False

    def promise(self, message: WebhookMessage) -> None:
        """Send it from now on; the faults of webhooks strike here."""
        now = due_at = self._ledger.now_s()
        faults = self._ledger.faults
        state = "lost" if faults.take(MISSING_WEBHOOK.name) else "pending"
        if faults.take(LATE_WEBHOOK.name):
            due_at += float(self._ledger.setting("late_webhook_s"))
        if faults.take(REORDERED_WEBHOOKS.name):
            self._last_waits = not self._last_waits
            due_at += float(self._ledger.setting("reorder_s")) if self._last_waits else 0
        self._ledger.execute(
            "INSERT INTO outbox (url, headers, body, created_at, due_at, state) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (message.url, jsonio.dumps(dict(message.headers)), message.body, now, due_at, state),
        )

    def due(self, limit: int, under_way: set[int]) -> list[tuple[int, WebhookMessage, int, float]]:
        """Promised messages whose time has come: (id, message, attempts so far, promised at)."""
        if limit <= 0:
            return []
        rows = self._ledger.execute(
            "SELECT id, url, headers, body, attempts, created_at FROM outbox "
            "WHERE state = 'pending' AND due_at <= ? ORDER BY due_at LIMIT ?",
            (self._ledger.now_s(), limit + len(under_way)),
        ).fetchall()
        return [
            (number, WebhookMessage(url, jsonio.loads(headers), body), attempts, created_at)
            for number, url, headers, body, attempts, created_at in rows
            if number not in under_way
        ][:limit]

    def next_due_s(self, under_way: set[int]) -> float | None:
        """Seconds until the next message not under way has to go, or None."""
        rows = self._ledger.execute(
            "SELECT id, due_at FROM outbox WHERE state = 'pending' ORDER BY due_at LIMIT ?",
            (len(under_way) + 1,),
        )
        due_at = next((due_at for number, due_at in rows if number not in under_way), None)
        return None if due_at is None else float(due_at) - self._ledger.now_s()

    def delivered(self, number: int) -> None:
        self._ledger.execute(
            "UPDATE outbox SET state = 'delivered', attempts = attempts + 1, last_error = '' "
            "WHERE id = ?",
            (number,),
        )
        if number % 100 == 0:
            self._ledger.execute(
                "DELETE FROM outbox WHERE state = 'delivered' AND id <= ?",
                (number - KEPT_DELIVERIES,),
            )

    def not_delivered(self, number: int, error: str, retry_in_s: float | None) -> None:
        """Plan another attempt, or give the message up when ``retry_in_s`` is None."""
        retry_at = None if retry_in_s is None else self._ledger.now_s() + retry_in_s
        self._ledger.execute(
            "UPDATE outbox SET attempts = attempts + 1, last_error = ?, "
            "due_at = coalesce(?, due_at), "
            "state = iif(state <> 'pending', state, iif(? IS NULL, 'given_up', 'pending')) "
            "WHERE id = ?",
            (error, retry_at, retry_at, number),
        )

    def move(self, number: int, wish: str) -> bool:
        """Send again, hold back or drop one message by hand; False when that makes no sense now.

        Raises KeyError for a wish other than "send", "hold", "drop".
        """
        state, before = _MOVES[wish]
        marks = ",".join("?" * len(before))
        changed = self._ledger.execute(
            f"UPDATE outbox SET state = ?, due_at = ?, created_at = iif(? = 'send', ?, created_at) "
            f"WHERE id = ? AND state IN ({marks})",
            (state, self._ledger.now_s(), wish, self._ledger.now_s(), number, *before),
        )
        return changed.rowcount == 1

    def clock_moved(self) -> None:
        """After the clock went back, what was due stays due."""
        now = self._ledger.now_s()
        self._ledger.execute(
            "UPDATE outbox SET due_at = min(due_at, ?), created_at = min(created_at, ?) "
            "WHERE state = 'pending' AND created_at > ?",
            (now, now, now),
        )

    def counts(self) -> dict[str, int]:
        """Messages by state."""
        found = dict.fromkeys(STATES, 0)
        found.update(
            self._ledger.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall()
        )
        return found

    def newest(self, limit: int, offset: int = 0) -> list[dict[str, Any]]:
        """One page of messages, newest first, as the control API shows them."""
        rows = self._ledger.execute(
            "SELECT id, url, body, created_at, due_at, attempts, state, last_error FROM outbox "
            "ORDER BY id DESC LIMIT ? OFFSET ?",
            (limit, offset),
        )
        return [
            {
                "id": number,
                "url": url,
                "body": body.decode("utf-8", "replace"),
                "created_at": datetime.fromtimestamp(created_at, UTC).isoformat(),
                "due_at": datetime.fromtimestamp(due_at, UTC).isoformat(),
                "attempts": attempts,
                "state": state,
                "last_error": last_error,
            }
            for number, url, body, created_at, due_at, attempts, state, last_error in rows
        ]
