"""Arithmetic on exact decimals; rounding is half-up, as on an invoice."""

from __future__ import annotations

from decimal import (
    ROUND_HALF_UP,
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    Underflow,
)
from typing import Final

from ipaas.mapping.convert import Number, bounded_int, to_number
from ipaas.mapping.errors import ExpressionFailed, unfit
from ipaas.mapping.functions.registry import Arg, function
from ipaas.mapping.limits import DIVISION_DIGITS, MAX_DIGITS
from ipaas.mapping.values import Value

# A result that does not fit is an error: Inexact is trapped, so no digit is lost in silence.
_EXACT: Final = Context(
    prec=MAX_DIGITS,
    rounding=ROUND_HALF_UP,
    Emin=-2 * MAX_DIGITS,
    Emax=2 * MAX_DIGITS,
    traps=[InvalidOperation, DivisionByZero, Overflow, Underflow, Inexact, Clamped],
)
_ROUNDING: Final = Context(
    prec=MAX_DIGITS,
    rounding=ROUND_HALF_UP,
    Emin=-2 * MAX_DIGITS,
    Emax=2 * MAX_DIGITS,
    traps=[InvalidOperation, Overflow],
)
_DIVIDING: Final = Context(
    prec=DIVISION_DIGITS,
    rounding=ROUND_HALF_UP,
    Emin=-4 * MAX_DIGITS,
    Emax=4 * MAX_DIGITS,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
_NOT_EXACT: Final = (InvalidOperation, Overflow, Underflow, Inexact, Clamped)
_MAX_PLACES: Final = 20
_STEPS: Final = {
    digits: Decimal((0, (1,), -digits)) for digits in range(-_MAX_PLACES, _MAX_PLACES + 1)
}

_NUMBER = Arg("value", "number")
_TWO = [Arg("a", "number"), Arg("b", "number", repeats=True)]


def _too_long() -> ExpressionFailed:
    return ExpressionFailed(
        f"The result would have more than {MAX_DIGITS} digits", code="mapping.number_too_long"
    )


def _whole(number: Decimal) -> Number:
    """An int for a number without decimal places, without a negative zero."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= 0:
        return int(number)
    return number if number else number.copy_abs()


@function(
    "number",
    "To number",
    "number",
    [Arg("value", "number")],
    "number",
    (("19.995",), Decimal("19.995")),
    ((" 42 ",), 42),
)
def number(value: Number) -> Number:
    """The number that a text such as “19.995” stands for, with all its digits."""
    return value


def add_two(a: Number, b: Number) -> Number:
    """The exact sum of two numbers."""
    if type(a) is int and type(b) is int:
        return bounded_int(a + b)
    try:
        return _EXACT.add(a, b)
    except _NOT_EXACT as error:
        raise _too_long() from error


def multiply_two(a: Number, b: Number) -> Number:
    """The exact product of two numbers."""
    if type(a) is int and type(b) is int:
        return bounded_int(a * b)
    try:
        product = _EXACT.multiply(a, b)
    except _NOT_EXACT as error:
        raise _too_long() from error
    return product if product else product.copy_abs()


@function(
    "add",
    "Add",
    "number",
    _TWO,
    "number",
    ((Decimal("0.1"), Decimal("0.2")), Decimal("0.3")),
    (("19.99", 5), Decimal("24.99")),
)
def add(a: Number, *more: Number) -> Number:
    """The sum of the values."""
    total = a
    for b in more:
        total = add_two(total, b)
    return total


@function(
    "subtract",
    "Subtract",
    "number",
    [Arg("a", "number"), Arg("b", "number")],
    "number",
    ((Decimal("100.00"), Decimal("0.01")), Decimal("99.99")),
)
def subtract(a: Number, b: Number) -> Number:
    """The first value less the second."""
    if type(a) is int and type(b) is int:
        return bounded_int(a - b)
    try:
        return _EXACT.subtract(a, b)
    except _NOT_EXACT as error:
        raise _too_long() from error


@function(
    "multiply",
    "Multiply",
    "number",
    _TWO,
    "number",
    ((3, Decimal("19.995")), Decimal("59.985")),
)
def multiply(a: Number, *more: Number) -> Number:
    """The product of the values."""
    product = a
    for b in more:
        product = multiply_two(product, b)
    return product


@function(
    "divide",
    "Divide",
    "number",
    [Arg("a", "number"), Arg("b", "number")],
    "number",
    ((10, 4), Decimal("2.5")),
    ((6, 3), 2),
)
def divide(a: Number, b: Number) -> Number:
    """The first value divided by the second, to 28 digits. Round the result to the cent."""
    if not b:
        raise ExpressionFailed(
            "A number cannot be divided by zero",
            code="mapping.divide_by_zero",
            hint="Check with “if” that the divisor is not zero.",
        )
    try:
        return _whole(_DIVIDING.divide(a, b))
    except _NOT_EXACT as error:
        raise _too_long() from error


@function(
    "round",
    "Round",
    "number",
    [_NUMBER, Arg("digits", "integer", required=False)],
    "number",
    ((Decimal("1.005"), 2), Decimal("1.01")),
    ((Decimal("-2.5"), 0), -3),
    ((Decimal("19.994"),), Decimal("19.99")),
)
def round_half_up(value: Number, digits: int = 2) -> Number:
    """The value with so many decimal places (2 if not said); halves go away from zero."""
    if not -_MAX_PLACES <= digits <= _MAX_PLACES:
        raise unfit(digits, f"is not between -{_MAX_PLACES} and {_MAX_PLACES} decimal places")
    try:
        exact = value if type(value) is Decimal else Decimal(value)
        rounded = _ROUNDING.quantize(exact, _STEPS[digits])
    except _NOT_EXACT as error:
        raise _too_long() from error
    if digits <= 0:
        return int(rounded)
    return rounded if rounded else rounded.copy_abs()


@function("abs", "Without sign", "number", [_NUMBER], "number", ((-5,), 5))
def absolute(value: Number) -> Number:
    """The value without its minus sign."""
    return value.copy_abs() if isinstance(value, Decimal) else abs(value)


@function(
    "negate", "Change sign", "number", [_NUMBER], "number", ((Decimal("-10.50"),), Decimal("10.50"))
)
def negate(value: Number) -> Number:
    """The value with the opposite sign: a discount of -10 becomes 10."""
    if isinstance(value, Decimal):
        return value.copy_negate() if value else value.copy_abs()
    return -value


def numbers_of(values: tuple[Value, ...]) -> list[Number]:
    """All numbers of values and lists of values; missing ones are left out."""
    found: list[Number] = []
    for value in values:
        if type(value) is list:
            for index, item in enumerate(value):
                if item is not None:
                    found.append(_number_in_list(item, index))
        elif value is not None:
            found.append(to_number(value))
    return found


def _number_in_list(item: Value, index: int) -> Number:
    try:
        return to_number(item)
    except ExpressionFailed as error:
        raise unfit(
            item,
            f"{error.reason} (value {index + 1} of the list)",
            code=error.failure_code,
            hint=error.hint,
        ) from error


_MANY = [Arg("values", "any", repeats=True)]


@function(
    "sum",
    "Sum of a list",
    "number",
    _MANY,
    "number",
    (([Decimal("0.1"), Decimal("0.2"), Decimal("0.3")],), Decimal("0.6")),
    (([],), 0),
    takes_missing=True,
)
def total(*values: Value) -> Number:
    """The sum of all values of a list; missing ones count as nothing."""
    result: Number = 0
    for value in numbers_of(values):
        result = add_two(result, value)
    return result


@function(
    "min",
    "Smallest",
    "number",
    _MANY,
    "number",
    (([3, Decimal("1.5"), 2],), Decimal("1.5")),
    takes_missing=True,
)
def smallest(*values: Value) -> Number | None:
    """The smallest number of a list; missing if there is none."""
    return min(numbers_of(values), default=None)


@function(
    "max",
    "Largest",
    "number",
    _MANY,
    "number",
    (([3, Decimal("1.5"), 2],), 3),
    takes_missing=True,
)
def largest(*values: Value) -> Number | None:
    """The largest number of a list; missing if there is none."""
    return max(numbers_of(values), default=None)
