"""How many calls left in the last so many seconds: a sliding window in sixty buckets. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BUCKETS = 60
# Share of a limit by a run's priority: what is behind leaves room for live work.
SHARES = {0: 1.0, 1: 0.7}


@dataclass(slots=True)
class Window:
    """Calls per bucket of one limit "``count`` in ``span_s``"; times are seconds since 1970.

    A call counts until its whole bucket, and one more, is older than the span: the vendor counts
    calls when they arrive, and some travel longer than others. So never more than ``count`` calls
    fall into any span, whatever way the vendor counts them.
    """

    count: int
    span_s: int
    used: dict[int, int] = field(default_factory=dict)
    asked: int = 0  # calls that were refused since it was read: each is told another time

    @property
    def bucket_s(self) -> float:
        """Length of a bucket."""
        return self.span_s / BUCKETS

    def forget(self, now: float) -> None:
        """Drop what no longer counts."""
        oldest = int((now - self.span_s) / self.bucket_s) - 1
        self.used = {bucket: n for bucket, n in self.used.items() if bucket >= oldest}

    def total(self) -> int:
        """Calls that count."""
        return sum(self.used.values())

    def free_at(self, now: float, priority: int, cost: int = 1) -> float:
        """When there is room for ``cost`` calls of that priority: ``now``, or a later time.

        Callers that are refused one after the other are told times at which there is room for
        each of them.
        """
        self.forget(now)
        allowed = max(1, int(self.count * SHARES.get(priority, min(SHARES.values()))))
        cost = min(cost, allowed)
        over = self.total() + cost - allowed
        if over <= 0:
            return now
        wanted = over + self.asked
        self.asked += cost
        for bucket in sorted(self.used):
            wanted -= self.used[bucket]
            if wanted <= 0:
                return max(now, (bucket + 2) * self.bucket_s + self.span_s)
        return now + self.span_s * (1 + wanted / max(1, allowed)) + 2 * self.bucket_s

    def take(self, now: float, calls: int = 1) -> None:
        """Count calls that leave now; fewer than none takes back what was counted at that time."""
        bucket = int(now / self.bucket_s)
        self.used[bucket] = max(0, self.used.get(bucket, 0) + calls)

    def learn(self, now: float, remaining: float) -> None:
        """The vendor says that fewer calls are left than we know of: others use the account too."""
        self.forget(now)
        missing = int(self.count - self.total() - remaining)
        if missing > 0:
            self.take(now, missing)

    def set_right(self, now: float, margin_s: float) -> bool:
        """Count calls of times to come, which a clock that ran ahead has noted, as made now."""
        ahead = {b: n for b, n in self.used.items() if b * self.bucket_s > now + margin_s}
        for bucket in ahead:
            del self.used[bucket]
        if ahead:
            self.take(now, sum(ahead.values()))
        return bool(ahead)

    def runs_out_at(self, now: float) -> float | None:
        """When the limit is used up at the pace of the last twentieth of its span, or None."""
        self.forget(now)
        since = int((now - self.span_s / 20) / self.bucket_s)
        recent = sum(n for bucket, n in self.used.items() if bucket >= since)
        pace = recent / (self.span_s / 20)
        left = max(0, self.count - self.total())
        if pace * self.span_s <= self.count or pace == 0:
            return None
        return now + left / pace

    def as_json(self) -> dict[str, int]:
        """Compact form for storage."""
        return {str(bucket): n for bucket, n in self.used.items()}

    @classmethod
    def from_json(cls, count: int, span_s: int, raw: Mapping[str, int]) -> Window:
        """Window of its stored form."""
        return cls(count, span_s, {int(bucket): n for bucket, n in raw.items()})
