"""Customers, items and errors of QuickBooks, against its sandbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors import facade
from connectors.sdk import ConnectorError
from connectors.testing import Bench
from ipaas.core.errors import Recovery

pytestmark = pytest.mark.django_db

INES = {
    "DisplayName": "Inès O'Moreau & Söhne \\ Co",
    "PrimaryEmailAddr": {"Address": "ines.omoreau@quay.example"},
}


@pytest.fixture
def books(make: Callable[[str], Bench]) -> Bench:
    return make("quickbooks")


def find_or_create(books: Bench, customer: dict[str, Any], key: str = "k") -> dict[str, Any]:
    found = {
        "email": customer.get("PrimaryEmailAddr", {}).get("Address"),
        "display_name": customer["DisplayName"],
    }
    output: dict[str, Any] = facade.find_or_create(
        books.ref, "customer", found, customer, key
    ).output
    return output


def test_a_customer_is_created_once_and_found_afterwards(books: Bench) -> None:
    first = find_or_create(books, INES)
    second = find_or_create(books, INES, "other-key")
    assert (first["found"], second["found"]) == (False, True)
    assert first["id"] == second["id"] != ""


def test_names_with_quotes_backslashes_and_ampersands_are_found(books: Bench) -> None:
    made = books.call("create_customer", "k1", **INES)
    found = books.call("find_customer", display_name=INES["DisplayName"]).output
    assert found["id"] == made.reference


def test_a_customer_without_that_email_is_found_by_name(books: Bench) -> None:
    made = books.call("create_customer", "k1", DisplayName="Quay Street Cafe")
    found = books.call(
        "find_customer", email="new@quay.example", display_name="quay street cafe"
    ).output
    assert found["found"] and found["id"] == made.reference


def test_of_several_customers_with_one_email_the_one_that_bears_the_name_is_taken(
    books: Bench,
) -> None:
    mail = {"Address": "office@group.example"}
    one = books.call("create_customer", "a", DisplayName="Group North", PrimaryEmailAddr=mail)
    two = books.call("create_customer", "b", DisplayName="Group South", PrimaryEmailAddr=mail)
    find = {"email": "office@group.example"}
    assert (
        books.call("find_customer", **find, display_name="Group South").output["id"]
        == two.reference
    )
    assert books.call("find_customer", **find).output["id"] == one.reference


def test_a_name_that_a_vendor_bears_is_refused_with_a_useful_sentence(books: Bench) -> None:
    vendor = books.call("query", statement="select * from Vendor").output["rows"][0]
    with pytest.raises(ConnectorError) as caught:
        find_or_create(books, {"DisplayName": vendor["DisplayName"]})
    error = caught.value
    assert (error.code, error.recovery, error.executed) == (
        "quickbooks.duplicate_name",
        Recovery.FIX_DATA,
        "no",
    )
    assert "vendor" in error.hint
    assert len(error.exchanges) >= 3, "search, creation and second search are all kept"


def test_skus_are_asked_for_thirty_at_a_time_and_missing_ones_are_named(books: Bench) -> None:
    row = books.call("query", statement="select *, Sku from Item").output["rows"]
    known = [item["Sku"] for item in row if item.get("Sku")]
    asked = [f"NO-{number}" for number in range(40)] + known[:3]
    reply = books.call("find_items_by_sku", skus=asked)
    assert [item["Sku"] for item in reply.output["items"]] == known[:3]
    assert reply.output["missing"] == [f"NO-{number}" for number in range(40)]
    assert len(reply.exchanges) == 2


def test_a_missing_line_names_what_is_missing(books: Bench) -> None:
    customer = books.call("query", statement="select * from Customer").output["rows"][0]
    with pytest.raises(ConnectorError) as caught:
        books.call("create_invoice", "k", CustomerRef={"value": customer["Id"]}, Line=[])
    assert (caught.value.code, caught.value.recovery) == (
        "quickbooks.field_missing",
        Recovery.FIX_DATA,
    )
    assert "Line" in caught.value.message


def test_an_unknown_customer_is_a_matter_of_the_data(books: Bench) -> None:
    with pytest.raises(ConnectorError) as caught:
        books.call(
            "create_invoice",
            "k",
            CustomerRef={"value": "999999"},
            Line=[
                {
                    "DetailType": "SalesItemLineDetail",
                    "Amount": 1,
                    "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
                }
            ],
        )
    assert caught.value.code == "quickbooks.bad_reference"
    assert caught.value.executed == "no"


def test_a_record_that_is_not_there_is_a_matter_of_the_data(books: Bench) -> None:
    with pytest.raises(ConnectorError) as caught:
        books.call("get_invoice", id="987654")
    assert (caught.value.code, caught.value.recovery) == (
        "quickbooks.not_found",
        Recovery.FIX_DATA,
    )


@pytest.mark.parametrize("name", ["customers", "items", "accounts", "tax_codes", "terms"])
def test_pick_lists_have_entries(books: Bench, name: str) -> None:
    entries = facade.options(books.workspace.id, books.connection.id, name)
    assert entries and all(entry.value and entry.label for entry in entries)


def test_a_pick_list_is_narrowed_by_what_is_typed(books: Bench) -> None:
    every = facade.options(books.workspace.id, books.connection.id, "customers")
    wanted = every[0].label[:4]
    some = facade.options(books.workspace.id, books.connection.id, "customers", wanted)
    assert some and all(wanted.lower() in entry.label.lower() for entry in some)
