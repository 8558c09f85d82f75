"""Whether a record that was found is the one that a lost write made."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.catalog.quickbooks.hooks.entities import folded, text

_NAMES = ("DocNumber", "PaymentRefNum", "Sku", "AcctNum", "TxnDate", "PayType", "PaymentType")
_FOLDED = ("DisplayName", "Name", "FileName")
_AMOUNTS = ("TotalAmt",)
_NOT_OURS = ("SubTotalLineDetail", "DescriptionOnly")


def same_record(inputs: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether ``found`` says all that counts of what ``inputs`` asked for.

    Names and numbers, references, e-mail, amounts of every line, forced tax, and the total where
    it is ours to give. QuickBooks adds a subtotal line of its own, and computes the other totals.
    """
    return all(
        _agrees(wanted, has) for wanted, has in _compared(inputs, found) if wanted not in ("", None)
    ) and _lines_agree(inputs, found)


def _compared(inputs: dict[str, Any], found: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    for name in _NAMES:
        yield text(inputs.get(name)), text(found.get(name))
    for name in _FOLDED:
        yield folded(inputs.get(name)), folded(found.get(name))
    for name, value in inputs.items():
        if name.endswith("Ref") and isinstance(value, dict) and name != "CurrencyRef":
            yield text(value.get("value")), text((found.get(name) or {}).get("value"))
    email = (inputs.get("PrimaryEmailAddr") or {}).get("Address")
    yield folded(email), folded((found.get("PrimaryEmailAddr") or {}).get("Address"))
    if "UnappliedAmt" in found or "PayType" in found:  # elsewhere the vendor computes the total
        for name in _AMOUNTS:
            if inputs.get(name) is not None:
                yield _cents(inputs[name]), _cents(found.get(name))
    tax = (inputs.get("TxnTaxDetail") or {}).get("TotalTax")
    if tax is not None:
        yield _cents(tax), _cents((found.get("TxnTaxDetail") or {}).get("TotalTax"))


def _agrees(wanted: Any, has: Any) -> bool:
    return bool(wanted == has)


def _lines_agree(inputs: dict[str, Any], found: dict[str, Any]) -> bool:
    if inputs.get("Line") is None:
        return True
    return _line_amounts(inputs["Line"]) == _line_amounts(found.get("Line"))


def _line_amounts(lines: Any) -> list[tuple[str, Decimal]]:
    """Kind and amount of every line; a percent discount has no amount of ours."""
    return sorted(
        (str(line.get("DetailType") or "DepositLineDetail"), _cents(_amount(line)))
        for line in lines or []
        if line.get("DetailType") not in _NOT_OURS
    )


def _amount(line: dict[str, Any]) -> Any:
    discount = line.get("DiscountLineDetail") or {}
    return discount.get("DiscountPercent") if discount.get("PercentBased") else line.get("Amount")


def _cents(value: Any) -> Decimal:
    try:
        return Decimal(str(value if value is not None else 0)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return Decimal(-1)
