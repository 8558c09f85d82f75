"""When to try again: exponential backoff with full jitter.

Full jitter (a uniform share of the exponential bound) spreads retries best; see the AWS
Architecture Blog, "Exponential Backoff And Jitter" (2015).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

TRANSIENT = "transient"  # the other system is in trouble, or cannot be reached
RATE_LIMIT = "rate_limit"  # it asked us to slow down
UNKNOWN = "unknown"  # a reply was lost
CLASSES = (TRANSIENT, RATE_LIMIT, UNKNOWN)
_SETTINGS = ("attempts", "first_s", "factor", "longest_s", "budget_s")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently a step is tried: half a second first, some ten minutes in all.

    So a vendor's restart or short maintenance leaves no work for a person. No try comes later than
    ``budget_s`` after the step began; ``classes`` holds what differs for a class of errors.
    """

    attempts: int = 10
    first_s: float = 0.5
    factor: float = 2.7
    longest_s: float = 300.0
    longest_wish_s: float = 24 * 3600.0
    budget_s: float | None = None
    classes: Mapping[str, RetryPolicy] = field(default_factory=dict)

    @classmethod
    def from_config(cls, config: Any) -> RetryPolicy:
        """Policy of a step's ``retry`` setting; what it leaves out is as usual."""
        given = config if isinstance(config, Mapping) else {}
        base = _changed(cls(), given)
        own = {name: _changed(base, given[name]) for name in CLASSES if given.get(name)}
        return replace(base, classes=own)

    def of(self, error_class: str) -> RetryPolicy:
        """The policy for a class of errors."""
        return self.classes.get(error_class, self)

    def allows(self, tries: int, spent_s: float, wait_s: float = 0.0) -> bool:
        """Whether there may be one more try after so many, so long after the first, and once more
        so much later: nobody waits for a try that would come too late."""
        in_time = self.budget_s is None or spent_s + wait_s < self.budget_s
        return tries < self.attempts and in_time

    def delay_s(self, attempt: int, rand: float, retry_after_s: float | None) -> float:
        """Seconds until the try after ``attempt`` (1 = the first try has failed).

        A vendor's own wish (Retry-After) is obeyed, with up to a tenth on top so that many
        waiting runs do not come back in the same instant.
        """
        if retry_after_s is not None:
            return min(self.longest_wish_s, max(0.05, retry_after_s)) * (1 + 0.1 * rand)
        bound = min(self.longest_s, self.first_s * self.factor ** min(attempt - 1, 60))
        return max(0.05, bound * rand)


def _changed(base: RetryPolicy, given: Mapping[str, Any]) -> RetryPolicy:
    changes: dict[str, Any] = {
        name: int(given[name]) if name == "attempts" else float(given[name])
        for name in _SETTINGS
        if given.get(name) is not None
    }
    return replace(base, **changes)
