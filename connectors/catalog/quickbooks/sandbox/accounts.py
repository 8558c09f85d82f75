"""The general ledger: which accounts a document moves, and their balances (fact sheet A4).

Every document posts amounts that add up to nothing: what one account gets, another one gives. They
are kept beside the document, so that taking it back undoes exactly what was done, whatever became
of its items since. Goods leave the stock at the item's purchase cost; QuickBooks itself takes the
cost of the oldest lot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox.company import Company
from connectors.sandbox_kit.money import cents, plain

_POSTINGS = "_posting"
_ZERO = Decimal(0)
_GROWS_BY_CREDIT = ("Liability", "Equity", "Revenue")
# Accounts that are taken where a document names none, by what QuickBooks calls their kind.
RECEIVABLES, PAYABLES = "AccountsReceivable", "AccountsPayable"
UNDEPOSITED, TAX, STOCK = "UndepositedFunds", "GlobalTaxPayable", "Inventory"
SALES, SHIPPING, DISCOUNTS = "SalesOfProductIncome", "OtherPrimaryIncome", "DiscountsRefundsGiven"
COST, OPENING = "SuppliesMaterialsCogs", "OpeningBalanceEquity"
Record = Mapping[str, Any]


class Entry:
    """What one document moves: debits are positive."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.sums: dict[str, Decimal] = {}
        self._usual: dict[str, str] = {}
        for account in company.all("Account"):
            self._usual.setdefault(str(account.get("AccountSubType")), account["Id"])

    def debit(self, account: Any, amount: Decimal) -> None:
        """Move an account: a reference, or the kind of the usual one."""
        if isinstance(account, Mapping):
            number = str(account["value"])
        else:
            number = self._usual.get(account, "")
        if number and amount:
            self.sums[number] = self.sums.get(number, _ZERO) + amount

    def named(self, reference: Any, usual: str) -> Any:
        """The account that is named, else the usual one."""
        return reference if isinstance(reference, Mapping) and reference.get("value") else usual

    def in_home_currency(self, rate: Decimal) -> dict[str, Decimal]:
        """Amounts in the company's own currency; what rounding leaves over goes to the largest."""
        found = {number: cents(amount * rate) for number, amount in self.sums.items()}
        rest = sum(found.values(), _ZERO)
        if rest and found:
            largest = max(found, key=lambda number: abs(found[number]))
            found[largest] -= rest
        return found


def post(company: Company, entity: str, record: Record) -> None:
    """Carry a document into the accounts."""
    rule = _RULES.get(entity)
    if rule is None:
        return
    entry = Entry(company)
    rule(entry, record)
    moved = entry.in_home_currency(Decimal(record.get("ExchangeRate") or 1))
    company.ledger.put(
        _POSTINGS,
        f"{entity}:{record['Id']}",
        {number: str(amount) for number, amount in moved.items()},
        scope=company.realm,
    )
    _move(company, moved)


def take_back(company: Company, entity: str, record: Record) -> None:
    """Undo what the document moved."""
    name = f"{entity}:{record['Id']}"
    kept = company.ledger.get(_POSTINGS, name, scope=company.realm)
    if kept is None:
        return
    company.ledger.remove(_POSTINGS, name, scope=company.realm)
    _move(company, {number: -Decimal(amount) for number, amount in kept.items()})


def open_stock(company: Company, item: Record) -> None:
    """What a new item's first quantity is worth."""
    worth = Decimal(item.get("QtyOnHand") or 0) * Decimal(item.get("PurchaseCost") or 0)
    entry = Entry(company)
    entry.debit(entry.named(item.get("AssetAccountRef"), STOCK), cents(worth))
    entry.debit(OPENING, -cents(worth))
    _move(company, entry.in_home_currency(Decimal(1)))


def _move(company: Company, moved: Mapping[str, Decimal]) -> None:
    """Change balances, also of the accounts above; no new version, as for parties."""
    for number, amount in moved.items():
        account = company.get("Account", number)
        own = True
        while account is not None and amount:
            credits = account.get("Classification") in _GROWS_BY_CREDIT
            by = -amount if credits else amount
            whole = Decimal(account.get("CurrentBalanceWithSubAccounts", 0)) + by
            changed = {**account, "CurrentBalanceWithSubAccounts": plain(whole)}
            if own:
                changed["CurrentBalance"] = plain(Decimal(account.get("CurrentBalance", 0)) + by)
            company.store("Account", changed)
            above = account.get("ParentRef")
            account, own = company.get("Account", above["value"]) if above else None, False


# --- what each kind of document moves


def _sale(entry: Entry, record: Record, sign: int, against: Any) -> None:
    total = _ZERO
    for line in record.get("Line") or []:
        total += _sold(entry, line, sign)
    tax = Decimal((record.get("TxnTaxDetail") or {}).get("TotalTax") or 0)
    entry.debit(TAX, -sign * tax)
    entry.debit(against, sign * (total + tax))


