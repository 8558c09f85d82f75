"""Schemas read at a path, learnt from documents and turned into examples."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from ipaas.core import jsonio
from ipaas.mapping.schemas import example, infer_schema, iter_leaves, resolve, types
from tests.mapping.test_checks import SOURCE, TARGET

TREE: dict[str, Any] = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string"},
                "child": {"$ref": "#/$defs/node"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
        }
    },
}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("trigger.items[].price", "number"),
        ("trigger.items[0].sku", "string"),
        ("trigger.created_at", "string"),
        ("trigger.tags[]", "string"),
        ("trigger.items", "array"),
        ("trigger.customer", "object"),
    ],
)
def test_a_path_leads_through_references_lists_and_joined_schemas(path: str, kind: str) -> None:
    found = resolve(SOURCE, path)
    assert found is not None and types(found) == {kind}


@pytest.mark.parametrize("path", ["trigger.nope", "trigger.items.sku", "trigger.id.x", "other"])
def test_a_path_that_leads_nowhere_gives_nothing(path: str) -> None:
    assert resolve(SOURCE, path) is None


def test_a_resolved_schema_still_knows_its_definitions() -> None:
    items = resolve(SOURCE, "trigger.items")
    assert items is not None
    validator = jsonschema.Draft202012Validator(items)
    assert validator.is_valid([{"sku": "A", "price": 1}])
    assert not validator.is_valid([{"sku": 1}])


def test_a_nullable_field_is_seen_through_any_of() -> None:
    schema = {
        "properties": {
            "a": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/x"}]},
            "b": {"oneOf": [{"properties": {"p": {"type": "string"}}}, {"properties": {"q": {}}}]},
        },
        "$defs": {"x": {"type": "object", "properties": {"y": {"type": "integer"}}}},
    }
    found = resolve(schema, "a.y")
    assert found is not None and types(found) == {"integer"}
    assert resolve(schema, "b.p") is not None
    assert resolve(schema, "b.q") is not None


def test_leaves_come_in_order_with_whether_they_are_required() -> None:
    leaves = {leaf.path: leaf.required for leaf in iter_leaves(TARGET)}
    assert list(leaves)[:3] == ["Id", "DocNumber", "TxnDate"]
    assert leaves["CustomerRef.value"] is True
    assert leaves["ShipTo.City"] is False
    assert leaves["Line[].Detail.ItemRef.value"] is True
    assert "Tags[]" in leaves


def test_a_schema_that_contains_itself_is_followed_once() -> None:
    paths = [leaf.path for leaf in iter_leaves(TREE)]
    assert "name" in paths and "child.name" in paths and len(paths) < 20
    made = example(TREE)
    jsonschema.validate(made, TREE)


def test_references_in_a_circle_do_not_hang() -> None:
    schema = {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
    }
    assert list(iter_leaves(schema)) == []
    assert example(schema) is None
    assert resolve(schema, "x.y") is None


def test_an_example_fits_its_schema() -> None:
    for schema in (SOURCE, TARGET, TREE):
        document = jsonio.loads(jsonio.dumps(example(schema)))
        assert list(jsonschema.Draft202012Validator(schema).iter_errors(document)) == []


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "examples": ["MUG"]}, "MUG"),
        ({"type": "string", "default": "n"}, "n"),
        ({"enum": ["Paid", "Open"]}, "Paid"),
        ({"const": 5}, 5),
        ({"type": "string", "format": "date"}, "2024-05-31"),
        ({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"}, "2024-05-31 14:05:00"),
        ({"type": "number"}, Decimal("10.00")),
        ({"type": "number", "exclusiveMinimum": 20}, Decimal("21")),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "boolean"}, False),
        ({"type": ["null", "string"], "title": "Memo", "maxLength": 3}, "Mem"),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
        ({}, None),
    ],
)
def test_examples_are_plausible(schema: dict[str, Any], expected: Any) -> None:
    assert example(schema) == expected


def test_a_schema_is_learnt_with_optional_fields_types_and_formats() -> None:
    samples = [
        {"id": 1, "total": Decimal("5.00"), "day": "2024-05-31", "at": "2024-05-31T10:00:00Z",
         "mail": "ana@example.com", "tags": [],
         "items": [{"sku": "A"}, {"sku": "B", "note": None}]},
        {"id": "x", "total": 7, "day": "2024-06-01", "at": "2024-06-01T10:00:00+02:00",
         "mail": "bob@example.com", "items": []},
    ]  # fmt: skip
    schema = infer_schema(samples)
    properties = schema["properties"]
    assert schema["required"] == ["id", "total", "day", "at", "mail", "items"]
    assert properties["id"]["type"] == ["string", "integer"]
    assert properties["total"]["type"] == "number"
    assert properties["day"]["format"] == "date"
    assert properties["at"]["format"] == "date-time"
    assert properties["mail"]["format"] == "email"
    assert properties["items"]["items"]["required"] == ["sku"]
    assert properties["items"]["items"]["properties"]["note"]["type"] == "null"
    assert properties["tags"] == {"type": "array", "items": {}}
    assert example(schema)["id"] == 1


def test_texts_that_only_look_like_dates_have_no_date_format() -> None:
    assert "format" not in infer_schema(["2024-05-31", "2024-02-30"])
    assert "format" not in infer_schema(["2024-05-31 10:00:00"])


def test_nothing_is_learnt_from_nothing() -> None:
    assert infer_schema([]) == {}
