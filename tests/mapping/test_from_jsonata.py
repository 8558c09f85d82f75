"""JSONata text that becomes rules, and rules that become text and come back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from ipaas.core import jsonio
from ipaas.mapping import (
    check,
    compile_mapping,
    expression_from_jsonata,
    from_jsonata,
    parse_mapping,
    to_jsonata,
    write_expr,
    write_mapping,
)
from ipaas.mapping.jsonata_engine import JsonataInvalid, compile_jsonata
from ipaas.mapping.jsonata_parser import parse_text
from ipaas.mapping.schemas import infer_schema
from tests.mapping import strategies
from tests.mapping.builders import call, const, field, mapping, rows, rule
from tests.mapping.corpus import BLOCKS, CODE, ORDER
from tests.mapping.shaped import priced_orders, shaped_mappings

SCHEMA = infer_schema([ORDER])
DOCUMENT = jsonio.dumps(ORDER).decode()
SLOW = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def plain(value: Any) -> Any:
    """JSONata's view of a value: numbers as doubles, a list of one as its entry."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return plain(value[0]) if len(value) == 1 else [plain(item) for item in value]
    return value if isinstance(value, (str, bool, type(None))) else float(value)


@pytest.mark.parametrize("text", BLOCKS)
def test_a_text_of_the_corpus_becomes_rules_that_give_the_same(text: str) -> None:
    imported = from_jsonata(text, SCHEMA)
    assert imported.code_rules == ()
    result = compile_mapping(imported.document).apply(ORDER)
    assert result.errors == ()
    expected = compile_jsonata(text).evaluate(DOCUMENT)
    assert plain(result.output) == plain({} if expected is None else expected) or (
        expected is None and result.output is None
    )


@pytest.mark.parametrize("text", CODE)
def test_what_rules_cannot_say_is_kept_and_gives_the_same(text: str) -> None:
    imported = from_jsonata(text, SCHEMA)
    assert len(imported.code_rules) == 1
    assert imported.notes[0].message.startswith("Kept as JSONata text")
    result = compile_mapping(imported.document).apply(ORDER)
    assert plain(result.output) == plain(compile_jsonata(text).evaluate(DOCUMENT))


def test_nine_of_ten_texts_of_the_corpus_become_rules() -> None:
    texts = BLOCKS + CODE
    blocks = [text for text in texts if not from_jsonata(text, SCHEMA).code_rules]
    assert len(texts) >= 60 and len(set(texts)) == len(texts)
    assert len(blocks) / len(texts) >= 0.9


def test_a_code_block_stands_on_its_own_target_only_and_brings_its_definitions() -> None:
    text = (
        '($rate := 2; {"Plain": trigger.number, "Odd": $reduce(trigger.lines.qty, '
        "function($a, $q) { $a + $q * $rate }, 0), "
        '"Lines": trigger.lines.{"Sku": sku, "Odd": $reduce(taxes.amount, '
        "function($a, $t) { $a + $t }, 0)}})"
    )
    imported = from_jsonata(text, SCHEMA)
    assert len(imported.code_rules) == 2 and len(imported.document["rules"]) == 5
    result = compile_mapping(imported.document).apply(ORDER)
    assert result.errors == ()
    assert plain(result.output) == plain(compile_jsonata(text).evaluate(DOCUMENT))
    assert result.output["Lines"][0]["Odd"] == 4


@pytest.mark.parametrize(
    ("text", "position"), [("trigger.", 8), ('{"a": }', 7), ("a b", 3), ('"open', 1), ("$f(1", 4)]
)
def test_a_mistake_in_a_text_is_shown_with_its_place(text: str, position: int) -> None:
    with pytest.raises(JsonataInvalid) as caught:
        from_jsonata(text)
    assert caught.value.position is not None
    assert abs(caught.value.position - position) <= 4
    with pytest.raises(JsonataInvalid) as ours:
        parse_text(text)
    assert abs((ours.value.position or 0) - position) <= 2


def test_notes_say_where_and_why() -> None:
    imported = from_jsonata('{"a": 1, "b": $eval("1")}')
    (note,) = imported.notes
    assert note.text == '$eval("1")' and note.position == 15 and note.rule_id is not None


def test_an_expression_alone_becomes_an_expression() -> None:
    assert write_expr(expression_from_jsonata('$uppercase(a.b) & "x"')) == {
        "op": "concat",
        "args": [call("upper", "a.b"), const("x")],
        "separator": "",
    }
    assert write_expr(expression_from_jsonata("a{b: c}"))["op"] == "jsonata"


def test_an_expression_means_the_same_in_rows_and_outside_of_them() -> None:
    made = write_expr(expression_from_jsonata("$sum(trigger.lines.qty) - $line.qty", SCHEMA,
                                              ["line"]))  # fmt: skip
    document = mapping(
        {"id": "b", "target": "L", "rows": {"each": "trigger.lines[]", "as": "line"}},
        rule("r", "L[b].Others", made),
        rule("s", "All", write_expr(expression_from_jsonata("$sum(trigger.lines.qty)", SCHEMA))),
    )
    result = compile_mapping(document).apply(ORDER).require()
    assert result == {"L": [{"Others": 4}, {"Others": 5}, {"Others": 3}], "All": 6}
    assert write_expr(expression_from_jsonata("$other.qty"))["op"] == "jsonata"


