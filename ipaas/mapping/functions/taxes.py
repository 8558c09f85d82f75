"""Taxes and shares of an amount, right to the cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from ipaas.mapping.convert import Number, to_number
from ipaas.mapping.errors import ExpressionFailed, unfit
from ipaas.mapping.functions.lists import field_of, given
from ipaas.mapping.functions.numbers import add_two, divide, multiply_two, subtract
from ipaas.mapping.functions.registry import Arg, function, option
from ipaas.mapping.functions.rounding import DIGITS, MODE, in_cents, rounded
from ipaas.mapping.values import Value

_AMOUNT: Final = Arg("amount", "number")
_RATES: Final = Arg("rate", "any")
PRICES: Final = ("exclusive", "inclusive")
BASES: Final = ("line", "total")
_HUNDREDTH: Final = Decimal("0.01")


def _rates(rate: Value) -> list[Number]:
    """Rates in per cent of one rate or a list of several."""
    items = rate if type(rate) is list else [rate]
    return [to_number(item) for item in items if item is not None]


def _together(rate: Value) -> Number:
    together: Number = 0
    for one in _rates(rate):
        together = add_two(together, one)
    if together <= -100:
        raise unfit(together, "per cent is not a rate of tax")
    return together


@function(
    "tax_on", "Tax on a net amount", "money", [_AMOUNT, _RATES, DIGITS, MODE], "number",
    ((Decimal("19.99"), Decimal("8.25")), Decimal("1.65")),
    ((100, [5, Decimal("9.975")]), Decimal("14.98")),
)  # fmt: skip
def tax_on(amount: Number, rate: Value, digits: int = 2, mode: str = "half_up") -> Number:
    """The tax to be added to an amount without tax, at a rate in per cent or a list of rates that
    all apply to it."""
    return rounded(multiply_two(multiply_two(amount, _together(rate)), _HUNDREDTH), digits, mode)


@function(
    "tax_in", "Tax within a gross amount", "money", [_AMOUNT, _RATES, DIGITS, MODE], "number",
    ((Decimal("119.00"), 19), Decimal("19.00")),
)  # fmt: skip
def tax_in(amount: Number, rate: Value, digits: int = 2, mode: str = "half_up") -> Number:
    """The tax that an amount including tax holds, at a rate in per cent or a list of rates."""
    together = _together(rate)
    share = divide(multiply_two(amount, together), add_two(100, together))
    return rounded(share, digits, mode)


@function(
    "net_of", "Net of a gross amount", "money", [_AMOUNT, _RATES, DIGITS, MODE], "number",
    ((Decimal("119.00"), 19), Decimal("100.00")),
)  # fmt: skip
def net_of(amount: Number, rate: Value, digits: int = 2, mode: str = "half_up") -> Number:
    """The amount without the tax it includes; net and tax add up to the amount again."""
    return subtract(rounded(amount, digits, mode), tax_in(amount, rate, digits, mode))


@function(
    "gross_of", "Gross of a net amount", "money", [_AMOUNT, _RATES, DIGITS, MODE], "number",
    ((Decimal("100.00"), 19), Decimal("119.00")),
)  # fmt: skip
def gross_of(amount: Number, rate: Value, digits: int = 2, mode: str = "half_up") -> Number:
    """The amount with tax added."""
    return add_two(rounded(amount, digits, mode), tax_on(amount, rate, digits, mode))


_SUMMARY: Final = [
    Arg("lines", "list"),
    Arg("amount_field", "text"),
    Arg("rate_field", "text"),
    Arg("prices", "text", required=False, options=PRICES),
    Arg("rounded_per", "text", required=False, options=BASES),
    DIGITS,
    MODE,
]
_TWO_LINES: Final[list[Value]] = [
    {"net": Decimal("0.99"), "rate": Decimal("8.25")},
    {"net": Decimal("0.99"), "rate": Decimal("8.25")},
]


def _per_rate(
    lines: list[Value], amount_field: str, rate_field: str, prices: str, per: str, digits: int,
    mode: str,
) -> list[dict[str, Value]]:  # fmt: skip
    inclusive = option(prices, PRICES, "kind of price") == "inclusive"
    by_line = option(per, BASES, "way to round") == "line"
    amounts: dict[Decimal, Number] = {}
    exact: dict[Decimal, Fraction] = {}
    for line in given(lines):
        value = field_of(line, amount_field)
        if value is None:
            continue
        amount, rates = to_number(value), _rates(field_of(line, rate_field))
        together = _together(list(rates))
        for one in rates or [0]:
            rate = Decimal(one)
            part = (
                Fraction(amount) * Fraction(rate) / (100 + (Fraction(together) if inclusive else 0))
            )
            if by_line:
                part = Fraction(rounded(_decimal(part), digits, mode))
            amounts[rate] = add_two(amounts.get(rate, 0), amount)
            exact[rate] = exact.get(rate, Fraction(0)) + part
    found: list[dict[str, Value]] = []
    for rate, amount in amounts.items():
        tax = rounded(_decimal(exact[rate]), digits, mode)
        base = rounded(amount, digits, mode)
        net = subtract(base, tax) if inclusive else base
        gross = base if inclusive else add_two(base, tax)
        found.append({"rate": _plain(rate), "net": net, "tax": tax, "gross": gross})
    return found


def _decimal(value: Fraction) -> Number:
    return divide(Decimal(value.numerator), Decimal(value.denominator))


def _plain(rate: Decimal) -> Number:
    return int(rate) if rate == rate.to_integral_value() else rate


@function(
    "tax_summary", "Tax per rate", "money", _SUMMARY, "list",
    ((_TWO_LINES, "net", "rate", "exclusive", "line"),
     [{"rate": Decimal("8.25"), "net": Decimal("1.98"), "tax": Decimal("0.16"),
       "gross": Decimal("2.14")}]),
)  # fmt: skip
def tax_summary(
    lines: list[Value], amount_field: str, rate_field: str, prices: str = "exclusive",
    rounded_per: str = "line", digits: int = 2, mode: str = "half_up",
) -> list[dict[str, Value]]:  # fmt: skip
    """For each rate of the lines: the rate, net, tax and gross. Say whether amounts are without or
    with tax, and whether tax is rounded per line or on the total; a line may have a list of
    rates."""
    return _per_rate(lines, amount_field, rate_field, prices, rounded_per, digits, mode)


@function(
    "tax_total", "Tax of all lines", "money", _SUMMARY, "number",
    ((_TWO_LINES, "net", "rate", "exclusive", "line"), Decimal("0.16")),
    ((_TWO_LINES, "net", "rate", "exclusive", "total"), Decimal("0.16")),
)  # fmt: skip
def tax_total(
    lines: list[Value], amount_field: str, rate_field: str, prices: str = "exclusive",
    rounded_per: str = "line", digits: int = 2, mode: str = "half_up",
) -> Number:  # fmt: skip
    """The tax of all lines and rates together, rounded per line or per rate on the total."""
    total: Number = rounded(0, digits)
    found = _per_rate(lines, amount_field, rate_field, prices, rounded_per, digits, mode)
    for entry in found:
        total = add_two(total, entry["tax"])
    return total


@function(
    "allocate", "Spread an amount over lines", "money",
    [_AMOUNT, Arg("weights", "list"), DIGITS], "list",
    ((10, [1, 1, 1]), [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]),
    ((Decimal("-5.00"), [Decimal("19.99"), Decimal("5.01")]), [Decimal("-4.00"), Decimal("-1.00")]),
)  # fmt: skip
def allocate(amount: Number, weights: list[Value], digits: int = 2) -> list[Number]:
    """The amount in shares by weight, such as a discount over the amounts of the lines. The shares
    add up to the amount to the cent: what rounding leaves goes to the largest remainders, the first
    of equals. Missing weights count as nothing."""
    if not 0 <= digits <= 10:
        raise unfit(digits, "is not between 0 and 10 decimal places")
    whole = Fraction(amount) * 10**digits
    if whole.denominator != 1:
        raise unfit(amount, f"has more than {digits} decimal places", code="mapping.precision")
    shares = [Fraction(0) if item is None else Fraction(to_number(item)) for item in weights]
    if any(share < 0 for share in shares):
        raise ExpressionFailed("A weight is below zero", hint="Weights are zero or more.")
    total = sum(shares, Fraction(0))
    if not total:
        if not whole or not shares:
            return [_cents(0, digits) for _ in shares]
        shares, total = [Fraction(1)] * len(shares), Fraction(len(shares))
    size, sign = abs(whole.numerator), 1 if whole >= 0 else -1
    exact = [size * share / total for share in shares]
    cents = [int(part) for part in exact]
    left = size - sum(cents)
    for index in sorted(range(len(exact)), key=lambda n: (cents[n] - exact[n], n))[:left]:
        cents[index] += 1
    return [_cents(sign * part, digits) for part in cents]


def _cents(count: int, digits: int) -> Number:
    return in_cents(count, digits)
