"""What may happen to an order after it was placed (fact sheet section 5, state machine).

new → invoice → processing; all invoiced and shipped → complete; all refunded → closed;
cancel, hold and comments. Every step gives the order a later updated_at and announces it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.catalog.magento.sandbox import catalogue, composition, events, orders
from connectors.catalog.magento.sandbox.errors import NO_ENTITY, refused
from connectors.sandbox_kit.money import cents, decimal_of, plain

ZERO = Decimal(0)
_INVOICE_REFUSED = (
    "Invoice Document Validation Error(s):\nThe order does not allow an invoice to be created."
)
_SHIPMENT_REFUSED = (
    "Shipment Document Validation Error(s):\nThe order does not allow a shipment to be created."
)
_CREDIT_MEMO_REFUSED = (
    "Creditmemo Document Validation Error(s):\nThe order does not allow a creditmemo to be created."
)
_TOO_MUCH = "The quantity to {} must not be greater than the un{} quantity for the SKU {}."
_INVOICE_OPEN, _INVOICE_PAID = 1, 2
_CREDIT_MEMO_REFUNDED = 2


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


def _add(document: dict[str, Any], **changes: Decimal) -> None:
    for name, change in changes.items():
        document.update(composition.amounts(**{name: number_in(document, name) + change}))


def _main_rows(order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows that carry prices: not the children of configurable products."""
    return [row for row in order["items"] if "parent_item_id" not in row]


def _open_qty(row: Mapping[str, Any], done: str) -> Decimal:
    if done == "qty_refunded":
        return number_in(row, "qty_invoiced") - number_in(row, "qty_refunded")
    return number_in(row, "qty_ordered") - number_in(row, done) - number_in(row, "qty_canceled")


def _chosen(
    order: dict[str, Any], wished: list[Any], done: str, word: str
) -> list[tuple[dict[str, Any], Decimal]]:
    """Rows and quantities a document is about; no wish means everything that is open."""
    rows = {row["item_id"]: row for row in order["items"]}
    if not wished:
        return [(r, _open_qty(r, done)) for r in _main_rows(order) if _open_qty(r, done) > 0]
    chosen = []
    for item in wished:
        row = rows.get(item.get("order_item_id"))
        qty = decimal_of(item.get("qty"))
        if row is None or qty is None:
            raise refused(404, NO_ENTITY)
        if "parent_item_id" in row:
            row = rows[row["parent_item_id"]]
        if qty > _open_qty(row, done):
            raise refused(400, _TOO_MUCH.format(word, word + "d", row["sku"]))
        chosen.append((row, qty))
    return [(row, qty) for row, qty in chosen if qty > 0]


def _count(order: dict[str, Any], row: dict[str, Any], name: str, qty: Decimal) -> None:
    for each in order["items"]:
        if each is row or each.get("parent_item_id") == row["item_id"]:
            each[name] = plain(number_in(each, name) + qty)


def _part(row: Mapping[str, Any], name: str, qty: Decimal) -> Decimal:
    ordered = number_in(row, "qty_ordered")
    amount = number_in(row, name)
    return amount if qty == ordered or not ordered else cents(amount * qty / ordered)


def _document(
    shop: events.Shop, order: Mapping[str, Any], kind: str, prefix_rows: list[dict[str, Any]]
) -> dict[str, Any]:
    number = shop.ledger.next_number(kind)
    now = catalogue.stamp(shop.ledger.now())
    for row in prefix_rows:
        row["entity_id"] = shop.ledger.next_number(f"{kind}_item")
        row["parent_id"] = number
    return {
        "entity_id": number,
        "increment_id": f"{number:09d}",
        "order_id": order["entity_id"],
        "store_id": order.get("store_id", 1),
        "created_at": now,
        "updated_at": now,
        "billing_address_id": order.get("billing_address_id"),
        "items": prefix_rows,
        "comments": [],
    }


