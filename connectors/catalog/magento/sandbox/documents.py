"""Documents about an order: invoices, credit memos, and their comments (not shipments)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.catalog.magento.sandbox import (
    catalogue,
    composition,
    events,
    lifecycle,
    members,
)
from connectors.catalog.magento.sandbox.errors import NO_ENTITY, refused, required
from connectors.sandbox_kit.money import cents, decimal_of, plain

_INVOICE_REFUSED = (
    "Invoice Document Validation Error(s):\nThe order does not allow an invoice to be created."
)
_CREDIT_MEMO_REFUSED = (
    "Creditmemo Document Validation Error(s):\nThe order does not allow a creditmemo to be created."
)
_INVOICE_OPEN, _INVOICE_PAID, _INVOICE_CANCELED = 1, 2, 3
_CREDIT_MEMO_REFUNDED = 2
_REFUND_ARGUMENTS = (
    "shipping_amount",
    "adjustment_positive",
    "adjustment_negative",
    "extension_attributes",
)


def new_document(
    shop: events.Shop, order: Mapping[str, Any], kind: str, prefix_rows: list[dict[str, Any]]
) -> dict[str, Any]:
    """The members that every document has; its rows get numbers."""
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


def comment_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The comment that a document is made with, if it is to be kept."""
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


_SHARES = {
    "invoiced": {
        "row_total": "row_invoiced",
        "tax_amount": "tax_invoiced",
        "discount_amount": "discount_invoiced",
        "discount_tax_compensation_amount": "discount_tax_compensation_invoiced",
    },
    "refunded": {
        "row_total": "amount_refunded",
        "tax_amount": "tax_refunded",
        "discount_amount": "discount_refunded",
        "discount_tax_compensation_amount": "discount_tax_compensation_refunded",
    },
}


def _priced_rows(chosen: list[tuple[dict[str, Any], Decimal]], done: str) -> list[dict[str, Any]]:
    """Rows of a document with their share of each amount, which is counted in the order's row."""
    rows = []
    for row, qty in chosen:
        shares = {
            name: lifecycle.part(row, name, qty, f"qty_{done}", so_far)
            for name, so_far in _SHARES[done].items()
        }
        lifecycle.add(row, **{_SHARES[done][name]: share for name, share in shares.items()})
        rows.append(
            {
                "order_item_id": row["item_id"],
                "product_id": row.get("product_id"),
                "sku": row.get("sku"),
                "name": row.get("name"),
                "qty": plain(qty),
                **composition.amounts(price=lifecycle.number_in(row, "price"), **shares),
            }
        )
    return rows


def _sum(rows: list[dict[str, Any]], name: str) -> Decimal:
    return sum((lifecycle.number_in(row, name) for row in rows), lifecycle.ZERO)


def _rounding(order: Mapping[str, Any]) -> Decimal:
    """What a module that rounds totals added to the order; nothing in most shops."""
    names = ("subtotal", "discount_amount", "discount_tax_compensation_amount", "tax_amount")
    parts = sum((lifecycle.number_in(order, name) for name in names), lifecycle.ZERO)
    parts += lifecycle.number_in(order, "shipping_amount")
    return lifecycle.number_in(order, "grand_total") - parts


def _invoiced_in_part(order: Mapping[str, Any]) -> bool:
    invoiced = lifecycle.number_in(order, "total_invoiced")
    return invoiced != lifecycle.number_in(order, "grand_total")


def _totals(
    rows: list[dict[str, Any]],
    shipping: Decimal,
    shipping_tax: Decimal,
    rounding: Decimal = lifecycle.ZERO,
) -> dict[str, Any]:
    subtotal, items_tax = _sum(rows, "row_total"), _sum(rows, "tax_amount")
    discount = _sum(rows, "discount_amount")
    compensation = _sum(rows, "discount_tax_compensation_amount")
    return composition.amounts(
        subtotal=subtotal,
        subtotal_incl_tax=subtotal + items_tax + compensation,
        tax_amount=items_tax + shipping_tax,
        discount_amount=-discount,
        discount_tax_compensation_amount=compensation,
        shipping_amount=shipping,
        shipping_tax_amount=shipping_tax,
        shipping_incl_tax=shipping + shipping_tax,
        grand_total=subtotal
        - discount
        + compensation
        + items_tax
        + shipping
        + shipping_tax
        + rounding,
    )


def check_arguments(body: Mapping[str, Any], interface: str) -> None:
    """Refuse unknown members of the objects that a document is made from."""
    data = "Magento\\Sales\\Api\\Data\\"
    for item in body.get("items") or []:
        members.known(item, ("order_item_id", "qty", "extension_attributes"), data + interface)
    comment = ("comment", "is_visible_on_front", "extension_attributes")
    members.known(body.get("comment") or {}, comment, f"{data}CommentInterface")


