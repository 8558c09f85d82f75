"""More functions of logic and conversion."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ipaas.core import jsonio
from ipaas.mapping.convert import Number, to_integer, to_moment, to_number, to_truth
from ipaas.mapping.copying import TooBig, copy_value
from ipaas.mapping.errors import ExpressionFailed, unfit
from ipaas.mapping.functions.logic import is_empty, order, same
from ipaas.mapping.functions.registry import Arg, function
from ipaas.mapping.functions.text import bounded
from ipaas.mapping.limits import MAX_CONSTANT_VALUES, MAX_TEXT
from ipaas.mapping.values import Value

_VALUE: Final = Arg("value", "any")


@function(
    "exists", "Has a value", "logic", [_VALUE], "condition",
    (("",), True), ((0,), True), ((None,), False), takes_missing=True,
)  # fmt: skip
def exists(value: Value) -> bool:
    """Whether there is a value, be it empty; no if it is missing or null."""
    return value is not None


@function(
    "is_null", "Is null", "logic", [_VALUE], "condition", ((None,), True), ((0,), False),
    takes_missing=True,
)  # fmt: skip
def is_null(value: Value) -> bool:
    """Whether a field is there, but holds null; no if it is absent."""
    return value is None


@function(
    "if_empty", "If empty, use", "logic", [_VALUE, Arg("otherwise", "any")], "any",
    (("  ", "n/a"), "n/a"), (("red", "n/a"), "red"), takes_missing=True,
)  # fmt: skip
def if_empty(value: Value, otherwise: Value) -> Value:
    """The value, or another one if it is missing, a blank text, an empty list or object."""
    return otherwise if is_empty(value) else value


@function(
    "between", "Between", "logic", [_VALUE, Arg("low", "any"), Arg("high", "any")], "condition",
    ((5, 1, 10), True), (("2024-05-31", "2024-01-01", "2024-12-31"), True), takes_missing=True,
)  # fmt: skip
def between(value: Value, low: Value, high: Value) -> bool:
    """Whether the value is at least the one and at most the other; no if any is missing."""
    if value is None or low is None or high is None:
        return False
    return (order(value, low) or 0) >= 0 >= (order(value, high) or 0)


@function(
    "choose", "Choose by value", "logic",
    [_VALUE, Arg("pairs", "any", repeats=True)], "any",
    (("paid", "open", 1, "paid", 2, 0), 2), (("lost", "open", 1, "paid", 2, 0), 0),
    takes_missing=True,
)  # fmt: skip
def choose(value: Value, *pairs: Value) -> Value:
    """What stands beside the first equal of the value: written as value, equal, result, equal,
    result, and last what to use otherwise; missing if nothing is given for it."""
    for index in range(0, len(pairs) - 1, 2):
        if same(value, pairs[index]):
            return pairs[index + 1]
    return pairs[-1] if len(pairs) % 2 else None


@function(
    "is_number", "Is a number", "logic", [_VALUE], "condition",
    (("19.995",), True), (("abc",), False), takes_missing=True,
)  # fmt: skip
def is_number(value: Value) -> bool:
    """Whether the value is a number or a text that stands for one."""
    return _reads(to_number, value)


@function(
    "is_date", "Is a date", "logic", [_VALUE], "condition",
    (("2024-05-31",), True), (("2024-02-30",), False), takes_missing=True,
)  # fmt: skip
def is_date(value: Value) -> bool:
    """Whether the value is a date of the calendar."""
    return _reads(to_moment, value)


def _reads(read: object, value: Value) -> bool:
    try:
        return value is not None and callable(read) and read(value) is not None
    except ExpressionFailed:
        return False


@function(
    "to_integer", "To whole number", "convert", [Arg("value", "number")], "integer",
    (("42",), 42), ((Decimal("2.0"),), 2),
)  # fmt: skip
def whole(value: Number) -> int:
    """The whole number; an error if it has decimals, so that nothing is cut off in silence."""
    return to_integer(value)


@function(
    "to_condition", "To yes/no", "convert", [_VALUE], "condition",
    (("yes",), True), (("0",), False),
)  # fmt: skip
def to_condition(value: Value) -> bool:
    """True or false of a yes/no value, a number, or the words true, yes, 1, false, no, 0."""
    return to_truth(value)


@function(
    "condition_word", "Yes/no to words", "convert",
    [Arg("condition", "condition"), Arg("yes", "any"), Arg("no", "any")], "any",
    ((True, "Y", "N"), "Y"), takes_missing=True,
)  # fmt: skip
def condition_word(condition: bool | None, yes: Value, no: Value) -> Value:
    """The one value if the condition holds, the other if it does not."""
    return yes if condition else no


@function(
    "parse_json", "Read JSON", "convert", [Arg("text", "text")], "any",
    (('{"a": 1.50}',), {"a": Decimal("1.50")}),
)  # fmt: skip
def parse_json(text: str) -> Value:
    """The value that a JSON text stands for, with all digits."""
    if len(text) > MAX_TEXT:
        raise unfit(text, "is too long", code="mapping.text_too_long")
    try:
        return copy_value(jsonio.loads(text), MAX_CONSTANT_VALUES)
    except (ValueError, RecursionError, jsonio.MalformedJson) as error:
        raise unfit(text, "is not JSON", code="mapping.not_json") from error
    except TooBig as error:
        raise unfit(text, f"is too large: {error}", code="mapping.too_large") from error


@function("write_json", "Write JSON", "convert", [_VALUE], "text", (({"a": 1},), '{"a":1}'))
def write_json(value: Value) -> str:
    """The value as JSON text."""
    try:
        return bounded(jsonio.dumps(copy_value(value, MAX_CONSTANT_VALUES)).decode())
    except TooBig as error:
        raise unfit(value, f"is too large: {error}", code="mapping.too_large") from error
