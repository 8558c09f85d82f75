"""What stands outside the product: a sender of orders and a server that takes them, in one process.

Both ends share a clock, so the time from web hook to POST needs no reading of the product's rows.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from ipaas.core import jsonio
from tests.benchmarks.bench_mapping import order as shop_order

_NUMBER = re.compile(rb'"DocNumber":"(\d+)"')
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TAKEN = b'{"ok":true,"id":"stub-%s"}'


@cache
def _halves() -> tuple[bytes, bytes]:
    """An order of 3 kB, cut where its number stands."""
    mark = "@@@@@@@@@"
    text = jsonio.dumps({**shop_order()["trigger"], "increment_id": mark, "note": ""})
    text = text.replace(b'"note":""', b'"note":"%s"' % (b"x" * (3000 - len(text))))
    before, after = text.split(mark.encode())
    return before, after


def order(number: int) -> bytes:
    """An order of 3 kB, five lines, in the shape of a shop's."""
    before, after = _halves()
    return b"%s%09d%s" % (before, number, after)


class Stub(asyncio.Protocol):
    """Takes each POST and notes when it came."""

    def __init__(self, taken: dict[int, float], doubled: list[int]) -> None:
        self._taken, self._doubled, self._buffer = taken, doubled, b""

    def connection_made(self, transport: Any) -> None:
        """Keep the way back."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every complete request."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._buffer, 0, end)
            whole = end + 4 + (int(length.group(1)) if length else 0)
            if len(self._buffer) < whole:
                return
            found = _NUMBER.search(self._buffer, end, whole)
            number = int(found.group(1)) if found else -1
            if number in self._taken:
                self._doubled.append(number)
            self._taken.setdefault(number, time.perf_counter())
            self._buffer = self._buffer[whole:]
            body = _TAKEN % str(number).encode()
            head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: "
            self._transport.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)


class Sender(asyncio.Protocol):
    """One kept-alive connection that sends an order, waits for its answer, sends the next."""

    def __init__(self, answered: Callable[[Sender, int, bool], None]) -> None:
        self._answered, self._buffer, self.number = answered, b"", -1

    def connection_made(self, transport: Any) -> None:
        """Keep the way out."""
        self.transport = transport

    def send(self, number: int, request: bytes) -> None:
        """Send one request."""
        self.number = number
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Tell when the answer is complete."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        length = _LENGTH.search(self._buffer, 0, end)
        whole = end + 4 + (int(length.group(1)) if length else 0)
        if len(self._buffer) >= whole:
            good = self._buffer[9:12] == b"200"
            self._buffer = self._buffer[whole:]
            self._answered(self, self.number, good)


class Outside:
    """The server of the other end, and the sender, on one loop."""

    def __init__(self) -> None:
        self.taken: dict[int, float] = {}
        self.doubled: list[int] = []
        self.sent: dict[int, float] = {}
        self.acked: dict[int, float] = {}
        self.refused = 0
        self._server: Any = None

    async def listen(self, port: int) -> None:
        """Take orders on ``port``."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Stub(self.taken, self.doubled), "127.0.0.1", port, backlog=200
        )

    async def burst(self, port: int, path: str, first: int, count: int, at_once: int) -> None:
        """Send ``count`` orders, ``at_once`` of them waiting for their answers at any time."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        numbers = iter(range(first, first + count))
        left = count

        def following(sender: Sender) -> None:
            number = next(numbers, None)
            if number is not None:
                self.sent[number] = time.perf_counter()
                sender.send(number, self._request(path, number))

        def answered(sender: Sender, number: int, good: bool) -> None:
            nonlocal left
            self.acked[number] = time.perf_counter()
            self.refused += not good
            left -= 1
            following(sender)
            if left == 0:
                done.set_result(None)

        senders = []
        for _ in range(at_once):
            _, sender = await loop.create_connection(lambda: Sender(answered), "127.0.0.1", port)
            senders.append(sender)
        for sender in senders:
            following(sender)
        await done
        for sender in senders:
            sender.transport.close()

    async def trickle(self, port: int, path: str, first: int, count: int, every_s: float) -> None:
        """Send ``count`` orders, one each ``every_s``, whatever became of those before."""
        loop = asyncio.get_running_loop()
        idle: list[Sender] = []

        def answered(sender: Sender, number: int, good: bool) -> None:
            self.acked[number] = time.perf_counter()
            self.refused += not good
            idle.append(sender)

        for number in range(first, first + count):
            if not idle:
                _, sender = await loop.create_connection(
                    lambda: Sender(answered), "127.0.0.1", port
                )
                idle.append(sender)
            request = self._request(path, number)
            self.sent[number] = time.perf_counter()
            idle.pop().send(number, request)
            await asyncio.sleep(every_s)

    async def until_taken(self, count: int, deadline_s: float) -> float:
        """Wait until ``count`` orders have been taken; when the last of them came."""
        end = time.perf_counter() + deadline_s
        while len(self.taken) < count:
            if time.perf_counter() > end:
                raise AssertionError(f"{len(self.taken)} of {count} orders have arrived")
            await asyncio.sleep(0.02)
        return max(self.taken.values())

    def _request(self, path: str, number: int) -> bytes:
        body = order(number)
        return (
            b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Webhook-Id: order-%d\r\nContent-Length: %d\r\n\r\n"
            % (path.encode(), number, len(body))
        ) + body