def _sold(entry: Entry, line: Record, sign: int) -> Decimal:
    """Income and cost of one line; returns what it adds to the document."""
    amount = Decimal(line.get("Amount") or 0)
    match line.get("DetailType"):
        case "DiscountLineDetail":
            account = line["DiscountLineDetail"].get("DiscountAccountRef")
            entry.debit(entry.named(account, DISCOUNTS), sign * amount)
            return -amount
        case "SalesItemLineDetail":
            detail = line["SalesItemLineDetail"]
            number = detail["ItemRef"]["value"]
            item = entry.company.get("Item", number) or {}
            usual = SHIPPING if number == "SHIPPING_ITEM_ID" else SALES
            entry.debit(entry.named(item.get("IncomeAccountRef"), usual), -sign * amount)
            if item.get("Type") == "Inventory":
                worth = Decimal(detail.get("Qty") or 0) * Decimal(item.get("PurchaseCost") or 0)
                worth = sign * cents(worth)
                entry.debit(entry.named(item.get("ExpenseAccountRef"), COST), worth)
                entry.debit(entry.named(item.get("AssetAccountRef"), STOCK), -worth)
            return amount
        case "GroupLineDetail":
            inside = line["GroupLineDetail"].get("Line") or []
            return sum((_sold(entry, each, sign) for each in inside), _ZERO)
    return _ZERO


def _invoice(entry: Entry, record: Record) -> None:
    _sale(entry, record, 1, RECEIVABLES)
    deposit = Decimal(record.get("Deposit") or 0)
    entry.debit(entry.named(record.get("DepositToAccountRef"), UNDEPOSITED), deposit)
    entry.debit(RECEIVABLES, -deposit)


def _credit_memo(entry: Entry, record: Record) -> None:
    _sale(entry, record, -1, RECEIVABLES)


def _sales_receipt(entry: Entry, record: Record) -> None:
    _sale(entry, record, 1, entry.named(record.get("DepositToAccountRef"), UNDEPOSITED))


def _refund_receipt(entry: Entry, record: Record) -> None:
    _sale(entry, record, -1, entry.named(record.get("DepositToAccountRef"), UNDEPOSITED))


def _payment(entry: Entry, record: Record) -> None:
    total = Decimal(record.get("TotalAmt") or 0)
    entry.debit(entry.named(record.get("DepositToAccountRef"), UNDEPOSITED), total)
    entry.debit(entry.named(record.get("ARAccountRef"), RECEIVABLES), -total)


def _cost(entry: Entry, record: Record, sign: int, against: Any) -> None:
    total = _ZERO
    for line in record.get("Line") or []:
        amount = Decimal(line.get("Amount") or 0)
        if detail := line.get("AccountBasedExpenseLineDetail"):
            entry.debit(detail["AccountRef"], sign * amount)
            total += amount
        elif detail := line.get("ItemBasedExpenseLineDetail"):
            item = entry.company.get("Item", detail["ItemRef"]["value"]) or {}
            kept = item.get("Type") == "Inventory"
            account = item.get("AssetAccountRef" if kept else "ExpenseAccountRef")
            entry.debit(entry.named(account, STOCK if kept else COST), sign * amount)
            total += amount
    tax = Decimal((record.get("TxnTaxDetail") or {}).get("TotalTax") or 0)
    entry.debit(TAX, sign * tax)
    entry.debit(against, -sign * (total + tax))


def _bill(entry: Entry, record: Record) -> None:
    _cost(entry, record, 1, entry.named(record.get("APAccountRef"), PAYABLES))


def _vendor_credit(entry: Entry, record: Record) -> None:
    _cost(entry, record, -1, entry.named(record.get("APAccountRef"), PAYABLES))


def _purchase(entry: Entry, record: Record) -> None:
    _cost(entry, record, -1 if record.get("Credit") else 1, record["AccountRef"])


def _bill_payment(entry: Entry, record: Record) -> None:
    total = Decimal(record.get("TotalAmt") or 0)
    entry.debit(entry.named(record.get("APAccountRef"), PAYABLES), total)
    paid = (record.get("CheckPayment") or {}).get("BankAccountRef")
    paid = paid or (record.get("CreditCardPayment") or {}).get("CCAccountRef")
    entry.debit(paid, -total)


def _journal_entry(entry: Entry, record: Record) -> None:
    for line in record.get("Line") or []:
        detail = line.get("JournalEntryLineDetail")
        if detail:
            side = 1 if detail["PostingType"] == "Debit" else -1
            entry.debit(detail["AccountRef"], side * Decimal(line.get("Amount") or 0))


def _deposit(entry: Entry, record: Record) -> None:
    total = _ZERO
    for line in record.get("Line") or []:
        amount = Decimal(line.get("Amount") or 0)
        total += amount
        links = line.get("LinkedTxn") or []
        if not links:
            entry.debit(line["DepositLineDetail"]["AccountRef"], -amount)
        for link in links:  # a payment is deposited as a whole
            held = entry.company.get(link["TxnType"], link["TxnId"]) or {}
            entry.debit(entry.named(held.get("DepositToAccountRef"), UNDEPOSITED), -amount)
    back = record.get("CashBack") or {}
    kept = Decimal(back.get("Amount") or 0)
    entry.debit(back.get("AccountRef"), kept)
    entry.debit(record["DepositToAccountRef"], total - kept)


_RULES: Mapping[str, Callable[[Entry, Record], None]] = {
    "Invoice": _invoice,
    "SalesReceipt": _sales_receipt,
    "CreditMemo": _credit_memo,
    "RefundReceipt": _refund_receipt,
    "Payment": _payment,
    "Bill": _bill,
    "VendorCredit": _vendor_credit,
    "Purchase": _purchase,
    "BillPayment": _bill_payment,
    "JournalEntry": _journal_entry,
    "Deposit": _deposit,
}
