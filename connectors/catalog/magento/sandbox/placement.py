"""Placing orders through the control API: samples, random ones, or a document as it is."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from connectors.catalog.magento.sandbox import (
    catalogue,
    composition,
    documents,
    events,
    inventory,
    lifecycle,
    orders,
    shipments,
)
from connectors.catalog.magento.sandbox.errors import refused
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.money import decimal_of

MAX_COUNT = 5000
_SHOWN = 50
_FIRST_NAMES = [
    "Ana",
    "Liam",
    "Jürgen",
    "Chloé",
    "Søren",
    "Priya",
    "Mateo",
    "Zoë",
    "Nils",
    "Ingrid",
    "Amélie",
    "Tomás",
    "Greta",
    "Oisín",
    "Siobhán",
    "Björn",
    "Łukasz",
    "Renée",
    "Yara",
    "Hugo",
    "Márta",
    "Dario",
    "Elif",
    "Noor",
    "Kofi",
    "Mei",
    "Rafael",
    "Sofía",
    "Tove",
    "Umut",
    "Vera",
    "Wanda",
    "Xavier",
    "Yusuf",
    "Agnès",
    "Bruno",
    "Carmen",
    "Dmitri",
    "Esmé",
    "Farid",
]
_LAST_NAMES = [
    "O'Brien",
    "Müller",
    "D'Angelo",
    "Ångström",
    "Silva",
    "Raman",
    "O'Neill",
    "Núñez",
    "Öhlund",
    "L'Écuyer",
    "Schäfer",
    "Kowalski",
    "MacDonald",
    "Van-Dyke",
    "Çelik",
    "Håkansson",
    "Strauß",
    "Iñárritu",
    "O'Reilly",
    "Lefèvre",
    "Brøndum",
    "Sørensen",
    "Nagy",
    "Rossi",
    "Dvořák",
    "Petrović",
    "García",
    "Fernández",
    "Björklund",
    "Weiß",
    "Tanaka",
    "Okafor",
    "Haddad",
    "Lindqvist",
    "Bauer",
    "Moreau",
    "Costa",
    "Jansen",
    "Novák",
    "Fischer",
    "D'Souza",
    "Kaya",
    "Brandt",
    "Meyer",
    "Ferrari",
    "Dubois",
    "Kim",
    "Park",
    "Singh",
    "Ito",
]
_TOWNS = (
    ("Austin", "TX", "Texas", 57, "78701", "8.25"),
    ("Boston", "MA", "Massachusetts", 32, "02110", "6.25"),
    ("Portland", "OR", "Oregon", 49, "97204", "0"),
    ("Madison", "WI", "Wisconsin", 60, "53703", "5.5"),
    ("San Francisco", "CA", "California", 12, "94103", "8.625"),
    ("Chicago", "IL", "Illinois", 23, "60601", "10.25"),
)
_STREETS = ("Main St", "Lake Drive", "Mission St", "Harbour Road", "Maple Ave", "Rue Cadieux")
_ASCII = str.maketrans(
    "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöøùúûüýÿÉćčřšžłŁÇ",
    "AAAAAACEEEEIIIINOOOOOOUUUUYaaaaaaceeeeiiiinoooooouuuuyyEccrszlLC",
)


def samples(ledger: Ledger) -> list[dict[str, Any]]:
    """Orders to try a flow with: {id, title, description, order}; not placed yet."""
    return [
        {
            "id": sample["id"],
            "title": sample["title"],
            "description": sample["description"],
            "order": _sample_order(ledger, sample),
        }
        for sample in catalogue.seed_file("samples.json")
    ]


def _sample_order(ledger: Ledger, sample: Mapping[str, Any]) -> dict[str, Any]:
    order = composition.compose(ledger, sample["place"])
    match sample.get("break"):
        case "no_lines":
            order["items"] = []
            order["total_item_count"] = order["total_qty_ordered"] = 0
        case "no_email":
            del order["customer_email"]
        case "price_text":
            order["items"][0]["price"] = "twelve fifty"
            order["items"][0]["base_price"] = "twelve fifty"
    return order


def place(shop: events.Shop, wish: Mapping[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    """Place orders and announce each; gives their number and the newest of them, oldest first.

    Wish: one of ``sample`` (id), ``random`` (true or "mixed", with an optional ``seed``),
    ``order`` (a document, kept as it is) or ``place`` (see composition.compose; with ``paid`` it
    is paid at once, and ``then`` lists what happens next: {do: invoice, refund, ship or cancel,
    qty?: {sku: quantity}}); ``count`` of them.
    """
    count = wish.get("count", 1)
    if not isinstance(count, int) or not 1 <= count <= MAX_COUNT:
        raise refused(400, f"count is a number from 1 to {MAX_COUNT}.")
    draw = random.Random(wish["seed"]) if wish.get("seed") is not None else random.Random()
    newest: deque[dict[str, Any]] = deque(maxlen=_SHOWN)
    for _ in range(count):
        newest.append(_place_one(shop, wish, draw))
    return count, list(newest)


def _place_one(shop: events.Shop, wish: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    ledger = shop.ledger
    if wish.get("sample") is not None:
        known = {sample["id"]: sample for sample in catalogue.seed_file("samples.json")}
        if wish["sample"] not in known:
            raise refused(400, f"There is no such sample. Known: {', '.join(known)}.")
        draft = _sample_order(ledger, known[wish["sample"]])
        drawn = known[wish["sample"]]["place"]
    elif wish.get("random"):
        drawn = _random_wish(ledger, draw, wish_more=wish["random"] == "mixed")
        draft = composition.compose(ledger, drawn)
    elif isinstance(wish.get("place"), dict):
        drawn = wish["place"]
        draft = composition.compose(ledger, drawn)
    elif isinstance(wish.get("order"), dict):
        return _keep_document(shop, wish["order"])
    else:
        raise refused(400, "Say one of 'sample', 'random', 'place' or 'order'.")
    order = orders.insert(ledger, draft, ledger.now())
    for row in order["items"]:
        qty = decimal_of(row.get("qty_ordered")) if "parent_item_id" not in row else None
        if qty is not None:
            inventory.reserve(ledger, str(row.get("sku", "")), qty)
    if drawn.get("paid"):
        documents.invoice(shop, order, {"capture": True})
    else:
        shop.announce(events.ORDER_SAVED, order)
    for step in drawn.get("then", ()):
        _go_on(shop, order, step)
    return order


def _go_on(shop: events.Shop, order: dict[str, Any], step: Mapping[str, Any]) -> None:
    """One thing that happens to an order after it was placed."""
    rows = {row["sku"]: row["item_id"] for row in lifecycle.main_rows(order)}
    items = [
        {"order_item_id": rows[sku], "qty": qty} for sku, qty in (step.get("qty") or {}).items()
    ]
    match step["do"]:
        case "invoice":
            documents.invoice(shop, order, {"capture": True, "items": items})
        case "refund":
            documents.refund(shop, order, {"items": items})
        case "ship":
            shipments.ship(shop, order, {"items": items})
        case "cancel":
            lifecycle.cancel(shop, order)
        case other:
            raise refused(400, f"There is no step “{other}”: invoice, refund, ship or cancel.")


def _keep_document(shop: events.Shop, document: Mapping[str, Any]) -> dict[str, Any]:
    """A new order, or a new state of one that exists (same entity_id)."""
    existing = shop.ledger.get("order", document.get("entity_id", ""))
    if existing is not None:
        order = {**document, "updated_at": existing["updated_at"]}
        lifecycle.saved(shop, order)
        return order
    order = orders.insert(shop.ledger, document, shop.ledger.now())
    shop.announce(events.ORDER_SAVED, order)
    return order


def _mix(wish: dict[str, Any], draw: random.Random) -> None:
    """What makes cents differ: rates by line, tax in prices, three sorts of discount, rounding."""
    wish["prices_include_tax"] = draw.random() < 0.4
    wish["shipping_tax_percent"] = draw.choice((Decimal(0), wish["tax_percent"]))
    for item in wish["items"]:
        item["tax_percent"] = draw.choice(("0", "5.5", "7", "8.25", "8.625", "19"))
        if draw.random() < 0.5:
            item["price"] = Decimal(draw.randint(100, 99999)) / draw.choice((100, 1000, 10000))
        if draw.random() < 0.3:
            item["discount_percent"] = draw.choice((5, "7.5", 15))
    if draw.random() < 0.15:
        wish["items"].append({"sku": "GIFT-TEA", "qty": draw.choice((1, 2, 3))})
    if draw.random() < 0.4:
        wish["discount_amount"] = Decimal(draw.randint(1, 999)) / 100
    wish["paid"] = draw.random() < 0.5
    if draw.random() < 0.1:
        wish["cash_rounding"] = "0.05"


def _random_wish(ledger: Ledger, draw: random.Random, *, wish_more: bool = False) -> dict[str, Any]:
    town = draw.choice(_TOWNS)
    sellable = [
        product
        for product in ledger.all("product")
        if product["type_id"] not in ("configurable", "bundle")
        and product["sku"] not in _not_in_accounting()
    ]
    lines = draw.sample(sellable, draw.choice((1, 1, 2, 2, 3, 4, 5)))
    wish: dict[str, Any] = {
        "items": [{"sku": p["sku"], "qty": draw.choice((1, 1, 1, 2, 2, 3, 4, 6))} for p in lines],
        "shipping_amount": Decimal(draw.choice(("0", "5", "7.95", "12.5"))),
        "tax_percent": Decimal(town[5]),
        "payment_method": draw.choice(("checkmo", "banktransfer", "purchaseorder")),
        **_random_buyer(ledger, draw, town),
    }
    if wish_more:
        _mix(wish, draw)
    elif draw.random() < 0.25:
        wish["discount_percent"] = draw.choice((5, 10, 15))
        wish["coupon_code"] = f"SAVE{wish['discount_percent']}"
    return wish


def _random_buyer(
    ledger: Ledger, draw: random.Random, town: tuple[str, str, str, int, str, str]
) -> dict[str, Any]:
    """A seeded customer, a new one or a guest; one e-mail address always has one name."""
    kind = draw.random()
    if kind < 0.2:
        people = catalogue.seed_file("customers.json")
        return {"customer": draw.choice(people)["email"]}
    first, last = draw.choice(_FIRST_NAMES), draw.choice(_LAST_NAMES)
    middle = draw.choice("ABCDEFGHJKLMNPRSTVW")
    city, code, region, region_id, postcode, _ = town
    email = f"{first}.{middle}.{last}@post.example".translate(_ASCII).replace("'", "").lower()
    email = email.encode("ascii", "ignore").decode()
    person = {
        "email": email,
        "firstname": f"{first} {middle}.",
        "lastname": last,
        "address": {
            "street": [f"{draw.randint(1, 990)} {draw.choice(_STREETS)}"],
            "city": city,
            "region": {"region_code": code, "region": region, "region_id": region_id},
            "region_id": region_id,
            "postcode": postcode,
            "country_id": "US",
            "telephone": f"555-{draw.randint(1000, 9999)}",
        },
    }
    if kind < 0.5:
        return {"guest": person}
    if catalogue.customer_by_email(ledger, email) is None:
        catalogue.new_customer(ledger, person, ledger.now())
    return {"customer": email}


@cache
def _not_in_accounting() -> set[str]:
    rows = catalogue.seed_file("products.json")
    return {row["sku"] for row in rows if row.get("in_accounting") is False}


def seed_orders(ledger: Ledger) -> None:
    """Old orders, some of them invoiced and shipped; nobody is told."""
    shop = events.Shop(ledger, "")
    for row in catalogue.seed_file("orders.json"):
        moment = ledger.now() - timedelta(days=int(decimal_of(row["days_ago"]) or 0))
        order = orders.insert(ledger, composition.compose(ledger, row["place"]), moment)
        for step in row["steps"]:
            if step == "invoice":
                documents.invoice(shop, order, {"capture": True})
            else:
                shipments.ship(shop, order, {})
