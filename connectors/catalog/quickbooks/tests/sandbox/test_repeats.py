"""What the books remember of a request id, and what a lost reply leaves behind."""

from __future__ import annotations

import http.client
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.catalog.quickbooks.tests.sandbox.company import (
    App,
    Books,
    invoice,
    item_line,
    redirected,
)

CUT = (http.client.RemoteDisconnected, ConnectionError)


def test_the_same_requestid_gives_the_stored_answer_and_does_nothing(books: Books) -> None:
    first = books.call("POST", "invoice", invoice(), requestid="run-1")
    again = books.call("POST", "invoice", invoice(item_line(99)), requestid="run-1")
    assert again.body == first.body
    assert books.control.records("quickbooks", "Invoice")["total"] == 1


def test_a_requestid_belongs_to_one_company(app: App, books: Books) -> None:
    answer = redirected(
        app.authorise("POST", decision="connect", realm=app.settings["realm_ids"][1])
    )
    other = Books(app, answer["realmId"], app.exchange(answer["code"]).document())
    for company in (books, other):
        company.write("Customer", {"DisplayName": "Once"}, requestid="run-1")
    assert other.names("select * from Customer where DisplayName = 'Once'") == ["Once"]


def test_one_requestid_in_parallel_is_executed_once(books: Books) -> None:
    barrier = threading.Barrier(6)

    def create(_: int) -> bytes:
        barrier.wait()
        return books.call("POST", "invoice", invoice(), requestid="parallel").body

    with ThreadPoolExecutor(6) as pool:
        bodies = set(pool.map(create, range(6)))
    assert len(bodies) == 1
    assert books.control.records("quickbooks", "Invoice")["total"] == 1


def test_a_lost_reply_is_found_again_with_the_same_requestid(books: Books) -> None:
    books.control.fault_on("quickbooks", "lost_reply", times=1, match="/invoice")
    books.write("Customer", {"DisplayName": "Passes"})
    with pytest.raises(CUT):
        books.call("POST", "invoice", invoice(), requestid="run-1")
    assert books.control.records("quickbooks", "Invoice")["total"] == 1
    found = books.write("Invoice", invoice(), requestid="run-1")
    assert books.read("Invoice", found["Id"])["TotalAmt"] == 10
    assert books.control.records("quickbooks", "Invoice")["total"] == 1


def test_a_forgotten_requestid_is_executed_again(books: Books) -> None:
    books.write("Invoice", invoice(), requestid="run-1")
    books.control.fault_on("quickbooks", "requestid_memory_off")
    books.write("Invoice", invoice(), requestid="run-1")
    assert books.control.records("quickbooks", "Invoice")["total"] == 2


def test_a_requestid_is_remembered_for_a_day(books: Books) -> None:
    books.write("Invoice", invoice(), requestid="run-1")
    books.control.change_settings(
        "quickbooks", clock_offset_s=86_401, access_token_lifetime_s=999_999
    )
    books.tokens = books.app.refresh(books.tokens["refresh_token"]).document()
    books.write("Invoice", invoice(), requestid="run-1")
    assert books.control.records("quickbooks", "Invoice")["total"] == 2


def test_a_refused_request_may_be_corrected_under_the_same_requestid(books: Books) -> None:
    assert books.fault("Invoice", {"Line": []}, requestid="run-1")["code"] == "2020"
    assert books.write("Invoice", invoice(), requestid="run-1")["TotalAmt"] == 10


def test_a_refusal_is_replayed_too_when_the_setting_says_so(books: Books) -> None:
    books.control.change_settings("quickbooks", requestid_replays_failures=True)
    assert books.fault("Invoice", {"Line": []}, requestid="run-1")["code"] == "2020"
    assert books.fault("Invoice", invoice(), requestid="run-1")["code"] == "2020"


def test_a_requestid_has_at_most_fifty_characters(books: Books) -> None:
    books.write("Customer", {"DisplayName": "Fifty"}, requestid="x" * 50)
    assert books.fault("Customer", {"DisplayName": "More"}, requestid="x" * 51)["code"] == "2050"
