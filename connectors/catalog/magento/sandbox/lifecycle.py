"""What may happen to an order after it was placed (fact sheet section 5, state machine).

new → invoice → processing; all invoiced and shipped → complete; all refunded → closed;
cancel, hold and comments. Every step gives the order a later updated_at and announces it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.catalog.magento.sandbox import (
    catalogue,
    composition,
    events,
    inventory,
    members,
    orders,
)
from connectors.catalog.magento.sandbox.errors import NO_ENTITY, refused
from connectors.sandbox_kit.money import cents, decimal_of, plain

ZERO = Decimal(0)
STATUSES = {
    "pending": "new",
    "pending_payment": "pending_payment",
    "processing": "processing",
    "complete": "complete",
    "closed": "closed",
    "canceled": "canceled",
    "holded": "holded",
    "payment_review": "payment_review",
    "fraud": "payment_review",
}
_TOO_MUCH = "The quantity to {} must not be greater than the un{} quantity for the SKU {}."


def order_by_id(shop: events.Shop, text: str) -> dict[str, Any]:
    order: dict[str, Any] | None = shop.ledger.get("order", text)
    if order is None:
        raise refused(404, NO_ENTITY)
    return order


def saved(shop: events.Shop, order: dict[str, Any]) -> None:
    """Keep and announce a changed order."""
    orders.touch(shop.ledger, order)
    shop.announce(events.ORDER_SAVED, order)


def number_in(document: Mapping[str, Any], name: str) -> Decimal:
    return decimal_of(document.get(name)) or ZERO


def add(document: dict[str, Any], **changes: Decimal) -> None:
    for name, change in changes.items():
        document.update(composition.amounts(**{name: number_in(document, name) + change}))


def main_rows(order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows that carry prices: not the children of configurable products."""
    return [row for row in order["items"] if "parent_item_id" not in row]


def open_qty(row: Mapping[str, Any], done: str) -> Decimal:
    if done == "qty_refunded":
        return number_in(row, "qty_invoiced") - number_in(row, "qty_refunded")
    return number_in(row, "qty_ordered") - number_in(row, done) - number_in(row, "qty_canceled")


def chosen(
    order: dict[str, Any], wished: list[Any], done: str, word: str
) -> list[tuple[dict[str, Any], Decimal]]:
    """Rows and quantities a document is about; no wish means everything that is open."""
    rows = {row["item_id"]: row for row in order["items"]}
    if not wished:
        return [(r, open_qty(r, done)) for r in main_rows(order) if open_qty(r, done) > 0]
    chosen = []
    for item in wished:
        row = rows.get(item.get("order_item_id"))
        qty = decimal_of(item.get("qty"))
        if row is None or qty is None:
            raise refused(404, NO_ENTITY)
        if "parent_item_id" in row:
            row = rows[row["parent_item_id"]]
        if qty > open_qty(row, done):
            raise refused(400, _TOO_MUCH.format(word, word + "d", row["sku"]))
        chosen.append((row, qty))
    return [(row, qty) for row, qty in chosen if qty > 0]


def count(order: dict[str, Any], row: dict[str, Any], name: str, qty: Decimal) -> None:
    for each in order["items"]:
        if each is row or each.get("parent_item_id") == row["item_id"]:
            each[name] = plain(number_in(each, name) + qty)


def part(row: Mapping[str, Any], name: str, qty: Decimal, done: str, so_far: str) -> Decimal:
    """Share of ``row[name]`` for ``qty``; the last share takes what rounding left.

    ``done`` counts the quantity handled so far, ``so_far`` the amount.
    """
    ordered = number_in(row, "qty_ordered")
    amount = number_in(row, name)
    if qty + number_in(row, done) >= ordered or not ordered:
        return amount - number_in(row, so_far)
    return cents(amount * qty / ordered)


def cancel(shop: events.Shop, order: dict[str, Any]) -> bool:
    """Cancel what was not invoiced; False when nothing of it can be cancelled.

    An order that is partly invoiced goes on with the rest (Magento's registerCancellation).
    """
    rows = main_rows(order)
    if order.get("state") in ("canceled", "closed", "complete", "holded") or all(
        open_qty(row, "qty_invoiced") <= 0 for row in rows
    ):
        return False
    invoiced = number_in(order, "total_invoiced")
    for row in rows:
        left = open_qty(row, "qty_invoiced")
        count(order, row, "qty_canceled", left)
        inventory.reserve(shop.ledger, str(row.get("sku", "")), -left)
    for name, sign in (("subtotal", 1), ("tax", 1), ("shipping", 1), ("discount", -1)):
        whole = number_in(order, name if name == "subtotal" else f"{name}_amount")
        left = whole - number_in(order, f"{name}_invoiced")
        order.update(composition.amounts(**{f"{name}_canceled": left * sign}))
    order.update(composition.amounts(total_canceled=number_in(order, "grand_total") - invoiced))
    if not invoiced:
        order["state"] = order["status"] = "canceled"
        order.update(composition.amounts(total_due=ZERO))
    else:
        open_money = invoiced - number_in(order, "total_paid")
        order.update(composition.amounts(total_due=max(ZERO, open_money)))
        advance(order)
    saved(shop, order)
    return True


def hold(shop: events.Shop, order: dict[str, Any]) -> bool:
    if order.get("state") not in ("new", "processing", "pending_payment"):
        raise refused(400, "A hold action is not available.")
    order["hold_before_state"], order["hold_before_status"] = order["state"], order["status"]
    order["state"] = order["status"] = "holded"
    saved(shop, order)
    return True


def unhold(shop: events.Shop, order: dict[str, Any]) -> bool:
    if order.get("state") != "holded":
        raise refused(400, "You cannot remove the hold.")
    order["state"] = order.pop("hold_before_state")
    order["status"] = order.pop("hold_before_status")
    saved(shop, order)
    return True


def add_comment(shop: events.Shop, order: dict[str, Any], history: Mapping[str, Any]) -> bool:
    """Add a comment, and set the order's status when the comment names one."""
    members.check("OrderStatusHistory", history)
    if history.get("status") and history["status"] not in STATUSES:
        raise refused(
            400, 'The status "%1" is not part of the order statuses.', [history["status"]]
        )
    entry = {
        "comment": history.get("comment"),
        "status": history.get("status") or order.get("status"),
        "is_customer_notified": int(history.get("is_customer_notified") or 0),
        "is_visible_on_front": int(history.get("is_visible_on_front") or 0),
        "entity_id": shop.ledger.next_number("status_history"),
        "entity_name": "order",
        "parent_id": order["entity_id"],
        "created_at": catalogue.stamp(shop.ledger.now()),
    }
    order["status"] = entry["status"]
    order["status_histories"] = [entry, *order.get("status_histories", [])]
    saved(shop, order)
    return True


def advance(order: dict[str, Any]) -> None:
    rows = main_rows(order)
    invoiced = all(open_qty(row, "qty_invoiced") <= 0 for row in rows)
    shipped = all(row.get("is_virtual") or open_qty(row, "qty_shipped") <= 0 for row in rows)
    state = "complete" if invoiced and shipped else "processing"
    order["state"] = order["status"] = state
