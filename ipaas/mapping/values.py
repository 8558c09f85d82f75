"""JSON values with exact numbers: copying, comparing and showing them.

``None`` stands for missing and for JSON null alike: a mapping makes no difference between a
field that is absent and one that is null.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeAlias

Value: TypeAlias = Any
"""A JSON value: None, bool, int, Decimal, str, list or dict."""

_SHOWN_LENGTH = 60


def exact(value: Value) -> Value:
    """The same scalar without binary floats: a float becomes the Decimal people would write."""
    return Decimal(repr(value)) if type(value) is float else value


def plain_number(value: int | Decimal) -> str:
    """The number as people write it: every digit, no exponent."""
    return format(value, "f") if type(value) is Decimal else str(value)


def kind_of(value: Value) -> str:
    """What the value is, in words with an article."""
    if value is None:
        return "nothing"
    if type(value) is bool:
        return "a yes/no value"
    if isinstance(value, (int, float, Decimal)):
        return "a number"
    if type(value) is str:
        return "a text"
    return "a list" if type(value) is list else "an object"


def shown(value: object) -> str:
    """Short text of any value for a message."""
    if value is None:
        return "nothing"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is str:
        text = value if len(value) <= _SHOWN_LENGTH else value[:_SHOWN_LENGTH] + "…"
        return f"“{text}”"
    if type(value) is int and value.bit_length() > 400:
        return "a number of more than 100 digits"
    if isinstance(value, (int, float, Decimal)):
        text = str(value)
        return text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "…"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "an object"
