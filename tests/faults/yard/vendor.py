"""The other end: keeps every paper that came, and misbehaves on the way like a bad vendor.

It runs in the process of the test, is never killed, and its ledger is the judge.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.http.pool import REST_S
from ipaas.core import jsonio

_LENGTH = re.compile(rb"\ncontent-length: *(\d+)", re.IGNORECASE)
_KEY = re.compile(rb"\nidempotency-key: *(\S+)", re.IGNORECASE)
LATE_S = 1.5  # the longest time between a request and a commit that its sender never hears of
AGAIN_S = REST_S * 0.6  # a second answer comes this soon after the first
HIDDEN_S = 1.0  # the longest time that a search overlooks a fresh paper
PAGE = 20


@dataclass
class Manners:
    """How often, of 1000 writes, the vendor does this; 0 for a polite one."""

    slow: int = 120  # takes up to half a second
    lost: int = 30  # is carried out, then the connection is cut
    late: int = 15  # the connection is cut, and it is carried out a while after that
    error_before: int = 15  # answers 500, nothing was done
    error_after: int = 15  # answers 500, but it was done
    refused: int = 15  # answers 429 with Retry-After
    doubled: int = 15  # the answer is sent twice over the same connection


POLITE = Manners(*[0] * 7)


@dataclass
class Ledger:
    """What arrived, by name of paper, and the keys that were honoured."""

    papers: dict[str, list[float]] = field(default_factory=dict)  # when each came, by name
    order: dict[str, list[int]] = field(default_factory=dict)  # numbers by key, as they came
    keys: dict[str, Any] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    past: list[dict[str, Any]] = field(default_factory=list)  # what happened before the storm
    seen: Counter[str] = field(default_factory=Counter)  # misbehaviour by kind
    hidden: dict[str, float] = field(default_factory=dict)
    overlooks: int = 0  # so many searches find nothing, whatever is there
    hides: bool = True  # now and then a fresh paper is not found at once
    away: bool = False  # nothing is read
    held: set[str] = field(default_factory=set)  # names of papers that take their time
    arrived: int = 0  # writes that were read, done or not

    def take(self, paper: dict[str, Any]) -> dict[str, Any]:
        """Keep a paper; what was sent with the same key before is not kept again."""
        key = paper.pop("_key", None)
        if key is not None and key in self.keys:
            self.seen["key honoured"] += 1
            return dict(self.keys[key])
        name = str(paper["name"])
        now = time.monotonic()
        self.papers.setdefault(name, []).append(now)
        if self.hides and random.random() < 0.2:
            self.hidden[name] = now + random.uniform(0, HIDDEN_S)
        if paper.get("line") and "n" in paper:
            self.order.setdefault(str(paper["line"]), []).append(int(paper["n"]))
        answer = {"id": f"p{len(self.papers)}", "name": name}
        if key is not None:
            self.keys[key] = answer
        return answer

    def visible(self, name: str) -> bool:
        """Whether a search finds it now."""
        if self.overlooks:
            self.overlooks -= 1
            return False
        return name in self.papers and self.hidden.get(name, 0) <= time.monotonic()


class Server(asyncio.Protocol):
    """One connection; requests follow each other."""

    def __init__(self, ledger: Ledger, manners: Manners) -> None:
        self._ledger, self._manners, self._buffer = ledger, manners, b""
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        """Keep the way back."""
        self._wire = transport
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def connection_lost(self, error: Exception | None) -> None:
        """What was received whole is still carried out, as servers do."""
        self._queue.put_nowait(b"")

    def data_received(self, data: bytes) -> None:
        """Cut the stream into requests."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._buffer, 0, end + 2)
            whole = end + 4 + (int(length.group(1)) if length else 0)
            if len(self._buffer) < whole:
                return
            self._queue.put_nowait(self._buffer[:whole])
            self._buffer = self._buffer[whole:]

    async def _serve(self) -> None:
        while request := await self._queue.get():
            await self._answer(request)

    async def _answer(self, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if method == "GET":
            if self._ledger.away:
                self._wire.abort()
            else:
                self._reply(200, self._read(path, query))
            return
        papers = self._papers(path, head, jsonio.loads(body))
        self._ledger.arrived += 1
        while any(str(paper["name"]) in self._ledger.held for paper in papers):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        what = self._chance()
        self._ledger.seen[what] += 1
        if what == "slow":
            await asyncio.sleep(random.uniform(0.05, 0.5))
        elif what == "error_before":
            self._reply(500, {"message": "out of order"})
            return
        elif what == "refused":
            self._reply(429, {"message": "too many"}, "Retry-After: 1\r\n")
            return
        elif what == "late":
            self._wire.abort()
            loop = asyncio.get_running_loop()
            delay_s = random.uniform(0.1, LATE_S)
            for paper in papers:
                loop.call_later(delay_s, self._ledger.take, paper)
            return
        keys = [str(paper.get("_key")) for paper in papers]
        taken = [self._ledger.take(paper) for paper in papers]
        answer: Any = taken[0]
        if path == "/together":
            rows = [{"key": k, "paper": each} for k, each in zip(keys, taken, strict=True)]
            answer = {"rows": rows}
        if what == "lost":
            self._wire.abort()
        elif what == "error_after":
            self._reply(500, {"message": "out of order"})
        else:
            self._reply(201, answer)
            if what == "doubled":
                loop = asyncio.get_running_loop()
                loop.call_later(0.002, self._again, answer, loop.time() + AGAIN_S)

    def _again(self, answer: Any, latest: float) -> None:
        """Answer a second time, unless this machine was too busy to do so in time: what comes
        later, nobody could tell from the answer to the next request."""
        if asyncio.get_running_loop().time() < latest:
            self._reply(201, answer)

    def _papers(self, path: str, head: bytes, document: Any) -> list[dict[str, Any]]:
        """The papers of a request; with the key where this address honours one."""
        key = _KEY.search(head)
        if path == "/together":
            rows = document["rows"]
            if "paper" in rows[0]:
                return [{**row["paper"], "_key": row["key"]} for row in rows]
            return [{**rows[0], "_key": key.group(1).decode() if key else None}]
        if path == "/keyed":
            assert key is not None, "a keyed write came without its key"
            return [{**document, "_key": key.group(1).decode()}]
        return [document]

    def _chance(self) -> str:
        number = random.randrange(1000)
        for name, share in vars(self._manners).items():
            number -= share
            if number < 0:
                return name
        return "good"

    def _read(self, path: str, query: dict[str, list[str]]) -> Any:
        if path == "/changes":
            start = int(query.get("place", ["0"])[0] or 0)
            rows = self._ledger.changes[start : start + PAGE]
            end = start + len(rows)
            return {"rows": rows, "next": str(end), "more": end < len(self._ledger.changes)}
        if path == "/past":
            since, until = (datetime.fromisoformat(query.get(n, [e])[0]) for n, e in _EVER)
            rows = [r for r in self._ledger.past if since <= _at(r) < until]
            return {"rows": rows}
        if path == "/paper":
            return {"id": query["id"][0], "name": "read by its id"}
        name = query.get("name", [""])[0]
        if path == "/truth":  # what a person sees who looks closely
            return {"there": name in self._ledger.papers}
        return {"paper": {"id": "found", "name": name} if self._ledger.visible(name) else None}

    def _reply(self, status: int, document: Any, more: str = "") -> None:
        if self._wire.is_closing():
            return
        body = jsonio.dumps(document)
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{more}"
        self._wire.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


_EVER = (("since", "2000-01-01T00:00:00+00:00"), ("until", "2100-01-01T00:00:00+00:00"))


def _at(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["at"])


async def listen(port: int, ledger: Ledger, manners: Manners) -> asyncio.Server:
    """Take papers on ``port``."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Server(ledger, manners), "127.0.0.1", port, backlog=200)
