"""What a shop holds besides goods and sales: stores, groups, taxes, attributes, countries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.catalog.magento.sandbox import catalogue, criteria
from connectors.catalog.magento.sandbox.errors import NO_ENTITY, NOT_HERE, no_such, refused
from connectors.catalog.magento.sandbox.events import Shop
from connectors.sandbox_kit.vendor import Call

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
_TYPES = ("simple", "virtual", "bundle", "downloadable", "configurable", "grouped")


def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = catalogue.seed_file("reference.json")[name]
    return rows


def found(rows: list[dict[str, Any]], call: Call) -> dict[str, Any]:
    """Search result over a fixed list."""
    wanted = criteria.parse(call.query)
    known = {name for row in rows for name in row}
    wanted.require_columns(known)
    items, total = criteria.matching(rows, wanted)
    return {"items": items, "search_criteria": wanted.echo(), "total_count": total}


def groups(shop: Shop, call: Call, rest: list[str]) -> Any:
    """``/V1/customerGroups``."""
    match (call.method, *rest):
        case ("GET", "search"):
            return found(_rows("groups"), call)
        case ("GET", number):
            for row in _rows("groups"):
                if str(row["id"]) == number:
                    return row
            raise no_such("id", number)
    return NOT_HERE


def listed(name: str) -> Any:
    """``/V1/taxClasses/search``, ``/V1/coupons/search`` and the like."""

    def answer(shop: Shop, call: Call, rest: list[str]) -> Any:
        if call.method == "GET" and rest == ["search"]:
            return found(_rows(name), call)
        return NOT_HERE

    return answer


def directory(shop: Shop, call: Call, rest: list[str]) -> Any:
    """``/V1/directory``."""
    match (call.method, *rest):
        case ("GET", "countries"):
            return _rows("countries")
        case ("GET", "countries", code):
            for row in _rows("countries"):
                if row["id"] == code:
                    return row
            raise no_such("countryId", code)
        case ("GET", "currency"):
            return {
                "base_currency_code": "USD",
                "base_currency_symbol": "$",
                "default_display_currency_code": "USD",
                "default_display_currency_symbol": "$",
                "available_currency_codes": ["USD", "EUR"],
                "exchange_rates": [{"currency_to": "USD", "rate": 1}],
            }
    return NOT_HERE


def stores(shop: Shop, call: Call, rest: list[str]) -> Any:
    """``/V1/store``."""
    codes = shop.ledger.setting("store_codes")
    match (call.method, *rest):
        case ("GET", "storeConfigs"):
            base = shop.base_url
            urls = {"base_url": base, "secure_base_url": base, "base_link_url": base}
            return [
                {**_STORE, **urls, "id": number, "code": code}
                for number, code in enumerate(codes, start=1)
            ]
        case ("GET", "storeViews"):
            admin = {"id": 0, "code": "admin", "name": "Admin", "website_id": 0}
            return [{**admin, "store_group_id": 0, "is_active": 1}] + [
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
        case ("GET", "storeGroups"):
            return [
                {"id": 0, "website_id": 0, "root_category_id": 0, "default_store_id": 0}
                | {"name": "Default", "code": "default"},
                {"id": 1, "website_id": 1, "root_category_id": 2, "default_store_id": 1}
                | {"name": "Main Website Store", "code": "main_website_store"},
            ]
        case ("GET", "websites"):
            return [
                {"id": 0, "code": "admin", "name": "Admin", "default_group_id": 0},
                {"id": 1, "code": "base", "name": "Main Website", "default_group_id": 1},
            ]
    return NOT_HERE


def modules(shop: Shop, call: Call, rest: list[str]) -> Any:
    """``/V1/modules``."""
    names = ("Store", "Directory", "Sales", "Catalog", "Customer", "Inventory", "Tax")
    return [f"Magento_{name}" for name in names] if not rest else NOT_HERE


def attribute_sets(shop: Shop, call: Call, rest: list[str]) -> Any:
    """``/V1/eav/attribute-sets/list``."""
    if call.method == "GET" and rest == ["attribute-sets", "list"]:
        return found(_rows("attribute_sets"), call)
    return NOT_HERE


def product_types(shop: Shop, call: Call, rest: list[str]) -> Any:
    """``/V1/product/types``."""
    if call.method == "GET" and rest == ["types"]:
        return [{"name": name, "label": f"{name.capitalize()} Product"} for name in _TYPES]
    return NOT_HERE


def product_attributes(shop: Shop, call: Call, rest: list[str]) -> Any:
    """``/V1/products/attributes``."""
    rows = _attributes(shop)
    match (call.method, *rest):
        case ("GET",):
            return found(rows, call)
        case ("GET", code):
            return _attribute(rows, code)
        case ("GET", code, "options"):
            return [{"label": " ", "value": ""}, *_attribute(rows, code).get("options", [])]
    return NOT_HERE


def customer_attributes(shop: Shop, call: Call, rest: list[str]) -> Any:
    """``/V1/attributeMetadata``."""
    if call.method == "GET" and rest in (["customer"], ["customer", "custom"]):
        rows = _rows("customer_attributes")
        return [row for row in rows if len(rest) == 1 or row["user_defined"]]
    return NOT_HERE


def product_codes(shop: Shop) -> set[str]:
    """Attribute codes that products have."""
    return {row["attribute_code"] for row in _attributes(shop)} | {"image", "small_image"}


def customer_codes() -> set[str]:
    """Attribute codes that customers have."""
    return {row["attribute_code"] for row in _rows("customer_attributes")}


def check_attributes(shop: Shop, wish: Mapping[str, Any], known: set[str]) -> None:
    """Refuse attributes that the shop has not defined; raises Refused.

    A shop passes over them in silence, and so does this one without the setting
    ``unknown_attributes_refused``.
    """
    if not shop.ledger.setting("unknown_attributes_refused", True):
        return
    for entry in wish.get("custom_attributes") or []:
        if entry.get("attribute_code") not in known:
            code = str(entry.get("attribute_code"))
            raise refused(400, 'The shop has no attribute "%1".', [code])


def _attributes(shop: Shop) -> list[dict[str, Any]]:
    labels: Mapping[str, Any] = {"scope": "global", "is_visible": True, "options": []}
    return [{**labels, "frontend_labels": [], **row} for row in _rows("attributes")]


def _attribute(rows: list[dict[str, Any]], code: str) -> dict[str, Any]:
    for row in rows:
        if code in (row["attribute_code"], str(row["attribute_id"])):
            return row
    raise refused(404, NO_ENTITY)
