"""What holds for every document and every mapping."""

from __future__ import annotations

import copy
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, get_args

import jsonschema
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ipaas.core import jsonio
from ipaas.mapping import (
    MAPPING_SCHEMA,
    ExpressionFailed,
    MappingInvalid,
    check,
    compile_expr,
    compile_mapping,
    parse_mapping,
    to_jsonata,
)
from ipaas.mapping.jsonata_engine import EngineName, compile_jsonata
from ipaas.mapping.paths import format_source, format_target, parse_source, parse_target
from ipaas.mapping.schemas import example, infer_schema, iter_leaves, resolve
from tests.mapping import strategies
from tests.mapping.builders import call, const, mapping, rows, rule, value
from tests.mapping.shaped import priced_orders, shaped_mappings

SLOW = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def holds_float(document: Any) -> bool:
    if isinstance(document, dict):
        return any(map(holds_float, document.values()))
    if isinstance(document, list):
        return any(map(holds_float, document))
    return isinstance(document, float)


@SLOW
@given(strategies.mappings(), strategies.contexts)
def test_applying_never_raises_is_repeatable_and_leaves_the_source_alone(
    document: dict[str, Any], context: dict[str, Any]
) -> None:
    before = copy.deepcopy(context)
    compiled = compile_mapping(document)
    first, second = compiled.apply(context), compiled.apply(context)
    assert context == before
    assert first == second
    assert first.values == second.values
    assert not holds_float(first.output)
    assert not any(holds_float(live.as_json()) for live in first.values.values())
    jsonio.dumps(first.output)
    known = {rule["id"] for rule in document["rules"]}
    assert {error.rule_id for error in first.errors} <= known
    for error in first.errors:
        assert error.message.endswith(".") and error.code.startswith("mapping.")


@SLOW
@given(strategies.mappings(), strategies.contexts)
def test_checking_never_raises_and_finds_every_rule_that_can_never_run(
    document: dict[str, Any], context: dict[str, Any]
) -> None:
    schema = {"type": "object", "properties": {"trigger": infer_schema([context["trigger"]])}}
    problems = check(document, schema, infer_schema([context["trigger"]]))
    codes = {"mapping.unknown_function", "mapping.argument_count", "mapping.target"}
    found = {problem.rule_id for problem in problems}
    for error in compile_mapping(document).apply(context).errors:
        if error.code in codes:
            assert error.rule_id in found


@SLOW
@given(strategies.expressions, strategies.contexts)
def test_an_expression_answers_or_raises_its_documented_error(
    expression: dict[str, Any], context: dict[str, Any]
) -> None:
    try:
        answer = compile_expr(expression)(context)
    except (ExpressionFailed, MappingInvalid):
        return
    assert not holds_float(answer)


@SLOW
@given(strategies.moneyless_mappings(), strategies.orders)
def test_the_jsonata_text_of_a_mapping_gives_the_same_result(
    document: dict[str, Any], context: dict[str, Any]
) -> None:
    result = compile_mapping(document).apply(context)
    assume(result.ok)
    text = to_jsonata(document)
    for engine in get_args(EngineName):
        expression = compile_jsonata(text, engine, trusted=True)
        given_by_jsonata = expression.evaluate(jsonio.dumps(context).decode())
        assert given_by_jsonata == result.output, (engine, text)


@settings(SLOW, max_examples=60)
@given(shaped_mappings(money=False), priced_orders)
def test_the_jsonata_text_of_joined_grouped_and_numbered_rows_gives_the_same_in_two_engines(
    document: dict[str, Any], context: dict[str, Any]
) -> None:
    result = compile_mapping(document).apply(context)
    assume(result.ok)
    text = to_jsonata(document)
    for engine in get_args(EngineName):
        expression = compile_jsonata(text, engine, trusted=True)
        assert expression.evaluate(jsonio.dumps(context).decode()) == result.output, (engine, text)


@settings(max_examples=200, deadline=None)
@given(st.lists(strategies.decimals, max_size=30))
def test_sums_are_those_of_pythons_decimal(amounts: list[Decimal]) -> None:
    assert value(call("sum", const(amounts))) == sum(amounts, Decimal(0))
    assert value(call("sum", const([str(amount) for amount in amounts]))) == sum(amounts)


