"""Asking what changed: begun, gone on, cut into parts, long ago, and the stock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors import facade
from connectors.catalog.quickbooks import hooks
from connectors.catalog.quickbooks.tests.verbs import sold
from connectors.testing import Bench
from ipaas.core import clock, jsonio


@pytest.fixture
def books(db: None, make: Callable[[str], Bench]) -> Bench:
    return make("quickbooks")


def test_a_first_look_tells_nothing_and_deletions_are_told_later(books: Bench) -> None:
    begun = facade.poll(books.ref, "entity_changed", None, inputs={})
    assert begun.events == ()
    made = books.call("create_invoice", "k", CustomerRef={"value": "1"}, Line=[sold()]).reference
    books.call("delete_invoice", "gone", id=made)
    polled = facade.poll(books.ref, "entity_changed", begun.cursor, inputs={})
    told = [(e.entity, e.topic) for e in polled.events if e.id == made and e.entity == "invoice"]
    assert told == [("invoice", "deleted")]


def test_a_look_is_cut_into_parts_without_losing_or_repeating(books: Bench) -> None:
    since = clock.now() - timedelta(hours=1)
    seen: list[str] = []
    cursor = None
    for _ in range(50):
        polled = facade.poll(books.ref, "item_changed", cursor, inputs={}, since=since, limit=5)
        seen += [event.id for event in polled.events]
        cursor = polled.cursor
        if not polled.more:
            break
    everything = books.call("list_items", limit=10_000, inactive_too=True).output["items"]
    assert sorted(seen) == sorted(item["Id"] for item in everything)


def test_what_is_older_than_the_vendor_remembers_is_queried(books: Bench) -> None:
    old = datetime.now(UTC) - timedelta(days=400)
    polled = facade.poll(books.ref, "customer_changed", None, inputs={}, since=old)
    assert {event.id for event in polled.events} >= {"1", "2", "3"}


def test_stock_is_told_when_its_quantity_differs_and_only_then(books: Bench) -> None:
    begun = facade.poll(books.ref, "stock_changed", None, inputs={})
    books.call("update_item", "k1", id="3", changes={"Description": "Crusty"})
    none = facade.poll(books.ref, "stock_changed", begun.cursor, inputs={})
    assert none.events == ()
    line = sold(13, ItemRef={"value": "3"}, Qty=2, UnitPrice=6.5)
    books.call("create_sales_receipt", "k2", Line=[line])
    polled = facade.poll(books.ref, "stock_changed", none.cursor, inputs={})
    (event,) = polled.events
    assert (event.entity, event.id, event.business_key) == ("inventory_level", "3", "RYE-1K")
    assert event.document["quantity_on_hand"] == 118
    again = facade.poll(books.ref, "stock_changed", polled.cursor, inputs={})
    assert again.events == ()


Mark = tuple[str, str, str]


def told(books: Bench, identity: str) -> list[Mark]:
    """What the sandbox's messages of a record say, as events."""
    messages = books.control.webhooks("quickbooks")["items"]
    return [
        (event.entity, event.id, event.revision)
        for message in reversed(messages)  # they come newest first
        for event in hooks.read_events({}, jsonio.loads(message["body"]), books.connection.account)
        if event.id == identity
    ]


def polled(books: Bench, cursor: dict[str, Any], identity: str) -> list[Mark]:
    found = facade.poll(books.ref, "entity_changed", cursor, inputs={})
    return [(e.entity, e.id, e.revision) for e in found.events if e.id == identity]


@pytest.mark.parametrize("form", ["legacy", "cloudevents"])
def test_what_happens_to_a_record_is_one_event_each_by_message_and_by_asking(
    books: Bench, form: str
) -> None:
    target = {"url": "http://127.0.0.1:9/none", "secret": "s"}
    books.control.change_settings("quickbooks", webhooks=[target], webhook_format=form)
    begun = facade.poll(books.ref, "entity_changed", None, inputs={}).cursor
    asked: set[Mark] = set()

    def look() -> None:
        asked.update(polled(books, begun, made))
        books.control.advance(2)

    made = str(
        books.call("create_invoice", "k", CustomerRef={"value": "1"}, Line=[sold()]).reference
    )
    look()
    books.call("update_invoice", "k2", id=made, changes={"PrivateNote": "Look again"})
    look()
    books.call("send_invoice", "k3", id=made, to="a@b.example")
    look()
    books.call("void_invoice", "k4", id=made)
    look()
    books.call("delete_invoice", "k5", id=made)
    look()
    heard = told(books, made)
    assert [mark[2].split()[0] for mark in heard] == [
        "created",
        "updated",
        "emailed",
        "voided",
        "deleted",
    ]
    assert asked == set(heard)


def test_a_record_made_and_changed_between_two_looks_is_told_as_made_too(books: Bench) -> None:
    begun = facade.poll(books.ref, "entity_changed", None, inputs={}).cursor
    made = str(books.call("create_customer", "k", DisplayName="Between").reference)
    books.control.advance(2)
    books.call("update_customer", "k2", id=made, changes={"Notes": "regular"})
    assert [mark[2].split()[0] for mark in polled(books, begun, made)] == ["created", "updated"]
