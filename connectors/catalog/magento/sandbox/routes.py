"""The REST routes after /V1 (fact sheet sections 5 to 7); singular and plural as Magento has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.catalog.magento.sandbox import (
    catalogue,
    criteria,
    customers,
    lifecycle,
    orders,
    products,
)
from connectors.catalog.magento.sandbox.errors import (
    NO_ENTITY,
    NO_ROUTE,
    refused,
    required,
)
from connectors.catalog.magento.sandbox.events import Shop
from connectors.sandbox_kit.vendor import Call

_DOCUMENT_KEYS = ("entity_id", "order_id", "increment_id", "updated_at")
_RESOURCES = {
    "orders": "Magento_Sales::sales",
    "order": "Magento_Sales::sales",
    "invoices": "Magento_Sales::sales",
    "shipments": "Magento_Sales::sales",
    "creditmemos": "Magento_Sales::sales",
    "products": "Magento_Catalog::products",
    "customers": "Magento_Customer::manage",
    "stockItems": "Magento_CatalogInventory::cataloginventory",
}
_STORE = {
    "id": 1,
    "code": "default",
    "website_id": 1,
    "locale": "en_US",
    "base_currency_code": "USD",
    "default_display_currency_code": "USD",
    "timezone": "UTC",
    "weight_unit": "kgs",
}


def resource_of(parts: list[str]) -> str:
    """Access resource named in a refusal."""
    return next((_RESOURCES[part] for part in parts if part in _RESOURCES), "Magento_Backend::all")


def route(shop: Shop, call: Call, parts: list[str]) -> Any:
    """Answer document of one call; raises Refused."""
    handler = _ROUTES.get(parts[0])
    answer = handler(shop, call, parts[1:]) if handler else _NOT_HERE
    if answer is _NOT_HERE:
        raise refused(404, NO_ROUTE)
    return answer


_NOT_HERE = object()


def _body(call: Call) -> dict[str, Any]:
    if not call.body:
        return {}
    document = call.document()
    if not isinstance(document, dict):
        raise refused(400, "The request body must be a JSON object.")
    return document


def _member(call: Call, name: str) -> dict[str, Any]:
    member = _body(call).get(name)
    if not isinstance(member, dict):
        raise required(name)
    return member


def _search(
    shop: Shop,
    call: Call,
    entity: str,
    keys: tuple[str, ...],
    shown: Callable[[Any], Any] = lambda record: record,
    read: Callable[[Any, str], Any] = lambda record, name: record.get(name),
) -> dict[str, Any]:
    wanted = criteria.parse(call.query)
    limit = shop.ledger.setting("max_page_size")
    if limit and (wanted.page_size or 0) > limit:
        raise refused(400, "Maximum SearchCriteria pageSize is %max", {"max": limit})
    records, total = criteria.search(shop.ledger, entity, wanted, keys=keys, read=read)
    return {
        "items": [shown(record) for record in records],
        "search_criteria": wanted.echo(),
        "total_count": total,
    }


def _orders(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("GET",):
            return _search(shop, call, "order", orders.ORDER_KEYS)
        case ("POST",) | ("PUT", "create"):
            return _save_order(shop, _member(call, "entity"))
        case ("GET", number):
            return lifecycle.order_by_id(shop, number)
        case ("GET", number, "statuses"):
            return lifecycle.order_by_id(shop, number)["status"]
        case ("GET", number, "comments"):
            found = lifecycle.order_by_id(shop, number).get("status_histories", [])
            return {"items": found, "search_criteria": {}, "total_count": len(found)}
        case ("POST", number, "comments"):
            order = lifecycle.order_by_id(shop, number)
            return lifecycle.add_comment(shop, order, _member(call, "statusHistory"))
        case ("POST", number, "cancel"):
            return lifecycle.cancel(shop, lifecycle.order_by_id(shop, number))
        case ("POST", number, "hold"):
            return lifecycle.hold(shop, lifecycle.order_by_id(shop, number))
        case ("POST", number, "unhold"):
            return lifecycle.unhold(shop, lifecycle.order_by_id(shop, number))
        case ("POST", number, "emails"):
            return bool(lifecycle.order_by_id(shop, number))
    return _NOT_HERE


def _save_order(shop: Shop, entity: Mapping[str, Any]) -> dict[str, Any]:
    """Create an order, or change the given members of one that exists."""
    if entity.get("entity_id"):
        order = lifecycle.order_by_id(shop, str(entity["entity_id"]))
        order.update({name: value for name, value in entity.items() if name != "items"})
        lifecycle.saved(shop, order)
        return order
    for name in ("customer_email", "items"):
        if not entity.get(name):
            raise required(name)
    order = orders.insert(
        shop.ledger, {"state": "new", "status": "pending", **entity}, shop.ledger.now()
    )
    shop.announce("sales_order_save_after", order)
    return order


def _order(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("POST", number, "invoice"):
            return lifecycle.invoice(shop, lifecycle.order_by_id(shop, number), _body(call))
        case ("POST", number, "ship"):
            return lifecycle.ship(shop, lifecycle.order_by_id(shop, number), _body(call))
        case ("POST", number, "refund"):
            return lifecycle.refund(shop, lifecycle.order_by_id(shop, number), _body(call))
    return _NOT_HERE


def _read_document(shop: Shop, entity: str, number: str) -> Any:
    document = shop.ledger.get(entity, number)
    if document is None:
        raise refused(404, NO_ENTITY)
    return document


def _invoices(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("GET",):
            return _search(shop, call, "invoice", _DOCUMENT_KEYS)
        case ("GET", number):
            return _read_document(shop, "invoice", number)
        case ("POST", number, "capture"):
            return lifecycle.capture(shop, number)
    return _NOT_HERE


def _invoice(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("POST", number, "refund"):
            document = _read_document(shop, "invoice", number)
            order = lifecycle.order_by_id(shop, str(document["order_id"]))
            return lifecycle.refund(shop, order, _body(call), document["entity_id"])
    return _NOT_HERE


def _shipments(shop: Shop, call: Call, rest: list[str]) -> Any:
    if call.method == "GET" and not rest:
        return _search(shop, call, "shipment", _DOCUMENT_KEYS)
    return _NOT_HERE


def _shipment(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("POST", "track"):
            return lifecycle.add_track(shop, _member(call, "entity"))
        case ("GET", number):
            return _read_document(shop, "shipment", number)
    return _NOT_HERE


def _creditmemos(shop: Shop, call: Call, rest: list[str]) -> Any:
    if call.method == "GET" and not rest:
        return _search(shop, call, "creditmemo", _DOCUMENT_KEYS)
    return _NOT_HERE


def _creditmemo(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("GET", number):
            return _read_document(shop, "creditmemo", number)
    return _NOT_HERE


def _customers(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("GET", "search"):
            return _search(shop, call, "customer", catalogue.CUSTOMER_KEYS, read=customers.field)
        case ("POST", "isEmailAvailable"):
            email = str(_body(call).get("customerEmail", ""))
            return catalogue.customer_by_email(shop.ledger, email) is None
        case ("POST",):
            return customers.create(shop, _member(call, "customer"))
        case ("GET", number):
            return customers.by_id(shop, number)
        case ("PUT", number):
            return customers.change(shop, number, _member(call, "customer"))
        case ("DELETE", number):
            customers.by_id(shop, number)
            shop.ledger.remove("customer", number)
            return True
    return _NOT_HERE


def _products(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("GET",):
            return _search(shop, call, "product", catalogue.PRODUCT_KEYS, read=products.field)
        case ("POST",):
            return products.save(shop, _member(call, "product"))
        case ("GET", sku):
            return products.by_sku(shop, sku)
        case ("PUT", sku):
            return products.save(shop, {**_member(call, "product"), "sku": sku})
        case ("PUT", sku, "stockItems", _):
            return products.save_stock(shop, sku, _member(call, "stockItem"))
    return _NOT_HERE


def _stock_items(shop: Shop, call: Call, rest: list[str]) -> Any:
    match (call.method, *rest):
        case ("GET", sku):
            return products.stock_item(shop, sku)
    return _NOT_HERE


def _store(shop: Shop, call: Call, rest: list[str]) -> Any:
    base = shop.base_url
    match (call.method, *rest):
        case ("GET", "storeConfigs"):
            urls = {"base_url": base, "secure_base_url": base, "base_link_url": base}
            codes = shop.ledger.setting("store_codes")
            return [
                {**_STORE, **urls, "id": number, "code": code}
                for number, code in enumerate(codes, start=1)
            ]
        case ("GET", "storeViews"):
            codes = shop.ledger.setting("store_codes")
            return [
                {
                    "id": number,
                    "code": code,
                    "name": code.capitalize(),
                    "website_id": 1,
                    "store_group_id": 1,
                    "is_active": 1,
                }
                for number, code in enumerate(codes, start=1)
            ]
        case ("GET", "websites"):
            return [{"id": 1, "code": "base", "name": "Main Website", "default_group_id": 1}]
    return _NOT_HERE


def _modules(shop: Shop, call: Call, rest: list[str]) -> Any:
    return ["Magento_Sales", "Magento_Catalog", "Magento_Customer"] if not rest else _NOT_HERE


_ROUTES: dict[str, Callable[[Shop, Call, list[str]], Any]] = {
    "orders": _orders,
    "order": _order,
    "invoices": _invoices,
    "invoice": _invoice,
    "shipments": _shipments,
    "shipment": _shipment,
    "creditmemos": _creditmemos,
    "creditmemo": _creditmemo,
    "customers": _customers,
    "products": _products,
    "stockItems": _stock_items,
    "store": _store,
    "modules": _modules,
}
