"""The latest calls on a vendor, in memory: what the screen shows of the traffic."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from connectors.sandbox_kit.vendor import Call, Reply

KEPT = 200
_BODY_CHARACTERS = 4_000


class Ending(StrEnum):
    """What became of the answer."""

    WHOLE = "whole"
    REFUSED = "refused"
    CUT = "cut"
    SILENT = "silent"
    TORN = "torn"


class Journal:
    """A bounded list of calls; headers are not kept, they carry secrets."""

    def __init__(self) -> None:
        self._calls: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._count = 0

    def note(
        self, call: Call, reply: Reply, ending: Ending, at: datetime, duration_ms: float
    ) -> None:
        """Keep one exchange; long bodies are cut."""
        self._count += 1
        self._calls.append(
            {
                "id": self._count,
                "at": at.isoformat(timespec="milliseconds"),
                "method": call.method,
                "path": call.path + (f"?{call.raw_query}" if call.raw_query else ""),
                "status": reply.status,
                "ending": ending.value,
                "duration_ms": round(duration_ms, 1),
                "request": _text(call.body),
                "reply": _text(reply.body),
            }
        )

    def newest(self, limit: int) -> Iterator[dict[str, Any]]:
        """Calls, newest first."""
        for index, entry in enumerate(reversed(self._calls)):
            if index == limit:
                return
            yield entry

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()


def _text(body: bytes) -> str:
    text = body[: _BODY_CHARACTERS * 4].decode("utf-8", "replace")
    return text if len(text) <= _BODY_CHARACTERS else text[:_BODY_CHARACTERS] + " …"
