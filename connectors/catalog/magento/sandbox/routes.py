"""The REST routes after /V1: which part of the shop answers, and those of goods and people.

Singular and plural are as Magento has them (fact sheet sections 5 to 8). Three spellings that
people often write by mistake are accepted too, and led to the real routes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.catalog.magento.sandbox import (
    bulk,
    catalogue,
    categories,
    customers,
    inventory,
    prices,
    products,
    reference,
    sales_routes,
)
from connectors.catalog.magento.sandbox.asking import arguments, member, search
from connectors.catalog.magento.sandbox.errors import NO_ROUTE, NOT_HERE, refused
from connectors.catalog.magento.sandbox.events import Shop
from connectors.sandbox_kit.vendor import Call


def route(shop: Shop, call: Call, parts: list[str]) -> Any:
    """Answer document of one call; raises Refused."""
    call, parts = _spelt(call, parts)
    handler = _ROUTES.get(parts[0])
    answer = handler(shop, call, parts[1:]) if handler else NOT_HERE
    if answer is NOT_HERE:
        raise refused(404, NO_ROUTE)
    return answer


def _spelt(call: Call, parts: list[str]) -> tuple[Call, list[str]]:
    """Mistaken spellings as the routes they stand for."""
    match (call.method, *parts):
        case ("PUT", "stockItems", sku):
            return call, ["products", sku, "stockItems", "1"]
        case ("PUT", "orders"):
            return call, ["orders", "create"]
        case ("POST", "shipments"):
            return call, ["shipment"]
    return call, parts


def _customers(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("GET", "search"):
            return search(
                shop,
                call,
                "customer",
                catalogue.CUSTOMER_KEYS,
                read=customers.field,
                attributes={
                    *reference.customer_codes(),
                    *("entity_id", "website_id", "store_id", "created_at", "updated_at", "dob"),
                    *("gender", "taxvat", "middlename", "confirmation", "created_in", "prefix"),
                },
            )
        case ("POST", "isEmailAvailable"):
            email = str(arguments(call, "customerEmail", "websiteId").get("customerEmail", ""))
            return catalogue.customer_by_email(shop.ledger, email) is None
        case ("POST",):
            return customers.create(shop, member(call, "customer", "password", "redirectUrl"))
        case ("GET", number):
            return customers.by_id(shop, number)
        case ("PUT", number):
            return customers.change(shop, number, member(call, "customer", "passwordHash"))
        case ("DELETE", number):
            customers.by_id(shop, number)
            shop.ledger.remove("customer", number)
            return True
    return NOT_HERE


def _addresses(shop: Shop, call: Call, rest: list[str]) -> Any:
    if call.method == "DELETE" and len(rest) == 1:
        return customers.delete_address(shop, rest[0])
    return NOT_HERE


def _products(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("GET",):
            found = search(
                shop,
                call,
                "product",
                catalogue.PRODUCT_KEYS,
                read=lambda product, name: products.field(products.seen(shop, product), name),
                attributes=products.searchable(shop),
            )
            items = [products.seen(shop, product) for product in found["items"]]
            return {**found, "items": items}
        case ("POST",):
            return products.save(shop, member(call, "product", "saveOptions"))
        case (_, "attributes", *more):
            return reference.product_attributes(shop, call, more)
        case ("GET", "attribute-sets", "sets", "list"):
            return reference.attribute_sets(shop, call, ["attribute-sets", "list"])
        case ("GET", "types"):
            return reference.product_types(shop, call, rest)
        case ("GET", sku):
            return products.by_sku(shop, sku)
        case ("PUT", sku):
            return products.save(shop, {**member(call, "product", "saveOptions"), "sku": sku})
        case ("DELETE", sku):
            return products.delete(shop, sku)
        case ("PUT", sku, "stockItems", _):
            return products.save_stock(shop, sku, member(call, "stockItem", "saveOptions"))
    return prices.answer(shop, call, rest)


def _stock_items(shop: Shop, call: Call, rest: list[str]) -> Any:
    if call.method == "GET" and len(rest) == 1:
        return products.stock_item(shop, rest[0])
    return NOT_HERE


def _stock_statuses(shop: Shop, call: Call, rest: list[str]) -> Any:
    if call.method == "GET" and len(rest) == 1:
        return products.stock_status(shop, rest[0])
    return NOT_HERE


def _configurable(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("GET", sku, "children"):
            return products.children(shop, sku)
    return NOT_HERE


def _bulk(shop: Shop, call: Call, rest: list[str]) -> Any:
    return bulk.answer(shop, call, rest, route)


_ROUTES: dict[str, Callable[[Shop, Call, list[str]], Any]] = {
    **sales_routes.ROUTES,
    "customers": _customers,
    "addresses": _addresses,
    "customerGroups": reference.groups,
    "attributeMetadata": reference.customer_attributes,
    "products": _products,
    "product": reference.product_types,
    "eav": reference.attribute_sets,
    "configurable-products": _configurable,
    "stockItems": _stock_items,
    "stockStatuses": _stock_statuses,
    "inventory": inventory.answer,
    "categories": categories.answer,
    "store": reference.stores,
    "directory": reference.directory,
    "taxClasses": reference.listed("tax_classes"),
    "taxRates": reference.listed("tax_rates"),
    "taxRules": reference.listed("tax_rules"),
    "coupons": reference.listed("coupons"),
    "salesRules": reference.listed("cart_rules"),
    "modules": reference.modules,
    "bulk": _bulk,
}