def invoice(shop: events.Shop, order: dict[str, Any], body: Mapping[str, Any]) -> str:
    """Invoice all or the given rows; returns the id."""
    if order.get("state") in ("canceled", "closed", "holded", "complete"):
        raise refused(400, _INVOICE_REFUSED)
    check_arguments(body, "InvoiceItemCreationInterface")
    chosen = lifecycle.chosen(order, body.get("items") or [], "qty_invoiced", "invoice")
    if not chosen:
        raise refused(400, _INVOICE_REFUSED)
    rows = _priced_rows(chosen, "invoiced")
    first = not lifecycle.number_in(order, "total_invoiced")
    shipping = lifecycle.number_in(order, "shipping_amount") if first else lifecycle.ZERO
    shipping_tax = lifecycle.number_in(order, "shipping_tax_amount") if first else lifecycle.ZERO
    rounding = _rounding(order) if first else lifecycle.ZERO
    totals = _totals(rows, shipping, shipping_tax, rounding)
    captured = bool(body.get("capture"))
    document = {
        **new_document(shop, order, "invoice", rows),
        "state": _INVOICE_PAID if captured else _INVOICE_OPEN,
        "total_qty": plain(sum((qty for _, qty in chosen), lifecycle.ZERO)),
        "order_currency_code": order.get("order_currency_code"),
        "base_currency_code": order.get("base_currency_code"),
        "can_void_flag": 0,
        "email_sent": int(bool(body.get("notify"))),
        **totals,
        "comments": comment_of(body),
    }
    for row, qty in chosen:
        lifecycle.count(order, row, "qty_invoiced", qty)
    grand_total = Decimal(totals["grand_total"])
    lifecycle.add(
        order,
        total_invoiced=grand_total,
        subtotal_invoiced=Decimal(totals["subtotal"]),
        tax_invoiced=Decimal(totals["tax_amount"]),
        shipping_invoiced=shipping,
        discount_invoiced=Decimal(totals["discount_amount"]),
    )
    if captured:
        document["transaction_id"] = _paid(shop, order, grand_total)
    lifecycle.advance(order)
    put(shop, "invoice", document)
    lifecycle.saved(shop, order)
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
    document["updated_at"] = catalogue.stamp_after(shop.ledger, document["updated_at"])
    order = lifecycle.order_by_id(shop, str(document["order_id"]))
    document["transaction_id"] = _paid(shop, order, lifecycle.number_in(document, "grand_total"))
    put(shop, "invoice", document)
    lifecycle.saved(shop, order)
    shop.announce(events.INVOICE_SAVED, document)
    return True


def void(shop: events.Shop, invoice_id: str) -> bool:
    """Take back an open invoice; its quantities can be invoiced again."""
    document = read(shop, "invoice", invoice_id)
    if document["state"] != _INVOICE_OPEN:
        raise refused(400, "The void action is not available.")
    document["state"] = _INVOICE_CANCELED
    document["updated_at"] = catalogue.stamp_after(shop.ledger, document["updated_at"])
    order = lifecycle.order_by_id(shop, str(document["order_id"]))
    rows = {row["item_id"]: row for row in order["items"]}
    for entry in document["items"]:
        row = rows[entry["order_item_id"]]
        lifecycle.count(order, row, "qty_invoiced", -lifecycle.number_in(entry, "qty"))
        for name, so_far in _SHARES["invoiced"].items():
            lifecycle.add(row, **{so_far: -lifecycle.number_in(entry, name)})
    for name, invoiced in (
        ("grand_total", "total_invoiced"),
        ("subtotal", "subtotal_invoiced"),
        ("tax_amount", "tax_invoiced"),
        ("shipping_amount", "shipping_invoiced"),
        ("discount_amount", "discount_invoiced"),
    ):
        lifecycle.add(order, **{invoiced: -lifecycle.number_in(document, name)})
    lifecycle.advance(order)
    put(shop, "invoice", document)
    lifecycle.saved(shop, order)
    shop.announce(events.INVOICE_SAVED, document)
    return True


def read(shop: events.Shop, kind: str, number: str) -> dict[str, Any]:
    """One document; raises Refused."""
    document: dict[str, Any] | None = shop.ledger.get(kind, number)
    if document is None:
        raise refused(404, NO_ENTITY)
    return document


def add_comment(shop: events.Shop, kind: str, number: str, wish: Mapping[str, Any]) -> Any:
    """Write into a document's history."""
    names = ("comment", "parent_id", "is_visible_on_front", "is_customer_notified")
    read_only = ("entity_id", "created_at", "extension_attributes")
    members.known(wish, (*names, *read_only), "Magento\\Sales\\Api\\Data\\CommentInterface")
    document = read(shop, kind, number)
    if not wish.get("comment"):
        raise required("comment")
    entry = {
        "entity_id": shop.ledger.next_number(f"{kind}_comment"),
        "parent_id": document["entity_id"],
        "comment": wish["comment"],
        "is_visible_on_front": int(wish.get("is_visible_on_front") or 0),
        "is_customer_notified": int(wish.get("is_customer_notified") or 0),
        "created_at": catalogue.stamp(shop.ledger.now()),
    }
    document["comments"] = [*document["comments"], entry]
    document["updated_at"] = catalogue.stamp_after(shop.ledger, document["updated_at"])
    put(shop, kind, document)
    return entry


