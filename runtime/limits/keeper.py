"""Asks and tells the shared allowances: one short transaction for many calls, none where nothing
is limited.

The state of a scope is remembered for a second, so a system without limits that is well costs one
query a second and process. What the vendor itself counts is always asked for under a row lock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from connectors import facade as connectors
from connectors.facade import LimitScope
from ipaas.core import clock
from ipaas.core.errors import IpaasError
from runtime import faults
from runtime.limits.allowance import Allowance, Hold
from runtime.models import AllowanceRow

KEPT_S = 1.0
_ONE = (0.0, 1)
MOST_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class Want:
    """A call that would leave now; ``holder`` names it among all calls of all workers."""

    holder: str
    ref: connectors.ConnectionRef
    operation: str
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What one call taught: whether the system answered, and what it said of its limits."""

    want: Want
    answered: bool | None  # None: nothing was asked of it
    retry_after_s: float | None = None
    remaining: float | None = None
    reset_s: float | None = None
    requests: int = 1  # how many it made of the vendor


@dataclass(slots=True)
class Keeper:
    """The allowances as one process sees them.

    A call may make several requests (a search, then the creation): as many as it made before are
    counted when it leaves, and corrected when it has ended.
    """

    _costs: dict[tuple[str, str], int] = field(default_factory=dict)
    _taken: dict[str, tuple[float, int]] = field(default_factory=dict)  # holder -> when, cost
    _kept: dict[str, tuple[float, Allowance]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, wants: Sequence[Want], news: Sequence[Told] = ()) -> dict[str, Hold]:
        """Calls that must not leave yet, by holder; the others are counted and may leave.

        ``news`` of calls that have ended is taken in first: their slots are free again, and all
        workers know what the replies taught. A call on a connection that does not exist may leave:
        the call itself says so.
        """
        scopes = {each.holder: _scopes(each) for each in (*wants, *(told.want for told in news))}
        every = {scope.key: scope for found in scopes.values() for scope in found}
        if not every:
            return {}
        self._refresh(every.values())
        now = clock.now().timestamp()
        busy = {key for key in every if not self._kept[key][1].quiet(now)}
        asked = {scope.key for want in wants for scope in scopes[want.holder]} & busy
        taught = {key for told in news for key in self._taught(told, scopes[told.want.holder])}
        if not asked and not taught:
            return {}
        held: dict[str, Hold] = {}
        with self._locked([every[key] for key in asked | taught]) as rows:
            now = clock.now().timestamp()
            for told in news:
                self._take_in(told, scopes[told.want.holder], rows, now)
            for want in sorted(wants, key=lambda w: w.priority):
                mine = [rows[s.key] for s in scopes[want.holder] if s.key in rows]
                cost = self._costs.get((want.ref.slug, want.operation), 1)
                asked_for = (want.holder, want.priority, now, cost)
                holds = [hold for row in mine if (hold := row.hold(*asked_for))]
                if holds:
                    held[want.holder] = max(holds, key=lambda hold: hold.until)
                    continue
                for row in mine:
                    row.take(want.holder, now, cost)
                if len(self._taken) > MOST_KEPT:
                    self._taken.clear()
                self._taken[want.holder] = (now, cost)
        return held

    def grant_together(self, ref: connectors.ConnectionRef, operation: str) -> bool:
        """Whether calls of an operation, each granted already, may now leave in one request.

        It is counted for what the vendor allows of such requests. Raises DatabaseError.
        """
        scopes = connectors.batch_scopes(ref, operation)
        if not scopes:
            return True
        with self._locked(scopes) as rows:
            now = clock.now().timestamp()
            if any(row.hold("", 0, now) for row in rows.values()):
                return False
            for row in rows.values():
                row.take("", now)
        return True

    def count(self, ref: connectors.ConnectionRef, operation: str, requests: int) -> None:
        """Requests were made without asking; where nothing is limited, nothing is written."""
        scopes = [each for each in _scopes(Want("", ref, operation)) if each.limits]
        if not scopes:
            return
        with self._locked(scopes) as rows:
            now = clock.now().timestamp()
            for row in rows.values():
                row.count(now, requests)

    def tell(self, news: Sequence[Told]) -> None:
        """Take in news without asking for anything."""
        self.admit((), news)

    def _take_in(
        self, told: Told, scopes: Sequence[LimitScope], rows: dict[str, Allowance], now: float
    ) -> None:
        taken_at, cost = self._taken.pop(told.want.holder, (now, told.requests))
        kind = (told.want.ref.slug, told.want.operation)
        self._costs[kind] = max(told.requests, self._costs.get(kind, 1), 1)
        for place, scope in enumerate(scopes):
            row = rows.get(scope.key)
            if row is None:
                continue
            row.release(told.want.holder)
            row.correct(now, taken_at, cost, told.requests)
            row.tell(
                now,
                # Whether the system is well is known by connection, not by account.
                answered=None if place else told.answered,
                retry_after_s=told.retry_after_s,
                remaining=told.remaining,
                reset_s=told.reset_s,
            )

    def _taught(self, told: Told, scopes: Sequence[LimitScope]) -> Iterator[str]:
        """Scopes whose stored state that reply changes."""
        for place, scope in enumerate(scopes):
            state = self._kept[scope.key][1]
            breaker = state.breaker
            if (
                state.at_once
                or (state.windows and told.requests != self._taken.get(told.want.holder, _ONE)[1])
                or (place == 0 and (breaker.failures or breaker.rounds or told.answered is False))
                or told.retry_after_s is not None
                or (told.remaining is not None and _teaches(state, told.remaining))
            ):
                yield scope.key

    def changed(self, ref: connectors.ConnectionRef, entities: Iterable[str]) -> None:
        """Records of these kinds have changed in that system: nobody may use what was kept."""
        scope = next(iter(_scopes(Want("", ref, ""))), None)
        if scope is None:
            return
        with self._locked([scope]) as rows:
            for entity in entities:
                rows[scope.key].note_change(entity)

    def epoch(self, ref: connectors.ConnectionRef, entities: Iterable[str]) -> tuple[int, ...]:
        """How often records of these kinds have changed, as this process knows it."""
        scope = next(iter(_scopes(Want("", ref, ""))), None)
        if scope is None:
            return ()
        self._refresh([scope])
        epochs = self._kept[scope.key][1].epochs
        return tuple(epochs.get(entity, 0) for entity in entities)

    def state(self, scope: LimitScope) -> Allowance:
        """State of a scope as it is stored now, for people to see."""
        row = AllowanceRow.objects.filter(key=scope.key).first()
        found = Allowance.from_json(row.state if row else {}, scope.limits)
        return found.set_right(clock.now().timestamp())

    def _refresh(self, scopes: Iterable[LimitScope]) -> None:
        now_s = clock.monotonic_s()
        old = [
            scope
            for scope in scopes
            if (kept := self._kept.get(scope.key)) is None
            or now_s - kept[0] > KEPT_S
            or kept[1].limits != scope.limits
        ]
        if not old:
            return
        rows = dict(
            AllowanceRow.objects.filter(key__in=[scope.key for scope in old]).values_list(
                "key", "state"
            )
        )
        with self._lock:
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            for scope in old:
                state = Allowance.from_json(rows.get(scope.key, {}), scope.limits)
                self._kept[scope.key] = (now_s, state)

    def _locked(self, scopes: Iterable[LimitScope]) -> _Locked:
        return _Locked(self, sorted(scopes, key=lambda scope: scope.key))

    def keep(self, key: str, state: Allowance) -> None:
        """Remember a state that was just read or written."""
        with self._lock:
            self._kept[key] = (clock.monotonic_s(), state)


