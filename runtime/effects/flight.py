"""Calls from a granted intent to their answer: admission, threads, company, the way back."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from django.db import close_old_connections, connection

from connectors import facade as connectors
from ipaas.core import clock, leave
from ipaas.core.errors import Recovery
from runtime.effects.admission import held_back
from runtime.effects.performer import perform, perform_together
from runtime.effects.together import Together, Waiting
from runtime.engine import Call, Failure, Held, Outcome
from runtime.store import Claim

if TYPE_CHECKING:
    from runtime.effects.hands import Hand

Place = tuple[str, str, str]  # workspace, environment, connection
GATHER_S = 0.003  # answers that come within this time are committed together
LATE = Failure(
    "worker.late",
    "The worker was held up before the call could leave.",
    recovery=Recovery.RETRY,
)
TORN = Failure(
    "worker.torn",
    "The worker was stopped in the middle of the call.",
    recovery=Recovery.RETRY,
    executed="unknown",
    adrift=True,
)


ENDS = "the worker ends; another one goes on"


class Flight:
    """Calls that have left for one batch of runs, and their answers in the order they came."""

    def __init__(self) -> None:
        self._answers: SimpleQueue[tuple[Hand, Outcome]] = SimpleQueue()
        self._away: dict[int, tuple[Hand, int]] = {}  # hands, and how many calls of each
        self.ended: list[tuple[Claim, Outcome]] = []  # calls nobody was told of yet
        self.queue: list[tuple[Hand, Call]] = []  # calls that wait for one of these to end

    def __len__(self) -> int:
        return len(self._away)

    @property
    def hands(self) -> list[Hand]:
        """Runs whose calls are under way."""
        return [hand for hand, _ in self._away.values()]

    @property
    def airborne(self) -> int:
        """Calls that have left."""
        return sum(count for _, count in self._away.values()) - len(self.queue)

    def leaves(self, hand: Hand) -> None:
        """A call of this run is about to leave."""
        self._away[id(hand)] = (hand, self._away.get(id(hand), (hand, 0))[1] + 1)

    def lands(self, hand: Hand, outcome: Outcome) -> None:
        """Its answer is there; from any thread."""
        self._answers.put((hand, outcome))

    def taken(self) -> list[tuple[Claim, Outcome]]:
        """Calls that ended since this was asked last."""
        ended, self.ended = self.ended, []
        return ended

    def landed(self, timeout_s: float) -> list[tuple[Hand, Outcome]]:
        """New answers; waits for the first, then a moment for others."""
        found: list[tuple[Hand, Outcome]] = []
        if not self._away:
            return found
        try:
            found.append(self._next(timeout_s))
            if self._away:
                time.sleep(GATHER_S)
            while True:
                found.append(self._next(0))
        except Empty:
            return found

    def _next(self, timeout_s: float) -> tuple[Hand, Outcome]:
        hand, outcome = self._answers.get(timeout_s > 0, timeout_s or None)
        left = self._away[id(hand)][1] - 1
        if left:
            self._away[id(hand)] = (hand, left)
        else:
            del self._away[id(hand)]
        return hand, outcome


class Carrier:
    """The threads of one worker that make calls.

    Calls by one connection never take all of them: further ones wait in a line of their own, so a
    system that hangs holds up no other.
    """

    def __init__(self, calls_at_once: int) -> None:
        self._pool = ThreadPoolExecutor(calls_at_once, thread_name_prefix="call")
        self._share = calls_at_once - calls_at_once // 8  # of one connection
        self._flying: Counter[Place] = Counter()
        self._lines: dict[Place, deque[Callable[[], None]]] = {}
        self._lock = threading.Lock()
        self.draining = False  # what has not left by now stays, and uses up no try
        self._together = Together(self._pool, _performed_together, LATE, TORN)

    def close(self) -> None:
        """Wait for calls under way and free the threads."""
        self._pool.shutdown(wait=True)

    def send(self, granted: Iterable[tuple[Hand, Call]], flight: Flight) -> None:
        """Let calls leave that may; the others get an outcome that says until when they wait.

        A call for which too many are under way waits here for one of ours to end: that takes
        less than to put the run down and take it up again.
        """
        queued, flight.queue = flight.queue, []
        waiting = {(id(hand), call.node_id) for hand, call in queued}
        wanted = [*queued, *granted]
        held = held_back([(hand.claim, call) for hand, call in wanted], flight.taken())
        later: list[tuple[Hand, Call, Outcome]] = []
        for hand, call in wanted:
            if (id(hand), call.node_id) not in waiting:
                flight.leaves(hand)
            outcome = held.get((hand.claim.run_id, call.node_id))
            if outcome is None:
                self._leave(hand, call, flight)
            else:
                later.append((hand, call, outcome))
        airborne = flight.airborne - len(later)
        for hand, call, outcome in later:
            if airborne and outcome.held and outcome.held.reason == "concurrency":
                flight.queue.append((hand, call))
            else:
                flight.lands(hand, outcome)

    def _leave(self, hand: Hand, call: Call, flight: Flight) -> None:
        most, wait_s = hand.program.company(call)
        place = (hand.claim.workspace_id, hand.claim.environment)
        if most < 2:
            self._line_up((*place, call.connection), partial(self._fly, hand, call, flight))
            return
        waiting = Waiting(call, lambda: hand.held, partial(flight.lands, hand), hand.claim.flow_id)
        self._together.submit(place, waiting, most=most, wait_s=wait_s)

    def _line_up(self, place: Place, fly: Callable[[], None]) -> None:
        with self._lock:
            if self._flying[place] >= self._share:
                self._lines.setdefault(place, deque()).append(fly)
                return
            self._flying[place] += 1
        self._pool.submit(self._fly_all, place, fly)

    def _fly_all(self, place: Place, fly: Callable[[], None]) -> None:
        """One call; then the next in line has its thread."""
        try:
            fly()
        finally:
            with self._lock:
                line = self._lines.get(place)
                following = line.popleft() if line else None
                if following is None:
                    self._lines.pop(place, None)
                    self._flying[place] -= 1
                    if not self._flying[place]:
                        del self._flying[place]
            if following is not None:
                try:
                    self._pool.submit(self._fly_all, place, following)
                except RuntimeError:  # the pool is closing: what was sent on its way still flies
                    self._fly_all(place, following)

    def _fly(self, hand: Hand, call: Call, flight: Flight) -> None:
        outcome = Outcome(call, failure=TORN)
        try:
            outcome = self._call(hand, call)
        finally:
            flight.lands(hand, outcome)

    def _call(self, hand: Hand, call: Call) -> Outcome:
        if not hand.held:
            # Somebody else may own the run by now: a call that has not left must not leave.
            return Outcome(call, failure=LATE)
        if self.draining:
            return Outcome(call, held=Held(clock.now(), "drain", ENDS))
        try:
            with (
                leave.only_while(lambda: hand.held),
                leave.empty_handed(_give_back),
                connectors.by_flow(hand.claim.flow_id),
            ):
                return perform(hand.claim.workspace_id, hand.claim.environment, call)
        finally:
            close_old_connections()


def _performed_together(workspace: str, environment: str, calls: Sequence[Call]) -> list[Outcome]:
    try:
        with leave.empty_handed(_give_back):
            return perform_together(workspace, environment, calls)
    finally:
        close_old_connections()


def _give_back() -> None:
    """Put the connection to our own database back into its pool, if this thread has taken one.

    A worker makes more calls at once than there are connections; if each kept one while another
    system thinks, none would be left to renew leases and to commit answers.
    """
    if getattr(connection, "pool", None) and not connection.in_atomic_block:
        connection.close()
