"""The published client pymagento works with the sandbox, unchanged but for its address.

``CLIENT`` names the test that proves each cell of the docs table; what that client has no method
for is asked through its own session (``get_json_api`` and the like).
"""

from __future__ import annotations

from typing import Any

import pytest
from magento import Magento
from magento.exceptions import MagentoException
from magento.queries import make_field_value_query, make_search_query

from connectors.sandbox_kit.testing import Control

CLIENT = {
    "order": {
        "create": "test_orders",
        "read": "test_orders",
        "update": "test_orders",
        "void": "test_orders",
        "query": "test_searches_with_groups_and_order",
    },
    "invoice": {
        "create": "test_invoices_shipments_and_credit_memos",
        "read": "test_invoices_shipments_and_credit_memos",
        "update": "test_invoices_shipments_and_credit_memos",
        "void": "test_invoices_shipments_and_credit_memos",
        "query": "test_invoices_shipments_and_credit_memos",
    },
    "shipment": {
        "create": "test_invoices_shipments_and_credit_memos",
        "read": "test_invoices_shipments_and_credit_memos",
        "update": "test_invoices_shipments_and_credit_memos",
        "void": "test_invoices_shipments_and_credit_memos",
        "query": "test_invoices_shipments_and_credit_memos",
    },
    "credit memo": {
        "create": "test_invoices_shipments_and_credit_memos",
        "read": "test_invoices_shipments_and_credit_memos",
        "query": "test_invoices_shipments_and_credit_memos",
    },
    "payment transaction": {
        "read": "test_invoices_shipments_and_credit_memos",
        "query": "test_invoices_shipments_and_credit_memos",
    },
    "customer": {
        "create": "test_customers",
        "read": "test_customers",
        "update": "test_customers",
        "void": "test_customers",
        "query": "test_customers",
        "batch": "test_many_records_in_one_request",
    },
    "customer group": {
        "query": "test_customers",
    },
    "product": {
        "create": "test_products_and_prices",
        "read": "test_products_and_prices",
        "update": "test_products_and_prices",
        "void": "test_products_and_prices",
        "query": "test_products_and_prices",
        "batch": "test_products_and_prices",
    },
    "price": {
        "update": "test_products_and_prices",
        "batch": "test_products_and_prices",
    },
    "stock item": {
        "read": "test_stock_sources_and_categories",
        "update": "test_stock_sources_and_categories",
    },
    "source item": {
        "read": "test_stock_sources_and_categories",
        "update": "test_stock_sources_and_categories",
        "void": "test_stock_sources_and_categories",
        "query": "test_stock_sources_and_categories",
        "batch": "test_stock_sources_and_categories",
    },
    "category": {
        "create": "test_stock_sources_and_categories",
        "read": "test_stock_sources_and_categories",
        "update": "test_stock_sources_and_categories",
        "void": "test_stock_sources_and_categories",
        "query": "test_stock_sources_and_categories",
        "batch": "test_many_records_in_one_request",
    },
    "attribute and attribute set": {
        "read": "test_what_a_shop_is_made_of",
        "query": "test_what_a_shop_is_made_of",
    },
    "store view": {
        "query": "test_what_a_shop_is_made_of",
    },
    "inventory source": {
        "query": "test_what_a_shop_is_made_of",
    },
    "tax class and rate": {
        "query": "test_what_a_shop_is_made_of",
    },
    "bulk request": {
        "create": "test_products_and_prices",
        "read": "test_products_and_prices",
    },
}


@pytest.fixture
def shop(control: Control) -> Magento:
    return Magento(
        token=control.settings("magento")["access_token"],
        base_url=control.vendor_url("magento"),
        scope="default",
        batch_page_size=2,
    )


@pytest.fixture
def order(control: Control) -> Any:
    return control.place_order(sample="configurable")["order"]


