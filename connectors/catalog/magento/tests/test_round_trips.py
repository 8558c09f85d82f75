"""Every field that can be written through the connector is read back as it was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors import facade
from connectors.testing import Bench
from connectors.testing.documents import kept
from ipaas.core import jsonio

pytestmark = pytest.mark.django_db

FOLDER = Path(__file__).parents[1] / "schemas"
# Made by the shop from the requests below or by itself: it works out what they hold.
MADE_BY_THE_SHOP = {
    "Invoice",
    "Shipment",
    "CreditMemo",
    "Transaction",
    "BulkResponse",
    "BulkStatus",
    # Lists of the shop's own that the connector only reads.
    "AttributeSet",
    "CustomerGroup",
    "ProductAttribute",
    "Source",
    "StoreView",
    "TaxClass",
    "TaxRate",
}
WRITTEN = {
    "Category",
    "Customer",
    "CustomerAddress",
    "InvoiceOrderRequest",
    "Order",
    "OrderAddress",
    "OrderItem",
    "OrderPayment",
    "OrderStatusHistory",
    "Product",
    "RefundRequest",
    "ShipOrderRequest",
    "ShipmentTrack",
    "SourceItem",
    "StockItem",
}
# Values that must mean something in the shop; all others are made from their types.
VALUES: dict[str, Any] = {
    "Order/status": "processing",
    "Order/state": "processing",
    "Order/customer_email": "ana@shop.example",
    "OrderStatusHistory/status": "processing",
    "OrderStatusHistory/entity_name": "order",
    "Customer/email": "rounds@shop.example",
    "Customer/group_id": 2,
    "Customer/website_id": 1,
    "Customer/store_id": 1,
    "Customer/gender": 2,
    "Customer/dob": "1990-12-31",
    "Customer/custom_attributes": [{"attribute_code": "customer_code", "value": "C-7"}],
    "Product/sku": "ROUND-1",
    "Product/type_id": "simple",
    "Product/attribute_set_id": 4,
    "Product/status": 2,
    "Product/visibility": 3,
    "Product/custom_attributes": [
        {"attribute_code": "accounting_code", "value": "A-1"},
        {"attribute_code": "season", "value": "41,42"},
    ],
    "Product/extension_attributes/website_ids": [1],
    "Product/extension_attributes/category_links": [{"position": 2, "category_id": "4"}],
    "Product/extension_attributes/configurable_product_options": [],
    "Product/extension_attributes/configurable_product_links": [],
    "Product/options": [{"title": "Engraving", "type": "field", "is_require": False}],
    "StockItem/backorders": 1,
    "StockItem/product_id": None,
    "StockItem/stock_id": None,
    "Category/parent_id": 3,
    "Category/available_sort_by": ["name", "price"],
    "Category/custom_attributes": [{"attribute_code": "url_key", "value": "bowls"}],
}
# Told apart in one object: an address says whether it is the usual one, the customer shows which.
DERIVED = {"Customer": {"default_billing", "default_shipping"}}


def schema(entity: str) -> Any:
    return jsonio.loads((FOLDER / f"{entity}.json").read_bytes())


def everything(entity: str) -> dict[str, Any]:
    """A value in every member of the entity that may be written."""
    document: dict[str, Any] = members_of(schema(entity), entity)
    return {k: v for k, v in document.items() if k not in DERIVED.get(entity, set())}


def members_of(part: Mapping[str, Any], where: str) -> dict[str, Any]:
    found = {
        name: value_of(spec, f"{where}/{name}")
        for name, spec in part["properties"].items()
        if not spec.get("readOnly")
    }
    return {name: value for name, value in found.items() if value is not None}


def value_of(spec: Mapping[str, Any], where: str) -> Any:
    if where in VALUES:
        return VALUES[where]
    if "$ref" in spec:
        return everything(str(spec["$ref"]).removesuffix(".json"))
    if "properties" in spec:
        return members_of(spec, where)
    types = spec.get("type", "object")
    kind = types if isinstance(types, str) else types[0]
    name = where.rsplit("/", 1)[1]
    match kind:
        case "array":
            return [value_of(spec.get("items", {"type": "string"}), where + "/each")]
        case "object":
            return {"note": f"{name} 7"}
        case "boolean":
            return True
        case "integer":
            return spec.get("enum", [1])[-1]
        case "number":
            return Decimal("3.5")
    if "enum" in spec:
        return spec["enum"][0]
    if str(spec.get("pattern", "")).startswith("^\\d{4}"):
        return "2026-05-06 07:08:09"
    return f"{name} 7"


@pytest.fixture
def shop(make: Callable[[str], Bench]) -> Bench:
    return make("magento")


@pytest.fixture
def order(shop: Bench) -> dict[str, Any]:
    wish = {"customer": "ana.silva@shop.example", "shipping_amount": 6}
    wish["items"] = [{"sku": "MUG-RED", "qty": 4, "price": 10}]
    placed: dict[str, Any] = shop.control.place_order(place=wish)["order"]
    return placed


def lost(sent: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: (value, stored.get(name))
        for name, value in sent.items()
        if not kept(value, stored.get(name))
    }


def offers(shop: Bench, operation: str, entity: str, *, apart: tuple[str, ...] = ()) -> bool:
    """Whether the form of the operation has every member that may be written."""
    inputs = facade.describe_operation_of(shop.ref, operation).input_schema["properties"]
    writable = set(everything(entity)) - set(apart)
    assert writable - set(inputs) == set()
    return True


def test_each_schema_is_written_here_or_made_by_the_shop() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == WRITTEN | MADE_BY_THE_SHOP
    assert not WRITTEN & MADE_BY_THE_SHOP


def test_customers_and_their_addresses(shop: Bench) -> None:
    wish = everything("Customer")
    made = shop.call("create_customer", "k1", **wish).output
    assert lost(wish, made) == {}
    read = shop.call("get_customer", id=made["id"]).output
    assert read == made
    assert read["default_billing"] == read["default_shipping"] == str(read["addresses"][0]["id"])
    again = shop.call("update_customer", "k2", id=made["id"], customer=read).output
    assert {name for name in read if again.get(name) != read[name]} <= {"updated_at"}


def test_products_with_their_stock(shop: Bench) -> None:
    wish = everything("Product")
    shop.call("create_product", "k1", **wish)
    read = shop.call("get_product", sku="ROUND-1").output
    chosen = wish.pop("custom_attributes")
    assert lost(wish, read) == {}
    assert all(attribute in read["custom_attributes"] for attribute in chosen)
    shop.call("save_product", "k2", **read)
    again = shop.call("get_product", sku="ROUND-1").output
    assert {name for name in read if again.get(name) != read[name]} <= {"updated_at"}
    item = shop.call("get_stock_item", sku="ROUND-1").output
    assert lost(wish["extension_attributes"]["stock_item"], item) == {}


def test_stock_items(shop: Bench) -> None:
    assert offers(shop, "set_stock", "StockItem")
    wish = everything("StockItem")
    shop.call("set_stock", "k1", sku="MUG-RED", **wish)
    assert lost(wish, shop.call("get_stock_item", sku="MUG-RED").output) == {}


def test_source_items(shop: Bench) -> None:
    wish = {**everything("SourceItem"), "sku": "MUG-RED", "source_code": "east"}
    assert shop.call("set_source_item", "k1", **wish).output == wish
    filters = [{"filters": [{"field": "source_code", "value": "east"}]}]
    (read,) = shop.call("list_source_items", sku="MUG-RED", filter_groups=filters).output["items"]
    assert read == wish


def test_categories(shop: Bench) -> None:
    wish = everything("Category")
    made = shop.call("create_category", "k1", **wish).output
    assert lost(wish, made) == {}
    read = shop.call("get_category", id=made["id"]).output
    assert read == made
    changed = {**wish, "name": "Other", "parent_id": 5, "position": 1, "is_active": False}
    inputs = facade.describe_operation_of(shop.ref, "update_category").input_schema
    assert set(wish) <= set(inputs["properties"]["category"]["properties"])
    shop.call("update_category", "k2", id=made["id"], category=changed)
    assert lost(changed, shop.call("get_category", id=made["id"]).output) == {}


def test_orders_with_rows_addresses_payment_and_comments(shop: Bench) -> None:
    wish = everything("Order")
    made = shop.call("create_order", "k1", entity=wish).output
    read = shop.call("get_order", id=made["entity_id"]).output
    assert read == made
    assert lost(wish, read) == {}
    fields = {"status": "complete", "ext_order_id": "E-9", "ext_customer_id": "C-9"}
    shop.call("update_order", "k2", entity_id=made["entity_id"], **fields)
    again = shop.call("get_order", id=made["entity_id"]).output
    assert again == {**read, **fields, "updated_at": again["updated_at"]}


def test_an_address_of_an_order(shop: Bench, order: dict[str, Any]) -> None:
    assert offers(shop, "update_order_address", "OrderAddress")
    wish = {**everything("OrderAddress"), "address_type": "billing"}
    number, address = order["entity_id"], order["billing_address"]["entity_id"]
    shop.call("update_order_address", "k1", parent_id=number, entity_id=address, **wish)
    assert lost(wish, shop.call("get_order", id=number).output["billing_address"]) == {}


def test_comments_of_an_order(shop: Bench, order: dict[str, Any]) -> None:
    wish = {"comment": "Posted ü", "status": "processing"}
    shop.call(
        "add_order_comment",
        "k1",
        order_id=order["entity_id"],
        notify_customer=True,
        visible_on_front=True,
        **wish,
    )
    (read,) = shop.call("get_order", id=order["entity_id"]).output["status_histories"]
    told = {**wish, "is_customer_notified": 1, "is_visible_on_front": 1}
    assert lost({**told, "parent_id": order["entity_id"]}, read) == {}


def said(document: Mapping[str, Any]) -> tuple[Any, ...]:
    (entry,) = document["comments"]
    return entry["comment"], entry["is_visible_on_front"], entry["is_customer_notified"]


def test_requests_for_documents(shop: Bench, order: dict[str, Any]) -> None:
    number, row = order["entity_id"], order["items"][0]["item_id"]
    part = [{"order_item_id": row, "qty": 2}]
    words = {"comment": "As agreed", "visible_on_front": True, "notify": True}
    common = {"order_id": number, "items": part, **words}
    invoice = shop.call("create_invoice", "k1", capture=True, **common).output
    assert invoice == shop.call("get_invoice", id=invoice["entity_id"]).output
    assert (invoice["state"], invoice["items"][0]["qty"], said(invoice)) == (
        2,
        2,
        ("As agreed", 1, 1),
    )
    track = {"track_number": "1Z", "title": "UPS", "carrier_code": "ups"}
    track |= {"weight": Decimal("1.5"), "qty": 2, "description": "Mugs"}
    east = {"sku": "MUG-RED", "source_code": "east", "quantity": 9, "status": 1}
    shop.call("set_source_item", "k2", **east)
    parcels = [{"weight": 2, "container": "box"}]
    more = {"tracks": [track], "packages": parcels, "source_code": "east"}
    shipment = shop.call("create_shipment", "k3", **common, **more).output
    assert shipment == shop.call("get_shipment", id=shipment["entity_id"]).output
    assert kept([track], shipment["tracks"]) and shipment["packages"] == parcels
    assert shipment["extension_attributes"]["source_code"] == "east"
    assert (shipment["items"][0]["qty"], said(shipment)) == (2, ("As agreed", 1, 1))
    amounts = {"shipping_amount": 4, "adjustment_positive": 2, "adjustment_negative": 1}
    before = shop.call("get_stock_item", sku="MUG-RED").output["qty"]
    memo = shop.call("create_credit_memo", "k4", return_to_stock=True, **common, **amounts).output
    assert memo == shop.call("get_credit_memo", id=memo["entity_id"]).output
    assert lost(amounts, memo) == {} and said(memo) == ("As agreed", 1, 1)
    assert memo["grand_total"] == 20 + 4 + 2 - 1
    assert shop.call("get_stock_item", sku="MUG-RED").output["qty"] == before + 2


def test_an_invoice_is_paid_back_through_its_payment(shop: Bench, order: dict[str, Any]) -> None:
    number = order["entity_id"]
    invoice = shop.call("create_invoice", "k1", order_id=number, capture=True).output
    wish = {"order_id": number, "invoice_id": invoice["entity_id"], "online": True}
    memo = shop.call("create_credit_memo", "k2", **wish).output
    assert memo["invoice_id"] == invoice["entity_id"]
    after = shop.call("get_order", id=number).output
    assert after["total_online_refunded"] == after["total_refunded"] == memo["grand_total"]
    found = shop.call("list_transactions", order_id=number).output["items"]
    paid_back = next(each for each in found if each["txn_type"] == "refund")
    assert paid_back["txn_id"] == memo["transaction_id"]
    read = shop.call("get_transaction", id=paid_back["transaction_id"]).output
    assert read == paid_back


def test_tracking_numbers(shop: Bench, order: dict[str, Any]) -> None:
    number = order["entity_id"]
    shipment = shop.call("create_shipment", "k1", order_id=number).output
    assert offers(shop, "add_tracking", "ShipmentTrack", apart=("parent_id",))
    wish = {**everything("ShipmentTrack"), "order_id": number}
    wish.pop("parent_id", None)
    made = shop.call("add_tracking", "k2", shipment_id=shipment["entity_id"], **wish).output
    assert lost(wish, made) == {} and made["parent_id"] == shipment["entity_id"]
    (read,) = shop.call("get_shipment", id=shipment["entity_id"]).output["tracks"]
    assert read == made


def test_prices_of_all_kinds(shop: Bench) -> None:
    assert shop.call("set_cost", "k1", sku="MUG-RED", cost=4).output == []
    tier = {"sku": "MUG-RED", "price": 9, "quantity": 10, "customer_group": "Wholesale"}
    assert shop.call("set_tier_price", "k2", website_id=0, price_type="fixed", **tier).output == []
    times = {"price_from": "2026-01-01 00:00:00", "price_to": "2026-02-01 00:00:00"}
    assert shop.call("set_special_price", "k3", sku="MUG-RED", price=8, **times).output == []
    read = shop.call("get_product", sku="MUG-RED").output
    held = {row["attribute_code"]: row["value"] for row in read["custom_attributes"]}
    assert held["cost"] == "4" and held["special_price"] == "8"
    assert (held["special_from_date"], held["special_to_date"]) == tuple(times.values())
    assert kept({"price": 9, "quantity": 10, "customer_group": "Wholesale"}, read["tier_prices"][0])


def test_many_customers_and_categories_in_one_request(shop: Bench) -> None:
    people = [
        {"email": f"bulk{n}@shop.example", "firstname": "B", "lastname": f"No {n}"} for n in (1, 2)
    ]
    people.append({**people[0], "email": "ana.silva@shop.example"})
    links = [{"category_id": "5", "sku": "MUG-RED"}, {"category_id": "5", "sku": "NOPE"}]
    for operation, inputs, expected in (
        ("save_customers_in_bulk", {"customers": people}, [1, 1, 3]),
        ("assign_categories_in_bulk", {"links": links}, [1, 3]),
    ):
        bulk = shop.call(operation, operation, **inputs).output
        shop.call("get_bulk_status", bulk_uuid=bulk["bulk_uuid"])
        done = shop.call("get_bulk_status", bulk_uuid=bulk["bulk_uuid"]).output["operations_list"]
        assert [part["status"] for part in done] == expected
    assert shop.call("find_customer", email="bulk2@shop.example").output["found"]
    held = shop.call("get_product", sku="MUG-RED").output["extension_attributes"]["category_links"]
    assert "5" in [link["category_id"] for link in held]


def test_attributes_and_store_views_are_read(shop: Bench) -> None:
    season = shop.call("get_product_attribute", attribute_code="season").output
    assert [choice["label"] for choice in season["options"]] == ["Summer", "Winter"]
    assert [view["code"] for view in shop.call("list_store_views").output] == ["admin", "default"]
    assert facade.describe_operation_of(shop.ref, "list_store_views").output_schema