def test_names_of_our_functions_mean_our_functions() -> None:
    imported = from_jsonata('{"Phone": $phone(trigger.phone, "US"), "Own": $unknown_one(1)}')
    first, second = imported.document["rules"]
    assert first["expr"] == call("phone", field("trigger.phone"), const("US"))
    assert second["expr"]["op"] == "jsonata"


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ('{"a": null, "b": 1}', {"a": None, "b": 1}),
        ('{"a": trigger.gift ? null : 1}', {"a": None}),
        ('{"a": $map(trigger.lines, function($l) { $uppercase($l.name) & "!" })}',
         {"a": ["RED VASE!", "BLUE VASE!", "WRAPPING!"]}),
        ('{"a": trigger.lines.(qty * price)}', {"a": [40, 50, 15]}),
        ('{"a": $map(trigger.lines, function($l, $i) { {"n": $i + 1, "s": $l.sku} })[0].n}', None),
    ],
)  # fmt: skip
def test_null_and_lists_of_single_values_become_rules_or_are_kept(text: str, output: Any) -> None:
    imported = from_jsonata(text, SCHEMA)
    assert bool(imported.code_rules) is (output is None)
    expected = plain(compile_jsonata(text).evaluate(DOCUMENT))
    assert plain(compile_mapping(imported.document).apply(ORDER).require()) == expected
    assert output is None or plain(output) == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"L": trigger.lines.{"Share": qty / $sum($$.trigger.lines.qty)}}',
        '{"L": $map(trigger.lines, function($l) { {"Of": $count($$.trigger.lines)} })}',
        '{"L": trigger.lines.{"All": $$.trigger.lines.taxes.code}}',
        '{"L": trigger.lines.{"All": $$.trigger.lines.{"S": sku}}}',
        '{"L": trigger.lines.{"All": $$.trigger.lines.taxes.{"C": code}}}',
    ],
)
def test_all_entries_of_a_list_are_meant_in_rows_over_it_where_the_text_begins_anew(
    text: str,
) -> None:
    document = from_jsonata(text, SCHEMA).document
    expected = plain(compile_jsonata(text).evaluate(DOCUMENT))
    assert plain(compile_mapping(document).apply(ORDER).require()) == expected


def test_texts_that_our_own_join_puts_commas_between_keep_them() -> None:
    document = mapping(rule("r", "a", call("join", call("append", "trigger.id", "trigger.number"))))
    again = from_jsonata(to_jsonata(document)).document
    assert compile_mapping(again).apply(ORDER).output == {"a": "45, 000000045"}


@SLOW
@given(shaped_mappings(money=False), priced_orders)
def test_joins_groups_numbers_and_running_totals_come_back_as_rows(
    document: dict[str, Any], context: dict[str, Any]
) -> None:
    result = compile_mapping(document).apply(context)
    assume(result.ok)
    imported = from_jsonata(to_jsonata(document))
    assert imported.code_rules == ()
    again = compile_mapping(imported.document).apply(context)
    assert again.errors == ()
    # Members of an object have no order (RFC 8259, section 4): the text puts nulls last.
    assert jsonio.canonical(again.output) == jsonio.canonical(result.output)


def test_everyday_rules_come_back_from_their_text_as_they_were() -> None:
    document = mapping(
        rule("r1", "TxnDate", call("date", "trigger.created_at")),
        rule("r2", "Bill.City", "trigger.billing.city", on_missing="null"),
        rule("r3", "Memo", call("default", "trigger.note", const("none"))),
        rows("b4", "Line", "trigger.lines[]", where=call("gt", "trigger.lines[].qty", const(1))),
        rule("r5", "Line[b4].Amount", call("multiply", "trigger.lines[].qty",
                                           "trigger.lines[].price")),
        rows("b6", "Line[b4].Tax", "trigger.lines[].taxes[]"),
        rule("r7", "Line[b4].Tax[b6].Code", "trigger.lines[].taxes[].code"),
        rows("b8", "Line", when=call("gt", "trigger.shipping", const(0))),
        rule("r9", "Line[b8].Amount", "trigger.shipping"),
        rule("r10", "Total", call("sum", "trigger.lines[].price")),
    )  # fmt: skip
    back = from_jsonata(to_jsonata(document)).document
    kept = {r["target"]: r.get("expr") for r in back["rules"] if "expr" in r}
    assert kept == {r["target"]: r["expr"] for r in document["rules"] if "expr" in r}
    context = ORDER
    assert compile_mapping(back).apply(context) == compile_mapping(document).apply(context)


@SLOW
@given(strategies.moneyless_mappings(), strategies.orders)
def test_rules_written_as_text_and_read_back_give_the_same(
    document: dict[str, Any], context: dict[str, Any]
) -> None:
    result = compile_mapping(document).apply(context)
    assume(result.ok)
    imported = from_jsonata(to_jsonata(document))
    again = compile_mapping(imported.document).apply(context)
    assert again.errors == ()
    assert again.output == result.output, to_jsonata(document)


@SLOW
@given(strategies.mappings())
def test_a_mapping_that_is_saved_and_loaded_is_the_same(document: dict[str, Any]) -> None:
    parsed = parse_mapping(document)
    saved = jsonio.loads(jsonio.dumps(write_mapping(parsed)))
    assert parse_mapping(saved) == parse_mapping(jsonio.loads(jsonio.dumps(document)))


def test_an_imported_mapping_has_no_problems_against_its_own_source() -> None:
    for text in BLOCKS:
        problems = check(from_jsonata(text, SCHEMA).document, SCHEMA, None)
        assert [p for p in problems if p.severity == "error"] == [], text
