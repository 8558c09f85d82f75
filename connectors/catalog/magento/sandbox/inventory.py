"""Multi-source inventory: sources, what lies in each, and what can still be sold."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.catalog.magento.sandbox import catalogue, criteria, members, reference
from connectors.catalog.magento.sandbox.asking import rows
from connectors.catalog.magento.sandbox.errors import NOT_HERE, no_such, refused, required
from connectors.catalog.magento.sandbox.events import Shop
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.money import decimal_of, plain
from connectors.sandbox_kit.vendor import Call

DEFAULT = "default"
SOURCE_ITEM_SAVED = "inventory_source_item_save_after"


def answer(shop: Shop, call: Call, rest: list[str]) -> Any:
    """``/V1/inventory``; without the setting ``msi`` the modules are not installed."""
    if not shop.ledger.setting("msi", True):
        return NOT_HERE
    match (call.method, *rest):
        case ("GET", "sources"):
            return reference.found(_sources(), call)
        case ("GET", "sources", code):
            for source in _sources():
                if source["source_code"] == code:
                    return source
            raise no_such("source_code", code)
        case ("GET", "source-items"):
            return _search(shop, call)
        case ("POST", "source-items"):
            for wish in _wished(shop, call):
                save(shop, wish)
            return []
        case ("POST", "source-items-delete"):
            for wish in _wished(shop, call):
                shop.ledger.remove("source_item", _id(wish))
            return []
        case ("GET", "get-product-salable-quantity", sku, "1"):
            return plain(salable(shop.ledger, sku))
        case ("GET", "is-product-salable", sku, "1"):
            return salable(shop.ledger, sku) > 0
        case ("GET", "stock-source-links"):
            links = [{"stock_id": 1, "source_code": DEFAULT, "priority": 1}]
            return reference.found(links, call)
    return NOT_HERE


def _sources() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = catalogue.seed_file("reference.json")["sources"]
    return found


def source_codes() -> set[str]:
    """Codes of the places where goods lie."""
    return {str(source["source_code"]) for source in _sources()}


def _wished(shop: Shop, call: Call) -> list[dict[str, Any]]:
    wished = rows(shop, call, "sourceItems")
    if not wished:
        raise required("sourceItems")
    for wish in wished:
        members.check("SourceItem", wish)
    return wished


def _id(item: Mapping[str, Any]) -> str:
    for name in ("sku", "source_code"):
        if not item.get(name):
            raise required(name)
    return f"{item['sku']}\n{item['source_code']}".casefold()


def put(ledger: Ledger, item: Mapping[str, Any]) -> None:
    """Keep what lies of one product in one source."""
    shown = {name: item[name] for name in ("sku", "source_code", "quantity", "status")}
    ledger.put(
        "source_item",
        _id(item),
        shown,
        keys={"sku": item["sku"], "source_code": item["source_code"]},
    )


def save(shop: Shop, wish: Mapping[str, Any]) -> None:
    """Set a quantity; the default source is what the old stock routes show. Raises Refused."""
    quantity = decimal_of(wish.get("quantity"))
    if quantity is None:
        raise required("quantity")
    if wish.get("source_code") not in source_codes():
        raise refused(
            400,
            "Validation Failed",
        )
    item = {"status": int(quantity > 0), **wish, "quantity": plain(quantity)}
    put(shop.ledger, item)
    if item["source_code"] == DEFAULT:
        for stock in shop.ledger.find("stock_item", "sku", item["sku"]):
            held = {**stock, "qty": item["quantity"], "is_in_stock": bool(item["status"])}
            catalogue.put_stock(shop.ledger, held)
    shop.announce(SOURCE_ITEM_SAVED, {"entity_id": f"{item['sku']}@{item['source_code']}", **item})


def mirror(ledger: Ledger, sku: str, quantity: Any, in_stock: bool) -> None:
    """The default source follows the old stock routes."""
    row = {"sku": sku, "source_code": DEFAULT, "quantity": quantity, "status": int(in_stock)}
    put(ledger, row)


def salable(ledger: Ledger, sku: str) -> Decimal:
    """What lies in the stock's source less what is ordered and not shipped; raises Refused."""
    held_rows = ledger.find("source_item", "sku", sku)
    if not held_rows:
        raise refused(404, 'Can\'t assign item "%1": the product does not exist.', [sku])
    here = [r for r in held_rows if r["source_code"] == DEFAULT and r["status"]]
    held = sum((Decimal(str(r["quantity"])) for r in here), Decimal(0))
    reserved = sum(
        (Decimal(str(row["qty"])) for row in ledger.find("reservation", "sku", sku)), Decimal(0)
    )
    return held - reserved


def reserve(ledger: Ledger, sku: str, quantity: Decimal) -> None:
    """Change what is reserved of a product by an order, a shipment or a cancellation."""
    before = ledger.get("reservation", sku.casefold())
    total = Decimal(str(before["qty"])) + quantity if before else quantity
    total = max(total, Decimal(0))
    ledger.put("reservation", sku.casefold(), {"sku": sku, "qty": plain(total)}, keys={"sku": sku})


def _search(shop: Shop, call: Call) -> dict[str, Any]:
    wanted = criteria.parse(call.query)
    wanted.require_columns({"sku", "source_code", "quantity", "status", "source_item_id"})
    records, total = criteria.search(
        shop.ledger, "source_item", wanted, keys=("sku", "source_code")
    )
    return {"items": records, "search_criteria": wanted.echo(), "total_count": total}
