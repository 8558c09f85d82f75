"""Customers, products and stock."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote

from connectors.catalog.magento.tests.sandbox.shop import Shop


def test_a_customer_is_created_once_per_email(shop: Shop) -> None:
    person = {"email": "new@shop.example", "firstname": "Nora", "lastname": "O'Neill"}
    created = shop.post("customers", {"customer": person})
    assert shop.get(f"customers/{created['id']}")["lastname"] == "O'Neill"
    again = shop.call("POST", "V1/customers", {"customer": {**person, "email": "NEW@shop.example"}})
    assert again.status == 400
    assert again.document()["message"].startswith("A customer with the same email address")
    found = shop.find("customers/search", ("email", "new@shop.example", "eq"))
    assert [customer["id"] for customer in found["items"]] == [created["id"]]


def test_a_missing_required_field_is_named(shop: Shop) -> None:
    wish = {"email": "x@y.example", "lastname": "Y"}
    answer = shop.call("POST", "V1/customers", {"customer": wish})
    assert (answer.status, answer.document()["parameters"]) == (400, {"fieldName": "firstname"})


def test_several_missing_fields_are_told_together(shop: Shop) -> None:
    answer = shop.call("POST", "V1/customers", {"customer": {"email": "x@y.example"}})
    assert answer.status == 400
    names = [error["parameters"]["fieldName"] for error in answer.document()["errors"]]
    assert names == ["firstname", "lastname"]


def test_posting_a_product_with_a_known_sku_changes_it(shop: Shop) -> None:
    before = shop.get("products/MUG-RED")
    wish = {"sku": "MUG-RED", "price": Decimal("13.75")}
    changed = shop.post("products", {"product": wish})
    assert (changed["id"], changed["price"]) == (before["id"], Decimal("13.75"))
    assert changed["name"] == before["name"]
    assert changed["updated_at"] > before["updated_at"]


def test_stock_is_written_through_the_product_and_read_by_sku(shop: Shop) -> None:
    answer = shop.call("PUT", "V1/products/MUG-RED/stockItems/1", {"stockItem": {"qty": 7}})
    assert answer.document() == shop.get("stockItems/MUG-RED")["item_id"]
    assert shop.get("stockItems/MUG-RED")["qty"] == 7
    changed = shop.call("PUT", "V1/stockItems/MUG-RED", {"stockItem": {"qty": 8}})
    assert changed.status == 200, "a common wrong spelling is led to the real route"
    assert shop.get("stockItems/MUG-RED")["qty"] == 8


def test_a_sku_with_a_slash_is_one_path_segment(shop: Shop) -> None:
    product = {"sku": "A/B ü", "name": "Odd", "attribute_set_id": 4, "price": 1}
    shop.post("products", {"product": product})
    assert shop.get(f"products/{quote('A/B ü', safe='')}")["name"] == "Odd"
