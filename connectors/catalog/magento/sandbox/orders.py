"""Orders as the shop keeps them: numbers, times, rows and search keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.catalog.magento.sandbox import catalogue
from connectors.sandbox_kit.ledger import Ledger

ORDER_KEYS = (
    "entity_id",
    "increment_id",
    "ext_order_id",
    "customer_email",
    "customer_id",
    "updated_at",
)


def insert(ledger: Ledger, draft: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Keep a new order as it is, with ids, number and times where they are absent.

    Row ids of a draft are only local: they are always replaced, keeping parents and children.
    """
    entity_id = draft.get("entity_id") or ledger.next_number("order")
    ledger.count_from("order", entity_id if isinstance(entity_id, int) else 0)
    created = str(draft.get("created_at") or catalogue.stamp(now))
    order: dict[str, Any] = {
        **draft,
        "entity_id": entity_id,
        "increment_id": draft.get("increment_id") or f"{entity_id:09d}",
        "created_at": created,
        "updated_at": draft.get("updated_at") or created,
    }
    order.setdefault("quote_id", entity_id)
    order.setdefault("protect_code", f"{entity_id * 2654435761 % 2**32:08x}")
    order["items"] = _numbered_rows(ledger, order)
    billing_id = ledger.next_number("order_address")
    if isinstance(order.get("billing_address"), dict):
        order["billing_address"] = {
            **order["billing_address"],
            "entity_id": billing_id,
            "parent_id": entity_id,
        }
        order["billing_address_id"] = billing_id
    if isinstance(order.get("payment"), dict):
        order["payment"] = {**order["payment"], "entity_id": entity_id, "parent_id": entity_id}
    extension = order.get("extension_attributes")
    assignments = extension.get("shipping_assignments") if isinstance(extension, dict) else None
    for assignment in assignments or []:
        address = assignment.get("shipping", {}).get("address")
        if isinstance(address, dict):
            address["entity_id"] = ledger.next_number("order_address")
            address["parent_id"] = entity_id
    put(ledger, order)
    return order


def _numbered_rows(ledger: Ledger, order: Mapping[str, Any]) -> list[Any]:
    rows = order.get("items")
    if not isinstance(rows, list):
        return []
    fresh: dict[Any, int] = {}
    documents: list[Any] = []
    for row in rows:
        if not isinstance(row, dict):
            documents.append(row)
            continue
        number = ledger.next_number("order_item")
        fresh[row.get("item_id")] = number
        document = {
            **row,
            "item_id": number,
            "order_id": order["entity_id"],
            "quote_item_id": number,
            "created_at": row.get("created_at") or order["created_at"],
            "updated_at": row.get("updated_at") or order["updated_at"],
        }
        if row.get("parent_item_id") is not None and row["parent_item_id"] in fresh:
            document["parent_item_id"] = fresh[row["parent_item_id"]]
            if isinstance(row.get("parent_item"), dict):
                document["parent_item"] = {
                    **row["parent_item"],
                    "item_id": document["parent_item_id"],
                    "order_id": order["entity_id"],
                }
        documents.append(document)
    return documents


def save_rows(ledger: Ledger, order: dict[str, Any], rows: list[Any]) -> None:
    """Rows sent with an order that exists: those with an id are changed, the others are new."""
    held = {row["item_id"]: row for row in order["items"]}
    fresh = []
    for row in rows:
        if row.get("item_id") in held:
            held[row["item_id"]].update(row)
        else:
            fresh.append(row)
    order["items"] += _numbered_rows(ledger, {**order, "items": fresh})


def put(ledger: Ledger, order: Mapping[str, Any]) -> None:
    ledger.put(
        "order",
        order["entity_id"],
        order,
        keys={name: order.get(name) for name in ORDER_KEYS},
    )


def touch(ledger: Ledger, order: dict[str, Any]) -> None:
    """Keep a changed order with a later updated_at."""
    order["updated_at"] = catalogue.stamp_after(ledger, order.get("updated_at"))
    put(ledger, order)


def addresses(order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Billing and shipping address, as far as there are any."""
    found = [order.get("billing_address")]
    extension = order.get("extension_attributes") or {}
    for assignment in extension.get("shipping_assignments") or []:
        found.append(assignment.get("shipping", {}).get("address"))
    return [address for address in found if isinstance(address, dict)]
