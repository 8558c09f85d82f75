"""Webhooks out: signed, delivered at least once, never in the way of the API."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from pathlib import Path
from urllib.parse import urlsplit

from connectors.sandbox_kit.testing import Control, start_sandbox
from connectors.sandbox_kit.webhook_receiver import Received, receiving, wait_until
from tests.sandbox_kit.shop import shop_call

SECRET = "s3cret-of-the-webhook"


def listen(control: Control, *urls: str) -> None:
    control.change_settings("magento", webhooks=[{"url": url, "secret": SECRET} for url in urls])


def genuine(request: Received) -> bool:
    digest = hmac.new(SECRET.encode(), request.body, hashlib.sha256).digest()
    return request.headers["x-signature"] == base64.b64encode(digest).decode()


def delivered_ids(requests: list[Received]) -> set[int]:
    return {request.document()["entity_id"] for request in requests}


def test_every_placed_order_arrives_at_every_receiver_with_a_true_signature(
    control: Control,
) -> None:
    with receiving() as first, receiving() as second:
        listen(control, first.url, second.url)
        control.place_order(random=True, seed=1, count=30)
        for receiver in (first, second):
            requests = receiver.wait_for(30)
            assert all(genuine(request) for request in requests)
            assert delivered_ids(requests) == set(range(4, 34))
    wait_until(lambda: control.webhooks("magento")["pending"] == 0)


def test_a_refusing_receiver_gets_the_event_again(control: Control) -> None:
    with receiving() as receiver:
        receiver.statuses += [500, 503]
        listen(control, receiver.url)
        control.place_order(sample="ordinary")
        requests = receiver.wait_for(3)
        assert len({request.headers["x-webhook-id"] for request in requests}) == 1
        assert len({request.body for request in requests}) == 1


def test_a_receiver_that_was_down_gets_every_event(control: Control) -> None:
    with receiving() as receiver:
        listen(control, receiver.url)
        port = urlsplit(receiver.url).port or 0
    control.place_order(random=True, seed=2, count=20)
    wait_until(lambda: control.webhooks("magento")["items"][0]["attempts"] > 0)
    assert control.webhooks("magento")["pending"] == 20
    with receiving(port) as revived:
        wait_until(lambda: delivered_ids(revived.requests) == set(range(4, 24)))


def test_events_promised_before_a_kill_are_sent_after_the_restart(tmp_path: Path) -> None:
    running = start_sandbox(tmp_path)
    control = running.control("a")
    with receiving() as receiver:
        listen(control, receiver.url)
        port = urlsplit(receiver.url).port or 0
    control.place_order(random=True, seed=3, count=10)
    running.kill()
    running.restart()
    try:
        with receiving(port) as revived:
            wait_until(lambda: delivered_ids(revived.requests) == set(range(4, 14)))
    finally:
        running.stop()


def test_a_hanging_receiver_holds_up_neither_the_api_nor_other_instances(
    control: Control,
) -> None:
    neighbour = Control(control.base_url, f"{control.instance}-b")
    with receiving() as hanging, receiving() as lively:
        hanging.may_answer.clear()
        listen(control, hanging.url)
        listen(neighbour, lively.url)
        started = time.monotonic()
        control.place_order(random=True, seed=4, count=20)
        assert shop_call(control, "GET", "orders/1").status == 200
        neighbour.place_order(sample="ordinary")
        lively.wait_for(1)
        assert time.monotonic() - started < 5


def test_a_forged_webhook_has_a_wrong_signature(control: Control) -> None:
    with receiving() as receiver:
        listen(control, receiver.url)
        control.fault_on("magento", "forged_webhook", times=1)
        control.place_order(sample="ordinary", count=2)
        requests = receiver.wait_for(2)
        assert sorted(genuine(request) for request in requests) == [False, True]


def test_a_duplicate_webhook_repeats_the_event_with_its_id(control: Control) -> None:
    with receiving() as receiver:
        listen(control, receiver.url)
        control.fault_on("magento", "duplicate_webhook", times=1)
        control.place_order(sample="ordinary")
        requests = receiver.wait_for(2)
        assert requests[0].headers["x-webhook-id"] == requests[1].headers["x-webhook-id"]


def orders_in(requests: list[Received]) -> list[int]:
    return [request.document()["entity_id"] for request in requests]


def test_lost_webhooks_are_not_sent_but_can_be_by_hand(control: Control) -> None:
    with receiving() as receiver:
        listen(control, receiver.url)
        control.fault_on("magento", "missing_webhook", times=1)
        control.place_order(sample="ordinary")
        control.place_order(sample="ordinary")
        assert orders_in(receiver.wait_for(1)) == [5]
        lost = next(w for w in control.webhooks("magento")["items"] if w["state"] == "lost")
        control.move_webhook("magento", lost["id"], "send")
        assert orders_in(receiver.wait_for(2)) == [5, 4]


def test_late_webhooks_leave_when_the_clock_says_so(control: Control) -> None:
    with receiving() as receiver:
        listen(control, receiver.url)
        control.fault_on("magento", "late_webhook", times=1)
        control.place_order(sample="ordinary")
        control.place_order(sample="ordinary")
        assert orders_in(receiver.wait_for(1)) == [5]
        assert control.webhooks("magento")["pending"] == 1
        control.advance(61)
        assert orders_in(receiver.wait_for(2)) == [5, 4]


def test_webhooks_out_of_order_overtake_each_other(control: Control) -> None:
    with receiving() as receiver:
        listen(control, receiver.url)
        control.change_settings("magento", reorder_s=3600)
        control.fault_on("magento", "reordered_webhooks")
        control.place_order(random=True, seed=4, count=4)
        assert sorted(orders_in(receiver.wait_for(2))) == [5, 7]
        control.advance(3600)
        assert sorted(orders_in(receiver.wait_for(4))[2:]) == [4, 6]


def test_a_webhook_held_back_stays_until_it_is_sent(control: Control) -> None:
    with receiving() as receiver:
        listen(control, receiver.url)
        control.fault_on("magento", "late_webhook", times=1)
        control.place_order(sample="ordinary")
        number = control.webhooks("magento")["items"][0]["id"]
        assert control.move_webhook("magento", number, "hold")["held"] == 1
        control.advance(600)
        control.place_order(sample="ordinary")
        assert orders_in(receiver.wait_for(1)) == [5]
        control.move_webhook("magento", number, "send")
        assert orders_in(receiver.wait_for(2)) == [5, 4]


def test_a_sandbox_ends_at_once_though_a_receiver_never_answers(tmp_path: Path) -> None:
    running = start_sandbox(tmp_path)
    control = running.control("a")
    with receiving() as receiver:
        receiver.may_answer.clear()
        listen(control, receiver.url)
        control.place_order(sample="ordinary")
        wait_until(lambda: control.webhooks("magento")["pending"] == 1)
        assert running.stop() == 0
        receiver.may_answer.set()
