"""Expressions as one line of text: read again, they are the very same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipaas.mapping import FUNCTIONS, expression_from_jsonata, parse_function, write_expr
from ipaas.mapping.formulas import formula
from tests.mapping.builders import call, concat, const, field, if_
from tests.mapping.strategies import OUTER_FIELDS, typed

OWN = {"name": "own", "params": [{"name": "x"}], "body": call("upper", "$x")}


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (call("multiply", call("add", "trigger.a", "trigger.b"), const(2)),
         "(trigger.a + trigger.b) * 2"),
        (call("subtract", "trigger.a", call("subtract", "trigger.b", "trigger.c")),
         "trigger.a - (trigger.b - trigger.c)"),
        (call("round", call("multiply", "trigger.items[].qty", "trigger.items[].price"), const(2)),
         "$round_half_up(trigger.items[].qty * trigger.items[].price, 2)"),
        (concat("trigger.a", const("-"), call("upper", "trigger.b"), separator=""),
         'trigger.a & "-" & $upper(trigger.b)'),
        (concat("trigger.a", "trigger.b", separator=", "),
         '$joined([trigger.a, trigger.b], ", ")'),
        (if_(call("gt", "trigger.t", const("0.10")), "trigger.a", const("x")),
         'trigger.t > "0.10" ? trigger.a : "x"'),
        (call("or", call("eq", "trigger.a", "trigger.b"), call("and", "trigger.c", "trigger.d")),
         "trigger.a = trigger.b or trigger.c and trigger.d"),
        (call("format_date", "trigger.d", const("dd.MM.yyyy")),
         '$format_date(trigger.d, "[D01].[M01].[Y0001]")'),
        (call("add", call("add", "trigger.a", "trigger.b"), "trigger.c"),
         "$add($add(trigger.a, trigger.b), trigger.c)"),
        (call("upper", "$line.sku"), "$upper($line.sku)"),
        (call("own", call("lower", "trigger.a")), "$own($lower(trigger.a))"),
        (call("upper", {"op": "hole"}), None),
        (call("unheard_of", "trigger.a"), None),
    ],
)  # fmt: skip
def test_blocks_are_written_as_people_would_type_them(expr: Any, text: str | None) -> None:
    assert formula(expr, {}, ["line"], [parse_function(OWN)]) == text


def test_every_function_can_be_written_in_a_line() -> None:
    left = []
    for fn in FUNCTIONS.values():
        args: list[Any] = [field(f"trigger.f{at}") for at in range(fn.min_args)]
        if fn.name == "format_date":
            args[1] = const("yyyy-MM-dd")
        if formula(call(fn.name, *args)) is None:
            left.append(fn.name)
    assert left == []


KINDS = ("number", "text", "condition")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(KINDS).flatmap(lambda kind: typed(kind, OUTER_FIELDS, 3)))
def test_a_line_is_read_as_the_same_blocks(expr: dict[str, Any]) -> None:
    text = formula(expr)
    if text is not None and "[]" not in text:
        assert write_expr(expression_from_jsonata(text)) == expr


def test_nearly_all_expressions_have_a_line() -> None:
    """Those at random are odder than people's; what has no line is edited as blocks."""
    seen: list[bool] = []

    @settings(max_examples=150, deadline=None, database=None, derandomize=True)
    @given(st.sampled_from(KINDS).flatmap(lambda kind: typed(kind, OUTER_FIELDS, 3)))
    def look(expr: dict[str, Any]) -> None:
        seen.append(formula(expr) is not None)

    look()
    assert sum(seen) / len(seen) > 0.9
