"""Templates, functions of one's own and tests of mappings, over the API."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jsonschema
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from designer import flows, mapping_tests, own_functions, templates
from designer import publish as publish_module
from designer.models import MappingTest
from designer.publish import NotPublishable, publish
from designer.releasing import release_body
from tests.kit.cast import ApiClient, Cast

pytestmark = pytest.mark.django_db

TWICE: dict[str, Any] = {
    "name": "twice",
    "params": [{"name": "x", "type": "number"}],
    "body": {"op": "call", "fn": "add", "args": [{"op": "field", "path": "$x"}] * 2},
}


def call(fn: str, path: str) -> dict[str, Any]:
    return {"op": "call", "fn": fn, "args": [{"op": "field", "path": path}]}


def drawn(fn: str = "twice") -> dict[str, Any]:
    place = {"x": 0, "y": 0}
    rule = {"id": "r", "target": "total", "expr": call(fn, "trigger.net")}
    config = {
        "target": {"schema": {"type": "object", "properties": {"total": {}}}},
        "mapping": {"schema": 1, "rules": [rule]},
    }
    nodes = [
        {"id": "start", "type": "trigger.manual", "name": "S", "config": {}, "position": place},
        {"id": "m", "type": "map", "name": "Map", "config": config, "position": place},
    ]
    edge = {"id": "e", "source": "start", "target": "m"}
    return {"schema": 1, "nodes": nodes, "edges": [edge]}


def a_flow(cast: Cast) -> Any:
    return flows.create(cast.north.id, name="F", description="", document=drawn(), user=cast.alice)


def saved_test(cast: Cast, flow_id: str, expected: Any, *, blocks: bool = True) -> None:
    mapping_tests.save(
        cast.north.id, flow_id, node_id="m", mapping_name="mapping", name="t",
        input={"trigger": {"net": 5}}, expected=expected, blocks=blocks,
    )  # fmt: skip


def test_a_release_keeps_the_version_of_a_function_it_was_published_with(cast: Cast) -> None:
    made = own_functions.create(cast.north.id, function=TWICE, description="", user=cast.alice)
    body = release_body(cast.north.id, "test", drawn())
    (function,) = body["document"]["nodes"][1]["config"]["mapping"]["functions"]
    assert function["version"] == 1
    changed = {**TWICE, "body": {"op": "field", "path": "$x"}}
    own_functions.change(
        cast.north.id, made["id"], function=changed, description="", user=cast.alice
    )
    assert function["body"] == TWICE["body"]
    newer = release_body(cast.north.id, "test", drawn())
    assert newer["document"]["nodes"][1]["config"]["mapping"]["functions"][0]["version"] == 2


def test_a_function_that_calls_itself_or_a_name_of_the_platform_is_refused(cast: Cast) -> None:
    circle = {**TWICE, "body": call("twice", "$x")}
    with pytest.raises(own_functions.FunctionRefused):
        own_functions.create(cast.north.id, function=circle, description="", user=cast.alice)
    with pytest.raises(own_functions.NameTaken):
        own_functions.create(
            cast.north.id, function={**TWICE, "name": "upper"}, description="", user=cast.alice
        )


TIMES: dict[str, Any] = {
    "name": "twice",
    "params": [{"name": "x", "type": "number"}, {"name": "by", "type": "number", "default": 2}],
    "body": {"op": "call", "fn": "multiply", "args": [{"op": "field", "path": "$x"},
                                                      {"op": "field", "path": "$by"}]},
}  # fmt: skip


def output_of(cast: Cast, flow_id: str, mapping: dict[str, Any]) -> Any:
    body = {"document": drawn(), "node_id": "m", "mapping": mapping,
            "sample": {"document": {"net": 8, "by": 5}}}  # fmt: skip
    shown = ApiClient(cast.alice).post(f"/api/v1/w/{cast.north.slug}/flows/{flow_id}/preview", body)
    return shown.json["output"]


def test_a_new_version_may_add_an_argument_with_a_default_and_who_calls_it_goes_on(
    cast: Cast,
) -> None:
    made = own_functions.create(cast.north.id, function=TWICE, description="", user=cast.alice)
    flow = a_flow(cast)
    release = release_body(cast.north.id, "test", drawn())
    alice, url = ApiClient(cast.alice), f"/api/v1/w/{cast.north.slug}/own-functions/{made['id']}"
    answer = alice.put(url, {"function": TIMES, "description": ""})
    assert answer.status == 200, answer.json
    assert [arg["required"] for arg in answer.json["args"]] == [True, False]
    mapping = drawn()["nodes"][1]["config"]["mapping"]
    assert output_of(cast, flow.id, mapping) == {"total": 16}
    mapping["rules"][0]["expr"]["args"].append({"op": "field", "path": "trigger.by"})
    assert output_of(cast, flow.id, mapping) == {"total": 40}
    # A release goes on with the copy that it holds.
    (kept,) = release["document"]["nodes"][1]["config"]["mapping"]["functions"]
    assert kept["version"] == 1
    assert kept["body"] == TWICE["body"]


def test_a_new_version_that_needs_another_argument_names_who_calls_it_without(cast: Cast) -> None:
    made = own_functions.create(cast.north.id, function=TWICE, description="", user=cast.alice)
    flow = a_flow(cast)
    outer = {"name": "outer", "params": [{"name": "y"}], "body": call("twice", "$y")}
    own_functions.create(cast.north.id, function=outer, description="", user=cast.alice)
    templates.create(cast.north.id, name="Totals", description="", user=cast.alice,
                     mapping=drawn()["nodes"][1]["config"]["mapping"])  # fmt: skip
    needed = {**TIMES, "params": [TIMES["params"][0], {"name": "by", "type": "number"}]}
    alice, url = ApiClient(cast.alice), f"/api/v1/w/{cast.north.slug}/own-functions/{made['id']}"
    refused = alice.put(url, {"function": needed, "description": ""})
    assert (refused.status, refused.json["code"]) == (422, "own_function.callers")
    told = [(one["kind"], one["name"], one["step"], one["target"], one["values"])
            for one in refused.json["callers"]]  # fmt: skip
    assert told == [
        ("flow", flow.name, "Map", "total", 1),
        ("template", "Totals", "", "total", 1),
        ("function", "outer", "", "", 1),
    ]
    assert own_functions.get(cast.north.id, made["id"])["version"] == 1
    saved = alice.put(url, {"function": needed, "description": "", "even_so": True})
    assert saved.json["version"] == 2
    body = {"document": drawn(), "node_id": "m", "sample": {"document": {"net": 8, "by": 5}},
            "mapping": drawn()["nodes"][1]["config"]["mapping"]}  # fmt: skip
    body["document"]["nodes"][0]["config"] = {"sample": {"net": 8, "by": 5}}
    place = f"/api/v1/w/{cast.north.slug}/flows/{flow.id}"
    (problem,) = [p for p in alice.post(f"{place}/preview", body).json["problems"]
                  if p["code"] == "mapping.argument_count"]  # fmt: skip
    fix = problem["fixes"][0]
    assert fix["title"] == "Take by from trigger.by"
    assert output_of(cast, flow.id, {"schema": 1, "rules": fix["put"]}) == {"total": 40}


def test_arguments_of_a_function_keep_their_places(cast: Cast) -> None:
    made = own_functions.create(cast.north.id, function=TIMES, description="", user=cast.alice)
    turned = {**TIMES, "params": TIMES["params"][::-1]}
    url = f"/api/v1/w/{cast.north.slug}/own-functions/{made['id']}"
    refused = ApiClient(cast.alice).put(url, {"function": turned, "description": ""})
    assert (refused.status, refused.json["code"]) == (422, "own_function.refused")


def test_a_mapping_with_functions_of_its_own_may_call_those_of_the_workspace_too(
    cast: Cast,
) -> None:
    own_functions.create(cast.north.id, function=TWICE, description="", user=cast.alice)
    document = drawn()
    mapping = document["nodes"][1]["config"]["mapping"]
    mapping["functions"] = [{"name": "half", "params": [{"name": "x"}], "body": {
        "op": "call", "fn": "divide", "args": [{"op": "field", "path": "$x"},
                                               {"op": "const", "value": 2}]}}]  # fmt: skip
    mapping["rules"].append({"id": "h", "target": "half", "expr": call("half", "trigger.net")})
    flow = a_flow(cast)
    body = {"document": document, "node_id": "m", "mapping": mapping,
            "sample": {"document": {"net": 8}}}  # fmt: skip
    place = f"/api/v1/w/{cast.north.slug}/flows/{flow.id}"
    shown = ApiClient(cast.alice).post(f"{place}/preview", body).json
    assert shown["output"] == {"total": 16, "half": 4}
    released = release_body(cast.north.id, "test", document)["document"]["nodes"][1]["config"]
    assert [fn["name"] for fn in released["mapping"]["functions"]] == ["half", "twice"]


def test_a_changed_text_of_a_mapping_leaves_what_it_does_not_show_and_functions_as_they_were(
    cast: Cast,
) -> None:
    own_functions.create(cast.north.id, function=TWICE, description="", user=cast.alice)
    alice, url = ApiClient(cast.alice), f"/api/v1/w/{cast.north.slug}/mapping"
    mapping = drawn()["nodes"][1]["config"]["mapping"]
    mapping["rules"] += [
        {"id": "u", "target": "later", "comment": "ask Ana"},
        {"id": "c", "target": "kind", "only": "create", "expr": {"op": "const", "value": "new"}},
    ]
    text = alice.post(f"{url}/to-text", {"mapping": mapping}).json["text"]
    assert "$twice :=" in text
    body = {"text": text.replace('"new"', '"fresh"'), "mapping": mapping}
    after = alice.post(f"{url}/from-text", body).json
    mapping["rules"][2]["expr"]["value"] = "fresh"
    assert after["mapping"] == mapping and after["code_rules"] == []


def test_the_published_schema_of_mappings_is_open_to_tools(cast: Cast) -> None:
    schema = ApiClient(cast.alice).get("/api/v1/schemas/mapping").json
    mapping = drawn()["nodes"][1]["config"]["mapping"]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(mapping, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**mapping, "rules": [{"target": "no id"}]}, schema)


def test_one_expression_becomes_blocks_or_stays_what_it_is(cast: Cast) -> None:
    alice = ApiClient(cast.alice)
    url = f"/api/v1/w/{cast.north.slug}/mapping/expression-from-text"
    made = alice.post(url, {"text": "$uppercase($line.sku)", "variables": ["line"]}).json["expr"]
    assert made == call("upper", "$line.sku")
    assert alice.post(url, {"text": "a{b: c}"}).json["expr"] == {"op": "jsonata", "text": "a{b: c}"}
    refused = alice.post(url, {"text": "1 +"})
    assert refused.status == 422 and refused.json["position"]


def test_a_test_passes_fails_with_words_and_counts_rules(cast: Cast) -> None:
    own_functions.create(cast.north.id, function=TWICE, description="", user=cast.alice)
    flow = a_flow(cast)
    saved_test(cast, flow.id, {"total": 10})
    saved_test(cast, flow.id, {"total": 11})
    passed, failed = mapping_tests.run(cast.north.id, flow.id, "test")
    assert passed.passed and not failed.passed
    assert failed.differences == ("total is 10; 11 is expected.",)
    (counted,) = mapping_tests.coverage(drawn(), (passed, failed))
    assert counted["rules"] == 1 and counted["never_ran"] == []


def test_a_failing_test_stands_in_the_way_of_publishing_or_only_warns(cast: Cast) -> None:
    own_functions.create(cast.north.id, function=TWICE, description="", user=cast.alice)
    flow = a_flow(cast)
    saved_test(cast, flow.id, {"total": 11}, blocks=False)
    _, warnings = publish(
        cast.north.id, flow.id, revision=1, environment="test", note="", user=cast.alice
    )
    assert "mapping.test_failed" in [warning.code for warning in warnings]
    saved_test(cast, flow.id, {"total": 11})
    with pytest.raises(NotPublishable, match="total is 10"):
        publish(cast.north.id, flow.id, revision=1, environment="test", note="", user=cast.alice)


def test_saving_a_draft_runs_its_tests_and_keeps_it_all_the_same(cast: Cast) -> None:
    own_functions.create(cast.north.id, function=TWICE, description="", user=cast.alice)
    flow = a_flow(cast)
    saved_test(cast, flow.id, {"total": 10})
    alice, url = ApiClient(cast.alice), f"/api/v1/w/{cast.north.slug}/flows/{flow.id}/draft"
    assert alice.put(url, {"revision": 1, "document": drawn()}).json["failing_tests"] == []
    answer = alice.put(url, {"revision": 2, "document": drawn("abs")})
    assert answer.json["revision"] == 3
    (failing,) = answer.json["failing_tests"]
    assert failing["code"] == "mapping.test_failed" and "total is 5" in failing["message"]


def test_tests_are_run_by_a_command_that_fails_if_one_that_blocks_does(cast: Cast) -> None:
    own_functions.create(cast.north.id, function=TWICE, description="", user=cast.alice)
    flow = a_flow(cast)
    saved_test(cast, flow.id, {"total": 10})
    saved_test(cast, flow.id, {"total": 11}, blocks=False)
    said = io.StringIO()
    call_command("test_mappings", workspace=cast.north.slug, stdout=said)
    assert "2 tests, 0 failed." in said.getvalue() and "warn F: t" in said.getvalue()
    saved_test(cast, flow.id, {"total": 12})
    with pytest.raises(CommandError):
        call_command("test_mappings", workspace=cast.north.slug, stdout=said)
    assert "total is 10; 12 is expected." in said.getvalue()


def test_a_test_is_made_of_a_run_and_kept_sealed(cast: Cast) -> None:
    own_functions.create(cast.north.id, function=TWICE, description="", user=cast.alice)
    flow = a_flow(cast)
    run_id = publish_module.test_run(
        cast.north.id, flow.id, environment="test", document=drawn(), sample={"net": 21},
        title="21", user=cast.alice,
    )  # fmt: skip
    alice, url = ApiClient(cast.alice), f"/api/v1/w/{cast.north.slug}/flows/{flow.id}/mapping-tests"
    body = {"name": "Real", "run_id": run_id, "node_id": "m", "mapping_name": "mapping"}
    made = alice.post(f"{url}/from-run", body)
    assert made.status == 201 and made.json["expected"] == {"total": 42}
    assert b'"net"' not in bytes(MappingTest.objects.get(id=made.json["id"]).sealed)
    outcome = alice.post(f"{url}/run", {}).json
    assert [one["passed"] for one in outcome["outcomes"]] == [True]
    assert outcome["coverage"][0]["never_ran"] == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_make_the_same_name_at_once_one_is_told_so(cast: Cast) -> None:
    def function(_: int) -> str:
        try:
            own_functions.create(cast.north.id, function=TWICE, description="", user=cast.alice)
        except own_functions.NameTaken as error:
            return error.message
        finally:
            connection.close()
        return "made"

    def template(_: int) -> str:
        mapping = {"schema": 1, "rules": []}
        try:
            templates.create(
                cast.north.id, name="T", description="", mapping=mapping, user=cast.alice
            )
        except templates.TemplateNameTaken as error:
            return error.message
        finally:
            connection.close()
        return "made"

    with ThreadPoolExecutor(4) as pool:
        functions = sorted(pool.map(function, range(4)))
        made = sorted(pool.map(template, range(4)))
    assert functions == ["There is already a function “twice”."] * 3 + ["made"]
    assert made == ["There is already a template “T”."] * 3 + ["made"]


def test_a_taken_name_is_a_conflict_in_words(cast: Cast) -> None:
    alice, url = ApiClient(cast.alice), f"/api/v1/w/{cast.north.slug}"
    mapping: dict[str, Any] = {"schema": 1, "rules": []}
    for path, body in (
        ("mapping-templates", {"name": "T", "mapping": mapping}),
        ("own-functions", {"function": TWICE}),
    ):
        assert alice.post(f"{url}/{path}", body).status == 201
        refused = alice.post(f"{url}/{path}", body)
        assert refused.status == 409 and refused.json["hint"]


def test_rules_for_one_way_of_writing_follow_the_operation_that_is_called(cast: Cast) -> None:
    rules = [
        {"id": "a", "target": "total", "expr": {"op": "field", "path": "trigger.net"}},
        {"id": "c", "target": "new", "only": "create", "expr": {"op": "const", "value": True}},
        {"id": "u", "target": "old", "only": "update", "expr": {"op": "const", "value": True}},
    ]
    document = drawn()
    step = document["nodes"][1]
    step["config"]["mapping"]["rules"] = rules
    flow = flows.create(cast.north.id, name="F", description="", document=drawn(), user=cast.alice)

    def made(operation: str) -> tuple[Any, list[str]]:
        step["config"]["target"] = {"connector": "quickbooks", "operation": operation}
        body = {"document": document, "node_id": "m", "mapping": step["config"]["mapping"],
                "sample": {"document": {"net": 5}}}  # fmt: skip
        place = f"/api/v1/w/{cast.north.slug}/flows/{flow.id}"
        shown = ApiClient(cast.alice).post(f"{place}/preview", body).json
        found = ApiClient(cast.alice).post(f"{place}/check", {"document": document}).json
        return shown["output"], [problem["field"] for problem in found["problems"]
                                 if problem["code"] == "mapping.way_unknown"]  # fmt: skip

    assert made("create_invoice") == ({"total": 5, "new": True}, [])
    assert made("update_invoice") == ({"total": 5, "old": True}, [])
    assert made("send_invoice") == (
        {"total": 5, "new": True, "old": True}, ["mapping:c", "mapping:u"],
    )  # fmt: skip
