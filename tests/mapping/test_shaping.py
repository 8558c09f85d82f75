"""Rows that are joined, grouped, sorted and counted; branches; functions of one's own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ipaas.core import jsonio
from ipaas.mapping import check, compile_mapping, to_jsonata
from ipaas.mapping.jsonata_engine import compile_jsonata
from tests.mapping.builders import call, concat, const, field, if_, mapping, rows, rule

CONTEXT: dict[str, Any] = {
    "trigger": {
        "kind": "business",
        "total": 12,
        "note": None,
        "lines": [
            {"sku": "B", "qty": 2, "bin": "x", "taxes": [{"code": "T1"}, {"code": "T2"}]},
            {"sku": "A", "qty": 5, "bin": "y"},
            {"sku": "B", "qty": 1, "bin": "y", "taxes": [{"code": "T3"}]},
            {"sku": "C", "bin": "x"},
        ],
        "stock": [
            {"code": "A", "place": "north"},
            {"code": "B", "place": "south"},
            {"code": "B", "place": "west"},
            {"code": 7, "place": "seven"},
        ],
    }
}


def made(*rules: dict[str, Any], context: Any = None, **more: Any) -> Any:
    """The output, once our own evaluator, its JSONata text on both engines and the checks agree."""
    document = {**mapping(*rules), **more}
    context = CONTEXT if context is None else context
    result = compile_mapping(document).apply(context)
    assert result.errors == ()
    text = to_jsonata(document)
    for engine in ("jlens", "jsonata-python"):
        expression = compile_jsonata(text, engine, trusted=True)  # type: ignore[arg-type]
        assert expression.evaluate(jsonio.dumps(context).decode()) == result.output, (engine, text)
    assert [problem for problem in check(document, None, None) if problem.rule_id] == []
    return result.output


LINES = "trigger.lines[]"


def shaped(*more: dict[str, Any], **members: Any) -> Any:
    """Rows over the lines, each giving its sku and what ``more`` adds."""
    rule_of_rows = {"id": "b", "target": "L", "rows": {"each": LINES, "as": "line", **members}}
    return made(rule_of_rows, *(more or (rule("s", "L[b].sku", "$line.sku"),))).get("L")


def test_rows_are_sorted_up_and_down_by_several_keys_and_missing_ones_come_last() -> None:
    by_sku = {"by": field("$line.sku")}
    by_qty = {"by": field("$line.qty"), "down": True}
    qty = rule("q", "L[b].q", "$line.qty", on_missing="null")
    found = shaped(rule("s", "L[b].s", "$line.sku"), qty, sort=[by_sku, by_qty])
    assert [(row["s"], row["q"]) for row in found] == [("A", 5), ("B", 2), ("B", 1), ("C", None)]
    assert [row["q"] for row in shaped(qty, sort=[by_qty])] == [5, 2, 1, None]


def test_rows_are_grouped_and_a_group_gives_its_key_and_all_its_items() -> None:
    found = shaped(
        rule("k", "L[b].sku", "$line.key"),
        rule("q", "L[b].qty", call("sum", field("$line.items[].qty"))),
        group=field("$line.sku"),
        sort=[{"by": field("$line.key")}],
    )
    assert found == [{"sku": "A", "qty": 5}, {"sku": "B", "qty": 3}, {"sku": "C", "qty": 0}]


def test_the_first_row_of_each_value_and_the_first_and_last_rows() -> None:
    assert shaped(distinct=field("$line.sku")) == [{"sku": "B"}, {"sku": "A"}, {"sku": "C"}]
    assert shaped(first=2) == [{"sku": "B"}, {"sku": "A"}]
    assert shaped(last=1) == [{"sku": "C"}]
    assert shaped(first=3, last=1, where=call("ne", "$line.sku", const("A"))) == [{"sku": "C"}]


def test_rows_without_a_value_are_one_of_a_kind_in_the_shown_text_too() -> None:
    kinds = {"each": "trigger.items[]", "distinct": field("trigger.items[].sku")}
    context = {"trigger": {"items": [{"n": 1}, {"n": 2}, {"n": 3, "sku": None}]}}
    n = rule("r", "A[b].N", "trigger.items[].n")
    found = made({"id": "b", "target": "A", "rows": kinds}, n, context=context)
    assert found == {"A": [{"N": 1}]}


def test_rows_know_their_number_and_running_totals() -> None:
    found = shaped(
        rule("n", "L[b].n", "$n"),
        rule("t", "L[b].total", "$sofar"),
        number_as="n",
        running=[{"as": "sofar", "add": field("$line.qty")}],
    )
    assert found == [
        {"n": 1, "total": 2}, {"n": 2, "total": 7}, {"n": 3, "total": 8}, {"n": 4, "total": 8},
    ]  # fmt: skip


JOIN = {
    "with": field("trigger.stock"), "as": "place",
    "left": field("$line.sku"), "right": field("$place.code"),
}  # fmt: skip
PLACE = rule("p", "L[b].place", "$place.place")
SKU = rule("s", "L[b].sku", "$line.sku")


def test_a_second_list_is_joined_by_key_with_all_matches_or_the_first() -> None:
    first = shaped(SKU, PLACE, join=[JOIN])
    assert [row.get("place") for row in first] == ["south", "north", "south", None]
    many = shaped(SKU, PLACE, join=[{**JOIN, "many": True, "inner": True}])
    assert [row["place"] for row in many] == ["south", "west", "north", "south", "west"]
    inner = shaped(SKU, PLACE, join=[{**JOIN, "inner": True}], where=call("eq", "$place.place",
                   const("north")), sort=[{"by": field("$line.sku")}])  # fmt: skip
    assert inner == [{"sku": "A", "place": "north"}]


def test_numbers_join_numeric_texts_but_texts_join_only_themselves() -> None:
    stock = [{"code": 7, "place": "n"}, {"code": "07", "place": "t"}]
    context = {"trigger": {"lines": [{"sku": "7"}, {"sku": "07"}, {"sku": 7}], "stock": stock}}
    both = made(
        {"id": "b", "target": "L", "rows": {"each": LINES, "as": "line", "join": [JOIN]}},
        PLACE,
        context=context,
    )["L"]
    # “07” is the text “07” and also the number 7, which was there first.
    assert both == [{"place": "n"}, {"place": "n"}, {"place": "n"}]


def test_parents_stay_in_reach_by_name_at_any_depth() -> None:
    found = made(
        {"id": "b", "target": "L", "rows": {"each": LINES, "as": "line", "number_as": "n"}},
        {"id": "t", "target": "L[b].Tax", "rows": {"items": field("$line.taxes"), "as": "tax"}},
        rule("c", "L[b].Tax[t].code", "$tax.code"),
        rule("s", "L[b].Tax[t].sku", "$line.sku"),
        rule("n", "L[b].Tax[t].line", "$n"),
        rule("k", "L[b].Tax[t].kind", "trigger.kind"),
    )["L"]
    assert found[2] == {"Tax": [{"code": "T3", "sku": "B", "line": 3, "kind": "business"}]}
    assert found[1] == {}


def test_rows_nest_ten_lists_deep_and_the_innermost_reaches_every_parent() -> None:
    depth = 10
    inner: dict[str, Any] = {"n": depth}
    for level in range(depth - 1, 0, -1):
        inner = {"n": level, "a": [inner, {"n": -level}]}
    rules, each, target = [], "trigger", ""
    for level in range(depth):
        each, above = f"{each}.a[]", target
        rules.append(rows(f"b{level}", f"{above}L", each))
        target = f"{above}L[b{level}]."
    parents = [".".join(["trigger", *["a[]"] * level, "n"]) for level in range(1, depth + 1)]
    rules.append(rule("all", f"{target}Path", concat(*parents, separator="/")))
    found = made(*rules, context={"trigger": {"a": [inner]}})
    for _ in range(depth - 1):
        found = found["L"][0]
    assert found["L"][0] == {"Path": "1/2/3/4/5/6/7/8/9/10"}


def test_rows_go_over_any_list_an_expression_gives() -> None:
    found = made(
        {"id": "b", "target": "L", "rows": {"items": call("distinct", field(f"{LINES}.sku"))}},
        rule("s", "L[b].sku", "$item"),
    )
    assert found["L"] == [{"sku": "B"}, {"sku": "A"}, {"sku": "C"}]


def test_a_loop_variable_that_does_not_exist_is_an_error_of_its_rule() -> None:
    document = mapping(rule("r", "x", "$nothing.here"), rule("s", "y", "trigger.kind"))
    result = compile_mapping(document).apply(CONTEXT)
    assert result.output == {"y": "business"}
    assert [error.code for error in result.errors] == ["mapping.path"]
    assert [problem.code for problem in check(document, None, None)] == ["mapping.path"]


# --- branches -----------------------------------------------------------------------------------

BRANCHES = [
    {"id": "big", "when": call("gt", "trigger.total", const(100))},
    {"id": "firm", "when": call("eq", "trigger.kind", const("business")), "after": "big"},
    {"id": "rest", "after": "firm"},
]


@pytest.mark.parametrize(
    ("total", "kind", "expected"),
    [(500, "business", "big"), (5, "business", "firm"), (5, "person", "rest")],
)
def test_of_several_branches_the_first_that_holds_is_taken(
    total: int, kind: str, expected: str
) -> None:
    context = {"trigger": {"total": total, "kind": kind, "lines": [{"sku": "A"}]}}
    rules = [
        rule(f"r{name}", "Branch", const(name), branch=name) for name in ("big", "firm", "rest")
    ]
    row = {"id": "b", "target": "L", "rows": {"each": LINES}, "branch": "firm"}
    found = made(*rules, row, rule("s", "L[b].sku", f"{LINES}.sku"), context=context,
                 branches=BRANCHES)  # fmt: skip
    assert found["Branch"] == expected
    assert ("L" in found) is (expected == "firm")


def test_two_branches_may_fill_one_target_but_one_branch_may_not_fill_it_twice() -> None:
    rules = [rule(f"r{name}", "B", const(name), branch=name) for name in ("big", "firm")]
    both = {**mapping(*rules), "branches": BRANCHES}
    assert [p.code for p in check(both, None, None)] == []
    twice = {**mapping(rules[0], {**rules[0], "id": "again"}), "branches": BRANCHES}
    assert [p.code for p in check(twice, None, None)] == ["mapping.duplicate_target"]


def test_a_rule_with_a_condition_of_its_own_is_left_out_with_its_default() -> None:
    rules = [rule("r", "a", "trigger.none", default=const(1), on_missing="null",
                  when=call("eq", "trigger.kind", const("person")))]  # fmt: skip
    assert made(*rules, rule("s", "b", const(2))) == {"b": 2}


def test_rules_only_for_creating_or_updating() -> None:
    document = mapping(
        rule("c", "a", const(1), only="create"),
        rule("u", "b", const(2), only="update"),
        rule("r", "c", const(3)),
    )
    compiled = compile_mapping(document)
    assert compiled.apply({}, mode="create").output == {"a": 1, "c": 3}
    assert compiled.apply({}, mode="update").output == {"b": 2, "c": 3}
    assert compiled.apply({}).output == {"a": 1, "b": 2, "c": 3}


@pytest.mark.parametrize(
    ("policy", "null", "absent"),
    [
        ("missing", {"a": "d"}, {"a": "d"}),
        ("null", {"a": None}, {"a": "d"}),
        ("omit", {}, {"a": "d"}),
    ],
)
def test_null_and_missing_are_told_apart_where_a_rule_asks_for_it(
    policy: str, null: Any, absent: Any
) -> None:
    one = rule("r", "a", "trigger.note", on_null=policy, default=const("d"))
    assert made(one) == null
    assert made(one, context={"trigger": {}}) == absent
    failing = mapping(rule("r", "a", "trigger.note", on_null="fail"))
    errors = compile_mapping(failing).apply(CONTEXT).errors
    assert [error.code for error in errors] == ["mapping.null"]
    assert compile_mapping(failing).apply({"trigger": {}}).errors == ()


# --- functions of one's own ---------------------------------------------------------------------

NET = {
    "name": "net_price",
    "params": [{"name": "gross", "type": "number"}, {"name": "rate", "type": "number"}],
    "body": call(
        "divide", call("multiply", "$gross", const(100)), call("add", const(100), "$rate")
    ),
}  # fmt: skip
LABEL = {
    "name": "label",
    "params": [{"name": "line"}, {"name": "mark", "required": False}],
    "body": if_(call("exists", "$mark"), call("join", call("append", "$line.sku", "$mark")),
                field("$line.sku")),
}  # fmt: skip


def test_a_function_of_ones_own_is_called_like_any_other() -> None:
    found = made(
        rule("r", "net", call("net_price", const(120), const(20))),
        rule("m", "none", call("net_price", "trigger.nothing", const(20))),
        {"id": "b", "target": "L", "rows": {"each": LINES, "as": "line"}},
        rule("l", "L[b].label", call("label", "$line", "$line.bin")),
        functions=[NET, LABEL],
    )
    assert found["net"] == 100 and "none" not in found
    assert [row["label"] for row in found["L"]] == ["B, x", "A, y", "B, y", "C, x"]


def test_a_function_that_calls_itself_or_looks_at_the_document_is_refused() -> None:
    circle = [
        {"name": "f", "params": [{"name": "x"}], "body": call("g", "$x")},
        {"name": "g", "params": [{"name": "x"}], "body": call("f", "$x")},
    ]
    document = {**mapping(rule("r", "a", call("f", const(1)))), "functions": circle}
    assert [p.code for p in check(document, None, None)] == ["mapping.recursion"]
    outside = [{"name": "f", "params": [], "body": field("trigger.kind")}]
    document = {**mapping(rule("r", "a", call("f"))), "functions": outside}
    assert [p.code for p in check(document, None, None)] == ["mapping.path"]


def test_functions_that_call_each_other_many_times_over_stop() -> None:
    functions = [{"name": "f0", "params": [{"name": "x"}], "body": call("add", "$x", const(1))}]
    for level in range(1, 30):
        below = call(f"f{level - 1}", "$x")
        functions.append(
            {"name": f"f{level}", "params": [{"name": "x"}], "body": call("add", below, below)}
        )
    document = {**mapping(rule("r", "a", call("f29", const(1)))), "functions": functions}
    result = compile_mapping(document).apply({})
    assert [error.code for error in result.errors] == ["mapping.too_large"]


def test_sums_in_groups_are_exact() -> None:
    lines = [{"k": "a", "v": Decimal("0.1")}, {"k": "a", "v": Decimal("0.2")}]
    document = mapping(
        {"id": "b", "target": "L", "rows": {"each": LINES, "as": "g", "group": field("$g.k")}},
        rule("s", "L[b].s", call("sum", field("$g.items[].v"))),
    )
    output = compile_mapping(document).apply({"trigger": {"lines": lines}}).output
    assert output == {"L": [{"s": Decimal("0.3")}]}
    assert rows("b", "L", LINES)["rows"] == {"each": LINES}