def _comment(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    comment = body.get("comment") or {}
    text = comment.get("comment") if isinstance(comment, dict) else None
    if not text or not body.get("appendComment"):
        return []
    return [
        {
            "comment": text,
            "is_visible_on_front": comment.get("is_visible_on_front", 0),
            "is_customer_notified": int(bool(body.get("notify"))),
        }
    ]


def _priced_rows(chosen: list[tuple[dict[str, Any], Decimal]]) -> list[dict[str, Any]]:
    return [
        {
            "order_item_id": row["item_id"],
            "product_id": row.get("product_id"),
            "sku": row.get("sku"),
            "name": row.get("name"),
            "qty": plain(qty),
            **composition.amounts(
                price=number_in(row, "price"),
                row_total=_part(row, "row_total", qty),
                tax_amount=_part(row, "tax_amount", qty),
                discount_amount=_part(row, "discount_amount", qty),
            ),
        }
        for row, qty in chosen
    ]


def _totals(rows: list[dict[str, Any]], shipping: Decimal, shipping_tax: Decimal) -> dict[str, Any]:
    subtotal = sum((number_in(row, "row_total") for row in rows), ZERO)
    items_tax = sum((number_in(row, "tax_amount") for row in rows), ZERO)
    discount = sum((number_in(row, "discount_amount") for row in rows), ZERO)
    return composition.amounts(
        subtotal=subtotal,
        subtotal_incl_tax=subtotal + items_tax,
        tax_amount=items_tax + shipping_tax,
        discount_amount=-discount,
        shipping_amount=shipping,
        shipping_tax_amount=shipping_tax,
        shipping_incl_tax=shipping + shipping_tax,
        grand_total=subtotal - discount + items_tax + shipping + shipping_tax,
    )


def invoice(shop: events.Shop, order: dict[str, Any], body: Mapping[str, Any]) -> str:
    """Invoice all or the given rows; returns the id."""
    if order.get("state") in ("canceled", "closed", "holded", "complete"):
        raise refused(400, _INVOICE_REFUSED)
    chosen = _chosen(order, body.get("items") or [], "qty_invoiced", "invoice")
    if not chosen:
        raise refused(400, _INVOICE_REFUSED)
    rows = _priced_rows(chosen)
    first = not number_in(order, "total_invoiced")
    shipping = number_in(order, "shipping_amount") if first else ZERO
    shipping_tax = number_in(order, "shipping_tax_amount") if first else ZERO
    totals = _totals(rows, shipping, shipping_tax)
    captured = bool(body.get("capture"))
    document = {
        **_document(shop, order, "invoice", rows),
        "state": _INVOICE_PAID if captured else _INVOICE_OPEN,
        "total_qty": plain(sum((qty for _, qty in chosen), ZERO)),
        "order_currency_code": order.get("order_currency_code"),
        "base_currency_code": order.get("base_currency_code"),
        "can_void_flag": 0,
        "email_sent": int(bool(body.get("notify"))),
        **totals,
        "comments": _comment(body),
    }
    for row, qty in chosen:
        _count(order, row, "qty_invoiced", qty)
        _add(
            row,
            row_invoiced=_part(row, "row_total", qty),
            tax_invoiced=_part(row, "tax_amount", qty),
            discount_invoiced=_part(row, "discount_amount", qty),
        )
    grand_total = Decimal(totals["grand_total"])
    _add(
        order,
        total_invoiced=grand_total,
        subtotal_invoiced=Decimal(totals["subtotal"]),
        tax_invoiced=Decimal(totals["tax_amount"]),
        shipping_invoiced=shipping,
        discount_invoiced=Decimal(totals["discount_amount"]),
    )
    if captured:
        _pay(order, grand_total)
    _advance(order)
    _put_document(shop, "invoice", document)
    saved(shop, order)
    shop.announce(events.INVOICE_SAVED, document)
    return str(document["entity_id"])


def capture(shop: events.Shop, invoice_id: str) -> bool:
    """Take the money of an open invoice."""
    document = shop.ledger.get("invoice", invoice_id)
    if document is None:
        raise refused(404, NO_ENTITY)
    if document["state"] != _INVOICE_OPEN:
        raise refused(400, "The capture action is not available.")
    document["state"] = _INVOICE_PAID
    document["updated_at"] = catalogue.stamp_after(shop.ledger.now(), document["updated_at"])
    order = order_by_id(shop, str(document["order_id"]))
    _pay(order, number_in(document, "grand_total"))
    _put_document(shop, "invoice", document)
    saved(shop, order)
    return True


def _pay(order: dict[str, Any], amount: Decimal) -> None:
    _add(order, total_paid=amount, total_due=-amount)
    if isinstance(order.get("payment"), dict):
        _add(order["payment"], amount_paid=amount)


def ship(shop: events.Shop, order: dict[str, Any], body: Mapping[str, Any]) -> str:
    """Ship all or the given rows; returns the id."""
    if order.get("state") in ("canceled", "closed", "holded", "complete") or order.get(
        "is_virtual"
    ):
        raise refused(400, _SHIPMENT_REFUSED)
    chosen = [
        (row, qty)
        for row, qty in _chosen(order, body.get("items") or [], "qty_shipped", "ship")
        if not row.get("is_virtual")
    ]
    if not chosen:
        raise refused(400, _SHIPMENT_REFUSED)
    rows = [
        {
            "order_item_id": row["item_id"],
            "product_id": row.get("product_id"),
            "sku": row.get("sku"),
            "name": row.get("name"),
            "price": row.get("price"),
            "weight": row.get("weight"),
            "qty": plain(qty),
        }
        for row, qty in chosen
    ]
    document = {
        **_document(shop, order, "shipment", rows),
        "total_qty": plain(sum((qty for _, qty in chosen), ZERO)),
        "packages": body.get("packages") or [],
        "tracks": [],
        "comments": _comment(body),
    }
    document["tracks"] = [_track(shop, document, track) for track in body.get("tracks") or []]
    for row, qty in chosen:
        _count(order, row, "qty_shipped", qty)
        catalogue.take_from_stock(shop.ledger, row.get("sku", ""), qty)
    _advance(order)
    _put_document(shop, "shipment", document)
    saved(shop, order)
    shop.announce(events.SHIPMENT_SAVED, document)
    return str(document["entity_id"])


def _track(shop: events.Shop, shipment: Mapping[str, Any], track: Mapping[str, Any]) -> Any:
    return {
        "title": "",
        "carrier_code": "custom",
        "weight": 0,
        "qty": 0,
        **track,
        "entity_id": shop.ledger.next_number("track"),
        "parent_id": shipment["entity_id"],
        "order_id": shipment["order_id"],
        "created_at": catalogue.stamp(shop.ledger.now()),
    }


def add_track(shop: events.Shop, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Add a track number to a shipment."""
    shipment = shop.ledger.get("shipment", wish.get("parent_id", ""))
    if shipment is None:
        raise refused(404, NO_ENTITY)
    track = _track(shop, shipment, wish)
    shipment["tracks"].append(track)
    shipment["updated_at"] = catalogue.stamp_after(shop.ledger.now(), shipment["updated_at"])
    _put_document(shop, "shipment", shipment)
    return dict(track)


def refund(
    shop: events.Shop, order: dict[str, Any], body: Mapping[str, Any], invoice_id: int | None = None
) -> str:
    """Credit all or the given rows; returns the id."""
    if order.get("state") in ("canceled", "closed", "holded") or not number_in(
        order, "total_invoiced"
    ):
        raise refused(400, _CREDIT_MEMO_REFUSED)
    arguments = body.get("arguments") or {}
    chosen = _chosen(order, body.get("items") or [], "qty_refunded", "refund")
    everything = not body.get("items")
    left = number_in(order, "shipping_invoiced") - number_in(order, "shipping_refunded")
    wished = decimal_of(arguments.get("shipping_amount"))
    shipping = wished if wished is not None else (left if everything else ZERO)
    if shipping > left:
        raise refused(400, "Maximum shipping amount allowed to refund is: %1", [plain(left)])
    plus = number_in(arguments, "adjustment_positive")
    minus = number_in(arguments, "adjustment_negative")
    shipping_paid = number_in(order, "shipping_amount")
    shipping_tax = (
        cents(number_in(order, "shipping_tax_amount") * shipping / shipping_paid)
        if shipping_paid
        else ZERO
    )
    if not chosen and not shipping and not plus:
        raise refused(400, _CREDIT_MEMO_REFUSED)
    rows = _priced_rows(chosen)
    totals = _totals(rows, shipping, shipping_tax)
    grand_total = Decimal(totals["grand_total"]) + plus - minus
    totals.update(composition.amounts(grand_total=grand_total))
    document = {
        **_document(shop, order, "creditmemo", rows),
        "state": _CREDIT_MEMO_REFUNDED,
        "order_currency_code": order.get("order_currency_code"),
        "base_currency_code": order.get("base_currency_code"),
        **totals,
        **composition.amounts(
            adjustment=plus - minus, adjustment_positive=plus, adjustment_negative=minus
        ),
        "comments": _comment(body),
    }
    if invoice_id is not None:
        document["invoice_id"] = invoice_id
    for row, qty in chosen:
        _count(order, row, "qty_refunded", qty)
        _add(row, amount_refunded=_part(row, "row_total", qty))
    _add(
        order,
        total_refunded=grand_total,
        subtotal_refunded=Decimal(totals["subtotal"]),
        tax_refunded=Decimal(totals["tax_amount"]),
        shipping_refunded=shipping,
    )
    if all(
        number_in(r, "qty_refunded") >= number_in(r, "qty_ordered") - number_in(r, "qty_canceled")
        for r in _main_rows(order)
    ):
        order["state"] = order["status"] = "closed"
    _put_document(shop, "creditmemo", document)
    saved(shop, order)
    shop.announce(events.CREDIT_MEMO_SAVED, document)
    return str(document["entity_id"])


def cancel(shop: events.Shop, order: dict[str, Any]) -> bool:
    """Cancel what was not invoiced; False when the state does not allow it."""
    if order.get("state") in ("canceled", "closed", "complete", "holded") or number_in(
        order, "total_invoiced"
    ):
        return False
    for row in order["items"]:
        row["qty_canceled"] = row.get("qty_ordered", 0)
    order["state"] = order["status"] = "canceled"
    _add(order, total_canceled=number_in(order, "grand_total"))
    order.update(composition.amounts(total_due=ZERO))
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


def _advance(order: dict[str, Any]) -> None:
    rows = _main_rows(order)
    invoiced = all(_open_qty(row, "qty_invoiced") <= 0 for row in rows)
    shipped = all(row.get("is_virtual") or _open_qty(row, "qty_shipped") <= 0 for row in rows)
    state = "complete" if invoiced and shipped else "processing"
    order["state"] = order["status"] = state


def _put_document(shop: events.Shop, kind: str, document: Mapping[str, Any]) -> None:
    shop.ledger.put(
        kind,
        document["entity_id"],
        document,
        keys={
            "entity_id": document["entity_id"],
            "order_id": document["order_id"],
            "increment_id": document["increment_id"],
            "updated_at": document["updated_at"],
        },
    )
