"""Fixes that are proposed: each mends its problem and leaves a sound mapping."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from ipaas.mapping import Fix, Problem, check, compile_mapping, unused_sources
from ipaas.mapping.unread import places_for
from tests.mapping.builders import call, concat, const, field, if_, mapping, rows, rule
from tests.mapping.test_checks import SOURCE

TARGET: dict[str, Any] = {
    "type": "object",
    "required": ["Number"],
    "additionalProperties": False,
    "properties": {
        "Number": {"type": "string", "maxLength": 5},
        "TxnDate": {"type": "string", "format": "date"},
        "Total": {"type": "number", "multipleOf": 0.01},
        "Count": {"type": "integer"},
        "Name": {"type": "string"},
        "Status": {"enum": ["Paid", "Open"]},
        "Active": {"type": "boolean"},
        "Tags": {"type": "array", "items": {"type": "string"}},
        "Line": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["Sku"],
                "properties": {"Sku": {"type": "string"}, "Price": {"type": "number"}},
            },
        },
    },
}
NUMBER = rule("n", "Number", const("1"))


def found(document: dict[str, Any], code: str) -> list[Problem]:
    return [problem for problem in check(document, SOURCE, TARGET) if problem.code == code]


def mended(document: dict[str, Any], fix: Fix) -> dict[str, Any]:
    """The mapping as the mapper leaves it when somebody takes a fix."""
    put = {new["id"]: new for new in fix.put}
    kept = [put.pop(old["id"], old) for old in document["rules"] if old["id"] not in fix.remove]
    return {**document, "rules": [*kept, *put.values()]}


def test_a_required_field_is_offered_the_source_with_its_name() -> None:
    (problem,) = found(mapping(), "mapping.required")
    assert problem.fixes[0].title == "Take it from trigger.number"
    assert found(mended(mapping(), problem.fixes[0]), "mapping.required") == []


def test_a_required_field_of_a_row_is_offered_what_the_row_holds() -> None:
    document = mapping(NUMBER, rows("b", "Line", "trigger.items[]"))
    (problem,) = found(document, "mapping.required")
    assert problem.fixes[0].title == "Take it from trigger.items[].sku"
    after = mended(document, problem.fixes[0])
    made = compile_mapping(after).apply({"trigger": {"items": [{"sku": "A"}, {"sku": "B"}]}})
    assert made.output["Line"] == [{"Sku": "A"}, {"Sku": "B"}]


@pytest.mark.parametrize(
    ("expr", "left"),
    [
        (if_(const(True), "trigger.number", const("x")), field("trigger.number")),
        (if_(const(False), const("x"), "trigger.number"), field("trigger.number")),
        (call("default", const("a"), "trigger.number"), const("a")),
        (call("upper", if_(const(True), "trigger.number")), call("upper", "trigger.number")),
    ],
)
def test_what_is_never_used_goes_and_what_is_used_stays(expr: Any, left: Any) -> None:
    (problem, *_) = found(mapping(NUMBER, rule("r", "Name", expr)), "mapping.unreachable")
    (fix,) = problem.fixes
    assert fix.put[0]["expr"] == left


def test_a_required_field_without_a_namesake_is_offered_fields_of_its_form_and_options() -> None:
    target = {
        "type": "object",
        "required": ["Posted", "Kind", "Open"],
        "properties": {
            "Posted": {"type": "string", "format": "date"},
            "Kind": {"enum": ["a", "b", "c", "d", "e", "f"]},
            "Open": {"type": "boolean"},
        },
    }
    titles = {p.target: [fix.title for fix in p.fixes] for p in check(mapping(), SOURCE, target)}
    assert titles["Posted"][0] == "Take it from trigger.day"
    assert "Set it to “a”" in titles["Kind"]
    assert {"Take it from trigger.paid", "Set it to true", "Set it to false"} <= {*titles["Open"]}


def test_fields_that_nothing_reads_are_offered_a_place_that_nothing_fills() -> None:
    document = mapping(rows("b", "Line", "trigger.items[]"), rule("t", "Total", const(1)))
    unread = unused_sources(document, SOURCE)
    offered = places_for(unread, document, SOURCE, TARGET)
    titles = {path: [fix.title for fix in fixes] for path, fixes in offered.items()}
    assert titles["trigger.number"] == ["Fill Number with it"]
    assert titles["trigger.items[].sku"] == ["Fill Line.Sku with it"]
    assert "trigger.total" not in titles  # filled already
    after = mended(document, offered["trigger.items[].sku"][0])
    made = compile_mapping(after).apply({"trigger": {"items": [{"sku": "A"}]}})
    assert made.output["Line"] == [{"Sku": "A"}]
    assert "trigger.items[].sku" not in unused_sources(after, SOURCE)


def test_places_in_large_trees_are_found_at_once() -> None:
    fields = {f"{word}_{n}": {"type": "string"} for n in range(400) for word in
              ("customer", "shipping", "billing", "discount", "total")}  # fmt: skip
    large = {"type": "object", "properties": fields}
    source = {"type": "object", "properties": {"trigger": large}}
    unread = unused_sources(mapping(), source)
    started = time.process_time()
    offered = places_for(unread, mapping(), source, large)
    assert time.process_time() - started < 5
    assert offered["trigger.customer_0"][0].title == "Fill customer_0 with it"


def test_a_text_that_fits_and_a_number_that_is_rounded_lose_nothing() -> None:
    document = mapping(NUMBER, rule("r", "Total", call("round", "trigger.total", const(2))))
    assert check(document, SOURCE, TARGET) == []


AMOUNT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "Amount": {"type": "number", "x-decimals": 2},
        "Price": {"type": "number", "x-decimals": 7},
        "Name": {"type": "string", "maxLength": 10},
    },
}
PRICED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "qty": {"type": "integer"}, "price": {"type": "number", "x-decimals": 2},
        "fine": {"type": "number"}, "first": {"type": "string", "maxLength": 4},
        "last": {"type": "string", "maxLength": 6},
        "items": {"type": "array", "items": {"properties": {"n": {"type": "integer"}}}},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("target", "expr", "lossy"),
    [
        ("Amount", field("trigger.fine"), True),
        ("Price", field("trigger.fine"), False),
        ("Amount", field("trigger.price"), False),
        ("Amount", call("multiply", "trigger.qty", "trigger.price"), False),
        ("Amount", call("multiply", "trigger.price", "trigger.price"), True),
        ("Amount", call("divide", "trigger.price", const(3)), True),
        ("Amount", call("round", call("divide", "trigger.price", const(3)), const(2)), False),
        ("Amount", call("round", "trigger.fine", const(3)), True),
        ("Amount", call("add", "trigger.price", const(Decimal("0.005"))), True),
        ("Amount", call("sum", "trigger.items[].n"), False),
        ("Name", concat("trigger.first", "trigger.last", separator=""), False),
        ("Name", concat("trigger.first", "trigger.last", separator=" "), True),
        ("Name", concat("trigger.first", "trigger.unknown"), False),
    ],
)
def test_what_is_worked_out_is_known_to_be_too_fine_or_too_long(
    target: str, expr: dict[str, Any], lossy: bool
) -> None:
    source = {"type": "object", "properties": {"trigger": PRICED}}
    document = mapping(rule("r", target, expr))
    found = [p for p in check(document, source, AMOUNT) if p.code.startswith("mapping.lossy")]
    assert bool(found) is lossy
    for problem in found:
        left = check(mended(document, problem.fixes[0]), source, AMOUNT)
        assert not [p for p in left if p.code.startswith("mapping.lossy")]


@pytest.mark.parametrize(
    "expr",
    [
        if_(const(True), "trigger.number", const("never")),
        if_(call("eq", "trigger.id", const(1)), const("a"),
            if_(call("eq", "trigger.id", const(1)), const("b"), const("c"))),
        call("default", const("a"), "trigger.number"),
        if_(call("and", call("eq", "trigger.id", const(1)), const(False)), const("a")),
    ],
)  # fmt: skip
def test_a_way_that_no_document_takes_is_reported(expr: dict[str, Any]) -> None:
    assert found(mapping(NUMBER, rule("r", "Name", expr)), "mapping.unreachable")


def test_a_branch_after_one_that_asks_the_same_is_never_reached() -> None:
    same = call("gt", "trigger.total", const(5))
    document = {
        **mapping(NUMBER, rule("r", "Name", const("a"), branch="second")),
        "branches": [
            {"id": "first", "when": same},
            {"id": "second", "when": same, "after": "first"},
        ],
    }
    assert found(document, "mapping.unreachable")
    document["branches"][1]["when"] = call("gt", "trigger.total", const(2))
    assert not found(document, "mapping.unreachable")


def test_fields_that_nothing_reads_are_listed_until_something_does() -> None:
    document = mapping(rows("b", "Line", "trigger.items[]"))
    assert "trigger.items[].sku" in unused_sources(document, SOURCE)
    assert "trigger.number" in unused_sources(document, SOURCE)
    document["rules"] += [
        rule("r", "Line[b].Sku", "trigger.items[].sku"),
        rule("j", "Name", {"op": "jsonata", "text": "trigger.number & 'x'"}),
        rule("c", "Tags", field("trigger.customer")),
    ]
    unused = unused_sources(document, SOURCE)
    assert "trigger.items[].price" in unused
    assert not {"trigger.items[].sku", "trigger.number", "trigger.customer.name"} & set(unused)
