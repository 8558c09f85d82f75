"""The text of a mapping changed by hand: what was not touched stays the very same rule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ipaas.core import jsonio
from ipaas.mapping import compile_mapping, from_jsonata, reread, to_jsonata
from ipaas.mapping.jsonata_engine import JsonataInvalid
from tests.mapping.builders import call, const, field, mapping, rows, rule
from tests.mapping.shaped import priced_orders, shaped_mappings

LINES = "trigger.lines[]"
SLOW = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
BRANCHES = [
    {"id": "big", "when": call("gt", "trigger.total", const(100)), "title": "Big orders"},
    {"id": "small", "after": "big"},
]
JOIN = {"with": field("trigger.stock"), "as": "stock", "left": field("$line.sku"),
        "right": field("$stock.code")}  # fmt: skip
DRAWN: dict[str, Any] = {
    **mapping(
        rule("number", "DocNumber", "trigger.number", comment="as the shop writes it"),
        rule("new", "Origin", const("shop"), only="create"),
        rule("old", "Changed", const(True), only="update"),
        rule("b1", "Terms", const("30"), branch="big", origin="t7"),
        rule("b2", "Terms", const("14"), branch="small"),
        rule("note", "Memo", "trigger.note", on_null="null", default=const("none")),
        rule("off", "Old", "trigger.old", disabled=True),
        {"id": "open", "target": "Later"},
        {"id": "block", "target": "Line", "comment": "lines", "rows": {
            "each": LINES, "as": "line", "number_as": "n", "join": [JOIN],
            "sort": [{"by": field("$line.sku")}], "first": 50,
            "running": [{"as": "so_far", "add": field("$line.qty")}]}},
        rule("sku", "Line[block].Sku", f"{LINES}.sku", comment="the key"),
        rule("bin", "Line[block].Bin", "$stock.place"),
        rule("sum", "Line[block].SoFar", "$so_far"),
        rule("no", "Line[block].No", "$n"),
        rule("gone", "Line[block].Off", f"{LINES}.x", disabled=True),
        {"id": "hole", "target": "Line[block].Qty", "expr": {"op": "hole"}},
        rule("bad", "Line[block].Bad", call("no_such_function")),
        rows("ship", "Line", when=call("gt", "trigger.shipping", const(0)), only="create"),
        rule("fee", "Line[ship].Amount", "trigger.shipping"),
    ),
    "branches": BRANCHES,
    "own_fields": [{"path": "Extra", "type": "text"}],
    "template": {"id": "t", "version": 3},
}  # fmt: skip


def changed(old: str, new: str, document: dict[str, Any] | None = None) -> dict[str, Any]:
    """The rules of the mapping, by id, after a change of its text."""
    before = DRAWN if document is None else document
    text = to_jsonata(before)
    assert text.count(old) == 1, text
    after = reread(before, text.replace(old, new)).document
    assert {k: v for k, v in after.items() if k != "rules"} == {
        k: v for k, v in before.items() if k != "rules"
    }
    return {one["id"]: one for one in after["rules"]}


def rules(document: dict[str, Any]) -> dict[str, Any]:
    return {one["id"]: one for one in document["rules"]}


def test_a_text_in_which_nothing_changed_changes_nothing() -> None:
    text = to_jsonata(DRAWN)
    assert reread(DRAWN, text).document == DRAWN
    assert reread(DRAWN, f"/* read again */ {text}\n").document == DRAWN


def test_one_changed_value_changes_one_rule_which_keeps_its_name_and_comment() -> None:
    after = changed("trigger.number", "trigger.increment_id")
    assert after.pop("number") == {
        "id": "number", "target": "DocNumber", "comment": "as the shop writes it",
        "expr": field("trigger.increment_id"),
    }  # fmt: skip
    assert after == {k: v for k, v in rules(DRAWN).items() if k != "number"}


def test_a_changed_field_of_a_row_leaves_the_block_and_all_other_fields_as_they_were() -> None:
    after = changed("$line.sku,", "$uppercase($line.sku),")
    assert after.pop("sku")["expr"] == call("upper", f"{LINES}.sku")
    assert after == {k: v for k, v in rules(DRAWN).items() if k != "sku"}
    assert list(after) == [one["id"] for one in DRAWN["rules"] if one["id"] != "sku"]


def test_what_a_text_leaves_out_goes_and_what_it_never_showed_stays() -> None:
    after = changed('"Changed": ($not($mode = "create") ? true),', "")
    assert "old" not in after and {"off", "open", "gone", "hole", "bad"} <= set(after)


def test_a_list_that_is_taken_out_takes_what_stood_in_it_along() -> None:
    before = mapping(
        rows("block", "Line", LINES),
        rule("sku", "Line[block].Sku", f"{LINES}.sku"),
        rule("off", "Line[block].Off", const(1), disabled=True),
        rule("keep", "Old", const(1), disabled=True),
        rule("n", "N", const(1)),
    )
    after = reread(before, '{"N": 1}').document
    assert [one["id"] for one in after["rules"]] == ["keep", "n"]


def test_new_members_become_new_rules_beside_those_they_follow() -> None:
    after = changed('"DocNumber": trigger.number,', '"DocNumber": trigger.number, "More": 7,')
    new = next(one for one in after.values() if one["target"] == "More")
    assert new["expr"] == const(7) and new["id"] not in rules(DRAWN)


def test_other_rows_are_taken_from_the_text_and_keep_the_name_of_their_block() -> None:
    after = changed("$at < 50", "$at < 5")
    assert after["block"]["rows"]["first"] == 5 and after["block"]["comment"] == "lines"
    assert after["block"]["rows"]["join"][0]["as"] == "stock"
    assert {"gone", "hole", "bad"} <= set(after)
    result = compile_mapping({**DRAWN, "rules": list(after.values())}).apply(
        {"trigger": {"lines": [{"sku": "A"}], "stock": [{"code": "A", "place": "north"}]}}
    )
    assert result.output["Line"] == [{"Sku": "A", "Bin": "north", "SoFar": 0, "No": 1}]


def test_blocks_of_rows_that_change_places_give_their_rows_in_the_new_order() -> None:
    before = mapping(
        rows("a", "L"), rule("a1", "L[a].X", const(1)),
        rows("b", "L"), rule("b1", "L[b].X", const(2)),
    )  # fmt: skip
    after = reread(before, '{"L": [{"X": 2}, {"X": 1}]}').document
    assert compile_mapping(after).apply({}).output == {"L": [{"X": 2}, {"X": 1}]}


def test_functions_of_the_workspace_are_not_copied_into_a_mapping_that_calls_them() -> None:
    twice = {"name": "twice", "params": [{"name": "x", "type": "number"}],
             "body": call("add", "$x", "$x")}  # fmt: skip
    before = mapping(rule("a", "A", call("twice", "trigger.x")), rule("b", "B", const(1)))
    whole = {**before, "functions": [twice]}
    text = to_jsonata(whole)
    after = reread(before, text.replace('"B": 1', '"B": 2'), None, whole).document
    assert "functions" not in after and after["rules"][0] == before["rules"][0]
    other = reread(before, text.replace("$add($x, $x)", "$add($x, 5)"), None, whole).document
    assert [fn["name"] for fn in other["functions"]] == ["twice"]
    assert compile_mapping(other).apply({"trigger": {"x": 1}}).output == {"A": 6, "B": 1}


def test_a_mistake_is_refused_with_its_place_and_nothing_is_changed() -> None:
    with pytest.raises(JsonataInvalid) as refused:
        reread(DRAWN, '{"DocNumber": }')
    assert refused.value.position is not None


def test_a_mapping_of_many_hundred_rules_can_be_changed_as_text() -> None:
    many = mapping(*[rule(f"r{n}", f"Field{n}", f"trigger.group_{n}.value") for n in range(600)])
    text = to_jsonata(many)
    assert len(text) > 20_000
    after = reread(many, text.replace("trigger.group_7.value", "trigger.seven")).document
    assert [a["id"] for a, b in zip(after["rules"], many["rules"], strict=True) if a != b] == ["r7"]


@pytest.mark.parametrize(
    "text", ["a" + " + a" * 9_000, "(" * 150 + "a" + " + a" * 4_000, "-" * 900]
)
def test_a_text_nested_without_end_is_refused_or_kept_and_never_breaks(text: str) -> None:
    try:
        assert from_jsonata(text).document["rules"]
    except JsonataInvalid as refused:
        assert refused.message


def mappings_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a document."""
    if isinstance(value, dict):
        rules_in = value.get("rules")
        if isinstance(rules_in, list) and any("target" in one for one in rules_in):
            yield value
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from mappings_in(inner)


