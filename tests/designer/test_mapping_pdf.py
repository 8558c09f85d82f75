"""A mapping on paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from designer.mapping_pdf import Named, pdf
from designer.mapping_words import source_words, target_words
from designer.sources import Source
from ipaas.mapping import parse_mapping
from ipaas.mapping.sentences import sentence

RULES = ("Target", "Required", "Type", "Value", "Condition", "If missing", "Note", "State")


@dataclass(frozen=True)
class Table:
    title: str
    headers: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def rules(count: int, value: str = "Order number") -> Table:
    return Table("Rules", RULES, [("DocNumber", "yes", "text", value, "", "", None, "")] * count)


def pages_in(document: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", document))


def test_every_rule_finds_room_on_as_many_pages_as_it_takes() -> None:
    short, long = pdf("Order to invoice", [rules(3)]), pdf("Order to invoice", [rules(200)])
    assert short.startswith(b"%PDF-")
    assert pages_in(short) == 1
    assert pages_in(long) > 4


def test_a_table_of_thousands_is_cut_and_what_fills_pages_too() -> None:
    most = pages_in(pdf("Large", [rules(500)]))
    assert pages_in(pdf("Large", [rules(5_000)])) <= most + 1
    names = Table("Not used", ("Source",), [("trigger.a",)] * 2_000)
    assert pages_in(pdf("Names", [names])) <= 3
    assert pages_in(pdf("Long", [rules(1, "word " * 50_000)])) <= 3


def test_any_text_can_be_printed_also_one_that_the_font_does_not_know() -> None:
    odd = "Zażółć Ω Ж → 日本 \x00\x1b \N{PILE OF POO} " + "\N{ARABIC LETTER ALEF}"
    assert pages_in(pdf(odd, [rules(1, odd), Table("Problems", ("Problem",), [])])) == 1


def test_a_name_and_its_path_need_no_more_pages_than_they_fill() -> None:
    named = Table("Rules", ("Target", "Required", "Value"), [
        (Named("Document number", "DocNumber"), "yes", Named("Order number", "trigger.number")),
        (Named("Same", "Same"), "", Named("“fixed”", "“fixed”")),
    ] * 40)  # fmt: skip
    assert 3 <= pages_in(pdf("Order to invoice", [named])) <= 5


ADDRESS = {"type": "object", "title": "An address", "properties": {"city": {"type": "string"}}}
ORDER = {
    "type": "object",
    "$defs": {"address": ADDRESS},
    "properties": {
        "number": {"type": "string", "title": "Order number"},
        "to": {"$ref": "#/$defs/address"},
        "lines": {
            "type": "array", "title": "Lines",
            "items": {"properties": {"sku": {"type": "string", "title": "SKU"}}},
        },
    },
}  # fmt: skip


def test_fields_are_named_as_people_see_them_with_the_step_they_come_from() -> None:
    trees = [Source("trigger", "Order placed", "", ORDER), Source("steps.o", "Convert", "", ORDER)]
    words = source_words(trees)
    assert words.field("trigger.number") == "Order number"
    assert words.field("steps.o.lines[0].sku") == "Lines (first) › SKU (Convert)"
    # The title of a shape that several fields share is no name of a field.
    assert words.field("steps.o.to.city") == "to › city (Convert)"
    assert words.field("steps.o") == "Convert"
    assert words.field("$line.amount") == "$line.amount"
    rules = [
        {"id": "b", "target": "lines", "rows": {"each": "trigger.lines[]"}, "comment": "Goods"},
        {"id": "s", "target": "lines[b].sku", "expr": {"op": "call", "fn": "upper", "args": [
            {"op": "field", "path": "trigger.lines[].sku"}]}},
    ]  # fmt: skip
    document = parse_mapping({"schema": 1, "rules": rules})
    assert target_words(ORDER, document, "lines[b].sku") == "Lines (Goods) › SKU"
    assert sentence(document.rules[1].expr, words) == "Upper case (Lines › SKU)"
