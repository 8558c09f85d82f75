"""Categories: a tree, its nodes, and which products they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.catalog.magento.sandbox import catalogue, criteria, members
from connectors.catalog.magento.sandbox.asking import arguments, member
from connectors.catalog.magento.sandbox.errors import (
    NO_PRODUCT,
    NOT_HERE,
    no_such,
    refused,
    required,
)
from connectors.catalog.magento.sandbox.events import Shop
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import Call

ROOT = 1


def seed(ledger: Ledger) -> None:
    """The categories a new shop has."""
    rows = catalogue.seed_file("reference.json")["categories"]
    for row in rows:
        position = 1 + len(
            [r for r in rows if r["parent_id"] == row["parent_id"] and r["id"] < row["id"]]
        )
        category = {
            "is_active": True,
            "position": position,
            "include_in_menu": True,
            "available_sort_by": [],
            "custom_attributes": [],
            **row,
            "created_at": catalogue.stamp(ledger.now()),
            "updated_at": catalogue.stamp(ledger.now()),
        }
        ledger.put("category", row["id"], category, keys={"entity_id": row["id"]})
    ledger.count_from("category", len(rows))


def answer(shop: Shop, call: Call, rest: list[str]) -> Any:
    """``/V1/categories``."""
    match (call.method, *rest):
        case ("GET",):
            depth = call.param("depth")
            root = int(call.param("rootCategoryId") or ROOT)
            return _tree(shop, root, int(depth) if depth else None)
        case ("GET", "list"):
            return _search(shop, call)
        case ("POST",):
            return save(shop, member(call, "category"))
        case ("GET", number):
            return _shown(shop, _by_id(shop, number))
        case ("PUT", number):
            return save(shop, {**member(call, "category"), "id": _by_id(shop, number)["id"]})
        case ("DELETE", number):
            return _delete(shop, _by_id(shop, number))
        case ("PUT", number, "move"):
            wish = arguments(call, "parentId", "afterId")
            return _move(shop, _by_id(shop, number), wish.get("parentId"), wish.get("afterId"))
        case ("GET", number, "products"):
            return _links(shop, _by_id(shop, number)["id"])
        case ("POST" | "PUT", number, "products"):
            return link(shop, member(call, "productLink"), number)
        case ("DELETE", number, "products", sku):
            return _unlink(shop, _by_id(shop, number)["id"], sku)
    return NOT_HERE


def _by_id(shop: Shop, number: str | int) -> dict[str, Any]:
    category: dict[str, Any] | None = shop.ledger.get("category", number)
    if category is None:
        raise no_such("id", number)
    return category


def _children(shop: Shop, number: int) -> list[dict[str, Any]]:
    found = [c for c in shop.ledger.all("category") if c["parent_id"] == number]
    return sorted(found, key=lambda c: (c["position"], c["id"]))


def _shown(shop: Shop, category: Mapping[str, Any]) -> dict[str, Any]:
    children = ",".join(str(c["id"]) for c in _children(shop, category["id"]))
    return {**category, "children": children}


def _tree(shop: Shop, number: int, depth: int | None = None) -> dict[str, Any]:
    category = _by_id(shop, number)
    names = ("id", "parent_id", "name", "is_active", "position", "level")
    return {
        **{name: category[name] for name in names},
        "product_count": len(_links(shop, number)),
        "children_data": [
            _tree(shop, child["id"], None if depth is None else depth - 1)
            for child in _children(shop, number)
            if depth is None or depth > 0
        ],
    }


def _search(shop: Shop, call: Call) -> dict[str, Any]:
    wanted = criteria.parse(call.query)
    wanted.require_attributes(members.of("Category") | {"entity_id", "url_key"})
    records, total = criteria.matching(
        shop.ledger.all("category"),
        wanted,
        read=lambda record, name: record.get("id" if name == "entity_id" else name),
    )
    return {
        "items": [_shown(shop, record) for record in records],
        "search_criteria": wanted.echo(),
        "total_count": total,
    }


def save(shop: Shop, wish: Mapping[str, Any]) -> dict[str, Any]:
    """A new category, or one that exists with the given members changed; raises Refused."""
    members.check("Category", wish)
    now = shop.ledger.now()
    before = _by_id(shop, wish["id"]) if wish.get("id") else None
    if before is None:
        if not wish.get("name"):
            raise required("name")
        parent = _by_id(shop, wish.get("parent_id", 2))
        number = shop.ledger.next_number("category")
        before = {
            "id": number,
            "parent_id": parent["id"],
            "is_active": True,
            "position": len(_children(shop, parent["id"])) + 1,
            "level": parent["level"] + 1,
            "path": f"{parent['path']}/{number}",
            "include_in_menu": True,
            "available_sort_by": [],
            "custom_attributes": [],
            "created_at": catalogue.stamp(now),
            "updated_at": None,
        }
    fixed = ("id", "parent_id", "level", "path", "created_at", "children_data", "product_count")
    category = {
        **before,
        **{name: value for name, value in wish.items() if name not in fixed},
        "custom_attributes": _attributes(before, wish),
        "updated_at": catalogue.stamp_after(shop.ledger, before["updated_at"]),
    }
    category.pop("children", None)
    shop.ledger.put("category", category["id"], category, keys={"entity_id": category["id"]})
    if wish.get("parent_id") not in (None, category["parent_id"]):
        _move(shop, category, wish["parent_id"])
    shop.announce("catalog_category_save_after", category)
    return _shown(shop, category)


def _attributes(before: Mapping[str, Any], wish: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Attributes by their codes; null takes one away."""
    rows = [*before["custom_attributes"], *(wish.get("custom_attributes") or [])]
    held = {row["attribute_code"]: row for row in rows}
    return [row for row in held.values() if row.get("value") is not None]


