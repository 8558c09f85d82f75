"""A mapping changed as JSONata text, and problems mended by one click."""

from __future__ import annotations

import re
import secrets
from typing import Any

from playwright.sync_api import Page, expect

from tests.stories.flows import flow, hand, node, wire
from tests.stories.mapping import open_mapper
from tests.stories.office import Desk

INVOICE = {
    "title": "Invoice",
    "type": "object",
    "required": ["Number"],
    "properties": {
        "Number": {"type": "string"},
        "Memo": {"type": "string"},
        "City": {"type": "string"},
        "Terms": {"type": "string"},
        "Kind": {"enum": ["Wholesale", "Retail"]},
        "Lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"Sku": {"type": "string"}, "Qty": {"type": "number"}},
            },
        },
    },
}
ORDER: dict[str, Any] = {
    "number": "A-7", "city": "Porto", "group": "retail", "lines": [{"sku": "B", "qty": 2}],
}  # fmt: skip


def field(path: str) -> dict[str, Any]:
    return {"op": "field", "path": path}


def rules() -> list[dict[str, Any]]:
    return [
        {"id": "number", "target": "Number", "expr": field("trigger.number"),
         "comment": "as the shop writes it"},
        {"id": "new", "target": "Terms", "only": "create",
         "expr": {"op": "const", "value": "30 days"}},
        {"id": "kind", "target": "Kind", "expr": field("trigger.group")},
        {"id": "later", "target": "Memo"},
        {"id": "lines", "target": "Lines", "rows": {"each": "trigger.lines[]", "as": "line"}},
        {"id": "sku", "target": "Lines[lines].Sku", "expr": field("trigger.lines[].sku")},
        {"id": "qty", "target": "Lines[lines].Qty", "disabled": True,
         "expr": field("trigger.lines[].qty")},
    ]  # fmt: skip


def drawn(desk: Desk, name: str) -> str:
    """A flow with a mapping that says more than a text can."""
    mapping = {"schema": 1, "rules": rules()}
    step = node("invoice", "map", "Invoice", 1, target={"schema": INVOICE}, mapping=mapping)
    document = flow([hand(**ORDER), step], wire("hand", "invoice"))
    return desk.make_flow(f"{name} {secrets.token_hex(3)}", document)


def saved_rules(desk: Desk, flow_id: str) -> list[dict[str, Any]]:
    desk.draft_is("Saved")
    document = desk.read(f"/flows/{flow_id}")["draft"]["document"]
    found: list[dict[str, Any]] = document["nodes"][1]["config"]["mapping"]["rules"]
    return found


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=re.compile(f"^{name}")).last.click()


def test_a_changed_text_changes_one_line_and_everything_else_stays(desk: Desk) -> None:
    flow_id = drawn(desk, "Text")
    mapper, page = open_mapper(desk, flow_id, "Invoice"), desk.page
    tab(page, "JSONata")
    box = page.get_by_role("textbox", name="The mapping as JSONata text")
    expect(box).to_have_value(re.compile("trigger.number"))
    text = box.input_value()
    box.fill(text.replace("$line.sku", "$line.sku &"))
    page.get_by_role("button", name="Apply to the mapping").click()
    expect(
        page.get_by_role("status").filter(has_text=re.compile("[Ll]ine 1?[0-9]"))
    ).to_be_visible()
    box.fill(text.replace("$line.sku", '"SKU-" & $line.sku'))
    page.get_by_role("button", name="Apply to the mapping").click()
    expect(mapper.targets).to_contain_text("SKU-B")
    mapper.save()
    expected = rules()
    after = saved_rules(desk, flow_id)
    assert [rule["id"] for rule in after] == [rule["id"] for rule in expected]
    assert [a["id"] for a, b in zip(after, expected, strict=True) if a != b] == ["sku"]


def test_code_of_one_line_becomes_blocks_where_blocks_can_say_it(desk: Desk) -> None:
    code = {"id": "city", "target": "City",
            "expr": {"op": "jsonata", "text": "$uppercase(trigger.city)"}}  # fmt: skip
    mapping = {"schema": 1, "rules": [code]}
    step = node("invoice", "map", "Invoice", 1, target={"schema": INVOICE}, mapping=mapping)
    document = flow([hand(**ORDER), step], wire("hand", "invoice"))
    flow_id = desk.make_flow(f"Code {secrets.token_hex(3)}", document)
    mapper, page = open_mapper(desk, flow_id, "Invoice"), desk.page
    mapper.target("City").click(position={"x": 90, "y": 12})
    tab(page, "Rule")
    mapper.details.get_by_role("textbox", name="JSONata code").fill("trigger.lines{sku: qty}")
    page.get_by_role("button", name="Make blocks of it").click()
    expect(page.get_by_text("Blocks cannot say this")).to_be_visible()
    mapper.details.get_by_role("textbox", name="JSONata code").fill("$uppercase(trigger.city)")
    page.get_by_role("button", name="Make blocks of it").click()
    # The code gave the same value: what is new is the block.
    expect(mapper.details.get_by_role("textbox", name="JSONata code")).to_be_hidden()
    expect(mapper.target("City")).to_contain_text("PORTO")
    mapper.save()
    (rule,) = saved_rules(desk, flow_id)
    assert rule["expr"] == {"op": "call", "fn": "upper", "args": [field("trigger.city")]}


def test_findings_of_recent_documents_are_mended_by_a_click(desk: Desk) -> None:
    flow_id = drawn(desk, "Findings")
    mapper, page = open_mapper(desk, flow_id, "Invoice"), desk.page
    tab(page, "Problems")
    page.get_by_role("button", name="Check on recent documents").click()
    page.get_by_text(re.compile("source fields? (is|are) not used")).click()
    page.get_by_role("button", name="Fill City with it").click()
    expect(mapper.target("City")).to_contain_text("Porto")
    mapper.save()
    city = next(rule for rule in saved_rules(desk, flow_id) if rule["target"] == "City")
    assert city["expr"] == field("trigger.city")
