"""How far one node of a run has come, as a plain frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runtime.engine.states import StepStatus

_BOUND = (StepStatus.RUNNING, StepStatus.RETRYING, StepStatus.IN_DOUBT)
_NUMBERS = (
    "attempts losses probes probe_failures generation person adrift made total seen escalated"
    " stumbles unsure away"
).split()


@dataclass(frozen=True, slots=True)
class StepState:
    """How far one node has come."""

    status: StepStatus = StepStatus.PENDING
    port: str | None = None  # the exit that was taken
    input: str | None = None  # payload reference
    output: str | None = None  # payload reference
    attempts: int = 0
    probes: int = 0  # searches that found nothing
    probe_failures: int = 0
    losses: int = 0  # attempts that ended because our own worker died
    generation: int = 0  # rises when a person lets a step be done again
    started_at: datetime | None = None
    finished_at: datetime | None = None
    next_at: datetime | None = None
    person: bool = False  # in doubt, and only a person can say more
    adrift: bool = False  # in doubt, and the call may still be on its way
    error: Mapping[str, Any] | None = None
    made: int = 0  # runs of its own that exist
    total: int = 0  # and how many there are to be
    seen: int = 0  # news of them that were looked at
    stumbles: int = 0  # times that it could not even be worked out
    escalated: int = 0  # how often somebody else was asked
    unsure: bool = False  # a try left that may have been done, and no search has said no
    parked: str | None = None  # the connection that it waits for
    away: bool = False  # cancelled, and a call that had left has not been answered yet

    def as_json(self) -> dict[str, Any]:
        """Compact form for storage: defaults are left out."""
        found: dict[str, Any] = {"status": str(self.status)}
        for name in ("port", "input", "output", "error", "parked"):
            if (value := getattr(self, name)) is not None:
                found[name] = value
        for name in _NUMBERS:
            if number := getattr(self, name):
                found[name] = number
        for name in ("started_at", "finished_at", "next_at"):
            if moment := getattr(self, name):
                found[name] = moment.isoformat()
        return found

    @property
    def under_way(self) -> bool:
        """True while a call (or a search) has left and its answer is awaited."""
        searching = self.status is StepStatus.IN_DOUBT and not self.person and not self.next_at
        return self.status is StepStatus.RUNNING or searching or self.away

    @property
    def bound(self) -> bool:
        """True while the step must go on with what it was given, whatever it would be given now:
        its document may have arrived, or a part of its runs exists."""
        if self.status is StepStatus.WAITING:
            return self.made < self.total or self.attempts > 0
        return self.away or self.status in _BOUND

    @property
    def needs_mending(self) -> bool:
        """True if the run stands still because of this step until a person has done something."""
        if self.status is StepStatus.WAITING:
            return self.person
        return self.status is StepStatus.FAILED and self.port is None

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> StepState:
        """State of its stored form."""
        times = {
            name: datetime.fromisoformat(raw[name])
            for name in ("started_at", "finished_at", "next_at")
            if name in raw
        }
        rest: dict[str, Any] = {
            name: value for name, value in raw.items() if name not in times and name != "status"
        }
        rest.update(times)
        return cls(status=StepStatus(raw["status"]), **rest)
