"""What any record is filled with and refused for: customers, items, lists."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from connectors.catalog.quickbooks.tests.sandbox.company import Books


def test_a_created_customer_has_what_the_server_fills(books: Books) -> None:
    made = books.write(
        "Customer",
        {
            "GivenName": "Zoë",
            "FamilyName": "O'Hara",
            "PrimaryEmailAddr": {"Address": "zoe@x.example"},
            "Balance": 999,
            "Id": "",
            "sparse": False,
            "domain": "QBO",
            "MetaData": {},
        },
    )
    assert made["DisplayName"] == made["FullyQualifiedName"] == "Zoë O'Hara"
    assert (made["SyncToken"], made["Active"], made["Balance"]) == ("0", True, 0)
    assert made["domain"] == "QBO" and made["sparse"] is False
    assert isinstance(made["Id"], str)
    assert datetime.fromisoformat(made["MetaData"]["CreateTime"]).tzinfo
    assert books.read("Customer", made["Id"]) == made


@pytest.mark.parametrize("entity", ["Customer", "Vendor"])
@pytest.mark.parametrize("name", ["Harbor Lane Bakery", "harbor lane BAKERY", "Stoneware Works"])
def test_a_display_name_is_unique_over_customers_and_vendors(
    books: Books, entity: str, name: str
) -> None:
    error = books.fault(entity, {"DisplayName": name})
    assert error["code"] == "6240"
    assert error["Message"] == "Duplicate Name Exists Error"


def test_the_name_of_an_inactive_customer_stays_taken(books: Books) -> None:
    assert books.fault("Customer", {"DisplayName": "closed kiosk"})["code"] == "6240"


def test_of_two_parallel_creates_of_one_name_exactly_one_wins(books: Books) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: books.call("POST", "customer", {"DisplayName": "Twin"}).status, range(8)
            )
        )
    assert Counter(answers) == {200: 1, 400: 7}


@pytest.mark.parametrize(
    ("entity", "document", "code"),
    [
        ("Customer", {}, "2020"),
        ("Customer", {"DisplayName": "a:b"}, "6000"),
        ("Customer", {"DisplayName": "x" * 501}, "2050"),
        ("Customer", {"DisplayName": {"a": 1}}, "2010"),
        ("Customer", {"DisplayName": "x", "PrimaryEmailAddr": {"Address": "nobody"}}, "2210"),
        ("Customer", {"DisplayName": "x", "PreferredDeliveryMethod": "Pigeon"}, "2170"),
        ("Customer", {"DisplayName": "x", "SalesTermRef": {"value": "77"}}, "2500"),
        ("Item", {"Name": "x", "Type": "Service"}, "2020"),
        ("Item", {"Name": "red MUG", "Type": "Category"}, "6240"),
        ("Item", {"Name": "x", "Type": "Inventory", "IncomeAccountRef": {"value": "79"}}, "2020"),
        ("Item", {"Name": "x", "IncomeAccountRef": {"value": "5"}}, "2500"),
        ("Item", {"Name": "x", "IncomeAccountRef": {"value": "79"}, "UnitPrice": "free"}, "2040"),
        ("Item", {"Name": "x", "IncomeAccountRef": {"value": "79"}, "QtyOnHand": 3}, "2010"),
        ("Account", {"Name": "New"}, "2020"),
        ("Account", {"Name": "New", "AccountType": "Piggy bank"}, "2170"),
        ("TaxCode", {"Name": "New"}, "500"),
        ("Customer", {"Id": "999", "SyncToken": "0", "DisplayName": "x"}, "610"),
    ],
)
def test_refused_writes_carry_the_vendors_codes(
    books: Books, entity: str, document: Any, code: str
) -> None:
    assert books.fault(entity, document)["code"] == code


def test_several_email_addresses_in_one_field_are_accepted(books: Books) -> None:
    address = "a@x.example, b@x.example"
    made = books.write("Customer", {"DisplayName": "Two", "PrimaryEmailAddr": {"Address": address}})
    assert made["PrimaryEmailAddr"]["Address"] == address


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"DisplayName": "Two", "Favourite": "tea"}, "Favourite"),
        ({"DisplayName": "Two", "BillAddr": {"Street": "1 Main St"}}, "BillAddr.Street"),
        ({"DisplayName": "Two", "PrimaryPhone": {"Number": "5"}}, "PrimaryPhone.Number"),
    ],
)
def test_an_unknown_property_is_refused_unless_the_setting_ignores_it(
    books: Books, document: Any, where: str
) -> None:
    error = books.fault("Customer", document)
    assert error["code"] == "2010" and where in error["Detail"]
    books.control.change_settings("quickbooks", unknown_properties="ignore")
    made = books.write("Customer", document)
    assert "Favourite" not in made


def test_an_unknown_parameter_is_refused(books: Books) -> None:
    answer = books.call("GET", "customer/1", expand="all")
    assert answer.status == 400 and "expand" in answer.body.decode()
    assert books.call("GET", "customer/1", minorversion="75", format="json").status == 200


def test_a_stale_sync_token_is_refused_and_changes_nothing(books: Books) -> None:
    changed = books.write(
        "Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "regular"}
    )
    assert changed["SyncToken"] == "1"
    error = books.fault("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "no"})
    assert error["code"] == "5010"
    assert books.read("Customer", "1")["Notes"] == "regular"


def test_an_update_without_a_sync_token_is_refused(books: Books) -> None:
    assert books.fault("Customer", {"Id": "1", "sparse": True, "Notes": "x"})["code"] == "2020"


def test_a_sparse_update_keeps_and_a_full_update_clears_omitted_fields(books: Books) -> None:
    sparse = books.write(
        "Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "regular"}
    )
    assert sparse["CompanyName"] == "Harbor Lane Bakery LLC"
    full = books.write(
        "Customer", {"Id": "1", "SyncToken": "1", "DisplayName": "Harbor Lane Bakery"}
    )
    assert "CompanyName" not in full and "Notes" not in full
    assert full["MetaData"]["CreateTime"] == sparse["MetaData"]["CreateTime"]


def test_an_empty_text_clears_a_field(books: Books) -> None:
    changed = books.write(
        "Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "CompanyName": ""}
    )
    assert "CompanyName" not in changed


def test_lists_cannot_be_deleted(books: Books) -> None:
    body = {"Id": "1", "SyncToken": "0"}
    assert books.fault("Customer", body, operation="delete")["code"] == "500"


def test_put_and_patch_do_not_exist(books: Books) -> None:
    for method in ("PUT", "PATCH"):
        assert books.call(method, "customer", {"DisplayName": "x"}).status == 400


def test_reading_what_does_not_exist_is_610(books: Books) -> None:
    answer = books.call("GET", "customer/999")
    assert (answer.status, answer.document()["Fault"]["Error"][0]["code"]) == (400, "610")
    assert answer.document()["Fault"]["type"] == "ValidationFault"


def test_mixed_case_entity_names_and_extra_parameters_are_accepted(books: Books) -> None:
    answer = books.call("GET", "CompanyInfo/1", minorversion="75", format="json")
    assert answer.document()["CompanyInfo"]["Country"] == "US"
    assert books.call("GET", "Customer/1").document()["Customer"]["Id"] == "1"
    prefs = books.call("GET", "preferences").document()["Preferences"]
    assert prefs["SalesFormsPrefs"]["CustomTxnNumbers"] is False
