"""More functions on dates: zones, forms of other systems, business days."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from ipaas.mapping.convert import Moment, Number, to_moment
from ipaas.mapping.errors import ExpressionFailed, unfit
from ipaas.mapping.functions.dates import date_tokens, format_date, iso_instant
from ipaas.mapping.functions.numbers import multiply_two
from ipaas.mapping.functions.registry import Arg, function, option
from ipaas.mapping.values import Value

_DATE: Final = Arg("date", "date")
_ZONE: Final = Arg("zone", "text")
_UNITS: Final = ("days", "weeks", "months", "years", "hours", "minutes", "seconds")
_PARTS: Final = ("year", "month", "day", "hour", "minute", "second", "weekday", "week", "quarter")
_MAX_AMOUNT: Final = 100_000_000


@lru_cache(maxsize=128)
def zone_of(name: str) -> ZoneInfo:
    """The time zone of an IANA name such as America/Chicago."""
    if re.fullmatch(r"[A-Za-z0-9_+/-]{1,60}", name):
        try:
            return ZoneInfo(name)
        except (OSError, ValueError, KeyError):
            pass
    raise unfit(name, "is not a time zone", code="mapping.zone", hint="For example Europe/Berlin.")


def _moved(at: datetime, zone: ZoneInfo | None) -> datetime:
    try:
        return at.astimezone(zone or UTC)
    except (OverflowError, ValueError) as error:
        raise ExpressionFailed("The date leads out of the calendar") from error


def _out_of_calendar(amount: object) -> ExpressionFailed:
    return unfit(amount, "leads out of the calendar")


@function(
    "in_zone", "Move to a time zone", "date", [_DATE, _ZONE], "text",
    (("2024-05-31T23:30:00Z", "Europe/Berlin"), "2024-06-01T01:30:00+02:00"),
)  # fmt: skip
def in_zone(date: Moment, zone: str) -> str:
    """The instant as clocks of a zone show it; a time without zone is taken as UTC."""
    return _moved(date.in_utc(), zone_of(zone)).isoformat(timespec="seconds")


@function(
    "day_in_zone", "Day in a time zone", "date", [_DATE, _ZONE], "date",
    (("2024-05-31T23:30:00Z", "Europe/Berlin"), "2024-06-01"),
    (("2024-05-31", "Asia/Tokyo"), "2024-05-31"),
)  # fmt: skip
def day_in_zone(date: Moment, zone: str) -> str:
    """The day that an instant falls on in a zone; a day without time stays what it is."""
    if not date.has_time:
        return date.day.isoformat()
    return _moved(date.in_utc(), zone_of(zone)).date().isoformat()


@function(
    "from_zone", "Local time to UTC", "date", [_DATE, _ZONE], "date",
    (("2024-05-31 14:05:00", "America/Chicago"), "2024-05-31T19:05:00Z"),
)  # fmt: skip
def from_zone(date: Moment, zone: str) -> str:
    """The instant in UTC of a time written without zone by clocks of a zone; a time that has a
    zone of its own keeps it."""
    if date.at.tzinfo is not None:
        return iso_instant(date.in_utc())
    return iso_instant(_moved(date.at.replace(tzinfo=zone_of(zone)), None))


_SIZES: Final = {
    "yyyy": r"(?P<Y>[0-9]{4})", "yy": r"(?P<y>[0-9]{2})", "MMMM": r"(?P<N>[A-Za-z]{3,9})",
    "MMM": r"(?P<N>[A-Za-z]{3})", "MM": r"(?P<M>[0-9]{2})", "M": r"(?P<M>[0-9]{1,2})",
    "dd": r"(?P<D>[0-9]{2})", "d": r"(?P<D>[0-9]{1,2})", "HH": r"(?P<h>[0-9]{2})",
    "H": r"(?P<h>[0-9]{1,2})", "mm": r"(?P<m>[0-9]{2})", "ss": r"(?P<s>[0-9]{2})",
}  # fmt: skip


@lru_cache(maxsize=256)
def _reader(pattern: str) -> re.Pattern[str]:
    if len(pattern) > 60:
        raise unfit(pattern, "has more than 60 characters")
    text = ""
    for token, is_literal in date_tokens(pattern):
        if is_literal:
            text += re.escape(token)
        elif token in _SIZES:
            text += _SIZES[token]
        else:
            raise unfit(token, "is not a part of a date pattern", code="mapping.date_pattern",
                        hint="Use yyyy, yy, MM, M, dd, d, HH, H, mm, ss, MMM or MMMM.")  # fmt: skip
    try:
        return re.compile(text)
    except re.error as error:
        raise unfit(pattern, "names a part twice", code="mapping.date_pattern") from error


_MONTHS: Final = {
    name.lower(): number
    for number in range(1, 13)
    for name in (
        date(2000, number, 1).strftime("%b"),
        ["January", "February", "March", "April", "May", "June", "July", "August", "September",
         "October", "November", "December"][number - 1],
    )
}  # fmt: skip


@function(
    "parse_date", "Read a date", "date", [Arg("text", "text"), Arg("pattern", "text")], "date",
    (("05/31/2024", "MM/dd/yyyy"), "2024-05-31"),
    (("31 May 2024, 14:05", "d MMM yyyy, HH:mm"), "2024-05-31T14:05:00"),
)  # fmt: skip
def parse_date(text: str, pattern: str) -> str:
    """The date that a text written in a pattern stands for; with a time only if the pattern has
    one. Two-digit years are of this century up to 68."""
    match = _reader(pattern).fullmatch(text.strip()) if len(text) <= 200 else None
    if match is None:
        raise unfit(text, f"is not written as {pattern}", code="mapping.not_a_date")
    found = match.groupdict()
    try:
        year = int(found["Y"]) if found.get("Y") else _century(int(found.get("y") or 0))
        month = _MONTHS[found["N"].lower()] if found.get("N") else int(found.get("M") or 1)
        day = date(year, month, int(found.get("D") or 1))
        if not any(found.get(part) for part in "hms"):
            return day.isoformat()
        hour, minute, second = (int(found.get(part) or 0) for part in "hms")
        clock = time(hour, minute, second)
        return datetime.combine(day, clock).isoformat()
    except (ValueError, KeyError) as error:
        raise unfit(text, "is not a date", code="mapping.not_a_date") from error


def _century(year: int) -> int:
    return 2000 + year if year <= 68 else 1900 + year


@function(
    "format_date_in_zone", "Write a date of a zone as", "date",
    [_DATE, Arg("pattern", "text"), _ZONE], "text",
    (("2024-05-31T23:30:00Z", "dd.MM.yyyy HH:mm", "Europe/Berlin"), "01.06.2024 01:30"),
)  # fmt: skip
def format_date_in_zone(date: Moment, pattern: str, zone: str) -> str:
    """The date in a pattern, as clocks of a zone show it."""
    return str(format_date(Moment(_moved(date.in_utc(), zone_of(zone)), True), pattern))


@function(
    "add_time", "Add time", "date",
    [_DATE, Arg("amount", "integer"), Arg("unit", "text", options=_UNITS)], "date",
    (("2024-01-31", 1, "months"), "2024-02-29"),
    (("2024-05-31T14:05:00Z", -90, "minutes"), "2024-05-31T12:35:00Z"),
)  # fmt: skip
def add_time(date: Moment, amount: int, unit: str) -> str:
    """The date so much later, or earlier if the amount is negative; a month after the 31st is the
    last day of the next month."""
    unit = option(unit, _UNITS, "unit of time")
    if abs(amount) > _MAX_AMOUNT:
        raise _out_of_calendar(amount)
    try:
        if unit in ("months", "years"):
            moved = _months_later(date.at, amount * (12 if unit == "years" else 1))
        else:
            moved = date.at + timedelta(**{unit: amount})
    except (ValueError, OverflowError) as error:
        raise _out_of_calendar(amount) from error
    if unit in ("hours", "minutes", "seconds") or date.has_time:
        return iso_instant(Moment(moved, True).in_utc())
    return moved.date().isoformat()


def _months_later(at: datetime, months: int) -> datetime:
    count = at.year * 12 + at.month - 1 + months
    year, month = divmod(count, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)


@function(
    "days_between", "Days between", "date", [Arg("from", "date"), Arg("to", "date")], "integer",
    (("2024-05-31", "2024-06-30"), 30),
)  # fmt: skip
def days_between(start: Moment, end: Moment) -> int:
    """How many days the second date lies after the first."""
    return (end.day - start.day).days


@function(
    "start_of", "Beginning of a period", "date",
    [_DATE, Arg("period", "text", options=("month", "quarter", "year", "week"))], "date",
    (("2024-05-31", "month"), "2024-05-01"), (("2024-05-31", "quarter"), "2024-04-01"),
)  # fmt: skip
def start_of(date: Moment, period: str) -> str:
    """The first day of the month, quarter, year or week (Monday) that a date lies in."""
    return _period(date.day, period)[0].isoformat()


@function(
    "end_of", "End of a period", "date",
    [_DATE, Arg("period", "text", options=("month", "quarter", "year", "week"))], "date",
    (("2024-02-10", "month"), "2024-02-29"), (("2024-05-31", "year"), "2024-12-31"),
)  # fmt: skip
def end_of(date: Moment, period: str) -> str:
    """The last day of the month, quarter, year or week (Sunday) that a date lies in."""
    return _period(date.day, period)[1].isoformat()


def _period(day: date, period: str) -> tuple[date, date]:
    period = option(period, ("month", "quarter", "year", "week"), "period")
    if period == "week":
        try:
            first = day - timedelta(days=day.weekday())
            return first, first + timedelta(days=6)
        except OverflowError as error:
            raise _out_of_calendar(day.isoformat()) from error
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    begin = (day.month - 1) // months * months + 1
    last = begin + months - 1
    return date(day.year, begin, 1), date(day.year, last, calendar.monthrange(day.year, last)[1])


@function(
    "add_business_days", "Add working days", "date",
    [_DATE, Arg("days", "integer"), Arg("holidays", "list", required=False)], "date",
    (("2024-05-31", 1), "2024-06-03"), (("2024-05-31", 1, ["2024-06-03"]), "2024-06-04"),
)  # fmt: skip
def add_business_days(date: Moment, days: int, holidays: list[Value] | None = None) -> str:
    """The day so many working days (Monday to Friday, without holidays) later, or earlier."""
    if abs(days) > 5_000:
        raise unfit(days, "is more than 5000 working days")
    closed = {to_moment(entry).day for entry in holidays or () if entry is not None}
    day, step = date.day, timedelta(days=1 if days >= 0 else -1)
    left = abs(days)
    try:
        while left:
            day += step
            if day.weekday() < 5 and day not in closed:
                left -= 1
    except OverflowError as error:
        raise _out_of_calendar(days) from error
    return day.isoformat()


@function(
    "date_part", "Part of a date", "date", [_DATE, Arg("part", "text", options=_PARTS)], "integer",
    (("2024-05-31", "month"), 5), (("2024-05-31", "weekday"), 5), (("2024-05-31", "quarter"), 2),
)  # fmt: skip
def date_part(date: Moment, part: str) -> int:
    """Year, month, day, hour, minute, second, weekday (Monday is 1), ISO week or quarter."""
    part = option(part, _PARTS, "part of a date")
    at = date.at
    if part == "weekday":
        return at.isoweekday()
    if part == "week":
        return at.isocalendar().week
    if part == "quarter":
        return (at.month + 2) // 3
    return int(getattr(at, part))


@function(
    "from_epoch", "Seconds since 1970 to date", "date",
    [Arg("value", "number"), Arg("unit", "text", required=False, options=("seconds", "millis"))],
    "date",
    ((1717164300,), "2024-05-31T14:05:00Z"),
    ((1717164300250, "millis"), "2024-05-31T14:05:00.250Z"),
)  # fmt: skip
def from_epoch(value: Number, unit: str = "seconds") -> str:
    """The instant that lies so many seconds (or thousandths) after the start of 1970, UTC."""
    unit = option(unit, ("seconds", "millis"), "unit of time")
    if not -(10**15) <= value <= 10**15:
        raise _out_of_calendar(value)
    thousandths = value if unit == "millis" else multiply_two(value, 1000)
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(thousandths))
    except OverflowError as error:
        raise _out_of_calendar(value) from error
    return iso_instant(at)


@function(
    "to_epoch", "Date to seconds since 1970", "date",
    [_DATE, Arg("unit", "text", required=False, options=("seconds", "millis"))], "integer",
    (("2024-05-31T14:05:00Z",), 1717164300),
)  # fmt: skip
def to_epoch(date: Moment, unit: str = "seconds") -> int:
    """Seconds (or thousandths) between the start of 1970, UTC, and the date."""
    unit = option(unit, ("seconds", "millis"), "unit of time")
    since = date.in_utc() - datetime(1970, 1, 1, tzinfo=UTC)
    millis = since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000
    return millis if unit == "millis" else int(Decimal(millis) // 1000)
