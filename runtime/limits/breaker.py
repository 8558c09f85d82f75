"""A circuit breaker: when a system does not answer, one call at a time asks whether it does. Pure.

Only silence counts (no connection, no reply in time, a reply with a status of 500 and above): a
refused document says that the system is well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

OPENS_AFTER = 5  # failures in a row
FIRST_S = 5.0
FACTOR = 2.0
LONGEST_S = 300.0
PROBE_LIFE_S = 135.0  # no call lives longer
MARGIN_S = 120.0  # clocks of several machines may differ


@dataclass(slots=True)
class Breaker:
    """Times are seconds since 1970."""

    failures: int = 0  # since the last answer
    opened_at: float = 0.0
    rounds: int = 0  # how often it opened since the last answer
    until: float = 0.0
    probe: str = ""  # whose call asks whether the system is back
    probe_until: float = 0.0

    def state(self, now: float) -> Literal["closed", "open", "half_open"]:
        """Whether calls leave, none leaves, or one at a time."""
        if not self.rounds:
            return "closed"
        return "open" if now < self.until else "half_open"

    def free_at(self, now: float, holder: str) -> float:
        """When that call may leave, or ask again: ``now``, or a later time."""
        match self.state(now):
            case "closed":
                return now
            case "open":
                return self.until
        if self.probe in ("", holder) or now >= self.probe_until:
            return now
        return now + min(FIRST_S, self.probe_until - now)

    def take(self, now: float, holder: str) -> None:
        """The call leaves; if the circuit is half open, it is the one that asks."""
        if self.state(now) == "half_open":
            self.probe, self.probe_until = holder, now + PROBE_LIFE_S

    def let_go(self, holder: str) -> bool:
        """The call of ``holder`` has ended; True if it was the one that asks."""
        if not holder or self.probe != holder:
            return False
        self.probe, self.probe_until = "", 0.0
        return True

    def set_right(self, now: float) -> bool:
        """Bring forward times that only a clock that ran ahead can have set; True if there were."""
        longest = min(LONGEST_S, FIRST_S * FACTOR ** max(0, self.rounds - 1))
        wrong = self.until > now + longest + MARGIN_S
        self.until = now + longest if wrong else self.until
        if self.probe_until > now + PROBE_LIFE_S + MARGIN_S:
            self.probe, self.probe_until, wrong = "", 0.0, True
        return wrong

    def answered(self) -> bool:
        """The system answered; True if that changed anything."""
        if not self.failures and not self.rounds:
            return False
        self.failures = self.rounds = 0
        self.opened_at = self.until = self.probe_until = 0.0
        self.probe = ""
        return True

    def silent(self, now: float) -> None:
        """The system did not answer."""
        self.failures += 1
        before = self.state(now)
        if before == "open" or (before == "closed" and self.failures < OPENS_AFTER):
            return
        self.opened_at = self.opened_at or now
        self.until = now + min(LONGEST_S, FIRST_S * FACTOR**self.rounds)
        self.rounds += 1
        self.probe, self.probe_until = "", 0.0

    def as_json(self) -> dict[str, Any]:
        """Compact form for storage: empty while all is well."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Breaker:
        """Breaker of its stored form."""
        found = cls(**raw)
        for name in ("opened_at", "until", "probe_until"):  # JSON is read with exact decimals
            setattr(found, name, float(getattr(found, name)))
        return found
