"""Fixed values are held against the lists of the connected system that are known."""

from __future__ import annotations

from typing import Any

import pytest

from ipaas.mapping import Problem, check
from ipaas.mapping.errors import Choice
from ipaas.mapping.vendor_lists import GivenEntries, list_names, list_of_records
from tests.mapping.builders import call, const, field, if_, mapping, rule
from tests.mapping.test_fixes import mended

TARGET: dict[str, Any] = {
    "type": "object",
    "properties": {
        "AccountRef": {"$ref": "#/$defs/Ref", "x-ref": "Account", "x-also": ["UNDEPOSITED"]},
        "Table": {"type": "string", "x-options": "tables"},
        "ClassRef": {"$ref": "#/$defs/Ref", "x-ref": "Class"},
    },
    "$defs": {"Ref": {"type": "object", "properties": {
        "value": {"type": "string"}, "name": {"type": "string"}}}},
}  # fmt: skip
LISTS = {
    "accounts": GivenEntries([Choice("79", "Sales of goods"), Choice("81", "Shipping income")]),
    "tables": GivenEntries([Choice("orders", "orders")]),
}


def found(target: str, expr: Any, **more: Any) -> list[Problem]:
    return check(mapping(rule("r", target, expr, **more)), {}, TARGET, lists=LISTS)


@pytest.mark.parametrize(
    ("target", "expr", "missing"),
    [
        ("AccountRef.value", const("79"), []),
        ("AccountRef.value", const("99"), ["99"]),
        ("AccountRef.value", const("UNDEPOSITED"), []),
        ("AccountRef.name", const("99"), []),
        ("AccountRef.value", field("trigger.account"), []),
        ("AccountRef.value", if_(call("exists", "trigger.a"), const("79"), const("98")), ["98"]),
        ("AccountRef.value", call("default", "trigger.a", const("97")), ["97"]),
        ("Table", const("oders"), ["oders"]),
        ("ClassRef.value", const("7"), []),
    ],
)
def test_a_fixed_value_that_the_list_does_not_have_is_a_warning(
    target: str, expr: Any, missing: list[str]
) -> None:
    problems = found(target, expr)
    assert [problem.code for problem in problems] == ["mapping.not_in_list"] * len(missing)
    for problem, value in zip(problems, missing, strict=True):
        assert f"“{value}”" in problem.message
        assert problem.severity == "warning"
        for fix in problem.fixes:
            after = mended(mapping(rule("r", target, expr)), fix)
            assert check(after, {}, TARGET, lists=LISTS) == []


def test_the_entry_whose_label_is_most_like_the_value_is_proposed_first() -> None:
    (problem,) = found("AccountRef.value", const("shipping"))
    assert problem.fixes[0].title == "Use Shipping income (81)"
    assert problem.fixes[0].put[0]["expr"] == const("81")


def test_a_default_is_held_against_the_list_too() -> None:
    (problem,) = found("AccountRef.value", "trigger.a", default=const("99"))
    assert problem.fixes[0].put[0]["expr"] == field("trigger.a")
    assert problem.fixes[0].put[0]["default"] in (const("79"), const("81"))


def test_nothing_is_held_against_a_list_that_is_not_known() -> None:
    assert check(mapping(rule("r", "AccountRef.value", const("99"))), {}, TARGET) == []


def test_lists_are_named_after_records_in_the_plural() -> None:
    assert list_of_records("TaxCode") == "tax_codes"
    assert list_of_records("Class") == "classes"
    assert list_names(TARGET) == {"accounts", "tables", "classes"}


def test_a_reference_that_nothing_fills_is_offered_the_id_that_a_step_gave() -> None:
    term = {"type": "object", "properties": {"value": {"type": "string"}}}
    record = {"type": "object", "properties": {"TermRef": term}}
    step = {"type": "object", "properties": {"id": {"type": "string"}, "record": record}}
    source = {"type": "object", "properties": {"steps": {
        "type": "object", "properties": {"customer": step}}}}  # fmt: skip
    target = {"type": "object", "required": ["CustomerRef"], "properties": {"CustomerRef": {
        "type": "object", "x-ref": "Customer", "required": ["value"],
        "properties": {"value": {"type": "string"}}}}}  # fmt: skip
    (problem,) = check(mapping(), source, target)
    assert problem.fixes[0].title == "Take it from steps.customer.id"
