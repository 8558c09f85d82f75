"""Vendors are asked what changed: nothing twice, nothing lost, and what goes wrong is shown."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.tenancy import facade as tenancy
from runtime import store as rows
from runtime.models import Event, Run, Timer
from runtime.triggers import backfill, polling, status
from runtime.triggers.arrivals import Arrival, store
from runtime.workers import scheduler
from tests.runtime.triggers.conftest import NOON, Place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
Advance = Callable[..., datetime]


class Shop:
    """A database file whose rows are the orders of a shop, asked through its connector."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place = place
        self.slug = tenancy.workspace_by_id(place.workspace_id).slug
        self.file = folder / self.slug / "shop.sqlite"
        self.file.parent.mkdir()
        self.connection = connectors.create_connection(
            place.workspace_id,
            "test",
            connector="sql",
            name="Shop",
            slug="shop",
            settings={"kind": "sqlite", "database": "shop.sqlite"},
            on_premise=True,
        )
        self.write("CREATE TABLE orders (id integer PRIMARY KEY, changed_at text, note text)")

    def write(self, statement: str, *values: Any) -> None:
        with sqlite3.connect(self.file) as file:
            file.execute(statement, values)
        file.close()

    def change(self, number: int, at: datetime, note: str = "") -> None:
        """An order that was placed, or changed, at a time."""
        self.write("REPLACE INTO orders VALUES (?, ?, ?)", number, at.isoformat(), note)

    def publish(self, flow: str = "", **config: Any) -> str:
        inputs = {
            "table": "orders",
            "cursor_column": "changed_at",
            "id_column": "id",
            "overlap_s": 120,
        }
        wish = {"connection": "shop", "operation": "row_changed", "every_s": 60, "inputs": inputs}
        return self.place.publish("trigger.poll", {**wish, **config}, flow=flow)


