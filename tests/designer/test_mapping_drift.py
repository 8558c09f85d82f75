"""Schemas that change by themselves, values of the environment, fields of an account."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from connectors import facade as connectors
from designer import discovery, drift, flows, mapping_tests
from designer import publish as publish_module
from designer.models import SchemaShape
from ipaas.tenancy import variables
from tests.kit.cast import ApiClient, Cast
from tests.kit.order_flow import OrderFlow, control, make_order_flow

pytestmark = pytest.mark.django_db(transaction=True)


def field(path: str) -> dict[str, Any]:
    return {"op": "field", "path": path}


def drawn(sample: dict[str, Any], target: dict[str, Any] | None = None) -> dict[str, Any]:
    place = {"x": 0, "y": 0}
    rules = [
        {"id": "a", "target": "name", "expr": field("trigger.customer.name")},
        {"id": "b", "target": "store", "expr": field("vars.store")},
    ]
    properties = {"name": {"type": "string"}, "store": {"type": "string"}}
    config = {
        "target": {"schema": target or {"type": "object", "properties": properties}},
        "mapping": {"schema": 1, "rules": rules},
    }
    nodes = [
        {"id": "start", "type": "trigger.manual", "name": "Start", "config": {"sample": sample},
         "position": place},
        {"id": "m", "type": "map", "name": "Map", "config": config, "position": place},
    ]  # fmt: skip
    edge = {"id": "e", "source": "start", "target": "m"}
    return {"schema": 1, "nodes": nodes, "edges": [edge]}


OLD: dict[str, Any] = {"customer": {"name": "Ana", "mail": "a@x.example"}}
NEW: dict[str, Any] = {"customer": {"full_name": "Ana", "mail": "a@x.example"}}


class Desk:
    """Alice at a flow of hers."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.api = cast, ApiClient(cast.alice)
        self.flow = flows.create(
            cast.north.id, name="F", description="", document=drawn(OLD), user=cast.alice
        )
        self.place = f"/api/v1/w/{cast.north.slug}/flows/{self.flow.id}"

    def open(self, document: Any) -> Any:
        """The answer to opening the mapper."""
        answer = self.api.post(
            f"{self.place}/sources", {"document": document, "node_id": "m", "mapping_name": ""}
        )
        assert answer.status == 200, answer.json
        return answer.json

    def save(self, document: Any, revision: int) -> None:
        flows.save_draft(
            self.cast.north.id, self.flow.id, revision=revision, document=document,
            user=self.cast.alice,
        )  # fmt: skip

    def codes(self, document: Any) -> list[tuple[str, str]]:
        """Code and field of each problem of the flow."""
        found = self.api.post(f"{self.place}/check", {"document": document}).json["problems"]
        return [(problem["code"], problem["field"]) for problem in found]


@pytest.fixture
def desk(cast: Cast) -> Desk:
    variables.put(cast.north.id, "test", "store", "north", "Alice")
    return Desk(cast)


def test_a_sample_with_other_fields_warns_by_itself_and_names_the_rules(desk: Desk) -> None:
    assert desk.open(drawn(OLD))["drift"] == []
    (found,) = desk.open(drawn(NEW))["drift"]
    assert (found["side"], found["path"], found["title"]) == ("source", "trigger", "Start")
    assert [(change["kind"], change["path"]) for change in found["changes"]] == [
        ("removed", "customer.name"), ("required", "customer.full_name"),
    ]  # fmt: skip
    assert [(rule["rule_id"], rule["breaks"]) for rule in found["touched"]] == [("a", True)]
    assert ("mapping.schema_changed", "mapping:a") in desk.codes(drawn(NEW))
    assert ("mapping.schema_changed", "mapping:a") not in desk.codes(drawn(OLD))


def test_drift_stays_until_a_person_takes_the_new_schema(desk: Desk) -> None:
    desk.open(drawn(OLD))
    desk.save(drawn(NEW), 1)
    listed = desk.api.http.get(f"{desk.place}/mapping-drift")
    assert [item["node_id"] for item in listed.json()["items"]] == ["m"]
    assert desk.open(drawn(NEW))["drift"] != []
    seen = desk.api.post(f"{desk.place}/mapping-drift/seen", {"node_id": "m"})
    assert seen.status == 204
    assert desk.open(drawn(NEW))["drift"] == []


def test_a_narrower_uploaded_target_is_drift_and_another_target_is_not(desk: Desk) -> None:
    properties = {"name": {"type": "string"}, "store": {"type": "string"}}
    desk.open(drawn(OLD))
    narrow = deepcopy(properties)
    narrow["name"]["maxLength"] = 3  # type: ignore[assignment]
    (found,) = desk.open(drawn(OLD, {"type": "object", "properties": narrow}))["drift"]
    assert found["side"] == "target" and found["touched"][0]["rule_id"] == "a"
    chosen = drawn(OLD)
    chosen["nodes"][1]["config"]["target"] = {"canonical": "Party"}
    assert desk.open(chosen)["drift"] == []


