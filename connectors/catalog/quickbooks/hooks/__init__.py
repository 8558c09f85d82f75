"""What the manifest cannot say about QuickBooks Online: queries, faults, versions, messages."""

from __future__ import annotations

from connectors.catalog.quickbooks.hooks.changes import poll_changes, poll_stock, read_events
from connectors.catalog.quickbooks.hooks.faults import read_fault
from connectors.catalog.quickbooks.hooks.options import (
    account_options,
    class_options,
    customer_options,
    department_options,
    item_options,
    payment_method_options,
    tax_code_options,
    term_options,
    vendor_options,
)
from connectors.catalog.quickbooks.hooks.queries import (
    find_item,
    find_items_by_sku,
    find_party,
    find_record,
    list_records,
    query,
    quoted,
)
from connectors.catalog.quickbooks.hooks.records import (
    create_batch,
    create_record,
    custom_fields,
    delete_record,
    run_batch,
    send_document,
    update_record,
    void_record,
)
from connectors.catalog.quickbooks.hooks.sameness import same_record
from connectors.catalog.quickbooks.hooks.uploads import upload_attachment

__all__ = [
    "account_options",
    "class_options",
    "create_batch",
    "create_record",
    "custom_fields",
    "customer_options",
    "delete_record",
    "department_options",
    "find_item",
    "find_items_by_sku",
    "find_party",
    "find_record",
    "item_options",
    "list_records",
    "payment_method_options",
    "poll_changes",
    "poll_stock",
    "query",
    "quoted",
    "read_events",
    "read_fault",
    "run_batch",
    "same_record",
    "send_document",
    "tax_code_options",
    "term_options",
    "update_record",
    "upload_attachment",
    "vendor_options",
    "void_record",
]
