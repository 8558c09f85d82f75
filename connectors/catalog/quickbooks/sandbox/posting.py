"""What a document does to others: balances of parties, other documents' balances, stock, links."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox import accounts, journals, lines, payments
from connectors.catalog.quickbooks.sandbox.company import Company
from connectors.sandbox_kit.money import cents, plain

# By how much the party owes more (customers) or is owed more (vendors), per unit of the total.
_OWES = {
    "Invoice": ("Customer", 1),
    "CreditMemo": ("Customer", -1),
    "Payment": ("Customer", -1),
    "Bill": ("Vendor", 1),
    "VendorCredit": ("Vendor", -1),
    "BillPayment": ("Vendor", -1),
}
_STOCK = {
    "Invoice": -1,
    "SalesReceipt": -1,
    "CreditMemo": 1,
    "RefundReceipt": 1,
    "Bill": 1,
    "Purchase": 1,
    "VendorCredit": -1,
}
# What a document closes when it says that it came from it.
_CLOSES = {
    ("Invoice", "Estimate"): ("TxnStatus", "Closed", "Pending"),
    ("SalesReceipt", "Estimate"): ("TxnStatus", "Closed", "Pending"),
    ("Bill", "PurchaseOrder"): ("POStatus", "Closed", "Open"),
    ("Purchase", "PurchaseOrder"): ("POStatus", "Closed", "Open"),
}


def post(company: Company, entity: str, record: Mapping[str, Any], sign: int) -> None:
    """Carry the document's effects out; ``sign`` -1 takes them back."""
    if sign > 0:
        accounts.post(company, entity, record)
    else:
        accounts.take_back(company, entity, record)
    if entity in _OWES:
        kind, direction = _OWES[entity]
        reference = record[f"{kind}Ref"]["value"]
        owed = Decimal(record["TotalAmt"]) - Decimal(record.get("Deposit") or 0)
        move_balance(company, kind, reference, sign * direction * owed)
    if entity in _STOCK:
        _move_stock(company, record, sign * _STOCK[entity])
    if entity in payments.RULES:
        _apply(company, entity, record, sign)
    if entity == "JournalEntry":
        for kind, number, amount in journals.owed(company, record):
            move_balance(company, kind, number, sign * amount)
    if entity == "Deposit":
        journals.mark(company, record, sign)
    _close_sources(company, entity, record, sign)


def move_balance(company: Company, kind: str, number: str, by: Decimal) -> None:
    """Change what a party owes or is owed; no new version, as the vendor does."""
    party = company.get(kind, number)
    if party is None or not by:
        return
    company.store(kind, {**party, "Balance": plain(Decimal(party.get("Balance", 0)) + by)})
    owing = company.get(kind, number) if kind == "Customer" else None
    while owing is not None:
        whole = plain(Decimal(owing.get("BalanceWithJobs", 0)) + by)
        company.store(kind, {**owing, "BalanceWithJobs": whole})
        above = owing.get("ParentRef")
        owing = company.get(kind, above["value"]) if above else None


def _move_stock(company: Company, record: Mapping[str, Any], direction: int) -> None:
    for line in lines.sold(record):
        detail = line.get("SalesItemLineDetail") or line.get("ItemBasedExpenseLineDetail")
        if not detail or not detail.get("Qty"):
            continue
        item = company.get("Item", detail["ItemRef"]["value"])
        if item is None or item.get("Type") != "Inventory":
            continue
        quantity = Decimal(item.get("QtyOnHand", 0)) + direction * Decimal(detail["Qty"])
        company.touch("Item", {**item, "QtyOnHand": plain(quantity)})


def _apply(company: Company, entity: str, payment: Mapping[str, Any], sign: int) -> None:
    """Move the balances of the documents that a payment settles."""
    for kind, number, amount in payments.targets(entity, payment):
        target = company.get(kind, number)
        if target is None:
            continue
        link = {"TxnId": payment["Id"], "TxnType": entity}
        if entity == "BillPayment":
            link["TxnType"] = f"BillPayment{payment.get('PayType', '')}"
        links = [known for known in target["LinkedTxn"] if known["TxnId"] != payment["Id"]]
        balance = plain(Decimal(target["Balance"]) - sign * amount)
        after = {**target, "Balance": balance, "LinkedTxn": [*links, link] if sign > 0 else links}
        if "RemainingCredit" in target:
            after["RemainingCredit"] = balance
        if "HomeBalance" in target:
            rate = Decimal(target.get("ExchangeRate") or 1)
            after["HomeBalance"] = plain(cents(Decimal(balance) * rate))
        company.change(kind, after)


def _close_sources(company: Company, entity: str, record: Mapping[str, Any], sign: int) -> None:
    named = [*(record.get("LinkedTxn") or [])]
    for line in record.get("Line") or []:
        named += line.get("LinkedTxn") or []
    done = set()
    for link in named:
        rule = _CLOSES.get((entity, str(link.get("TxnType"))))
        number = str(link.get("TxnId"))
        if rule is None or number in done:
            continue
        done.add(number)
        source = company.get(link["TxnType"], number)
        if source is None:
            continue
        field, closed, opened = rule
        back = {"TxnId": record["Id"], "TxnType": entity}
        links = [known for known in source.get("LinkedTxn", []) if known != back]
        company.change(
            str(link["TxnType"]),
            {
                **source,
                field: closed if sign > 0 else opened,
                "LinkedTxn": [*links, back] if sign > 0 else links,
            },
        )
