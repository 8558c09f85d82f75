"""Payments by customers and to vendors (fact sheet A4): what they settle, and by how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox import checks, currency
from connectors.catalog.quickbooks.sandbox.company import Company
from connectors.catalog.quickbooks.sandbox.errors import (
    bad_enum,
    bad_reference,
    business,
    missing,
    unsupported_property,
)
from connectors.sandbox_kit.money import plain

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Settles:
    """Whom a payment is from or to, what it pays, and what it uses up."""

    party: str
    pays: str
    uses: str

    @property
    def reference(self) -> str:
        return f"{self.party}Ref"


RULES = {
    "Payment": Settles("Customer", "Invoice", "CreditMemo"),
    "BillPayment": Settles("Vendor", "Bill", "VendorCredit"),
}
# Links that are allowed and leave no balance behind in this sandbox.
_OTHER_LINKS = ("JournalEntry", "Expense", "Check", "Payment", "Deposit")
_LINE_MEMBERS = {"Id", "LineNum", "Amount", "Description", "LinkedTxn", "LineEx", "DetailType"}


def complete(
    company: Company, entity: str, fields: dict[str, Any], before: Mapping[str, Any] | None
) -> None:
    """Check and complete a payment whose earlier version was taken back already."""
    del before
    rule = RULES[entity]
    if not fields.get(rule.reference):
        raise missing(rule.reference)
    if fields.get("TotalAmt") is None:
        raise business("You must set a transaction amount.")
    total = Decimal(checks.number("TotalAmt", fields["TotalAmt"], decimals=2))
    if total < 0:
        raise business("The transaction amount must be 0 or greater.")
    currency.settle(company, fields, company.get(rule.party, fields[rule.reference]["value"]))
    applied = ZERO
    lines = []
    for raw in fields.get("Line") or []:
        line = _known_members(company, raw)
        amount = Decimal(checks.number("Amount", line.get("Amount", 0), decimals=2))
        applied += _check_line(company, rule, line, amount, fields)
        lines.append({**line, "Amount": plain(amount)})
    if applied > total:
        raise business("The amount applied is greater than the amount of the payment.")
    fields["Line"] = lines
    fields["TotalAmt"] = plain(total)
    fields.setdefault("TxnDate", company.today())
    if entity == "Payment":
        _settle_receipt(company, fields, total - applied)
    else:
        _settle_disbursement(company, fields)
    currency.settle_home(company, fields)


def _known_members(company: Company, raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise unsupported_property("Line must be an object. The value specified", "Line")
    unknown = next((name for name in raw if name not in _LINE_MEMBERS), None)
    if unknown and checks.strict(company):
        raise unsupported_property(f'Unrecognized field "Line.{unknown}" specified', "Line")
    return {k: v for k, v in raw.items() if k in _LINE_MEMBERS and v not in (None, "")}


def _check_line(
    company: Company,
    rule: Settles,
    line: dict[str, Any],
    amount: Decimal,
    fields: Mapping[str, Any],
) -> Decimal:
    """How much of the payment the line takes; credits that are used up give."""
    links = [
        {
            "TxnId": str(link.get("TxnId")),
            "TxnType": str(link.get("TxnType")),
            **({"TxnLineId": str(link["TxnLineId"])} if link.get("TxnLineId") else {}),
        }
        for link in (
            checks.shaped(company, "link", "LinkedTxn", each) for each in line.get("LinkedTxn", [])
        )
    ]
    if not links:
        raise missing("Line.LinkedTxn")
    line["LinkedTxn"] = links
    taken = ZERO
    for link in links:
        if link["TxnType"] not in (rule.pays, rule.uses, *_OTHER_LINKS):
            raise bad_enum("LinkedTxn.TxnType", link["TxnType"])
        if link["TxnType"] in (rule.pays, rule.uses):
            _check_target(company, rule, link, amount, fields)
        if link["TxnType"] == rule.pays:
            taken += amount
        elif link["TxnType"] == rule.uses:
            taken -= amount
    return taken


def _check_target(
    company: Company,
    rule: Settles,
    link: Mapping[str, str],
    amount: Decimal,
    fields: Mapping[str, Any],
) -> None:
    kind = link["TxnType"]
    target = company.get(kind, link["TxnId"])
    if target is None:
        raise bad_reference(f"Transaction id {link['TxnId']} not found", "LinkedTxn")
    if target[rule.reference]["value"] != fields[rule.reference]["value"]:
        whom = rule.party.lower()
        raise business(f"The {kind.lower()} belongs to another {whom} than the payment.")
    if amount > Decimal(target["Balance"]):
        raise business(f"The amount applied is greater than the balance of the {kind.lower()}.")


def _settle_receipt(company: Company, fields: dict[str, Any], left: Decimal) -> None:
    fields["UnappliedAmt"] = plain(left)
    fields.setdefault("ProcessPayment", False)
    if "DepositToAccountRef" not in fields:
        deposit = company.find("Account", "Name", "Undeposited Funds")
        if deposit:
            fields["DepositToAccountRef"] = checks.reference(
                company, "Account", deposit[0]["Id"], "DepositToAccountRef"
            )


def _settle_disbursement(company: Company, fields: dict[str, Any]) -> None:
    way = fields.get("PayType")
    if not way:
        raise missing("PayType")
    holder, account, kind = (
        ("CheckPayment", "BankAccountRef", "Bank")
        if way == "Check"
        else ("CreditCardPayment", "CCAccountRef", "Credit Card")
    )
    paid = dict(fields.get(holder) or {})
    if not paid.get(account):
        raise missing(f"{holder}.{account}")
    paid[account] = checks.reference(company, "Account", paid[account], account)
    found = company.get("Account", paid[account]["value"]) or {}
    if found.get("AccountType") != kind:
        raise business(f"The account of the payment must be of the type {kind}.")
    fields[holder] = paid


def targets(entity: str, payment: Mapping[str, Any]) -> Iterator[tuple[str, str, Decimal]]:
    """Kind, id and amount of every document whose balance the payment lowers."""
    rule = RULES[entity]
    for line in payment.get("Line") or []:
        for link in line.get("LinkedTxn") or []:
            if link["TxnType"] in (rule.pays, rule.uses):
                yield link["TxnType"], link["TxnId"], Decimal(line["Amount"])


def voided(before: Mapping[str, Any]) -> dict[str, Any]:
    """The payment with nothing paid."""
    after = {**before, "Line": [], "TotalAmt": 0}
    if "UnappliedAmt" in before:
        after["UnappliedAmt"] = 0
    return after


def release(company: Company, kind: str, record: Mapping[str, Any]) -> None:
    """Payments of a document that goes become credits that are not applied."""
    for link in record.get("LinkedTxn", []):
        entity = link.get("TxnType")
        payment = company.get(entity, link["TxnId"]) if entity in RULES else None
        if payment is None:
            continue
        kept, freed = [], ZERO
        for line in payment["Line"]:
            if any(
                (each["TxnType"], each["TxnId"]) == (kind, record["Id"])
                for each in line["LinkedTxn"]
            ):
                pays = kind == RULES[entity].pays
                freed += Decimal(line["Amount"]) if pays else -Decimal(line["Amount"])
            else:
                kept.append(line)
        after = {**payment, "Line": kept}
        if entity == "Payment":
            after["UnappliedAmt"] = plain(Decimal(payment["UnappliedAmt"]) + freed)
        company.change(entity, after)