def _paid(shop: events.Shop, order: dict[str, Any], amount: Decimal) -> str:
    """Count a payment in the order, and keep its transaction; gives the transaction's text."""
    lifecycle.add(order, total_paid=amount, total_due=-amount)
    text = _transaction(shop, order, "capture")
    if isinstance(order.get("payment"), dict):
        lifecycle.add(order["payment"], amount_paid=amount)
        order["payment"]["last_trans_id"] = text
    return text


def _transaction(shop: events.Shop, order: Mapping[str, Any], kind: str) -> str:
    number = shop.ledger.next_number("transaction")
    text = f"txn-{order['entity_id']}-{number}"
    transaction = {
        "transaction_id": number,
        "order_id": order["entity_id"],
        "payment_id": order["entity_id"],
        "txn_id": text,
        "txn_type": kind,
        "is_closed": 0,
        "additional_information": [],
        "created_at": catalogue.stamp(shop.ledger.now()),
        "child_transactions": [],
    }
    shop.ledger.put("transaction", number, transaction, keys={"order_id": order["entity_id"]})
    return text


def refund(
    shop: events.Shop, order: dict[str, Any], body: Mapping[str, Any], invoice_id: int | None = None
) -> str:
    """Credit all or the given rows; returns the id."""
    if order.get("state") in ("canceled", "closed", "holded") or not lifecycle.number_in(
        order, "total_invoiced"
    ):
        raise refused(400, _CREDIT_MEMO_REFUSED)
    check_arguments(body, "CreditmemoItemCreationInterface")
    arguments = body.get("arguments") or {}
    creation = "Magento\\Sales\\Api\\Data\\CreditmemoCreationArguments"
    members.known(arguments, _REFUND_ARGUMENTS, f"{creation}Interface")
    extension = arguments.get("extension_attributes") or {}
    members.known(extension, ("return_to_stock_items",), f"{creation}ExtensionInterface")
    chosen = lifecycle.chosen(order, body.get("items") or [], "qty_refunded", "refund")
    everything = not body.get("items")
    left = lifecycle.number_in(order, "shipping_invoiced") - lifecycle.number_in(
        order, "shipping_refunded"
    )
    wished = decimal_of(arguments.get("shipping_amount"))
    shipping = wished if wished is not None else (left if everything else lifecycle.ZERO)
    if shipping > left:
        raise refused(400, "Maximum shipping amount allowed to refund is: %1", [plain(left)])
    plus = lifecycle.number_in(arguments, "adjustment_positive")
    minus = lifecycle.number_in(arguments, "adjustment_negative")
    shipping_paid = lifecycle.number_in(order, "shipping_amount")
    shipping_tax = (
        cents(lifecycle.number_in(order, "shipping_tax_amount") * shipping / shipping_paid)
        if shipping_paid
        else lifecycle.ZERO
    )
    if not chosen and not shipping and not plus:
        raise refused(400, _CREDIT_MEMO_REFUSED)
    rows = _priced_rows(chosen, "refunded")
    # Who gets everything back at once gets back what was paid.
    whole = everything and wished is None and not lifecycle.number_in(order, "total_refunded")
    rounding = _rounding(order) if whole and not _invoiced_in_part(order) else lifecycle.ZERO
    totals = _totals(rows, shipping, shipping_tax, rounding)
    grand_total = Decimal(totals["grand_total"]) + plus - minus
    totals.update(composition.amounts(grand_total=grand_total))
    document = {
        **new_document(shop, order, "creditmemo", rows),
        "state": _CREDIT_MEMO_REFUNDED,
        "order_currency_code": order.get("order_currency_code"),
        "base_currency_code": order.get("base_currency_code"),
        **totals,
        **composition.amounts(
            adjustment=plus - minus, adjustment_positive=plus, adjustment_negative=minus
        ),
        "comments": comment_of(body),
    }
    online = bool(body.get("isOnline"))
    if invoice_id is not None:
        document["invoice_id"] = invoice_id
    if online:
        document["transaction_id"] = _transaction(shop, order, "refund")
    returned = {str(number) for number in extension.get("return_to_stock_items") or []}
    for row, qty in chosen:
        lifecycle.count(order, row, "qty_refunded", qty)
        if str(row["item_id"]) in returned:
            catalogue.take_from_stock(shop.ledger, str(row.get("sku", "")), -qty)
    lifecycle.add(
        order,
        total_refunded=grand_total,
        **{f"total_{'online' if online else 'offline'}_refunded": grand_total},
        subtotal_refunded=Decimal(totals["subtotal"]),
        tax_refunded=Decimal(totals["tax_amount"]),
        shipping_refunded=shipping,
    )
    if all(
        lifecycle.number_in(r, "qty_refunded")
        >= lifecycle.number_in(r, "qty_ordered") - lifecycle.number_in(r, "qty_canceled")
        for r in lifecycle.main_rows(order)
    ):
        order["state"] = order["status"] = "closed"
    put(shop, "creditmemo", document)
    lifecycle.saved(shop, order)
    shop.announce(events.CREDIT_MEMO_SAVED, document)
    return str(document["entity_id"])


def put(shop: events.Shop, kind: str, document: Mapping[str, Any]) -> None:
    """Keep a document, found by its order, number and time of change."""
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
