"""Payments (fact sheet A4): applied to invoices, whose balance and links follow."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox import checks
from connectors.catalog.quickbooks.sandbox.company import Company, EntityRules
from connectors.catalog.quickbooks.sandbox.errors import bad_reference, business, missing
from connectors.catalog.quickbooks.sandbox.sales import move_customer_balance
from connectors.sandbox_kit.money import plain

ZERO = Decimal(0)


def create(company: Company, entity: EntityRules, body: Mapping[str, Any]) -> dict[str, Any]:
    fields = checks.writable(company, entity, body)
    fields = {name: value for name, value in fields.items() if value is not None}
    _complete(company, fields)
    payment = company.add(entity.name, fields)
    _apply(company, payment, 1)
    return payment


def update(
    company: Company, entity: EntityRules, before: Mapping[str, Any], body: Mapping[str, Any]
) -> dict[str, Any]:
    changes = checks.writable(company, entity, body)
    _apply(company, before, -1)
    after = checks.merged(entity, before, changes, sparse=body.get("sparse") is True)
    _complete(company, after)
    payment = company.change(entity.name, after)
    _apply(company, payment, 1)
    return payment


def void(company: Company, before: Mapping[str, Any]) -> dict[str, Any]:
    _apply(company, before, -1)
    note = before.get("PrivateNote")
    after = {
        **before,
        "Line": [],
        "TotalAmt": 0,
        "UnappliedAmt": 0,
        "PrivateNote": f"Voided - {note}" if note else "Voided",
    }
    return company.change("Payment", after, "Void")


def delete(company: Company, before: Mapping[str, Any]) -> None:
    _apply(company, before, -1)
    company.delete("Payment", before)


def release_invoice(company: Company, invoice: Mapping[str, Any]) -> None:
    """Payments of a deleted invoice become credits that are not applied."""
    for link in invoice.get("LinkedTxn", []):
        payment = company.get("Payment", link["TxnId"]) if link["TxnType"] == "Payment" else None
        if payment is None:
            continue
        kept = [line for line in payment["Line"] if invoice["Id"] not in _invoices_of(line)]
        freed = sum((Decimal(line["Amount"]) for line in payment["Line"] if line not in kept), ZERO)
        unapplied = plain(Decimal(payment["UnappliedAmt"]) + freed)
        company.change("Payment", {**payment, "Line": kept, "UnappliedAmt": unapplied})


def _complete(company: Company, fields: dict[str, Any]) -> None:
    if not fields.get("CustomerRef"):
        raise missing("CustomerRef")
    if fields.get("TotalAmt") is None:
        raise business("You must set a transaction amount.")
    total = Decimal(checks.number("TotalAmt", fields["TotalAmt"], decimals=2))
    if total < 0:
        raise business("The transaction amount must be 0 or greater.")
    applied = ZERO
    lines = []
    for line in fields.get("Line") or []:
        amount = Decimal(checks.number("Amount", line.get("Amount", 0), decimals=2))
        applied += amount
        for invoice_id in _invoices_of(line):
            _check_invoice(company, invoice_id, amount, fields)
        lines.append({**line, "Amount": plain(amount)})
    if applied > total:
        raise business("The amount applied is greater than the amount of the payment.")
    fields["Line"] = lines
    fields["TotalAmt"] = plain(total)
    fields["UnappliedAmt"] = plain(total - applied)
    fields.setdefault("TxnDate", company.today())
    fields["CurrencyRef"] = company.info()["CurrencyRef"]
    fields.setdefault("ProcessPayment", False)
    if "DepositToAccountRef" not in fields:
        deposit = company.find("Account", "Name", "Undeposited Funds")
        if deposit:
            fields["DepositToAccountRef"] = {"value": deposit[0]["Id"]}


def _invoices_of(line: Mapping[str, Any]) -> list[str]:
    return [
        str(link.get("TxnId"))
        for link in line.get("LinkedTxn") or []
        if link.get("TxnType") == "Invoice"
    ]


def _check_invoice(
    company: Company, invoice_id: str, amount: Decimal, fields: Mapping[str, Any]
) -> None:
    invoice = company.get("Invoice", invoice_id)
    if invoice is None:
        raise bad_reference(f"Transaction id {invoice_id} not found", "LinkedTxn")
    if invoice["CustomerRef"]["value"] != fields["CustomerRef"]["value"]:
        raise business("The invoice belongs to another customer than the payment.")
    if amount > Decimal(invoice["Balance"]):
        raise business("The amount applied is greater than the balance of the invoice.")


def _apply(company: Company, payment: Mapping[str, Any], sign: int) -> None:
    """Move the balances of invoices and customer; ``sign`` -1 takes the payment back."""
    move_customer_balance(company, payment, -sign * Decimal(payment["TotalAmt"]))
    for line in payment["Line"]:
        for invoice_id in _invoices_of(line):
            invoice = company.get("Invoice", invoice_id)
            if invoice is None:
                continue
            link = {"TxnId": payment["Id"], "TxnType": "Payment"}
            links = [known for known in invoice["LinkedTxn"] if known != link]
            balance = Decimal(invoice["Balance"]) - sign * Decimal(line["Amount"])
            after = {
                **invoice,
                "Balance": plain(balance),
                "LinkedTxn": [*links, link] if sign > 0 else links,
            }
            company.change("Invoice", after)
