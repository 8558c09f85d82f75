"""What the manifest cannot say about Magento: searches, SKUs with slashes, comments, messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from connectors.sdk import (
    ConnectorError,
    Event,
    HttpResponse,
    OperationContext,
    Recovery,
    VendorError,
    fill_placeholders,
    needed,
    pick,
)


def read_error(response: HttpResponse) -> VendorError | None:
    """Magento's sentence with its placeholders filled, and the sentences under it."""
    document = response.document()
    if not isinstance(document, Mapping):
        return None
    fatal = pick(document, "/messages/error/0")
    if isinstance(fatal, Mapping):
        return VendorError("", str(fatal.get("message", "")))
    if not isinstance(document.get("message"), str):
        return None
    parts = [_sentence(document), *(_sentence(part) for part in document.get("errors") or [])]
    field = pick(document, "/parameters/fieldName") or pick(
        document, "/errors/0/parameters/fieldName"
    )
    return VendorError(
        code="",
        message=parts[0],
        detail=" ".join(part for part in parts if part),
        field=str(field) if field else None,
    )


def _sentence(part: Any) -> str:
    if not isinstance(part, Mapping):
        return ""
    return fill_placeholders(str(part.get("message", "")), part.get("parameters"))


def order_search(inputs: dict[str, Any]) -> dict[str, Any]:
    """Query of ``list_orders``: oldest change first, so that a cursor can follow."""
    return {
        **_filters(
            ("updated_at", "gteq", inputs.get("updated_from")),
            ("updated_at", "lt", inputs.get("updated_to")),
            ("increment_id", "eq", inputs.get("increment_id")),
            ("status", "eq", inputs.get("status")),
        ),
        **_order_by("updated_at", "entity_id"),
    }


def customer_search(inputs: dict[str, Any]) -> dict[str, Any]:
    """Query of ``search_customers``."""
    return {
        **_filters(
            ("email", "eq", inputs.get("email")),
            ("updated_at", "gteq", inputs.get("updated_from")),
        ),
        **_order_by("updated_at", "entity_id"),
    }


def product_search(inputs: dict[str, Any]) -> dict[str, Any]:
    """Query of ``search_products``."""
    skus = inputs.get("skus")
    return {
        **_filters(
            ("sku", "in", ",".join(str(sku) for sku in skus) if skus else None),
            ("updated_at", "gteq", inputs.get("updated_from")),
        ),
        **_order_by("updated_at", "entity_id"),
    }


def _filters(*conditions: tuple[str, str, Any]) -> dict[str, Any]:
    """All conditions that have a value, each in a group of its own: groups are joined by AND."""
    query: dict[str, Any] = {}
    wanted = [condition for condition in conditions if condition[2] not in (None, "")]
    for group, (field, kind, value) in enumerate(wanted):
        start = f"searchCriteria[filter_groups][{group}][filters][0]"
        if field == "updated_at":
            value = _utc_text(str(value))
        query |= {
            f"{start}[field]": field,
            f"{start}[value]": value,
            f"{start}[condition_type]": kind,
        }
    return query


def _order_by(*fields: str) -> dict[str, str]:
    query = {}
    for number, field in enumerate(fields):
        query[f"searchCriteria[sortOrders][{number}][field]"] = field
        query[f"searchCriteria[sortOrders][{number}][direction]"] = "ASC"
    return query


def _utc_text(text: str) -> str:
    """Magento's own form of a UTC time; it knows no zone."""
    return text.replace("T", " ").removesuffix("Z").removesuffix("+00:00").split(".")[0]


def get_product(context: OperationContext, inputs: dict[str, Any]) -> Any:
    """The product of that SKU; web servers refuse an encoded slash, so such SKUs are searched."""
    sku = str(inputs.get("sku") or "")
    if not sku:
        raise needed("sku", "SKU")
    if "/" not in sku:
        return context.send("GET", f"/V1/products/{quote(sku, safe='')}")
    found = context.call("search_products", {"skus": [sku], "limit": 1})
    if not found["items"]:
        raise ConnectorError(
            "The product that was requested doesn't exist.",
            code="magento.not_found",
            recovery=Recovery.FIX_DATA,
            hint="Check the SKU.",
            field="sku",
        )
    return found["items"][0]