def test_orders(shop: Magento, order: Any) -> None:
    assert [each["entity_id"] for each in shop.get_orders(limit=-1)] == [1, 2, 3, 4]
    found = shop.get_order_by_increment_id(order["increment_id"])
    assert found is not None and found["entity_id"] == 4
    assert shop.hold_order(4) and shop.unhold_order(4)
    shop.save_order({"entity_id": 4, "ext_order_id": "ERP-1"})
    assert shop.get_order(4)["ext_order_id"] == "ERP-1"
    shop.set_order_status(shop.get_order(4), "processing")
    address = {**order["billing_address"], "city": "Dallas"}
    assert shop.save_order_address(address)["city"] == "Dallas"
    assert shop.post_json_api("/V1/orders/4/cancel") is True
    rows = [{"sku": "MUG-RED", "qty_ordered": 1, "price": 1, "row_total": 1}]
    made = shop.save_order({"customer_email": "a@b.example", "items": rows})
    assert shop.get_order_item(made["items"][0]["item_id"])["sku"] == "MUG-RED"
    assert shop.get_total_orders_count() == 5


def test_invoices_shipments_and_credit_memos(shop: Magento, order: Any) -> None:
    number = shop.create_order_invoice(4, {"capture": False}, notify=False)
    assert shop.get_invoice(int(number))["state"] == 1
    assert shop.post_json_api(f"/V1/invoices/{number}/void") is True
    again = shop.create_order_invoice(4)
    assert shop.post_json_api(f"/V1/invoices/{again}/capture") is True
    assert [each["state"] for each in shop.get_order_invoices(4)] == [3, 2]
    paid = list(shop.get_paginated("/V1/transactions", query=make_field_value_query("order_id", 4)))
    assert paid[0]["txn_type"] == "capture"
    assert shop.get_json_api(f"/V1/transactions/{paid[0]['transaction_id']}") == paid[0]
    ups = {"track_number": "1Z", "title": "UPS", "carrier_code": "ups"}
    shipment = shop.ship_order(4, {"tracks": [ups]})
    assert shop.get_shipment(shipment)["tracks"][0]["track_number"] == "1Z"
    track = {**ups, "track_number": "2Z", "order_id": 4, "parent_id": int(shipment)}
    made = shop.post_json_api("/V1/shipment/track", json={"entity": track})
    assert shop.delete_json_api(f"/V1/shipment/track/{made['entity_id']}") is True
    assert [each["entity_id"] for each in shop.get_order_shipments(4)] == [int(shipment)]
    memo = shop.post_json_api("/V1/order/4/refund")
    assert shop.get_json_api(f"/V1/creditmemo/{memo}")["state"] == 2
    assert len(list(shop.get_credit_memos())) == 1
    with pytest.raises(MagentoException, match="does not allow"):
        shop.ship_order(4, {})


def test_customers(shop: Magento) -> None:
    person = {"email": "nora@shop.example", "firstname": "Nora", "lastname": "O'Neill"}
    made = shop.post_json_api("/V1/customers", json={"customer": person})
    place = f"/V1/customers/{made['id']}"
    changed = shop.put_json_api(place, json={"customer": {**person, "lastname": "Ní Néill"}})
    assert changed["lastname"] == "Ní Néill"
    query = make_field_value_query("email", "nora%", "like")
    assert [each["id"] for each in shop.get_customers(query=query)] == [made["id"]]
    first = shop.get_customer(1)
    assert shop.delete_customer_address(first["addresses"][0]["id"]) is True
    assert [group["code"] for group in shop.get_customer_groups()][1] == "General"
    assert shop.delete_json_api(place) is True
    assert shop.get_customer(made["id"], none_on_404=True) is None


def test_many_records_in_one_request(shop: Magento) -> None:
    people = [{"customer": {"email": "b@shop.example", "firstname": "B", "lastname": "B"}}]
    links = [{"productLink": {"sku": "MUG-RED", "category_id": "5", "position": 1}}]
    for place, rows in (("customers", people), ("categories/byCategoryId/products", links)):
        bulk = shop.post_json_api(f"/V1/{place}", json=rows, async_bulk=True)
        shop.get_bulk_status(bulk["bulk_uuid"])
        parts = shop.get_bulk_detailed_status(bulk["bulk_uuid"])["operations_list"]
        assert [part["status"] for part in parts] == [1]
    assert next(iter(shop.get_customers(query=make_field_value_query("email", "b@shop.example"))))
    assert "MUG-RED" in [each["sku"] for each in shop.get_category_products(5)]


