"""Pick-lists of a company; those that are kept whole go on from a place, 1,000 at a time."""

from __future__ import annotations

from connectors.catalog.quickbooks.hooks.queries import PAGE, quoted, rows_of
from connectors.sdk import OperationContext

Entries = list[tuple[str, str]]


def customer_options(context: OperationContext, q: str) -> Entries:
    """Customers whose display name holds ``q``."""
    return _options(context, "Customer", "DisplayName", q)


def vendor_options(context: OperationContext, q: str) -> Entries:
    """Vendors whose display name holds ``q``."""
    return _options(context, "Vendor", "DisplayName", q)


def item_options(context: OperationContext, q: str, start: int | None = None) -> Entries:
    """Items whose name holds ``q``."""
    return _options(context, "Item", "Name", q, start)


def account_options(context: OperationContext, q: str, start: int | None = None) -> Entries:
    """Accounts whose name holds ``q``, with their type."""
    return _options(context, "Account", "Name", q, start, more="AccountType")


def tax_code_options(context: OperationContext, q: str, start: int | None = None) -> Entries:
    """Tax codes whose name holds ``q``; in the US lines know only TAX and NON."""
    return _options(context, "TaxCode", "Name", q, start)


def term_options(context: OperationContext, q: str, start: int | None = None) -> Entries:
    """Payment terms whose name holds ``q``."""
    return _options(context, "Term", "Name", q, start)


def payment_method_options(context: OperationContext, q: str, start: int | None = None) -> Entries:
    """Ways to pay whose name holds ``q``."""
    return _options(context, "PaymentMethod", "Name", q, start)


def class_options(context: OperationContext, q: str, start: int | None = None) -> Entries:
    """Classes whose name holds ``q``."""
    return _options(context, "Class", "Name", q, start)


def department_options(context: OperationContext, q: str, start: int | None = None) -> Entries:
    """Locations whose name holds ``q``."""
    return _options(context, "Department", "Name", q, start)


def _options(
    context: OperationContext,
    entity: str,
    label: str,
    q: str,
    start: int | None = None,
    *,
    more: str = "",
) -> Entries:
    """The first entries by name; from ``start`` on, in an order that new records do not change."""
    where = f" where {label} like {quoted('%' + q + '%')}" if q else ""
    order = f"{label}" if start is None else f"Id startposition {start + 1}"
    rows = rows_of(context, f"select * from {entity}{where} orderby {order} maxresults {PAGE}")
    return [
        (
            str(row["Id"]),
            f"{row.get(label, '')} ({row[more]})" if row.get(more) else str(row.get(label, "")),
        )
        for row in rows
    ]
