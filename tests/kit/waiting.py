"""Waiting for something to become true, with a deadline, never for an amount of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(
    condition: Callable[[], T], *, what: str, deadline_s: float = 15.0, every_s: float = 0.02
) -> T:
    """First true result of ``condition``; AssertionError that names ``what`` at the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"{what}: still not after {deadline_s:g} s, last seen {result!r}")
        time.sleep(every_s)
