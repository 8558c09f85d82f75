"""One vendor call from socket to answer: faults, transaction, webhooks, cut connections."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.types import Receive, Scope, Send

from connectors.sandbox_kit.drift import drifted
from connectors.sandbox_kit.journal import Ending
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import (
    ACCESS_REFUSED,
    DRIFTS,
    ERROR_AFTER_COMMIT,
    LATE_COMMIT,
    LATE_RECORDS,
    LOST_REPLY,
    NO_ANSWER,
    RATE_LIMITED,
    RATE_LIMITED_BARE,
    REFUSALS,
    SERVER_ERROR,
    SLOW,
    TOKEN_EXPIRED,
    TRUNCATED,
    Call,
    CallKind,
    Fault,
    Refused,
    Reply,
    Vendor,
    json_reply,
)
from connectors.sandbox_kit.webhooks import Dispatcher
from ipaas.core import clock

_INSTANCE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_COMMON_SETTINGS: Mapping[str, Any] = {
    "clock_offset_s": 0,
    "slow_s": 3,
    "silence_s": 120,
    "visible_after_s": 30,
    "commit_after_s": 10,
    "late_webhook_s": 60,
    "reorder_s": 2,
    "drift_field": "",
    "webhooks": [],
}
MAX_BODY_BYTES = 8_000_000
MAX_OPEN = 48
LOOK_S = 0.1
_log = logging.getLogger(__name__)


class Instances:
    """The ledgers of all instances, opened when first touched and seeded when new."""

    def __init__(self, data_dir: Path, vendors: Mapping[str, Vendor]) -> None:
        self.vendors = vendors
        self._data_dir = data_dir
        self._known: dict[tuple[str, str], Ledger] = {}
        self._open: OrderedDict[int, Ledger] = OrderedDict()

    @staticmethod
    def valid(instance: str) -> bool:
        return bool(_INSTANCE.fullmatch(instance)) and instance != "health"

    def ledger(self, instance: str, vendor: Vendor) -> Ledger:
        key = (instance, vendor.slug)
        if key not in self._known:
            path = self._data_dir / instance / f"{vendor.slug}.sqlite3"
            settings = {**_COMMON_SETTINGS, **vendor.default_settings}
            ledger = Ledger(path, instance, settings, opened=self._opened)
            if ledger.setting("seeded") is None:
                with ledger.transaction():
                    ledger.change_settings({**vendor.new_credentials(instance), "seeded": True})
                    vendor.seed(ledger)
                    ledger.age_all()
            self._known[key] = ledger
        ledger = self._known[key]
        if id(ledger) in self._open:
            self._open.move_to_end(id(ledger))
        return ledger

    def _opened(self, ledger: Ledger) -> None:
        """Keep the number of open files small: close what was not used for longest."""
        self._open[id(ledger)] = ledger
        if len(self._open) > MAX_OPEN:
            _, longest_unused = self._open.popitem(last=False)
            longest_unused.close()

    def reset(self, instance: str, vendor: Vendor) -> None:
        """Back to the seed; credentials, settings and counters stay, so that nothing that was
        connected has to connect again and no number is ever given twice."""
        ledger = self.ledger(instance, vendor)
        with ledger.transaction():
            ledger.forget_records(except_entities=("_token", "_refresh"))
            vendor.seed(ledger)
            ledger.age_all()
        ledger.recent_calls.clear()
        ledger.journal.clear()

    def on_disk(self) -> Iterator[Ledger]:
        for path in sorted(self._data_dir.glob("*/*.sqlite3")):
            vendor = self.vendors.get(path.stem)
            if vendor and self.valid(path.parent.name):
                yield self.ledger(path.parent.name, vendor)

    def close(self) -> None:
        for ledger in self._known.values():
            ledger.close()


class VendorGate:
    """ASGI app for /<instance>/<vendor>/..."""

    def __init__(self, instances: Instances, dispatcher: Dispatcher) -> None:
        self._instances = instances
        self._dispatcher = dispatcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        if body is None:
            return
        path = [unquote(part) for part in scope["raw_path"].decode("ascii").split("/")[1:]]
        instance, slug = path[0], path[1] if len(path) > 1 else ""
        vendor = self._instances.vendors.get(slug)
        if vendor is None or not Instances.valid(instance):
            await respond(send, json_reply({"message": "There is no such sandbox."}, 404))
            return
        call = call_of(scope, body, tuple(path[2:]), f"/{instance}/{slug}")
        ledger = self._instances.ledger(instance, vendor)
        self._catch_up(vendor, ledger)
        kind = vendor.kind(call)
        started = clock.monotonic_s()
        reply, ending = _answer(vendor, call, ledger, kind)
        if ending is not Ending.REFUSED:
            self._dispatcher.wake(ledger)
            if kind is not CallKind.OTHER and ledger.faults.take(SLOW.name, call.path):
                await self._take_time(ledger)
        if kind is not CallKind.OTHER:
            duration_ms = (clock.monotonic_s() - started) * 1000
            ledger.journal.note(call, reply, ending, ledger.now(), duration_ms)
        match ending:
            case Ending.CUT:
                if ledger.deferred:
                    wait_s = max(0.0, ledger.deferred[-1][0] - ledger.now_s())
                    later = asyncio.get_running_loop().call_later
                    later(wait_s + 0.01, self._catch_up, vendor, ledger)
                await _cut(scope, receive)
            case Ending.SILENT:
                await _keep_waiting(scope, receive, float(ledger.setting("silence_s")))
            case Ending.TORN:
                await _tear(scope, receive, send, reply)
            case _:
                await respond(send, reply)

    async def _take_time(self, ledger: Ledger) -> None:
        """Let ``slow_s`` go by; who makes it shorter meanwhile need not wait for the rest."""
        began = clock.monotonic_s()
        while True:
            left = began + float(ledger.setting("slow_s")) - clock.monotonic_s()
            if left <= 0:
                return
            await asyncio.sleep(min(left, LOOK_S))

    def _catch_up(self, vendor: Vendor, ledger: Ledger) -> None:
        """Carry out the writes that were cut off and whose time has come."""
        while ledger.deferred and ledger.deferred[0][0] <= ledger.now_s():
            due_s, call = ledger.deferred.pop(0)
            with ledger.as_of(due_s):
                carry_out(vendor, call, ledger)
            self._dispatcher.wake(ledger)


def _answer(vendor: Vendor, call: Call, ledger: Ledger, kind: CallKind) -> tuple[Reply, Ending]:
    """What the vendor says, and how much of it reaches the client."""
    if kind is CallKind.OTHER:
        return carry_out(vendor, call, ledger), Ending.WHOLE
    refusal = _refusal(vendor, call, ledger)
    if refusal is not None:
        return refusal, Ending.REFUSED
    if kind is CallKind.WRITE and ledger.faults.take(LATE_COMMIT.name, call.path):
        due_s = ledger.now_s() + float(ledger.setting("commit_after_s"))
        ledger.deferred.append((due_s, call))
        return Reply(202), Ending.CUT
    hit = {
        fault.name
        for fault in (LOST_REPLY, NO_ANSWER, ERROR_AFTER_COMMIT, TRUNCATED, LATE_RECORDS, *DRIFTS)
        if _may_hit(fault, kind) and ledger.faults.take(fault.name, call.path)
    }
    age_s = float(ledger.setting("visible_after_s")) if LATE_RECORDS.name in hit else None
    reply = carry_out(vendor, call, ledger, hidden_age_s=age_s)
    if reply.status < 300:
        for fault in DRIFTS:
            if fault.name in hit:
                reply = drifted(reply, fault.name, str(ledger.setting("drift_field")))
    if ERROR_AFTER_COMMIT.name in hit:
        reply = vendor.refusal(SERVER_ERROR.name, call, ledger)
    if LOST_REPLY.name in hit:
        return reply, Ending.CUT
    if NO_ANSWER.name in hit:
        return reply, Ending.SILENT
    return reply, Ending.TORN if TRUNCATED.name in hit else Ending.WHOLE


def _may_hit(fault: Fault, kind: CallKind) -> bool:
    if fault in (LOST_REPLY, NO_ANSWER, ERROR_AFTER_COMMIT):
        return kind is CallKind.WRITE
    return fault is not LATE_RECORDS or kind is CallKind.READ


def carry_out(
    vendor: Vendor, call: Call, ledger: Ledger, *, hidden_age_s: float | None = None
) -> Reply:
    """Answer of the vendor; what it wrote is committed when this returns.

    With ``hidden_age_s`` the vendor does not find its records younger than that.
    """
    hiding = nullcontext() if hidden_age_s is None else ledger.hiding(hidden_age_s)
    try:
        with ledger.transaction(), hiding:
            return vendor.handle(call, ledger)
    except Refused as refused:
        return refused.reply
    except Exception:
        _log.exception("%s %s of %s failed", call.method, call.path, vendor.slug)
        return vendor.refusal(SERVER_ERROR.name, call, ledger)


def _refusal(vendor: Vendor, call: Call, ledger: Ledger) -> Reply | None:
    for fault in REFUSALS:
        if fault in vendor.faults and ledger.faults.take(fault.name, call.path):
            return _refused_by(fault, vendor, call, ledger)
    return None


def _refused_by(fault: Fault, vendor: Vendor, call: Call, ledger: Ledger) -> Reply:
    if fault is RATE_LIMITED_BARE:
        return vendor.refusal(RATE_LIMITED.name, call, ledger).without_header("retry-after")
    if fault is ACCESS_REFUSED:
        return vendor.refusal(TOKEN_EXPIRED.name, call, ledger)
    return vendor.refusal(fault.name, call, ledger)


def call_of(scope: Scope, body: bytes, segments: tuple[str, ...], mounted_at: str) -> Call:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get("host") or "{}:{}".format(*scope["server"])
    return Call(
        method=scope["method"],
        segments=segments,
        raw_query=scope["query_string"].decode("ascii", "replace"),
        headers=headers,
        body=body,
        base_url=f"{scope['scheme']}://{host}{mounted_at}",
    )


async def read_body(receive: Receive) -> bytes | None:
    """Whole body, or None if the client left first or sends too much."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY_BYTES:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def respond(send: Send, reply: Reply) -> None:
    await send(_head(reply))
    await send({"type": "http.response.body", "body": reply.body})


def _head(reply: Reply) -> dict[str, Any]:
    headers = [(b"content-length", str(len(reply.body)).encode())]
    if reply.body or reply.status not in (204, 302):
        headers.append((b"content-type", reply.content_type.encode()))
    headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    return {"type": "http.response.start", "status": reply.status, "headers": headers}


async def _cut(scope: Scope, receive: Receive) -> None:
    """Close the socket without a byte of an answer, and wait until it is closed."""
    scope["state"]["transport"].abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _keep_waiting(scope: Scope, receive: Receive, longest_s: float) -> None:
    """Say nothing until the client gives up, or for so long; then close the socket."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(longest_s):
            while (await receive())["type"] != "http.disconnect":
                pass
            return
    await _cut(scope, receive)


async def _tear(scope: Scope, receive: Receive, send: Send, reply: Reply) -> None:
    """Send the head and half of the body, then close the socket."""
    await send(_head(reply))
    half = reply.body[: len(reply.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    scope["state"]["transport"].close()
    while (await receive())["type"] != "http.disconnect":
        pass
