"""Fault switches, which every vendor has."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.sandbox_kit.testing import Control
from tests.kit.waiting import until
from tests.sandbox_kit.shop import comment_on, comments_of, shop_call

CUT = (http.client.RemoteDisconnected, ConnectionError)


def fault_state(control: Control, name: str) -> tuple[bool, int | None]:
    faults = {fault["name"]: fault for fault in control.call("GET", "magento")["faults"]}
    return faults[name]["active"], faults[name]["remaining"]


def test_a_fault_with_times_hits_that_many_calls_and_ends(control: Control) -> None:
    control.fault_on("magento", "rate_limited", times=2)
    statuses = [shop_call(control, "GET", "orders/1").status for _ in range(3)]
    assert statuses == [429, 429, 200]
    assert fault_state(control, "rate_limited") == (False, None)


def test_a_fault_without_times_stays_until_it_is_switched_off(control: Control) -> None:
    control.fault_on("magento", "server_error")
    assert {shop_call(control, "GET", "orders/1").status for _ in range(4)} == {500}
    assert fault_state(control, "server_error") == (True, None)
    control.fault_off("magento", "server_error")
    assert shop_call(control, "GET", "orders/1").status == 200


def test_match_and_skip_choose_the_call_that_is_hit(control: Control) -> None:
    control.fault_on("magento", "rate_limited", times=1, match="/orders", skip=1)
    assert shop_call(control, "GET", "products/MUG-RED").status == 200
    assert shop_call(control, "GET", "orders/1").status == 200
    assert shop_call(control, "GET", "orders/1").status == 429
    assert shop_call(control, "GET", "orders/1").status == 200


def test_a_server_error_leaves_nothing_behind(control: Control) -> None:
    control.fault_on("magento", "server_error", times=1)
    assert comment_on(control, 1, "hello").status == 500
    assert comments_of(control, 1) == []


def test_a_lost_reply_cuts_the_connection_after_the_write_is_kept(control: Control) -> None:
    control.fault_on("magento", "lost_reply", times=1)
    with pytest.raises(CUT):
        comment_on(control, 1, "hello")
    assert comments_of(control, 1) == ["hello"]
    assert comment_on(control, 1, "again").status == 200


def test_a_lost_reply_never_hits_a_read(control: Control) -> None:
    control.fault_on("magento", "lost_reply")
    assert shop_call(control, "GET", "orders/1").status == 200
    assert fault_state(control, "lost_reply") == (True, None)


def test_a_token_expires_once_when_nothing_else_is_said(control: Control) -> None:
    control.fault_on("magento", "token_expired")
    assert fault_state(control, "token_expired") == (True, 1)
    assert [shop_call(control, "GET", "orders/1").status for _ in range(2)] == [401, 200]


def test_maintenance_is_a_web_page(control: Control) -> None:
    control.fault_on("magento", "unavailable", times=1)
    answer = shop_call(control, "GET", "orders/1")
    assert answer.status == 503
    assert answer.headers["content-type"].startswith("text/html")


def test_slow_answers_late_but_does_the_work(control: Control) -> None:
    control.change_settings("magento", slow_s=1)
    control.fault_on("magento", "slow", times=1)
    started = time.monotonic()
    assert comment_on(control, 1, "patience").status == 200
    assert time.monotonic() - started >= 1
    assert comments_of(control, 1) == ["patience"]


def test_a_slow_answer_comes_at_once_when_the_sandbox_is_made_quick_again(
    control: Control,
) -> None:
    control.change_settings("magento", slow_s=600)
    control.fault_on("magento", "slow", times=1)
    with ThreadPoolExecutor(1) as hand:
        waiting = hand.submit(comment_on, control, 1, "patience")
        until(lambda: not fault_state(control, "slow")[0], what="the call waits")
        assert not waiting.done()
        control.change_settings("magento", slow_s=0)
        assert waiting.result(10).status == 200
    assert comments_of(control, 1) == ["patience"]


def test_the_control_api_is_never_hit(control: Control) -> None:
    for name in ("rate_limited", "server_error", "unavailable"):
        control.fault_on("magento", name)
    assert control.records("magento", "order")["total"] == 3


def test_a_bare_refusal_does_not_say_when_to_come_back(control: Control) -> None:
    control.fault_on("magento", "rate_limited", times=1)
    assert "retry-after" in shop_call(control, "GET", "orders/1").headers
    control.fault_on("magento", "rate_limited_bare", times=1)
    answer = shop_call(control, "GET", "orders/1")
    assert answer.status == 429
    assert "retry-after" not in answer.headers


def test_an_error_after_the_work_keeps_the_work(control: Control) -> None:
    control.fault_on("magento", "error_after_commit", times=1)
    assert comment_on(control, 1, "hello").status == 500
    assert comments_of(control, 1) == ["hello"]


def test_work_after_the_cut_is_done_when_its_time_has_come(control: Control) -> None:
    control.fault_on("magento", "late_commit", times=1)
    with pytest.raises(CUT):
        comment_on(control, 1, "hello")
    assert comments_of(control, 1) == []
    control.advance(11)
    assert comments_of(control, 1) == ["hello"]


def test_no_answer_keeps_the_work_and_says_nothing(control: Control) -> None:
    control.change_settings("magento", silence_s=1)
    control.fault_on("magento", "no_answer", times=1)
    with pytest.raises(CUT):
        comment_on(control, 1, "hello")
    assert comments_of(control, 1) == ["hello"]


def test_half_an_answer_ends_in_the_middle_of_the_body(control: Control) -> None:
    control.fault_on("magento", "truncated", times=1)
    with pytest.raises(http.client.IncompleteRead) as torn:
        shop_call(control, "GET", "orders/1")
    assert torn.value.partial
    assert shop_call(control, "GET", "orders/1").status == 200


def test_access_taken_away_stays_away_until_it_is_given_back(control: Control) -> None:
    control.fault_on("magento", "access_refused")
    assert [shop_call(control, "GET", "orders/1").status for _ in range(3)] == [401] * 3
    control.fault_off("magento", "access_refused")
    assert shop_call(control, "GET", "orders/1").status == 200


def test_new_records_appear_late_but_old_ones_are_there(control: Control) -> None:
    control.fault_on("magento", "late_records")
    number = control.place_order(sample="ordinary")["order"]["entity_id"]
    assert shop_call(control, "GET", f"orders/{number}").status == 404
    assert shop_call(control, "GET", "orders/1").status == 200
    control.advance(31)
    assert shop_call(control, "GET", f"orders/{number}").status == 200


@pytest.mark.parametrize(
    ("fault", "fields"),
    [
        ("drift_added", {"increment_id": "000000001", "increment_id_v2": "000000001"}),
        ("drift_removed", {}),
        ("drift_renamed", {"increment_id_v2": "000000001"}),
        ("drift_retyped", {"increment_id": {"value": "000000001"}}),
    ],
)
def test_a_drifted_schema_changes_the_named_field_in_answers(
    control: Control, fault: str, fields: dict[str, object]
) -> None:
    control.change_settings("magento", drift_field="increment_id")
    control.fault_on("magento", fault, times=1)
    order = shop_call(control, "GET", "orders/1").document()
    assert {name: value for name, value in order.items() if "increment_id" in name} == fields
    assert "increment_id" in shop_call(control, "GET", "orders/1").document()
