"""Shared limits in the database: many workers, one count."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections as databases

from connectors import facade as connectors
from ipaas.core import clock
from runtime.limits.keeper import Keeper, Told, Want

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
both_stacks = pytest.mark.both_stacks


@pytest.fixture
def shop(cast: Any) -> connectors.ConnectionRef:
    made = connectors.create_connection(
        cast.north.id,
        "test",
        connector="quickbooks",
        name="Books",
        slug="books",
        settings={"base_url": "https://quickbooks.api.intuit.com"},
        secrets={"client_id": "app-1", "client_secret": "s"},
    )
    return made.ref


def _wants(ref: connectors.ConnectionRef, count: int, start: int = 0) -> list[Want]:
    return [Want(f"run{start + n}:post", ref, "create_invoice") for n in range(count)]


@both_stacks
@pytest.mark.django_db(transaction=True)
def test_two_workers_together_send_no_more_than_the_vendor_allows(
    shop: connectors.ConnectionRef,
) -> None:
    workers = [Keeper(), Keeper()]
    with clock.use(clock.VirtualClock(START)) as time:
        assert isinstance(time, clock.VirtualClock)
        sent = 0
        for turn in range(120):
            wants = _wants(shop, 8, turn * 8)
            held = workers[turn % 2].admit(wants)
            sent += len(wants) - len(held)
            done = [Told(want, answered=True) for want in wants if want.holder not in held]
            workers[turn % 2].tell(done)
        assert sent == 500
        time.advance(timedelta(seconds=62))
        assert workers[0].admit(_wants(shop, 8, 5_000)) == {}


@both_stacks
@pytest.mark.django_db(transaction=True)
def test_threads_that_ask_at_once_share_the_slots(shop: connectors.ConnectionRef) -> None:
    def ask(number: int) -> int:
        try:
            return len(Keeper().admit(_wants(shop, 1, number)))
        finally:
            databases.close_all()

    with ThreadPoolExecutor(8) as pool:
        refused = sum(pool.map(ask, range(24)))
    assert refused == 24 - 10  # QuickBooks answers ten calls of a company at once


@both_stacks
@pytest.mark.django_db(transaction=True)
def test_a_system_that_does_not_answer_is_left_alone_by_all_workers(
    shop: connectors.ConnectionRef,
) -> None:
    one, other = Keeper(), Keeper()
    with clock.use(clock.VirtualClock(START)) as time:
        assert isinstance(time, clock.VirtualClock)
        wants = _wants(shop, 6)
        assert one.admit(wants) == {}
        one.tell([Told(want, answered=False) for want in wants])
        held = other.admit(_wants(shop, 3, 10))
        assert {hold.reason for hold in held.values()} == {"circuit"}
        time.advance(timedelta(seconds=6))
        asking = other.admit(_wants(shop, 3, 20))
        assert len(asking) == 2
        probe = next(w for w in _wants(shop, 3, 20) if w.holder not in asking)
        other.tell([Told(probe, answered=True)])
        assert one.admit(_wants(shop, 3, 30)) == {}


@pytest.mark.django_db
def test_a_connection_that_is_gone_does_not_stand_in_the_way(cast: Any) -> None:
    nowhere = connectors.ConnectionRef(cast.north.id, "test", "gone")
    keeper, want = Keeper(), Want("run1:post", nowhere, "create_invoice")
    assert keeper.admit([want]) == {}
    keeper.tell([Told(want, answered=False)])
    keeper.changed(nowhere, ["item"])
    assert keeper.epoch(nowhere, ["item"]) == ()


@pytest.mark.django_db
def test_a_change_of_a_kind_of_record_is_known_to_other_workers(
    shop: connectors.ConnectionRef,
) -> None:
    one, other = Keeper(), Keeper()
    before = other.epoch(shop, ["item", "account"])
    one.changed(shop, ["item"])
    other._kept.clear()  # a second has passed
    item, account = other.epoch(shop, ["item", "account"])
    assert (item, account) == (before[0] + 1, before[1])
