"""Searches, errors and messages of Magento, against its sandbox."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from typing import Any

import pytest

from connectors import credentials, facade
from connectors.catalog.magento import hooks
from connectors.sdk import ConnectorError, HttpResponse
from connectors.testing import Bench
from ipaas.core import jsonio
from ipaas.core.errors import Invalid, Recovery

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(make: Callable[[str], Bench]) -> Bench:
    return make("magento")


def test_a_list_ends_although_the_shop_repeats_its_last_page(shop: Bench) -> None:
    shop.control.place_order(random=True, count=7)
    total = shop.call("list_orders", limit=1).output["total_count"]
    reply = shop.call("list_orders", limit=1000)
    ids = [order["entity_id"] for order in reply.output["items"]]
    assert len(ids) == len(set(ids)) == total
    assert len(reply.exchanges) == 1


def test_orders_are_listed_from_the_moment_of_change_on(shop: Bench) -> None:
    placed = shop.control.place_order(sample="ordinary")["order"]
    moment = placed["updated_at"].replace(" ", "T") + "Z"
    found = shop.call("list_orders", updated_from=moment).output["items"]
    assert placed["entity_id"] in [order["entity_id"] for order in found]
    assert all(order["updated_at"] >= placed["updated_at"] for order in found)


def test_the_default_of_2_4_4_is_explained(shop: Bench) -> None:
    shop.control.change_settings("magento", bearer_allowed=False)
    with pytest.raises(ConnectorError) as caught:
        shop.call("list_orders")
    assert caught.value.recovery is Recovery.REAUTHORISE
    assert "2.4.4" in caught.value.hint
    result = facade.test_connection(shop.workspace.id, shop.connection.id)
    assert not result.ok and "standalone Bearer" in result.hint


def test_an_order_that_is_not_there_is_a_matter_of_the_data(shop: Bench) -> None:
    with pytest.raises(ConnectorError) as caught:
        shop.call("get_order", id=99999)
    assert (caught.value.code, caught.value.recovery) == ("magento.not_found", Recovery.FIX_DATA)


def test_a_wrong_store_code_is_a_matter_of_the_connection(shop: Bench) -> None:
    facade.update_connection(
        shop.workspace.id, shop.connection.id, settings={"store_code": "nowhere"}
    )
    with pytest.raises(ConnectorError) as caught:
        shop.call("get_order", id=1)
    assert caught.value.recovery is not Recovery.RETRY


def test_an_empty_id_is_refused_before_anything_is_sent(shop: Bench) -> None:
    with pytest.raises(ConnectorError) as caught:
        shop.call("get_order", id=None)
    assert (caught.value.field, caught.value.exchanges) == ("id", ())


def test_a_sku_with_a_slash_is_searched(shop: Bench) -> None:
    with pytest.raises(ConnectorError) as caught:
        shop.call("get_product", sku="A/B")
    assert caught.value.code == "magento.not_found"
    assert "searchCriteria" in caught.value.exchanges[0].request["url"]


def test_placeholders_in_error_sentences_are_filled() -> None:
    body = {
        "message": "One or more input exceptions have occurred.",
        "errors": [
            {
                "message": '"%fieldName" is required. Enter and try again.',
                "parameters": {"fieldName": "email"},
            },
            {"message": "The page size must not be above %1.", "parameters": [300]},
        ],
    }
    said = hooks.read_error(HttpResponse(400, {}, jsonio.dumps(body)))
    assert said is not None
    assert '"email" is required' in said.detail and "above 300" in said.detail
    assert said.field == "email"


# Messages


def signed(shop: Bench, document: Any) -> tuple[dict[str, str], bytes]:
    body = jsonio.dumps(document)
    secret = str(credentials.opened(shop.ref).secrets["webhook_secret"])
    signature = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    return {"X-Signature": signature, "Content-Type": "application/json"}, body


def token(shop: Bench) -> str:
    return shop.connection.webhook_url.rsplit("/", 1)[1]


def saved(state: str = "new", **more: Any) -> dict[str, Any]:
    data = {
        "entity_id": 45,
        "increment_id": "000000045",
        "state": state,
        "updated_at": "2026-03-02 10:16:10",
        **more,
    }
    return {"event": "sales_order_save_after", "entity_id": 45, "data": data}


def test_a_signed_message_gives_events_for_both_triggers(shop: Bench) -> None:
    headers, body = signed(shop, saved())
    intake = facade.receive_webhook(token(shop), headers, body)
    assert (intake.workspace_id, intake.environment) == (shop.workspace.id, "test")
    assert intake.connection == shop.connection.slug
    found = [(e.entity, e.id, e.revision, e.business_key, e.triggers) for e in intake.events]
    assert found == [
        ("order", "45", "2026-03-02 10:16:10", "000000045", ("order_saved",)),
        ("order", "45", "placed", "000000045", ("order_placed",)),
    ]


@pytest.mark.parametrize("state", ["pending_payment", "canceled", "payment_review"])
def test_an_order_that_is_not_accepted_is_not_placed(shop: Bench, state: str) -> None:
    headers, body = signed(shop, saved(state))
    events = facade.receive_webhook(token(shop), headers, body).events
    assert [event.triggers for event in events] == [("order_saved",)]


def test_one_changed_byte_spoils_the_signature(shop: Bench) -> None:
    headers, body = signed(shop, saved())
    with pytest.raises(facade.SignatureWrong):
        facade.receive_webhook(token(shop), headers, body.replace(b"45", b"46", 1))


@pytest.mark.parametrize("signature", ["", "not base64", "AAAA"])
def test_a_message_without_its_signature_is_refused(shop: Bench, signature: str) -> None:
    _, body = signed(shop, saved())
    with pytest.raises(facade.SignatureWrong):
        facade.receive_webhook(token(shop), {"X-Signature": signature}, body)


def test_an_unknown_address_is_not_found(shop: Bench) -> None:
    with pytest.raises(facade.WebhookUnknown):
        facade.receive_webhook("cw_nobody", {}, b"{}")


def test_a_signed_message_that_is_no_json_or_no_event_is_a_clear_error(shop: Bench) -> None:
    secret = str(credentials.opened(shop.ref).secrets["webhook_secret"])
    for body in (b"{not json", b"[]", b'{"event": "x"}', b'"text"', b'{"event":"a","data":{}}'):
        signature = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
        with pytest.raises(Invalid):
            facade.receive_webhook(token(shop), {"X-Signature": signature}, body)
