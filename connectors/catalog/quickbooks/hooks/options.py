"""Pick-lists of a company."""

from __future__ import annotations

from connectors.catalog.quickbooks.hooks.queries import quoted, rows_of
from connectors.sdk import OperationContext

Entries = list[tuple[str, str]]


def customer_options(context: OperationContext, q: str) -> Entries:
    """Customers whose display name holds ``q``."""
    return _options(context, "Customer", "DisplayName", q)


def vendor_options(context: OperationContext, q: str) -> Entries:
    """Vendors whose display name holds ``q``."""
    return _options(context, "Vendor", "DisplayName", q)


def item_options(context: OperationContext, q: str) -> Entries:
    """Items whose name holds ``q``."""
    return _options(context, "Item", "Name", q)


def account_options(context: OperationContext, q: str) -> Entries:
    """Accounts whose name holds ``q``, with their type."""
    return _options(context, "Account", "Name", q, more="AccountType")


def tax_code_options(context: OperationContext, q: str) -> Entries:
    """Tax codes whose name holds ``q``; in the US lines know only TAX and NON."""
    return _options(context, "TaxCode", "Name", q)


def term_options(context: OperationContext, q: str) -> Entries:
    """Payment terms whose name holds ``q``."""
    return _options(context, "Term", "Name", q)


def payment_method_options(context: OperationContext, q: str) -> Entries:
    """Ways to pay whose name holds ``q``."""
    return _options(context, "PaymentMethod", "Name", q)


def class_options(context: OperationContext, q: str) -> Entries:
    """Classes whose name holds ``q``."""
    return _options(context, "Class", "Name", q)


def department_options(context: OperationContext, q: str) -> Entries:
    """Locations whose name holds ``q``."""
    return _options(context, "Department", "Name", q)


def _options(
    context: OperationContext, entity: str, label: str, q: str, *, more: str = ""
) -> Entries:
    where = f" where {label} like {quoted('%' + q + '%')}" if q else ""
    rows = rows_of(context, f"select * from {entity}{where} orderby {label} maxresults 1000")
    return [
        (
            str(row["Id"]),
            f"{row.get(label, '')} ({row[more]})" if row.get(more) else str(row.get(label, "")),
        )
        for row in rows
    ]
