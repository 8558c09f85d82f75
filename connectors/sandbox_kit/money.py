"""Exact amounts: half-up rounding, and numbers written without superfluous zeros."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """``amount`` rounded half up to two places: 1861.075 gives 1861.08."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def decimal_of(value: Any) -> Decimal | None:
    """The number a JSON value means (int, Decimal or numeric text), or None if it is none."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(value) if isinstance(value, int | Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def plain(amount: Decimal) -> Decimal | int:
    """``amount`` as vendors print it: 100 instead of 100.00, 7.2 instead of 7.20."""
    if amount == amount.to_integral_value():
        return int(amount)
    return amount.normalize()