def _delete(shop: Shop, category: Mapping[str, Any]) -> bool:
    if category["id"] in (ROOT, 2):
        raise refused(400, "Cannot delete category with id %1", [category["id"]])
    for child in _children(shop, category["id"]):
        _delete(shop, child)
    shop.ledger.remove("category", category["id"])
    return True


def _move(shop: Shop, category: dict[str, Any], parent_id: Any, after_id: Any = None) -> bool:
    """Put a category below another, at the end or behind one of its children."""
    parent = _by_id(shop, parent_id or 0)
    if str(category["id"]) in parent["path"].split("/"):
        raise refused(400, "Operation do not allow to move a parent category to any of children")
    category["parent_id"], category["level"] = parent["id"], parent["level"] + 1
    category["path"] = f"{parent['path']}/{category['id']}"
    before = [c for c in _children(shop, parent["id"]) if c["id"] != category["id"]]
    places = [c["id"] for c in before]
    at = places.index(int(after_id)) + 1 if after_id and int(after_id) in places else len(before)
    for position, each in enumerate([*before[:at], category, *before[at:]], start=1):
        each["position"] = position
        if each is category:
            each["updated_at"] = catalogue.stamp_after(shop.ledger, each["updated_at"])
        shop.ledger.put("category", each["id"], each, keys={"entity_id": each["id"]})
    return True


def _products(shop: Shop) -> list[dict[str, Any]]:
    return shop.ledger.all("product")


def _links(shop: Shop, number: int) -> list[dict[str, Any]]:
    return [
        {"sku": product["sku"], "position": entry["position"], "category_id": str(number)}
        for product in _products(shop)
        for entry in product["extension_attributes"].get("category_links", [])
        if str(entry["category_id"]) == str(number)
    ]


def link(shop: Shop, wish: Mapping[str, Any], number: str | None = None) -> bool:
    """Put a product into a category; raises Refused."""
    names = ("sku", "position", "category_id", "extension_attributes")
    members.known(wish, names, "Magento\\Catalog\\Api\\Data\\CategoryProductLinkInterface")
    category = _by_id(shop, wish.get("category_id") or number or "")
    product = catalogue.product_by_sku(shop.ledger, str(wish.get("sku", "")))
    if product is None:
        raise refused(404, NO_PRODUCT)
    held = product["extension_attributes"].get("category_links", [])
    others = [e for e in held if str(e["category_id"]) != str(category["id"])]
    entry = {"position": int(wish.get("position") or 0), "category_id": str(category["id"])}
    product["extension_attributes"]["category_links"] = [*others, entry]
    _touch(shop, product)
    return True


def _unlink(shop: Shop, number: int, sku: str) -> bool:
    product = catalogue.product_by_sku(shop.ledger, sku)
    if product is None:
        raise refused(404, NO_PRODUCT)
    held = product["extension_attributes"].get("category_links", [])
    product["extension_attributes"]["category_links"] = [
        entry for entry in held if str(entry["category_id"]) != str(number)
    ]
    _touch(shop, product)
    return True


def _touch(shop: Shop, product: dict[str, Any]) -> None:
    product["updated_at"] = catalogue.stamp_after(shop.ledger, product["updated_at"])
    catalogue.put_product(shop.ledger, product)
