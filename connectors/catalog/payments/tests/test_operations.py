"""What the practice payment gateway does beyond what every connector does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors import facade
from connectors.catalog.payments.tests.test_contract import PAYMENT
from connectors.sandbox_kit.webhook_receiver import receiving
from connectors.testing import Bench


@pytest.fixture
def gateway(db: None, make: Callable[[str], Bench]) -> Bench:
    return make("payments")


def test_a_payment_is_taken_once_per_key_and_costs_its_fee(gateway: Bench) -> None:
    first = gateway.call("create_payment", "key-1", **PAYMENT)
    again = gateway.call("create_payment", "key-1", **PAYMENT)
    assert first.output == again.output
    assert (first.output["status"], first.output["fee"]) == ("captured", 122 + 30)


def test_a_key_used_for_something_else_is_refused(gateway: Bench) -> None:
    gateway.call("create_payment", "key-1", **PAYMENT)
    with pytest.raises(facade.ConnectorError) as caught:
        gateway.call("create_payment", "key-1", **{**PAYMENT, "amount": 1})
    assert caught.value.code == "payments.key_reused"


def test_a_part_is_captured_and_no_more_than_was_authorised(gateway: Bench) -> None:
    made = gateway.call("create_payment", "key-1", **PAYMENT, capture=False).output
    with pytest.raises(facade.ConnectorError, match="Only 4210"):
        gateway.call("capture_payment", "key-2", id=made["id"], amount=4211)
    taken = gateway.call("capture_payment", "key-3", id=made["id"], amount=4000).output
    assert (taken["status"], taken["captured"]) == ("captured", 4000)
    with pytest.raises(facade.ConnectorError, match="is captured"):
        gateway.call("cancel_payment", "key-4", id=made["id"])


def test_refunds_never_exceed_the_payment(gateway: Bench) -> None:
    paid = gateway.call("create_payment", "key-1", **PAYMENT).output
    gateway.call("create_refund", "key-2", payment_id=paid["id"], amount=1000)
    with pytest.raises(facade.ConnectorError, match="Only 3210"):
        gateway.call("create_refund", "key-3", payment_id=paid["id"], amount=3211)
    gateway.call("create_refund", "key-4", payment_id=paid["id"])
    refunds = gateway.call("list_refunds", payment_id=paid["id"]).output["items"]
    assert [refund["amount"] for refund in refunds] == [1000, 3210]
    assert gateway.call("get_payment", id=paid["id"]).output["status"] == "refunded"


def test_a_declined_card_is_for_a_person(gateway: Bench) -> None:
    with pytest.raises(facade.ConnectorError) as caught:
        gateway.call("create_payment", "key-1", **PAYMENT, card="tok_declined")
    assert caught.value.code == "payments.card_declined"


def test_a_payout_is_the_sum_of_its_entries(gateway: Bench) -> None:
    paid = gateway.call("create_payment", "key-1", **PAYMENT).output
    other = gateway.call("create_payment", "key-2", **{**PAYMENT, "amount": 999}).output
    gateway.call("create_refund", "key-3", payment_id=paid["id"], amount=210)
    control = gateway.control
    control.call("POST", "payments/records/dispute", {"payment_id": other["id"]})
    control.call("POST", "payments/records/payout", {})
    payout = gateway.call("list_payouts").output["items"][-1]
    entries = gateway.call("list_payout_entries", payout_id=payout["id"]).output["items"]
    assert sum(entry["net"] for entry in entries) == payout["amount"]
    assert payout["amount"] == (
        payout["gross"] - payout["fees"] - payout["refunds"] - payout["disputes"]
    )
    assert (payout["refunds"], payout["disputes"], payout["count"]) == (210, 999, 4)
    with pytest.raises(AssertionError, match="Nothing was captured"):
        control.call("POST", "payments/records/payout", {})


def test_events_are_signed_and_lead_to_the_payment(gateway: Bench) -> None:
    secret = gateway.control.settings("payments")["webhooks"]
    with receiving() as receiver:
        gateway.control.change_settings(
            "payments", webhooks=[*secret, {"url": receiver.url, "secret": "s3cret-of-the-hook"}]
        )
        made = gateway.call("create_payment", "key-1", **PAYMENT).output
        requests = receiver.wait_for(2)
    assert {request.document()["type"] for request in requests} == {
        "payment.authorised",
        "payment.captured",
    }
    assert {request.document()["data"]["id"] for request in requests} == {made["id"]}


def test_webhook_and_poll_see_one_change_as_one(gateway: Bench) -> None:
    first = facade.poll(gateway.ref, "payment_changed", None, inputs={})
    made = gateway.call("create_payment", "key-1", **PAYMENT).output
    found = facade.poll(gateway.ref, "payment_changed", first.cursor, inputs={}).events
    assert [(event.id, event.revision) for event in found if event.id == made["id"]] == [
        (made["id"], made["updated_at"])
    ]
