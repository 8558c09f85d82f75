"""Products and their stock, as the REST routes read and write them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.catalog.magento.sandbox import catalogue
from connectors.catalog.magento.sandbox.errors import NO_PRODUCT, refused, required
from connectors.catalog.magento.sandbox.events import Shop
from connectors.sandbox_kit.money import decimal_of


def field(product: Mapping[str, Any], name: str) -> Any:
    """Search names of products: ``entity_id`` is answered as ``id``; attributes count too."""
    if name == "entity_id":
        return product["id"]
    if name in product:
        return product[name]
    return next(
        (a["value"] for a in product["custom_attributes"] if a["attribute_code"] == name), None
    )


def by_sku(shop: Shop, sku: str) -> dict[str, Any]:
    """The product with its stock; raises Refused."""
    product = catalogue.product_by_sku(shop.ledger, sku)
    if product is None:
        raise refused(404, NO_PRODUCT)
    stock = shop.ledger.find("stock_item", "sku", sku)
    if stock:
        product["extension_attributes"]["stock_item"] = catalogue.shown_stock(stock[0])
    return product


def save(shop: Shop, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Create or change by SKU."""
    now = shop.ledger.now()
    price = wish.get("price")
    if price is not None and decimal_of(price) is None:
        raise refused(
            400,
            'The "%value" value\'s type is invalid. The "%type" type was expected. '
            "Verify and try again.",
            {"value": price, "type": "float"},
        )
    before = catalogue.product_by_sku(shop.ledger, str(wish.get("sku", "")))
    if before is None:
        for name in ("sku", "name", "attribute_set_id", "price"):
            if wish.get(name) in (None, ""):
                raise required(name)
        number = shop.ledger.next_number("product")
        before = {
            "status": 1,
            "visibility": 4,
            "type_id": "simple",
            "extension_attributes": {"website_ids": [1]},
            "product_links": [],
            "options": [],
            "media_gallery_entries": [],
            "tier_prices": [],
            "custom_attributes": [],
            "created_at": catalogue.stamp(now),
            "updated_at": None,
        }
        catalogue.put_stock(shop.ledger, catalogue.new_stock_item(number, str(wish["sku"]), 0))
    else:
        number = before["id"]
    attributes = {a["attribute_code"]: a for a in before["custom_attributes"]}
    attributes.update({a["attribute_code"]: a for a in wish.get("custom_attributes") or []})
    product = {
        **before,
        **wish,
        "id": number,
        "updated_at": catalogue.stamp_after(now, before["updated_at"]),
        "custom_attributes": [a for a in attributes.values() if a.get("value") is not None],
    }
    catalogue.put_product(shop.ledger, product)
    shop.announce("catalog_product_save_after", product)
    return product


def stock_item(shop: Shop, sku: str) -> dict[str, Any]:
    """What is in stock, as it is shown; raises Refused."""
    return catalogue.shown_stock(_stock(shop, sku))


def save_stock(shop: Shop, sku: str, wish: Mapping[str, Any]) -> int:
    """Change what is in stock; the id of the stock item."""
    before = _stock(shop, sku)
    qty = decimal_of(wish.get("qty", before["qty"]))
    if qty is None:
        raise required("qty")
    item = {**before, **wish, "sku": before["sku"], "item_id": before["item_id"]}
    item["is_in_stock"] = bool(wish.get("is_in_stock", Decimal(qty) > 0))
    catalogue.put_stock(shop.ledger, item)
    shop.announce("cataloginventory_stock_item_save_after", {"entity_id": item["item_id"], **item})
    return int(item["item_id"])


def _stock(shop: Shop, sku: str) -> dict[str, Any]:
    found = shop.ledger.find("stock_item", "sku", sku)
    if not found:
        raise refused(404, NO_PRODUCT)
    item: dict[str, Any] = found[0]
    return item
