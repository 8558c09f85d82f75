"""Products, stock and customers of the sandbox, from the seed files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.money import plain
from ipaas.core import jsonio

_SEED = Path(__file__).parent / "seed"
PRODUCT_KEYS = ("sku", "entity_id", "updated_at")
CUSTOMER_KEYS = ("email", "updated_at")


@cache
def seed_file(name: str) -> Any:
    """Parsed file of the seed folder; decimals are exact. Not to be changed by the caller."""
    return jsonio.loads((_SEED / name).read_bytes())


def stamp(moment: datetime) -> str:
    """Magento's time text: UTC without a zone."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def stamp_after(ledger: Ledger, before: str | None) -> str:
    """Time text of now, or a second after ``before`` when that is not earlier.

    So two changes never share a second, and tests can tell them apart at once. A real shop's
    changes do: without the setting ``times_differ`` ours do too.
    """
    text = stamp(ledger.now())
    if before is None or text > before or not ledger.setting("times_differ", True):
        return text
    return stamp(datetime.fromisoformat(before) + timedelta(seconds=1))


# --- products


def put_product(ledger: Ledger, product: Mapping[str, Any]) -> None:
    ledger.put(
        "product",
        product["id"],
        product,
        keys={
            "sku": product["sku"],
            "entity_id": product["id"],
            "updated_at": product["updated_at"],
            "url_key": next(
                (
                    row["value"]
                    for row in product["custom_attributes"]
                    if row["attribute_code"] == "url_key"
                ),
                None,
            ),
        },
    )


def product_by_sku(ledger: Ledger, sku: str) -> dict[str, Any] | None:
    found = ledger.find("product", "sku", sku)
    return found[0] if found else None


def product_list_price(product: Mapping[str, Any]) -> Decimal:
    return Decimal(product["price"])


def parent_of(ledger: Ledger, product: Mapping[str, Any]) -> dict[str, Any] | None:
    """Configurable product that this one is a variant of."""
    parents = ledger.find("product_parent", "child", product["id"])
    return ledger.get("product", parents[0]["parent"]) if parents else None


def seed_products(ledger: Ledger, now: datetime) -> None:
    created = stamp(now - timedelta(days=90))
    rows = seed_file("products.json")
    ids = {row["sku"]: number for number, row in enumerate(rows, start=1)}
    for row in rows:
        number = ids[row["sku"]]
        extension: dict[str, Any] = {
            "website_ids": [1],
            "category_links": [{"position": 0, "category_id": _category(row["sku"])}],
        }
        for position, option in enumerate(row.get("options", [])):
            extension.setdefault("configurable_product_options", []).append(
                {
                    "id": position + 1,
                    "attribute_id": str(140 + position),
                    "label": option["label"],
                    "position": position,
                    "values": [],
                    "product_id": number,
                }
            )
        if "children" in row:
            extension["configurable_product_links"] = [ids[sku] for sku in row["children"]]
            for sku in row["children"]:
                ledger.put(
                    "product_parent",
                    ids[sku],
                    {"parent": number},
                    keys={"child": ids[sku]},
                )
        for position, option in enumerate(row.get("bundle", []), start=1):
            extension.setdefault("bundle_product_options", []).append(
                {
                    "option_id": position,
                    "title": option["title"],
                    "required": True,
                    "type": "select",
                    "position": position,
                    "sku": row["sku"],
                    "product_links": [
                        {"id": str(n), "option_id": position, "position": n, "is_default": True}
                        | {"can_change_quantity": 0, **link}
                        for n, link in enumerate(option["links"], start=1)
                    ],
                }
            )
        attributes = {
            "url_key": row["sku"].lower(),
            "tax_class_id": "2",
            "description": f"<p>{row['name']}</p>",
        }
        product = {
            "id": number,
            "sku": row["sku"],
            "name": row["name"],
            "attribute_set_id": 4,
            "price": row["price"],
            "status": 1,
            "visibility": 4 if row.get("visible", True) else 1,
            "type_id": row["type_id"],
            "created_at": created,
            "updated_at": created,
            "weight": row["weight"],
            "extension_attributes": extension,
            "product_links": [],
            "options": [],
            "media_gallery_entries": [],
            "tier_prices": [],
            "custom_attributes": [
                {"attribute_code": code, "value": value} for code, value in attributes.items()
            ],
        }
        if row["type_id"] in ("virtual", "configurable"):
            del product["weight"]
        put_product(ledger, product)
        put_stock(ledger, new_stock_item(number, row["sku"], row["qty"]))
        source_row = {"sku": row["sku"], "source_code": "default", "quantity": row["qty"]}
        ledger.put(
            "source_item",
            f"{row['sku']}\ndefault".casefold(),
            {**source_row, "status": int(bool(row["qty"]))},
            keys={"sku": row["sku"], "source_code": "default"},
        )
    ledger.count_from("product", len(rows))


