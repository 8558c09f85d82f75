"""Invoices (fact sheet A4, A5): lines, totals of the sandbox's own, numbers, void and delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox import checks
from connectors.catalog.quickbooks.sandbox.company import Company, EntityRules
from connectors.catalog.quickbooks.sandbox.errors import (
    bad_enum,
    bad_reference,
    business,
    duplicate_number,
    missing,
    wrong_amount,
)
from connectors.sandbox_kit.money import cents, plain

ZERO = Decimal(0)
SHIPPING_ITEM = "SHIPPING_ITEM_ID"
_LINE_KINDS = (
    "SalesItemLineDetail",
    "GroupLineDetail",
    "DescriptionOnly",
    "DiscountLineDetail",
    "SubTotalLineDetail",
)
_MONEY_DECIMALS = 2


@dataclass(slots=True)
class Totals:
    """What the lines add up to."""

    subtotal: Decimal = ZERO
    discount: Decimal = ZERO
    taxable: Decimal = ZERO
    inclusive_tax: Decimal = ZERO


def create(
    company: Company,
    entity: EntityRules,
    body: Mapping[str, Any],
    *,
    allow_duplicate_number: bool,
) -> dict[str, Any]:
    fields = checks.writable(company, entity, body)
    fields = {name: value for name, value in fields.items() if value is not None}
    complete(company, fields, None)
    _number(company, fields, None, allow_duplicate_number)
    fields["Balance"] = fields["TotalAmt"]
    invoice = company.add(entity.name, fields)
    move_customer_balance(company, invoice, Decimal(invoice["TotalAmt"]))
    return invoice


def update(
    company: Company,
    entity: EntityRules,
    before: Mapping[str, Any],
    body: Mapping[str, Any],
    *,
    allow_duplicate_number: bool,
) -> dict[str, Any]:
    changes = checks.writable(company, entity, body)
    changes.pop("LinkedTxn", None)
    after = checks.merged(entity, before, changes, sparse=body.get("sparse") is True)
    after["LinkedTxn"] = before.get("LinkedTxn", [])
    after.setdefault("DocNumber", before.get("DocNumber", ""))
    if "TxnTaxDetail" not in changes and "Line" in changes:
        after.pop("TxnTaxDetail", None)
    complete(company, after, before)
    _number(company, after, before["Id"], allow_duplicate_number)
    paid = Decimal(before["TotalAmt"]) - Decimal(before["Balance"])
    after["Balance"] = plain(max(Decimal(after["TotalAmt"]) - paid, ZERO))
    move_customer_balance(company, before, -Decimal(before["Balance"]))
    move_customer_balance(company, after, Decimal(after["Balance"]))
    return company.change(entity.name, after)


def void(company: Company, before: Mapping[str, Any]) -> dict[str, Any]:
    """All amounts become zero; the record stays."""
    move_customer_balance(company, before, -Decimal(before["Balance"]))
    note = before.get("PrivateNote")
    lines = [_voided_line(line) for line in before["Line"]]
    after = {
        **before,
        "Line": lines,
        "TotalAmt": 0,
        "Balance": 0,
        "PrivateNote": f"Voided - {note}" if note else "Voided",
        "TxnTaxDetail": {"TotalTax": 0},
    }
    return company.change("Invoice", after, "Void")


def _voided_line(line: Mapping[str, Any]) -> dict[str, Any]:
    voided = {**line, "Amount": 0}
    detail = line.get("SalesItemLineDetail")
    if detail:
        voided["SalesItemLineDetail"] = {**detail, "Qty": 0, "UnitPrice": 0}
    return voided


def move_customer_balance(company: Company, txn: Mapping[str, Any], by: Decimal) -> None:
    """Change what the customer owes; no new version, as the vendor does."""
    customer = company.get("Customer", txn["CustomerRef"]["value"])
    if customer is None or not by:
        return
    balance = plain(Decimal(customer.get("Balance", 0)) + by)
    company.store("Customer", {**customer, "Balance": balance, "BalanceWithJobs": balance})


def complete(company: Company, fields: dict[str, Any], before: Mapping[str, Any] | None) -> None:
    """Fill defaults, lines and totals into ``fields``; raises Fault."""
    if not fields.get("Line"):
        raise missing("Line")
    if not fields.get("CustomerRef"):
        raise missing("CustomerRef")
    customer = company.get("Customer", fields["CustomerRef"]["value"]) or {}
    fields.setdefault("TxnDate", company.today())
    fields["CurrencyRef"] = company.info()["CurrencyRef"]
    for name in ("BillAddr", "ShipAddr"):
        if name not in fields and customer.get(name):
            fields[name] = customer[name]
    if "BillEmail" not in fields and customer.get("PrimaryEmailAddr") and not before:
        fields["BillEmail"] = customer["PrimaryEmailAddr"]
    if "SalesTermRef" not in fields and customer.get("SalesTermRef") and not before:
        fields["SalesTermRef"] = customer["SalesTermRef"]
    fields.setdefault("DueDate", _due_date(company, fields))
    fields.setdefault("EmailStatus", "NotSet")
    fields.setdefault("PrintStatus", "NotSet")
    fields.setdefault("ApplyTaxAfterDiscount", False)
    fields.setdefault("LinkedTxn", [])
    fields.setdefault("CustomField", [])
    lines, totals = _lines(company, fields, before)
    tax_detail, tax = _tax(company, fields, lines, totals)
    lines.append(
        {
            "Amount": plain(totals.subtotal),
            "DetailType": "SubTotalLineDetail",
            "SubTotalLineDetail": {},
        }
    )
    fields["Line"] = lines
    fields["TxnTaxDetail"] = tax_detail
    total = totals.subtotal - totals.discount + tax
    if total < 0:
        raise business("The transaction amount must be 0 or greater.")
    fields["TotalAmt"] = plain(total)


def _due_date(company: Company, fields: Mapping[str, Any]) -> str:
    term = fields.get("SalesTermRef")
    record = company.get("Term", term["value"]) if term else None
    days = int(record.get("DueDays", 0)) if record else 0
    return (date.fromisoformat(fields["TxnDate"]) + timedelta(days=days)).isoformat()


# --- lines


def _lines(
    company: Company, fields: Mapping[str, Any], before: Mapping[str, Any] | None
) -> tuple[list[dict[str, Any]], Totals]:
    """Stored lines without the subtotal, numbered; a line sent with a known Id keeps it."""
    known = {line.get("Id") for line in (before or {}).get("Line", [])}
    highest = max((int(i) for i in known if i and str(i).isdigit()), default=0)
    lines: list[dict[str, Any]] = []
    totals = Totals()
    discount: dict[str, Any] | None = None
    for raw in fields["Line"]:
        if not isinstance(raw, dict):
            raise missing("Line.DetailType")
        kind = raw.get("DetailType")
        if not kind:
            raise missing("Line.DetailType")
        if kind not in _LINE_KINDS:
            raise bad_enum("Line.DetailType", str(kind))
        if kind == "SubTotalLineDetail":
            continue
        line = {k: v for k, v in raw.items() if v is not None and k not in ("Id", "LineNum")}
        if "Description" in line:
            line["Description"] = checks.text("Line.Description", line["Description"], 4000)
        if kind == "SalesItemLineDetail":
            _item_line(company, fields, line, totals)
        elif kind == "DiscountLineDetail":
            if discount is not None:
                raise business("A transaction can have one discount line.")
            discount = line
        else:
            line["Amount"] = 0 if kind == "DescriptionOnly" else _money(line.get("Amount", 0))
            totals.subtotal += Decimal(line["Amount"])
        if raw.get("Id") in known and raw.get("Id") is not None:
            line["Id"] = str(raw["Id"])
        else:
            highest += 1
            line["Id"] = str(highest)
        lines.append({"Id": line.pop("Id"), "LineNum": len(lines) + 1, **line})
    if discount is not None:
        stored = next(line for line in lines if line["DetailType"] == "DiscountLineDetail")
        _discount_line(company, stored, totals)
    return lines, totals


def _money(value: Any, name: str = "Amount") -> Decimal | int:
    return checks.number(name, value, decimals=_MONEY_DECIMALS)


def _item_line(
    company: Company, fields: Mapping[str, Any], line: dict[str, Any], totals: Totals
) -> None:
    detail = dict(line.get("SalesItemLineDetail") or {})
    for name in ("Qty", "UnitPrice"):
        if detail.get(name) is not None:
            detail[name] = checks.number(f"Line.SalesItemLineDetail.{name}", detail[name])
        else:
            detail.pop(name, None)
    if line.get("Amount") is None:
        raise missing("Amount")
    amount = Decimal(_money(line["Amount"]))
    if "Qty" in detail and "UnitPrice" in detail:
        expected = cents(Decimal(detail["Qty"]) * Decimal(detail["UnitPrice"]))
        if amount != expected:
            raise wrong_amount(f"{amount:,.2f}")
    detail["ItemRef"] = _item_reference(company, detail.get("ItemRef"))
    taxable = _tax_code(company, fields, detail)
    line["Amount"] = plain(amount)
    line["SalesItemLineDetail"] = detail
    totals.subtotal += amount
    if taxable:
        totals.taxable += amount


def _item_reference(company: Company, given: Any) -> dict[str, Any]:
    name = "Line.SalesItemLineDetail.ItemRef"
    wanted = given.get("value") if isinstance(given, dict) else given
    if wanted is None:
        default = company.find("Item", "Name", "Services")
        if not default:
            raise missing(name)
        return {"value": default[0]["Id"], "name": default[0]["Name"]}
    if wanted == SHIPPING_ITEM:
        if not company.ledger.setting("allow_shipping"):
            raise bad_reference(f"Item elements id {SHIPPING_ITEM} not found", name)
        return {"value": SHIPPING_ITEM, "name": "Shipping"}
    reference = checks.reference(company, "Item", given, name)
    item = company.get("Item", reference["value"]) or {}
    if item.get("Type") == "Category":
        raise bad_reference("An item of type Category cannot be used on a line", name)
    return reference


def _tax_code(company: Company, fields: Mapping[str, Any], detail: dict[str, Any]) -> bool:
    """Check the line's tax code; True when the line is taxed."""
    given = detail.get("TaxCodeRef")
    if given is None:
        if not company.is_us and fields.get("GlobalTaxCalculation") != "NotApplicable":
            raise business("Make sure all your transactions have a GST/VAT rate before you save.")
        if company.is_us:
            detail["TaxCodeRef"] = {"value": "NON"}
        return False
    wanted = given.get("value") if isinstance(given, dict) else given
    if company.is_us and wanted not in ("TAX", "NON"):
        raise bad_reference(f"Tax code {wanted} cannot be used on a line", "TaxCodeRef")
    code = company.get("TaxCode", wanted)
    if code is None:
        raise bad_reference(f"TaxCode element id {wanted} not found", "TaxCodeRef")
    detail["TaxCodeRef"] = {"value": code["Id"]}
    return bool(code["Taxable"])


