"""Amounts of an order's rows: price, discount and tax, without or with the tax in the price.

Each row is rounded half up. With tax in the price, what the customer sees is exact: the row with
tax is price × quantity, the tax is taken out of it, a discount is one of the price with tax, and
the part of the discount that is tax is given back as “discount tax compensation”. So always:
row_total + tax - discount + compensation = what is paid for the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.sandbox_kit.money import cents

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(slots=True)
class Row:
    """One thing bought; ``price`` as the shop lists it, ``parts`` of a bundle with their share."""

    product: Mapping[str, Any]
    qty: Decimal
    listed: Decimal
    tax_percent: Decimal = ZERO
    discount_percent: Decimal = ZERO
    own_discount: Decimal = ZERO
    parts: list[Row] = field(default_factory=list)
    price: Decimal = ZERO
    price_incl_tax: Decimal = ZERO
    row_total: Decimal = ZERO
    row_total_incl_tax: Decimal = ZERO
    discount: Decimal = ZERO
    tax: Decimal = ZERO
    compensation: Decimal = ZERO

    @property
    def paid(self) -> Decimal:
        """What the customer pays for the row, tax included."""
        return self.row_total + self.tax - self.discount + self.compensation


def price_rows(
    rows: list[Row], *, include_tax: bool, discount_percent: Decimal, discount: Decimal
) -> None:
    """Fill in every amount; an order's own discount is shared among its rows."""
    for row in rows:
        for part in row.parts:
            _list(part, include_tax)
        if row.parts:
            _gather(row, ("price", "price_incl_tax"), per_piece=True)
            _gather(row, ("row_total", "row_total_incl_tax"))
        else:
            _list(row, include_tax)
    leaves = [leaf for row in rows for leaf in (row.parts or [row])]
    _share_discount(leaves, include_tax, discount_percent, discount)
    for leaf in leaves:
        _tax(leaf, include_tax)
    for row in rows:
        if row.parts:
            _gather(row, ("discount", "tax", "compensation"))


def _list(row: Row, include_tax: bool) -> None:
    rate = row.tax_percent / HUNDRED
    if include_tax:
        row.price_incl_tax = row.listed
        row.row_total_incl_tax = cents(row.listed * row.qty)
        row.row_total = row.row_total_incl_tax - _contained(row.row_total_incl_tax, rate)
        row.price = cents(row.listed / (1 + rate))
    else:
        row.price = row.listed
        row.row_total = cents(row.listed * row.qty)
        row.price_incl_tax = cents(row.listed * (1 + rate))
        row.row_total_incl_tax = row.row_total + cents(row.row_total * rate)


def _contained(amount: Decimal, rate: Decimal) -> Decimal:
    """The tax in an amount that includes it."""
    return cents(amount - amount / (1 + rate))


def _gather(row: Row, names: tuple[str, ...], *, per_piece: bool = False) -> None:
    for name in names:
        total = ZERO
        for part in row.parts:
            each = part.qty / row.qty if per_piece else Decimal(1)
            total += getattr(part, name) * each
        setattr(row, name, total)


def _base(row: Row, include_tax: bool) -> Decimal:
    return row.row_total_incl_tax if include_tax else row.row_total


def _share_discount(rows: list[Row], include_tax: bool, percent: Decimal, fixed: Decimal) -> None:
    """Percent: of each row. Fixed: in proportion, the last row takes what rounding left."""
    total = sum((_base(row, include_tax) for row in rows), ZERO)
    fixed = min(fixed, total)
    left = fixed
    for number, row in enumerate(rows, start=1):
        base = _base(row, include_tax)
        wanted = row.own_discount + cents(base * (percent + row.discount_percent) / HUNDRED)
        if left and number == len(rows):
            wanted += left
        elif left and total:
            share = cents(fixed * base / total)
            wanted += share
            left -= share
        row.discount = min(wanted, base)


def _tax(row: Row, include_tax: bool) -> None:
    rate = row.tax_percent / HUNDRED
    if not include_tax:
        row.tax = cents((row.row_total - row.discount) * rate)
        return
    row.tax = _contained(row.row_total_incl_tax - row.discount, rate)
    row.compensation = _contained(row.row_total_incl_tax, rate) - row.tax
