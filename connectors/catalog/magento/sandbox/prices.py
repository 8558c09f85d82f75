"""Prices of many products at once; the answer lists only what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.catalog.magento.sandbox import catalogue, members
from connectors.catalog.magento.sandbox.asking import arguments, rows
from connectors.catalog.magento.sandbox.errors import NOT_HERE, required
from connectors.catalog.magento.sandbox.events import Shop
from connectors.sandbox_kit.money import decimal_of, plain
from connectors.sandbox_kit.vendor import Call

_OF_STORE = ("sku", "store_id", "extension_attributes")
_SPECIAL = (*_OF_STORE, "price", "price_from", "price_to")
_MEMBERS = {
    "_base": ((*_OF_STORE, "price"), "BasePriceInterface"),
    "_special": (_SPECIAL, "SpecialPriceInterface"),
    "_no_special": (_SPECIAL, "SpecialPriceInterface"),
    "_cost": ((*_OF_STORE, "cost"), "CostInterface"),
    "_tier": (
        ("sku", "price", "price_type", "website_id", "customer_group", "quantity"),
        "TierPriceInterface",
    ),
}


def answer(shop: Shop, call: Call, rest: list[str]) -> Any:
    """``/V1/products/base-prices`` and its kin, or NOT_HERE."""
    match (call.method, *rest):
        case ("POST", "base-prices"):
            return _each(shop, rows(shop, call, "prices"), _base)
        case ("POST", "base-prices-information"):
            return [
                {"price": p["price"], "store_id": 0, "sku": p["sku"]} for p in _named(shop, call)
            ]
        case ("POST", "special-price"):
            return _each(shop, rows(shop, call, "prices"), _special)
        case ("POST", "special-price-delete"):
            return _each(shop, rows(shop, call, "prices"), _no_special)
        case ("POST", "special-price-information"):
            return [
                {"price": plain(price), "store_id": 0, "sku": p["sku"]}
                | {
                    "price_from": _attribute(p, "special_from_date") or "",
                    "price_to": _attribute(p, "special_to_date") or "",
                }
                for p in _named(shop, call)
                if (price := decimal_of(_attribute(p, "special_price"))) is not None
            ]
        case ("POST", "cost"):
            return _each(shop, rows(shop, call, "prices"), _cost)
        case ("POST", "cost-information"):
            return [
                {"cost": plain(cost), "store_id": 0, "sku": p["sku"]}
                for p in _named(shop, call)
                if (cost := decimal_of(_attribute(p, "cost"))) is not None
            ]
        case ("POST", "tier-prices"):
            return _each(shop, rows(shop, call, "prices"), _tier)
        case ("POST", "tier-prices-information"):
            return [
                {**tier, "sku": p["sku"]} for p in _named(shop, call) for tier in p["tier_prices"]
            ]
    return NOT_HERE


def _skus(call: Call) -> list[Any]:
    found = arguments(call, "skus").get("skus")
    if not isinstance(found, list):
        raise required("skus")
    return found


def _named(shop: Shop, call: Call) -> list[dict[str, Any]]:
    found = (catalogue.product_by_sku(shop.ledger, str(sku)) for sku in _skus(call))
    return [product for product in found if product is not None]


def _each(shop: Shop, wished: list[Any], change: Any) -> list[dict[str, Any]]:
    problems = []
    names, interface = _MEMBERS[change.__name__]
    stores = ("0", *(str(n) for n, _ in enumerate(shop.ledger.setting("store_codes"), start=1)))
    for wish in wished:
        members.known(wish, names, f"Magento\\Catalog\\Api\\Data\\{interface}")
        product = catalogue.product_by_sku(shop.ledger, str(wish.get("sku", "")))
        number = decimal_of(wish.get("cost" if change is _cost else "price"))
        if product is None:
            problems.append(
                _problem(
                    "Requested product doesn't exist. Row ID: SKU = %SKU, Store ID: %storeId.",
                    [str(wish.get("sku")), str(wish.get("store_id", 0))],
                )
            )
        elif str(wish.get("store_id", 0)) not in stores:
            problems.append(
                _problem(
                    "Requested store is not found. Row ID: SKU = %SKU, Store ID: %storeId.",
                    [product["sku"], str(wish["store_id"])],
                )
            )
        elif number is None or number < 0:
            problems.append(
                _problem(
                    "Invalid attribute %fieldName = %fieldValue. "
                    "Row ID: SKU = %SKU, Store ID: %storeId.",
                    ["Price", str(wish.get("price")), product["sku"], str(wish.get("store_id", 0))],
                )
            )
        else:
            change(product, wish, plain(number))
            product["updated_at"] = catalogue.stamp_after(shop.ledger, product["updated_at"])
            catalogue.put_product(shop.ledger, product)
            shop.announce("catalog_product_save_after", product)
    return problems


def _problem(message: str, parameters: list[str]) -> dict[str, Any]:
    return {"message": message, "parameters": parameters}


def _attribute(product: Mapping[str, Any], code: str) -> Any:
    held = product["custom_attributes"]
    return next((row["value"] for row in held if row["attribute_code"] == code), None)


def _set(product: dict[str, Any], code: str, value: Any) -> None:
    held = [row for row in product["custom_attributes"] if row["attribute_code"] != code]
    if value is not None:
        held.append({"attribute_code": code, "value": value})
    product["custom_attributes"] = held


def _base(product: dict[str, Any], wish: Mapping[str, Any], price: Any) -> None:
    product["price"] = price


def _cost(product: dict[str, Any], wish: Mapping[str, Any], price: Any) -> None:
    _set(product, "cost", str(price))


def _special(product: dict[str, Any], wish: Mapping[str, Any], price: Any) -> None:
    _set(product, "special_price", str(price))
    _set(product, "special_from_date", wish.get("price_from"))
    _set(product, "special_to_date", wish.get("price_to"))


def _no_special(product: dict[str, Any], wish: Mapping[str, Any], price: Any) -> None:
    for code in ("special_price", "special_from_date", "special_to_date"):
        _set(product, code, None)


def _tier(product: dict[str, Any], wish: Mapping[str, Any], price: Any) -> None:
    names = ("price_type", "website_id", "customer_group", "quantity")
    tier = {**{name: wish[name] for name in names if name in wish}, "price": price}
    same = ("customer_group", "quantity", "website_id")
    others = [
        t for t in product["tier_prices"] if [t.get(n) for n in same] != [tier.get(n) for n in same]
    ]
    product["tier_prices"] = [*others, tier]
