"""The sandboxes over the product's API, with a real sandbox process behind it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox_kit.testing import Control, SandboxHandle
from connectors.testing.fixtures import sandbox_process
from tests.kit.cast import ApiClient

__all__ = ["sandbox_process"]
BASE = "/api/v1/w/north/sandboxes"


@pytest.fixture
def shop(sandbox_process: SandboxHandle, settings: Any) -> Control:
    settings.SANDBOX_URL = sandbox_process.base_url
    control = sandbox_process.control("north")
    control.call("PUT", "clock", {"offset_s": 0})
    control.reset("magento")
    return control


def test_records_are_searched_and_changed(alice: ApiClient, shop: Control) -> None:
    number = shop.place_order(sample="ordinary")["order"]["increment_id"]
    found = alice.get(f"{BASE}/magento/records/order?q={number}").json
    assert [item["increment_id"] for item in found["items"]] == [number]
    order, place = found["items"][0], found["refs"][0]
    changed = alice.put(
        f"{BASE}/magento/records/order/{place['id']}?scope={place['scope']}",
        {"record": {**order, "customer_email": "new@example.com"}},
    )
    assert (changed.status, changed.json["customer_email"]) == (200, "new@example.com")
    assert alice.delete(f"{BASE}/magento/records/order/{place['id']}").status == 204
    assert alice.get(f"{BASE}/magento/records/order?q={number}").json["total"] == 0


def test_a_record_that_is_no_object_is_refused(alice: ApiClient, shop: Control) -> None:
    number = shop.place_order(sample="ordinary")["order"]["entity_id"]
    answer = alice.put(
        f"{BASE}/magento/records/order/{number}", {"record": ["not", "an", "object"]}
    )
    assert answer.status == 400
    assert "JSON object" in answer.json["title"]


def test_kinds_that_the_vendor_makes_itself_cannot_be_made_by_hand(
    alice: ApiClient, shop: Control
) -> None:
    answer = alice.post(f"{BASE}/magento/records/order", {"record": {}})
    assert (answer.status, "vendor's API" in answer.json["title"]) == (400, True)


def test_lost_webhooks_are_seen_and_sent_by_hand(alice: ApiClient, shop: Control) -> None:
    shop.change_settings("magento", webhooks=[{"url": "http://127.0.0.1:9/x", "secret": "s"}])
    shop.fault_on("magento", "missing_webhook", times=1)
    shop.place_order(sample="ordinary")
    outbox = alice.get(f"{BASE}/magento/webhooks").json
    assert (outbox["lost"], outbox["items"][0]["state"]) == (1, "lost")
    number = outbox["items"][0]["id"]
    assert alice.post(f"{BASE}/magento/webhooks/{number}/send").json["lost"] == 0
    refused = alice.post(f"{BASE}/magento/webhooks/999999/hold")
    assert (refused.status, "cannot be moved" in refused.json["title"]) == (400, True)


def test_the_clock_moves_for_all_vendors(alice: ApiClient, shop: Control) -> None:
    assert alice.put(f"{BASE}/clock", {"advance_s": 3600}).json["offset_s"] == 3600
    assert shop.settings("quickbooks")["clock_offset_s"] == 3600
    assert alice.put(f"{BASE}/clock", {"offset_s": 0}).json["offset_s"] == 0
    assert alice.put(f"{BASE}/clock", {"advance_s": 10**12}).status == 400


def test_calls_and_new_credentials(alice: ApiClient, shop: Control) -> None:
    before = shop.settings("magento")["access_token"]
    assert alice.post(f"{BASE}/magento/credentials").json == {"changed": True}
    assert shop.settings("magento")["access_token"] != before
    assert alice.get(f"{BASE}/magento/calls").json == {"items": [], "next": None}


def test_viewers_look_and_change_nothing(vera: ApiClient, shop: Control) -> None:
    assert vera.get(f"{BASE}/clock").status == 200
    assert vera.put(f"{BASE}/clock", {"advance_s": 60}).status == 403
    assert vera.delete(f"{BASE}/magento/records/order/1").status == 403
