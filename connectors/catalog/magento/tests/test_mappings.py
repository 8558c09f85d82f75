"""Mappings to and from the canonical model: valid results with the values people expect."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connectors import facade
from connectors.testing import Bench
from ipaas.mapping import compile_mapping

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(make: Callable[[str], Bench]) -> Bench:
    return make("magento")


def mapped(name: str, document: Any, model: str = "", **steps: Any) -> Any:
    mapping = compile_mapping(facade.mapping_document("magento", name))
    result = mapping.apply({"trigger": document, "steps": steps})
    assert not result.errors, [error.message for error in result.errors]
    if model:
        Draft202012Validator(facade.canonical_schema(model)).validate(result.output)
    return result.output


def test_people_and_goods_there_and_back(shop: Bench) -> None:
    customer = shop.call("get_customer", id=2).output
    party = mapped("customer_to_party", customer, "Party")
    assert (party["name"], party["email"]) == ("O'Brien & Sons", "liam.obrien@shop.example")
    assert party["billing_address"]["lines"] == ["14 Harbour Road", "Unit 3"]
    back = mapped("party_to_customer", {**party, "email": "other@shop.example"})
    made = shop.call("create_customer", "k1", **back).output
    assert made["addresses"][0]["city"] == "Boston"
    product = shop.call("get_product", sku="MUG-RED").output
    item = mapped("product_to_item", product, "Item")
    assert (item["kind"], item["unit_price"], item["description"]) == (
        "inventory",
        Decimal("12.5"),
        "Red mug",
    )
    again = mapped("item_to_product", {**item, "sku": "MUG-NEW", "cost": Decimal("4.2")})
    assert shop.call("create_product", "k2", **again).output["sku"] == "MUG-NEW"


def test_documents_of_an_order(shop: Bench) -> None:
    wish = {
        "customer": "juergen.mueller@shop.example",
        "items": [{"sku": "MUG-RED", "qty": 3, "price": Decimal("9.99"), "tax_percent": 19}],
        "prices_include_tax": True,
        "discount_amount": 5,
        "shipping_amount": 4,
        "paid": True,
    }
    placed = shop.control.place_order(place=wish)["order"]
    order = mapped("order_to_sales_order", placed, "SalesOrder")
    number = placed["entity_id"]
    (invoice,) = shop.call("list_invoices", order_id=number).output["items"]
    canonical = mapped("invoice_to_invoice", invoice, "Invoice", order=order)
    assert (canonical["total"], canonical["balance"], canonical["rounding_amount"]) == (
        placed["grand_total"],
        0,
        0,
    )
    payment = mapped("order_to_payment", placed, "Payment")
    assert (payment["amount"], payment["order_number"]) == (
        placed["grand_total"],
        placed["increment_id"],
    )
    ups = {"track_number": "1Z", "title": "UPS", "carrier_code": "ups"}
    shipment = shop.call("create_shipment", "s", order_id=number, tracks=[ups]).output
    told = mapped("shipment_to_shipment", shipment, "Shipment", order=order)
    assert (told["lines"][0]["quantity"], told["carrier"]) == (3, "ups")
    memo = shop.call("create_credit_memo", "m", order_id=number, adjustment_negative=1).output
    credit = mapped("credit_memo_to_credit_note", memo, "CreditNote", order=order)
    assert credit["total"] == placed["grand_total"] - 1
    assert (credit["adjustment_amount"], credit["rounding_amount"]) == (-1, 0)


def test_stock_and_taxes(shop: Bench) -> None:
    (row,) = shop.call("list_source_items", sku="MUG-RED").output["items"]
    level = mapped("source_item_to_inventory_level", row, "InventoryLevel")
    assert (level["quantity_on_hand"], level["location"]) == (178, "default")
    back = mapped("inventory_level_to_source_item", {**level, "quantity_available": 0})
    assert (back["quantity"], back["status"]) == (0, 0)
    shop.call("set_source_item", "k", **back)
    rate = shop.call("list_tax_rates").output["items"][0]
    assert mapped("tax_rate_to_tax_code", rate, "TaxCode")["rate"] == Decimal("8.25")


def test_what_a_shop_rounded_elsewhere_is_told_apart(shop: Bench) -> None:
    placed = shop.control.place_order(sample="discount")["order"]
    placed["grand_total"] += Decimal("0.01")
    order = mapped("order_to_sales_order", placed, "SalesOrder")
    assert order["rounding_amount"] == Decimal("0.01")