def _discount_line(company: Company, line: dict[str, Any], totals: Totals) -> None:
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
        totals.discount = Decimal(_money(line["Amount"]))
        if totals.discount < 0:
            raise business("The discount must be 0 or greater.")
        detail["PercentBased"] = False
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


# --- tax


def _tax(
    company: Company,
    fields: Mapping[str, Any],
    lines: list[dict[str, Any]],
    totals: Totals,
) -> tuple[dict[str, Any], Decimal]:
    """TxnTaxDetail and the tax of the transaction (fact sheet A5)."""
    given = dict(fields.get("TxnTaxDetail") or {})
    forced = given.get("TotalTax")
    sent = [line for line in given.get("TaxLine") or [] if isinstance(line, dict)]
    if forced is not None or sent:
        amount = (
            Decimal(checks.number("TotalTax", forced, decimals=_MONEY_DECIMALS))
            if forced is not None
            else sum((Decimal(_money(line.get("Amount", 0))) for line in sent), ZERO)
        )
        detail: dict[str, Any] = {"TotalTax": plain(amount)}
        if given.get("TxnTaxCodeRef"):
            detail["TxnTaxCodeRef"] = given["TxnTaxCodeRef"]
        if sent:
            detail["TaxLine"] = sent
        return detail, amount
    if company.is_us:
        return _us_tax(company, fields, given, totals)
    return _tax_by_code(company, fields, lines)


