"""Fields that a person adds to a target whose schema leaves room for them."""

from __future__ import annotations

from typing import Any

import pytest

from ipaas.mapping import check, parse_mapping
from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.model import OwnField
from ipaas.mapping.schemas import resolve
from ipaas.mapping.schemas.added import with_own_fields
from ipaas.mapping.writing import write_mapping
from tests.mapping.builders import const, mapping, rule

REQUEST: dict[str, Any] = {
    "type": "object",
    "required": ["path"],
    "properties": {"path": {"type": "string"}, "body": {"$ref": "#/$defs/any"}},
    "additionalProperties": False,
    "$defs": {"any": {"type": ["object", "null"], "title": "Body"}},
}


def added(*fields: tuple[str, str]) -> list[dict[str, str]]:
    return [{"path": path, "type": kind} for path, kind in fields]


def test_a_path_makes_the_groups_and_lists_on_its_way_and_the_schema_keeps_its_own() -> None:
    schema = with_own_fields(
        REQUEST, [OwnField("body.order.lines[].sku", "text"), OwnField("path", "number")]
    )
    sku = resolve(schema, "body.order.lines[].sku")
    assert sku is not None and sku["type"] == "string"
    lines = resolve(schema, "body.order.lines")
    assert lines is not None and lines["type"] == "array"
    body = resolve(schema, "body")
    assert body is not None and body["title"] == "Body"


def test_rules_of_added_fields_are_checked_as_those_of_any_field() -> None:
    drawn = mapping(rule("r1", "path", const("/orders")), rule("r2", "body.count", const("many")))
    assert [p.code for p in check(drawn, None, REQUEST)] == []
    with_field = {**drawn, "own_fields": added(("body.count", "integer"))}
    assert [p.code for p in check(with_field, None, REQUEST)] == ["mapping.type_mismatch"]
    other = {**drawn, "own_fields": added(("body.total", "number"))}
    assert [p.code for p in check(other, None, REQUEST)] == ["mapping.unknown_target"]


def test_added_fields_are_saved_with_the_mapping() -> None:
    drawn = {**mapping(), "own_fields": [{"path": "a.b", "type": "date", "title": "Day"}]}
    assert write_mapping(parse_mapping(drawn)) == drawn


@pytest.mark.parametrize(
    "field", [{"path": ""}, {"path": "a", "type": "money"}, {"path": "a", "more": 1}, "a"]
)
def test_what_is_no_field_is_refused_with_its_place(field: Any) -> None:
    with pytest.raises(MappingInvalid) as refused:
        parse_mapping({**mapping(), "own_fields": [field]})
    assert "own_fields[0]" in str(vars(refused.value))
