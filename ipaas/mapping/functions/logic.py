"""Comparisons, conditions and stand-ins for missing values."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ipaas.mapping.convert import Number, to_number
from ipaas.mapping.errors import ExpressionFailed
from ipaas.mapping.functions.registry import Arg, function
from ipaas.mapping.values import Value, kind_of, shown

_A_B: Final = [Arg("a", "any"), Arg("b", "any")]
_NUMBERS: Final = (int, Decimal, float)


def _number_or_none(value: Value) -> Number | None:
    try:
        return to_number(value)
    except ExpressionFailed:
        return None


def same(a: Value, b: Value) -> bool:
    """Whether two values are equal; a number equals a numeric text of the same value."""
    kind, other = type(a), type(b)
    if kind is other:
        if kind is list:
            return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
        if kind is dict:
            return a.keys() == b.keys() and all(same(item, b[key]) for key, item in a.items())
        return bool(a == b)
    if kind in _NUMBERS or other in _NUMBERS:
        left, right = _number_or_none(a), _number_or_none(b)
        return left is not None and left == right
    return False


def order(a: Value, b: Value) -> int | None:
    """Negative, zero or positive as a is before, equal to or after b; None if one is missing.

    Numbers and numeric texts compare as numbers, other texts letter by letter (so that ISO dates
    compare as dates).
    """
    if a is None or b is None:
        return None
    left, right = _number_or_none(a), _number_or_none(b)
    if left is not None and right is not None:
        return (left > right) - (left < right)
    if type(a) is str and type(b) is str:
        return (a > b) - (a < b)
    raise ExpressionFailed(
        f"{shown(a)} is {kind_of(a)} and cannot be compared with {shown(b)}, {kind_of(b)}",
        code="mapping.not_comparable",
        hint="Compare numbers with numbers and texts with texts.",
    )


@function(
    "eq",
    "Equal to",
    "logic",
    _A_B,
    "condition",
    (("simple", "simple"), True),
    ((1, "1.00"), True),
    takes_missing=True,
)
def equal(a: Value, b: Value) -> bool:
    """Whether both values are the same; 1 equals the text “1.00”, and missing equals missing."""
    return same(a, b)


@function(
    "ne",
    "Not equal to",
    "logic",
    _A_B,
    "condition",
    (("simple", "bundle"), True),
    takes_missing=True,
)
def not_equal(a: Value, b: Value) -> bool:
    """Whether the values differ."""
    return not same(a, b)


@function(
    "gt",
    "Greater than",
    "logic",
    _A_B,
    "condition",
    ((Decimal("5.00"), "0"), True),
    ((None, 0), False),
    takes_missing=True,
)
def greater(a: Value, b: Value) -> bool:
    """Whether the first value is greater; no if one is missing."""
    result = order(a, b)
    return result is not None and result > 0


@function("ge", "At least", "logic", _A_B, "condition", ((5, 5), True), takes_missing=True)
def at_least(a: Value, b: Value) -> bool:
    """Whether the first value is greater or equal; no if one is missing."""
    result = order(a, b)
    return result is not None and result >= 0


@function(
    "lt",
    "Less than",
    "logic",
    _A_B,
    "condition",
    (("2024-01-31", "2024-02-01"), True),
    takes_missing=True,
)
def less(a: Value, b: Value) -> bool:
    """Whether the first value is less; no if one is missing."""
    result = order(a, b)
    return result is not None and result < 0


@function("le", "At most", "logic", _A_B, "condition", ((5, 6), True), takes_missing=True)
def at_most(a: Value, b: Value) -> bool:
    """Whether the first value is less or equal; no if one is missing."""
    result = order(a, b)
    return result is not None and result <= 0


_CONDITIONS: Final = [Arg("conditions", "condition", repeats=True)]


@function(
    "and",
    "All of",
    "logic",
    _CONDITIONS,
    "condition",
    ((True, True), True),
    ((True, None), False),
    takes_missing=True,
)
def all_of(*conditions: bool | None) -> bool:
    """Whether every condition holds; the rest is not looked at once one does not."""
    return all(conditions)


@function(
    "or",
    "Any of",
    "logic",
    _CONDITIONS,
    "condition",
    ((False, True), True),
    takes_missing=True,
)
def any_of(*conditions: bool | None) -> bool:
    """Whether at least one condition holds; the rest is not looked at once one does."""
    return any(conditions)


@function(
    "not",
    "Not",
    "logic",
    [Arg("condition", "condition")],
    "condition",
    ((False,), True),
    takes_missing=True,
)
def negation(condition: bool | None) -> bool:
    """Whether the condition does not hold."""
    return not condition


@function(
    "is_empty",
    "Is empty",
    "logic",
    [Arg("value", "any")],
    "condition",
    (("  ",), True),
    (([],), True),
    ((0,), False),
    takes_missing=True,
)
def is_empty(value: Value) -> bool:
    """Whether the value is missing, a blank text, an empty list or an empty object."""
    if value is None:
        return True
    if type(value) is str:
        return not value.strip()
    return type(value) in (list, dict) and not value


@function(
    "default",
    "If missing, use",
    "logic",
    [Arg("value", "any"), Arg("otherwise", "any", repeats=True)],
    "any",
    ((None, "n/a"), "n/a"),
    (("red", "n/a"), "red"),
    takes_missing=True,
)
def default(*values: Value) -> Value:
    """The first of the values that is not missing."""
    return next((value for value in values if value is not None), None)


@function(
    "in",
    "Is one of",
    "logic",
    [Arg("value", "any"), Arg("list", "list")],
    "condition",
    (("US", ["US", "CA"]), True),
    ((None, ["US"]), False),
    takes_missing=True,
)
def is_in(value: Value, options: list[Value] | None) -> bool:
    """Whether the value is one of a list."""
    if value is None or options is None:
        return False
    return any(same(value, option) for option in options)