def test_publishing_warns_of_drift_and_takes_the_schemas_as_known(desk: Desk) -> None:
    desk.open(drawn(OLD))
    desk.save(drawn(NEW), 1)
    place = (desk.cast.north.id, desk.flow.id)
    published = {"environment": "test", "note": "", "user": desk.cast.alice}
    _, warnings = publish_module.publish(*place, revision=2, **published)
    assert "mapping.schema_changed" in [warning.code for warning in warnings]
    assert drift.of_draft(desk.cast.north.id, "test", desk.flow.id) == []


def test_a_schema_is_kept_once_for_all_mappings_between_it(desk: Desk) -> None:
    desk.open(drawn(OLD))
    kept = SchemaShape.objects.count()
    document = drawn(OLD)
    document["nodes"].append({**document["nodes"][1], "id": "n"})
    document["edges"].append({"id": "f", "source": "start", "target": "n"})
    assert drift.of_flow(desk.cast.north.id, "test", desk.flow.id, document) == []
    assert SchemaShape.objects.count() == kept


def test_values_of_the_environment_stand_in_trees_previews_and_tests(desk: Desk) -> None:
    trees = {source["path"]: source["schema"] for source in desk.open(drawn(OLD))["sources"]}
    assert trees["vars"]["properties"]["store"]["type"] == "string"
    body = {"document": drawn(OLD), "node_id": "m", "sample": {"document": OLD},
            "mapping": drawn(OLD)["nodes"][1]["config"]["mapping"]}  # fmt: skip
    shown = desk.api.post(f"{desk.place}/preview", body).json
    assert shown["output"] == {"name": "Ana", "store": "north"}
    assert shown["problems"] == []
    body["mapping"]["rules"][1]["expr"]["path"] = "vars.shop"
    problems = desk.api.post(f"{desk.place}/preview", body).json["problems"]
    assert [problem["code"] for problem in problems] == ["mapping.unknown_source"]
    mapping_tests.save(
        desk.cast.north.id, desk.flow.id, node_id="m", mapping_name="mapping", name="t",
        input={"trigger": OLD}, expected={"name": "Ana", "store": "north"}, blocks=True,
    )  # fmt: skip
    (outcome,) = mapping_tests.run(desk.cast.north.id, desk.flow.id, "test")
    assert outcome.passed, outcome


@pytest.fixture
def order_flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


def test_fields_that_an_account_defined_stand_in_the_tree_and_their_end_is_drift(
    order_flow: OrderFlow,
) -> None:
    api = ApiClient(order_flow.owner)
    url = f"/api/v1/w/{order_flow.slug}/flows/{order_flow.flow_id}"
    document = api.get(url).json["draft"]["document"]
    invoice = next(n for n in document["nodes"] if n["config"].get("operation") == "create_invoice")
    rules = invoice["config"]["input"]["rules"]
    rules.append(
        {"id": "own", "target": "custom_fields.`1`", "expr": {"op": "const", "value": "7"}}
    )
    body = {"document": document, "node_id": invoice["id"], "mapping_name": "input"}
    known = api.post(f"{url}/sources", body).json
    fields = known["target_schema"]["properties"]["custom_fields"]["properties"]
    assert fields["1"]["title"] == "Shop order" and known["drift"] == []
    shaping = next(n for n in document["nodes"] if n["type"] == "map"
                   and n["config"]["target"].get("operation") == "create_invoice")  # fmt: skip
    shaped = api.post(f"{url}/sources", {"document": document, "node_id": shaping["id"]}).json
    assert "1" in shaped["target_schema"]["properties"]["custom_fields"]["properties"]
    books = f"{order_flow.slug}/quickbooks"
    kept = [{"DefinitionId": "2", "Name": "Sales channel"}]
    control("PUT", f"{books}/settings", {"custom_fields": kept})
    control("PUT", f"{books}/faults/server_error", {"active": True, "times": None})
    ask_anew(order_flow)
    assert api.post(f"{url}/sources", body).json["drift"] == []  # nobody can say what changed
    control("PUT", f"{books}/faults/server_error", {"active": False})
    ask_anew(order_flow)
    changed = api.post(f"{url}/sources", body).json["drift"]
    (found,) = [drift for drift in changed if drift["side"] == "target"]
    assert [change["path"] for change in found["changes"]] == ["custom_fields.1"]
    assert "own" in [rule["rule_id"] for rule in found["touched"]]


def ask_anew(order_flow: OrderFlow) -> None:
    """Have the vendor asked at the next use, as after an hour."""
    discovery.forget()
    for connection in connectors.list_connections(order_flow.workspace_id, "test"):
        connectors.forget_custom_fields(connection.id)
