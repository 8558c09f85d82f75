"""Functions on dates and times written as text; none of them reads the clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from ipaas.mapping.convert import Moment
from ipaas.mapping.errors import ExpressionFailed, unfit
from ipaas.mapping.functions.registry import Arg, function

_DATE = Arg("date", "date")
_MONTHS: Final = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_TOKEN = re.compile(r"'[^']*'|([A-Za-z])\1*|[^A-Za-z']+|.", re.DOTALL)
_MAX_PATTERN: Final = 100


def iso_instant(at: datetime) -> str:
    """The instant as ISO text in UTC; parts of a second only where there are any."""
    precision = "milliseconds" if at.microsecond else "seconds"
    return at.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


@function(
    "date",
    "Date",
    "date",
    [_DATE],
    "date",
    (("2024-05-31 23:30:00",), "2024-05-31"),
    (("2024-05-31T23:30:00-05:00",), "2024-05-31"),
    (("20240531",), "2024-05-31"),
)
def to_date(date: Moment) -> str:
    """The day of a date or time, as the document wrote it, in the form 2024-05-31."""
    return date.day.isoformat()


@function(
    "datetime",
    "Date and time",
    "date",
    [_DATE],
    "date",
    (("2024-05-31 14:05:00",), "2024-05-31T14:05:00Z"),
    (("2024-05-31T14:05:00+02:00",), "2024-05-31T12:05:00Z"),
)
def to_datetime(date: Moment) -> str:
    """The instant in UTC, in the form 2024-05-31T14:05:00Z; a time without zone is UTC."""
    return iso_instant(date.in_utc())


@function(
    "add_days",
    "Add days",
    "date",
    [_DATE, Arg("days", "integer")],
    "date",
    (("2024-02-28", 2), "2024-03-01"),
    (("2024-05-31 14:05:00", -31), "2024-04-30"),
)
def add_days(date: Moment, days: int) -> str:
    """The day so many days later, or earlier if the number is negative."""
    try:
        return (date.day + timedelta(days=days)).isoformat()
    except OverflowError as error:
        raise unfit(days, "days lead out of the calendar") from error


@function(
    "format_date",
    "Write a date as",
    "date",
    [_DATE, Arg("pattern", "text")],
    "text",
    (("2024-05-31", "MM/dd/yyyy"), "05/31/2024"),
    (("2024-05-31 14:05:00", "dd MMM yyyy, HH:mm"), "31 May 2024, 14:05"),
    (("2024-05-31", "yyyyMMdd"), "20240531"),
)
def format_date(date: Moment, pattern: str) -> str:
    """The date in a pattern of yyyy yy MMMM MMM MM M dd d HH H mm ss; 'quoted' text stays."""
    if len(pattern) > _MAX_PATTERN:
        raise unfit(pattern, f"has more than {_MAX_PATTERN} characters")
    at = date.at
    parts = {
        "yyyy": f"{at.year:04d}",
        "yy": f"{at.year % 100:02d}",
        "MMMM": _MONTHS[at.month - 1],
        "MMM": _MONTHS[at.month - 1][:3],
        "MM": f"{at.month:02d}",
        "M": str(at.month),
        "dd": f"{at.day:02d}",
        "d": str(at.day),
        "HH": f"{at.hour:02d}",
        "H": str(at.hour),
        "mm": f"{at.minute:02d}",
        "ss": f"{at.second:02d}",
    }
    written = ""
    for token, is_literal in date_tokens(pattern):
        if is_literal:
            written += token
        elif token in parts:
            written += parts[token]
        else:
            raise ExpressionFailed(
                f"“{token}” is not a part of a date pattern",
                code="mapping.date_pattern",
                hint="Use yyyy, MM, dd, HH, mm, ss; put other letters in 'quotes'.",
            )
    return written


def date_tokens(pattern: str) -> Iterator[tuple[str, bool]]:
    """The parts of a date pattern, each with whether it stands for itself."""
    for match in _TOKEN.finditer(pattern):
        token = match.group(0)
        if match.group(1) is not None:
            yield token, False
        else:
            quoted = len(token) > 1 and token[0] == "'"
            yield token[1:-1] if quoted else token, True
