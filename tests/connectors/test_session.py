"""Replies that look like success and are not, and what is kept of a connection in memory."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from connectors import credentials, facade
from connectors.models import ConnectionRow
from connectors.sdk import ConnectorError
from connectors.testing.bench import Bench
from ipaas.core import jsonio
from ipaas.core.errors import Recovery
from tests.connectors.rude_server import RudeServer, answer, rude_server

pytestmark = pytest.mark.django_db
FAULT = {"Fault": {"Error": [{"Message": "Said", "Detail": "No.", "code": "6140"}], "type": "V"}}


@contextmanager
def vendor_that_answers(bench: Bench, reply: bytes) -> Iterator[RudeServer]:
    """The bench's connection leads to a server with one answer for everything."""

    def behave(server: RudeServer, client: socket.socket) -> None:
        while server.read(client):
            client.sendall(reply)

    with rude_server(behave) as server:
        ConnectionRow.objects.filter(id=bench.connection.id).update(
            settings={"base_url": server.url}
        )
        credentials.forget(bench.connection.id)
        yield server


def test_a_fault_inside_a_successful_reply_is_a_failure(make: Callable[[str], Bench]) -> None:
    books = make("quickbooks")
    with (
        vendor_that_answers(books, answer(jsonio.dumps(FAULT))),
        pytest.raises(ConnectorError) as caught,
    ):
        books.call("create_invoice", "key", DocNumber="1")
    assert (caught.value.code, caught.value.executed) == (
        "quickbooks.duplicate_document_number",
        "no",
    )


def test_a_page_instead_of_json_leaves_a_write_open(make: Callable[[str], Bench]) -> None:
    books = make("quickbooks")
    with vendor_that_answers(books, answer(b"<html>Please log in</html>")):
        with pytest.raises(ConnectorError) as caught:
            books.call("create_invoice", "key", DocNumber="1")
        assert caught.value.executed == "unknown"
        with pytest.raises(ConnectorError) as caught:
            books.call("company_info")
        assert caught.value.executed == "no"


def test_a_long_key_is_shortened_the_same_way_each_time(make: Callable[[str], Bench]) -> None:
    books = make("quickbooks")
    body = answer(jsonio.dumps({"Customer": {"Id": "1"}}))
    with vendor_that_answers(books, body) as server:
        for key in ("k" * 200, "k" * 200, "k" * 201):
            books.call("create_customer", key, DisplayName="A")
        sent = [request.split(b"requestid=")[1].split()[0] for request in server.requests]
    assert sent[0] == sent[1] != sent[2]
    assert all(len(key) == 50 for key in sent)


def test_amounts_leave_and_arrive_with_every_digit(make: Callable[[str], Bench]) -> None:
    books = make("quickbooks")
    document = jsonio.loads('{"Line": [{"Amount": 59.990, "UnitPrice": 19.9950000}]}')
    body = answer(b'{"Invoice": {"Id": "1", "TotalAmt": 1861.080}}')
    with vendor_that_answers(books, body) as server:
        reply = facade.call(books.ref, "create_invoice", document, idempotency_key="k")
        assert b"59.990" in server.requests[0] and b"19.9950000" in server.requests[0]
    assert str(reply.output["TotalAmt"]) == "1861.080"


def test_a_faulty_record_does_not_mark_the_connection_as_failing(
    make: Callable[[str], Bench],
) -> None:
    books = make("quickbooks")
    with pytest.raises(ConnectorError) as caught:
        books.call("get_invoice", id="987654")
    assert caught.value.recovery is Recovery.FIX_DATA
    assert books.reread().last_error == ""
    books.fault("server_error", times=1)
    with pytest.raises(ConnectorError):
        books.call("company_info")
    assert books.reread().last_error != ""
    books.call("company_info")
    assert books.reread().last_error == ""


def test_calls_in_a_row_ask_the_database_once(
    make: Callable[[str], Bench], django_assert_max_num_queries: Callable[[int], object]
) -> None:
    books = make("quickbooks")
    books.call("company_info")
    # As a run calls, whose requests were counted for the vendor's limits when they were granted.
    asks_nothing = django_assert_max_num_queries(0)
    with facade.counted_by_the_caller(), asks_nothing:  # type: ignore[attr-defined]
        for _ in range(5):
            books.call("company_info")


def test_a_disabled_connection_makes_no_calls(make: Callable[[str], Bench]) -> None:
    shop = make("magento")
    facade.update_connection(shop.workspace.id, shop.connection.id, disabled=True)
    with pytest.raises(ConnectorError) as caught:
        shop.call("list_orders")
    assert caught.value.code == "connection.disabled"
    with pytest.raises(facade.WebhookUnknown):
        facade.receive_webhook(shop.connection.webhook_url.rsplit("/", 1)[1], {}, b"{}")
    facade.update_connection(shop.workspace.id, shop.connection.id, disabled=False)
    assert shop.call("list_orders", limit=1).output["items"]


@pytest.mark.parametrize("status", ["302 Found", "303 See Other"])
def test_a_redirect_after_a_write_leaves_it_open(make: Callable[[str], Bench], status: str) -> None:
    books = make("quickbooks")
    gone = answer(b"{}", status=status, more="Location: /invoice/1\r\n")
    with vendor_that_answers(books, gone):
        with pytest.raises(ConnectorError) as caught:
            books.call("create_invoice", "key", DocNumber="1")
        assert caught.value.executed == "unknown"


def test_a_secret_that_the_vendor_repeats_is_in_no_message(make: Callable[[str], Bench]) -> None:
    books = make("quickbooks")
    token = str(credentials.opened(books.ref, fresh=True).secrets["access_token"])
    fault = jsonio.loads(jsonio.dumps(FAULT))
    fault["Fault"]["Error"][0]["Detail"] = f"The token {token} may not do this."
    refusal = answer(jsonio.dumps(fault), status="403 Forbidden")
    with vendor_that_answers(books, refusal), pytest.raises(ConnectorError) as caught:
        books.call("create_invoice", "key", DocNumber="1")
    assert "may not do this" in caught.value.message
    assert token not in caught.value.message
    assert token not in books.reread().last_error
