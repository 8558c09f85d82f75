"""One list of what stands in lists inside lists: rows that reach everything around them."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from ipaas.core import jsonio
from ipaas.mapping import check, compile_mapping, from_jsonata, to_jsonata
from ipaas.mapping.schemas import infer_schema
from tests.mapping import strategies
from tests.mapping.builders import apply, call, const, field, mapping, output, rows, rule
from tests.mapping.reference import Reference
from tests.mapping.test_shaping import made

ORDERS: dict[str, Any] = {
    "trigger": {
        "shop": "north",
        "orders": [
            {"number": "1", "lines": [
                {"sku": "A", "price": 10, "taxes": [{"code": "ST", "rate": 2}, {"code": "CT"}]},
                {"sku": "B", "price": 5, "taxes": []},
            ]},
            {"number": "2", "lines": [
                {"sku": "C", "price": 7, "taxes": [{"code": "ST", "rate": 3}]},
            ]},
            {"number": "3"},
        ],
    }
}  # fmt: skip
TAXES = "trigger.orders[].lines[].taxes[]"
JOINED = (
    rows("t", "Taxes", TAXES),
    rule("a", "Taxes[t].Order", "trigger.orders[].number"),
    rule("b", "Taxes[t].Sku", "trigger.orders[].lines[].sku"),
    rule("c", "Taxes[t].Code", f"{TAXES}.code"),
    rule("d", "Taxes[t].Shop", "trigger.shop"),
    rule("e", "Taxes[t].Amount",
         call("multiply", f"{TAXES}.rate", "trigger.orders[].lines[].price")),
)  # fmt: skip
FLAT = [
    {"Order": "1", "Sku": "A", "Code": "ST", "Shop": "north", "Amount": 20},
    {"Order": "1", "Sku": "A", "Code": "CT", "Shop": "north"},
    {"Order": "2", "Sku": "C", "Code": "ST", "Shop": "north", "Amount": 21},
]
SLOW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_orders_lines_and_taxes_are_joined_to_one_flat_list() -> None:
    assert made(*JOINED, context=ORDERS) == {"Taxes": FLAT}


def test_the_shown_text_of_a_flat_list_becomes_the_same_rows_again() -> None:
    document = mapping(*JOINED)
    imported = from_jsonata(to_jsonata(document), infer_schema([ORDERS]))
    assert imported.code_rules == ()
    (again,) = [rule for rule in imported.document["rules"] if "rows" in rule]
    assert again["rows"]["each"] == TAXES
    assert compile_mapping(imported.document).apply(ORDERS).output == {"Taxes": FLAT}


def test_the_sign_for_what_is_around_becomes_a_field_of_the_entry_around() -> None:
    text = '{"T": trigger.orders.lines.taxes.{"code": code, "sku": %.sku, "order": %.%.number}}'
    imported = from_jsonata(text, infer_schema([ORDERS]))
    assert imported.code_rules == ()
    found = compile_mapping(imported.document).apply(ORDERS).require()["T"]
    assert [(row["code"], row["sku"], row["order"]) for row in found] == [
        ("ST", "A", "1"), ("CT", "A", "1"), ("ST", "C", "2"),
    ]  # fmt: skip


def test_filters_orders_numbers_and_joins_see_what_is_around_an_entry() -> None:
    shaping = {
        "each": TAXES,
        "where": call("gt", "trigger.orders[].lines[].price", const(6)),
        "sort": [{"by": field("trigger.orders[].number"), "down": True}],
        "number_as": "n",
        "join": [{"with": field("trigger.orders"), "as": "again", "right": field("$again.number"),
                  "left": field("trigger.orders[].number")}],
    }  # fmt: skip
    found = made(
        {"id": "t", "target": "T", "rows": shaping},
        rule("o", "T[t].Order", "$again.number"),
        rule("s", "T[t].Sku", "trigger.orders[].lines[].sku"),
        rule("n", "T[t].N", "$n"),
        context=ORDERS,
    )
    assert found["T"] == [
        {"Order": "2", "Sku": "C", "N": 1},
        {"Order": "1", "Sku": "A", "N": 2},
        {"Order": "1", "Sku": "A", "N": 3},
    ]


def test_rows_in_rows_of_a_flat_list_begin_at_the_entry_around_them() -> None:
    found = output(
        ORDERS,
        rows("l", "Lines", "trigger.orders[].lines[]"),
        rule("s", "Lines[l].Sku", "trigger.orders[].lines[].sku"),
        rows("t", "Lines[l].Others", "trigger.orders[].lines[]"),
        rule("o", "Lines[l].Others[t].Sku", "trigger.orders[].lines[].sku"),
    )
    assert [(line["Sku"], [one["Sku"] for one in line["Others"]]) for line in found["Lines"]] == [
        ("A", ["A", "B"]), ("B", ["A", "B"]), ("C", ["C"]),
    ]  # fmt: skip


def test_the_entries_of_a_group_are_rows_of_their_own() -> None:
    grouped = {"each": TAXES, "group": field(f"{TAXES}.code")}
    found = made(
        {"id": "g", "target": "Codes", "rows": grouped},
        rule("k", "Codes[g].Code", "$group.key"),
        rows("i", "Codes[g].Rates", "$group.items[]"),
        rule("r", "Codes[g].Rates[i].Rate", "$group.items[].rate"),
        context=ORDERS,
    )
    assert found == {"Codes": [{"Code": "ST", "Rates": [{"Rate": 2}, {"Rate": 3}]},
                               {"Code": "CT", "Rates": [{}]}]}  # fmt: skip


def test_live_values_and_errors_of_a_flat_list_name_its_rows() -> None:
    result = apply(ORDERS, *JOINED, rule("x", "Taxes[t].X", call("number", f"{TAXES}.code")))
    assert [result.values["b"].values, result.values["b"].count] == [("A", "A", "C"), 3]
    assert [error.row for error in result.errors] == [0, 1, 2]


def test_the_checks_know_single_values_of_what_is_around() -> None:
    target = {"type": "object", "properties": {"Taxes": {"type": "array", "items": {
        "type": "object", "properties": {"Order": {"type": "string"}, "Sku": {"type": "string"},
                                         "Code": {"type": "string"}, "Shop": {"type": "string"},
                                         "Amount": {"type": "number"}}}}}}  # fmt: skip
    assert check(mapping(*JOINED), infer_schema([ORDERS]), target) == []


@SLOW
@given(strategies.moneyless_mappings(), strategies.orders)
def test_a_mapping_and_what_its_text_becomes_give_the_same(
    document: dict[str, Any], context: dict[str, Any]
) -> None:
    flat = [r for r in document["rules"] if not r["target"] or r["target"].startswith("Taxes")]
    document = {**document, "rules": flat}
    result = compile_mapping(document).apply(context)
    if result.errors:
        return
    again = from_jsonata(to_jsonata(document), infer_schema([context]))
    assert Reference(document, context).output() == result.output
    if not again.code_rules:
        back = compile_mapping(again.document).apply(context)
        # Members of an object have no order (RFC 8259, section 4): the text puts nulls last.
        assert jsonio.canonical(back.output) == jsonio.canonical(result.output)


def test_a_flat_list_of_too_many_entries_is_stopped_in_words() -> None:
    tax: dict[str, Any] = {"code": "ST"}
    line = {"sku": "A", "taxes": [tax] * 50}
    many = {"trigger": {"orders": [{"number": "1", "lines": [line] * 50}] * 50}}
    result = apply(many, rows("t", "T", TAXES), rule("s", "T[t].Sku", "trigger.orders[].number"))
    assert [error.code for error in result.errors] == ["mapping.too_large"]
    assert result.output == {}
