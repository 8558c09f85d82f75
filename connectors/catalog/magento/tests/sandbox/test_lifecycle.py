"""The life of an order: invoiced, shipped, refunded, held, commented."""

from __future__ import annotations

import pytest

from connectors.catalog.magento.tests.sandbox.shop import Shop, ids, place


def test_invoice_then_shipment_complete_an_order(shop: Shop) -> None:
    order = shop.control.place_order(sample="configurable")["order"]
    number = order["entity_id"]
    invoice = shop.post(f"order/{number}/invoice", {"capture": True})
    assert isinstance(invoice, str)
    after = shop.order(number)
    assert (after["state"], after["status"]) == ("processing", "processing")
    assert after["total_paid"] == order["grand_total"]
    assert after["total_due"] == 0
    document = shop.get(f"invoices/{invoice}")
    assert (document["state"], document["grand_total"]) == (2, order["grand_total"])
    shipment = shop.post(
        f"order/{number}/ship",
        {"tracks": [{"track_number": "1Z", "title": "UPS", "carrier_code": "ups"}]},
    )
    assert shop.order(number)["state"] == "complete"
    assert shop.get(f"shipment/{shipment}")["tracks"][0]["order_id"] == number


def test_an_invoice_without_capture_stays_open_until_captured(shop: Shop) -> None:
    order = shop.control.place_order(sample="ordinary")["order"]
    invoice = shop.post(f"order/{order['entity_id']}/invoice")
    assert shop.get(f"invoices/{invoice}")["state"] == 1
    assert "total_paid" not in shop.order(order["entity_id"])
    assert shop.post(f"invoices/{invoice}/capture") is True
    assert shop.order(order["entity_id"])["total_paid"] == order["grand_total"]


def test_part_invoices_add_up_to_the_order(shop: Shop) -> None:
    order = place(
        shop,
        customer="ana.silva@shop.example",
        items=[{"sku": "OLIVE-OIL-05", "qty": 3}],
        shipping_amount=5,
    )
    row = order["items"][0]["item_id"]
    for qty in (1, 2):
        shop.post(
            f"order/{order['entity_id']}/invoice",
            {"capture": True, "items": [{"order_item_id": row, "qty": qty}]},
        )
    after = shop.order(order["entity_id"])
    assert after["items"][0]["qty_invoiced"] == 3
    assert after["total_invoiced"] == order["grand_total"]


@pytest.mark.parametrize(("route", "prefix"), [("invoice", "Invoice"), ("ship", "Shipment")])
def test_what_the_state_forbids_is_a_400(shop: Shop, route: str, prefix: str) -> None:
    answer = shop.call("POST", f"V1/order/1/{route}", {})
    assert answer.status == 400
    assert answer.document()["message"].startswith(f"{prefix} Document Validation Error(s):\n")


def test_more_than_ordered_cannot_be_invoiced(shop: Shop) -> None:
    order = shop.control.place_order(sample="ordinary")["order"]
    row = order["items"][0]
    wish = {"items": [{"order_item_id": row["item_id"], "qty": row["qty_ordered"] + 1}]}
    assert shop.call("POST", f"V1/order/{order['entity_id']}/invoice", wish).status == 400
    assert shop.order(order["entity_id"]) == order


def test_a_full_refund_closes_the_order(shop: Shop) -> None:
    paid = shop.order(1)
    credit = shop.post("order/1/refund")
    after = shop.order(1)
    assert after["state"] == "closed"
    assert after["total_refunded"] == paid["grand_total"]
    assert shop.get(f"creditmemo/{credit}")["state"] == 2


def test_a_new_order_can_be_cancelled_and_an_invoiced_one_cannot(shop: Shop) -> None:
    assert shop.post("orders/3/cancel") is True
    assert shop.order(3)["state"] == "canceled"
    assert shop.post("orders/2/cancel") is False
    assert shop.order(2)["state"] == "processing"


def test_hold_and_unhold_give_the_state_back(shop: Shop) -> None:
    assert shop.post("orders/3/hold") is True
    assert shop.order(3)["state"] == "holded"
    assert shop.call("POST", "V1/order/3/invoice", {}).status == 400
    assert shop.post("orders/3/unhold") is True
    assert shop.order(3)["state"] == "new"


def test_a_comment_sets_the_status(shop: Shop) -> None:
    shop.post(
        "orders/3/comments",
        {"statusHistory": {"comment": "posted", "status": "processing", "is_visible_on_front": 0}},
    )
    assert shop.get("orders/3/statuses") == "processing"
    assert shop.get("orders/3/comments")["items"][0]["comment"] == "posted"


def test_saving_a_partial_order_keeps_what_is_not_given(shop: Shop) -> None:
    before = shop.order(3)
    shop.post("orders", {"entity": {"entity_id": 3, "ext_order_id": "QB-17"}})
    after = shop.order(3)
    assert after["ext_order_id"] == "QB-17"
    assert after["grand_total"] == before["grand_total"]
    assert ids(shop.find("orders", ("ext_order_id", "QB-17", "eq"))) == [3]


def test_every_change_gives_a_later_updated_at_also_within_a_second(shop: Shop) -> None:
    number = shop.control.place_order(sample="ordinary")["order"]["entity_id"]
    moments = [shop.order(number)["updated_at"]]
    for text in "abc":
        shop.post(f"orders/{number}/comments", {"statusHistory": {"comment": text}})
        moments.append(shop.order(number)["updated_at"])
    assert moments == sorted(set(moments))
    found = shop.find("orders", ("updated_at", moments[-1], "gteq"))
    assert number in ids(found)