def test_every_shipped_mapping_is_text_and_rules_again_without_a_piece_of_code() -> None:
    root = Path(__file__).parents[2]
    files = [*root.glob("designer/blueprints/*/*.json"),
             *root.glob("connectors/catalog/*/mappings/*.json")]  # fmt: skip
    shipped = [one for file in files for one in mappings_in(jsonio.loads(file.read_bytes()))]
    assert len(shipped) > 50
    for document in shipped:
        text = to_jsonata(document)
        assert from_jsonata(text).code_rules == ()
        assert reread(document, f"{text} ").document == document


@st.composite
def drawn(draw: st.DrawFn) -> dict[str, Any]:
    """A sound mapping with all that a text does not show."""
    document = draw(shaped_mappings(money=draw(st.booleans())))
    for one in document["rules"]:
        if "rows" not in one and draw(st.integers(0, 3)) == 0:
            one["disabled"] = True
        if draw(st.integers(0, 3)) == 0:
            one["comment"] = "seen"
        if draw(st.integers(0, 5)) == 0:
            one["only"] = draw(st.sampled_from(["create", "update"]))
    document["rules"].insert(0, {"id": "hole", "target": "V9"})
    return document


@SLOW
@given(drawn())
def test_any_mapping_whose_text_is_only_laid_out_anew_stays_the_same(
    document: dict[str, Any],
) -> None:
    assert reread(document, f"{to_jsonata(document)}\n ").document == document


@SLOW
@given(drawn(), priced_orders)
def test_a_text_read_without_its_rules_says_the_same_for_both_ways_of_writing(
    document: dict[str, Any], context: dict[str, Any]
) -> None:
    for mode in ("create", "update"):
        expected = compile_mapping(document).apply(context, mode=mode)  # type: ignore[arg-type]
        assume(expected.ok)
        imported = from_jsonata(to_jsonata(document))
        if imported.code_rules:
            continue
        made = compile_mapping(imported.document).apply(context, mode=mode)  # type: ignore[arg-type]
        assert made.errors == () and made.output == expected.output
