"""Payments lower balances, or change nothing."""

from __future__ import annotations

from typing import Any

from connectors.catalog.quickbooks.tests.sandbox.company import Books, invoice, item_line


def payment(total: Any, invoice_id: str, **more: Any) -> dict[str, Any]:
    line = {"Amount": total, "LinkedTxn": [{"TxnId": invoice_id, "TxnType": "Invoice"}]}
    return {"CustomerRef": {"value": "1"}, "TotalAmt": total, "Line": [line], **more}


def test_a_payment_lowers_the_balance_and_links_both(books: Books) -> None:
    made = books.write("Invoice", invoice(item_line(100)))
    paid = books.write("Payment", payment(60, made["Id"]))
    after = books.read("Invoice", made["Id"])
    assert (after["Balance"], after["SyncToken"]) == (40, "1")
    assert after["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "Payment"}]
    assert paid["UnappliedAmt"] == 0
    assert books.read("Customer", "1")["Balance"] == 40
    books.write("Payment", {"Id": paid["Id"], "SyncToken": "0"}, operation="delete")
    assert books.read("Invoice", made["Id"])["Balance"] == 100
    assert books.read("Invoice", made["Id"])["LinkedTxn"] == []


def test_a_payment_without_lines_is_a_credit(books: Books) -> None:
    made = books.write("Payment", {"CustomerRef": {"value": "1"}, "TotalAmt": 25})
    assert made["UnappliedAmt"] == 25


def test_wrong_payments_are_refused(books: Books) -> None:
    number = books.write("Invoice", invoice(item_line(100)))["Id"]
    wrong = [
        ({"CustomerRef": {"value": "1"}}, "6000"),
        (payment(100, number, CustomerRef={"value": "2"}), "6000"),
        (payment("100.01", number), "6000"),
        (payment(10, "9999"), "2500"),
        ({"TotalAmt": 5}, "2020"),
    ]
    assert [books.fault("Payment", document)["code"] for document, _ in wrong] == [
        code for _, code in wrong
    ]


def test_a_refused_change_of_a_payment_leaves_everything_as_it_was(books: Books) -> None:
    made = books.write("Invoice", invoice(item_line(100)))
    paid = books.write("Payment", payment(60, made["Id"]))
    wrong = {**payment(500, made["Id"]), "Id": paid["Id"], "SyncToken": "0", "sparse": True}
    for query in ({}, {"requestid": "run-1"}):
        assert books.fault("Payment", wrong, **query)["code"] == "6000"
        assert books.read("Invoice", made["Id"])["Balance"] == 40
        assert books.read("Customer", "1")["Balance"] == 40
    item = {"bId": "b1", "operation": "update", "Payment": wrong}
    books.call("POST", "batch", {"BatchItemRequest": [item]})
    assert books.read("Invoice", made["Id"])["Balance"] == 40