class _Locked:
    """The rows of some scopes, locked in one order; what has changed is stored at the end."""

    def __init__(self, keeper: Keeper, scopes: list[LimitScope]) -> None:
        self._keeper, self._scopes = keeper, scopes
        self._atomic = faults.commits("limits")
        self._rows: dict[str, Allowance] = {}

    def __enter__(self) -> dict[str, Allowance]:
        self._atomic.__enter__()
        try:
            now = clock.now()
            keys = [scope.key for scope in self._scopes]
            if connection.vendor == "postgresql":
                # Losing the last moments at a power cut costs a few calls of a limit, no document.
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL synchronous_commit TO OFF")
            rows = self._read(keys)
            if missing := [key for key in keys if key not in rows]:
                AllowanceRow.objects.bulk_create(
                    [AllowanceRow(key=key, state={}, updated_at=now) for key in missing],
                    ignore_conflicts=True,
                )
                rows = self._read(keys)
            now_s = now.timestamp()
            self._rows = {
                scope.key: Allowance.from_json(rows[scope.key], scope.limits).set_right(now_s)
                for scope in self._scopes
            }
        except BaseException as error:
            self._atomic.__exit__(type(error), error, error.__traceback__)
            raise
        return self._rows

    def _read(self, keys: list[str]) -> dict[str, dict[str, object]]:
        rows = AllowanceRow.objects.select_for_update().filter(key__in=keys).order_by("key")
        return dict(rows.values_list("key", "state"))

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            now = clock.now()
            changed = [
                AllowanceRow(key=key, state=row.as_json(), updated_at=now)
                for key, row in self._rows.items()
                if row.changed
            ]
            if changed:
                AllowanceRow.objects.bulk_update(changed, ["state", "updated_at"])
        self._atomic.__exit__(*error)
        if error[0] is None:
            for key, row in self._rows.items():
                row.changed = False
                self._keeper.keep(key, row)


def _teaches(state: Allowance, remaining: float) -> bool:
    if remaining < 1:
        return True
    if not state.windows:
        return False
    shortest = state.windows[min(state.windows)]
    return shortest.count - shortest.total() > remaining + shortest.count / 20


def _scopes(want: Want) -> tuple[LimitScope, ...]:
    try:
        return connectors.limit_scopes(want.ref, want.operation or None)
    except IpaasError:
        return ()


KEEPER = Keeper()
