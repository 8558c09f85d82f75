"""Events of three senders, and triggers that ask."""

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


@pytest.fixture
def shop(make: Callable[[str], Bench]) -> Bench:
    return make("magento")


def delivered(shop: Bench, style: str, act: Callable[[], Any], count: int = 1) -> list[Any]:
    """Messages that the sandbox sends while ``act`` happens: (headers, body)."""
    with receiving() as receiver:
        target = {"url": receiver.url, "secret": "s", "style": style, "client_id": "our-client"}
        shop.control.change_settings("magento", webhooks=[target])
        act()
        return [(dict(r.headers), r.body) for r in receiver.wait_for(count)]


def with_adobe(shop: Bench, client_id: str = "our-client") -> str:
    pasted = " ".join(shop.control.call("GET", "magento/adobe-keys")["keys"])
    keys = pasted.replace("\n", " ")
    facade.save_secrets(shop.workspace.id, shop.connection.id, {"adobe_public_keys": keys})
    facade.update_connection(
        shop.workspace.id, shop.connection.id, settings={"adobe_client_id": client_id}
    )
    return shop.connection.webhook_url.rsplit("/", 1)[1]


@pytest.mark.parametrize("style", ["adobe_io", "adobe_webhooks"])
def test_adobes_messages_are_verified_with_its_public_key(shop: Bench, style: str) -> None:
    token = with_adobe(shop)
    act = lambda: shop.control.place_order(sample="ordinary")  # noqa: E731
    ((headers, body),) = delivered(shop, style, act)
    events = facade.receive_webhook(token, headers, body).events
    assert [event.triggers for event in events] == [("order_saved",), ("order_placed",)]
    assert events[0].business_key == "000000004"
    with pytest.raises(facade.SignatureWrong):
        facade.receive_webhook(token, headers, body.replace(b"000000004", b"000000005"))


def test_a_message_that_adobe_signed_for_somebody_else_is_refused(shop: Bench) -> None:
    token = with_adobe(shop, client_id="another-client")
    act = lambda: shop.control.place_order(sample="ordinary")  # noqa: E731
    ((headers, body),) = delivered(shop, "adobe_io", act)
    with pytest.raises(facade.SignatureWrong):
        facade.receive_webhook(token, headers, body)


def test_adobes_question_is_answered(shop: Bench) -> None:
    token = shop.connection.webhook_url.rsplit("/", 1)[1]
    answer = facade.answer_handshake(token, "GET", {"challenge": "abc"}, {}, b"")
    assert answer is not None and answer.body == b"abc"


def polled(shop: Bench, trigger: str, cursor: Any = None, **more: Any) -> facade.Polled:
    return facade.poll(shop.ref, trigger, cursor, inputs={}, **more)


def test_orders_are_polled_with_the_identity_of_their_messages(shop: Bench) -> None:
    start = clock.now() - timedelta(minutes=1)
    order = shop.control.place_order(sample="ordinary")["order"]
    found = polled(shop, "order_placed", since=start)
    ids = [(e.entity, e.id, e.revision) for e in found.events if "order_placed" in e.triggers]
    assert ("order", str(order["entity_id"]), "placed") in ids
    shop.call("add_order_comment", "k", order_id=order["entity_id"], comment="x")
    later = polled(shop, "order_saved", found.cursor)
    revisions = {event.revision for event in later.events}
    assert shop.call("get_order", id=order["entity_id"]).output["updated_at"] in revisions


@pytest.mark.parametrize(
    ("trigger", "act", "entity"),
    [
        ("invoice_saved", lambda s: s.call("create_invoice", "k", order_id=3), "invoice"),
        ("shipment_saved", lambda s: s.call("create_shipment", "k", order_id=3), "shipment"),
        (
            "credit_memo_saved",
            lambda s: s.call("create_credit_memo", "k", order_id=1),
            "credit_memo",
        ),
        ("product_saved", lambda s: s.call("save_product", "k", sku="MUG-RED", price=1), "product"),
        (
            "customer_saved",
            lambda s: s.call(
                "create_customer", "k", email="n@x.example", firstname="N", lastname="X"
            ),
            "customer",
        ),
    ],
)
def test_what_changes_is_polled(
    shop: Bench, trigger: str, act: Callable[[Bench], Any], entity: str
) -> None:
    first = polled(shop, trigger, since=clock.now() - timedelta(seconds=2))
    act(shop)
    found = polled(shop, trigger, first.cursor)
    assert {event.entity for event in found.events} == {entity}
    assert trigger in found.events[0].triggers


def test_a_cancelled_order_is_told_once_whether_by_message_or_poll(shop: Bench) -> None:
    start = clock.now() - timedelta(minutes=1)
    other, order = (shop.control.place_order(sample="ordinary")["order"] for _ in range(2))
    shop.call("cancel_order", "k", id=order["entity_id"])
    shop.call("add_order_comment", "k", order_id=other["entity_id"], comment="x")
    act = lambda: shop.call("add_order_comment", "k2", order_id=order["entity_id"], comment="y")  # noqa: E731
    ((headers, body),) = delivered(shop, "module", act)
    facade.save_secrets(shop.workspace.id, shop.connection.id, {"webhook_secret": "s"})
    token = shop.connection.webhook_url.rsplit("/", 1)[1]
    told = facade.receive_webhook(token, headers, body).events
    asked = polled(shop, "order_cancelled", since=start).events
    identities = {
        (event.entity, event.id, event.revision)
        for event in (*told, *asked)
        if "order_cancelled" in event.triggers
    }
    assert identities == {("order", str(order["entity_id"]), "cancelled")}


def test_stock_is_compared_with_what_was_seen(shop: Bench) -> None:
    first = polled(shop, "stock_changed")
    assert first.events == ()
    shop.call("set_source_item", "k1", sku="MUG-RED", source_code="default", quantity=1)
    second = polled(shop, "stock_changed", first.cursor)
    (event,) = second.events
    assert (event.business_key, event.document["quantity"]) == ("MUG-RED", 1)
    assert polled(shop, "stock_changed", second.cursor).events == ()
    shop.call("set_source_item", "k2", sku="MUG-RED", source_code="default", quantity=180)
    (back,) = polled(shop, "stock_changed", second.cursor).events
    shop.call("set_source_item", "k3", sku="MUG-RED", source_code="default", quantity=1)
    assert back.revision != event.revision, "each change is one of its own"


def test_inventory_is_told_by_the_module(shop: Bench) -> None:
    wish = {"sku": "MUG-RED", "source_code": "default", "quantity": 3}
    act = lambda: shop.call("set_source_item", "k", **wish)  # noqa: E731
    ((headers, body),) = delivered(shop, "module", act)
    assert headers["x-webhook-topic"] == "inventory_source_item_save_after"
    assert b'"quantity":3' in body


def test_shops_without_sources_tell_their_stock_by_the_module(shop: Bench) -> None:
    act = lambda: shop.call("set_stock", "k", sku="MUG-RED", qty=2, is_in_stock=True)  # noqa: E731
    ((headers, body),) = delivered(shop, "module", act)
    facade.save_secrets(shop.workspace.id, shop.connection.id, {"webhook_secret": "s"})
    token = shop.connection.webhook_url.rsplit("/", 1)[1]
    (event,) = facade.receive_webhook(token, headers, body).events
    assert event.triggers == ("stock_item_saved",)
    assert (event.business_key, event.document["qty"]) == ("MUG-RED", 2)
