"""Numbers of documents: assigned, checked for doubles (fact sheet A4, Invoice)."""

from __future__ import annotations

from typing import Any

from connectors.catalog.quickbooks.sandbox.company import Company
from connectors.catalog.quickbooks.sandbox.errors import duplicate_number

# These never get a number by themselves: it is the vendor's, or a person's.
_UNNUMBERED = ("Bill", "VendorCredit", "Purchase", "BillPayment", "JournalEntry", "Deposit")


def settle(
    company: Company, entity: str, fields: dict[str, Any], own_id: str | None, *, allow: bool
) -> None:
    """Assign a number when none is given and custom numbers are off; refuse a used one when
    the company warns of duplicates."""
    number = fields.get("DocNumber")
    if not number:
        fields.pop("DocNumber", None)
        custom = company.ledger.setting("custom_txn_numbers")
        if own_id is None and not custom and entity not in _UNNUMBERED:
            number = str(1000 + company.ledger.next_number(f"{company.realm}:DocNumber"))
            fields["DocNumber"] = number
        return
    if not company.ledger.setting("warn_duplicate_docnumber") or allow:
        return
    for other in company.find(entity, "DocNumber", number):
        if other["Id"] != own_id:
            raise duplicate_number(number, entity, other["Id"])
