"""Fixes that work out what was meant: constants, texts of code, values that documents bring."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ipaas.mapping import check, compile_mapping
from ipaas.mapping.correcting import after_failure
from tests.mapping.builders import call, const, mapping, rule
from tests.mapping.test_checks import SOURCE
from tests.mapping.test_every_check import TARGET
from tests.mapping.test_fixes import NUMBER


@pytest.mark.parametrize(
    ("expr", "titles"),
    [
        (call("round", "trigger.total", const("2 digits")), ["Use 2", "Leave that value out"]),
        (call("add", "trigger.total", const("1.234,50 EUR")), ["Use 1234.50"]),
        (call("add_days", const("05.03.2026"), const(1)),
         ["Use “2026-03-05” (dd.MM.yyyy)"]),
        (call("add_days", const("03/05/2026"), const(1)),
         ["Use “2026-03-05” (MM/dd/yyyy)", "Use “2026-05-03” (dd/MM/yyyy)"]),
        (call("not", const("perhaps")), ["Take it as yes", "Take it as no"]),
        ({"op": "jsonata", "text": "$uppercase(trigger.number"},
         ["Make it “$uppercase(trigger.number)”"]),
        ({"op": "jsonata", "text": "trigger.number & "}, ["Make it “trigger.number”"]),
    ],
)  # fmt: skip
def test_what_was_meant_is_worked_out_of_what_is_there(expr: Any, titles: list[str]) -> None:
    (problem,) = [p for p in check(mapping(NUMBER, rule("r", "Extra", expr)), SOURCE, TARGET)
                  if p.rule_id == "r" and p.severity == "error"]  # fmt: skip
    offered = [fix.title for fix in problem.fixes]
    assert [title for title in offered if title in titles] == titles, offered


@pytest.mark.parametrize(
    ("function", "value", "title", "result"),
    [
        ("date", "31.01.2026", "Read it as dd.MM.yyyy", "2026-01-31"),
        ("number", "EUR 1.234,50", "Read the number in it: 1234.50", Decimal("1234.50")),
        ("to_integer", "1.6", "Read the number in it: 1.6", 2),
    ],
)
def test_a_value_that_fails_in_a_document_is_read_as_it_is_written(
    function: str, value: str, title: str, result: Any
) -> None:
    failing = rule("r", "Value", call(function, "trigger.value"))
    (error,) = compile_mapping(mapping(failing)).apply({"trigger": {"value": value}}).errors
    fixes = {fix.title: fix for fix in after_failure(failing, error)}
    assert next(iter(fixes)) == title
    mended = compile_mapping(mapping(*fixes[title].put))
    assert mended.apply({"trigger": {"value": value}}).output == {"Value": result}
    assert "Switch the rule off" in fixes


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        ("1.234,50", ["1234.50"]), ("1,234.50", ["1234.50"]), ("1234,5", ["1234.5"]),
        ("1.234.567", ["1234567"]), ("1.234,567,8", []), ("EUR 1,234", ["1.234", "1234"]),
        ("12,5 %", ["12.5"]), ("none", []),
    ],
)  # fmt: skip
def test_a_number_is_read_with_every_decimal_point_that_it_may_have_and_with_no_other(
    value: str, numbers: list[str]
) -> None:
    failing = rule("r", "Value", call("number", "trigger.value"))
    (error,) = compile_mapping(mapping(failing)).apply({"trigger": {"value": value}}).errors
    told = [fix.title for fix in after_failure(failing, error) if "number in it" in fix.title]
    assert told == [f"Read the number in it: {number}" for number in numbers]


def test_a_value_that_must_be_there_may_be_left_out_in_one_click() -> None:
    failing = rule("r", "Value", "trigger.value", on_missing="fail")
    (error,) = compile_mapping(mapping(failing)).apply({"trigger": {}}).errors
    first = next(after_failure(failing, error))
    assert first.title == "Leave the field out where there is no value"
    assert compile_mapping(mapping(*first.put)).apply({"trigger": {}}).errors == ()
