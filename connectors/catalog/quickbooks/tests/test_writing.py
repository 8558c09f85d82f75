"""Versions, custom fields, files, mail and mixed batches through the connector."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from connectors import facade, registry
from connectors.catalog.quickbooks.tests.verbs import ROWS, Row, sold
from connectors.sdk import ConnectorError
from connectors.testing import Bench

SALE = {"CustomerRef": {"value": "1"}, "Line": [sold()]}


@pytest.fixture
def books(db: None, make: Callable[[str], Bench]) -> Bench:
    return make("quickbooks")


def test_a_change_goes_on_top_of_whatever_version_there_is(books: Bench) -> None:
    for number in range(3):
        changed = books.call(
            "update_customer", f"k{number}", id="1", changes={"Notes": f"n{number}"}
        )
    assert (changed.output["SyncToken"], changed.output["Notes"]) == ("3", "n2")
    again = books.call("update_customer", "k2", id="1", changes={"Notes": "n2"})
    assert again.output["SyncToken"] == "3", "the same request is not done twice"


def test_a_change_of_a_named_version_is_refused_when_somebody_was_quicker(books: Bench) -> None:
    books.call("update_customer", "k1", id="1", changes={"Notes": "first"})
    with pytest.raises(ConnectorError) as caught:
        books.call("update_customer", "k2", id="1", sync_token="0", changes={"Notes": "late"})
    assert (caught.value.code, caught.value.executed) == ("quickbooks.stale", "no")
    assert books.call("get_customer", id="1").output["Notes"] == "first"


def test_a_full_change_clears_what_is_not_given(books: Bench) -> None:
    changes = {"DisplayName": "Harbor Lane Bakery", "Notes": "regular"}
    changed = books.call("update_customer", "k", id="1", full=True, changes=changes).output
    assert changed["Notes"] == "regular" and "PrimaryEmailAddr" not in changed


def test_custom_fields_are_those_of_the_company_and_are_written(books: Bench) -> None:
    spec = facade.describe_operation_of(books.ref, "create_invoice")
    fields = spec.input_schema["properties"]["custom_fields"]["properties"]
    assert {name: field["title"] for name, field in fields.items()} == {
        "1": "Shop order",
        "2": "Sales channel",
    }
    made = books.call("create_invoice", "k", **SALE, custom_fields={"1": "100045"}).output
    assert made["CustomField"][0]["StringValue"] == "100045"
    spec = facade.describe_operation_of(books.ref, "update_invoice")
    changed = spec.input_schema["$defs"]["Invoice"]
    assert "1" in changed["properties"]["custom_fields"]["properties"]
    assert "required" not in changed and "Id" not in changed["properties"]


def test_a_document_is_printed_mailed_and_given_a_file(books: Bench) -> None:
    made = books.call("create_invoice", "k", **SALE)
    printed = books.call("invoice_pdf", id=made.reference).output
    assert base64.b64decode(printed["base64"]).startswith(b"%PDF-")
    sent = books.call("send_invoice", "mail", id=made.reference, to="ap@x.example").output
    assert (sent["EmailStatus"], sent["BillEmail"]["Address"]) == ("EmailSent", "ap@x.example")
    file = {"name": "box.txt", "content_type": "text/plain", "base64": "SGVsbG8="}
    stored = books.call("upload_attachment", "file", file=file, entity="invoice", id=made.reference)
    assert (stored.output["Size"], stored.output["ContentType"]) == (5, "text/plain")
    again = books.call("upload_attachment", "file", file=file, entity="invoice", id=made.reference)
    assert again.reference == stored.reference, "a repeated upload is not stored twice"
    found = books.call("find_attachment", name="box.txt").output
    assert found["id"] == stored.reference
    named = {"field": "AttachableRef.EntityRef.value", "value": made.reference}
    assert books.call("list_attachments", conditions=[named]).output["count"] == 1
    books.call("delete_attachment", "gone", id=stored.reference)
    assert books.call("find_attachment", name="box.txt").output["found"] is False


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_whatever_can_be_printed_or_mailed_is(books: Bench, row: Row) -> None:
    offered = registry.get("quickbooks").manifest.operations
    wanted = [name for name in (f"{row.name}_pdf", f"send_{row.name}") if name in offered]
    if not wanted:
        return

    def make_other(entity: str, body: dict[str, Any]) -> dict[str, Any]:
        operation = f"create_{next(each.name for each in ROWS if each.entity == entity)}"
        found: dict[str, Any] = books.call(operation, "other", **body).output
        return found

    made = books.call(f"create_{row.name}", "k", **row.example(make_other, "P-1")).reference
    if f"{row.name}_pdf" in wanted:
        printed = books.call(f"{row.name}_pdf", id=made).output
        assert base64.b64decode(printed["base64"]).startswith(b"%PDF-")
    if f"send_{row.name}" in wanted:
        sent = books.call(f"send_{row.name}", "mail", id=made, to="ap@x.example").output
        assert sent["EmailStatus"] == "EmailSent"


def test_payments_are_partial_of_several_invoices_or_of_none_yet(books: Bench) -> None:
    first, second = (
        books.call("create_invoice", f"i{number}", **SALE).reference for number in range(2)
    )

    def paid(key: str, total: int, **parts: int) -> Any:
        lines = [
            {"Amount": amount, "LinkedTxn": [{"TxnId": number[1:], "TxnType": "Invoice"}]}
            for number, amount in parts.items()
        ]
        given = {"CustomerRef": {"value": "1"}, "TotalAmt": total, "Line": lines}
        return books.call("create_payment", key, **given).output

    def still_open() -> list[Any]:
        return [books.call("get_invoice", id=each).output["Balance"] for each in (first, second)]

    assert paid("p1", 10, **{f"i{first}": 10})["UnappliedAmt"] == 0
    assert still_open() == [15, 25]
    assert paid("p2", 45, **{f"i{first}": 15, f"i{second}": 20})["UnappliedAmt"] == 10
    assert still_open() == [0, 5]
    loose = paid("p3", 5)
    assert loose["UnappliedAmt"] == 5
    link = {"Amount": 5, "LinkedTxn": [{"TxnId": second, "TxnType": "Invoice"}]}
    books.call("update_payment", "p4", id=loose["Id"], changes={"Line": [link]})
    assert still_open() == [0, 0]
    books.call("void_payment", "p5", id=loose["Id"])
    assert still_open() == [0, 5]


def test_a_mixed_batch_tells_each_result(books: Bench) -> None:
    items: list[dict[str, Any]] = [
        {"entity": "customer", "record": {"DisplayName": "In a batch"}},
        {"entity": "invoice", "record": {"CustomerRef": {"value": "1"}}},
        {
            "operation": "update",
            "entity": "customer",
            "record": {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "x"},
        },
        {"query": "select * from Term"},
    ]
    results = books.call("batch", "key", items=items).output["results"]
    assert [result["ok"] for result in results] == [True, False, True, True]
    assert results[1]["error"]["code"] == "2020" and len(results[3]["rows"]) == 2
    assert results[2]["record"]["Notes"] == "x"


def test_conditions_are_asked_and_wrong_ones_never_leave(books: Bench) -> None:
    wanted = [
        {"field": "Type", "value": "NonInventory"},
        {"field": "UnitPrice", "operator": ">", "value": 30},
        {"field": "Sku", "operator": "in", "value": ["TEAPOT-1L", "BOARD-OAK", "MUG-RED"]},
    ]
    found = books.call("list_items", conditions=wanted, order_by="Name").output
    assert [item["Sku"] for item in found["items"]] == ["BOARD-OAK", "TEAPOT-1L"]
    for bad in ({"field": "Name or 1", "value": "x"}, {"field": "Name", "operator": "~"}):
        with pytest.raises(ConnectorError) as caught:
            books.call("list_items", conditions=[bad])
        assert caught.value.code == "quickbooks.condition" and not caught.value.exchanges
    with pytest.raises(ConnectorError) as caught:
        books.call("list_items", conditions=[{"field": "Colour", "value": "red"}])
    assert caught.value.code == "quickbooks.query_wrong"


def test_a_list_goes_over_pages_and_ends(books: Bench) -> None:
    everything = books.call("list_items", limit=10_000).output
    assert everything["count"] == len({item["Id"] for item in everything["items"]}) > 30
    assert books.call("list_items", limit=7).output["count"] == 7
