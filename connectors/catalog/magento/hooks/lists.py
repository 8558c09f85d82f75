"""Pick-lists, and the attributes that a shop defined for itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.sdk import OperationContext, pick

_TYPES = {"boolean": "boolean", "price": "number", "weight": "number"}


def store_options(context: OperationContext, q: str) -> list[tuple[str, str]]:
    """Store views by code."""
    found = context.call("store_configs", {})
    rows = [(str(row["code"]), f"{row['code']} ({row.get('base_url', '')})") for row in found]
    return [row for row in rows if q.lower() in row[1].lower()]


_STATUSES = {
    "pending": "Pending",
    "pending_payment": "Pending payment",
    "processing": "Processing",
    "complete": "Complete",
    "closed": "Closed",
    "canceled": "Cancelled",
    "holded": "On hold",
    "payment_review": "Payment review",
    "fraud": "Suspected fraud",
}


def status_options(context: OperationContext, q: str) -> list[tuple[str, str]]:
    """Usual statuses, and those that the newest orders have: the shop does not list its own."""
    query = {
        "searchCriteria[pageSize]": 100,
        "searchCriteria[sortOrders][0][field]": "entity_id",
        "searchCriteria[sortOrders][0][direction]": "DESC",
        "fields": "items[status]",
    }
    used = {str(row["status"]) for row in context.send("GET", "/V1/orders", query=query)["items"]}
    rows = {**_STATUSES, **{status: status for status in sorted(used - set(_STATUSES))}}
    return [row for row in rows.items() if q.lower() in " ".join(row).lower()]


def website_options(context: OperationContext, q: str) -> list[tuple[str, str]]:
    """Websites by id."""
    found = context.send("GET", "/V1/store/websites")
    rows = [(str(row["id"]), str(row["name"])) for row in found]
    return [row for row in rows if q.lower() in row[1].lower()]


def category_options(context: OperationContext, q: str) -> list[tuple[str, str]]:
    """Categories with those above them."""
    rows = list(_tree(context.call("category_tree", {}), ""))
    return [row for row in rows if q.lower() in row[1].lower()]


def _tree(category: Mapping[str, Any], above: str) -> Iterator[tuple[str, str]]:
    name = f"{above} › {category['name']}" if above else str(category["name"])
    yield str(category["id"]), name
    for child in category.get("children_data") or []:
        yield from _tree(child, name)


def product_fields(context: OperationContext) -> dict[str, Any]:
    """What the shop's own product attributes may hold, as one list of code and value."""
    found = context.call("product_attributes", {"limit": 500})["items"]
    own = [row for row in found if row.get("is_user_defined")]
    names = ("attribute_code", "default_frontend_label", "frontend_input", "options")
    return _attributes([[row.get(name) for name in names] for row in own])


def customer_fields(context: OperationContext) -> dict[str, Any]:
    """What the shop's own customer attributes may hold."""
    found = context.send("GET", "/V1/attributeMetadata/customer") or []
    own = [row for row in found if row.get("user_defined")]
    names = ("attribute_code", "frontend_label", "frontend_input", "options")
    return _attributes([[row.get(name) for name in names] for row in own])


# The usual ones, which the schemas describe.
_USUAL = {
    "shipping_assignments",
    "payment_additional_info",
    "applied_taxes",
    "item_applied_taxes",
    "website_ids",
    "category_links",
    "stock_item",
    "configurable_product_options",
    "configurable_product_links",
    "bundle_product_options",
    "is_subscribed",
}
_KNOWN_TYPES = ("string", "integer", "number", "boolean", "array", "object")


def order_extensions(context: OperationContext) -> dict[str, Any]:
    """Extension attributes of orders that modules of the shop add."""
    return _extensions(context, "salesOrderRepositoryV1", "sales-data-order")


def product_extensions(context: OperationContext) -> dict[str, Any]:
    """Extension attributes of products that modules of the shop add."""
    return _extensions(context, "catalogProductRepositoryV1", "catalog-data-product")


def customer_extensions(context: OperationContext) -> dict[str, Any]:
    """Extension attributes of customers that modules of the shop add."""
    return _extensions(context, "customerCustomerRepositoryV1", "customer-data-customer")


def _extensions(context: OperationContext, service: str, definition: str) -> dict[str, Any]:
    """Read from the shop's own description; none where it is closed."""
    closed = {400, 401, 403, 404}
    reply = context.exchange("GET", "/schema", query={"services": service}, good={200, *closed})
    if reply.status in closed:
        return {}
    told = pick(reply.document(), f"/definitions/{definition}-extension-interface/properties")
    if not isinstance(told, Mapping):
        return {}
    return {
        str(name): {
            "title": str(name).replace("_", " ").capitalize(),
            "description": str(spec.get("description") or "A module of the shop adds it."),
            **({"type": spec["type"]} if spec.get("type") in _KNOWN_TYPES else {}),
        }
        for name, spec in told.items()
        if name not in _USUAL and isinstance(spec, Mapping)
    }


def _attributes(rows: list[list[Any]]) -> dict[str, Any]:
    told = [
        {"const": code, "title": str(label or code), "description": _held(kind, options)}
        for code, label, kind, options in rows
    ]
    return {
        "custom_attributes": {
            "title": "Attributes of this shop",
            "description": "Each entry is a code and a value; the shop keeps values as text.",
            "type": "array",
            "items": {
                "type": "object",
                "required": ["attribute_code"],
                "properties": {
                    "attribute_code": {
                        "title": "Attribute",
                        "type": "string",
                        "anyOf": [*told, {"type": "string"}],
                    },
                    "value": {"title": "Value"},
                },
            },
        }
    }


def _held(kind: Any, options: Any) -> str:
    labels = [
        f"{entry.get('value')} = {entry.get('label')}"
        for entry in options or []
        if str(entry.get("value") or "").strip()
    ]
    form = _TYPES.get(str(kind), "text")
    return f"one of {', '.join(labels[:30])}" if labels else form
