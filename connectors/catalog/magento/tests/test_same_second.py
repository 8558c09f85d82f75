"""Two changes of one record within one second, as a real shop writes them: nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors import facade
from connectors.sandbox_kit.webhook_receiver import receiving
from connectors.testing import Bench
from ipaas.core import clock

pytestmark = pytest.mark.django_db
STYLES = ("module", "adobe_io", "adobe_webhooks")


@pytest.fixture
def shop(make: Callable[[str], Bench]) -> Bench:
    bench = make("magento")
    bench.control.change_settings("magento", times_differ=False)
    pasted = " ".join(bench.control.call("GET", "magento/adobe-keys")["keys"])
    secrets = {"webhook_secret": "s", "adobe_public_keys": pasted.replace("\n", " ")}
    facade.save_secrets(bench.workspace.id, bench.connection.id, secrets)
    facade.update_connection(
        bench.workspace.id, bench.connection.id, settings={"adobe_client_id": "our-client"}
    )
    return bench


def told(shop: Bench, style: str, count: int, act: Callable[[], Any]) -> list[facade.Event]:
    """Events of the messages that the shop sends while ``act`` happens."""
    with receiving() as receiver:
        target = {"url": receiver.url, "secret": "s", "style": style, "client_id": "our-client"}
        shop.control.change_settings("magento", webhooks=[target])
        act()
        sent = [(dict(r.headers), r.body) for r in receiver.wait_for(count)]
    shop.control.change_settings("magento", webhooks=[])
    token = shop.connection.webhook_url.rsplit("/", 1)[1]
    intakes = [facade.receive_webhook(token, headers, body) for headers, body in sent]
    return [event for intake in intakes for event in intake.events]


def asked(shop: Bench, trigger: str) -> list[facade.Event]:
    since = clock.now() - timedelta(minutes=1)
    return list(facade.poll(shop.ref, trigger, None, inputs={}, since=since).events)


def identities(events: list[facade.Event], trigger: str) -> set[tuple[str, str, str]]:
    return {(e.entity, e.id, e.revision) for e in events if trigger in e.triggers}


@pytest.mark.parametrize("style", STYLES)
def test_an_invoice_made_and_paid_in_one_second_is_told_as_paid_once(
    shop: Bench, style: str
) -> None:
    order = shop.control.place_order(sample="ordinary")["order"]

    def act() -> None:
        made = shop.call("create_invoice", "k1", order_id=order["entity_id"]).output
        shop.call("capture_invoice", "k2", id=made["entity_id"])

    by_message = told(shop, style, 4, act)  # two of the invoice, two of the order
    by_asking = asked(shop, "invoice_paid")
    (invoice,) = shop.call("list_invoices", order_id=order["entity_id"]).output["items"]
    paid = ("invoice", str(invoice["entity_id"]), "paid")
    assert identities(by_message, "invoice_paid") == {paid}
    assert paid in identities(by_asking, "invoice_paid")
    event = next(e for e in by_message if "invoice_paid" in e.triggers)
    assert event.document["state"] == 2 and event.settle_s == 0


@pytest.mark.parametrize("style", STYLES)
def test_changes_of_one_second_are_one_event_whose_run_reads_the_last_state(
    shop: Bench, style: str
) -> None:
    order = shop.control.place_order(sample="ordinary")["order"]
    number = order["entity_id"]

    def act() -> None:
        for text in ("one", "two"):
            shop.call("add_order_comment", text, order_id=number, comment=text)

    events = [e for e in told(shop, style, 2, act) if "order_saved" in e.triggers]
    found = [e for e in asked(shop, "order_saved") if e.id == str(number)]
    polled = [e for e in found if "order_saved" in e.triggers]
    by_message = identities(events, "order_saved")
    assert len(by_message) <= 2, "two only if the second changed between them"
    assert identities(polled, "order_saved") <= by_message, "asking tells nothing twice"
    # The run begins when no further change can bear that second, and what it reads is the last.
    assert all(event.settle_s >= 1 for event in [*events, *polled])
    read = shop.call("get_order", id=number).output
    assert [entry["comment"] for entry in read["status_histories"]] == ["two", "one"]


@pytest.mark.parametrize(
    ("trigger", "act"),
    [
        ("shipment_made", lambda s, n: s.call("create_shipment", "k", order_id=n)),
        ("credit_memo_made", lambda s, n: s.call("create_credit_memo", "k", order_id=n)),
    ],
)
def test_documents_are_told_once_however_often_they_are_saved(
    shop: Bench, trigger: str, act: Callable[[Bench, int], Any]
) -> None:
    order = shop.control.place_order(sample="paid")["order"]
    made: list[str] = []

    def both() -> None:
        document = act(shop, order["entity_id"]).output
        made.append(str(document["entity_id"]))
        if trigger == "shipment_made":
            shop.call(
                "add_tracking",
                "t",
                order_id=order["entity_id"],
                shipment_id=document["entity_id"],
                track_number="1Z",
                title="UPS",
                carrier_code="ups",
            )

    count = 3 if trigger == "shipment_made" else 2
    by_message = identities(told(shop, "module", count, both), trigger)
    assert len(by_message) == 1 and by_message <= identities(asked(shop, trigger), trigger)
    assert {identity[1:] for identity in by_message} == {(made[0], "made")}


@pytest.mark.parametrize("style", STYLES)
def test_inventory_is_told_in_all_three_styles(shop: Bench, style: str) -> None:
    east = {"sku": "MUG-RED", "source_code": "east", "quantity": 3}
    (changed,) = told(shop, style, 1, lambda: shop.call("set_source_item", "k1", **east))
    assert (changed.triggers, changed.business_key) == (("stock_changed",), "MUG-RED")
    assert changed.document["quantity"] == 3
    saved, *_ = told(shop, style, 1, lambda: shop.call("set_stock", "k2", sku="MUG-RED", qty=2))
    assert saved.triggers == ("stock_item_saved",) and saved.document["qty"] == 2


def test_a_changed_category_is_told_by_message(shop: Bench) -> None:
    act = lambda: shop.call("update_category", "k", id=4, category={"name": "Cups"})  # noqa: E731
    (event,) = told(shop, "module", 1, act)
    assert (event.triggers, event.document["name"]) == (("category_saved",), "Cups")
