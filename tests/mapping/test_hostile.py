"""Mappings and documents made to do harm stop soon, with an error that says why."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from ipaas.core import jsonio
from ipaas.mapping import (
    ExpressionFailed,
    MappingInvalid,
    Result,
    compile_expr,
    compile_mapping,
    parse_mapping,
)
from ipaas.mapping.limits import MAX_RULES
from ipaas.mapping.paths import parse_source, parse_target
from tests.mapping.builders import apply, call, concat, const, field, mapping, rows, rule, value

PATIENCE_S = 8.0
"""Processor time: far above what these take, far below what they would take without bounds."""


def stopped(context: Any, *rules: dict[str, Any]) -> Result:
    started = time.process_time()
    result = apply(context, *rules)
    assert time.process_time() - started < PATIENCE_S
    assert [error.code for error in result.errors] == ["mapping.too_large"]
    return result


def nested(depth: int) -> Any:
    document: Any = {"v": 1}
    for _ in range(depth):
        document = {"v": document}
    return document


def test_an_expression_nested_too_deep_is_refused() -> None:
    expr = const(1)
    for _ in range(5_000):
        expr = {"op": "call", "fn": "abs", "args": [expr]}
    with pytest.raises(MappingInvalid, match="nested"):
        compile_mapping(mapping(rule("r", "x", expr)))


def test_too_many_rules_are_refused() -> None:
    with pytest.raises(MappingInvalid, match="rules"):
        parse_mapping(mapping(*[rule(f"r{n}", "x", const(1)) for n in range(MAX_RULES + 1)]))


def test_too_many_expression_parts_are_refused() -> None:
    wide = call("add", *[call("add", *[const(1)] * 99) for _ in range(99)])
    with pytest.raises(MappingInvalid, match="parts"):
        parse_mapping(mapping(*[rule(f"r{n}", "x", wide) for n in range(3)]))


def test_a_constant_that_is_too_large_or_too_deep_is_refused() -> None:
    for constant in (["x"] * 20_000, "x" * 300_000, nested(200)):
        with pytest.raises(MappingInvalid):
            compile_expr(const(constant))


def test_rows_of_rows_of_rows_stop() -> None:
    context = {"a": [{"x": n} for n in range(500)]}
    stopped(
        context,
        rows("b1", "L", "a[]"),
        rows("b2", "L[b1].L", "a[]"),
        rows("b3", "L[b1].L[b2].L", "a[]"),
        rule("r", "L[b1].L[b2].L[b3].x", "a[].x"),
    )


def test_more_rows_than_a_mapping_may_make_stop() -> None:
    result = stopped({"rows": [{}] * 60_000}, rows("b", "L", "rows[]"), rule("r", "L[b]", const(1)))
    assert "50000 rows" in result.errors[0].message


def test_a_list_read_again_for_every_row_stops() -> None:
    context = {"rows": [{}] * 20_000, "other": [{"n": 1}] * 20_000}
    for read in (call("sum", "other[].n"), field("other[].nothing")):
        stopped(context, rows("b", "L", "rows[]"), rule("r", "L[b].x", read))


def test_a_lookup_for_every_row_in_a_long_list_stops() -> None:
    table = [{"k": n, "v": n} for n in range(20_000)]
    context = {"rows": [{"k": 19_999}] * 20_000, "table": table}
    found = call("lookup", "table", const("k"), "rows[].k", const("v"))
    stopped(context, rows("b", "L", "rows[]"), rule("r", "L[b].x", found))


def test_copying_a_large_document_into_every_row_stops() -> None:
    context = {"rows": [{}] * 5_000, "big": {"items": [{"n": n} for n in range(2_000)]}}
    stopped(context, rows("b", "L", "rows[]"), rule("r", "L[b].x", "big"))


def test_copying_long_texts_into_every_row_stops() -> None:
    context = {"rows": [{}] * 5_000, "text": "x" * 100_000}
    stopped(context, rows("b", "L", "rows[]"), rule("r", "L[b].x", "text"))


def test_a_document_nested_very_deep_is_an_error_or_missing_never_a_crash() -> None:
    context = {"deep": nested(5_000)}
    stopped(context, rule("r", "x", "deep"))
    compared = apply(context, rule("r", "x", call("eq", "deep", "deep")))
    assert [error.code for error in compared.errors] in ([], ["mapping.too_large"])
    assert apply(context, rule("r", "x", field(".".join(["deep"] + ["v"] * 40)))).errors


@pytest.mark.parametrize(
    "expr",
    [
        call("pad_left", const("x"), const(10**9)),
        call("replace", const("x" * 1_000), const("x"), const("y" * 1_000)),
        call("join", const(["x"] * 9_000), const("y" * 1_000)),
        concat(*[const("x" * 5_000)] * 60),
    ],
)
def test_texts_that_would_grow_without_end_are_errors(expr: dict[str, Any]) -> None:
    with pytest.raises(ExpressionFailed):
        value(expr)


@pytest.mark.parametrize(
    "number",
    ["1e999999999", "1E-999999999", "9" * 150, "0." + "1" * 150, str(10**101)],
)
def test_numbers_beyond_a_hundred_digits_are_errors_and_never_fill_the_memory(number: str) -> None:
    for text in (number, Decimal(number)):
        for fn in ("number", "to_text", "round", "abs"):
            try:
                answer = value(call(fn, "n"), {"n": text})
            except ExpressionFailed:
                continue
            assert len(str(answer)) < 300


def test_products_of_products_stop_at_a_hundred_digits() -> None:
    expr = const("9" * 50)
    for _ in range(6):
        expr = call("multiply", expr, expr)
    with pytest.raises(ExpressionFailed, match="digits"):
        value(expr)


def test_a_number_with_thousands_of_digits_is_shown_short() -> None:
    with pytest.raises(ExpressionFailed) as caught:
        value(call("negate", "n"), {"n": 10**9_000})
    assert len(caught.value.message) < 200


def test_a_long_offending_text_is_shown_short() -> None:
    with pytest.raises(ExpressionFailed) as caught:
        value(call("number", "n"), {"n": "x" * 100_000})
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("not_json", [float("nan"), float("inf"), {1, 2}, object(), b"x"])
def test_a_document_that_is_not_json_is_an_error(not_json: Any) -> None:
    result = apply({"trigger": {"x": [not_json]}}, rule("r", "x", "trigger.x"))
    assert result.errors


@pytest.mark.parametrize("context", [None, [], "text", 5, {"trigger": None}])
def test_a_context_of_another_shape_is_just_empty(context: Any) -> None:
    assert apply(context, rule("r", "x", "trigger.a.b")).output == {}


def test_member_names_of_python_are_just_names() -> None:
    context = jsonio.loads('{"trigger": {"__class__": "a", "keys": "b"}}')
    result = apply(
        context, rule("r", "__class__", "trigger.__class__"), rule("s", "x", "trigger.keys.items")
    )
    assert result.output == {"__class__": "a"}


@pytest.mark.parametrize("path", ["a" + ".a" * 100, "a" * 2_000])
def test_a_path_with_too_many_parts_or_characters_is_refused(path: str) -> None:
    for parse in (parse_source, parse_target):
        with pytest.raises(MappingInvalid, match="part|characters"):
            parse(path)
