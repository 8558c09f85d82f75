"""Products and their stock, as the REST routes read and write them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.catalog.magento.sandbox import catalogue, inventory, members, reference
from connectors.catalog.magento.sandbox.errors import NO_PRODUCT, refused, required
from connectors.catalog.magento.sandbox.events import Shop
from connectors.sandbox_kit.money import decimal_of

SAVED = "catalog_product_save_after"
STOCK_SAVED = "cataloginventory_stock_item_save_after"
TYPES = ("simple", "virtual", "configurable", "bundle", "grouped", "downloadable")


def field(product: Mapping[str, Any], name: str) -> Any:
    """Search names of products: ``entity_id`` is answered as ``id``; attributes count too."""
    if name == "entity_id":
        return product["id"]
    if name == "category_id":
        links = product["extension_attributes"].get("category_links", [])
        return tuple(str(link["category_id"]) for link in links)
    if name in product:
        return product[name]
    return next(
        (a["value"] for a in product["custom_attributes"] if a["attribute_code"] == name), None
    )


_OF_STORES = {"name", "status", "visibility"}  # a price counts for all, as is usual


def seen(shop: Shop, product: Mapping[str, Any]) -> dict[str, Any]:
    """The product as the asked store view shows it."""
    own = shop.ledger.get("product_scope", f"{product['id']} {shop.scope}") if shop.scope else None
    if own is None:
        return dict(product)
    attributes = {a["attribute_code"]: a for a in product["custom_attributes"]}
    attributes |= {a["attribute_code"]: a for a in own["custom_attributes"]}
    return {**product, **own, "custom_attributes": list(attributes.values())}


def _for_store(shop: Shop, number: int, wish: dict[str, Any]) -> dict[str, Any]:
    """Keep what counts for the asked store view only; the rest of the wish."""
    place = f"{number} {shop.scope}"
    own = shop.ledger.get("product_scope", place) or {"custom_attributes": []}
    attributes = {a["attribute_code"]: a for a in own["custom_attributes"]}
    for entry in wish.get("custom_attributes") or []:
        attributes[entry["attribute_code"]] = _attribute(entry)
    own |= {name: value for name, value in wish.items() if name in _OF_STORES}
    own["custom_attributes"] = [a for a in attributes.values() if a["value"] is not None]
    shop.ledger.put("product_scope", place, own)
    left = {*_OF_STORES, "custom_attributes"}
    return {name: value for name, value in wish.items() if name not in left}


def searchable(shop: Shop) -> set[str]:
    """Names that products can be searched by."""
    own = {"entity_id", "sku", "type_id", "attribute_set_id", "created_at", "updated_at"}
    return own | reference.product_codes(shop) | {"website_id", "category_id", "store_id"}


def by_sku(shop: Shop, sku: str) -> dict[str, Any]:
    """The product with its stock; raises Refused."""
    product = catalogue.product_by_sku(shop.ledger, sku)
    if product is None:
        raise refused(404, NO_PRODUCT)
    stock = shop.ledger.find("stock_item", "sku", sku)
    if stock:
        product["extension_attributes"]["stock_item"] = catalogue.shown_stock(stock[0])
    return seen(shop, product)


def _check(shop: Shop, wish: Mapping[str, Any]) -> None:
    members.check("Product", wish)
    reference.check_attributes(shop, wish, reference.product_codes(shop))
    if wish.get("type_id", "simple") not in TYPES:
        raise refused(400, 'Invalid product type "%1".', [wish["type_id"]])


def save(shop: Shop, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Create or change by SKU; raises Refused."""
    _check(shop, wish)
    before = catalogue.product_by_sku(shop.ledger, str(wish.get("sku", "")))
    if before is None:
        for name in ("sku", "name", "attribute_set_id", "price"):
            if wish.get(name) in (None, ""):
                raise required(name)
        before = _new(shop, wish)
    elif shop.scope:
        wish = _for_store(shop, before["id"], dict(wish))
    attributes = {a["attribute_code"]: a for a in before["custom_attributes"]}
    attributes.update({a["attribute_code"]: a for a in wish.get("custom_attributes") or []})
    known = reference.product_codes(shop)
    extension = dict(wish.get("extension_attributes") or {})
    stock = extension.pop("stock_item", None)
    product = {
        **before,
        **wish,
        "id": before["id"],
        "sku": before.get("sku", wish["sku"]),
        "created_at": before["created_at"],
        "updated_at": catalogue.stamp_after(shop.ledger, before["updated_at"]),
        "extension_attributes": {**before["extension_attributes"], **extension},
        "custom_attributes": [
            _attribute(a)
            for a in attributes.values()
            if a.get("value") is not None and a["attribute_code"] in known
        ],
    }
    _check_url_key(shop, product)
    for child in extension.get("configurable_product_links") or []:
        held = {"parent": product["id"]}
        shop.ledger.put("product_parent", child, held, keys={"child": child})
    catalogue.put_product(shop.ledger, product)
    if isinstance(stock, Mapping):
        save_stock(shop, product["sku"], stock)
    shop.announce(SAVED, seen(shop, product))
    return seen(shop, product)


