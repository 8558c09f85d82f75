"""Fixes for required fields that nothing fills, and for rows that are none."""

from __future__ import annotations

from typing import Any

import pytest

from ipaas.mapping import check, compile_mapping
from tests.mapping.builders import call, const, mapping, rows, rule
from tests.mapping.test_checks import SOURCE
from tests.mapping.test_every_check import found
from tests.mapping.test_fixes import mended


@pytest.mark.parametrize(
    "wanted",
    [
        {"type": "string"}, {"type": "string", "format": "date"}, {"type": "number"},
        {"type": "integer"}, {"type": "boolean"}, {"enum": ["x", "y"]},
        {"type": "string", "default": "d"}, {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "object", "properties": {}}}, {"type": "object"}, {},
    ],
)  # fmt: skip
@pytest.mark.parametrize("source", [{}, SOURCE, {"properties": {"only": {"type": "array"}}}])
def test_a_required_field_of_any_type_is_offered_a_fix_whatever_the_source_has(
    wanted: dict[str, Any], source: dict[str, Any]
) -> None:
    target = {"type": "object", "required": ["Zzz"], "properties": {"Zzz": wanted}}
    (problem,) = [p for p in check(mapping(), source, target) if p.code == "mapping.required"]
    assert problem.fixes, problem
    for fix in problem.fixes:
        after = [p.code for p in check(mended(mapping(), fix), source, target)]
        assert "mapping.required" not in after, fix
        if fix.open is None:
            assert not {"mapping.unfinished", "mapping.no_value"} & set(after), fix


def test_a_field_of_another_type_by_that_name_is_offered_converted() -> None:
    target = {"type": "object", "required": ["total"],
              "properties": {"total": {"type": "string"}}}  # fmt: skip
    source = {"type": "object", "properties": {"trigger": {
        "type": "object", "properties": {"total": {"type": "number"}}}}}  # fmt: skip
    (problem,) = check(mapping(), source, target)
    assert problem.fixes[0].title == "Take it from trigger.total, converted to text"
    assert check(mended(mapping(), problem.fixes[0]), source, target) == []


def test_the_fields_of_a_first_entry_are_all_its_own_and_conditions_stay() -> None:
    line: dict[str, Any] = {
        "id": "r",
        "target": "Ship",
        "rows": {"each": "trigger.items[]", "as": "line"},
    }
    inner = [rule("x", "Ship[r].City", "trigger.items[].sku"),
             rule("w", "Ship[r].Weight", "$line.qty")]  # fmt: skip
    (problem,) = found(mapping(line, *inner), "mapping.rows_into_single")
    after = mended(mapping(line, *inner), problem.fixes[0])
    made = compile_mapping(after).apply({"trigger": {"items": [{"qty": 2}, {"sku": "b"}]}})
    assert made.output == {"Ship": {"Weight": 2}}
    chosen = {**line, "rows": {**line["rows"], "where": call("exists", "trigger.items[].sku")}}
    (problem,) = found(mapping(chosen, *inner), "mapping.rows_into_single")
    assert [fix.title for fix in problem.fixes] == ["Remove the rule"]
    single = rows("r", "Name", "trigger.items[]")
    only = {**mapping({**single, "branch": "p", "insertion": "i1", "origin": "o"}),
            "branches": [{"id": "p", "when": call("exists", "trigger.q")}]}  # fmt: skip
    (problem,) = found(only, "mapping.rows_into_single")
    (put,) = problem.fixes[0].put
    assert (put["branch"], put["insertion"], put["origin"]) == ("p", "i1", "o")


def test_a_rule_that_is_begun_anew_goes_on_belonging_to_its_template() -> None:
    broken = rule("r", "Name", {"op": "jsonata", "text": "((("}, origin="o", insertion="i1")
    (problem,) = found(mapping(broken), "mapping.jsonata_syntax")
    (put,) = next(fix.put for fix in problem.fixes if fix.title.startswith("Begin anew"))
    assert (put["origin"], put["insertion"]) == ("o", "i1")


def test_a_value_that_is_typed_in_later_is_missed_until_then() -> None:
    target = {"type": "object", "required": ["Number"],
              "properties": {"Number": {"type": "string"}}}  # fmt: skip
    (problem,) = check(mapping(), {}, target)
    (typed,) = [fix for fix in problem.fixes if fix.title == "Type in a value"]
    after = mended(mapping(), typed)
    (missing,) = check(after, {}, target)
    assert missing.code == "mapping.no_value"
    assert missing.rule_id == typed.open
    after["rules"][0]["expr"] = const("1")
    assert check(after, {}, target) == []
