"""Mappings to and from the canonical model: what they make is valid there and accepted here."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connectors import facade
from connectors.catalog.quickbooks.tests.verbs import ROWS, Body, sold
from connectors.testing import Bench
from ipaas.mapping import check, compile_mapping

FROM = {
    "customer": [("customer_to_party", "Party")],
    "vendor": [("vendor_to_party", "Party")],
    "item": [
        ("item_to_canonical_item", "Item"),
        ("item_to_inventory_level", "InventoryLevel"),
    ],
    "invoice": [
        ("invoice_to_canonical_invoice", "Invoice"),
        ("invoice_to_shipment", "Shipment"),
    ],
    "estimate": [("estimate_to_sales_order", "SalesOrder")],
    "credit_memo": [("credit_memo_to_credit_note", "CreditNote")],
    "refund_receipt": [("refund_receipt_to_credit_note", "CreditNote")],
    "payment": [("payment_to_canonical_payment", "Payment")],
    "bill_payment": [("bill_payment_to_canonical_payment", "Payment")],
    "bill": [("bill_to_canonical_bill", "Bill")],
    "purchase_order": [("purchase_order_to_canonical_purchase_order", "PurchaseOrder")],
}
ADDRESS = {"lines": ["12 Quay St"], "city": "Portland", "region_code": "ME", "country": "US"}


@pytest.fixture
def books(db: None, make: Callable[[str], Bench]) -> Bench:
    return make("quickbooks")


def mapped(name: str, **context: Any) -> Any:
    result = compile_mapping(facade.mapping_document("quickbooks", name)).apply(context)
    assert not result.errors, (name, [error.message for error in result.errors])
    return result.output


def create(books: Bench, name: str, body: Body) -> Body:
    made: Body = books.call(f"create_{name}", f"{name} {body.get('DocNumber')}", **body).output
    return made


def other(books: Bench) -> Callable[[str, Body], Body]:
    names = {row.entity: row.name for row in ROWS}
    return lambda entity, body: create(books, names[entity], body)


@pytest.mark.parametrize("name", FROM)
def test_a_record_becomes_a_valid_canonical_one(books: Bench, name: str) -> None:
    row = next(row for row in ROWS if row.name == name)
    made = create(books, name, row.example(other(books), "X-1"))
    for mapping, model in FROM[name]:
        schema = facade.canonical_schema(model)
        document = facade.mapping_document("quickbooks", mapping)
        source = facade.describe_operation("quickbooks", f"get_{name}").output_schema
        problems = check(document, {"type": "object", "properties": {"trigger": source}}, schema)
        bad = [p.message for p in problems if p.severity == "error"]
        assert bad == [], (mapping, bad)
        Draft202012Validator(schema).validate(mapped(mapping, trigger=made))


def test_a_sale_keeps_its_amounts_in_the_canonical_model(books: Bench) -> None:
    shipping = {
        "DetailType": "SalesItemLineDetail",
        "Amount": 4,
        "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}},
    }
    off = {
        "DetailType": "DiscountLineDetail",
        "Amount": 3,
        "DiscountLineDetail": {"PercentBased": False},
    }
    body = {
        "CustomerRef": {"value": "1"},
        "Line": [sold(), shipping, off],
        "TxnTaxDetail": {"TotalTax": Decimal("1.61")},
    }
    invoice = mapped("invoice_to_canonical_invoice", trigger=create(books, "invoice", body))
    parts = {name: invoice[name] for name in ("subtotal", "shipping_amount", "discount_amount")}
    assert parts == {"subtotal": 25, "shipping_amount": 4, "discount_amount": 3}
    assert (invoice["tax_amount"], invoice["total"]) == (Decimal("1.61"), Decimal("27.61"))
    assert [line["item_id"] for line in invoice["lines"]] == ["10"]
    assert invoice["status"] == "open"


def order(**more: Any) -> Body:
    return {
        "id": "7",
        "number": "100045",
        "placed_at": "2026-05-04T09:12:33Z",
        "currency": "USD",
        "date": "2026-05-04",
        "customer": {"name": "Ana Silva", "email": "ana.silva@shop.example"},
        "billing_address": ADDRESS,
        "lines": [
            {
                "sku": "MUG-RED",
                "name": "Red mug",
                "quantity": 3,
                "unit_price": Decimal("12.335"),
                "amount": Decimal("37.01"),
                "tax_amount": 1,
            }
        ],
        "shipping_amount": 5,
        "discount_amount": 2,
        "tax_amount": Decimal("3.30"),
        "rounding_amount": Decimal("-0.01"),
        "total": Decimal("43.30"),
        **more,
    }


def steps(books: Bench, **more: Any) -> Body:
    items = books.call("find_items_by_sku", skus=["MUG-RED", "ROUNDING"]).output
    account = {"id": "35"}
    return {"items": items, "customer": {"id": "2"}, "account": account, **more}


@pytest.mark.parametrize(
    ("mapping", "step", "name"),
    [
        ("sales_order_to_sales_receipt", "order", "sales_receipt"),
        ("sales_order_to_invoice", "order", "invoice"),
        ("canonical_invoice_to_invoice", "invoice", "invoice"),
        ("credit_note_to_credit_memo", "credit_note", "credit_memo"),
        ("credit_note_to_refund_receipt", "credit_note", "refund_receipt"),
    ],
)
def test_a_canonical_sale_is_posted_to_the_cent_with_a_visible_rounding(
    books: Bench, mapping: str, step: str, name: str
) -> None:
    made = create(books, name, mapped(mapping, steps=steps(books, **{step: order()})))
    assert made["TotalAmt"] == Decimal("43.3")
    rounding = [line for line in made["Line"] if line.get("Description") == "Rounding"]
    assert [line["Amount"] for line in rounding] == [Decimal("-0.01")]
    exact = order(rounding_amount=0, total=Decimal("43.31"), number="100046")
    made = create(books, name, mapped(mapping, steps=steps(books, **{step: exact})))
    assert made["TotalAmt"] == Decimal("43.31")
    assert not [line for line in made["Line"] if line.get("Description") == "Rounding"]


def test_a_canonical_payment_pays_the_invoice_and_leaves_the_rest_as_credit(books: Bench) -> None:
    document = mapped("sales_order_to_invoice", steps=steps(books, order=order()))
    invoice = create(books, "invoice", document)
    payment = {"date": "2026-05-05", "amount": 50, "currency": "USD", "number": "PAY-1"}
    body = mapped("payment_to_payment", steps=steps(books, payment=payment, invoice=invoice))
    made = create(books, "payment", body)
    assert made["UnappliedAmt"] == Decimal("6.7")
    assert books.call("get_invoice", id=invoice["Id"]).output["Balance"] == 0


@pytest.mark.parametrize("name", ["customer", "vendor"])
def test_a_party_goes_there_and_comes_back(books: Bench, name: str) -> None:
    party = {
        "name": "Kiln: Tiles",
        "first_name": "Ida",
        "last_name": "Kiln",
        "company": "Kiln Ltd",
        "email": "ida@kiln.example",
        "phone": "555-0199",
        "billing_address": ADDRESS,
    }
    made = create(books, name, mapped(f"party_to_{name}", steps={"party": party}))
    back = mapped(f"{name}_to_party", trigger=made)
    assert back["name"] == "Kiln  Tiles"
    for member in ("first_name", "last_name", "company", "email", "phone"):
        assert back[member] == party[member]
    assert back["billing_address"] == ADDRESS


def test_items_and_what_is_bought_are_accepted(books: Bench) -> None:
    income = {"income": {"id": "79"}}
    line = {"sku": "BOWL", "name": 'Bowl 8": deep', "unit_price": 9}
    made = create(books, "item", mapped("sales_order_to_item", steps={"line": line, **income}))
    assert (made["Sku"], made["Type"], made["UnitPrice"]) == ("BOWL", "NonInventory", 9)
    item = {"sku": "CARE", "name": "Care", "kind": "service", "unit_price": 5}
    body = mapped("canonical_item_to_item", steps={"item": item, **income})
    assert books.call("create_item", "care", **body).output["Type"] == "Service"
    bought = {
        "number": "B-1",
        "date": "2026-05-04",
        "currency": "USD",
        "lines": [
            {"sku": "MUG-RED", "name": "Mugs", "quantity": 2, "unit_price": 4, "amount": 8},
            {"name": "Freight", "amount": 3, "account_id": "80"},
        ],
    }
    more = steps(books, vendor={"id": "30"}, payables={"id": "33"}, bill=bought)
    bill = create(books, "bill", mapped("canonical_bill_to_bill", steps=more))
    assert bill["TotalAmt"] == 11
    more["purchase_order"] = bought
    wish = mapped("canonical_purchase_order_to_purchase_order", steps=more)
    assert create(books, "purchase_order", wish)["TotalAmt"] == 11


def test_a_tax_code_tells_its_rates(books: Bench) -> None:
    code = books.call("find_tax_code", name="Austin").output["record"]
    rates = books.call("list_tax_rates").output
    found = mapped("tax_code_to_canonical_tax_code", trigger=code, steps={"rates": rates})
    Draft202012Validator(facade.canonical_schema("TaxCode")).validate(found)
    assert [part["rate"] for part in found["rates"]] == [Decimal("6.25"), 2]
