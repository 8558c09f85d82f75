"""Asking what changed: begun, gone on, cut into parts, long ago, and the stock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from connectors import facade
from connectors.catalog.quickbooks.tests.verbs import sold
from connectors.testing import Bench
from ipaas.core import clock


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
