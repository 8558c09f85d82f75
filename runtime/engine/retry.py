"""When to try again: exponential backoff with full jitter.

Full jitter (a uniform share of the exponential bound) spreads retries best; see the AWS
Architecture Blog, "Exponential Backoff And Jitter" (2015).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently a step is tried: half a second first, some ten minutes in all.

    So a vendor's restart or short maintenance leaves no work for a person.
    """

    attempts: int = 10
    first_s: float = 0.5
    factor: float = 2.7
    longest_s: float = 300.0
    longest_wish_s: float = 24 * 3600.0

    def delay_s(self, attempt: int, rand: float, retry_after_s: float | None) -> float:
        """Seconds until the try after ``attempt`` (1 = the first try has failed).

        A vendor's own wish (Retry-After) is obeyed, with up to a tenth on top so that many
        waiting runs do not come back in the same instant.
        """
        if retry_after_s is not None:
            return min(self.longest_wish_s, max(0.05, retry_after_s)) * (1 + 0.1 * rand)
        bound = min(self.longest_s, self.first_s * self.factor ** (attempt - 1))
        return max(0.05, bound * rand)
