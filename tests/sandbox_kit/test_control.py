"""The control API: what it shows, what it changes, whom it refuses."""

from __future__ import annotations

import pytest

from connectors.sandbox_kit.testing import Control, ControlRefused, SandboxHandle, send
from tests.sandbox_kit.shop import shop_call


def test_the_overview_lists_vendors_with_counts_and_faults(control: Control) -> None:
    vendors = {vendor["slug"]: vendor for vendor in control.overview()["vendors"]}
    entities = {entity["name"]: entity for entity in vendors["magento"]["entities"]}
    shown = {"name": "order", "title": "Orders", "count": 3, "creatable": False}
    assert entities["order"] == shown
    fault = next(f for f in vendors["quickbooks"]["faults"] if f["name"] == "lost_reply")
    assert (fault["active"], fault["remaining"]) == (False, None)
    assert fault["title"] and fault["description"]


def test_two_instances_share_nothing(sandbox_process: SandboxHandle) -> None:
    alice, bob = sandbox_process.control("alices"), sandbox_process.control("bobs")
    alice.place_order(sample="ordinary")
    assert bob.records("magento", "order")["total"] == 3
    for vendor, secret in (("magento", "access_token"), ("quickbooks", "client_secret")):
        assert alice.settings(vendor)[secret] != bob.settings(vendor)[secret]
    assert alice.settings("quickbooks")["realm_ids"] != bob.settings("quickbooks")["realm_ids"]


def test_records_come_newest_first_by_page(control: Control) -> None:
    control.place_order(random=True, seed=5, count=4)
    page = control.records("magento", "order", offset=1, limit=2)
    assert page["total"] == 7
    assert [order["entity_id"] for order in page["items"]] == [6, 5]


def test_secret_tables_are_not_records(control: Control) -> None:
    with pytest.raises(ControlRefused, match="404"):
        control.records("quickbooks", "_token")


def test_settings_are_merged_and_survive(control: Control) -> None:
    control.change_settings("quickbooks", access_token_lifetime_s=5)
    control.change_settings("quickbooks", slow_s=1)
    settings = control.settings("quickbooks")
    assert (settings["access_token_lifetime_s"], settings["slow_s"]) == (5, 1)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"acess_token_lifetime_s": 5}, "Unknown settings"),
        ({"access_token_lifetime_s": "soon"}, "wrong type"),
        ({"refresh_rotation": "never"}, "always, daily"),
        ({"webhooks": [{"url": "ftp://x"}]}, "http"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(
    control: Control, changes: dict[str, object], complaint: str
) -> None:
    before = control.settings("quickbooks")
    with pytest.raises(ControlRefused, match=complaint):
        control.call("PUT", "quickbooks/settings", changes)
    assert control.settings("quickbooks") == before


def test_a_reset_brings_back_the_seed_but_keeps_credentials_and_numbers(control: Control) -> None:
    token = control.settings("magento")["access_token"]
    first = control.place_order(sample="ordinary")["order"]
    control.fault_on("magento", "rate_limited")
    control.reset("magento")
    assert control.records("magento", "order")["total"] == 3
    assert control.settings("magento")["access_token"] == token
    assert shop_call(control, "GET", "orders?searchCriteria").status == 200
    second = control.place_order(sample="ordinary")["order"]
    assert second["entity_id"] > first["entity_id"]


@pytest.mark.parametrize("path", ["a/nowhere", "a/magento/faults/rain", "UPPER", "a/magento/what"])
def test_an_unknown_route_is_404(sandbox_process: SandboxHandle, path: str) -> None:
    answer = send("GET", f"{sandbox_process.base_url}/_control/{path}")
    assert answer.status == 404
    assert answer.document()["message"]


def test_a_body_that_is_not_json_is_refused(control: Control) -> None:
    url = f"{control.base_url}/_control/{control.instance}/magento/settings"
    assert send("PUT", url, body=b"{not json").status == 400


def test_a_page_of_another_site_is_refused(control: Control) -> None:
    url = f"{control.base_url}/_control/{control.instance}/magento/settings"
    assert send("GET", url, headers={"origin": "https://evil.example"}).status == 403


def test_a_name_of_another_machine_that_leads_here_is_refused(control: Control) -> None:
    url = f"{control.base_url}/_control/{control.instance}/magento/settings"
    assert send("GET", url, headers={"host": "rebound.example:8701"}).status == 403
    assert send("GET", url, headers={"host": "localhost:8701"}).status == 200


def test_an_unknown_sandbox_is_404_and_creates_nothing(sandbox_process: SandboxHandle) -> None:
    assert send("GET", f"{sandbox_process.base_url}/new-instance/netsuite/rest").status == 404
    assert send("GET", f"{sandbox_process.base_url}/..%2F..%2Fetc/magento/rest").status == 404
    assert not (sandbox_process.data_dir / "new-instance").exists()


def test_records_are_found_by_a_text_in_them(control: Control) -> None:
    order = control.place_order(sample="ordinary")["order"]
    page = control.call("GET", f"magento/records/order?q={order['increment_id']}")
    assert [item["entity_id"] for item in page["items"]] == [order["entity_id"]]
    assert (page["total"], page["refs"]) == (1, [{"id": str(order["entity_id"]), "scope": ""}])


def test_a_record_edited_by_hand_is_what_the_vendor_answers(control: Control) -> None:
    order = shop_call(control, "GET", "orders/1").document()
    control.edit_record("magento", "order", "1", {**order, "customer_email": "new@example.com"})
    assert shop_call(control, "GET", "orders/1").document()["customer_email"] == "new@example.com"


def test_a_record_removed_by_hand_is_gone(control: Control) -> None:
    control.call("DELETE", "magento/records/order/1")
    assert shop_call(control, "GET", "orders/1").status == 404


def test_editing_what_is_not_there_is_refused(control: Control) -> None:
    with pytest.raises(ControlRefused, match="404"):
        control.edit_record("magento", "order", "999", {})


def test_the_latest_calls_are_shown_with_what_became_of_them(control: Control) -> None:
    shop_call(control, "GET", "orders/1")
    control.fault_on("magento", "server_error", times=1)
    shop_call(control, "GET", "orders/2")
    newest, before = control.calls("magento")[:2]
    assert (newest["path"], newest["status"], newest["ending"]) == (
        "/rest/V1/orders/2",
        500,
        "refused",
    )
    assert (before["status"], before["ending"]) == (200, "whole")
    assert "store_name" in before["reply"]


def test_new_credentials_shut_out_the_old_ones(control: Control) -> None:
    old = control.settings("magento")["access_token"]
    control.call("POST", "magento/credentials", {})
    url = f"{control.vendor_url('magento')}/rest/V1/orders/1"
    assert send("GET", url, headers={"authorization": f"Bearer {old}"}).status == 401
    assert shop_call(control, "GET", "orders/1").status == 200


def test_one_clock_moves_all_vendors(control: Control) -> None:
    before = control.call("GET", "clock")
    moved = control.advance(86_400)
    assert moved["offset_s"] == before["offset_s"] + 86_400
    assert control.settings("quickbooks")["clock_offset_s"] == 86_400
    control.call("PUT", "clock", {"offset_s": 0})
    assert control.settings("magento")["clock_offset_s"] == 0
    with pytest.raises(ControlRefused, match="whole seconds"):
        control.call("PUT", "clock", {"advance_s": "soon"})
