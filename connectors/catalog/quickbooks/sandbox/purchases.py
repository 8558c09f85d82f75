"""What the company buys (fact sheet A4): bill, vendor credit, purchase order, expense."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox import checks, currency, lines, sales, tax
from connectors.catalog.quickbooks.sandbox.company import Company
from connectors.catalog.quickbooks.sandbox.errors import business, missing
from connectors.catalog.quickbooks.sandbox.lines import Line, Totals
from connectors.sandbox_kit.money import plain

_ITEM, _ACCOUNT = "ItemBasedExpenseLineDetail", "AccountBasedExpenseLineDetail"
_LINE_KINDS = (_ITEM, _ACCOUNT, "DescriptionOnly")
_PAID_FROM = {"Check": ("Bank",), "CreditCard": ("Credit Card",)}
_DEFAULT_PAYABLES = "Accounts Payable (A/P)"


def complete(
    company: Company, entity: str, fields: dict[str, Any], before: Mapping[str, Any] | None
) -> None:
    """Fill defaults, lines, tax and totals into ``fields``; raises Fault."""
    if not fields.get("Line"):
        raise missing("Line")
    party = _party(company, entity, fields)
    fields.setdefault("TxnDate", company.today())
    currency.settle(company, fields, party)
    if entity == "Purchase":
        _settle_payment(company, fields)
    else:
        _settle_terms(company, entity, fields, party or {})
    fields.setdefault("LinkedTxn", [])
    _settle_amounts(company, fields, before)
    if entity in ("Bill", "VendorCredit"):
        paid = Decimal(before["TotalAmt"]) - Decimal(before["Balance"]) if before else lines.ZERO
        fields["Balance"] = plain(max(Decimal(fields["TotalAmt"]) - paid, lines.ZERO))
    currency.settle_home(company, fields)


def _party(company: Company, entity: str, fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if entity == "Purchase":
        named = fields.get("EntityRef")
        return company.get(named["type"], named["value"]) if named else None
    if not fields.get("VendorRef"):
        raise missing("VendorRef")
    return company.get("Vendor", fields["VendorRef"]["value"])


def _settle_payment(company: Company, fields: dict[str, Any]) -> None:
    for name in ("PaymentType", "AccountRef"):
        if not fields.get(name):
            raise missing(name)
    account = company.get("Account", fields["AccountRef"]["value"]) or {}
    allowed = _PAID_FROM.get(fields["PaymentType"], ("Bank", "Other Current Asset"))
    if account.get("AccountType") not in allowed:
        raise business(
            f"An expense paid by {fields['PaymentType']} needs an account of the type "
            f"{' or '.join(allowed)}."
        )
    fields.setdefault("Credit", False)


def _settle_terms(
    company: Company, entity: str, fields: dict[str, Any], vendor: Mapping[str, Any]
) -> None:
    if not fields.get("APAccountRef"):
        if entity == "PurchaseOrder":
            raise missing("APAccountRef")
        default = company.find("Account", "Name", _DEFAULT_PAYABLES)
        if default:
            fields["APAccountRef"] = {"value": default[0]["Id"], "name": default[0]["Name"]}
    if entity == "VendorCredit":
        return
    if entity == "Bill" and "SalesTermRef" not in fields and vendor.get("TermRef"):
        fields["SalesTermRef"] = vendor["TermRef"]
    fields.setdefault("DueDate", sales.due_date(company, fields))
    if entity == "PurchaseOrder":
        fields.setdefault("POStatus", "Open")


def _settle_amounts(
    company: Company, fields: dict[str, Any], before: Mapping[str, Any] | None
) -> None:
    totals = Totals()

    def take(line: Line) -> None:
        kind = line["DetailType"]
        if kind == "DescriptionOnly":
            line["Amount"] = 0
            return
        detail = dict(line.get(kind) or {})
        lines.amount_of(line, detail, kind)
        if kind == _ITEM:
            named = detail.get("ItemRef")
            if not named:
                raise missing(f"Line.{kind}.ItemRef")
            detail["ItemRef"] = lines.item_reference(company, named, f"Line.{kind}.ItemRef")
        else:
            detail["AccountRef"] = checks.reference(
                company, "Account", detail.get("AccountRef"), f"Line.{kind}.AccountRef"
            )
        lines.settle_references(company, detail, kind)
        taxed = lines.tax_code(company, fields, detail, purchase=True)
        detail.setdefault("BillableStatus", "NotBillable")
        line[kind] = detail
        lines.add_up(totals, line, detail, taxed)

    fields["Line"] = lines.numbered(company, fields["Line"], before, _LINE_KINDS, take)
    added = tax.settle(company, fields, totals, purchase=True)
    total = totals.subtotal + added
    if total < 0:
        raise business("The transaction amount must be 0 or greater.")
    fields["TotalAmt"] = plain(total)
