"""Random amounts through compiled rules, against exact fractions and Python's decimal."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Any

from ipaas.mapping import ExpressionFailed, compile_expr
from tests.mapping.builders import call

KNOWN: tuple[tuple[str, str, int], ...] = (
    ("1.005", "0.1", 2), ("0.1", "0.2", 1), ("-1.005", "0.30", 2), ("2.675", "3", 2),
    ("0.285", "1.15", 2), ("1.115", "0.07", 2), ("4.35", "100", 0), ("-2.5", "0.5", 0),
    ("9999999999999.995", "0.005", 2), ("0", "1", 2), ("-0.004", "7", 2), ("19.99", "1.0825", 2),
)  # fmt: skip
"""Amounts that doubles get wrong, and neighbours of a half."""
HALVES = ("half_up", "half_even", "half_down", "up", "down", "ceiling", "floor")
_RULES: dict[str, Callable[..., Any]] = {
    "add": compile_expr(call("add", "a", "b")),
    "subtract": compile_expr(call("subtract", "a", "b")),
    "multiply": compile_expr(call("multiply", "a", "b")),
    "divide": compile_expr(call("divide", "a", "b")),
    "sum": compile_expr(call("sum", "list")),
    "round": compile_expr(call("round", "a", "digits")),
    "round_by": compile_expr(call("round_by", "a", "digits", "mode")),
}
OPERATIONS = len(_RULES)
"""How many operations one case checks."""
_WIDE = Context(prec=400)


def random_amount(chance: random.Random) -> str:
    """A number as a vendor may write it: mostly money, often a half of the last digit."""
    places = chance.choice((0, 1, 2, 2, 2, 3, 4, 6))
    size = chance.choice((9, 999, 99_999, 10**7, 10**13))
    text = f"{chance.randint(-size, size)}"
    if places:
        tail = "".join(chance.choice("0123456789") for _ in range(places - 1))
        text += f".{tail}{chance.choice('0123455556789')}"
    return text


def check_case(a: str, b: str, digits: int, mode: str, more: list[str]) -> None:
    """Every operation on one pair of amounts; raises AssertionError at the first difference."""
    context = {"a": a, "b": Decimal(b), "digits": digits, "mode": mode, "list": [a, b, *more]}
    x, y = Fraction(a), Fraction(b)

    def given(name: str) -> Any:
        return _RULES[name](context)

    assert Fraction(given("add")) == x + y, ("add", a, b)
    assert Fraction(given("subtract")) == x - y, ("subtract", a, b)
    assert Fraction(given("multiply")) == x * y, ("multiply", a, b)
    assert Fraction(given("sum")) == sum(map(Fraction, context["list"])), ("sum", context["list"])
    assert _WIDE.add(Decimal(a), Decimal(b)) == given("add"), ("add", a, b)
    assert _WIDE.multiply(Decimal(a), Decimal(b)) == given("multiply"), ("multiply", a, b)
    assert Fraction(given("round")) == rounded(x, digits, "half_up"), ("round", a, digits)
    assert Fraction(given("round_by")) == rounded(x, digits, mode), ("round_by", a, digits, mode)
    if y:
        assert off_by(Fraction(given("divide")), x / y) <= Fraction(1, 2), ("divide", a, b)
    else:
        try:
            given("divide")
        except ExpressionFailed:
            return
        raise AssertionError(("divide by zero", a, b))


def rounded(value: Fraction, digits: int, mode: str) -> Fraction:
    """The value to so many places, by whole numbers alone."""
    scaled = value * 10**digits
    low = scaled.numerator // scaled.denominator
    rest = scaled - low
    if not rest:
        return Fraction(low, 10**digits)
    outward = low + 1 if value > 0 else low
    inward = low if value > 0 else low + 1
    nearest = low if rest < Fraction(1, 2) else low + 1
    ties = {"half_up": outward, "half_down": inward, "half_even": low + low % 2}
    way = {"up": outward, "down": inward, "ceiling": low + 1, "floor": low}
    found = way.get(mode)
    if found is None:
        found = ties[mode] if rest == Fraction(1, 2) else nearest
    return Fraction(found, 10**digits)


def off_by(given: Fraction, exact: Fraction) -> Fraction:
    """How far a quotient is off, in units of its 28th digit."""
    if not exact:
        return abs(given) * 10**40
    low = Context(prec=28, rounding=ROUND_FLOOR).divide(
        Decimal(abs(exact.numerator)), Decimal(exact.denominator)
    )
    high = Context(prec=28, rounding=ROUND_CEILING).divide(
        Decimal(abs(exact.numerator)), Decimal(exact.denominator)
    )
    if low == high:
        return abs(abs(given) - Fraction(low)) * 10**60
    return abs(abs(given) - abs(exact)) / (Fraction(high) - Fraction(low))


def check_many(count: int, seed: int) -> None:
    """So many random cases."""
    chance = random.Random(seed)
    for a, b, digits in KNOWN:
        for mode in HALVES:
            check_case(a, b, digits, mode, ["0.1", "0.2", "0.3"])
    for _ in range(count):
        more = [random_amount(chance) for _ in range(chance.randint(0, 3))]
        a, b = random_amount(chance), random_amount(chance)
        check_case(a, b, chance.randint(0, 6), chance.choice(HALVES), more)
