"""Separate writes of many runs in one request, where the vendor takes several at once.

Each keeps its own intent, key and result. Steps ask for it by a time that they can wait; a step
that says nothing is sent alone and at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial

from connectors import facade as connectors
from ipaas.core import clock, leave
from runtime.engine import Call, Failure, Outcome

LONGEST_S = 5.0
Perform = Callable[[str, str, Sequence[Call]], Sequence[Outcome]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A call that waits for company; ``held`` says whether it may still leave."""

    call: Call
    held: Callable[[], bool]
    done: Callable[[Outcome], None]
    flow: str = ""  # whose run it is


@dataclass(slots=True)
class _Group:
    until_s: float
    most: int
    full: threading.Event = field(default_factory=threading.Event)
    calls: list[Waiting] = field(default_factory=list)


class Together:
    """Gathers calls of one operation on one connection for a short time, then sends them as one."""

    def __init__(self, pool: Executor, perform: Perform, late: Failure, torn: Failure) -> None:
        self._pool, self._perform, self._late, self._torn = pool, perform, late, torn
        self._groups: dict[tuple[str, str, str, str], _Group] = {}
        self._lock = threading.Lock()

    def submit(
        self,
        place: tuple[str, str],
        waiting: Waiting,
        *,
        most: int,
        wait_s: float,
    ) -> None:
        """Send it with up to ``most`` others, after at most ``wait_s``; its ``done`` is called.

        ``place`` is the workspace and its environment.
        """
        key = (*place, waiting.call.connection, waiting.call.operation)
        with self._lock:
            group = self._groups.get(key)
            opened = group is None
            if group is None:
                until_s = clock.monotonic_s() + min(wait_s, LONGEST_S)
                group = self._groups[key] = _Group(until_s, most)
            group.calls.append(waiting)
            if len(group.calls) >= group.most:
                del self._groups[key]
                group.full.set()
        if opened:
            self._pool.submit(self._leave, key, group)

    def _leave(self, key: tuple[str, str, str, str], group: _Group) -> None:
        group.full.wait(max(0.0, group.until_s - clock.monotonic_s()))
        with self._lock:
            if self._groups.get(key) is group:
                del self._groups[key]
        left = []
        for waiting in group.calls:
            if waiting.held():
                left.append(waiting)
            else:
                waiting.done(Outcome(waiting.call, failure=self._late))
        outcomes: Sequence[Outcome] = [Outcome(w.call, failure=self._torn) for w in left]
        try:
            if left:
                held = partial(_all_held, left)
                # The request counts once, for the flow that opened the group.
                with leave.only_while(held), connectors.by_flow(left[0].flow):
                    outcomes = self._perform(key[0], key[1], [each.call for each in left])
        finally:
            for waiting, outcome in zip(left, outcomes, strict=True):
                waiting.done(outcome)


def _all_held(calls: Sequence[Waiting]) -> bool:
    return all(waiting.held() for waiting in calls)
