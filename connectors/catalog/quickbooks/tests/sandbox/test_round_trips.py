"""What is read can be sent back without a loss, and the documented examples are taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.catalog.quickbooks.tests.sandbox.company import Books
from connectors.catalog.quickbooks.tests.verbs import ROWS, Body, Row
from ipaas.core import jsonio

WRITTEN = [row for row in ROWS if row.has("update")]


def maker(books: Books) -> Callable[[str, Body], Body]:
    return lambda entity, body: books.write(entity, body)


@pytest.mark.parametrize("row", WRITTEN, ids=[row.name for row in WRITTEN])
@pytest.mark.parametrize("sparse", [False, True])
def test_a_record_sent_back_as_it_was_read_keeps_every_field(
    books: Books, row: Row, sparse: bool
) -> None:
    made = books.write(row.entity, row.example(maker(books), "R-1"))
    again = books.write(row.entity, {**made, "sparse": sparse}, operation="update")
    assert again["SyncToken"] == "1"
    left_out = ("SyncToken", "MetaData")
    assert {k: v for k, v in again.items() if k not in left_out} == {
        k: v for k, v in made.items() if k not in left_out
    }


def test_the_documented_customer_item_and_invoice_are_taken(books: Books) -> None:
    customer = books.write(
        "Customer",
        {
            "DisplayName": "Harbor Street Bakery",
            "GivenName": "Ines",
            "FamilyName": "Moreau",
            "CompanyName": "Harbor Street Bakery LLC",
            "PrimaryEmailAddr": {"Address": "ines@harborstreet.example"},
            "PrimaryPhone": {"FreeFormNumber": "555-0134"},
            "BillAddr": {
                "Line1": "12 Quay St",
                "City": "Portland",
                "CountrySubDivisionCode": "ME",
                "PostalCode": "04101",
                "Country": "USA",
            },
        },
    )
    assert customer["FullyQualifiedName"] == "Harbor Street Bakery"
    assert (customer["Active"], customer["Balance"], customer["Job"]) == (True, 0, False)
    item = books.write(
        "Item",
        {
            "Name": "Rye loaf 1kg",
            "Sku": "RYE-LOAF",
            "Type": "Inventory",
            "TrackQtyOnHand": True,
            "QtyOnHand": 120,
            "InvStartDate": "2026-01-01",
            "UnitPrice": 6.5,
            "PurchaseCost": 2.1,
            "IncomeAccountRef": {"value": "79"},
            "ExpenseAccountRef": {"value": "80"},
            "AssetAccountRef": {"value": "81"},
        },
    )
    made = books.write(
        "Invoice",
        {
            "CustomerRef": {"value": customer["Id"]},
            "DocNumber": "WEB-100045",
            "TxnDate": "2026-05-04",
            "Line": [
                {
                    "DetailType": "SalesItemLineDetail",
                    "Amount": 19.5,
                    "Description": "Rye loaf",
                    "SalesItemLineDetail": {
                        "ItemRef": {"value": item["Id"]},
                        "Qty": 3,
                        "UnitPrice": 6.5,
                        "TaxCodeRef": {"value": "TAX"},
                    },
                },
                {
                    "DetailType": "SalesItemLineDetail",
                    "Amount": 4.0,
                    "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}},
                },
                {
                    "DetailType": "DiscountLineDetail",
                    "Amount": 2.0,
                    "DiscountLineDetail": {
                        "PercentBased": False,
                        "DiscountAccountRef": {"value": "86"},
                    },
                },
            ],
        },
    )
    subtotal = made["Line"][-1]
    assert (subtotal["DetailType"], str(subtotal["Amount"])) == ("SubTotalLineDetail", "23.5")
    assert str(made["TotalAmt"]) == "21.5"
    assert books.read("Item", item["Id"])["QtyOnHand"] == 117


@pytest.mark.parametrize("form", ["legacy", "cloudevents"])
def test_messages_have_the_documented_members(books: Books, form: str) -> None:
    target = {"url": "http://127.0.0.1:9/none", "secret": "s"}
    books.control.change_settings("quickbooks", webhooks=[target], webhook_format=form)
    books.write("Customer", {"DisplayName": "Told"})
    document: Any = jsonio.loads(books.control.webhooks("quickbooks")["items"][0]["body"])
    if form == "cloudevents":
        assert set(document[0]) == {
            "specversion",
            "id",
            "source",
            "type",
            "datacontenttype",
            "time",
            "intuitentityid",
            "intuitaccountid",
            "data",
        }
        assert document[0]["type"] == "qbo.customer.created.v1"
        return
    notification = document["eventNotifications"][0]
    assert notification["realmId"] == books.realm
    entity = notification["dataChangeEvent"]["entities"][0]
    assert set(entity) == {"name", "id", "operation", "lastUpdated"}
    assert entity["lastUpdated"].endswith(".000Z")
