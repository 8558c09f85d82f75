"""One vendor call from socket to answer: faults, transaction, webhooks, cut connections."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.types import Receive, Scope, Send

from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import (
    LOST_REPLY,
    REFUSALS,
    SERVER_ERROR,
    SLOW,
    Call,
    CallKind,
    Refused,
    Reply,
    Vendor,
    json_reply,
)
from connectors.sandbox_kit.webhooks import Dispatcher

_INSTANCE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_COMMON_SETTINGS: Mapping[str, Any] = {"clock_offset_s": 0, "slow_s": 3, "webhooks": []}
MAX_BODY_BYTES = 8_000_000
MAX_OPEN = 48
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
        ledger.recent_calls.clear()

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
        kind = vendor.kind(call)
        reply = _refusal(vendor, call, ledger) if kind is not CallKind.OTHER else None
        lost = slow = False
        if reply is None:
            lost = kind is CallKind.WRITE and ledger.faults.take(LOST_REPLY.name, call.path)
            slow = kind is not CallKind.OTHER and ledger.faults.take(SLOW.name, call.path)
            reply = carry_out(vendor, call, ledger)
            self._dispatcher.wake(ledger)
        if slow:
            await asyncio.sleep(float(ledger.setting("slow_s")))
        if lost:
            await _cut(scope, receive)
        else:
            await respond(send, reply)


def carry_out(vendor: Vendor, call: Call, ledger: Ledger) -> Reply:
    """Answer of the vendor; what it wrote is committed when this returns."""
    try:
        with ledger.transaction():
            return vendor.handle(call, ledger)
    except Refused as refused:
        return refused.reply
    except Exception:
        _log.exception("%s %s of %s failed", call.method, call.path, vendor.slug)
        return vendor.refusal(SERVER_ERROR.name, call, ledger)


def _refusal(vendor: Vendor, call: Call, ledger: Ledger) -> Reply | None:
    for fault in REFUSALS:
        if ledger.faults.take(fault.name, call.path):
            return vendor.refusal(fault.name, call, ledger)
    return None


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
    headers = [(b"content-length", str(len(reply.body)).encode())]
    if reply.body or reply.status not in (204, 302):
        headers.append((b"content-type", reply.content_type.encode()))
    headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _cut(scope: Scope, receive: Receive) -> None:
    """Close the socket without a byte of an answer, and wait until it is closed."""
    scope["state"]["transport"].abort()
    while (await receive())["type"] != "http.disconnect":
        pass
