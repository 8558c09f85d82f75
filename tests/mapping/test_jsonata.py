"""JSONata: expressions that rules hold, the engines that run them, and mappings shown as text."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any, get_args

import pytest

from ipaas.core import jsonio
from ipaas.mapping import ExpressionFailed, MappingInvalid, to_jsonata
from ipaas.mapping.expressions import evaluate_function
from ipaas.mapping.functions import FUNCTIONS
from ipaas.mapping.functions.lookups import EXAMPLE_RESOURCES
from ipaas.mapping.hosted import called_functions, host_functions
from ipaas.mapping.jsonata_engine import EngineName, JsonataInvalid, compile_jsonata
from ipaas.mapping.reading import Run
from tests.mapping.builders import apply, call, const, field, mapping, output, rows, rule, value

EXAMPLE_RUN = Run(EXAMPLE_RESOURCES)
ENGINES = list(get_args(EngineName))
CONTEXT = {"trigger": {"items": [{"sku": "A", "price": Decimal("19.90")}, {"sku": "B"}]}}


def run(text: str, engine: EngineName = "jlens", context: Any = None, trusted: bool = False) -> Any:
    document = jsonio.dumps(CONTEXT if context is None else context).decode()
    functions = host_functions(called_functions(text), partial(evaluate_function, EXAMPLE_RUN))
    return compile_jsonata(text, engine, trusted=trusted).evaluate(document, functions)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("trigger.items.sku", ["A", "B"]),
        ("trigger.nothing", None),
        ("null", None),
        ("$count(trigger.items)", 2),
        ('{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}),
        ("trigger.items[0].price", Decimal("19.9")),
        ('trigger.items[sku="B"].sku & "!"', "B!"),
    ],
)
def test_both_engines_give_the_same(engine: EngineName, text: str, result: Any) -> None:
    assert run(text, engine) == result


@pytest.mark.parametrize("engine", ENGINES)
def test_numbers_come_back_as_decimals_but_are_doubles_inside(engine: EngineName) -> None:
    assert type(run("trigger.items[0].price", engine)) is Decimal
    assert run("0.1 + 0.2", engine) == Decimal("0.30000000000000004")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_syntax_error_has_a_position(engine: EngineName) -> None:
    with pytest.raises(JsonataInvalid) as caught:
        compile_jsonata("trigger.items[", engine)
    assert caught.value.position is not None
    assert "character" in caught.value.message


def test_an_error_while_running_has_a_position() -> None:
    with pytest.raises(ExpressionFailed, match="character 3"):
        run('1 + "a"')


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "text",
    [
        "($f := function($x) { $f($x + 1) + 1 }; $f(1))",
        "($f := function($x) { $f($x + 1) }; $f(1))",
        "$map([1..9999999], function($x) { $x * 2 })",
    ],
)
def test_an_expression_that_never_ends_is_stopped(engine: EngineName, text: str) -> None:
    with pytest.raises(ExpressionFailed):
        run(text, engine)


@pytest.mark.parametrize(
    "text",
    [
        "$pad('x', 100000000)",
        "$join([1..1000000].'xxxxxxxxxx')",
        "[1..500000]",
        '$match("' + "a" * 60 + '!", /(a+)+$/)',
        "(" * 3_000 + "1" + ")" * 3_000,
        "-" * 15_000 + "1",
        "a." * 9_000 + "a",
        "a ? " * 4_000 + "b",
        "function($x){" * 1_000 + "1" + "}" * 1_000,
        "[" * 3_000 + "1" + "]" * 3_000,
    ],
)
def test_an_expression_that_would_fill_memory_or_stack_is_refused_or_stopped(text: str) -> None:
    try:
        run(text)
    except (ExpressionFailed, MappingInvalid):
        pass


def test_the_pure_python_engine_refuses_regular_expressions_because_it_cannot_stop_them() -> None:
    with pytest.raises(JsonataInvalid, match="regular expressions"):
        compile_jsonata('$contains("aaa", /(a+)+$/)', "jsonata-python")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", ["$now()", "$millis()", '$eval("$now()")'])
def test_an_expression_cannot_read_the_clock(engine: EngineName, text: str) -> None:
    with pytest.raises(ExpressionFailed) as caught:
        run(text, engine)
    if not text.startswith("$eval"):
        assert caught.value.failure_code == "mapping.clock"


def test_chance_gives_the_same_every_time() -> None:
    assert run("$random()") == run("$random()")


def test_a_rule_may_hold_jsonata_over_the_whole_context() -> None:
    made = output(
        CONTEXT,
        rule("r", "skus", {"op": "jsonata", "text": "$join(trigger.items.sku, '+')"}),
        rows("b", "L", "trigger.items[]"),
        rule("s", "L[b].n", {"op": "jsonata", "text": "$count(trigger.items)"}),
    )
    assert made == {"skus": "A+B", "L": [{"n": 2}, {"n": 2}]}


def test_an_error_in_jsonata_is_an_error_of_its_rule_only() -> None:
    result = apply(
        CONTEXT, rule("r", "x", {"op": "jsonata", "text": "1 + 'a'"}), rule("s", "y", const(1))
    )
    assert result.output == {"y": 1}
    assert [error.rule_id for error in result.errors] == ["r"]


# --- mappings as text ---------------------------------------------------------------------------


def test_a_plain_mapping_reads_as_one_would_write_it() -> None:
    text = to_jsonata(field("trigger.items[0].sku"))
    assert text == "trigger.items[0].sku"
    assert to_jsonata(field("trigger.`odd name`.and.x-y")) == "trigger.`odd name`.`and`.`x-y`"


def test_the_text_defines_only_what_it_uses() -> None:
    text = to_jsonata(mapping(rule("r", "A", call("upper", "trigger.x"))))
    assert "$upper :=" in text and "$lower :=" not in text
    assert '"A": $upper(trigger.x)' in text


def test_elements_that_are_not_wanted_and_blocks_that_are_off_are_left_out_in_the_text() -> None:
    text = to_jsonata(
        mapping(
            rows("b", "L", "trigger.items[]", where=call("eq", "trigger.items[].sku", const("B"))),
            rule("r", "L[b].s", "trigger.items[].sku"),
            rows(
                "off", "L", "trigger.items[]", when=call("eq", "trigger.items[0].sku", const("?"))
            ),
            rule("o", "L[off].s", "trigger.items[].sku"),
        )
    )
    assert run(text) == {"L": [{"s": "B"}]}


def test_rows_read_as_a_loop_over_a_well_named_element() -> None:
    text = to_jsonata(
        mapping(rows("b", "L", "trigger.taxes[]"), rule("r", "L[b].c", "trigger.taxes[].code"))
    )
    assert "function($tax) {" in text and "$tax.code" in text


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("fn", FUNCTIONS.values(), ids=lambda fn: fn.name)
def test_examples_of_functions_hold_for_the_jsonata_text_too(fn: Any, engine: EngineName) -> None:
    for example in fn.examples:
        text = to_jsonata(call(fn.name, *[const(arg) for arg in example.args]))
        given = run(text, engine, trusted=True)
        if isinstance(example.result, Decimal):
            assert float(given) == pytest.approx(float(example.result), abs=0.011)
        else:
            assert given == example.result


def test_a_rule_that_cannot_run_stands_as_a_comment() -> None:
    text = to_jsonata(
        mapping(
            rule("r", "A", call("no_such")),
            rule("e", "B", const("*/ not the end")),
            {"id": "u", "target": "C"},
        )
    )
    assert "/* A: There is no function “no_such”. */" in text
    assert run(text) == {"B": "*/ not the end"}


def test_texts_that_look_like_code_stay_texts() -> None:
    nasty = '"}) & $now() \\ \u2028 /* ` */'
    text = to_jsonata(mapping(rule("r", '`a" b`', const(nasty))))
    assert run(text) == {'a" b': nasty}


def test_the_text_of_an_amount_rounds_half_up_where_doubles_allow_it() -> None:
    assert run(to_jsonata(call("round", const(Decimal("2.5")), const(0)))) == 3
    assert value(call("round", const(Decimal("1.005")))) == Decimal("1.01")


def test_an_unfinished_expression_is_a_comment() -> None:
    assert to_jsonata(call("upper", {"op": "hole"})) == "/* unfinished */"


def test_what_is_neither_mapping_nor_expression_is_refused() -> None:
    for document in ([], {"op": "nope"}, {"rules": 1}):
        with pytest.raises(MappingInvalid):
            to_jsonata(document)