@settings(max_examples=300, deadline=None)
@given(strategies.decimals, strategies.decimals, st.integers(0, 6))
def test_arithmetic_is_that_of_pythons_decimal(a: Decimal, b: Decimal, digits: int) -> None:
    wide = Context(prec=60)
    assert str(value(call("add", const(a), const(b)))) == str(wide.add(a, b))
    assert value(call("subtract", const(a), const(b))) == wide.subtract(a, b)
    assert value(call("multiply", const(a), const(b))) == wide.multiply(a, b)
    rounded = a.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    assert value(call("round", const(a), const(digits))) == rounded
    assert value(call("negate", const(a))) == -a


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(strategies.decimals, st.integers(1, 9)), max_size=8))
def test_no_cent_changes_between_json_in_and_json_out(lines: list[tuple[Decimal, int]]) -> None:
    context = {"trigger": {"items": [{"price": p, "qty": q} for p, q in lines]}}
    total = call("round", call("multiply", "trigger.items[].price", "trigger.items[].qty"))
    compiled = compile_mapping(
        mapping(
            rows("b", "Line", "trigger.items[]"),
            rule("u", "Line[b].UnitPrice", "trigger.items[].price"),
            rule("a", "Line[b].Amount", total),
        )
    )
    read = jsonio.loads(jsonio.dumps(context))
    written = jsonio.loads(jsonio.dumps(compiled.apply(read).require()))
    cent = Decimal("0.01")
    assert [(line["UnitPrice"], line["Amount"]) for line in written.get("Line", [])] == [
        (price, (price * qty).quantize(cent, ROUND_HALF_UP)) for price, qty in lines
    ]


@settings(max_examples=200, deadline=None)
@given(strategies.paths)
def test_a_source_path_is_written_as_it_was_read(path: str) -> None:
    assert format_source(parse_source(path)) == path


@settings(max_examples=200, deadline=None)
@given(strategies.targets)
def test_a_target_path_is_written_as_it_was_read(path: str) -> None:
    assert format_target(parse_target(path)) == path


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_a_path_or_refused_with_a_reason(text: str) -> None:
    for parse in (parse_source, parse_target):
        try:
            parse(text)
        except MappingInvalid as error:
            assert error.message


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["op", "path", "value", "args", "fn", "rules", "schema", "id", "target", "expr",
                 "rows", "each", "text", "cond", "then", "else", "on_missing", "disabled",
                 "branches", "functions", "when", "after", "name", "params", "body", "version",
                 "on_null", "only", "items", "as", "join", "with", "left", "right", "sort", "by",
                 "down", "first", "group", "running", "add", "required", "type"]
            ), inner, max_size=4),
    ),
    max_leaves=20,
)  # fmt: skip


def agree(document: Any) -> None:
    schema_says = jsonschema.Draft202012Validator(MAPPING_SCHEMA).is_valid(document)
    try:
        parse_mapping(document)
        we_say = True
    except MappingInvalid as error:
        we_say = False
        assert error.where
    if we_say:
        assert schema_says, document
    elif schema_says:
        # What a schema cannot say: ids used twice.
        ids = [rule.get("id") for rule in document["rules"]]
        ids += [branch.get("id") for branch in document.get("branches", [])]
        ids += [fn.get("name") for fn in document.get("functions", [])]
        assert len(ids) != len(set(ids)) or "params" in str(document), document


@SLOW
@given(json_values)
def test_the_published_schema_and_the_reader_accept_the_same_documents(document: Any) -> None:
    agree(document)
    agree({"schema": 1, "rules": [document]})
    agree({"schema": 1, "rules": [{"id": "r", "target": "x", "expr": document}]})
    agree({"schema": 1, "rules": [{"id": "r", "target": "x", "rows": document}]})
    agree({"schema": 1, "rules": [], "functions": [document], "branches": [document]})


@SLOW
@given(strategies.mappings())
def test_every_generated_mapping_fits_the_published_schema(document: dict[str, Any]) -> None:
    jsonschema.validate(document, MAPPING_SCHEMA)


@SLOW
@given(st.lists(strategies.documents, min_size=1, max_size=4))
def test_every_sample_fits_the_schema_learnt_from_it(samples: list[Any]) -> None:
    samples = [jsonio.loads(jsonio.dumps(sample)) for sample in samples]
    schema = infer_schema(samples)
    validator = jsonschema.Draft202012Validator(schema)
    for sample in samples:
        assert list(validator.iter_errors(sample)) == []
    jsonio.dumps(example(schema))
    whole = {"type": "object", "properties": {"trigger": schema}}
    for leaf in iter_leaves(whole):
        assert resolve(whole, leaf.path) == leaf.schema