def _us_tax(
    company: Company, fields: Mapping[str, Any], given: Mapping[str, Any], totals: Totals
) -> tuple[dict[str, Any], Decimal]:
    reference = given.get("TxnTaxCodeRef")
    if not reference:
        return {"TotalTax": 0}, ZERO
    code = company.get("TaxCode", reference.get("value"))
    if code is None:
        raise bad_reference(
            f"TaxCode element id {reference.get('value')} not found", "TxnTaxCodeRef"
        )
    base = totals.taxable
    if fields.get("ApplyTaxAfterDiscount") and totals.subtotal:
        base -= cents(totals.discount * totals.taxable / totals.subtotal)
    tax_lines = [_tax_line(rate, base) for rate in _rates(company, code)]
    total = sum((Decimal(line["Amount"]) for line in tax_lines), ZERO)
    detail = {"TxnTaxCodeRef": {"value": code["Id"]}, "TotalTax": plain(total)}
    return {**detail, "TaxLine": tax_lines}, total


def _tax_by_code(
    company: Company, fields: Mapping[str, Any], lines: list[dict[str, Any]]
) -> tuple[dict[str, Any], Decimal]:
    if fields.get("GlobalTaxCalculation") == "NotApplicable":
        return {"TotalTax": 0}, ZERO
    net_by_code: dict[str, Decimal] = {}
    for line in lines:
        code_ref = line.get("SalesItemLineDetail", {}).get("TaxCodeRef")
        if code_ref:
            net = net_by_code.get(code_ref["value"], ZERO)
            net_by_code[code_ref["value"]] = net + Decimal(line["Amount"])
    tax_lines = [
        _tax_line(rate, net)
        for code_id, net in net_by_code.items()
        for rate in _rates(company, company.get("TaxCode", code_id) or {})
    ]
    total = sum((Decimal(line["Amount"]) for line in tax_lines), ZERO)
    return {"TotalTax": plain(total), "TaxLine": tax_lines}, total


