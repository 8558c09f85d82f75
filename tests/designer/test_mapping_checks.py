"""A mapping checked on what came in lately, and written down for sign-off."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from connectors.tables import store as lookup_tables
from designer import flows, publish
from ipaas.core import jsonio
from tests.kit.cast import ApiClient, Cast

pytestmark = pytest.mark.django_db(transaction=True)


def field(path: str) -> dict[str, Any]:
    return {"op": "field", "path": path}


def const(value: Any) -> dict[str, Any]:
    return {"op": "const", "value": value}


def found_of(answer: Any, code: str) -> Any:
    """The finding of recent documents with a code."""
    return next(found for found in answer["recent"]["findings"] if found["code"] == code)


RULES: list[dict[str, Any]] = [
    {"id": "n", "target": "Number", "expr": field("trigger.number")},
    {"id": "t", "target": "Total", "expr": field("trigger.total")},
    {
        "id": "a",
        "target": "Account",
        "comment": "=1+1",
        "expr": {
            "op": "call",
            "fn": "lookup_table",
            "args": [const("categories"), field("trigger.category")],
        },
    },
]
MAPPING: dict[str, Any] = {"schema": 1, "rules": RULES}
TARGET: dict[str, Any] = {
    "type": "object",
    "required": ["Number", "Day"],
    "properties": {
        "Number": {"type": "string", "maxLength": 4, "title": "Document number"},
        "Total": {"type": "number", "multipleOf": 0.01},
        "Account": {"type": "string"},
        "Note": {"type": "string"},
        "Kind": {"enum": ["Wines", "Breads"]},
        "Day": {"type": "string", "format": "date"},
    },
}
SAMPLE: dict[str, Any] = {
    "number": "10", "total": Decimal("1.5"), "category": "wine", "note": "x",
}  # fmt: skip


def drawn() -> dict[str, Any]:
    place = {"x": 0, "y": 0}
    nodes = [
        {"id": "start", "type": "trigger.manual", "name": "Start", "config": {"sample": SAMPLE},
         "position": place},
        {"id": "m", "type": "map", "name": "Map", "position": place,
         "config": {"target": {"schema": TARGET}, "mapping": MAPPING}},
    ]  # fmt: skip
    return {"schema": 1, "nodes": nodes, "edges": [{"id": "e", "source": "start", "target": "m"}]}


@pytest.fixture
def flow_id(cast: Cast) -> str:
    """A flow that two documents came to, and a table that knows neither of their codes."""
    lookup_tables.create_table(
        cast.north.id, "test", name="Categories", actor=cast.alice,
        columns=[{"name": "code", "key": True}, {"name": "account"}],
    )  # fmt: skip
    flow = flows.create(cast.north.id, name="Orders", description="", document=drawn(),
                        user=cast.alice)  # fmt: skip
    runnable = drawn()
    runnable["nodes"][1]["config"]["mapping"] = {
        "schema": 1,
        "rules": [{"id": "x", "target": "", "expr": const({"Number": "1", "Day": "2024-01-01"})}],
    }
    for number, category in (("10", "wine"), ("100000", "bread")):
        sample = {**SAMPLE, "number": number, "category": category, "total": Decimal("1.005")}
        publish.test_run(cast.north.id, flow.id, environment="test", document=runnable,
                         sample=sample, title=number, user=cast.alice)  # fmt: skip
    return str(flow.id)


def test_recent_documents_show_codes_without_entry_and_values_that_do_not_fit(
    cast: Cast, flow_id: str
) -> None:
    alice = ApiClient(cast.alice)
    rules = [*RULES, {"id": "k", "target": "Kind", "expr": field("trigger.category")}]
    body: dict[str, Any] = {"document": drawn(), "node_id": "m", "mapping_name": "mapping",
                            "mapping": {"schema": 1, "rules": rules}}  # fmt: skip
    answer = alice.post(f"/api/v1/w/{cast.north.slug}/flows/{flow_id}/mapping-check", body)
    assert answer.status == 200, answer.json
    assert answer.json["unused"] == ["trigger.note"]
    (place,) = answer.json["unused_fixes"]["trigger.note"]
    assert place["title"] == "Fill Note with it" and place["put"][0]["target"] == "Note"
    option = found_of(answer.json, "mapping.recent_not_an_option")
    assert option["fixes"][0]["title"] == "Translate “bread” → “Breads”, “wine” → “Wines”"
    assert "mapping.required" in [problem["code"] for problem in answer.json["problems"]]
    recent = answer.json["recent"]
    assert recent["tried"] == 2
    found = {finding["code"]: finding for finding in recent["findings"]}
    miss = found["mapping.recent_lookup_miss"]
    assert sorted(miss["values"]) == ["bread", "wine"] and miss["table"] == "categories"
    assert miss["rule_ids"] == ["a"] and len(miss["runs"]) == 2
    assert found["mapping.recent_too_long"]["count"] == 1
    assert found["mapping.recent_too_fine"]["rule_ids"] == ["t"]
    fixes = {rule["id"]: rule for finding in recent["findings"] for fix in finding["fixes"]
             for rule in fix["put"]}  # fmt: skip
    body["mapping"] = {"schema": 1, "rules": [fixes.get(rule["id"], rule) for rule in rules]}
    again = alice.post(f"/api/v1/w/{cast.north.slug}/flows/{flow_id}/mapping-check", body)
    left = {finding["code"] for finding in again.json["recent"]["findings"]}
    assert left <= {"mapping.recent_lookup_miss"}


def test_a_mapping_is_written_down_as_a_spreadsheet_without_formulas(
    cast: Cast, flow_id: str
) -> None:
    answer = ApiClient(cast.alice).http.get(
        f"/api/v1/w/{cast.north.slug}/flows/{flow_id}/mapping-sheet?node_id=m"
    )
    assert answer.status_code == 200
    assert "orders-map.xlsx" in answer["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    rules = [[cell.value for cell in row] for row in book["Rules"].iter_rows(min_row=2)]
    assert rules[0][:4] == ["Document number", "yes", "text, at most 4", "number"]
    assert rules[2][3] == "Look up in a table (“categories”, category)"
    # What systems call it stands in the last columns.
    assert rules[0][-2:] == ["Number", "trigger.number"]
    assert rules[2][-1] == "lookup_table(“categories”, trigger.category)"
    (note,) = [row[6] for row in book["Rules"].iter_rows(min_row=4, max_row=4)]
    assert note.value == "=1+1" and note.data_type == "s"
    assert [row[0].value for row in book["Not filled"].iter_rows(min_row=2)] == [
        "Note", "Kind", "Day",
    ]  # fmt: skip
    assert [row[1].value for row in book["Not used"].iter_rows(min_row=2)] == ["trigger.note"]
    assert book["Problems"].max_row > 1


def test_what_is_on_the_screen_is_written_down_with_its_values(cast: Cast, flow_id: str) -> None:
    mapping = {"schema": 1, "rules": [RULES[0], {**RULES[1], "id": "new", "comment": "mine"}]}
    body = {"document": drawn(), "node_id": "m", "mapping": mapping,
            "sample": {"document": {**SAMPLE, "number": "=77"}, "title": "Order 77"}}  # fmt: skip
    alice = ApiClient(cast.alice)
    url = f"/api/v1/w/{cast.north.slug}/flows/{flow_id}/mapping-sheet"
    answer = alice.http.post(url, jsonio.dumps(body), content_type="application/json")
    assert answer.status_code == 200, answer.content
    book = load_workbook(io.BytesIO(answer.content))
    rules = [[cell.value for cell in row] for row in book["Rules"].iter_rows()]
    assert rules[0][8] == "Value in the sample" and len(rules) == 3
    assert rules[1][8] == "=77" and rules[2][6:9] == ["mine", None, "1.5"]
    assert book["Rules"]["I2"].data_type == "s"
    about = {row[0].value: row[1].value for row in book["Mapping"].iter_rows()}
    assert about["Checked by"] is None
    body["format"] = "pdf"
    printed = alice.http.post(url, jsonio.dumps(body), content_type="application/json")
    assert printed["Content-Type"] == "application/pdf" and printed.content.startswith(b"%PDF-")
    assert ".pdf" in printed["Content-Disposition"]
    assert about["Sample"] == "Order 77" and about["Revision of the draft"] == "as on the screen"
    viewer = ApiClient(cast.vera).http.post(
        url, jsonio.dumps(body), content_type="application/json"
    )
    assert viewer.status_code == 403


def test_refused_lines_are_remembered_for_one_mapping_until_asked_again(
    cast: Cast, flow_id: str
) -> None:
    alice = ApiClient(cast.alice)
    url = f"/api/v1/w/{cast.north.slug}/flows/{flow_id}/mapping-refusals"
    pair, other = ["trigger.note", "Number"], ["trigger.total", "Day"]
    body = {"node_id": "m", "mapping_name": "mapping", "pairs": [pair]}
    assert alice.post(url, body).json == {"pairs": [pair]}
    assert alice.post(url, {**body, "pairs": [pair, other]}).json == {"pairs": [pair, other]}
    there = f"{url}?node_id=m&mapping_name=mapping"
    assert alice.get(there).json == {"pairs": [pair, other]}
    assert alice.get(f"{url}?node_id=m&mapping_name=input").json == {"pairs": []}
    assert alice.http.delete(there).status_code == 204
    assert alice.get(there).json == {"pairs": []}


def test_the_values_alone_are_those_of_the_whole_answer(cast: Cast, flow_id: str) -> None:
    alice = ApiClient(cast.alice)
    url = f"/api/v1/w/{cast.north.slug}/flows/{flow_id}/preview"
    body = {"document": drawn(), "node_id": "m", "mapping_name": "mapping", "mapping": MAPPING,
            "sample": {"document": SAMPLE}}  # fmt: skip
    whole, values = alice.post(url, body).json, alice.post(url, {**body, "part": "values"}).json
    assert values["values"]["t"] == {"value": Decimal("1.5")} and values["errors"]
    left_out = {"context", "problems", "jsonata"}
    assert values == {name: whole[name] for name in whole if name not in left_out}


def test_a_step_that_the_flow_has_not_is_a_mistake_also_where_no_step_comes_before(
    cast: Cast,
) -> None:
    flow = flows.create(cast.north.id, name="Bare", description="", document=drawn(),
                        user=cast.alice)  # fmt: skip
    rule = {**RULES[0], "expr": field("steps.order.number")}
    body: dict[str, Any] = {"document": drawn(), "node_id": "m", "sample": {"document": SAMPLE},
                            "mapping": {"schema": 1, "rules": [rule]}}  # fmt: skip
    path = f"/api/v1/w/{cast.north.slug}/flows/{flow.id}/preview"
    answer = ApiClient(cast.alice).post(path, body)
    assert answer.status == 200, answer.json
    (problem,) = [p for p in answer.json["problems"] if p["code"] == "mapping.unknown_source"]
    assert (problem["severity"], problem["rule_id"]) == ("error", "n")
