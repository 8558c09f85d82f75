"""Invoices add up to the cent, or are refused with the vendor's code."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from connectors.catalog.quickbooks.tests.sandbox.company import (
    App,
    Books,
    cents,
    invoice,
    item_line,
    redirected,
)
from ipaas.core import jsonio

SCHEMAS = Path(__file__).parents[2] / "schemas"


def test_totals_are_computed_and_what_the_client_sends_is_ignored(books: Books) -> None:
    made = books.write(
        "Invoice",
        invoice(
            item_line("19.5", Qty=3, UnitPrice="6.5", TaxCodeRef={"value": "TAX"}),
            item_line(4, ItemRef={"value": "SHIPPING_ITEM_ID"}),
            {
                "DetailType": "DiscountLineDetail",
                "Amount": 2,
                "DiscountLineDetail": {"PercentBased": False},
            },
            TxnTaxDetail={"TotalTax": Decimal("1.61")},
            TotalAmt=1_000_000,
            Balance=0,
        ),
    )
    assert made["TotalAmt"] == made["Balance"] == Decimal("23.11")
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("1.61")
    subtotal = made["Line"][-1]
    assert (subtotal["DetailType"], subtotal["Amount"]) == (
        "SubTotalLineDetail",
        Decimal("23.5"),
    )
    assert [line.get("LineNum") for line in made["Line"]] == [1, 2, 3, None]
    assert made["Line"][0]["SalesItemLineDetail"]["ItemRef"] == {"value": "10", "name": "Red mug"}
    assert made["CustomerRef"]["name"] == "Harbor Lane Bakery"
    assert books.read("Customer", "1")["Balance"] == Decimal("23.11")


@given(
    rows=st.lists(
        st.tuples(
            st.decimals(min_value="0.001", max_value="500", places=5),
            st.decimals(min_value="0.25", max_value="40", places=2),
        ),
        min_size=1,
        max_size=5,
    ),
    percent=st.decimals(min_value=0, max_value=100, places=2),
    tax=st.decimals(min_value=0, max_value=50, places=2),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_invoice_adds_up_to_the_cent(
    books: Books, rows: Any, percent: Decimal, tax: Decimal
) -> None:
    lines = [
        item_line(cents(price * qty), Qty=qty, UnitPrice=price, TaxCodeRef={"value": "TAX"})
        for price, qty in rows
    ]
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": percent},
    }
    made = books.write("Invoice", invoice(*lines, discount, TxnTaxDetail={"TotalTax": tax}))
    subtotal = sum(cents(price * qty) for price, qty in rows)
    assert made["TotalAmt"] == subtotal - cents(subtotal * percent / 100) + tax


def test_the_amount_must_be_quantity_times_price_rounded_half_up(books: Books) -> None:
    price = Decimal("372.215")
    wrong = books.fault("Invoice", invoice(item_line("1861.07", Qty=5, UnitPrice=price)))
    assert wrong["code"] == "6070"
    assert "Supplied value:1,861.07" in wrong["Detail"]
    books.write("Invoice", invoice(item_line("1861.08", Qty=5, UnitPrice=price)))


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"CustomerRef": {"value": "1"}}, "2020"),
        ({"CustomerRef": {"value": "1"}, "Line": []}, "2020"),
        ({"Line": [item_line(1)]}, "2020"),
        (invoice(CustomerRef={"value": "999"}), "2500"),
        (invoice(CustomerRef={"value": "4"}), "2500"),
        (invoice(item_line(1, ItemRef={"value": "999"})), "2500"),
        (invoice(item_line(1, ItemRef={"value": "4"})), "2500"),
        (invoice(item_line(1, TaxCodeRef={"value": "2"})), "2500"),
        (invoice(item_line("twelve fifty")), "2040"),
        (invoice(item_line({"value": 1})), "2010"),
        (invoice(item_line(None)), "2020"),
        (invoice(item_line("10.001")), "6000"),
        (invoice(item_line(10, UnitPrice="twelve fifty", Qty=1)), "2040"),
        (invoice({"DetailType": "Mystery", "Amount": 1}), "2170"),
        (invoice(TxnDate="tomorrow"), "2010"),
        (invoice(DocNumber="x" * 22), "2050"),
        (invoice(GlobalTaxCalculation="Sometimes"), "2170"),
    ],
)
def test_a_wrong_invoice_is_refused_with_the_vendors_code_and_leaves_nothing(
    books: Books, document: Any, code: str
) -> None:
    assert books.fault("Invoice", document)["code"] == code
    assert books.control.records("quickbooks", "Invoice")["total"] == 0
    assert books.read("Customer", "1")["Balance"] == 0


def test_shipping_lines_need_the_preference(books: Books) -> None:
    books.control.change_settings("quickbooks", allow_shipping=False)
    line = item_line(4, ItemRef={"value": "SHIPPING_ITEM_ID"})
    assert books.fault("Invoice", invoice(line))["code"] == "2500"


def test_us_tax_comes_from_the_code_of_the_transaction(books: Books) -> None:
    made = books.write(
        "Invoice",
        invoice(
            item_line(100, TaxCodeRef={"value": "TAX"}),
            item_line(50, TaxCodeRef={"value": "NON"}),
            TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}},
        ),
    )
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("8.25")
    assert [line["Amount"] for line in made["TxnTaxDetail"]["TaxLine"]] == [Decimal("6.25"), 2]
    assert made["TotalAmt"] == Decimal("158.25")


def test_outside_the_us_every_line_needs_a_tax_code(app: App) -> None:
    answer = redirected(
        app.authorise("POST", decision="connect", realm=app.settings["realm_ids"][1])
    )
    uk = Books(app, answer["realmId"], app.exchange(answer["code"]).document())
    assert uk.fault("Invoice", invoice())["code"] == "6000"
    made = uk.write("Invoice", invoice(item_line(100, TaxCodeRef={"value": "2"})))
    assert made["TotalAmt"] == 120
    assert made["CurrencyRef"]["value"] == "GBP"


def test_numbers_are_assigned_unless_custom_numbers_are_on(books: Books) -> None:
    first, second = (books.write("Invoice", invoice())["DocNumber"] for _ in range(2))
    assert int(second) == int(first) + 1
    books.control.change_settings("quickbooks", custom_txn_numbers=True)
    assert "DocNumber" not in books.write("Invoice", invoice())


def test_a_used_number_is_refused_only_when_the_company_warns(books: Books) -> None:
    first = books.write("Invoice", invoice(DocNumber="WEB-1"))
    books.write("Invoice", invoice(DocNumber="WEB-1"))
    books.control.change_settings("quickbooks", warn_duplicate_docnumber=True)
    error = books.fault("Invoice", invoice(DocNumber="WEB-1"))
    assert error["code"] == "6140"
    assert f"TxnId={first['Id']}" in error["Detail"]
    books.write("Invoice", invoice(DocNumber="WEB-1"), include="allowduplicatedocnum")


def test_lines_are_replaced_as_a_whole_also_by_a_sparse_update(books: Books) -> None:
    made = books.write("Invoice", invoice(item_line(10), item_line(20)))
    kept = {**item_line(15), "Id": made["Line"][1]["Id"]}
    changed = books.write(
        "Invoice",
        {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Line": [kept, item_line(1)]},
    )
    assert [line.get("Id") for line in changed["Line"]] == ["2", "3", None]
    assert changed["TotalAmt"] == 16
    assert changed["DocNumber"] == made["DocNumber"]
    assert books.read("Customer", "1")["Balance"] == 16


def test_voiding_keeps_the_record_with_zero_amounts(books: Books) -> None:
    made = books.write("Invoice", invoice(PrivateNote="web order"))
    voided = books.write("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="void")
    assert (voided["TotalAmt"], voided["Balance"]) == (0, 0)
    assert voided["PrivateNote"].startswith("Voided")
    assert books.read("Customer", "1")["Balance"] == 0


def test_deleting_removes_the_record_and_later_writes_say_so(books: Books) -> None:
    made = books.write("Invoice", invoice())
    body = {"Id": made["Id"], "SyncToken": "0"}
    gone = books.write("Invoice", body, operation="delete")
    assert gone == {"status": "Deleted", "domain": "QBO", "Id": made["Id"]}
    assert books.call("GET", f"invoice/{made['Id']}").status == 400
    error = books.fault("Invoice", body, operation="delete")
    assert error["code"] == "610" and "deleted this transaction" in error["Detail"]


def test_records_match_the_published_schemas(books: Books) -> None:
    for _ in range(3):
        books.write("Invoice", invoice(item_line(10, Qty=2, UnitPrice=5)))
    for entity in ("Invoice", "Customer", "Item"):
        validator = Draft202012Validator(jsonio.loads((SCHEMAS / f"{entity}.json").read_bytes()))
        for record in books.control.records("quickbooks", entity)["items"]:
            problems = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(record)]
            assert not problems, (entity, problems[:3])
