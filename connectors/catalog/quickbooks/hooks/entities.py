"""QuickBooks' kinds of records: what they are called here and there, and what they are found by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sdk import OperationContext, pick


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record; ``keys`` are pairs of an input and the field it is searched in."""

    name: str
    keys: tuple[tuple[str, str], ...] = (("name", "Name"),)
    label: str = "Name"

    @property
    def path(self) -> str:
        return f"/{self.name.lower()}"


_NUMBERED = (("doc_number", "DocNumber"),)
KINDS: Mapping[str, Kind] = {
    "customer": Kind("Customer", label="DisplayName"),
    "vendor": Kind("Vendor", label="DisplayName"),
    "item": Kind("Item"),
    "account": Kind("Account", (("number", "AcctNum"), ("name", "Name"))),
    "term": Kind("Term"),
    "payment_method": Kind("PaymentMethod"),
    "class": Kind("Class"),
    "department": Kind("Department"),
    "tax_code": Kind("TaxCode"),
    "tax_rate": Kind("TaxRate"),
    "invoice": Kind("Invoice", _NUMBERED),
    "sales_receipt": Kind("SalesReceipt", _NUMBERED),
    "estimate": Kind("Estimate", _NUMBERED),
    "credit_memo": Kind("CreditMemo", _NUMBERED),
    "refund_receipt": Kind("RefundReceipt", _NUMBERED),
    "payment": Kind("Payment", (("reference_number", "PaymentRefNum"),)),
    "bill": Kind("Bill", _NUMBERED),
    "bill_payment": Kind("BillPayment", _NUMBERED),
    "purchase_order": Kind("PurchaseOrder", _NUMBERED),
    "vendor_credit": Kind("VendorCredit", _NUMBERED),
    "purchase": Kind("Purchase", _NUMBERED),
    "journal_entry": Kind("JournalEntry", _NUMBERED),
    "deposit": Kind("Deposit", _NUMBERED),
    "attachment": Kind("Attachable", (("name", "FileName"),)),
}
# Change data capture does not know tax codes and rates, nor attachments.
CAPTURED = tuple(
    kind.name for name, kind in KINDS.items() if name not in ("tax_code", "tax_rate", "attachment")
)
_SNAKE = {kind.name.lower(): name for name, kind in KINDS.items()}


def kind_of(context: OperationContext) -> Kind:
    """The kind of record that the operation under way is about."""
    return KINDS[context.entity]


def our_name(entity: Any) -> str:
    """How an entity is called here: ``SalesReceipt`` gives ``sales_receipt``."""
    folded = str(entity).lower()
    return _SNAKE.get(folded, folded)


def text(value: Any) -> str:
    """Text of a value without blanks around it; "" for none."""
    return "" if value is None else str(value).strip()


def folded(value: Any) -> str:
    """Text to compare without regard to letter case."""
    return text(value).casefold()


def held(document: Any, entity: str) -> dict[str, Any]:
    """The record inside QuickBooks' envelope; raises LookupError if it is not there."""
    record = pick(document, f"/{entity}")
    if not isinstance(record, dict):
        raise LookupError(entity)
    return record
