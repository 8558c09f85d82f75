"""Totals, samples and documents of orders."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from connectors.catalog.magento.tests.sandbox.shop import Shop, cents, place
from connectors.sandbox_kit.testing import SandboxHandle
from ipaas.core import jsonio

SCHEMAS = Path(__file__).parents[2] / "schemas"


def test_totals_with_discount_shipping_and_tax(shop: Shop) -> None:
    order = place(
        shop,
        customer="ana.silva@shop.example",
        items=[{"sku": "MUG-RED", "qty": 2, "price": 50}],
        discount_percent=10,
        shipping_amount=5,
        tax_percent=8,
    )
    assert (order["subtotal"], order["discount_amount"], order["shipping_amount"]) == (100, -10, 5)
    assert order["tax_amount"] == Decimal("7.2")
    assert order["grand_total"] == order["base_grand_total"] == Decimal("102.2")
    assert order["items"][0]["discount_amount"] == 10
    assert "customer_id" in order and "qty" not in order["items"][0]


@pytest.mark.parametrize(
    ("price", "qty", "row_total"),
    [("19.995", 1, "20"), ("19.995", 3, "59.99"), ("8.2645", 7, "57.85"), ("1.005", 1, "1.01")],
)
def test_rows_are_rounded_half_up_from_exact_decimals(
    shop: Shop, price: str, qty: int, row_total: str
) -> None:
    items = [{"sku": "OLIVE-OIL-05", "qty": qty, "price": Decimal(price)}]
    order = place(shop, customer="ana.silva@shop.example", items=items)
    assert order["items"][0]["row_total"] == Decimal(row_total)
    assert order["items"][0]["price"] == Decimal(price)


MONEY = st.decimals(min_value="0.01", max_value="999", places=4)


@given(
    prices=st.lists(st.tuples(MONEY, st.integers(1, 20)), min_size=1, max_size=6),
    discount=st.decimals(min_value=0, max_value=50, places=2),
    shipping=st.decimals(min_value=0, max_value=50, places=2),
    tax=st.sampled_from([Decimal(0), Decimal("8.25"), Decimal("19")]),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_header_amounts_are_the_sums_of_the_rows(
    shop: Shop, prices: Any, discount: Decimal, shipping: Decimal, tax: Decimal
) -> None:
    order = place(
        shop,
        customer="ana.silva@shop.example",
        items=[{"sku": "MUG-RED", "qty": qty, "price": price} for price, qty in prices],
        discount_amount=discount,
        shipping_amount=shipping,
        tax_percent=tax,
    )
    rows = order["items"]
    for row, (price, qty) in zip(rows, prices, strict=True):
        assert row["row_total"] == cents(price * qty)
        taxed = cents((Decimal(row["row_total"]) - row["discount_amount"]) * tax / 100)
        assert row["tax_amount"] == taxed
    subtotal = sum(Decimal(row["row_total"]) for row in rows)
    assert order["subtotal"] == subtotal
    assert order["discount_amount"] == -min(discount, subtotal)
    assert sum(Decimal(row["discount_amount"]) for row in rows) == -order["discount_amount"]
    assert order["grand_total"] == (
        subtotal + order["discount_amount"] + shipping + sum(Decimal(r["tax_amount"]) for r in rows)
    )


def test_a_product_with_options_makes_a_priced_row_and_a_child_without_price(shop: Shop) -> None:
    order = shop.control.place_order(sample="configurable")["order"]
    parent, child = order["items"][:2]
    assert (parent["product_type"], parent["sku"], parent["price"]) == (
        "configurable",
        "TSHIRT-M-NAVY",
        24,
    )
    assert (child["product_type"], child["sku"], child["price"]) == ("simple", "TSHIRT-M-NAVY", 0)
    assert child["parent_item_id"] == parent["item_id"]
    assert order["total_item_count"] == 2


def test_a_guest_order_has_no_customer_id_and_nulls_are_left_out(shop: Shop) -> None:
    order = shop.control.place_order(sample="guest")["order"]
    assert order["customer_is_guest"] == 1
    assert "customer_id" not in order

    def nulls(value: Any) -> bool:
        if isinstance(value, dict):
            return any(nulls(part) for part in value.values())
        if isinstance(value, list):
            return any(nulls(part) for part in value)
        return value is None

    assert not nulls(order)


def test_the_shipping_address_lives_in_the_extension_attributes(shop: Shop) -> None:
    order = shop.control.place_order(sample="ordinary")["order"]
    shipping = order["extension_attributes"]["shipping_assignments"][0]["shipping"]
    assert shipping["method"] == "flatrate_flatrate"
    assert shipping["address"]["region"] == "Texas"
    assert order["billing_address"]["street"] == ["1 Main St"]


def test_samples_hold_what_their_titles_say(shop: Shop) -> None:
    samples = {
        s["id"]: s["order"] for s in shop.control.call("GET", "magento/order-samples")["items"]
    }
    assert samples["no-lines"]["items"] == []
    assert samples["bad-price"]["items"][0]["price"] == "twelve fifty"
    assert len([r for r in samples["big"]["items"] if "parent_item_id" not in r]) == 25
    known = {row.get("Sku") for row in shop.control.records("quickbooks", "Item")["items"]}
    for name, order in samples.items():
        skus = {row["sku"] for row in order["items"]}
        assert (skus <= known) == (name != "new-product"), name
    assert all("entity_id" not in order for order in samples.values())


def test_an_edited_document_is_placed_as_it_is_with_fresh_ids(shop: Shop) -> None:
    samples = shop.control.call("GET", "magento/order-samples")["items"]
    document = next(s["order"] for s in samples if s["id"] == "configurable")
    document["grand_total"] = Decimal("1.2300")
    document["items"][0]["price"] = "free of charge"
    order = shop.control.place_order(order=document)["order"]
    assert (order["grand_total"], order["items"][0]["price"]) == (Decimal("1.23"), "free of charge")
    assert order["entity_id"] == 4
    assert order["increment_id"] == "000000004"
    again = shop.control.place_order(order=document)["order"]
    assert again["entity_id"] == 5
    rows = [row["item_id"] for placed in (order, again) for row in placed["items"]]
    assert len(rows) == len(set(rows))
    assert again["items"][1]["parent_item_id"] == again["items"][0]["item_id"]
    assert shop.order(5)["items"] == again["items"]


def test_random_orders_are_repeatable_by_seed_and_varied(sandbox_process: SandboxHandle) -> None:
    runs = []
    for _ in range(2):
        control = sandbox_process.control(f"test-{uuid4().hex[:12]}")
        control.place_order(random=True, seed=42, count=60)
        runs.append(control.records("magento", "order", limit=60)["items"])
    shown = [
        [(o["customer_email"], o["grand_total"], len(o["items"])) for o in orders]
        for orders in runs
    ]
    assert shown[0] == shown[1]
    emails = {order["customer_email"] for order in runs[0]}
    names = {order["customer_lastname"] for order in runs[0]}
    assert len(emails) > 30
    assert any("'" in name for name in names) and any(not name.isascii() for name in names)
    assert all(email.isascii() for email in emails)
    by_name = {(o["customer_firstname"], o["customer_lastname"]) for o in runs[0]}
    assert len(by_name) == len(emails)


def test_records_match_the_published_schemas(shop: Shop) -> None:
    documents = {path.name: jsonio.loads(path.read_bytes()) for path in SCHEMAS.glob("*.json")}
    registry: Registry[Any] = Registry()
    for name, schema in documents.items():
        resource = Resource.from_contents(schema)
        registry = registry.with_resources([(schema.get("$id", name), resource), (name, resource)])
    shop.control.place_order(random=True, seed=7, count=20)
    shop.control.place_order(sample="configurable")
    shop.post("order/4/invoice", {"capture": True})
    shop.post("order/4/ship")
    shop.post("order/4/refund")
    for entity, schema_name in {
        "order": "Order.json",
        "customer": "Customer.json",
        "product": "Product.json",
        "stock_item": "StockItem.json",
    }.items():
        validator = Draft202012Validator(documents[schema_name], registry=registry)
        for record in shop.control.records("magento", entity)["items"]:
            problems = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(record)]
            assert not problems, (entity, problems[:3])
