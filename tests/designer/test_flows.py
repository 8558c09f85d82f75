"""Flows over the API: drafts, problems, publishing, previews and tests."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from designer.blueprints.loading import flow_document
from designer.documents import FLOW_SCHEMA
from ipaas.tenancy.models import Membership
from runtime.effects.hands import Worker
from tests.kit.cast import ApiClient
from tests.kit.order_flow import OrderFlow, cents, make_order_flow, settle

pytestmark = pytest.mark.django_db(transaction=True)

MANUAL: dict[str, Any] = {
    "schema": 1,
    "nodes": [
        {
            "id": "start",
            "type": "trigger.manual",
            "name": "Start",
            "config": {"sample": {"name": "Rye loaf", "price": 6.5}},
            "position": {"x": 0, "y": 0},
        },
        {
            "id": "shape",
            "type": "map",
            "name": "Shape",
            "config": {
                "target": {"schema": {"type": "object", "properties": {"gross": {}}}},
                "mapping": {
                    "schema": 1,
                    "rules": [
                        {
                            "id": "r1",
                            "target": "gross",
                            "expr": {
                                "op": "call",
                                "fn": "multiply",
                                "args": [
                                    {"op": "field", "path": "trigger.price"},
                                    {"op": "const", "value": "1.1"},
                                ],
                            },
                        }
                    ],
                },
            },
            "position": {"x": 300, "y": 0},
        },
    ],
    "edges": [{"id": "e1", "source": "start", "source_port": "out", "target": "shape"}],
}


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


@pytest.fixture
def owner(flow: OrderFlow) -> ApiClient:
    return ApiClient(flow.owner)


def url(flow: OrderFlow, *parts: str) -> str:
    return "/".join([f"/api/v1/w/{flow.slug}/flows", *parts])


def made(owner: ApiClient, flow: OrderFlow, document: Any) -> str:
    answer = owner.post(url(flow), {"name": "Second", "document": document})
    assert answer.status == 201, answer.json
    flow_id: str = answer.json["id"]
    return flow_id


def test_the_published_schema_describes_the_demo_flow(owner: ApiClient) -> None:
    shown = owner.get("/api/v1/schemas/flow").json
    assert shown == FLOW_SCHEMA
    jsonschema.Draft202012Validator.check_schema(shown)
    jsonschema.validate(flow_document("order_to_cash"), shown)


def test_a_draft_is_saved_with_a_rising_revision_and_exact_numbers(
    owner: ApiClient, flow: OrderFlow
) -> None:
    flow_id = made(owner, flow, MANUAL)
    document = deepcopy(MANUAL)
    document["nodes"][0]["config"]["sample"]["price"] = Decimal("19.9950")
    saved = owner.put(url(flow, flow_id, "draft"), {"revision": 1, "document": document})
    assert saved.json == {"revision": 2, "failing_tests": []}
    shown = owner.get(url(flow, flow_id)).json["draft"]
    assert shown["revision"] == 2
    assert str(shown["document"]["nodes"][0]["config"]["sample"]["price"]) == "19.9950"


def test_a_stale_save_is_refused_with_the_newer_draft(owner: ApiClient, flow: OrderFlow) -> None:
    flow_id = made(owner, flow, MANUAL)
    newer = {**MANUAL, "edges": []}
    owner.put(url(flow, flow_id, "draft"), {"revision": 1, "document": newer})
    refused = owner.put(url(flow, flow_id, "draft"), {"revision": 1, "document": MANUAL})
    assert refused.status == 409
    assert refused.json["code"] == "flow.stale_draft"
    assert refused.json["current"]["revision"] == 2
    assert refused.json["current"]["document"] == newer


def test_a_mapping_that_cannot_be_read_is_refused_with_the_place(
    owner: ApiClient, flow: OrderFlow
) -> None:
    document = deepcopy(MANUAL)
    document["nodes"][1]["config"]["mapping"]["rules"][0]["surprise"] = 1
    refused = owner.post(url(flow), {"name": "Bad", "document": document})
    assert refused.status == 422 and refused.json["code"] == "flow.malformed"
    assert "nodes/1/config/mapping/rules/0" in refused.json["title"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": 2}, "schema"),
        ({"nodes": "none"}, "nodes"),
        ({"nodes": [{"id": "A B", "type": "map", "config": {}}]}, "nodes/0/id"),
        ({"nodes": [{"id": "a", "type": "teleport", "config": {}}]}, "nodes/0/type"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_document_of_the_wrong_shape_is_refused_with_the_place(
    owner: ApiClient, flow: OrderFlow, change: dict[str, Any], words: str
) -> None:
    refused = owner.post(url(flow), {"name": "Bad", "document": {**MANUAL, **change}})
    assert refused.status == 422
    assert refused.json["code"] == "flow.malformed"
    assert words in refused.json["title"]


def test_malformed_json_is_a_problem_document(owner: ApiClient, flow: OrderFlow) -> None:
    answer = owner.http.post(url(flow), b'{"name": ', content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")


def problems(owner: ApiClient, flow: OrderFlow, document: Any) -> dict[str, Any]:
    answer = owner.post(url(flow, flow.flow_id, "check"), {"document": document})
    assert answer.status == 200, answer.json
    return {problem["code"]: problem for problem in answer.json["problems"]}


def test_the_demo_flow_has_no_errors(owner: ApiClient, flow: OrderFlow) -> None:
    found = problems(owner, flow, flow_document("order_to_cash"))
    assert not [p for p in found.values() if p["severity"] == "error"]


def test_a_circle_is_named_at_each_of_its_steps(owner: ApiClient, flow: OrderFlow) -> None:
    document = deepcopy(MANUAL)
    document["nodes"].append({"id": "more", "type": "map", "name": "More", "config": {}})
    document["edges"] += [
        {"id": "e2", "source": "shape", "source_port": "out", "target": "more"},
        {"id": "e3", "source": "more", "source_port": "out", "target": "shape"},
    ]
    found = problems(owner, flow, document)["flow.cycle"]
    assert found["severity"] == "error"
    assert "Shape" in found["message"]


def test_missing_parts_are_named(owner: ApiClient, flow: OrderFlow) -> None:
    assert "flow.empty" in problems(owner, flow, {"schema": 1, "nodes": [], "edges": []})
    orphan = {**MANUAL, "edges": []}
    assert problems(owner, flow, orphan)["flow.unreachable"]["node_id"] == "shape"
    headless = {**MANUAL, "nodes": MANUAL["nodes"][1:], "edges": []}
    assert "flow.no_trigger" in problems(owner, flow, headless)
    document = deepcopy(MANUAL)
    document["nodes"][1] = {"id": "shape", "type": "action", "name": "Post", "config": {}}
    found = owner.post(url(flow, flow.flow_id, "check"), {"document": document}).json["problems"]
    missing = {p["field"] for p in found if p["code"] == "node.incomplete"}
    assert missing == {"connection", "operation"}


def test_an_unmapped_required_field_stands_in_the_way_of_publishing(
    owner: ApiClient, flow: OrderFlow
) -> None:
    document = flow_document("order_to_cash")
    node = next(n for n in document["nodes"] if n["id"] == "invoice")
    rules = node["config"]["mapping"]["rules"]
    node["config"]["mapping"]["rules"] = [
        r for r in rules if not r["target"].startswith("CustomerRef")
    ]
    flow_id = made(owner, flow, document)
    refused = owner.post(url(flow, flow_id, "publish"), {"revision": 1, "environment": "test"})
    assert refused.status == 422
    assert refused.json["code"] == "flow.not_publishable"
    assert any("CustomerRef" in problem["message"] for problem in refused.json["problems"])


def test_publishing_makes_a_version_that_keeps_what_was_drawn(
    owner: ApiClient, flow: OrderFlow
) -> None:
    flow_id = made(owner, flow, MANUAL)
    answer = owner.post(
        url(flow, flow_id, "publish"), {"revision": 1, "environment": "test", "note": "First"}
    )
    assert answer.status == 201
    assert answer.json["version"] == 1
    owner.put(url(flow, flow_id, "draft"), {"revision": 1, "document": {**MANUAL, "edges": []}})
    kept = owner.get(url(flow, flow_id, "versions", "1")).json
    assert kept["document"] == MANUAL
    assert kept["note"] == "First"
    live = owner.get(url(flow, flow_id)).json["deployments"]
    assert [(d["environment"], d["version"], d["active"]) for d in live] == [("test", 1, True)]


def test_publishing_an_older_revision_than_the_draft_is_refused(
    owner: ApiClient, flow: OrderFlow
) -> None:
    flow_id = made(owner, flow, MANUAL)
    owner.put(url(flow, flow_id, "draft"), {"revision": 1, "document": MANUAL})
    refused = owner.post(url(flow, flow_id, "publish"), {"revision": 1, "environment": "test"})
    assert refused.status == 409


def test_a_builder_publishes_to_test_but_not_to_production(flow: OrderFlow, cast: Any) -> None:
    Membership.objects.create(user=cast.ben, workspace_id=flow.workspace_id, role="builder")
    ben = ApiClient(cast.ben)
    flow_id = made(ben, flow, MANUAL)
    body = {"revision": 1, "environment": "production"}
    assert ben.post(url(flow, flow_id, "publish"), body).status == 403
    assert ben.post(url(flow, flow_id, "publish"), {**body, "environment": "test"}).status == 201


def test_a_test_run_executes_the_draft_as_it_is_drawn(owner: ApiClient, flow: OrderFlow) -> None:
    flow_id = made(owner, flow, MANUAL)
    answer = owner.post(
        url(flow, flow_id, "test"),
        {"document": MANUAL, "sample": {"document": {"price": Decimal("1.005")}}},
    )
    assert answer.status == 201
    worker = Worker("test")
    settle(worker)
    worker.close()
    run_id = answer.json["run_id"]
    run = owner.get(f"/api/v1/w/{flow.slug}/runs/{run_id}").json
    assert (run["status"], run["kind"], run["version"]) == ("succeeded", "test", 0)
    step = owner.get(f"/api/v1/w/{flow.slug}/runs/{run_id}/steps/shape").json
    assert step["output"] == {"gross": Decimal("1.1055")}


def test_the_demo_flow_can_be_tested_on_every_good_document_of_the_sandbox(
    owner: ApiClient, flow: OrderFlow
) -> None:
    document = flow_document("order_to_cash")
    samples = owner.get(url(flow, flow.flow_id, "samples")).json["items"]
    good = [s for s in samples if s["kind"] == "sandbox"][:6]
    runs = [
        owner.post(
            url(flow, flow.flow_id, "test"),
            {"document": document, "sample": {"document": sample["document"]}},
        ).json["run_id"]
        for sample in good
    ]
    worker = Worker("test")
    settle(worker)
    worker.close()
    for run_id in runs:
        run = owner.get(f"/api/v1/w/{flow.slug}/runs/{run_id}").json
        assert run["status"] == "succeeded", run["error"]


def test_a_generic_webhook_gets_an_address_when_it_is_published(
    owner: ApiClient, flow: OrderFlow
) -> None:
    document = deepcopy(MANUAL)
    document["nodes"][0]["type"] = "trigger.webhook"
    flow_id = made(owner, flow, document)
    owner.post(url(flow, flow_id, "publish"), {"revision": 1, "environment": "test"})
    (live,) = owner.get(url(flow, flow_id)).json["deployments"]
    assert "/hooks/" in live["webhook_url"]


def test_a_preview_gives_the_value_of_every_rule_and_the_result(
    owner: ApiClient, flow: OrderFlow
) -> None:
    document = flow_document("order_to_cash")
    node = next(n for n in document["nodes"] if n["id"] == "order")
    samples = owner.get(url(flow, flow.flow_id, "samples")).json["items"]
    kinds = {sample["kind"] for sample in samples}
    assert "sandbox" in kinds
    order = next(s for s in samples if s["id"] == "sandbox-ordinary")["document"]
    answer = owner.post(
        url(flow, flow.flow_id, "preview"),
        {
            "document": document,
            "node_id": "order",
            "mapping": node["config"]["mapping"],
            "sample": {"document": order},
        },
    )
    assert answer.status == 200, answer.json
    assert cents(answer.json["output"]["total"]) == cents(order["grand_total"])
    assert set(answer.json["values"]) >= {rule["id"] for rule in node["config"]["mapping"]["rules"]}
    assert "trigger" in answer.json["jsonata"]
    assert not answer.json["errors"]


def test_a_preview_says_which_steps_are_only_assumed(owner: ApiClient, flow: OrderFlow) -> None:
    document = flow_document("order_to_cash")
    node = next(n for n in document["nodes"] if n["id"] == "invoice")
    samples = owner.get(url(flow, flow.flow_id, "samples")).json["items"]
    order = next(s for s in samples if s["id"] == "sandbox-ordinary")["document"]
    body = {
        "document": document,
        "node_id": "invoice",
        "mapping": node["config"]["mapping"],
        "sample": {"document": order},
    }
    assert set(owner.post(url(flow, flow.flow_id, "preview"), body).json["assumed"]) == {
        "customer",
        "items",
    }
    run_id = flow.announce(flow.place(sample="ordinary"))
    worker = Worker("test")
    settle(worker)
    worker.close()
    answer = owner.post(
        url(flow, flow.flow_id, "preview"), {**body, "sample": {"run_id": run_id}}
    ).json
    assert answer["assumed"] == []
    assert answer["output"]["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"]


def test_sources_show_everything_upstream_with_types(owner: ApiClient, flow: OrderFlow) -> None:
    document = flow_document("order_to_cash")
    answer = owner.post(
        url(flow, flow.flow_id, "sources"), {"document": document, "node_id": "invoice"}
    ).json
    paths = [source["path"] for source in answer["sources"]]
    assert paths == ["trigger", "steps.check", "steps.order", "steps.customer", "steps.items"]
    assert "Line" in answer["target_schema"]["properties"]


def test_the_api_describes_itself(owner: ApiClient) -> None:
    shown = owner.get("/api/v1/openapi.json")
    assert shown.status == 200
    assert "/api/v1/w/{workspace}/flows/{flow_id}/publish" in shown.json["paths"]
