"""What one connection, account or app may do now; asked and told by all workers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.facade import Limit
from runtime.limits.breaker import MARGIN_S, Breaker
from runtime.limits.windows import Window

SLOT_LIFE_S = 135.0  # no call lives longer; whoever held a slot for so long is dead
SLOT_RETRY_S = 0.3
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a call must not leave yet, and when it may ask again (seconds since 1970)."""

    until: float
    reason: str  # rate, daily, concurrency, pause, circuit


@dataclass(slots=True)
class Allowance:
    """State of one scope; ``changed`` says whether it must be stored."""

    limits: tuple[Limit, ...] = ()
    windows: dict[int, Window] = field(default_factory=dict)
    slots: dict[str, float] = field(default_factory=dict)  # holder of a call under way -> its end
    pause_until: float = 0.0
    pause_s: float = 0.0  # how long the pause was when it began
    pause_why: str = ""
    breaker: Breaker = field(default_factory=Breaker)
    epochs: dict[str, int] = field(default_factory=dict)  # entity -> times it has changed
    waiting: int = 0  # refused since it was read
    changed: bool = False

    @property
    def at_once(self) -> int:
        """How many calls may be under way; 0 = any number."""
        return min((limit.concurrency for limit in self.limits if limit.concurrency), default=0)

    def quiet(self, now: float) -> bool:
        """True if any call may leave without being counted."""
        return not self.limits and self.pause_until <= now and not self.breaker.rounds

    def hold(self, holder: str, priority: int, now: float, cost: int = 1) -> Hold | None:
        """Why that call must wait, or None if it may leave; ``cost`` is in requests."""
        if now < self.pause_until:
            return self._spread(Hold(self.pause_until, "pause"))
        free_at = self.breaker.free_at(now, holder)
        if free_at > now:
            return self._spread(Hold(free_at, "circuit"))
        if self.at_once and holder not in self.slots:
            self.slots = {name: end for name, end in self.slots.items() if end > now}
            if len(self.slots) >= self.at_once:
                return self._spread(Hold(now + SLOT_RETRY_S, "concurrency"))
        for window in self.windows.values():
            free_at = window.free_at(now, priority, cost)
            if free_at > now:
                return Hold(free_at, "daily" if window.span_s >= DAY_S else "rate")
        return None

    def _spread(self, hold: Hold) -> Hold:
        """Those who wait for the same moment come back one after the other."""
        self.waiting += 1
        spacing = 0.05 if not self.at_once else SLOT_RETRY_S / self.at_once
        return Hold(hold.until + min(30.0, self.waiting * spacing), hold.reason)

    def take(self, holder: str, now: float, cost: int = 1) -> None:
        """The call leaves."""
        for window in self.windows.values():
            window.take(now, cost)
        if self.at_once:
            self.slots[holder] = now + SLOT_LIFE_S
        self.breaker.take(now, holder)
        self.changed = True

    def count(self, now: float, requests: int) -> None:
        """Requests were made that nobody asked for here."""
        for window in self.windows.values():
            window.take(now, requests)
        self.changed = self.changed or bool(self.windows)

    def correct(self, now: float, taken_at: float, cost: int, requests: int) -> None:
        """The call made that many requests, not ``cost``."""
        if cost == requests:
            return
        for window in self.windows.values():
            window.take(taken_at if requests < cost else now, requests - cost)
            self.changed = True

    def release(self, holder: str) -> None:
        """The call has ended."""
        if self.slots.pop(holder, None) is not None:
            self.changed = True
        # Its answer may teach nothing (it was kept, or nothing left): then another one asks.
        self.changed |= self.breaker.let_go(holder)

    def tell(
        self,
        now: float,
        *,
        answered: bool | None,
        retry_after_s: float | None = None,
        remaining: float | None = None,
        reset_s: float | None = None,
    ) -> None:
        """Learn from one reply, or from there being none."""
        if answered:
            self.changed |= self.breaker.answered()
        elif answered is False:
            self.breaker.silent(now)
            self.changed = True
        if retry_after_s is not None:
            self._pause(now, retry_after_s, "The vendor asked for a pause.")
        elif remaining is not None and remaining < 1 and reset_s:
            self._pause(now, reset_s, "The vendor's limit is used up.")
        if remaining is not None and self.windows:
            shortest = self.windows[min(self.windows)]
            before = shortest.total()
            shortest.learn(now, remaining)
            self.changed |= shortest.total() != before

    def _pause(self, now: float, length_s: float, why: str) -> None:
        if now + length_s > self.pause_until + 0.5:
            self.pause_until, self.pause_s, self.pause_why = now + length_s, length_s, why
            self.changed = True

    def set_right(self, now: float) -> Allowance:
        """Itself, without times that only a clock that ran ahead can have set: nothing lasts
        longer than if it had begun now."""
        wrong = self.breaker.set_right(now)
        if self.pause_until > now + self.pause_s + MARGIN_S:
            self.pause_until, wrong = now + self.pause_s, True
        for holder, end in self.slots.items():
            if end > now + SLOT_LIFE_S + MARGIN_S:
                self.slots[holder], wrong = now + SLOT_LIFE_S, True
        for window in self.windows.values():
            wrong |= window.set_right(now, MARGIN_S)
        self.changed |= wrong
        return self

    def note_change(self, entity: str) -> None:
        """Records of that kind have changed: what is kept of them is old."""
        self.epochs[entity] = self.epochs.get(entity, 0) + 1
        self.changed = True

    def as_json(self) -> dict[str, Any]:
        """Compact form for storage."""
        found: dict[str, Any] = {
            "windows": {str(span): window.as_json() for span, window in self.windows.items()},
            "slots": self.slots,
            "breaker": self.breaker.as_json(),
            "epochs": self.epochs,
        }
        if self.pause_until:
            found |= {"pause_until": self.pause_until, "pause_why": self.pause_why}
            found["pause_s"] = self.pause_s
        return {name: value for name, value in found.items() if value}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any], limits: Sequence[Limit]) -> Allowance:
        """State of its stored form, under the limits in force now."""
        spans: dict[int, int] = {}
        for limit in limits:
            for count, span in ((limit.count, limit.window_s), (limit.daily, DAY_S)):
                if count and span:
                    spans[span] = min(count, spans.get(span, count))
        used = raw.get("windows", {})
        return cls(
            limits=tuple(limits),
            windows={
                span: Window.from_json(count, span, used.get(str(span), {}))
                for span, count in sorted(spans.items())
            },
            slots={name: float(end) for name, end in raw.get("slots", {}).items()},
            pause_until=float(raw.get("pause_until", 0.0)),
            pause_s=float(raw.get("pause_s", DAY_S)),  # of older rows nobody knows it
            pause_why=raw.get("pause_why", ""),
            breaker=Breaker.from_json(raw.get("breaker", {})),
            epochs=dict(raw.get("epochs", {})),
        )
