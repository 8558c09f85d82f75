"""Templates laid into mappings, and new versions of them that keep what people changed."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from ipaas.core import jsonio
from ipaas.mapping import (
    MAPPING_SCHEMA,
    MappingInvalid,
    compile_mapping,
    parse_mapping,
    reread,
    to_jsonata,
    write_mapping,
)
from ipaas.mapping.insertions import (
    FunctionsDiffer,
    continued,
    given_back,
    insertions_of,
    lay_in,
)
from ipaas.mapping.merging import Merged, merge
from ipaas.mapping.model import Insertion
from tests.mapping.builders import call, const, field, mapping, rows, rule

BASE = mapping(
    rule("r1", "DocNumber", "trigger.number"),
    rule("r2", "Memo", "trigger.note"),
    rule("r3", "Terms", const("30")),
    rows("b1", "Line", "trigger.lines[]"),
    rule("r4", "Line[b1].Sku", "trigger.lines[].sku"),
)
EMPTY = mapping()
FIRST = Insertion("i1", "tpl", 1)


def replaced(document: dict[str, Any], rule_id: str, **more: Any) -> dict[str, Any]:
    return {**document, "rules": [{**r, **more} if r["id"] == rule_id else r
                                  for r in document["rules"]]}  # fmt: skip


def without(document: dict[str, Any], *rule_ids: str) -> dict[str, Any]:
    return {**document, "rules": [r for r in document["rules"] if r["id"] not in rule_ids]}


def having(document: dict[str, Any], *rules: dict[str, Any]) -> dict[str, Any]:
    return {**document, "rules": [*document["rules"], *rules]}


def laid(document: dict[str, Any], insertion: Insertion = FIRST, **more: Any) -> dict[str, Any]:
    return lay_in(document, BASE, insertion, **more).document


def brought(
    mine: dict[str, Any], newer: dict[str, Any], at: str = "i1", base: dict[str, Any] = BASE,
    **choices: bool,
) -> Merged:  # fmt: skip
    insertion = next(one for one in insertions_of(mine) if one.id == at)
    chosen = {key.replace("__", ":"): value for key, value in choices.items()}
    return merge(base, newer, mine, insertion, insertion.version + 1, chosen)


def told(merged: Merged) -> list[tuple[str, str]]:
    return [(change.kind, change.target) for change in merged.changes]


def at(document: dict[str, Any], target: str) -> dict[str, Any]:
    (found,) = [r for r in document["rules"] if r["target"] == target and "rows" not in r]
    return dict(found)


def test_changes_of_ones_own_survive_a_new_version_of_the_template() -> None:
    mine = replaced(laid(EMPTY), "r2", expr=const("my memo"))
    mine = having(mine, rule("own", "Mine", const(1)))
    newer = replaced(BASE, "r1", expr=call("upper", "trigger.number"))
    newer = having(newer, rule("r9", "Line[b1].Qty", "trigger.lines[].qty"))
    merged = brought(mine, newer)
    assert told(merged) == [("changed", "DocNumber"), ("added", "Line[b1].Qty")]
    context = {"trigger": {"number": "a1", "note": "n", "lines": [{"sku": "S", "qty": 2}]}}
    assert compile_mapping(merged.document).apply(context).output == {
        "DocNumber": "A1", "Memo": "my memo", "Terms": "30", "Mine": 1,
        "Line": [{"Sku": "S", "Qty": 2}],
    }  # fmt: skip
    assert [one.version for one in insertions_of(merged.document)] == [2]


def test_a_template_laid_into_a_mapping_that_has_rules_is_followed_too() -> None:
    own = mapping(rule("r1", "Memo", const("mine")), rows("b1", "Other", "trigger.x[]"))
    found = lay_in(own, BASE, FIRST)
    assert (found.added, found.skipped) == (4, 1)
    newer = replaced(BASE, "r4", expr=call("upper", "trigger.lines[].sku"))
    newer = replaced(newer, "r1", expr=const("N"))
    merged = brought(found.document, having(newer, rule("r8", "Line[b1].No", const(1))))
    assert told(merged) == [
        ("changed", "DocNumber"), ("changed", "Line[b1_2].Sku"), ("added", "Line[b1_2].No"),
    ]  # fmt: skip
    assert at(merged.document, "Memo") == own["rules"][0]
    made = compile_mapping(merged.document).apply({"trigger": {"lines": [{"sku": "a"}]}})
    assert made.output["Line"] == [{"Sku": "A", "No": 1}]


def test_what_both_sides_changed_stays_mine_until_the_templates_is_chosen() -> None:
    mine = replaced(laid(EMPTY), "r3", expr=const("60"))
    newer = replaced(BASE, "r3", expr=const("14"))
    merged = brought(mine, newer)
    assert told(merged) == [("conflict", "Terms")]
    (change,) = merged.changes
    assert [side and side["expr"]["value"] for side in (change.base, change.mine, change.theirs)] \
        == ["30", "60", "14"]  # fmt: skip
    assert at(merged.document, "Terms")["expr"] == const("60")
    theirs = brought(mine, newer, rule__r3=True)
    assert at(theirs.document, "Terms")["expr"] == const("14")


def test_a_change_that_is_not_wanted_is_left_and_stays_an_override() -> None:
    newer = replaced(BASE, "r3", expr=const("14"))
    left = brought(laid(EMPTY), newer, rule__r3=False)
    assert at(left.document, "Terms")["expr"] == const("30")
    third = replaced(BASE, "r3", expr=const("7"))
    assert told(brought(left.document, third, base=newer)) == [("conflict", "Terms")]


def test_a_comment_of_ones_own_survives_a_change_that_is_taken() -> None:
    mine = replaced(laid(EMPTY), "r3", comment="agreed with Ana")
    merged = brought(mine, replaced(BASE, "r3", expr=const("14"), comment="theirs"))
    kept = at(merged.document, "Terms")
    assert (kept["expr"], kept["comment"]) == (const("14"), "agreed with Ana")


def test_rules_removed_on_one_side_go_unless_the_other_changed_them() -> None:
    mine = laid(EMPTY)
    gone = brought(mine, without(BASE, "r2"))
    assert told(gone) == [("removed", "Memo")]
    assert all(r["target"] != "Memo" for r in gone.document["rules"])
    changed = replaced(mine, "r2", expr=const("x"))
    kept = brought(changed, without(BASE, "r2"))
    assert told(kept) == [("conflict", "Memo")] and kept.changes[0].theirs is None
    assert at(kept.document, "Memo")["expr"] == const("x")
    removed = brought(without(mine, "r2"), BASE)
    assert removed.changes == () and all(r["target"] != "Memo" for r in removed.document["rules"])
    newer = replaced(BASE, "r2", expr=const("y"))
    both = brought(without(mine, "r2"), newer)
    assert told(both) == [("conflict", "Memo")] and both.changes[0].mine is None
    back = brought(without(mine, "r2"), newer, rule__r2=True)
    assert at(back.document, "Memo")["expr"] == const("y")


def test_what_i_drew_at_the_place_of_a_new_rule_stays_until_the_templates_is_chosen() -> None:
    mine = having(laid(EMPTY), rule("own", "Note", const("mine")))
    newer = having(BASE, rule("r9", "Note", const("theirs")))
    merged = brought(mine, newer)
    assert told(merged) == [("conflict", "Note")]
    assert at(merged.document, "Note")["expr"] == const("mine")
    theirs = brought(mine, newer, rule__r9=True)
    assert at(theirs.document, "Note")["expr"] == const("theirs")


def test_what_i_drew_just_as_the_template_has_it_now_is_the_templates_from_now_on() -> None:
    """As in the mapping that its new version was saved from."""
    mine = having(laid(EMPTY), rule("own", "Line[b1].Own", const(1)),
                  rows("b9", "Tax", "trigger.taxes[]", comment="mine"),
                  rule("x", "Tax[b9].X", const(2)))  # fmt: skip
    newer = having(
        BASE, rows("b2", "Tax", "trigger.taxes[]"), rule("r5", "Tax[b2].X", const(2)),
        rule("r6", "Line[b1].Own", const(1)), rule("r7", "Tax[b2].Y", const(3)),
    )  # fmt: skip
    merged = brought(mine, newer)
    assert told(merged) == [("added", "Tax[b9].Y")]
    assert [(r["id"], r["origin"]) for r in merged.document["rules"][-4:]] == [
        ("own", "r6"), ("b9", "b2"), ("x", "r5"), ("r7", "r7"),
    ]  # fmt: skip
    third = replaced(newer, "r6", expr=const(5))
    assert told(brought(merged.document, third, base=newer)) == [("changed", "Line[b1].Own")]


def test_rows_that_went_keep_what_i_put_into_them() -> None:
    newer = without(BASE, "b1", "r4")
    clean = brought(laid(EMPTY), newer)
    assert told(clean) == [("removed", "Line[b1]")]
    assert [r["id"] for r in clean.document["rules"]] == ["r1", "r2", "r3"]
    mine = having(laid(EMPTY), rule("own", "Line[b1].Own", const(1)))
    merged = brought(mine, newer)
    assert ("conflict", "Line[b1]") in told(merged)
    assert {"b1", "own"} <= {r["id"] for r in merged.document["rules"]}
    theirs = brought(mine, newer, rule__b1=True)
    assert [r["id"] for r in theirs.document["rules"]] == ["r1", "r2", "r3"]


def test_rows_that_i_removed_come_back_whole_or_not_at_all() -> None:
    mine = without(laid(EMPTY), "b1", "r4")
    newer = replaced(BASE, "b1", rows={"each": "trigger.items[]"})
    newer = having(newer, rule("r9", "Line[b1].Qty", "trigger.items[].qty"))
    away = brought(mine, newer)
    assert told(away) == [("conflict", "Line[b1]")]
    assert not any(r["target"].startswith("Line") for r in away.document["rules"])
    back = brought(mine, newer, rule__b1=True)
    assert {r["target"] for r in back.document["rules"]} >= {
        "Line", "Line[b1].Sku", "Line[b1].Qty",
    }  # fmt: skip
    only_more = having(BASE, rule("r9", "Line[b1].Qty", const(1)))
    assert brought(mine, only_more).changes == ()


def test_rows_that_the_template_moved_take_what_i_put_into_them_along() -> None:
    mine = having(laid(EMPTY), rule("own", "Line[b1].Own", const(1)))
    newer = replaced(replaced(BASE, "b1", target="Rows"), "r4", target="Rows[b1].Sku")
    merged = brought(mine, newer)
    assert told(merged) == [("changed", "Line[b1]")]
    made = compile_mapping(merged.document).apply({"trigger": {"lines": [{"sku": "a"}]}})
    assert not made.errors and made.output["Rows"] == [{"Sku": "a", "Own": 1}]
    left = brought(mine, newer, rule__b1=False)
    assert left.document["rules"] == mine["rules"]


def test_what_comes_into_rows_that_i_moved_comes_where_they_are_now() -> None:
    mine = replaced(replaced(laid(EMPTY), "b1", target="Rows"), "r4", target="Rows[b1].Sku")
    newer = replaced(BASE, "r4", expr=call("upper", "trigger.lines[].sku"))
    merged = brought(mine, having(newer, rule("r9", "Line[b1].Qty", const(2))))
    assert told(merged) == [("changed", "Rows[b1].Sku"), ("added", "Rows[b1].Qty")]
    made = compile_mapping(merged.document).apply({"trigger": {"lines": [{"sku": "a"}]}})
    assert not made.errors and made.output["Rows"] == [{"Sku": "A", "Qty": 2}]


def test_rows_that_became_a_value_keep_what_i_put_into_them() -> None:
    newer = having(without(BASE, "b1", "r4"), rule("b1", "Line", "trigger.lines"))
    assert told(brought(laid(EMPTY), newer)) == [("changed", "Line[b1]")]
    mine = having(laid(EMPTY), rule("own", "Line[b1].Own", const(1)))
    merged = brought(mine, newer)
    assert told(merged) == [("conflict", "Line[b1]")]
    assert merged.document["rules"] == mine["rules"]
    theirs = brought(mine, newer, rule__b1=True)
    assert [r["id"] for r in theirs.document["rules"]] == ["r1", "r2", "r3", "b1"]


def test_nothing_comes_into_rows_that_are_a_value_here() -> None:
    base = mapping(rule("b1", "Line", "trigger.lines"), rule("r1", "No", "trigger.no"))
    newer = mapping(
        rows("b1", "Line", "trigger.lines[]"),
        rule("r1", "Line[b1].No", "trigger.no"),
        rule("r4", "Line[b1].Sku", const(1)),
    )
    mine = replaced(lay_in(EMPTY, base, FIRST).document, "b1", expr=field("trigger.mine"))
    merged = brought(mine, newer, base=base)
    assert told(merged) == [("conflict", "Line")]
    assert merged.document["rules"] == mine["rules"]


def test_rows_that_stay_keep_also_what_the_template_had_in_them() -> None:
    mine = having(laid(EMPTY), rule("own", "Line[b1].Own", const(1)))
    merged = brought(mine, without(BASE, "b1", "r4"))
    assert told(merged) == [("conflict", "Line[b1]")]
    assert merged.document["rules"] == mine["rules"]


def test_rows_may_stand_behind_what_is_in_them() -> None:
    template = mapping(BASE["rules"][4], BASE["rules"][3])
    mine = lay_in(mapping(rows("b1", "Other", "trigger.x[]")), template, FIRST)
    made = compile_mapping(mine.document).apply({"trigger": {"lines": [{"sku": "a"}]}})
    assert not made.errors and made.output["Line"] == [{"Sku": "a"}]
    filled = mapping(rows("mine", "Line", "trigger.x[]"))
    assert lay_in(filled, template, FIRST).document == filled


def test_a_template_does_not_come_to_call_another_function_of_the_same_name() -> None:
    vat = {"name": "vat", "params": [{"name": "x"}], "body": call("add", "$x", const("0.2"))}
    template = {**mapping(rule("a", "A", call("vat", "trigger.n"))), "functions": [vat]}
    other = {**EMPTY, "functions": [{**vat, "body": call("add", "$x", const("0.5"))}]}
    with pytest.raises(FunctionsDiffer):
        lay_in(other, template, FIRST)
    of_the_workspace = mapping(rule("b", "B", call("vat", "trigger.n")))
    with pytest.raises(FunctionsDiffer):
        lay_in(of_the_workspace, template, FIRST)
    with pytest.raises(FunctionsDiffer):
        lay_in(other, {**template, "functions": []}, FIRST)
    titled = {**EMPTY, "functions": [{**vat, "title": "Tax"}]}
    assert lay_in(titled, template, FIRST).added == 1


def test_code_that_begins_at_the_whole_context_reads_from_elsewhere_too() -> None:
    text = {"op": "jsonata", "text": "$$.trigger.zip & trigger.x & $a.trigger & $$.y.trigger"}
    elsewhere = Insertion("i1", "tpl", 1, (("trigger", "steps.o"),))
    made = lay_in(EMPTY, mapping(rule("a", "A", text)), elsewhere).document
    assert at(made, "A")["expr"]["text"] == (
        "$$.steps.o.zip & steps.o.x & $a.trigger & $$.y.trigger"
    )


def test_each_insertion_follows_for_itself_where_it_stands() -> None:
    address = mapping(
        rule("a1", "BillAddr.City", "steps.order.billing.city"),
        rule("a2", "BillAddr.Zip", {"op": "jsonata", "text": "$uppercase(steps.order.zip)"}),
        rule("a3", "BillAddr.Hint", const("steps.order")),
    )
    bill = Insertion("i1", "tpl", 1, reads=(("steps.order", "trigger"),))
    ship = Insertion("i2", "tpl", 1, (("steps.order", "trigger.to"),), ("BillAddr", "ShipAddr"))
    mine = lay_in(lay_in(EMPTY, address, bill).document, address, ship).document
    assert at(mine, "ShipAddr.City")["expr"] == field("trigger.to.billing.city")
    assert at(mine, "BillAddr.Zip")["expr"]["text"] == "$uppercase(trigger.zip)"
    assert at(mine, "BillAddr.Hint")["expr"] == const("steps.order")
    newer = replaced(address, "a1", expr=field("steps.order.billing.town"))
    newer = having(newer, rule("a9", "BillAddr.Country", "steps.order.country"))
    assert brought(mine, address, "i2", address).changes == ()
    once = brought(mine, newer, "i2", address)
    assert told(once) == [("changed", "ShipAddr.City"), ("added", "ShipAddr.Country")]
    assert at(once.document, "ShipAddr.City")["expr"] == field("trigger.to.billing.town")
    assert at(once.document, "BillAddr.City")["expr"] == field("trigger.billing.city")
    assert [one.version for one in insertions_of(once.document)] == [1, 2]
    twice = brought(once.document, newer, "i1", address)
    assert at(twice.document, "BillAddr.Country")["expr"] == field("trigger.country")
    assert [one.version for one in insertions_of(twice.document)] == [2, 2]


def test_changed_branches_come_under_the_names_they_have_here() -> None:
    paid = {"id": "paid", "when": call("eq", "trigger.status", const("paid"))}
    other = {"id": "other", "after": "paid"}
    template = {
        **mapping(rule("r1", "A", const(1), branch="paid"), rule("r2", "A", const(2),
                                                                 branch="other")),
        "branches": [paid, other],
    }  # fmt: skip
    mine = {**EMPTY, "branches": [{"id": "paid", "when": call("is_empty", "trigger.x")}]}
    mine = having(mine, rule("own", "B", const(1), branch="paid"))
    mine = lay_in(mine, template, FIRST).document
    assert [b["id"] for b in mine["branches"]] == ["paid", "paid_2", "other"]
    wider = {**paid, "when": call("eq", "trigger.status", const("settled"))}
    newer = {**template, "branches": [wider, other, {"id": "late", "after": "other"}]}
    newer = having(newer, rule("r3", "A", const(3), branch="late"))
    merged = brought(mine, newer, base=template)
    assert told(merged) == [("added", "A"), ("changed", "paid_2")]
    by_id = {b["id"]: b for b in merged.document["branches"]}
    assert by_id["paid_2"]["when"] == wider["when"] and by_id["paid"] == mine["branches"][0]
    assert by_id["late"]["after"] == "other"
    left = brought(mine, newer, base=template, branch__paid_2=False)
    assert {b["id"]: b for b in left.document["branches"]}["paid_2"]["when"] == paid["when"]


def test_functions_and_added_fields_of_a_template_are_followed() -> None:
    double = {"name": "double", "params": [{"name": "x"}], "body": call("add", "$x", "$x")}
    template = {**BASE, "functions": [double], "own_fields": [{"path": "Own", "type": "text"}]}
    mine = lay_in(EMPTY, template, FIRST).document
    better = {**double, "body": call("multiply", "$x", const(2))}
    newer = {**template, "functions": [better],
             "own_fields": [{"path": "Own", "type": "number"}, {"path": "New"}]}  # fmt: skip
    merged = brought(mine, newer, base=template)
    assert told(merged) == [("changed", "double"), ("changed", "Own")]
    assert merged.document["functions"] == [better]
    assert [f["path"] for f in merged.document["own_fields"]] == ["Own", "New"]
    changed = {**mine, "functions": [{**double, "title": "Twice"}]}
    assert ("conflict", "double") in told(brought(changed, newer, base=template))


def test_rows_copied_by_hand_are_ones_own() -> None:
    mine = laid(EMPTY)
    copy = [{**mine["rules"][3], "id": "b7"},
            {**mine["rules"][4], "id": "r7", "target": "Line[b7].Sku"}]  # fmt: skip
    merged = brought(having(mine, *copy), replaced(BASE, "r4", expr=const("S")))
    assert told(merged) == [("changed", "Line[b1].Sku")]
    assert merged.document["rules"][-1] == copy[1]


def test_a_merge_with_nothing_new_changes_nothing() -> None:
    mine = laid(mapping(rule("x", "Memo", const("m"))))
    insertion = insertions_of(mine)[0]
    merged = merge(BASE, BASE, mine, insertion, 1)
    assert merged.changes == () and jsonio.dumps(merged.document) == jsonio.dumps(mine)


def test_a_mapping_kept_before_there_were_insertions_follows_its_template_still() -> None:
    old = {**BASE, "rules": [{**r, "origin": r["id"]} for r in BASE["rules"]],
           "template": {"id": "tpl", "version": 1}}  # fmt: skip
    jsonschema.validate(old, MAPPING_SCHEMA)
    old = replaced(old, "r3", expr=const("60"))
    newer = replaced(replaced(BASE, "r1", expr=const("N")), "r3", expr=const("14"))
    newer = having(newer, rule("r9", "Line[b1].Qty", const(1)))
    merged = brought(old, newer, "")
    assert told(merged) == [
        ("changed", "DocNumber"), ("conflict", "Terms"), ("added", "Line[b1].Qty"),
    ]  # fmt: skip
    assert merged.document["template"] == {"id": "tpl", "version": 2}
    assert "insertions" not in merged.document
    both = laid(merged.document, Insertion("i9", "other", 1), instead=True)
    assert [one.id for one in insertions_of(both)] == ["", "i9"]


def test_what_was_laid_in_is_part_of_the_published_schema_and_survives_a_round() -> None:
    at_place = Insertion("i2", "tpl", 3, (("trigger", "vars"),), ("", "Sub"), (("a", "b"),))
    made = laid(laid(EMPTY), at_place)
    jsonschema.validate(made, MAPPING_SCHEMA)
    assert {r["target"] for r in made["rules"]} >= {"Sub.DocNumber", "Sub.Line"}
    assert write_mapping(parse_mapping(made)) == made
    text = to_jsonata(made).replace('"30"', '"31"', 1)
    after = reread(made, text).document
    assert after["insertions"] == made["insertions"]
    assert at(after, "Terms") == {**at(made, "Terms"), "expr": const("31")}


@pytest.mark.parametrize(
    "broken",
    [{"id": "i", "template": "t"}, {"id": "i", "template": "t", "version": 0},
     {"id": "i", "template": "t", "version": 1, "reads": []},
     {"id": "i", "template": "t", "version": 1, "place": {"at": "x"}}],
)  # fmt: skip
def test_an_insertion_that_says_nonsense_is_refused_with_its_place(broken: dict[str, Any]) -> None:
    with pytest.raises(MappingInvalid) as refused:
        parse_mapping({**EMPTY, "insertions": [broken]})
    assert "insertions[0]" in str(refused.value.facts.get("where"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**EMPTY, "insertions": [broken]}, MAPPING_SCHEMA)


def test_a_new_version_saved_from_another_mapping_goes_on_with_the_same_rules() -> None:
    """Ids differ where it was laid in; what it fills, or came from, tells rules apart."""
    ship = Insertion("i2", "tpl", 1, (("trigger", "steps.order"),), None)
    mine = lay_in(mapping(rule("r1", "Own", const(1)), rows("b1", "X", "trigger.x[]")), BASE, ship)
    improved = without(mine.document, "r1", "b1")
    rules = [{**r, "target": "Number"} if r["target"] == "DocNumber" else r
             for r in improved["rules"]]  # fmt: skip
    improved = having({**improved, "rules": rules}, rule("z", "Line[b1_2].Qty", const(1)))
    origins = {r["id"]: r["origin"] for r in improved["rules"] if r.get("origin")}
    newer = continued(BASE, given_back(improved, insertions_of(improved)[0]), origins)
    assert [(r["id"], r["target"]) for r in newer["rules"]] == [
        ("r1", "Number"), ("r2", "Memo"), ("r3", "Terms"), ("b1", "Line"), ("r4", "Line[b1].Sku"),
        ("z", "Line[b1].Qty"),
    ]  # fmt: skip
    assert newer["rules"][1] == BASE["rules"][1]
    drawn_anew = mapping(rule("r4", "Memo", const("new")), rule("r9", "Terms", const("30")))
    again = continued(BASE, drawn_anew, {})
    assert [(r["id"], r["target"]) for r in again["rules"]] == [("r2", "Memo"), ("r3", "Terms")]
