"""Journal entries and deposits (fact sheet A4)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox import checks, currency, lines
from connectors.catalog.quickbooks.sandbox.company import Company
from connectors.catalog.quickbooks.sandbox.errors import (
    bad_enum,
    bad_reference,
    business,
    missing,
    unsupported_property,
)
from connectors.catalog.quickbooks.sandbox.lines import Line
from connectors.sandbox_kit.money import plain

_JOURNAL, _DEPOSIT = "JournalEntryLineDetail", "DepositLineDetail"
_PARTY_OF = {"Accounts Receivable": "Customer", "Accounts Payable": "Vendor"}
DEPOSITABLE = ("Payment", "SalesReceipt")


def complete_entry(
    company: Company, entity: str, fields: dict[str, Any], before: Mapping[str, Any] | None
) -> None:
    """A journal entry whose debits are its credits."""
    del entity
    if not fields.get("Line"):
        raise missing("Line")
    fields.setdefault("TxnDate", company.today())
    currency.settle(company, fields, None)
    sums = {"Debit": lines.ZERO, "Credit": lines.ZERO}

    def take(line: Line) -> None:
        if line["DetailType"] == "DescriptionOnly":
            line["Amount"] = 0
            return
        if line.get("Amount") is None:
            raise missing("Amount")
        amount = lines.money(line["Amount"])
        if amount < 0:
            raise business("The amount of a journal line must be 0 or greater.")
        detail = dict(line.get(_JOURNAL) or {})
        side = detail.get("PostingType")
        if side not in sums:
            raise bad_enum("PostingType", str(side)) if side else missing("PostingType")
        sums[side] += amount
        _settle_posting(company, detail)
        line["Amount"] = plain(amount)
        line[_JOURNAL] = detail

    kinds = (_JOURNAL, "DescriptionOnly")
    fields["Line"] = lines.numbered(company, fields["Line"], before, kinds, take)
    if sums["Debit"] != sums["Credit"]:
        raise business(
            f"The debits ({sums['Debit']}) are not equal to the credits ({sums['Credit']})."
        )
    fields.setdefault("Adjustment", False)
    fields["TotalAmt"] = plain(sums["Debit"])
    currency.settle_home(company, fields)


def _settle_posting(company: Company, detail: dict[str, Any]) -> None:
    detail["AccountRef"] = checks.reference(
        company, "Account", detail.get("AccountRef"), f"Line.{_JOURNAL}.AccountRef"
    )
    for name, kind in (("ClassRef", "Class"), ("DepartmentRef", "Department")):
        if detail.get(name):
            detail[name] = checks.reference(company, kind, detail[name], name)
    if checks.number("TaxAmount", detail.pop("TaxAmount", None) or 0):
        raise unsupported_property("TaxAmount is not used in this company and", "TaxAmount")
    if detail.get("TaxCodeRef") is None:
        detail.pop("TaxApplicableOn", None)
    account = company.get("Account", detail["AccountRef"]["value"]) or {}
    wanted = _PARTY_OF.get(account.get("AccountType", ""))
    party = detail.get("Entity")
    if party:
        kind = str(party.get("Type") or "").capitalize()
        if kind not in ("Customer", "Vendor"):
            raise bad_enum("Entity.Type", kind)
        named = checks.reference(company, kind, party.get("EntityRef"), "EntityRef")
        detail["Entity"] = {"Type": kind, "EntityRef": named}
    if wanted and (detail.get("Entity") or {}).get("Type") != wanted:
        raise business(
            f"When you use {account['AccountType']}, you must choose a {wanted.lower()} in the "
            "name field."
        )


def owed(company: Company, entry: Mapping[str, Any]) -> list[tuple[str, str, Decimal]]:
    """Kind and id of each party, and by how much its balance rises."""
    found = []
    for line in entry.get("Line") or []:
        detail = line.get(_JOURNAL) or {}
        party = detail.get("Entity")
        account = company.get("Account", (detail.get("AccountRef") or {}).get("value", ""))
        kind = _PARTY_OF.get((account or {}).get("AccountType", ""))
        if party and kind:
            rises = "Debit" if kind == "Customer" else "Credit"
            sign = 1 if detail["PostingType"] == rises else -1
            found.append((kind, party["EntityRef"]["value"], sign * Decimal(line["Amount"])))
    return found


def complete_deposit(
    company: Company, entity: str, fields: dict[str, Any], before: Mapping[str, Any] | None
) -> None:
    """A deposit of payments held so far, or of money from elsewhere."""
    del entity
    if not fields.get("DepositToAccountRef"):
        raise missing("DepositToAccountRef")
    if not fields.get("Line"):
        raise missing("Line")
    fields.setdefault("TxnDate", company.today())
    currency.settle(company, fields, None)
    total = lines.ZERO

    def take(line: Line) -> None:
        nonlocal total
        if line.get("Amount") is None:
            raise missing("Amount")
        amount = lines.money(line["Amount"])
        if line.get("LinkedTxn"):
            line["LinkedTxn"] = [_held(company, link, amount) for link in line["LinkedTxn"]]
        detail = dict(line.get(_DEPOSIT) or {})
        if not line.get("LinkedTxn"):
            detail["AccountRef"] = checks.reference(
                company, "Account", detail.get("AccountRef"), f"Line.{_DEPOSIT}.AccountRef"
            )
        for name, kind in (("ClassRef", "Class"), ("PaymentMethodRef", "PaymentMethod")):
            if detail.get(name):
                detail[name] = checks.reference(company, kind, detail[name], name)
        line["Amount"] = plain(amount)
        line[_DEPOSIT] = detail
        total += amount

    given = [
        {"DetailType": _DEPOSIT, **line} if isinstance(line, dict) else line
        for line in checks.listed("Line", fields["Line"])
    ]
    fields["Line"] = lines.numbered(company, given, before, (_DEPOSIT,), take)
    fields["TotalAmt"] = plain(total)
    back = fields.get("CashBack")
    if back:
        kept = lines.money(back.get("Amount") or 0, "CashBack.Amount")
        if not 0 <= kept <= total:
            raise business("The cash back must be between 0 and the amount of the deposit.")
        account = checks.reference(
            company, "Account", back.get("AccountRef"), "CashBack.AccountRef"
        )
        fields["CashBack"] = {**back, "Amount": plain(kept), "AccountRef": account}
    currency.settle_home(company, fields)


def _held(company: Company, link: Any, amount: Decimal) -> dict[str, Any]:
    given = checks.shaped(company, "link", "LinkedTxn", link)
    kind, number = str(given.get("TxnType")), str(given.get("TxnId"))
    if kind not in DEPOSITABLE:
        raise bad_enum("LinkedTxn.TxnType", kind)
    record = company.get(kind, number)
    if record is None:
        raise bad_reference(f"Transaction id {number} not found", "LinkedTxn")
    if deposit_of(company, kind, number):
        raise business("This payment is in another deposit already.")
    if Decimal(record["TotalAmt"]) != amount:
        raise business("A payment is deposited as a whole.")
    return {"TxnId": number, "TxnType": kind, "TxnLineId": str(given.get("TxnLineId") or "0")}


def deposit_of(company: Company, kind: str, number: str) -> str:
    """Id of the deposit that a payment or sales receipt sits in, "" if in none."""
    found = company.ledger.get("_deposited", f"{kind}:{number}", scope=company.realm)
    return str(found["deposit"]) if found else ""


def mark(company: Company, deposit: Mapping[str, Any], sign: int) -> None:
    """Note which payments a deposit holds; ``sign`` -1 sets them free."""
    for line in deposit["Line"]:
        for link in line.get("LinkedTxn") or []:
            name = f"{link['TxnType']}:{link['TxnId']}"
            if sign > 0:
                company.ledger.put(
                    "_deposited", name, {"deposit": deposit["Id"]}, scope=company.realm
                )
            else:
                company.ledger.remove("_deposited", name, scope=company.realm)
