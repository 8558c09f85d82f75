"""Sends promised webhooks until the receiver accepts them; never holds up the vendor's API.

At least once and in no promised order. What was promised is in the ledger, so that a receiver
or a sandbox that is killed and started again misses nothing.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import http.client
import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import WebhookMessage

_PAUSES_S = (0.2, 0.5, 1.0)
_LAST_PAUSE_S = 2.0
GIVE_UP_AFTER_S = 3600.0
PARALLEL = 8  # per instance and vendor, so that one hanging receiver stops nobody else
PARALLEL_IN_ALL = 32
TIMEOUT_S = 10.0
_log = logging.getLogger(__name__)


def signature(secret: str, body: bytes) -> str:
    """Base64 of the HMAC-SHA256 of the raw body."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


class Dispatcher:
    """One background task that watches the ledgers with promised webhooks."""

    def __init__(self) -> None:
        self._watched: dict[int, Ledger] = {}
        self._under_way: dict[int, set[int]] = {}
        self._woken = asyncio.Event()
        self._pool = ThreadPoolExecutor(PARALLEL_IN_ALL, thread_name_prefix="webhook")
        self._sends: set[asyncio.Task[None]] = set()

    def wake(self, ledger: Ledger) -> None:
        """Look at this ledger now; called after each commit."""
        self._watched[id(ledger)] = ledger
        self._woken.set()

    def forget(self, ledger: Ledger) -> None:
        self._watched.pop(id(ledger), None)

    async def run(self, ledgers_on_disk: Callable[[], Iterable[Ledger]]) -> None:
        """Deliver until cancelled."""
        for ledger in ledgers_on_disk():
            self.wake(ledger)
            await asyncio.sleep(0)
        try:
            while True:
                self._woken.clear()
                pause_s = self._start_due()
                try:
                    await asyncio.wait_for(self._woken.wait(), pause_s)
                except TimeoutError:
                    pass
        finally:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _start_due(self) -> float | None:
        """Start what is due; return how long nothing more will be (None: until woken)."""
        next_due: list[float] = []
        for ledger in list(self._watched.values()):
            under_way = self._under_way.setdefault(id(ledger), set())
            free = PARALLEL - len(under_way)
            for number, message, attempts, created_at in ledger.outbox.due(free, under_way):
                under_way.add(number)
                task = asyncio.create_task(
                    self._send(ledger, number, message, attempts, created_at)
                )
                self._sends.add(task)
                task.add_done_callback(self._sends.discard)
            wait_s = ledger.outbox.next_due_s(under_way)
            if wait_s is None:
                self._watched.pop(id(ledger))
            elif len(under_way) < PARALLEL:
                next_due.append(wait_s)
        return max(0.02, min(next_due)) if next_due else None

    async def _send(
        self, ledger: Ledger, number: int, message: WebhookMessage, attempts: int, created_at: float
    ) -> None:
        loop = asyncio.get_running_loop()
        try:
            complaint = await loop.run_in_executor(self._pool, _post, message)
            if complaint is None:
                ledger.outbox.delivered(number)
            else:
                pause_s = _PAUSES_S[attempts] if attempts < len(_PAUSES_S) else _LAST_PAUSE_S
                too_old = ledger.now_s() - created_at > GIVE_UP_AFTER_S
                ledger.outbox.not_delivered(number, complaint, None if too_old else pause_s)
        finally:
            self._under_way[id(ledger)].discard(number)
            self.wake(ledger)


_kept = threading.local()


def _post(message: WebhookMessage) -> str | None:
    """POST the message from a worker thread; None when accepted, else what went wrong."""
    target = urlsplit(message.url)
    address = (target.scheme, target.netloc)
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    connections = _kept.__dict__.setdefault("connections", {})
    for reused in (True, False):
        connection = connections.pop(address, None) if reused else None
        if reused and connection is None:
            continue
        if connection is None:
            kind = (
                http.client.HTTPSConnection
                if target.scheme == "https"
                else http.client.HTTPConnection
            )
            try:
                connection = kind(target.netloc, timeout=TIMEOUT_S)
            except (ValueError, http.client.HTTPException) as error:
                return f"{message.url} is not a usable address: {error}"
        try:
            connection.request("POST", path, body=message.body, headers=dict(message.headers))
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            if not reused:
                return f"{type(error).__name__}: {error}"
            continue
        if answer.will_close:
            connection.close()
        else:
            connections[address] = connection
        return None if 200 <= answer.status < 300 else f"The receiver answered {answer.status}."
    return "not sent"
