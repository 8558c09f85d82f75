"""What a vendor tells of its limits in the headers of a reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, NamedTuple

from ipaas.core import clock

LONGEST_WAIT_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class LimitHeaders:
    """Which headers tell how many calls are left, and when there are more again.

    Of several, the one with the least left counts; a reset may be seconds from now or a time.
    """

    remaining: tuple[str, ...] = ("x-ratelimit-remaining", "ratelimit-remaining")
    reset: tuple[str, ...] = ("x-ratelimit-reset", "ratelimit-reset")
    reset_is: Literal["seconds", "epoch"] = "seconds"


class Told(NamedTuple):
    """What the headers said; None where they said nothing readable."""

    retry_after_s: float | None = None
    limit_remaining: int | None = None
    limit_reset_s: float | None = None


_NOTHING = Told()


def read(headers: Mapping[str, str], names: LimitHeaders) -> Told:
    """The limits told by a reply; header names are lower case."""
    wait = headers.get("retry-after")
    left = [text for name in names.remaining if (text := headers.get(name))]
    if wait is None and not left:
        return _NOTHING
    counts = [int(text) for text in left if text.strip().isdecimal()]
    resets = [
        seconds
        for name in names.reset
        if (text := headers.get(name)) and (seconds := _reset_s(text, names)) is not None
    ]
    return Told(
        None if wait is None else retry_after_s(wait),
        min(counts) if counts else None,
        max(resets) if resets else None,
    )


def retry_after_s(text: str) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date; None if it is neither."""
    text = text.strip()
    if text.replace(".", "", 1).isdecimal():
        return min(float(text), LONGEST_WAIT_S)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        return None
    return min(max(0.0, (until - clock.now()).total_seconds()), LONGEST_WAIT_S)


def _reset_s(text: str, names: LimitHeaders) -> float | None:
    text = text.strip()
    if not text.replace(".", "", 1).isdecimal():
        return retry_after_s(text)
    if names.reset_is == "seconds":
        return min(float(text), LONGEST_WAIT_S)
    until = datetime.fromtimestamp(min(float(text), 4e9), UTC)
    return min(max(0.0, (until - clock.now()).total_seconds()), LONGEST_WAIT_S)
