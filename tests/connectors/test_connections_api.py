"""Connections over the REST API: who may do what, and that no secret ever comes out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors import facade, links
from connectors.sandbox_kit.testing import SandboxHandle
from connectors.testing.bench import approve
from tests.kit.cast import ApiClient, Cast

NORTH = "/api/v1/w/north"
SECRET = "very-secret-token-123"
SHOP = {
    "connector": "magento",
    "name": "Our shop",
    "environment": "test",
    "settings": {"base_url": "https://shop.example.com/"},
    "secrets": {"access_token": SECRET},
}


@pytest.fixture(autouse=True)
def sandboxes(sandbox_process: SandboxHandle, settings: Any) -> SandboxHandle:
    settings.SANDBOX_URL = sandbox_process.base_url
    return sandbox_process


@pytest.fixture
def uses() -> Iterator[dict[str, Any]]:
    """Flows that use connections, as a higher app would tell."""
    told: dict[str, Any] = {}

    def provider(workspace_id: str, environment: str) -> dict[str, Any]:
        return told

    links.register_usage_provider(provider)
    yield told
    links._providers.remove(provider)


def test_a_connection_is_made_listed_and_never_shows_its_secret(alice: ApiClient) -> None:
    made = alice.post(f"{NORTH}/connections", SHOP)
    assert made.status == 201
    shown = made.json
    assert (shown["slug"], shown["status"]) == ("our-shop", "ready")
    assert shown["base_url"] == "https://shop.example.com"
    assert shown["has_secrets"] == ["access_token"]
    for path in ("connections?environment=test", f"connections/{shown['id']}"):
        assert SECRET not in alice.get(f"{NORTH}/{path}").text
    assert alice.get(f"{NORTH}/connections?environment=production").json["items"] == []


def test_two_connections_of_one_name_get_different_slugs(alice: ApiClient) -> None:
    slugs = [alice.post(f"{NORTH}/connections", SHOP).json["slug"] for _ in range(3)]
    assert slugs == ["our-shop", "our-shop-2", "our-shop-3"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"settings": {}}, "base_url"),
        ({"settings": {"base_url": "http://shop.example.com"}}, "base_url"),
        ({"settings": {"base_url": "https://a:b@shop.example.com"}}, "base_url"),
        ({"secrets": {}}, "access_token"),
        ({"settings": {"base_url": "https://shop.example.com", "colour": "red"}}, "colour"),
        ({"secrets": {"access_token": "x", "other": "y"}}, "other"),
    ],
)
def test_what_does_not_make_a_connection_is_named_by_its_field(
    alice: ApiClient, change: Any, field: str
) -> None:
    refused = alice.post(f"{NORTH}/connections", {**SHOP, **change})
    assert refused.status == 422
    assert field in refused.json["fields"]
    assert SECRET not in refused.text


def test_vera_sees_connections_but_changes_none(alice: ApiClient, vera: ApiClient) -> None:
    made = alice.post(f"{NORTH}/connections", SHOP).json
    assert vera.get(f"{NORTH}/connections").status == 200
    assert vera.post(f"{NORTH}/connections", SHOP).status == 403
    for method, path in (
        ("PATCH", f"connections/{made['id']}"),
        ("DELETE", f"connections/{made['id']}"),
        ("POST", f"connections/{made['id']}/test"),
        ("POST", f"connections/{made['id']}/authorize"),
    ):
        assert vera.request(method, f"{NORTH}/{path}", {}).status == 403


def test_bob_cannot_see_or_use_a_connection_of_alices_workspace(
    alice: ApiClient, bob: ApiClient
) -> None:
    made = alice.post(f"{NORTH}/connections", SHOP).json
    assert bob.get(f"{NORTH}/connections").status == 404
    for method, path in (
        ("GET", f"connections/{made['id']}"),
        ("PATCH", f"connections/{made['id']}"),
        ("DELETE", f"connections/{made['id']}"),
        ("POST", f"connections/{made['id']}/test"),
        ("GET", f"connections/{made['id']}/options/stores"),
    ):
        assert bob.request(method, f"/api/v1/w/south/{path}", {}).status == 404


def test_a_secret_is_replaced_without_the_others_and_settings_stay(alice: ApiClient) -> None:
    made = alice.post(f"{NORTH}/connections", SHOP).json
    changed = alice.patch(
        f"{NORTH}/connections/{made['id']}",
        {"name": "Shop two", "secrets": {"webhook_secret": "another-secret"}},
    ).json
    assert changed["name"] == "Shop two"
    assert changed["has_secrets"] == ["access_token", "webhook_secret"]
    assert changed["settings"] == made["settings"]
    assert changed["slug"] == made["slug"], "flows name it by its slug"


def test_a_connection_in_use_is_not_deleted(alice: ApiClient, uses: dict[str, Any]) -> None:
    made = alice.post(f"{NORTH}/connections", SHOP).json
    uses[made["slug"]] = [facade.ConnectionUse("flow_1", "Orders to invoices")]
    refused = alice.request("DELETE", f"{NORTH}/connections/{made['id']}")
    assert refused.status == 409
    assert refused.json["used_by"] == [{"flow_id": "flow_1", "name": "Orders to invoices"}]
    assert alice.get(f"{NORTH}/connections/{made['id']}").json["used_by"] == [
        {"flow_id": "flow_1", "name": "Orders to invoices"}
    ]
    uses.clear()
    assert alice.request("DELETE", f"{NORTH}/connections/{made['id']}").status == 204


def test_a_sandbox_connection_needs_no_typing(alice: ApiClient) -> None:
    body = {"connector": "magento", "name": "Shop", "environment": "test", "sandbox": True}
    made = alice.post(f"{NORTH}/connections", body)
    assert made.status == 201
    result = alice.post(f"{NORTH}/connections/{made.json['id']}/test").json
    assert result["ok"], result


def test_a_sandbox_is_not_connected_in_production(alice: ApiClient) -> None:
    body = {"connector": "magento", "name": "Shop", "environment": "production", "sandbox": True}
    assert alice.post(f"{NORTH}/connections", body).status == 422


def test_a_sandbox_connection_cannot_be_led_elsewhere(alice: ApiClient) -> None:
    body = {"connector": "magento", "name": "Shop", "environment": "test", "sandbox": True}
    made = alice.post(f"{NORTH}/connections", body).json
    refused = alice.patch(
        f"{NORTH}/connections/{made['id']}", {"settings": {"base_url": "http://127.0.0.1:22"}}
    )
    assert refused.status == 422


def test_a_test_of_a_connection_that_cannot_work_says_why(alice: ApiClient) -> None:
    body = {**SHOP, "settings": {"base_url": "https://127.0.0.1"}}
    made = alice.post(f"{NORTH}/connections", body).json
    result = alice.post(f"{NORTH}/connections/{made['id']}/test").json
    assert result["ok"] is False
    assert "on-premise" in result["hint"]


def test_alice_authorises_quickbooks_and_comes_back_to_the_connection(
    alice: ApiClient, cast: Cast
) -> None:
    body = {"connector": "quickbooks", "name": "Books", "environment": "test", "sandbox": True}
    made = alice.post(f"{NORTH}/connections", body).json
    assert made["status"] == "needs_consent"
    url = alice.post(f"{NORTH}/connections/{made['id']}/authorize").json["url"]
    answer = approve(url)

    back = alice.http.get("/oauth/callback", answer)

    assert back.status_code == 302
    assert back["Location"] == f"/w/north/connections/{made['id']}?connected=1"
    assert alice.get(f"{NORTH}/connections/{made['id']}").json["status"] == "ready"
    again = alice.http.get("/oauth/callback", answer)
    assert "problem=" in again["Location"]


def test_bob_cannot_finish_what_alice_began(alice: ApiClient, bob: ApiClient) -> None:
    body = {"connector": "quickbooks", "name": "Books", "environment": "test", "sandbox": True}
    made = alice.post(f"{NORTH}/connections", body).json
    answer = approve(alice.post(f"{NORTH}/connections/{made['id']}/authorize").json["url"])
    assert "problem=" in bob.http.get("/oauth/callback", answer)["Location"]
    assert alice.get(f"{NORTH}/connections/{made['id']}").json["status"] == "needs_consent"


def test_a_refusal_at_the_vendor_is_told_on_the_connections_page(alice: ApiClient) -> None:
    body = {"connector": "quickbooks", "name": "Books", "environment": "test", "sandbox": True}
    made = alice.post(f"{NORTH}/connections", body).json
    url = alice.post(f"{NORTH}/connections/{made['id']}/authorize").json["url"]
    state = approve(url)["state"]
    back = alice.http.get("/oauth/callback", {"state": state, "error": "access_denied"})
    assert back["Location"].startswith(f"/w/north/connections/{made['id']}?problem=")


def test_listing_connections_takes_the_same_number_of_queries_however_many_there_are(
    alice: ApiClient, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        alice.post(f"{NORTH}/connections", SHOP)
    with django_assert_max_num_queries(10):
        assert len(alice.get(f"{NORTH}/connections?environment=test").json["items"]) == 8


# The catalogue and the sandboxes


def test_the_catalogue_says_what_can_be_connected_and_done(vera: ApiClient) -> None:
    items = vera.get(f"{NORTH}/connectors").json["items"]
    assert {"magento", "quickbooks"} <= {item["slug"] for item in items}
    one = vera.get(f"{NORTH}/connectors/magento").json
    assert one["auth"]["kind"] == "bearer"
    assert {field["name"] for field in one["auth"]["fields"]} >= {"base_url", "access_token"}
    assert "# Magento" in one["readme"]
    operation = vera.get(f"{NORTH}/connectors/quickbooks/operations/create_invoice").json
    assert "Line" in operation["input_schema"]["properties"]
    assert "TotalAmt" not in operation["input_schema"]["properties"], "it cannot be written"
    assert "TotalAmt" in operation["output_schema"]["properties"]


def test_icons_are_served_and_hold_no_script(alice: ApiClient) -> None:
    answer = alice.http.get("/connectors/magento/icon.svg")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/svg+xml"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_the_sandboxes_show_records_faults_and_take_orders(alice: ApiClient) -> None:
    items = {item["slug"]: item for item in alice.get(f"{NORTH}/sandboxes").json["items"]}
    assert items["magento"]["up"] and items["quickbooks"]["up"]
    sample = alice.get(f"{NORTH}/sandboxes/magento/order-samples").json["items"][0]
    placed = alice.post(f"{NORTH}/sandboxes/magento/orders", {"sample": sample["id"]})
    assert placed.status == 201
    orders = alice.get(f"{NORTH}/sandboxes/magento/records/order").json
    assert placed.json["order"]["entity_id"] in [item["entity_id"] for item in orders["items"]]
    fault = alice.put(
        f"{NORTH}/sandboxes/quickbooks/faults/lost_reply", {"active": True, "times": 1}
    )
    assert fault.status == 200
    assert alice.get(f"{NORTH}/sandboxes/magento/records/nothing").status == 400


def test_vera_looks_at_the_sandbox_but_does_not_touch_it(vera: ApiClient) -> None:
    assert vera.get(f"{NORTH}/sandboxes").status == 200
    assert vera.post(f"{NORTH}/sandboxes/magento/orders", {"random": True}).status == 403
    path = f"{NORTH}/sandboxes/magento/faults/slow"
    assert vera.put(path, {"active": True}).status == 403


def test_a_sandbox_that_is_down_is_shown_as_down(alice: ApiClient, settings: Any) -> None:
    settings.SANDBOX_URL = "http://127.0.0.1:9"
    items = alice.get(f"{NORTH}/sandboxes").json["items"]
    assert items and not any(item["up"] for item in items)
    refused = alice.get(f"{NORTH}/sandboxes/magento/records/order")
    assert (refused.status, refused.json["code"]) == (503, "sandbox.down")


def test_cross_references_are_stored_once_and_found_by_either_id(
    alice: ApiClient, bob: ApiClient, cast: Cast
) -> None:
    for _ in range(2):
        facade.record_xrefs(
            [
                facade.NewReference(
                    cast.north.id, "test", entity="order", left_connection="shop", left_id="45",
                    right_connection="books", right_id="145", run_id="run_1",
                )
            ]
        )  # fmt: skip
    for wanted in ("q=45", "q=145", "entity=order", ""):
        items = alice.get(f"{NORTH}/xrefs?{wanted}").json["items"]
        assert [(item["left"]["id"], item["right"]["id"]) for item in items] == [("45", "145")]
    assert bob.get("/api/v1/w/south/xrefs").json["items"] == []


def test_a_sandbox_sends_its_messages_to_the_connection_until_it_is_removed(
    alice: ApiClient, sandboxes: SandboxHandle
) -> None:
    control = sandboxes.control("north")
    body = {"connector": "magento", "name": "Shop", "environment": "test", "sandbox": True}
    made = alice.post(f"{NORTH}/connections", body).json

    def receivers() -> list[str]:
        return [entry["url"] for entry in control.settings("magento")["webhooks"]]

    assert made["webhook_url"] in receivers()
    control.change_settings("magento", webhooks=[])
    alice.post(f"{NORTH}/connections/{made['id']}/test")
    assert made["webhook_url"] in receivers()
    alice.delete(f"{NORTH}/connections/{made['id']}")
    assert made["webhook_url"] not in receivers()
