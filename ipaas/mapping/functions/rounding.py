"""More functions on numbers: rounding modes, steps, written forms."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Final

from ipaas.mapping.convert import NUMBER_HINT, Number, to_number
from ipaas.mapping.errors import ExpressionFailed, unfit
from ipaas.mapping.functions.numbers import divide, multiply_two, numbers_of, total
from ipaas.mapping.functions.registry import Arg, function, option
from ipaas.mapping.limits import MAX_DIGITS
from ipaas.mapping.values import Value

MODES: Final = {
    "half_up": decimal.ROUND_HALF_UP,
    "half_even": decimal.ROUND_HALF_EVEN,
    "half_down": decimal.ROUND_HALF_DOWN,
    "up": decimal.ROUND_UP,
    "down": decimal.ROUND_DOWN,
    "ceiling": decimal.ROUND_CEILING,
    "floor": decimal.ROUND_FLOOR,
}
MODE: Final = Arg("mode", "text", required=False, options=tuple(MODES))
DIGITS: Final = Arg("digits", "integer", required=False)
_VALUE: Final = Arg("value", "number")
_MAX_PLACES: Final = 20
_TRAPS: Final[list[type[decimal.DecimalException]]] = [decimal.InvalidOperation, decimal.Overflow]
_CONTEXTS: Final = {
    mode: decimal.Context(
        prec=MAX_DIGITS, rounding=way, Emin=-2 * MAX_DIGITS, Emax=2 * MAX_DIGITS, traps=_TRAPS
    )
    for mode, way in MODES.items()
}


def rounded(value: Number, digits: int, mode: str = "half_up") -> Number:
    """The value to so many places in a rounding mode; a whole number for 0 places or fewer."""
    if not -_MAX_PLACES <= digits <= _MAX_PLACES:
        raise unfit(digits, f"is not between -{_MAX_PLACES} and {_MAX_PLACES} decimal places")
    context = _CONTEXTS[option(mode, tuple(MODES), "way to round")]
    try:
        result = context.quantize(Decimal(value), Decimal((0, (1,), -digits)))
    except (decimal.InvalidOperation, decimal.Overflow) as error:
        raise ExpressionFailed(
            f"The result would have more than {MAX_DIGITS} digits", code="mapping.number_too_long"
        ) from error
    if digits <= 0:
        return int(result)
    return result if result else result.copy_abs()


def in_cents(count: int, digits: int) -> Number:
    """The amount of so many of the smallest unit, which is 10 to the power of -digits."""
    if not digits:
        return count
    return Decimal((int(count < 0), tuple(map(int, str(abs(count)))), -digits))


@function(
    "round_by", "Round in a chosen way", "number",
    [_VALUE, Arg("digits", "integer"), Arg("mode", "text", options=tuple(MODES))], "number",
    ((Decimal("2.665"), 2, "half_even"), Decimal("2.66")),
    ((Decimal("2.661"), 2, "up"), Decimal("2.67")),
    ((Decimal("-2.5"), 0, "floor"), -3),
)  # fmt: skip
def round_by(value: Number, digits: int, mode: str) -> Number:
    """The value with so many decimal places: half_up is what invoices use, half_even what banks
    use; up and down look at zero, ceiling and floor at the sign."""
    return rounded(value, digits, mode)


@function(
    "round_to_step", "Round to a step", "number",
    [_VALUE, Arg("step", "number"), MODE], "number",
    ((Decimal("12.43"), Decimal("0.05")), Decimal("12.45")),
    ((7, 5, "down"), 5),
)  # fmt: skip
def round_to_step(value: Number, step: Number, mode: str = "half_up") -> Number:
    """The nearest multiple of a step, such as 0.05 for cash in Swiss francs or a pack size."""
    if step <= 0:
        raise unfit(step, "is not a step above zero")
    return multiply_two(rounded(divide(value, step), 0, mode), step)


@function(
    "percent_of", "Per cent of", "number", [_VALUE, Arg("percent", "number")], "number",
    ((Decimal("80.00"), 25), Decimal("20.00")),
)  # fmt: skip
def percent_of(value: Number, percent: Number) -> Number:
    """So many hundredths of the value, not rounded."""
    return multiply_two(multiply_two(value, percent), Decimal("0.01"))


@function(
    "remainder", "Remainder", "number", [Arg("a", "number"), Arg("b", "number")], "number",
    ((7, 3), 1), ((Decimal("-7.5"), 2), Decimal("-1.5")),
)  # fmt: skip
def remainder(a: Number, b: Number) -> Number:
    """What is left of a division without decimals; it has the sign of the first number."""
    if not b:
        raise ExpressionFailed("A number cannot be divided by zero", code="mapping.divide_by_zero")
    try:
        left = _CONTEXTS["half_up"].remainder(Decimal(a), Decimal(b))
    except decimal.DecimalException as error:
        raise ExpressionFailed("The numbers are too far apart to divide") from error
    return int(left) if type(a) is int and type(b) is int else (left if left else left.copy_abs())


_MANY: Final = [Arg("values", "any", repeats=True)]


@function("average", "Average", "number", _MANY, "number", (([2, 4],), 3), takes_missing=True)
def average(*values: Value) -> Number | None:
    """The sum of the numbers by their count, to 28 digits; missing if there are none."""
    found = numbers_of(values)
    return divide(total(*found), len(found)) if found else None


@function(
    "clamp", "Keep between", "number",
    [_VALUE, Arg("low", "number"), Arg("high", "number")], "number",
    ((120, 0, 100), 100), ((-3, 0, 100), 0),
)  # fmt: skip
def clamp(value: Number, low: Number, high: Number) -> Number:
    """The value, or the bound it lies beyond."""
    return low if value < low else high if value > high else value


@function(
    "format_number", "Write a number", "number",
    [_VALUE, DIGITS, Arg("thousands", "text", required=False),
     Arg("point", "text", required=False)],
    "text",
    ((Decimal("1234.5"), 2), "1234.50"),
    ((Decimal("-1234567.891"), 2, ".", ","), "-1.234.567,89"),
)  # fmt: skip
def format_number(value: Number, digits: int = 2, thousands: str = "", point: str = ".") -> str:
    """The number as text with so many decimal places (2 if not said), a sign between thousands and
    a decimal point of your choice."""
    if not 0 <= digits <= _MAX_PLACES:
        raise unfit(digits, f"is not between 0 and {_MAX_PLACES} decimal places")
    if len(thousands) > 1 or len(point) > 1:
        raise ExpressionFailed("A thousands sign and a point are one character each")
    text = format(Decimal(rounded(value, digits)), f",.{digits}f")
    return text.replace(",", "\0").replace(".", point).replace("\0", thousands)


@function(
    "parse_number", "Read a number", "number",
    [Arg("text", "text"), Arg("point", "text", required=False, options=(".", ","))], "number",
    (("€ 1.234,50", ","), Decimal("1234.50")),
    (("1,234.50 USD",), Decimal("1234.50")),
    (("(12.00)",), Decimal("-12.00")),
)  # fmt: skip
def parse_number(text: str, point: str = ".") -> Number:
    """The number in a text with currency, thousands signs or brackets for minus; say which sign is
    the decimal point (a point if not said)."""
    if point not in (".", ",") or len(text) > 200:
        raise unfit(point, "is not . or ,", code="mapping.option")
    other = "," if point == "." else "."
    body = text.strip()
    negative = body.startswith("(") and body.endswith(")")
    kept = [sign for sign in body if sign.isdecimal() or sign in "+-.,"]
    digits = "".join(kept).rstrip("-").replace(other, "").replace(point, ".")
    trailing = len(kept) > 1 and kept[-1] == "-"
    if trailing:
        digits = f"-{digits}"
    try:
        number = to_number(digits)
    except ExpressionFailed:
        raise unfit(
            text, "holds no number", code="mapping.not_a_number", hint=NUMBER_HINT
        ) from None
    return -number if negative else number
