"""Sales forms (fact sheet A4, A5): invoice, sales receipt, estimate, credit memo, refund."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox import checks, currency, lines, tax
from connectors.catalog.quickbooks.sandbox.company import Company
from connectors.catalog.quickbooks.sandbox.errors import bad_enum, business, missing
from connectors.catalog.quickbooks.sandbox.lines import Line, Totals
from connectors.sandbox_kit.money import cents, plain

_LINE_KINDS = (
    "SalesItemLineDetail",
    "GroupLineDetail",
    "DescriptionOnly",
    "DiscountLineDetail",
    "SubTotalLineDetail",
)


@dataclass(frozen=True, slots=True)
class Form:
    """How one kind of sales form differs from an invoice."""

    due: bool = False
    has_balance: bool = False
    needs_customer: bool = True
    deposits: str = ""


FORMS = {
    "Invoice": Form(due=True, has_balance=True),
    "Estimate": Form(),
    "CreditMemo": Form(has_balance=True),
    "SalesReceipt": Form(needs_customer=False, deposits="default"),
    "RefundReceipt": Form(needs_customer=False, deposits="required"),
}


def complete(
    company: Company, entity: str, fields: dict[str, Any], before: Mapping[str, Any] | None
) -> None:
    """Fill defaults, lines, tax and totals into ``fields``; raises Fault."""
    form = FORMS[entity]
    if not fields.get("Line"):
        raise missing("Line")
    if not fields.get("CustomerRef") and form.needs_customer:
        raise missing("CustomerRef")
    customer = _customer(company, fields)
    fields.setdefault("TxnDate", company.today())
    currency.settle(company, fields, customer)
    _from_customer(fields, customer or {}, before)
    _settle_form(company, entity, form, fields)
    fields.setdefault("EmailStatus", "NotSet")
    fields.setdefault("PrintStatus", "NotSet")
    fields.setdefault("ApplyTaxAfterDiscount", False)
    fields.setdefault("LinkedTxn", [])
    _settle_custom_fields(company, fields)
    _settle_amounts(company, fields, before)
    if form.has_balance:
        _settle_balance(entity, fields, before)
    elif form.deposits:
        fields["Balance"] = 0
    currency.settle_home(company, fields)


def _customer(company: Company, fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if not fields.get("CustomerRef"):
        return None
    found: Mapping[str, Any] | None = company.get("Customer", fields["CustomerRef"]["value"])
    return found


def _from_customer(
    fields: dict[str, Any], customer: Mapping[str, Any], before: Mapping[str, Any] | None
) -> None:
    for name in ("BillAddr", "ShipAddr"):
        if name not in fields and customer.get(name):
            fields[name] = customer[name]
    if before:
        return
    if "BillEmail" not in fields and customer.get("PrimaryEmailAddr"):
        fields["BillEmail"] = customer["PrimaryEmailAddr"]


def _settle_form(company: Company, entity: str, form: Form, fields: dict[str, Any]) -> None:
    if form.due:
        customer = _customer(company, fields) or {}
        if "SalesTermRef" not in fields and customer.get("SalesTermRef"):
            fields["SalesTermRef"] = customer["SalesTermRef"]
        fields.setdefault("DueDate", due_date(company, fields))
    if entity == "Estimate":
        fields.setdefault("TxnStatus", "Pending")
    if form.deposits == "required" and not fields.get("DepositToAccountRef"):
        raise missing("DepositToAccountRef")
    if form.deposits and not fields.get("DepositToAccountRef"):
        default = company.find("Account", "Name", "Undeposited Funds")
        if default:
            fields["DepositToAccountRef"] = {"value": default[0]["Id"], "name": default[0]["Name"]}


def due_date(company: Company, fields: Mapping[str, Any]) -> str:
    """Day on which the terms say that the document must be paid."""
    named = fields.get("SalesTermRef")
    term = (company.get("Term", named["value"]) if named else None) or {}
    written = date.fromisoformat(fields["TxnDate"])
    wanted = int(term.get("DayOfMonthDue") or 0)
    if not wanted:
        return (written + timedelta(days=int(term.get("DueDays") or 0))).isoformat()
    due = _day_of(written, wanted)
    if due < written:
        due = _day_of(_next_month(written), wanted)
    if (due - written).days < int(term.get("DueNextMonthDays") or 0):
        due = _day_of(_next_month(due), wanted)
    return due.isoformat()


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _day_of(month: date, wanted: int) -> date:
    """That day of a month, or its last one."""
    last = (_next_month(month) - timedelta(days=1)).day
    return month.replace(day=min(wanted, last))


def _settle_custom_fields(company: Company, fields: dict[str, Any]) -> None:
    """Every defined field is on every form, with or without a value."""
    given = {entry["DefinitionId"]: entry for entry in fields.get("CustomField") or []}
    fields["CustomField"] = [
        given.get(
            entry["DefinitionId"],
            {**{k: entry[k] for k in ("DefinitionId", "Name")}, "Type": "StringType"},
        )
        for entry in company.ledger.setting("custom_fields")
    ]


def _settle_amounts(
    company: Company, fields: dict[str, Any], before: Mapping[str, Any] | None
) -> None:
    totals = Totals()
    discounts: list[Line] = []

    def take(line: Line) -> None:
        match line["DetailType"]:
            case "SalesItemLineDetail":
                _item_line(company, fields, line, totals)
            case "DiscountLineDetail":
                if discounts:
                    raise business("A transaction can have one discount line.")
                discounts.append(line)
            case "GroupLineDetail":
                _group_line(company, fields, line, totals)
            case _:
                line["Amount"] = 0

    written = lines.numbered(company, fields["Line"], before, _LINE_KINDS, take)
    if discounts:
        stored = next(line for line in written if line["DetailType"] == "DiscountLineDetail")
        _discount_line(company, stored, totals)
    added = tax.settle(company, fields, totals)
    subtotal: Line = {
        "Amount": plain(totals.subtotal),
        "DetailType": "SubTotalLineDetail",
        "SubTotalLineDetail": {},
    }
    fields["Line"] = [*written, subtotal]
    total = totals.subtotal - totals.discount + added
    if total < 0:
        raise business("The transaction amount must be 0 or greater.")
    fields["TotalAmt"] = plain(total)


def _item_line(company: Company, fields: Mapping[str, Any], line: Line, totals: Totals) -> None:
    kind = "SalesItemLineDetail"
    detail = dict(line.get(kind) or {})
    lines.amount_of(line, detail, kind)
    detail["ItemRef"] = lines.item_reference(company, detail.get("ItemRef"), f"Line.{kind}.ItemRef")
    lines.settle_references(company, detail, kind)
    taxed = lines.tax_code(company, fields, detail)
    line[kind] = detail
    lines.add_up(totals, line, detail, taxed)


def _group_line(company: Company, fields: Mapping[str, Any], line: Line, totals: Totals) -> None:
    """A bundle: the sum of its lines, each with its own tax and income."""
    detail = dict(line.get("GroupLineDetail") or {})
    group = checks.reference(company, "Item", detail.get("GroupItemRef"), "GroupItemRef")
    detail["GroupItemRef"] = group
    inside = [
        lines.known_members(company, each) for each in checks.listed("Line", detail.get("Line", []))
    ]
    if not inside:
        raise missing("Line.GroupLineDetail.Line")
    before = totals.subtotal
    for each in inside:
        if each.get("DetailType") != "SalesItemLineDetail":
            raise bad_enum("Line.DetailType", str(each.get("DetailType")))
        _item_line(company, fields, each, totals)
    detail["Line"] = inside
    whole = totals.subtotal - before
    if line.get("Amount") and lines.money(line["Amount"]) != whole:
        raise business("The amount of a bundle is that of its lines.")
    line["GroupLineDetail"] = detail
    line["Amount"] = plain(whole)


def _discount_line(company: Company, line: Line, totals: Totals) -> None:
    if not company.ledger.setting("allow_discount"):
        raise business("Discounts are switched off in the company's preferences.")
    detail = dict(line.get("DiscountLineDetail") or {})
    if detail.get("PercentBased"):
        if detail.get("DiscountPercent") is None:
            raise missing("DiscountPercent")
        percent = Decimal(checks.number("DiscountPercent", detail["DiscountPercent"]))
        totals.discount = cents(totals.subtotal * percent / 100)
        detail["DiscountPercent"] = plain(percent)
    else:
        if line.get("Amount") is None:
            raise missing("Amount")
        totals.discount = lines.money(line["Amount"])
        if totals.discount < 0:
            raise business("The discount must be 0 or greater.")
        detail["PercentBased"] = False
        detail.pop("DiscountPercent", None)
    account = detail.get("DiscountAccountRef")
    if account is None:
        default = company.find("Account", "Name", "Discounts given")
        account = {"value": default[0]["Id"]} if default else None
    if account is not None:
        detail["DiscountAccountRef"] = checks.reference(
            company, "Account", account, "DiscountAccountRef"
        )
    line["Amount"] = plain(totals.discount)
    line["DiscountLineDetail"] = detail


def _settle_balance(entity: str, fields: dict[str, Any], before: Mapping[str, Any] | None) -> None:
    """What is still open: less a deposit; what was paid already stays paid."""
    paid = lines.ZERO
    if before:
        paid = Decimal(before["TotalAmt"]) - Decimal(before["Balance"])
        paid -= Decimal(before.get("Deposit") or 0)
    deposit = lines.money(fields.get("Deposit") or 0, "Deposit")
    if not 0 <= deposit <= Decimal(fields["TotalAmt"]):
        raise business("The deposit must be between 0 and the amount of the invoice.")
    open_amount = Decimal(fields["TotalAmt"]) - deposit - paid
    fields["Balance"] = plain(max(open_amount, lines.ZERO))
    if entity == "CreditMemo":
        fields["RemainingCredit"] = fields["Balance"]


def voided(before: Mapping[str, Any]) -> dict[str, Any]:
    """The form with all amounts zero; the record stays."""
    after = {
        **before,
        "Line": [_voided_line(line) for line in before["Line"]],
        "TotalAmt": 0,
        "Balance": 0,
        "TxnTaxDetail": {"TotalTax": 0},
    }
    after.pop("Deposit", None)
    if "HomeTotalAmt" in before:
        after["HomeTotalAmt"] = 0
    return after


def _voided_line(line: Mapping[str, Any]) -> dict[str, Any]:
    empty = {**line, "Amount": 0}
    detail = line.get("SalesItemLineDetail")
    if detail:
        empty["SalesItemLineDetail"] = {**detail, "Qty": 0, "UnitPrice": 0}
    group = line.get("GroupLineDetail")
    if group:
        inside = [_voided_line(each) for each in group.get("Line") or []]
        empty["GroupLineDetail"] = {**group, "Line": inside}
    return empty
