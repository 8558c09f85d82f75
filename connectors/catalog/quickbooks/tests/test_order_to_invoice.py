"""A Magento order becomes a QuickBooks invoice of the same total, with the connectors' mappings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connectors import facade
from connectors.sdk import ConnectorError
from connectors.testing import Bench
from ipaas.core.errors import Recovery
from ipaas.mapping import check, compile_mapping

pytestmark = pytest.mark.django_db

SAMPLES = ["ordinary", "discount", "configurable", "guest", "fractional", "big"]


def mapped(connector: str, name: str, context: dict[str, Any]) -> Any:
    result = compile_mapping(facade.mapping_document(connector, name)).apply(context)
    assert not result.errors, [error.message for error in result.errors]
    return result.output


def sales_order(shop: Bench, sample: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The order as Magento's API shows it, and as our canonical model."""
    placed = shop.control.place_order(sample=sample)["order"]
    order = shop.call("get_order", id=placed["entity_id"]).output
    return order, mapped("magento", "order_to_sales_order", {"trigger": order})


def with_items(books: Bench, order: dict[str, Any]) -> list[dict[str, Any]]:
    """Items of all SKUs of the order; those that QuickBooks lacks are made."""
    skus = [line["sku"] for line in order["lines"]]
    found = books.call("find_items_by_sku", skus=skus).output
    income = books.call(
        "query", statement="select * from Account where AccountType = 'Income'"
    ).output["rows"][0]["Id"]
    for number, sku in enumerate(found["missing"]):
        books.call(
            "create_item",
            f"item-{number}",
            Name=f"Item {sku}",
            Sku=sku,
            Type="NonInventory",
            IncomeAccountRef={"value": income},
        )
    return books.call("find_items_by_sku", skus=skus).output["items"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_invoice_has_the_total_of_the_order_to_the_cent(
    make: Callable[[str], Bench], sample: str
) -> None:
    shop, books = make("magento"), make("quickbooks")
    order, canonical = sales_order(shop, sample)
    Draft202012Validator(facade.canonical_schema("SalesOrder")).validate(canonical)
    items = with_items(books, canonical)
    steps: dict[str, Any] = {"order": canonical, "items": {"items": items}}
    customer = mapped("quickbooks", "sales_order_to_customer", {"steps": steps})
    steps["customer"] = facade.find_or_create(
        books.ref,
        "customer",
        {"email": canonical["customer"]["email"], "display_name": canonical["customer"]["name"]},
        customer,
        "customer-key",
    ).output

    invoice = mapped("quickbooks", "sales_order_to_invoice", {"trigger": order, "steps": steps})
    made = books.call("create_invoice", f"key-{sample}", **invoice)

    assert made.output["TotalAmt"] == order["grand_total"]
    assert made.output["DocNumber"] == order["increment_id"]
    assert str(order["entity_id"]) in made.output["PrivateNote"]
    assert made.reference == made.output["Id"]
    parents = [row for row in order["items"] if not row.get("parent_item_id")]
    extra = (order["shipping_amount"] > 0) + (order["discount_amount"] < 0)
    assert len(invoice["Line"]) == len(parents) + extra


def test_the_same_key_posted_twice_makes_one_invoice(make: Callable[[str], Bench]) -> None:
    shop, books = make("magento"), make("quickbooks")
    _, canonical = sales_order(shop, "ordinary")
    steps = {
        "order": canonical,
        "items": {"items": with_items(books, canonical)},
        "customer": {
            "id": books.call("query", statement="select * from Customer").output["rows"][0]["Id"]
        },
    }
    invoice = mapped("quickbooks", "sales_order_to_invoice", {"steps": steps})

    one = books.call("create_invoice", "same-key", **invoice)
    two = books.call("create_invoice", "same-key", **invoice)

    assert one.reference == two.reference
    numbers = [record["DocNumber"] for record in books.records("Invoice")]
    assert numbers.count(canonical["number"]) == 1


def test_an_invoice_of_somebody_else_with_our_number_is_not_taken_for_ours(
    make: Callable[[str], Bench],
) -> None:
    shop, books = make("magento"), make("quickbooks")
    _, canonical = sales_order(shop, "ordinary")
    customers = books.call("query", statement="select * from Customer").output["rows"]
    steps = {
        "order": canonical,
        "items": {"items": with_items(books, canonical)},
        "customer": {"id": customers[0]["Id"]},
    }
    invoice = mapped("quickbooks", "sales_order_to_invoice", {"steps": steps})
    books.call("create_invoice", "theirs", **invoice)

    ours = {**invoice, "CustomerRef": {"value": customers[1]["Id"]}}

    assert facade.probe(books.ref, "create_invoice", invoice) is not None
    assert facade.probe(books.ref, "create_invoice", ours) is None


def test_a_lost_reply_followed_by_the_same_key_adopts_the_first_invoice(
    make: Callable[[str], Bench],
) -> None:
    shop, books = make("magento"), make("quickbooks")
    _, canonical = sales_order(shop, "fractional")
    steps = {
        "order": canonical,
        "items": {"items": with_items(books, canonical)},
        "customer": {
            "id": books.call("query", statement="select * from Customer").output["rows"][0]["Id"]
        },
    }
    invoice = mapped("quickbooks", "sales_order_to_invoice", {"steps": steps})
    books.fault("lost_reply", times=1)
    with pytest.raises(ConnectorError) as caught:
        books.call("create_invoice", "lost-key", **invoice)
    assert (caught.value.executed, caught.value.recovery) == ("unknown", Recovery.RETRY)

    found = facade.probe(books.ref, "create_invoice", invoice, "lost-key")
    again = books.call("create_invoice", "lost-key", **invoice)

    assert found is not None and found.reference == again.reference
    assert found.output["TotalAmt"] == canonical["total"]


@pytest.mark.parametrize(
    ("connector", "name", "sources", "target"),
    [
        (
            "magento",
            "order_to_sales_order",
            {"trigger": ("magento", "order_placed")},
            "SalesOrder",
        ),
        (
            "quickbooks",
            "sales_order_to_invoice",
            {"steps.order": "SalesOrder", "steps.items": ("quickbooks", "find_items_by_sku")},
            ("quickbooks", "create_invoice"),
        ),
        (
            "quickbooks",
            "sales_order_to_customer",
            {"steps.order": "SalesOrder"},
            ("quickbooks", "create_customer"),
        ),
    ],
)
def test_the_mappings_have_no_problems_against_the_schemas(
    connector: str, name: str, sources: dict[str, Any], target: Any
) -> None:
    def schema(of: Any, side: str = "output_schema") -> Any:
        if isinstance(of, str):
            return facade.canonical_schema(of)
        return getattr(facade.describe_operation(*of), side)

    found = {path: schema(of) for path, of in sources.items()}
    found["steps.customer"] = {"type": "object", "properties": {"id": {"type": "string"}}}
    problems = check(
        facade.mapping_document(connector, name), found, schema(target, "input_schema")
    )
    assert not problems, [problem.message for problem in problems]
