"""People who work in QuickBooks' own screens leave the same traces as programs do."""

from __future__ import annotations

from typing import Any

from connectors.catalog.quickbooks.tests.sandbox.company import Books, invoice, item_line


def edited(books: Books, entity: str, number: str, body: Any) -> Any:
    path = f"quickbooks/records/{entity}/{number}?scope={books.realm}"
    return books.control.call("PUT", path, body)


def test_an_edited_record_has_a_new_version_and_new_totals(books: Books) -> None:
    made = books.write("Invoice", invoice(item_line(10)))
    body = {**made, "Line": [item_line(25)], "PrivateNote": "by hand"}
    edited(books, "Invoice", made["Id"], body)
    after = books.read("Invoice", made["Id"])
    assert (after["SyncToken"], after["TotalAmt"], after["PrivateNote"]) == ("1", 25, "by hand")
    assert books.read("Customer", "1")["Balance"] == 25


def test_stock_can_be_counted(books: Books) -> None:
    counted = {**books.read("Item", "3"), "QtyOnHand": 7}
    assert edited(books, "Item", "3", counted)["QtyOnHand"] == 7


def test_a_record_can_be_made_by_hand(books: Books) -> None:
    books.control.call("POST", "quickbooks/records/Customer", {"DisplayName": "By Hand"})
    assert books.names("select * from Customer where DisplayName = 'By Hand'") == ["By Hand"]