def _rates(company: Company, code: Mapping[str, Any]) -> list[Any]:
    details = code.get("SalesTaxRateList", {}).get("TaxRateDetail", [])
    found = [company.get("TaxRate", detail["TaxRateRef"]["value"]) for detail in details]
    return [rate for rate in found if rate]


def _tax_line(rate: Mapping[str, Any], net: Decimal) -> dict[str, Any]:
    percent = Decimal(rate["RateValue"])
    return {
        "Amount": plain(cents(net * percent / 100)),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate["Id"]},
            "PercentBased": True,
            "TaxPercent": plain(percent),
            "NetAmountTaxable": plain(net),
        },
    }


# --- numbers


def _number(
    company: Company, fields: dict[str, Any], own_id: str | None, allow_duplicate: bool
) -> None:
    """Assign a number when none is given and custom numbers are off; refuse a used one when
    the company warns of duplicates."""
    number = fields.get("DocNumber")
    if not number:
        fields.pop("DocNumber", None)
        if own_id is None and not company.ledger.setting("custom_txn_numbers"):
            number = str(1000 + company.ledger.next_number(f"{company.realm}:DocNumber"))
            fields["DocNumber"] = number
        return
    if not company.ledger.setting("warn_duplicate_docnumber") or allow_duplicate:
        return
    for other in company.find("Invoice", "DocNumber", number):
        if other["Id"] != own_id:
            raise duplicate_number(number, "Invoice", other["Id"])