@pytest.fixture
def shop(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("CAUSEWAY_FILES_ROOT", str(tmp_path))
    return Shop(place, tmp_path)


def numbers(place: Place, flow: str) -> list[int]:
    return [place.document(run)["id"] for run in place.runs(flow)]


def timer() -> Timer:
    return Timer.objects.get()


def test_what_changed_since_the_last_look_starts_runs(
    shop: Shop, place: Place, advance: Advance
) -> None:
    shop.change(1, NOON - timedelta(hours=1))
    flow = shop.publish()
    scheduler.turn()  # the first look only finds where "now" is
    started = len(place.runs(flow))
    shop.change(2, advance(minutes=1))
    scheduler.turn()
    shop.change(3, advance(minutes=1))
    shop.change(4, advance(seconds=1))
    scheduler.turn()
    advance(minutes=1)
    scheduler.turn()
    assert sorted(numbers(place, flow)[started:]) == [2, 3, 4]
    assert timer().failures == 0


def test_what_changes_while_a_first_look_dies_is_found(
    shop: Shop, place: Place, advance: Advance
) -> None:
    flow = shop.publish()
    assert polling.claim("dies") is not None
    shop.change(2, advance(seconds=10))
    shop.change(3, advance(minutes=10))
    scheduler.turn()
    advance(minutes=2)
    scheduler.turn()
    assert sorted(numbers(place, flow)) == [2, 3]


def test_publishing_again_does_not_move_the_beginning_of_a_look_that_fails(
    shop: Shop, place: Place, advance: Advance
) -> None:
    shop.file.rename(shop.file.with_suffix(".away"))
    flow = shop.publish()
    scheduler.turn()
    assert timer().failures == 1
    shop.file.with_suffix(".away").rename(shop.file)
    shop.change(2, advance(seconds=10))
    shop.change(3, advance(minutes=10))
    shop.publish(flow=flow, every_s=90)
    scheduler.turn()
    advance(minutes=2)
    scheduler.turn()
    assert sorted(numbers(place, flow)) == [2, 3]


def test_a_column_of_numbers_is_read_on_after_a_first_look_that_failed(
    shop: Shop, place: Place, advance: Advance
) -> None:
    shop.change(1, NOON)
    inputs = {"table": "orders", "cursor_column": "id", "id_column": "id"}
    shop.file.rename(shop.file.with_suffix(".away"))
    flow = shop.publish(inputs=inputs)
    scheduler.turn()
    assert timer().failures == 1
    shop.file.with_suffix(".away").rename(shop.file)
    advance(minutes=20)
    scheduler.turn()
    assert timer().failures == 0
    shop.change(2, advance(minutes=1))
    Timer.objects.update(due_at=clock.now())
    scheduler.turn()
    assert numbers(place, flow) == [2]


def test_looks_that_overlap_start_nothing_twice(shop: Shop, place: Place, advance: Advance) -> None:
    flow = shop.publish()
    scheduler.turn()
    shop.change(2, advance(minutes=1))
    scheduler.turn()
    for _ in range(4):
        advance(seconds=30)
        Timer.objects.update(due_at=clock.now())
        scheduler.turn()
    assert numbers(place, flow) == [2]
    shop.change(2, advance(seconds=1), note="changed again")
    Timer.objects.update(due_at=clock.now())
    scheduler.turn()
    assert numbers(place, flow) == [2, 2]


def test_a_change_that_becomes_visible_late_is_found_by_the_overlap(
    shop: Shop, place: Place, advance: Advance
) -> None:
    flow = shop.publish()
    scheduler.turn()
    late = advance(minutes=1)
    shop.change(3, advance(seconds=20))
    scheduler.turn()
    shop.change(2, late)  # stamped before 3, committed after it was seen
    advance(minutes=1)
    scheduler.turn()
    assert sorted(numbers(place, flow)) == [2, 3]


def test_a_poll_and_a_message_about_one_change_start_one_run(
    shop: Shop, place: Place, advance: Advance
) -> None:
    flow = shop.publish()
    scheduler.turn()
    shop.change(7, advance(minutes=1))
    look = polling.claim("one")
    assert look is not None
    polled = connectors.poll(look.ref, look.operation, look.cursor, inputs=look.inputs, limit=10)
    (event,) = polled.events  # the same change, as a message brings it
    with transaction.atomic():
        store([Arrival(place.workspace_id, "test", "shop", event, None)])
    assert polling.carry(look) == []
    assert numbers(place, flow) == [7]


def test_events_and_cursor_are_one_commit(shop: Shop, place: Place, advance: Advance) -> None:
    flow = shop.publish()
    scheduler.turn()
    before = timer().cursor
    shop.change(7, advance(minutes=1))
    look = polling.claim("one")
    assert look is not None
    place.switch(flow, False)  # the claim is lost while the vendor is asked
    assert polling.carry(look) == []
    assert timer().cursor == before
    assert Event.objects.count() == 0
    place.switch(flow, True)
    scheduler.turn()
    assert numbers(place, flow) == [7]


def test_a_look_whose_process_died_is_repeated_from_the_same_cursor(
    shop: Shop, place: Place, advance: Advance
) -> None:
    flow = shop.publish()
    scheduler.turn()
    shop.change(7, advance(minutes=1))
    dead = polling.claim("dies")
    assert dead is not None
    assert polling.claim("another") is None
    advance(seconds=polling.LEASE.total_seconds())
    scheduler.turn()
    assert numbers(place, flow) == [7]
    assert polling.carry(dead) == []  # it comes back after all
    assert numbers(place, flow) == [7]


def test_a_poll_goes_on_where_it_stopped_when_the_flow_was_off(
    shop: Shop, place: Place, advance: Advance
) -> None:
    flow = shop.publish()
    scheduler.turn()
    place.switch(flow, False)
    shop.change(2, advance(hours=1))
    assert scheduler.turn() == 0
    place.switch(flow, True)
    scheduler.turn()
    assert numbers(place, flow) == [2]


def test_publishing_again_keeps_the_cursor_unless_something_else_is_read(
    shop: Shop, place: Place, advance: Advance
) -> None:
    flow = shop.publish()
    scheduler.turn()
    shop.change(1, advance(minutes=1))
    scheduler.turn()
    cursor = timer().cursor
    config = timer().settings
    place.publish("trigger.poll", {**config, "every_s": 30}, flow=flow)
    assert timer().cursor == cursor
    other = {**config["inputs"], "table": "others"}
    place.publish("trigger.poll", {**config, "inputs": other}, flow=flow)
    assert timer().cursor is None


def test_a_failing_poll_waits_longer_each_time_shows_why_and_loses_nothing(
    shop: Shop, place: Place, advance: Advance
) -> None:
    flow = shop.publish()
    scheduler.turn()
    cursor = timer().cursor
    shop.write("ALTER TABLE orders RENAME TO gone")
    pauses = []
    for _ in range(3):
        advance(hours=2)
        scheduler.turn()
        pauses.append((timer().due_at - clock.now()).total_seconds())
    found = status.trigger_status(place.workspace_id, "test", flow)["timer"]
    assert found["failures"] == 3
    assert found["error"]["message"]
    assert all(pause > 60 for pause in pauses)
    assert timer().cursor == cursor
    shop.write("ALTER TABLE gone RENAME TO orders")
    shop.change(5, clock.now())
    status.poll_now(place.workspace_id, "test", flow)
    scheduler.turn()
    assert numbers(place, flow) == [5]
    assert status.trigger_status(place.workspace_id, "test", flow)["timer"]["error"] is None


def test_many_schedulers_share_the_looks(shop: Shop, place: Place, virtual: Any) -> None:
    flows = [shop.publish() for _ in range(4)]
    claimed: list[int] = []
    lock = threading.Lock()

    def claim(name: str) -> None:
        try:
            while (look := polling.claim(name)) is not None:
                with lock:
                    claimed.append(look.timer_id)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=claim, args=(f"s{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(Timer.objects.values_list("id", flat=True))
    assert len(claimed) == len(flows)


def fill(shop: Shop, count: int) -> None:
    for number in range(1, count + 1):
        shop.change(number, NOON - timedelta(days=10) + timedelta(minutes=number))


def begin(place: Place, flow: str, **more: Any) -> dict[str, Any]:
    wish = {"since": NOON - timedelta(days=30), "until": None, "by": "Alice", **more}
    return backfill.begin(place.workspace_id, "test", flow, **wish)


def test_the_past_is_read_once_and_its_runs_go_behind_live_ones(
    shop: Shop, place: Place, advance: Advance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "PIECE", 20)
    fill(shop, 50)
    shop.change(1000, NOON - timedelta(hours=1))  # what the first look finds
    flow = shop.publish()
    scheduler.turn()
    begun = begin(place, flow)
    scheduler.turn()
    found = backfill.find(place.workspace_id, begun["id"])
    assert (found["status"], found["read"], found["started"]) == ("done", 51, 50)
    assert sorted(numbers(place, flow)) == [*range(1, 51), 1000]
    assert Run.objects.filter(priority=1).count() == 50
    again = begin(place, flow)
    scheduler.turn()
    found = backfill.find(place.workspace_id, again["id"])
    assert (found["read"], found["started"], found["known"]) == (51, 0, 51)
    Run.objects.filter(priority=0).delete()
    shop.change(99, advance(minutes=1))
    scheduler.turn()
    first, *_ = rows.claim(1, "worker")
    assert Run.objects.get(id=first.run_id).priority == 0


def test_a_backfill_starts_one_flow_only_and_takes_nothing_from_another(
    shop: Shop, place: Place, advance: Advance
) -> None:
    shop.change(1, NOON - timedelta(days=1))
    shop.change(2, NOON)  # what the first looks find
    mine, other = shop.publish(), shop.publish()
    scheduler.turn()
    begin(place, mine)
    scheduler.turn()
    assert numbers(place, mine) == [2, 1]
    assert numbers(place, other) == [2]
    event = Event.objects.get(entity_id="1")
    look = connectors.poll(
        shop.connection.ref,
        "row_changed",
        None,
        inputs=timer_inputs(),
        since=NOON - timedelta(days=2),
    )
    # the system itself reports the change late: the other flow still gets it, once
    arrival = Arrival(place.workspace_id, "test", "shop", look.events[0], None)
    assert arrival.identity == event.identity
    with transaction.atomic():
        assert len(store([arrival]).late[arrival.place]) == 1
    with transaction.atomic():
        assert store([arrival]).late == {}
    assert numbers(place, other) == [2, 1]


def timer_inputs() -> dict[str, Any]:
    inputs: dict[str, Any] = Timer.objects.all()[0].settings["inputs"]
    return inputs


def test_a_backfill_can_be_paused_resumed_and_cancelled(
    shop: Shop, place: Place, virtual: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "PIECE", 10)
    fill(shop, 40)
    flow = shop.publish()
    begun = begin(place, flow)["id"]
    piece = backfill.claim("one")
    assert piece is not None
    assert len(backfill.carry(piece)) == 10
    backfill.change(place.workspace_id, begun, "pause")
    assert backfill.claim("one") is None
    backfill.change(place.workspace_id, begun, "resume")
    piece = backfill.claim("one")
    assert piece is not None
    backfill.change(place.workspace_id, begun, "cancel")
    assert backfill.carry(piece) == []  # it was under way; it commits nothing
    found = backfill.find(place.workspace_id, begun)
    assert (found["status"], found["read"]) == ("cancelled", 10)
    assert found["runs"] == {"cancelled": 10}
    with pytest.raises(backfill.BackfillOver):
        backfill.change(place.workspace_id, begun, "resume")


def test_a_backfill_waits_while_many_of_its_runs_wait(
    shop: Shop, place: Place, virtual: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "PIECE", 10)
    monkeypatch.setattr(backfill, "MOST_WAITING", 10)
    fill(shop, 30)
    flow = shop.publish()
    begin(place, flow)
    for _ in range(3):
        piece = backfill.claim("one")
        if piece is not None:
            backfill.carry(piece)
    assert len(place.runs(flow)) == 10


def test_what_cannot_be_read_again_is_refused(place: Place) -> None:
    flow = place.publish("trigger.schedule", {"cron": "0 6 * * *"})
    with pytest.raises(backfill.CannotBackfill):
        backfill.begin(
            place.workspace_id,
            "test",
            flow,
            since=clock.now() - timedelta(days=1),
            until=None,
            by="",
        )


def test_a_long_look_keeps_its_claim_and_a_restart_frees_it(
    shop: Shop, place: Place, advance: Advance
) -> None:
    flow = shop.publish()
    scheduler.turn()
    shop.change(7, advance(minutes=1))
    look = polling.claim("slow")
    assert look is not None
    for _ in range(3):
        advance(seconds=polling.LEASE.total_seconds() - 1)
        polling.renew(look)
        assert polling.claim("another") is None
    assert polling.release_claims() == 1  # the only process of the embedded default starts anew
    polling.renew(look)
    scheduler.turn()
    assert numbers(place, flow) == [7]
    assert polling.carry(look) == []
