"""Not a cent is lost: a slice of what ``python -m tests.benchmarks.bench_money`` does at length."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from tests.mapping.builders import call, const, value
from tests.mapping.money import check_many


def test_arithmetic_sum_and_rounding_are_exact_on_random_amounts() -> None:
    check_many(10_000, seed=time.time_ns() % 10**9)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (call("round", const("1.005"), const(2)), "1.01"),
        (call("add", const("0.1"), const("0.2"), const("0.3")), "0.6"),
        (call("sum", const(["0.1", "0.2", "0.3"])), "0.6"),
        (call("round", const(Decimal("2.675")), const(2)), "2.68"),
        (call("subtract", const("0.3"), const("0.1")), "0.2"),
        (call("round", const("-1.005"), const(2)), "-1.01"),
    ],
)
def test_what_doubles_get_wrong_is_right(expr: dict[str, object], expected: str) -> None:
    assert str(value(expr)) == expected
