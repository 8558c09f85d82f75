"""What is found before a mapping runs."""

from __future__ import annotations

from typing import Any

import pytest

from ipaas.mapping import Problem, check
from tests.mapping.builders import call, concat, const, field, mapping, rows, rule

SOURCE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "trigger": {"$ref": "#/$defs/order"},
        "steps": {"type": "object", "properties": {"any": {}}, "additionalProperties": False},
    },
    "additionalProperties": False,
    "$defs": {
        "order": {
            "allOf": [
                {"$ref": "#/$defs/dated"},
                {
                    "type": "object",
                    "properties": {
                        "id": {"type": "integer"},
                        "number": {"type": "string"},
                        "total": {"type": "number"},
                        "paid": {"type": ["boolean", "null"]},
                        "tags": {"type": "array", "items": {"type": "string"}},
                        "customer": {"type": "object", "properties": {"name": {"type": "string"}}},
                        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
                    },
                },
            ]
        },
        "dated": {
            "type": "object",
            "properties": {
                "created_at": {"type": "string", "format": "date-time"},
                "day": {"type": "string", "format": "date"},
            },
        },
        "item": {
            "type": "object",
            "properties": {"sku": {"type": "string"}, "price": {"type": "number"}},
            "additionalProperties": False,
        },
    },
}
TARGET: dict[str, Any] = {
    "type": "object",
    "required": ["Id", "CustomerRef", "Line"],
    "additionalProperties": False,
    "properties": {
        "Id": {"type": "string", "readOnly": True},
        "DocNumber": {"type": "string", "maxLength": 21},
        "TxnDate": {"type": "string", "format": "date"},
        "Total": {"type": "number"},
        "Status": {"enum": ["Paid", "Open"]},
        "Tags": {"type": "array", "items": {"type": "string"}},
        "CustomerRef": {"$ref": "#/$defs/ref"},
        "ShipTo": {
            "type": "object",
            "required": ["City"],
            "properties": {"City": {"type": "string"}, "Zip": {"type": "string"}},
        },
        "Line": {"type": "array", "items": {"$ref": "#/$defs/line"}},
    },
    "$defs": {
        "ref": {
            "type": "object",
            "required": ["value", "url"],
            "properties": {
                "value": {"type": "string"},
                "name": {"type": "string"},
                "url": {"type": "string", "readOnly": True},
            },
        },
        "line": {
            "type": "object",
            "required": ["Amount", "Detail"],
            "properties": {
                "Amount": {"type": "number"},
                "Detail": {
                    "type": "object",
                    "required": ["ItemRef"],
                    "properties": {"ItemRef": {"$ref": "#/$defs/ref"}},
                },
            },
        },
    },
}
COMPLETE = [
    rule("c", "CustomerRef.value", "trigger.number"),
    rows("b", "Line", "trigger.items[]"),
    rule("l1", "Line[b].Amount", "trigger.items[].price"),
    rule("l2", "Line[b].Detail.ItemRef.value", "trigger.items[].sku"),
]


def problems(*rules: dict[str, Any], complete: bool = True) -> list[Problem]:
    return check(mapping(*(COMPLETE if complete else []), *rules), SOURCE, TARGET)


def codes(*rules: dict[str, Any], complete: bool = True) -> list[tuple[str, str]]:
    return [
        (problem.code, str(problem.severity)) for problem in problems(*rules, complete=complete)
    ]


def test_a_complete_mapping_has_no_problems() -> None:
    assert problems() == []


def test_required_fields_that_the_other_system_sets_are_not_asked_for() -> None:
    assert not any(problem.target in ("Id", "CustomerRef.url") for problem in problems())
    assert {p.target for p in problems(complete=False)} == {"CustomerRef.value", "Line"}


def test_required_fields_are_asked_for_down_to_their_leaves() -> None:
    found = problems(complete=False)
    assert {problem.target for problem in found} == {"CustomerRef.value", "Line"}
    assert {problem.code for problem in found} == {"mapping.required"}


def test_required_fields_of_rows_are_asked_for_in_each_block() -> None:
    found = problems(
        rows("s", "Line", when=call("gt", "trigger.total", const(0))),
        rule("s1", "Line[s].Amount", "trigger.total"),
    )
    assert [(p.code, p.target) for p in found] == [
        ("mapping.required", "Line[s].Detail.ItemRef.value")
    ]


def test_an_optional_object_is_asked_to_be_complete_only_once_it_is_begun() -> None:
    found = problems(rule("z", "ShipTo.Zip", "trigger.number"))
    assert [(p.code, p.target) for p in found] == [("mapping.required", "ShipTo.City")]


def test_an_object_mapped_as_a_whole_is_not_asked_for_its_fields() -> None:
    found = problems(rule("z", "ShipTo", "trigger.customer"))
    assert found == []


def test_the_whole_document_mapped_at_once_leaves_nothing_required() -> None:
    assert codes(rule("w", "", "steps.any"), complete=False) == []


def test_a_field_the_source_does_not_have() -> None:
    assert codes(rule("r", "DocNumber", "trigger.items[].nope")) == [
        ("mapping.unknown_source", "error"),
        ("mapping.list_into_single", "error"),
    ]
    (problem,) = problems(rule("r", "DocNumber", "trigger.nope"))
    assert (problem.code, problem.severity) == ("mapping.unknown_source", "warning")
    assert "trigger.nope" in problem.message


