"""Magento's searchCriteria from typed inputs: the usual filters, and groups of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sdk import ConnectorError, OperationContext, Recovery

# Inputs of the list operations: (field at the vendor, condition).
_USUAL = {
    "updated_from": ("updated_at", "gteq"),
    "updated_to": ("updated_at", "lt"),
    "created_from": ("created_at", "gteq"),
    "increment_id": ("increment_id", "eq"),
    "ext_order_id": ("ext_order_id", "eq"),
    "order_id": ("order_id", "eq"),
    "customer_email": ("customer_email", "eq"),
    "status": ("status", "eq"),
    "email": ("email", "eq"),
    "sku": ("sku", "eq"),
    "skus": ("sku", "in"),
    "source_code": ("source_code", "eq"),
    "name": ("name", "like"),
    "parent_id": ("parent_id", "eq"),
}
_TIMES = {"updated_at", "created_at"}
RECORDS = {
    "orders": "/V1/orders",
    "order_items": "/V1/orders/items",
    "invoices": "/V1/invoices",
    "shipments": "/V1/shipments",
    "credit_memos": "/V1/creditmemos",
    "transactions": "/V1/transactions",
    "customers": "/V1/customers/search",
    "customer_groups": "/V1/customerGroups/search",
    "products": "/V1/products",
    "product_attributes": "/V1/products/attributes",
    "attribute_sets": "/V1/eav/attribute-sets/list",
    "categories": "/V1/categories/list",
    "sources": "/V1/inventory/sources",
    "source_items": "/V1/inventory/source-items",
    "tax_classes": "/V1/taxClasses/search",
    "tax_rates": "/V1/taxRates/search",
    "tax_rules": "/V1/taxRules/search",
    "coupons": "/V1/coupons/search",
    "cart_rules": "/V1/salesRules/search",
}
_TIMELESS = {
    "order_items", "customer_groups", "product_attributes", "attribute_sets", "sources",
    "source_items", "tax_classes", "tax_rates", "tax_rules", "coupons", "cart_rules",
}  # fmt: skip


def search(inputs: dict[str, Any]) -> dict[str, Any]:
    """Query of a list operation: usual inputs, ``filter_groups`` and ``sort_orders``."""
    groups: list[list[Mapping[str, Any]]] = []
    for name, (field, condition) in _USUAL.items():
        value = inputs.get(name)
        if value in (None, "", []):
            continue
        if isinstance(value, list):
            value = ",".join(str(each) for each in value)
        if name == "name":
            value = f"%{value}%"
        groups.append([{"field": field, "value": value, "condition_type": condition}])
    for group in inputs.get("filter_groups") or []:
        groups.append(list((group or {}).get("filters") or []))
    query: dict[str, Any] = {}
    for number, filters in enumerate(group for group in groups if group):
        for index, entry in enumerate(filters):
            query |= _filter(f"searchCriteria[filter_groups][{number}][filters][{index}]", entry)
    query |= _order_by(inputs.get("sort_orders") or _usual_order(inputs))
    if inputs.get("fields"):
        query["fields"] = f"items[{inputs['fields']}],total_count"
    return query or {"searchCriteria": ""}


def search_unsorted(inputs: dict[str, Any]) -> dict[str, Any]:
    """Like ``search``, for lists without a time of change."""
    return search({"unsorted": True, **inputs})


def _usual_order(inputs: Mapping[str, Any]) -> list[dict[str, str]]:
    if inputs.get("unsorted"):
        return []
    return [
        {"field": "updated_at", "direction": "ASC"},
        {"field": "entity_id", "direction": "ASC"},
    ]


def _filter(start: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    field, condition = str(entry.get("field") or ""), str(entry.get("condition_type") or "eq")
    if not field:
        raise ConnectorError(
            "A filter names no field.",
            code="magento.filter_incomplete",
            recovery=Recovery.FIX_DATA,
            hint="Give each filter a field, such as status.",
            field="filter_groups",
        )
    value = entry.get("value")
    if isinstance(value, list):
        value = ",".join(str(each) for each in value)
    text = "" if value is None else str(value)
    if field in _TIMES:
        text = utc_text(text)
    query = {f"{start}[field]": field, f"{start}[condition_type]": condition}
    if condition not in ("null", "notnull"):
        query[f"{start}[value]"] = text
    return query


def _order_by(entries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    query = {}
    for number, entry in enumerate(entries):
        query[f"searchCriteria[sortOrders][{number}][field]"] = str(entry.get("field") or "")
        direction = str(entry.get("direction") or "ASC").upper()
        query[f"searchCriteria[sortOrders][{number}][direction]"] = direction
    return query


def utc_text(text: str) -> str:
    """Magento's own form of a UTC time; it knows no zone."""
    return text.replace("T", " ").removesuffix("Z").removesuffix("+00:00").split(".")[0]


def search_records(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """One page of any kind of record, chosen by the person."""
    kind = str(inputs.get("records") or "")
    if kind not in RECORDS:
        raise ConnectorError(
            f"“{kind}” is not a kind of record that can be searched.",
            code="magento.records_unknown",
            recovery=Recovery.FIX_DATA,
            hint=f"Choose one of {', '.join(RECORDS)}.",
            field="records",
        )
    query = search({**inputs, "unsorted": kind in _TIMELESS or "sort_orders" not in inputs})
    query["searchCriteria[pageSize]"] = int(inputs.get("page_size") or 100)
    query["searchCriteria[currentPage]"] = int(inputs.get("page") or 1)
    found = context.send("GET", RECORDS[kind], query=query)
    total = int(found["total_count"])
    size, page = query["searchCriteria[pageSize]"], query["searchCriteria[currentPage]"]
    # Beyond its end the shop gives the last page again: that is an empty page here.
    items = found["items"] if (page - 1) * size < total else []
    return {"items": list(items or []), "total_count": total, "more": page * size < total}
