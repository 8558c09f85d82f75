"""What a function argument becomes before the function sees it, or an error in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final, NamedTuple

from ipaas.mapping.errors import unfit
from ipaas.mapping.limits import MAX_DIGITS, MAX_TEXT
from ipaas.mapping.values import Value, kind_of, plain_number

Number = int | Decimal

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_INT_BOUND: Final = 10**MAX_DIGITS
_LONGEST_NUMBER_TEXT: Final = 2 * MAX_DIGITS
NUMBER_HINT: Final = "Write it with digits and a point, without currency or thousands signs: 1234.5"


def to_number(value: Value) -> Number:
    """The exact number of a number or of a numeric text such as “19.995”."""
    kind = type(value)
    if kind is Decimal:
        if not value.is_finite() or abs(value.adjusted()) > MAX_DIGITS:
            raise unfit(value, f"has more than {MAX_DIGITS} digits", code="mapping.number_too_long")
        return value  # type: ignore[no-any-return]
    if kind is int:
        return bounded_int(value)
    if kind is str:
        return _number_of_text(value)
    if kind is float:
        return to_number(Decimal(repr(value)))
    raise not_a_number(value)


def bounded_int(value: int) -> int:
    """The number itself, if its digits are within bounds."""
    if -_INT_BOUND < value < _INT_BOUND:
        return value
    raise unfit(value, f"has more than {MAX_DIGITS} digits", code="mapping.number_too_long")


def _number_of_text(text: str) -> Number:
    stripped = text.strip()
    if len(stripped) > _LONGEST_NUMBER_TEXT or not _NUMBER.fullmatch(stripped):
        raise not_a_number(text)
    if _WHOLE.fullmatch(stripped):
        return bounded_int(int(stripped))
    return to_number(Decimal(stripped))


def not_a_number(value: Value) -> Exception:
    """The error for a value that is no number."""
    if type(value) in (str, bool):
        reason = "is not a number"
    else:
        reason = f"is {kind_of(value)}, not a number"
    return unfit(value, reason, code="mapping.not_a_number", hint=NUMBER_HINT)


def to_integer(value: Value) -> int:
    """The whole number of a value; 2.0 counts as whole, 2.5 does not."""
    number = to_number(value)
    if type(number) is int:
        return number
    whole = int(number)
    if whole != number:
        raise unfit(value, "is not a whole number", code="mapping.not_a_whole_number")
    return whole


def to_text(value: Value) -> str:
    """The text of a scalar; a number keeps its digits, a condition reads true or false."""
    kind = type(value)
    if kind is str:
        if len(value) > MAX_TEXT:
            raise unfit(value, f"has more than {MAX_TEXT} characters", code="mapping.text_too_long")
        return value  # type: ignore[no-any-return]
    if kind is bool:
        return "true" if value else "false"
    if kind is int or kind is Decimal or kind is float:
        return plain_number(to_number(value))
    raise unfit(
        value,
        f"is {kind_of(value)}, not a text",
        code="mapping.not_a_text",
        hint="Choose one field inside it, or join a list to one text with join.",
    )


_TRUE_WORDS: Final = frozenset({"true", "yes", "1"})
_FALSE_WORDS: Final = frozenset({"false", "no", "0", ""})


def to_truth(value: Value) -> bool:
    """Whether a condition holds: missing, false, 0, “0”, “no”, “false” and empty do not."""
    kind = type(value)
    if kind is bool:
        return value  # type: ignore[no-any-return]
    if value is None:
        return False
    if kind is str:
        word = value.strip().lower()
        if word in _TRUE_WORDS:
            return True
        if word in _FALSE_WORDS:
            return False
        raise unfit(
            value,
            "is neither true nor false",
            code="mapping.not_a_condition",
            hint="Compare it with something: equal to, greater than, is empty.",
        )
    return bool(value)


def to_list(value: Value) -> list[Value]:
    """The list itself; a single value counts as a list of one."""
    return value if type(value) is list else [value]


_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r" ?(Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_COMPACT_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
DATE_HINT: Final = "Dates read like 2024-05-31, 2024-05-31 14:05:00 or 2024-05-31T14:05:00+02:00."


class Moment(NamedTuple):
    """A date as the document wrote it; ``at`` has no zone where the text had none."""

    at: datetime
    has_time: bool

    @property
    def day(self) -> date:
        """The day as written, not moved to another time zone."""
        return self.at.date()

    def in_utc(self) -> datetime:
        """The instant; a text without a zone is taken as UTC."""
        if self.at.tzinfo is None:
            return self.at.replace(tzinfo=UTC)
        return self.at.astimezone(UTC)


def to_moment(value: Value) -> Moment:
    """The date, or date and time, of an ISO text; eight digits also read as a date."""
    kind = type(value)
    if kind is str and value[7:8] == "-" and (len(value) == 10 or _is_usual_time(value)):
        # The usual forms are read in C; whatever it refuses is looked at below.
        try:
            return Moment(datetime.fromisoformat(value), len(value) > 10)
        except ValueError:
            pass
    text = str(value) if kind is int and 0 < value < 10**8 else value
    if type(text) is not str or len(text) > _SHORTEST_NO_DATE:
        raise _not_a_date(value)
    text = text.strip()
    match = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    if not match:
        raise _not_a_date(value)
    parts = match.groups()
    try:
        # Without a zone, because the text may have none: what it means is decided by in_utc.
        at = datetime(int(parts[0]), int(parts[1]), int(parts[2]))  # noqa: DTZ001
        if len(parts) == 3 or parts[3] is None:
            return Moment(at, has_time=False)
        at = at.replace(
            hour=int(parts[3]),
            minute=int(parts[4]),
            second=int(parts[5] or 0),
            microsecond=int((parts[6] or "0").ljust(6, "0")[:6]),
            tzinfo=_zone(parts[7]),
        )
        if at.tzinfo is not None:
            at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _not_a_date(value) from error
    return Moment(at, has_time=True)


_SHORTEST_NO_DATE: Final = 60


def _is_usual_time(text: str) -> bool:
    """Whether the text is laid out like 2024-05-31 14:05:00."""
    return len(text) == 19 and text[10] in " T" and text[13] == text[16] == ":"


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in ("Z", "z"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    minutes = int(text[-2:]) if len(text) > 3 else 0
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=minutes))


def _not_a_date(value: Value) -> Exception:
    return unfit(value, "is not a date", code="mapping.not_a_date", hint=DATE_HINT)


CONVERTERS: Final[dict[str, Callable[[Value], Value]]] = {
    "text": to_text,
    "number": to_number,
    "integer": to_integer,
    "condition": to_truth,
    "date": to_moment,
    "list": to_list,
}
"""Argument type to conversion; ``any`` has none, and ``None`` is never converted."""
