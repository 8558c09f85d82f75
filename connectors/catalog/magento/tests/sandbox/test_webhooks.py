"""Orders are announced, whole and signed."""

from __future__ import annotations

import base64
import hashlib
import hmac

from connectors.catalog.magento.tests.sandbox.shop import Shop
from connectors.sandbox_kit.webhook_receiver import receiving


def test_placed_and_changed_orders_are_announced_with_the_whole_order(shop: Shop) -> None:
    with receiving() as receiver:
        secret = "hook-secret"
        shop.control.change_settings("magento", webhooks=[{"url": receiver.url, "secret": secret}])
        placed = shop.control.place_order(sample="discount")["order"]
        request = receiver.wait_for(1)[0]
        digest = hmac.new(secret.encode(), request.body, hashlib.sha256).digest()
        assert request.headers["x-signature"] == base64.b64encode(digest).decode()
        assert request.headers["x-webhook-topic"] == "sales_order_save_after"
        event = request.document()
        assert event["data"] == placed
        assert (event["event"], event["entity_id"], event["increment_id"]) == (
            "sales_order_save_after",
            placed["entity_id"],
            placed["increment_id"],
        )
        assert event["store_base_url"] == f"{shop.url}/"
        shop.post(f"orders/{placed['entity_id']}/comments", {"statusHistory": {"comment": "x"}})
        changed = receiver.wait_for(2)[1]
        assert changed.document()["data"]["updated_at"] > placed["updated_at"]
        assert changed.headers["x-webhook-id"] != request.headers["x-webhook-id"]
