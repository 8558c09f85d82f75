"""Batches, changes since a moment, limits, faults and resets."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors.catalog.quickbooks.tests.sandbox.company import Books, invoice


def test_a_batch_answers_each_item_by_its_id_and_each_stands_alone(books: Books) -> None:
    items = [
        {"bId": "b1", "operation": "create", "Customer": {"DisplayName": "Batch One"}},
        {"bId": "b2", "operation": "create", "Customer": {"DisplayName": "batch one"}},
        {"bId": "b3", "operation": "create", "Invoice": invoice()},
        {"bId": "b4", "Query": "select count(*) from Customer"},
    ]
    answer = books.call("POST", "batch", {"BatchItemRequest": items}, requestid="batch-1")
    found = {item["bId"]: item for item in answer.document()["BatchItemResponse"]}
    assert found["b1"]["Customer"]["DisplayName"] == "Batch One"
    assert found["b2"]["Fault"]["Error"][0]["code"] == "6240"
    assert found["b3"]["Invoice"]["TotalAmt"] == 10
    assert found["b4"]["QueryResponse"]["totalCount"] == 4
    again = books.call("POST", "batch", {"BatchItemRequest": items}, requestid="batch-1")
    assert again.body == answer.body


def test_a_batch_of_more_than_thirty_is_refused(books: Books) -> None:
    items = [{"bId": str(n), "Query": "select * from Term"} for n in range(31)]
    assert books.call("POST", "batch", {"BatchItemRequest": items}).status == 400
    assert books.call("POST", "batch", {"BatchItemRequest": items[:30]}).status == 200


def test_change_data_capture_tells_changes_and_deletions(books: Books) -> None:
    kept, gone = (books.write("Invoice", invoice()) for _ in range(2))
    since = gone["MetaData"]["CreateTime"]
    books.write("Invoice", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
    answer = books.call("GET", "cdc", entities="Invoice,Payment", changedSince=since)
    invoices, payments = answer.document()["CDCResponse"][0]["QueryResponse"]
    found = {record["Id"]: record for record in invoices["Invoice"]}
    assert found[kept["Id"]]["TotalAmt"] == 10
    assert found[gone["Id"]]["status"] == "Deleted"
    assert payments == {}
    too_old = (datetime.fromisoformat(since) - timedelta(days=31)).isoformat()
    assert books.call("GET", "cdc", entities="Invoice", changedSince=too_old).status == 400


def test_more_calls_than_the_limit_are_throttled_without_retry_after(books: Books) -> None:
    books.control.change_settings("quickbooks", calls_per_minute=3)
    answers = [books.call("GET", "customer/1") for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert "retry-after" not in answers[3].headers
    error = answers[3].document()["fault"]["error"][0]
    assert error["code"] == "3001" and "ThrottleExceeded" in error["message"]
    books.control.change_settings("quickbooks", clock_offset_s=61)
    assert books.call("GET", "customer/1").status == 200


@pytest.mark.parametrize(
    ("fault", "status", "case", "code"),
    [
        ("rate_limited", 429, "fault", "3001"),
        ("token_expired", 401, "fault", "3200"),
        ("server_error", 500, "Fault", "10000"),
        ("unavailable", 503, "Fault", "10000"),
    ],
)
def test_faults_speak_with_the_vendors_envelopes(
    books: Books, fault: str, status: int, case: str, code: str
) -> None:
    books.control.fault_on("quickbooks", fault, times=1)
    answer = books.call("POST", "customer", {"DisplayName": "Never"})
    assert answer.status == status
    errors = answer.document()[case]
    assert (errors.get("error") or errors["Error"])[0]["code"] == code
    assert answer.headers["intuit_tid"]
    assert books.names("select * from Customer where DisplayName = 'Never'") == []


def test_a_reset_empties_the_books_but_nobody_has_to_connect_again(books: Books) -> None:
    first = books.write("Invoice", invoice(), requestid="run-1")
    books.control.reset("quickbooks")
    assert books.query("select * from Invoice") == {}
    assert books.app.refresh(books.tokens["refresh_token"]).status == 200
    second = books.write("Invoice", invoice(), requestid="run-1")
    assert int(second["Id"]) > int(first["Id"])