@cache
def option_labels() -> dict[str, dict[str, str]]:
    """Chosen options by the SKU of a configurable product's variant."""
    return {
        row["sku"]: row["option_labels"]
        for row in seed_file("products.json")
        if "option_labels" in row
    }


def _category(sku: str) -> str:
    """Category that a seeded product lies in."""
    return "4" if sku.startswith("MUG") else "5" if sku.startswith("SPICE") else "2"


# --- stock


def new_stock_item(product_id: int, sku: str, qty: Any) -> dict[str, Any]:
    return {
        "item_id": product_id,
        "product_id": product_id,
        "stock_id": 1,
        "qty": qty,
        "is_in_stock": True,
        "is_qty_decimal": False,
        "show_default_notification_message": False,
        "use_config_min_qty": True,
        "min_qty": 0,
        "use_config_min_sale_qty": 1,
        "min_sale_qty": 1,
        "use_config_max_sale_qty": True,
        "max_sale_qty": 10000,
        "use_config_backorders": True,
        "backorders": 0,
        "use_config_notify_stock_qty": True,
        "notify_stock_qty": 1,
        "use_config_qty_increments": True,
        "qty_increments": 0,
        "use_config_enable_qty_inc": True,
        "enable_qty_increments": False,
        "use_config_manage_stock": True,
        "manage_stock": True,
        "is_decimal_divided": False,
        "stock_status_changed_auto": 0,
        "sku": sku,
    }


def put_stock(ledger: Ledger, item: Mapping[str, Any]) -> None:
    ledger.put("stock_item", item["item_id"], item, keys={"sku": item["sku"]})


def shown_stock(item: Mapping[str, Any]) -> dict[str, Any]:
    """Stock item as Magento answers it: without the SKU."""
    return {name: value for name, value in item.items() if name != "sku"}


def take_from_stock(ledger: Ledger, sku: str, qty: Decimal, source: str = "default") -> None:
    """Take goods from a source; the stock item shows what lies in the default one."""
    left: Any = None
    if source == "default":
        for item in ledger.find("stock_item", "sku", sku):
            left = plain(Decimal(item["qty"]) - qty)
            put_stock(ledger, {**item, "qty": left})
    for row in ledger.find("source_item", "sku", sku):
        if row["source_code"] == source:
            rest = plain(Decimal(str(row["quantity"])) - qty) if left is None else left
            ledger.put(
                "source_item",
                f"{row['sku']}\n{source}".casefold(),
                {**row, "quantity": rest},
                keys={"sku": row["sku"], "source_code": source},
            )


# --- customers


def put_customer(ledger: Ledger, customer: Mapping[str, Any]) -> None:
    ledger.put(
        "customer",
        customer["id"],
        customer,
        keys={"email": customer["email"], "updated_at": customer["updated_at"]},
    )


def customer_by_email(ledger: Ledger, email: str) -> dict[str, Any] | None:
    found = ledger.find("customer", "email", email)
    return found[0] if found else None


def new_customer(ledger: Ledger, person: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Create a customer from {email, firstname, lastname, address}."""
    number = ledger.next_number("customer")
    address_id = ledger.next_number("customer_address")
    created = stamp(now)
    customer = {
        "id": number,
        "group_id": 1,
        "default_billing": str(address_id),
        "default_shipping": str(address_id),
        "created_at": created,
        "updated_at": created,
        "created_in": "Default Store View",
        "email": person["email"],
        "firstname": person["firstname"],
        "lastname": person["lastname"],
        "store_id": 1,
        "website_id": 1,
        "addresses": [
            {
                "firstname": person["firstname"],
                "lastname": person["lastname"],
                **person["address"],
                "id": address_id,
                "customer_id": number,
                "default_shipping": True,
                "default_billing": True,
            }
        ],
        "disable_auto_group_change": 0,
        "extension_attributes": {"is_subscribed": False},
    }
    put_customer(ledger, customer)
    return customer


def seed_customers(ledger: Ledger, now: datetime) -> None:
    for person in seed_file("customers.json"):
        new_customer(ledger, person, now - timedelta(days=60))