def test_a_source_without_description_is_not_complained_about() -> None:
    assert codes(rule("r", "DocNumber", "steps.any.thing.at[].all[0]")) == [
        ("mapping.list_into_single", "error")
    ]
    assert check(mapping(rule("r", "DocNumber", "trigger.x")), None, None) == []


def test_a_field_the_target_does_not_have() -> None:
    assert codes(rule("r", "Nope", "trigger.number")) == [("mapping.unknown_target", "error")]
    assert codes(rule("r", "DocNumber.x", "trigger.number")) == [
        ("mapping.unknown_target", "error")
    ]
    assert codes(rule("r", "CustomerRef.extra", "trigger.number")) == [
        ("mapping.unknown_target", "warning")
    ]


@pytest.mark.parametrize(
    ("target", "expr", "expected"),
    [
        ("Total", field("trigger.number"), [("mapping.type_mismatch", "warning")]),
        ("Total", call("number", "trigger.number"), []),
        ("Total", call("sum", "trigger.items[].price"), []),
        ("DocNumber", field("trigger.id"), [("mapping.type_mismatch", "warning")]),
        ("DocNumber", call("to_text", "trigger.id"), []),
        ("DocNumber", field("trigger.customer"), [("mapping.type_mismatch", "error")]),
        ("DocNumber", field("trigger.tags"), [("mapping.list_into_single", "error")]),
        ("DocNumber", field("trigger.items[].sku"), [("mapping.list_into_single", "error")]),
        ("DocNumber", call("first", "trigger.items[].sku"), []),
        ("Tags", field("trigger.number"), [("mapping.single_into_list", "error")]),
        ("Tags", field("trigger.tags"), []),
        ("ShipTo", field("trigger.number"), [("mapping.type_mismatch", "error")]),
        ("TxnDate", field("trigger.created_at"), [("mapping.date_form", "warning")]),
        ("TxnDate", call("date", "trigger.created_at"), []),
        ("TxnDate", field("trigger.day"), []),
        ("Total", field("trigger.paid"), [("mapping.type_mismatch", "warning")]),
        ("Total", call("number", "trigger.tags"), [("mapping.list_into_single", "error")]),
        (
            "DocNumber",
            concat("trigger.number", "trigger.tags"),
            [("mapping.list_into_single", "error")],
        ),
        ("Id", field("trigger.number"), [("mapping.read_only", "error")]),
        ("Status", const("Late"), [("mapping.not_an_option", "error")]),
        ("Status", const("Paid"), []),
        ("DocNumber", const("x" * 22), [("mapping.too_long", "error")]),
        ("DocNumber", call("upper"), [("mapping.argument_count", "error")]),
        ("DocNumber", call("nope", "trigger.id"), [("mapping.unknown_function", "error")]),
        ("DocNumber", {"op": "jsonata", "text": "1 +"}, [("mapping.jsonata_syntax", "error")]),
        ("DocNumber", {"op": "hole"}, [("mapping.unfinished", "error")]),
        ("DocNumber", field("trigger.items.sku"), [("mapping.list_in_path", "error")]),
        ("Line.Amount", field("trigger.total"), [("mapping.target_in_list", "error")]),
        ("Line[zz].Amount", field("trigger.total"), [("mapping.target", "error")]),
    ],
)
def test_findings(target: str, expr: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert codes(rule("r", target, expr)) == expected


def test_inside_rows_the_current_element_is_a_single_value() -> None:
    assert codes(rule("n", "Line[b].Detail.ItemRef.name", "trigger.items[].sku")) == []


def test_two_rules_for_one_field() -> None:
    found = problems(rule("a", "DocNumber", const("1")), rule("b2", "DocNumber", const("2")))
    assert [(p.code, p.rule_id) for p in found] == [("mapping.duplicate_target", "b2")]


def test_a_rule_that_wipes_out_what_an_earlier_one_filled() -> None:
    found = problems(
        rule("a", "ShipTo.City", "trigger.number"), rule("b2", "ShipTo", "trigger.customer")
    )
    assert [(p.code, p.rule_id) for p in found] == [("mapping.duplicate_target", "b2")]


def test_an_object_with_single_fields_laid_over_it_is_fine() -> None:
    assert (
        problems(
            rule("a", "ShipTo", "trigger.customer"), rule("b2", "ShipTo.City", "trigger.number")
        )
        == []
    )


def test_an_unfinished_rule_for_a_required_field_is_reported_once() -> None:
    found = problems({"id": "c", "target": "CustomerRef.value"}, *COMPLETE[1:], complete=False)
    assert [(p.code, p.rule_id) for p in found] == [("mapping.unfinished", "c")]


def test_rows_into_a_single_field() -> None:
    assert codes(rows("x", "DocNumber", "trigger.items[]")) == [
        ("mapping.rows_into_single", "error")
    ]


def test_disabled_rules_are_not_looked_at() -> None:
    assert problems(rule("r", "Nope", call("nope"), disabled=True)) == []


def test_what_is_no_mapping_is_one_problem() -> None:
    (problem,) = check({"rules": 3}, SOURCE, TARGET)
    assert problem.code == "mapping.invalid"


def test_problems_are_sentences_with_advice() -> None:
    for problem in problems(rule("r", "Total", "trigger.number"), rule("x", "Nope", const(1))):
        assert problem.message.endswith(".") and problem.hint.endswith(".")
        assert problem.as_json()["severity"] in ("error", "warning")