def test_products_and_prices(shop: Magento) -> None:
    product = {"sku": "BOWL", "name": "Bowl", "attribute_set_id": 4, "price": 9}
    made = shop.save_product(product)
    assert shop.get_product_by_id(made["id"])["sku"] == "BOWL"
    shop.update_product("BOWL", {"name": "Big bowl"})
    assert shop.get_product("BOWL")["name"] == "Big bowl"
    assert len(list(shop.get_products())) > 20
    assert shop.save_base_prices([{"sku": "BOWL", "price": 3.14, "store_id": 0}]) == []
    assert shop.get_base_prices(["BOWL"])[0]["price"] == 3.14
    special = {"sku": "BOWL", "price": 2.99, "store_id": 0, "price_from": "2025-01-01 00:00:00"}
    assert shop.save_special_prices([special]) == []
    assert shop.delete_special_prices_by_sku(["BOWL"]) == []
    bulk = shop.async_update_products([{"sku": "BOWL", "price": 5}, {"sku": "BOWL", "bad": 1}])
    shop.get_bulk_status(bulk["bulk_uuid"])
    parts = shop.get_bulk_detailed_status(bulk["bulk_uuid"])["operations_list"]
    assert [part["status"] for part in parts] == [1, 3]
    assert shop.get_bulk_operation_status_count(bulk["bulk_uuid"], 1) == 1
    assert len(list(shop.get_bulk_operations())) == 1
    assert shop.get_product("BOWL")["price"] == 5
    assert shop.delete_product("BOWL") and shop.get_product("BOWL", none_on_404=True) is None


def test_stock_sources_and_categories(shop: Magento) -> None:
    item = shop.get_product_stock_item("MUG-RED")
    shop.update_product_stock_item_quantity("MUG-RED", item["item_id"], 9)
    assert shop.get_product_stock_status("MUG-RED")["qty"] == 9
    row = {"sku": "MUG-RED", "source_code": "east", "quantity": 4, "status": 1}
    assert shop.save_source_items([row]) == []
    held = {each["source_code"]: each["quantity"] for each in shop.get_source_items(sku="MUG-RED")}
    assert held == {"default": 9, "east": 4}
    shop.delete_source_items_by_source_code("east")
    assert list(shop.get_source_items(source_code="east")) == []
    assert shop.get_source("east")["name"] == "East warehouse"
    made = shop.create_category({"parent_id": 3, "name": "Bowls", "is_active": True})
    shop.update_category(made["id"], {"name": "Cups"})
    found = shop.get_category_by_name("Cups", assert_one=True)
    assert found is not None and found["id"] == made["id"]
    shop.add_product_to_category(made["id"], {"sku": "MUG-RED", "category_id": str(made["id"])})
    assert shop.get_category_products(made["id"])[0]["sku"] == "MUG-RED"
    assert shop.remove_product_from_category(made["id"], "MUG-RED")
    assert shop.move_category(made["id"], 5) and shop.remove_category(made["id"])


def test_what_a_shop_is_made_of(shop: Magento) -> None:
    assert shop.get_store_configs()[0]["code"] == "default"
    assert {each["code"] for each in shop.get_store_views()} == {"admin", "default"}
    assert len(list(shop.get_tax_rates())) == 4 and len(list(shop.get_tax_classes())) == 3
    assert [each["attribute_set_name"] for each in shop.get_attribute_sets()][0] == "Default"
    assert len(list(shop.get_sources())) == 2
    assert shop.get_json_api("/V1/products/attributes/season")["attribute_code"] == "season"
    assert shop.get_products_attribute_options("season")[1]["label"] == "Summer"
    assert shop.get_country("US")["three_letter_abbreviation"] == "USA"


def test_searches_with_groups_and_order(shop: Magento) -> None:
    query = make_search_query(
        [[("state", "new", None), ("state", "complete", "eq")], [("entity_id", "1", "gteq")]],
        sort_orders=[("entity_id", "desc")],
    )
    assert [each["entity_id"] for each in shop.get_orders(query=query)] == [3, 1]
