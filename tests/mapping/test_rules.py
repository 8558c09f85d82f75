"""What rules make of a document."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from ipaas.core import jsonio
from ipaas.mapping import (
    MappingFailed,
    MappingInvalid,
    check,
    compile_mapping,
    parse_mapping,
    write_mapping,
)
from tests.mapping.builders import (
    apply,
    call,
    concat,
    const,
    field,
    if_,
    mapping,
    output,
    rows,
    rule,
)

ORDER = jsonio.loads("""{"trigger": {
  "increment_id": "000000042", "created_at": "2024-05-31 23:30:00", "shipping_amount": 5.00,
  "customer": {"first": "Ana", "last": "Silva", "middle": null},
  "street": ["1 Main St", "Flat 2"],
  "items": [
    {"sku": "MUG", "row_total": 100.10, "qty": 2, "taxes": [{"code": "TX", "amount": 8.01}]},
    {"sku": "CUP", "row_total": 19.995, "qty": 1, "parent": 7, "taxes": []},
    {"sku": "JAR", "row_total": 0.005, "qty": 3,
     "taxes": [{"code": "TX", "amount": 0.1}, {"code": "CITY", "amount": 0.2}]}]
}, "steps": {"customer": {"id": 58, "odd name": {"a": "found"}}}}""")


def test_a_field_is_copied_to_a_nested_target() -> None:
    made = output(ORDER, rule("r", "CustomerRef.value", "steps.customer.id"))
    assert made == {"CustomerRef": {"value": 58}}


def test_a_name_with_spaces_stands_in_backticks() -> None:
    made = output(ORDER, rule("r", "`Bill To`.x", "steps.customer.`odd name`.a"))
    assert made == {"Bill To": {"x": "found"}}


def test_rows_are_made_for_each_element_and_for_a_single_condition() -> None:
    made = output(
        ORDER,
        rows("b1", "Line", "trigger.items[]", where=call("is_empty", "trigger.items[].parent")),
        rule("r1", "Line[b1].Amount", "trigger.items[].row_total"),
        rule("r2", "Line[b1].Detail.Sku", "trigger.items[].sku"),
        rows("b2", "Line", when=call("gt", "trigger.shipping_amount", const("0"))),
        rule("r3", "Line[b2].Amount", "trigger.shipping_amount"),
    )
    assert made == {
        "Line": [
            {"Amount": Decimal("100.10"), "Detail": {"Sku": "MUG"}},
            {"Amount": Decimal("0.005"), "Detail": {"Sku": "JAR"}},
            {"Amount": Decimal("5.00")},
        ]
    }


def test_a_block_whose_condition_does_not_hold_adds_no_row_and_no_array() -> None:
    when = call("gt", "trigger.shipping_amount", const(10))
    made = output(
        ORDER,
        rows("b2", "Line", when=when),
        rule("r3", "Line[b2].Amount", "trigger.shipping_amount"),
    )
    assert made == {}


def test_rows_nest_and_parents_stay_in_reach() -> None:
    made = output(
        ORDER,
        rows("b1", "Line", "trigger.items[]"),
        rule("r1", "Line[b1].Sku", "trigger.items[].sku"),
        rows("b2", "Line[b1].Taxes", "trigger.items[].taxes[]"),
        rule("r2", "Line[b1].Taxes[b2].Code", "trigger.items[].taxes[].code"),
        rule("r3", "Line[b1].Taxes[b2].Of", "trigger.items[].sku"),
        rule("r4", "Line[b1].Taxes[b2].Order", "trigger.increment_id"),
    )
    order = "000000042"
    assert made == {
        "Line": [
            {"Sku": "MUG", "Taxes": [{"Code": "TX", "Of": "MUG", "Order": order}]},
            {"Sku": "CUP"},
            {
                "Sku": "JAR",
                "Taxes": [
                    {"Code": "TX", "Of": "JAR", "Order": order},
                    {"Code": "CITY", "Of": "JAR", "Order": order},
                ],
            },
        ]
    }


def test_rules_may_stand_before_the_rows_rules_they_belong_to() -> None:
    made = output(
        ORDER,
        rule("r2", "Line[b1].Taxes[b2].Code", "trigger.items[].taxes[].code"),
        rows("b2", "Line[b1].Taxes", "trigger.items[].taxes[]"),
        rule("r1", "Line[b1].Sku", "trigger.items[].sku"),
        rows("b1", "Line", "trigger.items[]"),
    )
    assert made["Line"][0] == {"Sku": "MUG", "Taxes": [{"Code": "TX"}]}


def test_rows_can_be_flattened_out_of_nested_lists_without_a_block_for_the_outer_one() -> None:
    made = output(
        ORDER,
        rows("b", "Tax", "trigger.items[].taxes[]"),
        rule("r", "Tax[b].Amount", "trigger.items[].taxes[].amount"),
    )
    assert [row["Amount"] for row in made["Tax"]] == [
        Decimal("8.01"),
        Decimal("0.1"),
        Decimal("0.2"),
    ]


def test_a_list_path_outside_a_block_means_all_values() -> None:
    made = output(ORDER, rule("r", "skus", call("join", "trigger.items[].sku", const("+"))))
    assert made == {"skus": "MUG+CUP+JAR"}


def test_inside_a_block_the_whole_list_is_reached_with_pluck() -> None:
    total = call("sum", call("pluck", "trigger.items", const("row_total")))
    made = output(ORDER, rows("b", "L", "trigger.items[]"), rule("r", "L[b].share_of", total))
    assert made["L"][0] == {"share_of": Decimal("120.100")}


def test_a_row_can_be_a_single_value() -> None:
    made = output(
        ORDER, rows("b", "skus", "trigger.items[]"), rule("r", "skus[b]", "trigger.items[].sku")
    )
    assert made == {"skus": ["MUG", "CUP", "JAR"]}


def test_a_whole_row_is_copied_and_other_rules_are_laid_over_it() -> None:
    made = output(
        ORDER,
        rows("b", "L", "trigger.items[].taxes[]"),
        rule("all", "L[b]", "trigger.items[].taxes[]"),
        rule("r", "L[b].code", const("X")),
    )
    assert made["L"][0] == {"code": "X", "amount": Decimal("8.01")}


def test_the_whole_document_is_copied_and_other_rules_are_laid_over_it() -> None:
    made = output(
        ORDER,
        rule("r", "customer.first", const("Eva")),
        rule("w", "", "trigger"),
        rows("b", "items", "trigger.items[].taxes[]"),
        rule("c", "items[b].code", "trigger.items[].taxes[].code"),
    )
    assert made["customer"] == {"first": "Eva", "last": "Silva", "middle": None}
    assert made["increment_id"] == "000000042"
    assert made["items"] == [{"code": "TX"}, {"code": "TX"}, {"code": "CITY"}]
    assert ORDER["trigger"]["customer"]["first"] == "Ana"
    assert len(ORDER["trigger"]["items"]) == 3


def test_the_whole_document_may_be_a_list_or_a_single_value() -> None:
    assert output(ORDER, rule("w", "", "trigger.street")) == ["1 Main St", "Flat 2"]


def test_changing_the_output_never_changes_the_source() -> None:
    made = output(ORDER, rule("r", "copy", "trigger.customer"))
    made["copy"]["first"] = "changed"
    assert ORDER["trigger"]["customer"]["first"] == "Ana"


@pytest.mark.parametrize("path", ["trigger.nothing.here", "trigger.customer.middle"])
def test_a_missing_or_null_source_follows_on_missing(path: str) -> None:
    assert output(ORDER, rule("r", "x.y", path)) == {}
    assert output(ORDER, rule("r", "x.y", path, on_missing="null")) == {"x": {"y": None}}
    assert output(ORDER, rule("r", "x", path, default=const("n/a"))) == {"x": "n/a"}
    (error,) = apply(ORDER, rule("r", "x", path, on_missing="fail")).errors
    assert (error.code, error.source) == ("mapping.missing", path)


def test_concat_skips_missing_parts_and_their_separator() -> None:
    name = concat("trigger.customer.first", "trigger.customer.middle", "trigger.customer.last")
    assert output(ORDER, rule("r", "name", name)) == {"name": "Ana Silva"}


def test_if_without_else_leaves_the_target_out() -> None:
    expr = if_(call("eq", "trigger.increment_id", const("1")), const("yes"))
    assert output(ORDER, rule("r", "x", expr)) == {}


def test_unfinished_and_disabled_rules_are_ignored() -> None:
    made = output(
        ORDER,
        {"id": "u1", "target": "a"},
        {"id": "u2", "target": "b", "expr": {}},
        {"id": "u3", "target": "c", "expr": {"op": "hole"}},
        {"id": "u4", "target": "d", "expr": call("upper", {"op": "hole"})},
        rule("d", "e", const(1), disabled=True),
        rows("b", "L", "trigger.items[]", disabled=True),
        rule("x", "L[b].sku", "trigger.items[].sku"),
        rule("ok", "f", const(1)),
    )
    assert made == {"f": 1}


def test_a_single_object_counts_as_a_list_of_one() -> None:
    context = {"trigger": {"items": {"sku": "A"}}}
    made = output(
        context, rows("b", "L", "trigger.items[]"), rule("r", "L[b].s", "trigger.items[].sku")
    )
    assert made == {"L": [{"s": "A"}]}


def test_an_empty_list_in_place_of_an_object_is_missing() -> None:
    assert output({"trigger": {"address": []}}, rule("r", "c", "trigger.address.city")) == {}


def test_an_element_is_taken_by_its_position() -> None:
    made = output(
        ORDER,
        rule("a", "line1", "trigger.street[0]"),
        rule("b", "last", "trigger.street[-1]"),
        rule("c", "none", "trigger.street[7]"),
        rule("d", "codes", "trigger.items[].taxes[0].code"),
    )
    assert made == {"line1": "1 Main St", "last": "Flat 2", "codes": ["TX", "TX"]}


def test_a_price_that_is_no_number_is_explained_and_the_rest_goes_on() -> None:
    context = {"trigger": {"items": [{"price": "10.50", "sku": "A"}, {"price": "12,5O EUR"}]}}
    result = apply(
        context,
        rows("b1", "Line", "trigger.items[]"),
        rule("r2", "Line[b1].Amount", call("number", "trigger.items[].price")),
        rule("r3", "Line[b1].Sku", "trigger.items[].sku", default=const("?")),
    )
    (error,) = result.errors
    assert error.rule_id == "r2"
    assert error.target == "Line[b1].Amount"
    assert error.source == "trigger.items[].price"
    assert error.row == 1
    assert error.value == "“12,5O EUR”"
    assert error.message == (
        "Line.Amount could not be filled: “12,5O EUR” in trigger.items[].price (row 2) "
        "is not a number."
    )
    assert "point" in error.hint
    assert result.output == {"Line": [{"Amount": Decimal("10.50"), "Sku": "A"}, {"Sku": "?"}]}


def test_an_error_in_a_sum_names_the_value_and_its_place_in_the_list() -> None:
    context = {"trigger": {"items": [{"p": 1}, {"p": "x"}]}}
    (error,) = apply(context, rule("r", "t", call("sum", "trigger.items[].p"))).errors
    assert error.message == (
        "t could not be filled: “x” in trigger.items[].p is not a number (value 2 of the list)."
    )


def test_an_error_names_the_argument_it_came_from() -> None:
    context = {"trigger": {"a": "x", "b": 2}}
    expr = call("multiply", "trigger.b", call("trim", "trigger.a"))
    (error,) = apply(context, rule("r", "t", expr)).errors
    assert error.source == "trigger.a"


def test_a_condition_that_is_neither_true_nor_false_is_an_error_of_the_rows_rule() -> None:
    context = {"trigger": {"items": [{"on": "maybe"}, {"on": "yes"}]}}
    result = apply(
        context,
        rows("b", "L", "trigger.items[]", where=field("trigger.items[].on")),
        rule("r", "L[b].on", "trigger.items[].on"),
    )
    assert result.output == {"L": [{"on": "yes"}]}
    assert [(e.rule_id, e.row, e.code) for e in result.errors] == [
        ("b", 0, "mapping.not_a_condition")
    ]


def test_a_path_into_a_list_without_brackets_is_an_error_with_advice() -> None:
    (error,) = apply(ORDER, rule("r", "x", "trigger.items.sku")).errors
    assert error.code == "mapping.list_in_path"
    assert "[]" in error.hint


def test_live_values_hold_single_values_and_the_first_twenty_of_a_loop() -> None:
    context = {"trigger": {"items": [{"n": n} for n in range(30)], "id": 7}}
    result = apply(
        context,
        rule("one", "id", "trigger.id"),
        rows("b", "L", "trigger.items[]"),
        rule("many", "L[b].n", "trigger.items[].n"),
        rule("bad", "x", call("number", const("1"), const(2))),
    )
    assert result.values["one"].as_json() == {"value": 7}
    assert result.values["many"].as_json() == {"values": list(range(20)), "count": 30}
    assert result.values["b"].as_json()["count"] == 30


def test_live_values_of_a_failed_rule_carry_the_error() -> None:
    result = apply({"trigger": {"a": "x"}}, rule("r", "t", call("number", "trigger.a")))
    assert "is not a number" in result.values["r"].as_json()["error"]


def test_live_values_can_be_left_out() -> None:
    compiled = compile_mapping(mapping(rule("r", "t", const(1))))
    assert compiled.apply({}, live=False).values == {}


def test_errors_of_one_rule_are_bounded() -> None:
    context = {"trigger": {"items": [{"p": "x"}] * 500}}
    result = apply(
        context,
        rows("b", "L", "trigger.items[]"),
        rule("r", "L[b].p", call("number", "trigger.items[].p")),
    )
    assert 1 <= len(result.errors) <= 20


def test_a_rule_that_can_never_run_gives_an_error_and_spoils_no_other() -> None:
    result = apply(
        ORDER,
        rule("f", "a", call("no_such_function")),
        rule("n", "b", call("round")),
        rule("p", "c", field("trigger..x")),
        rule("t", "L[nope].x", const(1)),
        rule("j", "e", {"op": "jsonata", "text": "1 +"}),
        rule("c", "g", call("number", const("ten"))),
        rows("b", "M", "trigger.items"),
        rows("elsewhere", "N", "trigger.items[]"),
        rule("m", "Other[elsewhere].x", const(1)),
        rule("ok", "f", const(1)),
    )
    assert result.output == {"f": 1, "N": [{}, {}, {}]}
    assert {error.rule_id: error.code for error in result.errors} == {
        "m": "mapping.target",
        "f": "mapping.unknown_function",
        "n": "mapping.argument_count",
        "p": "mapping.path",
        "t": "mapping.target",
        "j": "mapping.jsonata_syntax",
        "c": "mapping.not_a_number",
        "b": "mapping.each_not_a_list",
    }


def test_a_compiled_mapping_may_be_used_by_many_threads_at_once() -> None:
    compiled = compile_mapping(
        mapping(
            rule("n", "n", "trigger.n"),
            rows("b", "L", "trigger.items[]"),
            rule("r", "L[b].n", "trigger.items[].n"),
            rule("j", "j", {"op": "jsonata", "text": "$sum(trigger.items.n)"}),
        )
    )

    def check_one(n: int) -> bool:
        items = [{"n": n + i} for i in range(20)]
        made = compiled.apply({"trigger": {"n": n, "items": items}}).output
        return bool(made == {"n": n, "L": items, "j": sum(item["n"] for item in items)})

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(check_one, range(400)))


def test_require_gives_the_output_or_raises_all_errors() -> None:
    assert compile_mapping(mapping(rule("r", "t", const(1)))).apply({}).require() == {"t": 1}
    failing = compile_mapping(mapping(rule("r", "t", call("number", "trigger.a"))))
    with pytest.raises(MappingFailed) as caught:
        failing.apply({"trigger": {"a": "x"}}).require()
    assert caught.value.errors[0].rule_id == "r"
    assert caught.value.problem()["errors"][0]["source"] == "trigger.a"


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ([], "mapping"),
        ({"rules": {}}, "rules"),
        ({"schema": 2, "rules": []}, "schema"),
        ({"rules": [{"id": "a b", "target": ""}]}, "rules[0].id"),
        ({"rules": [{"id": "a", "target": 1}]}, "rules[0].target"),
        ({"rules": [{"id": "a", "expr": {"op": "nope"}}]}, "rules[0].expr.op"),
        ({"rules": [{"id": "a", "expr": {"op": "field"}}]}, "rules[0].expr.path"),
        ({"rules": [{"id": "a", "expr": {"op": "const"}}]}, "rules[0].expr.value"),
        ({"rules": [{"id": "a"}, {"id": "a"}]}, "rules[1].id"),
        ({"rules": [{"id": "a", "on_missing": "stop"}]}, "rules[0].on_missing"),
        ({"rules": [{"id": "a", "exprs": {}}]}, "rules[0]"),
        (
            {"rules": [{"id": "a", "expr": {"op": "call", "fn": "add", "args": [{}, 3]}}]},
            "rules[0].expr.args[1]",
        ),
        ({"rules": [{"id": "a", "expr": {"op": "hole"}, "rows": {}}]}, "rules[0]"),
    ],
)
def test_what_is_no_mapping_is_refused_with_its_place(document: object, where: str) -> None:
    with pytest.raises(MappingInvalid) as caught:
        compile_mapping(document)
    assert caught.value.where == where


def test_an_argument_of_a_function_has_its_default_where_nothing_is_given() -> None:
    own = {
        "name": "priced",
        "params": [{"name": "net", "type": "number"},
                   {"name": "rate", "type": "number", "default": "1.19"}],
        "body": call("multiply", "$net", "$rate"),
    }  # fmt: skip
    rules = [
        rule("a", "left_out", call("priced", "trigger.net")),
        rule("b", "missing", call("priced", "trigger.net", "trigger.nowhere")),
        rule("c", "given", call("priced", "trigger.net", const(2))),
        rule("d", "needed", call("priced", "trigger.nowhere")),
    ]
    document = {**mapping(*rules), "functions": [own]}
    result = compile_mapping(document).apply({"trigger": {"net": Decimal("100")}})
    assert result.output == {"left_out": Decimal("119.00"), "missing": Decimal("119.00"),
                             "given": 200}  # fmt: skip
    assert write_mapping(parse_mapping(document))["functions"][0]["params"][1] == {
        "name": "rate", "type": "number", "required": False, "default": "1.19"}  # fmt: skip
    bad = {**own, "params": [own["params"][0], {**own["params"][1], "default": "much"}]}
    (told,) = {problem.message for problem in check({**document, "functions": [bad]}, None, None)}
    assert "priced, rate: “much”" in told
