"""A mapping on paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from designer.mapping_pdf import pdf

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