def add_order_comment(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The comment that was written; a status that is not given stays as it is."""
    order_id, comment = inputs.get("order_id"), inputs.get("comment")
    if not order_id:
        raise needed("order_id", "Order id")
    if not comment:
        raise needed("comment", "Comment")
    history: dict[str, Any] = {
        "comment": str(comment),
        "is_customer_notified": int(bool(inputs.get("notify_customer"))),
        "is_visible_on_front": int(bool(inputs.get("visible_on_front"))),
        "parent_id": int(str(order_id)) if str(order_id).isdigit() else order_id,
    }
    if inputs.get("status"):
        history["status"] = inputs["status"]
    done = context.send(
        "POST",
        f"/V1/orders/{quote(str(order_id), safe='')}/comments",
        body={"statusHistory": history},
    )
    return {"done": done is not False, "order_id": str(order_id), "comment": str(comment)}


def find_order_comment(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Whether the order holds exactly that comment already."""
    order_id = quote(str(inputs["order_id"]), safe="")
    found = context.send("GET", f"/V1/orders/{order_id}/comments")
    for entry in (found or {}).get("items") or []:
        if _same_text(entry.get("comment"), inputs["comment"]):
            record = {
                "done": True,
                "order_id": str(inputs["order_id"]),
                "comment": str(entry["comment"]),
            }
            return {"found": True, "record": record, "id": str(entry.get("entity_id", ""))}
    return {"found": False, "record": None, "id": ""}


def same_comment(inputs: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether ``found`` is the comment that ``inputs`` asked for."""
    return str(found["order_id"]) == str(inputs["order_id"]) and _same_text(
        found["comment"], inputs["comment"]
    )


def _same_text(one: Any, other: Any) -> bool:
    return " ".join(str(one or "").split()) == " ".join(str(other or "").split())


def read_events(headers: Mapping[str, str], document: Any, account: str) -> list[Event]:
    """The one event of a message of our web hook module (see the connector's page)."""
    del account
    return list(_events(headers, document))


_ENTITIES = {
    "sales_order_save_after": "order",
    "sales_order_invoice_save_after": "invoice",
    "sales_order_shipment_save_after": "shipment",
    "sales_order_creditmemo_save_after": "credit_memo",
    "catalog_product_save_after": "product",
    "cataloginventory_stock_item_save_after": "stock_item",
    "customer_save_after_data_object": "customer",
}


def _events(headers: Mapping[str, str], document: Any) -> Iterator[Event]:
    # The signature covers the body only, so the body's word counts, not the header's.
    topic = str(document["event"])
    data = document["data"]
    if not isinstance(data, Mapping):
        raise ValueError("data must be an object")
    identity = data.get("entity_id", data.get("id", document.get("entity_id")))
    if identity in (None, ""):
        raise ValueError("the entity has no id")
    revision = data.get("updated_at") or document.get("occurred_at") or headers.get("x-webhook-id")
    if not revision:
        raise ValueError("the message has no revision")
    yield Event(
        entity=_ENTITIES.get(topic, topic),
        id=str(identity),
        revision=str(revision),
        topic=topic,
        business_key=str(
            data.get("increment_id") or data.get("sku") or data.get("email") or identity
        ),
        document=dict(data),
    )


def store_options(context: OperationContext, q: str) -> list[tuple[str, str]]:
    """Store views by code."""
    found = context.call("store_configs", {})
    rows = [(str(row["code"]), f"{row['code']} ({row.get('base_url', '')})") for row in found]
    return [row for row in rows if q.lower() in row[1].lower()]