def _new(shop: Shop, wish: Mapping[str, Any]) -> dict[str, Any]:
    number = shop.ledger.next_number("product")
    catalogue.put_stock(shop.ledger, catalogue.new_stock_item(number, str(wish["sku"]), 0))
    inventory.mirror(shop.ledger, str(wish["sku"]), 0, True)
    key = str(wish["sku"]).lower().replace(" ", "-").replace("/", "-")
    return {
        "id": number,
        "status": 1,
        "visibility": 4,
        "type_id": "simple",
        "extension_attributes": {"website_ids": [1]},
        "product_links": [],
        "options": [],
        "media_gallery_entries": [],
        "tier_prices": [],
        "custom_attributes": [{"attribute_code": "url_key", "value": key}],
        "created_at": catalogue.stamp(shop.ledger.now()),
        "updated_at": None,
    }


def _attribute(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Attribute values are kept as text, a multiselect as a comma list."""
    value = entry["value"]
    if value is None:
        return dict(entry)
    if isinstance(value, list):
        value = value if entry["attribute_code"] == "category_ids" else ",".join(map(str, value))
    elif isinstance(value, bool):
        value = "1" if value else "0"
    elif not isinstance(value, str):
        value = str(value)
    return {"attribute_code": entry["attribute_code"], "value": value}


def _check_url_key(shop: Shop, product: Mapping[str, Any]) -> None:
    key = field(product, "url_key")
    if not key:
        return
    for other in shop.ledger.find("product", "url_key", key):
        if other["id"] != product["id"]:
            raise refused(400, "URL key for specified store already exists.")


def delete(shop: Shop, sku: str) -> bool:
    """Remove a product and its stock; raises Refused."""
    product = catalogue.product_by_sku(shop.ledger, sku)
    if product is None:
        raise refused(404, NO_PRODUCT)
    shop.ledger.remove("product", product["id"])
    for item in shop.ledger.find("stock_item", "sku", sku):
        shop.ledger.remove("stock_item", item["item_id"])
    for item in shop.ledger.find("source_item", "sku", sku):
        shop.ledger.remove("source_item", f"{item['sku']}\n{item['source_code']}".casefold())
    return True


def children(shop: Shop, sku: str) -> list[dict[str, Any]]:
    """Variants of a configurable product; raises Refused."""
    product = by_sku(shop, sku)
    wanted = set(product["extension_attributes"].get("configurable_product_links", []))
    return [each for each in shop.ledger.all("product") if each["id"] in wanted]


def stock_item(shop: Shop, sku: str) -> dict[str, Any]:
    """What is in stock, as it is shown; raises Refused."""
    return catalogue.shown_stock(_stock(shop, sku))


def stock_status(shop: Shop, sku: str) -> dict[str, Any]:
    """Whether it can be bought, with the item; raises Refused."""
    item = stock_item(shop, sku)
    return {
        "product_id": item["product_id"],
        "stock_id": item["stock_id"],
        "qty": item["qty"],
        "stock_status": int(bool(item["is_in_stock"])),
        "stock_item": item,
    }


def save_stock(shop: Shop, sku: str, wish: Mapping[str, Any]) -> int:
    """Change what is in stock; the id of the stock item. The product's time stays as it is."""
    members.check("StockItem", wish)
    before = _stock(shop, sku)
    qty = decimal_of(wish.get("qty", before["qty"]))
    if qty is None:
        raise required("qty")
    item = {**before, **wish, "sku": before["sku"], "item_id": before["item_id"]}
    item["is_in_stock"] = bool(wish.get("is_in_stock", Decimal(qty) > 0))
    catalogue.put_stock(shop.ledger, item)
    inventory.mirror(shop.ledger, before["sku"], item["qty"], item["is_in_stock"])
    shop.announce(STOCK_SAVED, {"entity_id": item["item_id"], **item})
    return int(item["item_id"])


def _stock(shop: Shop, sku: str) -> dict[str, Any]:
    found = shop.ledger.find("stock_item", "sku", sku)
    if not found:
        raise refused(404, NO_PRODUCT)
    item: dict[str, Any] = found[0]
    return item
