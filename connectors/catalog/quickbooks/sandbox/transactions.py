"""Creating, changing, voiding and deleting documents, the same way for every kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.catalog.quickbooks.sandbox import (
    checks,
    journals,
    lines,
    numbers,
    payments,
    posting,
    purchases,
    sales,
)
from connectors.catalog.quickbooks.sandbox.company import Company, EntityRules
from connectors.catalog.quickbooks.sandbox.errors import (
    business,
    period_closed,
    unsupported_operation,
)

Fields = dict[str, Any]
_COMPLETE: dict[str, Callable[[Company, str, Fields, Mapping[str, Any] | None], None]] = {
    "sales": sales.complete,
    "purchase": purchases.complete,
    "payment": payments.complete,
    "journal": journals.complete_entry,
    "deposit": journals.complete_deposit,
}
_VOIDABLE = {
    "Invoice": sales.voided,
    "SalesReceipt": sales.voided,
    "Payment": payments.voided,
    "BillPayment": payments.voided,
}
_SETTLED_BY_PAYMENTS = ("Invoice", "CreditMemo", "Bill", "VendorCredit")
_PAYMENT_LINKS = ("Payment", "BillPaymentCheck", "BillPaymentCreditCard")


def create(
    company: Company, entity: EntityRules, body: Mapping[str, Any], *, allow_duplicate: bool
) -> Fields:
    """The new document, its effects carried out."""
    fields = checks.writable(company, entity, body)
    fields = {name: value for name, value in fields.items() if value is not None}
    _settle_links(company, entity, fields, None)
    _COMPLETE[entity.kind](company, entity.name, fields, None)
    _require_open(company, fields)
    if "DocNumber" in entity.fields:
        numbers.settle(company, entity.name, fields, None, allow=allow_duplicate)
    record = company.add(entity.name, fields)
    posting.post(company, entity.name, record, 1)
    return record


def update(
    company: Company,
    entity: EntityRules,
    before: Mapping[str, Any],
    body: Mapping[str, Any],
    *,
    allow_duplicate: bool,
) -> Fields:
    """The next version of a document; what the one before did is taken back first."""
    _require_free(company, entity.name, before)
    changes = checks.writable(company, entity, body)
    posting.post(company, entity.name, before, -1)
    after = checks.merged(entity, before, changes, sparse=body.get("sparse") is True)
    _settle_links(company, entity, after, before)
    if "DocNumber" in entity.fields:
        after.setdefault("DocNumber", before.get("DocNumber", ""))
    if "TxnTaxDetail" not in changes and "Line" in changes:
        after.pop("TxnTaxDetail", None)
    _COMPLETE[entity.kind](company, entity.name, after, before)
    _require_open(company, after)
    if "DocNumber" in entity.fields:
        numbers.settle(company, entity.name, after, before["Id"], allow=allow_duplicate)
    record = company.change(entity.name, after)
    posting.post(company, entity.name, record, 1)
    return record


def _settle_links(
    company: Company, entity: EntityRules, fields: Fields, before: Mapping[str, Any] | None
) -> None:
    """Links to where the document came from are the client's, those of payments the vendor's."""
    if entity.kind not in ("sales", "purchase"):
        return
    kept = [
        link
        for link in (before or {}).get("LinkedTxn", [])
        if link["TxnType"] in _PAYMENT_LINKS or "LinkedTxn" not in fields
    ]
    for link in fields.get("LinkedTxn") or []:
        if str(link.get("TxnType") if isinstance(link, dict) else "") in _PAYMENT_LINKS:
            continue  # the vendor's own
        entry = lines.link(company, link)
        if entry in kept:
            continue
        kept.append(entry)
    fields["LinkedTxn"] = kept


def void(company: Company, entity: EntityRules, before: Mapping[str, Any]) -> Fields:
    """All amounts become zero; the record stays."""
    if entity.name not in _VOIDABLE:
        raise unsupported_operation(f"void {entity.name}")
    _require_free(company, entity.name, before)
    posting.post(company, entity.name, before, -1)
    if entity.name in _SETTLED_BY_PAYMENTS:
        payments.release(company, entity.name, _links_spelt(before))
    note = before.get("PrivateNote")
    after = _VOIDABLE[entity.name](before)
    after["PrivateNote"] = f"Voided - {note}" if note else "Voided"
    if entity.name in _SETTLED_BY_PAYMENTS:
        after["LinkedTxn"] = []
    return company.change(entity.name, after, "Void")


def delete(company: Company, entity: EntityRules, record: Mapping[str, Any]) -> Fields:
    """Remove a document and its effects; payments of it become credits."""
    _require_free(company, entity.name, record)
    posting.post(company, entity.name, record, -1)
    if entity.name in _SETTLED_BY_PAYMENTS:
        payments.release(company, entity.name, _links_spelt(record))
    company.delete(entity.name, record)
    return {"status": "Deleted", "domain": "QBO", "Id": record["Id"]}


def _links_spelt(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with links to bill payments named as the entity is."""
    links = [
        {**link, "TxnType": "BillPayment"} if link["TxnType"].startswith("BillPayment") else link
        for link in record.get("LinkedTxn", [])
    ]
    return {**record, "LinkedTxn": links}


def _require_free(company: Company, entity: str, record: Mapping[str, Any]) -> None:
    _require_open(company, record)
    if entity in journals.DEPOSITABLE and journals.deposit_of(company, entity, record["Id"]):
        raise business("Deposited Transaction cannot be changed.", "6540")


def _require_open(company: Company, record: Mapping[str, Any]) -> None:
    """Refuse what lies in a period whose books are closed (setting books_closed_until)."""
    closed = str(company.ledger.setting("books_closed_until") or "")
    if closed and str(record.get("TxnDate") or company.today()) <= closed:
        raise period_closed()
