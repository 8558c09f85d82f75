"""Calls on the Magento sandbox, which stands for any vendor in the tests of the kit."""

from __future__ import annotations

from typing import Any

from connectors.sandbox_kit.testing import Answer, Control, send


def shop_call(control: Control, method: str, path: str, document: Any = None) -> Answer:
    token = control.settings("magento")["access_token"]
    return send(
        method,
        f"{control.vendor_url('magento')}/rest/V1/{path}",
        document=document,
        headers={"authorization": f"Bearer {token}"},
    )


def comment_on(control: Control, order_id: int, text: str) -> Answer:
    """A write: adds a comment to an order."""
    history = {"comment": text, "is_customer_notified": 0, "is_visible_on_front": 0}
    return shop_call(control, "POST", f"orders/{order_id}/comments", {"statusHistory": history})


def comments_of(control: Control, order_id: int) -> list[str]:
    order = shop_call(control, "GET", f"orders/{order_id}").document()
    return [entry["comment"] for entry in order["status_histories"]]
