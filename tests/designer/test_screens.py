"""What the designer's screens are told: names of standard records, addresses, numbers of a run."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from designer.blueprints.loading import flow_document
from ipaas.tenancy.models import Membership, Role
from runtime.effects.hands import Worker
from tests.kit.cast import ApiClient, Cast
from tests.kit.order_flow import OrderFlow, make_order_flow, settle

pytestmark = pytest.mark.django_db(transaction=True)

HOOKED: dict[str, Any] = {
    "schema": 1,
    "nodes": [
        {"id": "start", "type": "trigger.webhook", "name": "Start", "config": {}},
        {"id": "end", "type": "stop", "name": "End", "config": {}},
    ],
    "edges": [{"id": "e", "source": "start", "source_port": "out", "target": "end"}],
}


def test_the_palette_names_standard_records_and_how_changes_are_told(alice: ApiClient) -> None:
    palette = alice.get("/api/v1/w/north/palette").json
    assert {"Invoice", "SalesOrder"} <= set(palette["canonical"])
    kinds = {item["type"]: item for group in palette["groups"] for item in group["items"]}
    assert kinds["switch"]["ports_from"] == "branches"
    (shop,) = [c for c in palette["connectors"] if c["slug"] == "magento"]
    told = {operation["name"]: operation["delivery"] for operation in shop["operations"]}
    assert any("webhook" in ways for ways in told.values())
    assert told["get_order"] == []


def test_only_those_who_build_flows_see_where_messages_are_taken(
    cast: Cast, alice: ApiClient, vera: ApiClient
) -> None:
    base = "/api/v1/w/north/flows"
    flow = alice.post(base, {"name": "Hooked", "document": HOOKED}).json["id"]
    alice.post(f"{base}/{flow}/publish", {"revision": 1, "environment": "test", "note": ""})
    places = {
        f"{base}/{flow}": lambda found: found["deployments"][0]["webhook_url"],
        f"{base}/{flow}/trigger": lambda found: found["webhook_url"],
        f"{base}/{flow}/hook": lambda found: found["url"],
    }
    for path, address in places.items():
        assert "/hooks/" in address(alice.get(path).json), path
        assert address(vera.get(path).json) is None, path
    Membership.objects.filter(user=cast.vera).update(role=Role.ANALYST)
    assert vera.get(f"{base}/{flow}/hook").json["url"] is None


def test_the_questions_of_one_run_are_listed_by_its_id(alice: ApiClient) -> None:
    document = deepcopy(HOOKED)
    document["nodes"][0]["type"] = "trigger.manual"
    ask = {"id": "ask", "type": "approval", "name": "Ask", "config": {"assignee": "role:admin"}}
    document["nodes"].insert(1, ask)
    document["edges"] = [
        {"id": "a", "source": "start", "source_port": "out", "target": "ask"},
        {"id": "b", "source": "ask", "source_port": "approved", "target": "end"},
    ]
    base = "/api/v1/w/north"
    flow = alice.post(f"{base}/flows", {"name": "Asks", "document": document}).json["id"]
    alice.post(f"{base}/flows/{flow}/publish", {"revision": 1, "environment": "test", "note": ""})
    runs = [alice.post(f"{base}/flows/{flow}/start").json["run_id"] for _ in range(2)]
    worker = Worker("test")
    settle(worker)
    worker.close()
    assert len(alice.get(f"{base}/approvals").json["items"]) == 2
    (asked,) = alice.get(f"{base}/approvals?run={runs[0]}").json["items"]
    assert asked["run_id"] == runs[0]


def test_the_numbers_of_a_run_say_what_they_are(sandbox: Any) -> None:
    flow: OrderFlow = make_order_flow()
    owner = ApiClient(flow.owner)
    base = f"/api/v1/w/{flow.slug}"
    samples = owner.get(f"{base}/flows/{flow.flow_id}/samples").json["items"]
    sample = next(s for s in samples if s["kind"] == "sandbox")
    run_id = owner.post(
        f"{base}/flows/{flow.flow_id}/test",
        {"document": flow_document("order_to_cash"), "sample": {"document": sample["document"]}},
    ).json["run_id"]
    worker = Worker("test")
    settle(worker)
    worker.close()
    keys = {key["label"]: key["value"] for key in owner.get(f"{base}/runs/{run_id}").json["keys"]}
    assert "invoice in quickbooks" in keys
    assert "order in quickbooks" not in keys
    made = owner.get(f"{base}/runs/{run_id}/steps/post").json
    assert keys["invoice in quickbooks"] == str(made["output"]["Id"])


def test_a_called_flow_says_what_it_is_given(alice: ApiClient, bob: ApiClient) -> None:
    form = {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}}
    called = deepcopy(HOOKED)
    called["nodes"][0] |= {"type": "trigger.called", "config": {"form": form}}
    ids = {
        client: client.post(f"/api/v1/w/{slug}/flows", {"name": "Called", "document": called})
        for client, slug in ((alice, "north"), (bob, "south"))
    }
    base = "/api/v1/w/north/flows"
    caller = deepcopy(HOOKED)
    wanted = []
    for client in (alice, bob):
        call = {"flow": ids[client].json["id"]}
        caller["nodes"][1] = {"id": "end", "type": "call_flow", "name": "Call", "config": call}
        flow = alice.post(base, {"name": "Caller", "document": caller}).json["id"]
        asked = {"document": caller, "node_id": "end", "mapping_name": "input"}
        wanted.append(alice.post(f"{base}/{flow}/sources", asked).json["target_schema"])
    assert wanted == [form, None]  # nothing is told of another workspace's flow


def test_a_poll_that_is_not_told_where_to_look_is_not_published(alice: ApiClient) -> None:
    base = "/api/v1/w/north"
    made = alice.post(
        f"{base}/connections",
        {
            "connector": "sql",
            "name": "Stock",
            "environment": "test",
            "settings": {"kind": "sqlite", "database": "stock.db"},
        },
    )
    assert made.status == 201, made.json
    document = deepcopy(HOOKED)
    look: dict[str, Any] = {"connector": "sql", "connection": "stock", "operation": "row_changed"}
    document["nodes"][0] |= {"type": "trigger.poll", "config": look}
    flow = alice.post(f"{base}/flows", {"name": "Stock", "document": document}).json["id"]

    def missing() -> list[str]:
        told = alice.post(f"{base}/flows/{flow}/check", {"document": document}).json["problems"]
        return [each["message"] for each in told if each["code"] == "node.incomplete"]

    assert any("“Table or view”" in message for message in missing())
    look["inputs"] = {"table": "t", "cursor_column": "n", "id_column": "n"}
    assert missing() == []
