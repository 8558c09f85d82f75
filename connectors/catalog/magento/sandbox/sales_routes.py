"""Routes of orders and of the documents about them (fact sheet section 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.catalog.magento.sandbox import (
    criteria,
    documents,
    lifecycle,
    members,
    orders,
    shipments,
)
from connectors.catalog.magento.sandbox.asking import arguments, member, search
from connectors.catalog.magento.sandbox.errors import NO_ENTITY, NOT_HERE, refused, required
from connectors.catalog.magento.sandbox.events import ORDER_SAVED, Shop
from connectors.sandbox_kit.vendor import Call

_OF_DOCUMENT = ("items", "notify", "appendComment", "comment", "arguments")
_DOCUMENT_KEYS = ("entity_id", "order_id", "increment_id", "updated_at")


def _orders(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("GET",):
            return search(shop, call, "order", orders.ORDER_KEYS, columns=members.columns("Order"))
        case ("POST",) | ("PUT", "create"):
            return _save_order(shop, member(call, "entity"))
        case ("GET", "items"):
            return _search_rows(shop, call)
        case ("GET", "items", number):
            for row in _rows(shop):
                if str(row["item_id"]) == number:
                    return row
            raise refused(404, NO_ENTITY)
        case ("GET", number):
            return lifecycle.order_by_id(shop, number)
        case ("PUT", number):
            return _save_address(shop, number, member(call, "entity"))
        case ("GET", number, "statuses"):
            return lifecycle.order_by_id(shop, number)["status"]
        case ("GET", number, "comments"):
            return _listed(lifecycle.order_by_id(shop, number).get("status_histories", []))
        case ("POST", number, "comments"):
            order = lifecycle.order_by_id(shop, number)
            return lifecycle.add_comment(shop, order, member(call, "statusHistory"))
        case ("POST", number, "cancel"):
            return lifecycle.cancel(shop, lifecycle.order_by_id(shop, number))
        case ("POST", number, "hold"):
            return lifecycle.hold(shop, lifecycle.order_by_id(shop, number))
        case ("POST", number, "unhold"):
            return lifecycle.unhold(shop, lifecycle.order_by_id(shop, number))
        case ("POST", number, "emails"):
            return bool(lifecycle.order_by_id(shop, number))
    return NOT_HERE


def _listed(found: list[Any]) -> dict[str, Any]:
    return {"items": found, "search_criteria": {}, "total_count": len(found)}


def _rows(shop: Shop) -> list[dict[str, Any]]:
    return [row for order in shop.ledger.all("order") for row in order["items"]]


def _search_rows(shop: Shop, call: Call) -> dict[str, Any]:
    wanted = criteria.parse(call.query)
    wanted.require_columns(members.columns("OrderItem") | {"item_id"})
    found, total = criteria.matching(_rows(shop), wanted)
    return {"items": found, "search_criteria": wanted.echo(), "total_count": total}


def _save_order(shop: Shop, entity: Mapping[str, Any]) -> dict[str, Any]:
    """Create an order, or change the given members of one that exists."""
    members.check("Order", entity)
    status = entity.get("status")
    if status is not None and status not in lifecycle.STATUSES:
        raise refused(400, 'The status "%1" is not part of the order statuses.', [status])
    if entity.get("entity_id"):
        order = lifecycle.order_by_id(shop, str(entity["entity_id"]))
        fixed = ("items", "increment_id", "created_at", "updated_at")
        order.update({name: value for name, value in entity.items() if name not in fixed})
        orders.save_rows(shop.ledger, order, entity.get("items") or [])
        lifecycle.saved(shop, order)
        return order
    for name in ("customer_email", "items"):
        if not entity.get(name):
            raise required(name)
    order = orders.insert(
        shop.ledger, {"state": "new", "status": "pending", **entity}, shop.ledger.now()
    )
    shop.announce(ORDER_SAVED, order)
    return order


def _save_address(shop: Shop, number: str, entity: Mapping[str, Any]) -> dict[str, Any]:
    """Change the billing or the shipping address of an order; the address."""
    members.check("OrderAddress", entity)
    order = lifecycle.order_by_id(shop, number)
    for address in orders.addresses(order):
        if address.get("entity_id") == entity.get("entity_id"):
            address.update(entity)
            lifecycle.saved(shop, order)
            return address
    raise refused(404, NO_ENTITY)


def _order(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("POST", number, "invoice"):
            wish = arguments(call, "capture", *_OF_DOCUMENT)
            return documents.invoice(shop, lifecycle.order_by_id(shop, number), wish)
        case ("POST", number, "ship"):
            wish = arguments(call, "tracks", "packages", *_OF_DOCUMENT)
            return shipments.ship(shop, lifecycle.order_by_id(shop, number), wish)
        case ("POST", number, "refund"):
            wish = arguments(call, "isOnline", *_OF_DOCUMENT)
            if wish.get("isOnline"):
                raise refused(400, "isOnline counts for the refund of an invoice only.")
            return documents.refund(shop, lifecycle.order_by_id(shop, number), wish)
    return NOT_HERE


Make = Callable[[Shop, dict[str, Any], Mapping[str, Any]], str]


def _made(shop: Shop, call: Call, kind: str, schema: str, make: Make) -> dict[str, Any]:
    """A document saved whole: its order and rows count, the amounts are worked out."""
    entity = member(call, "entity")
    members.check(schema, entity)
    if not entity.get("order_id"):
        raise required("order_id")
    order = lifecycle.order_by_id(shop, str(entity["order_id"]))
    rows = [
        {"order_item_id": row.get("order_item_id"), "qty": row.get("qty")}
        for row in entity.get("items") or []
    ]
    wish = {"items": rows, **_said(entity)}
    for name in ("tracks", "packages"):
        if entity.get(name):
            wish[name] = entity[name]
    number = make(shop, order, wish)
    return documents.read(shop, kind, number)


def _said(entity: Mapping[str, Any]) -> dict[str, Any]:
    """The first comment of a document that is saved whole, as the argument it would be."""
    for entry in entity.get("comments") or []:
        names = ("comment", "is_visible_on_front")
        comment = {name: entry[name] for name in names if name in entry}
        return {"comment": comment, "appendComment": True}
    return {}


def _invoices(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("GET",):
            return search(shop, call, "invoice", _DOCUMENT_KEYS, columns=members.columns("Invoice"))
        case ("POST",):
            return _made(shop, call, "invoice", "Invoice", documents.invoice)
        case ("GET", number):
            return documents.read(shop, "invoice", number)
        case ("GET", number, "comments"):
            return _listed(documents.read(shop, "invoice", number)["comments"])
        case ("POST", "comments"):
            wish = member(call, "entity")
            return documents.add_comment(shop, "invoice", str(wish.get("parent_id")), wish)
        case ("POST", number, "capture"):
            return documents.capture(shop, number)
        case ("POST", number, "void"):
            return documents.void(shop, number)
        case ("POST", number, "emails"):
            return bool(documents.read(shop, "invoice", number))
    return NOT_HERE


def _invoice(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("POST", number, "refund"):
            document = documents.read(shop, "invoice", number)
            order = lifecycle.order_by_id(shop, str(document["order_id"]))
            wish = arguments(call, "isOnline", *_OF_DOCUMENT)
            return documents.refund(shop, order, wish, document["entity_id"])
    return NOT_HERE


def _shipments(shop: Shop, call: Call, rest: list[str]) -> Any:
    if call.method == "GET" and not rest:
        return search(shop, call, "shipment", _DOCUMENT_KEYS, columns=members.columns("Shipment"))
    return NOT_HERE


def _shipment(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("POST",):
            return _made(shop, call, "shipment", "Shipment", shipments.ship)
        case ("POST", "track"):
            return shipments.add_track(shop, member(call, "entity"))
        case ("DELETE", "track", number):
            return shipments.delete_track(shop, number)
        case ("GET", number):
            return documents.read(shop, "shipment", number)
        case ("GET", number, "comments"):
            return _listed(documents.read(shop, "shipment", number)["comments"])
        case ("POST", number, "comments"):
            return documents.add_comment(shop, "shipment", number, member(call, "entity"))
        case ("GET", number, "label"):
            return documents.read(shop, "shipment", number).get("shipping_label")
    return NOT_HERE


def _creditmemos(shop: Shop, call: Call, rest: list[str]) -> Any:
    if call.method == "GET" and not rest:
        return search(
            shop, call, "creditmemo", _DOCUMENT_KEYS, columns=members.columns("CreditMemo")
        )
    return NOT_HERE


def _creditmemo(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("POST",) | ("POST", "refund"):
            name = "creditmemo" if rest else "entity"
            return _refunded(shop, call, name)
        case ("GET", number):
            return documents.read(shop, "creditmemo", number)
        case ("GET", number, "comments"):
            return _listed(documents.read(shop, "creditmemo", number)["comments"])
        case ("POST", number, "comments"):
            return documents.add_comment(shop, "creditmemo", number, member(call, "entity"))
        case ("PUT", number):
            raise refused(400, "You can not cancel Credit Memo")
    return NOT_HERE


def _refunded(shop: Shop, call: Call, name: str) -> Any:
    entity = member(call, name, "offlineRequested")
    members.check("CreditMemo", entity)
    order = lifecycle.order_by_id(shop, str(entity.get("order_id", "")))
    rows = [
        {"order_item_id": row.get("order_item_id"), "qty": row.get("qty")}
        for row in entity.get("items") or []
    ]
    known = ("shipping_amount", "adjustment_positive", "adjustment_negative")
    amounts = {key: entity[key] for key in known if key in entity}
    wish = {"items": rows, "arguments": amounts, **_said(entity)}
    number = documents.refund(shop, order, wish)
    return documents.read(shop, "creditmemo", number)


def _transactions(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("GET",):
            known = members.columns("Transaction")
            return search(shop, call, "transaction", ("order_id",), columns=known)
        case ("GET", number):
            return documents.read(shop, "transaction", number)
    return NOT_HERE


ROUTES: dict[str, Callable[[Shop, Call, list[str]], Any]] = {
    "orders": _orders,
    "order": _order,
    "invoices": _invoices,
    "invoice": _invoice,
    "shipments": _shipments,
    "shipment": _shipment,
    "creditmemos": _creditmemos,
    "creditmemo": _creditmemo,
    "transactions": _transactions,
}
