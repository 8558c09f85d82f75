"""The time, from one replaceable place, so that a month of retries can be tested in seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that knows the time."""

    def now(self) -> datetime:
        """Current time, UTC-aware."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Current time, UTC-aware."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that moves only when told to."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Time as last set."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward by ``by``."""
        self._now += by


_clock: Clock = SystemClock()


def now() -> datetime:
    """Current time, UTC-aware, from the clock in force."""
    return _clock.now()


def monotonic_s() -> float:
    """Seconds for measuring durations; never goes back."""
    return time.monotonic()


@contextmanager
def use(clock: Clock) -> Iterator[Clock]:
    """Let ``clock`` be the time of this process inside the block."""
    global _clock
    before, _clock = _clock, clock
    try:
        yield clock
    finally:
        _clock = before
