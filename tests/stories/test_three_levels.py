"""Orders, their lines and the taxes of each line, with what stands further out on every tax."""

from __future__ import annotations

import secrets
from typing import Any

from playwright.sync_api import expect

from ipaas.core import jsonio
from tests.stories.flows import flow, hand, node, wire
from tests.stories.mapping import open_mapper
from tests.stories.office import Desk

ORDERS = [
    {
        "number": "A-1",
        "lines": [
            {
                "sku": "MUG",
                "taxes": [
                    {"code": "STATE", "amount": "1.25"},
                    {"code": "CITY", "amount": "0.40"},
                ],
            },
            {"sku": "TEE", "taxes": [{"code": "STATE", "amount": "2.10"}]},
        ],
    },
    {"number": "A-2", "lines": [{"sku": "CAP", "taxes": [{"code": "CITY", "amount": "0.15"}]}]},
]
TAX_ROW = {
    "type": "object",
    "required": ["Order", "Amount"],
    "properties": {
        "Order": {"type": "string"},
        "Item": {"type": "string"},
        "Code": {"type": "string"},
        "Amount": {"type": "number"},
    },
}
LINE_ROW = {"type": "object", "properties": {"Tax": {"type": "array", "items": TAX_ROW}}}
INVOICE = {"type": "object", "properties": {"Line": {"type": "array", "items": LINE_ROW}}}
POSTINGS = {
    "title": "Postings",
    "type": "object",
    "required": ["Invoice"],
    "properties": {
        "Invoice": {"type": "array", "items": INVOICE},
        "Total": {"type": "number"},
    },
}
TAX = "trigger.orders[].lines[].taxes[]."


def test_three_levels_are_joined_by_mouse(desk: Desk) -> None:
    page = desk.page
    step = node("postings", "map", "Postings", 1, target={"schema": POSTINGS})
    document = flow([hand(orders=ORDERS), step], wire("hand", "postings"))
    flow_id = desk.make_flow(f"Three levels {secrets.token_hex(3)}", document)
    mapper = open_mapper(desk, flow_id, "Postings")

    # One drag makes rows in rows in rows; what stands further out stays in reach of each.
    mapper.draw(TAX + "amount", "Invoice[].Line[].Tax[].Amount")
    row = "Invoice[b1].Line[b2].Tax[b3]"
    mapper.find("target", row)
    expect(mapper.target(row)).to_be_visible()
    mapper.draw(TAX + "code", f"{row}.Code")
    mapper.draw("trigger.orders[].lines[].sku", f"{row}.Item")
    mapper.draw("trigger.orders[].number", f"{row}.Order")
    mapper.draw(TAX + "amount", "Total", shows="3.90")
    expect(page.get_by_text("All required fields filled")).to_be_visible()

    mapper.details.get_by_role("tab", name="Result").click()
    result = mapper.details.get_by_role("region", name="Result of the sample")
    expect(result).to_contain_text("MUG")
    result.hover()
    page.mouse.wheel(0, 2_000)  # rows are drawn where they are looked at
    expect(result).to_contain_text("CAP")
    mapper.save()
    desk.draft_is("Saved")
    made = outcome(desk, flow_id)
    assert str(made["Total"]) == "3.90"
    taxes = [
        (tax["Order"], tax["Item"], tax["Code"], str(tax["Amount"]))
        for invoice in made["Invoice"]
        for line in invoice["Line"]
        for tax in line["Tax"]
    ]
    assert taxes == [
        ("A-1", "MUG", "STATE", "1.25"),
        ("A-1", "MUG", "CITY", "0.40"),
        ("A-1", "TEE", "STATE", "2.10"),
        ("A-2", "CAP", "CITY", "0.15"),
    ]
    assert [len(invoice["Line"]) for invoice in made["Invoice"]] == [2, 1]


def outcome(desk: Desk, flow_id: str) -> Any:
    """What the saved mapping makes of the orders."""
    document = desk.read(f"/flows/{flow_id}")["draft"]["document"]
    answer = desk.api(
        "POST",
        f"/flows/{flow_id}/preview",
        {
            "document": document,
            "node_id": "postings",
            "mapping": document["nodes"][1]["config"]["mapping"],
            "sample": {"document": {"orders": ORDERS}},
        },
    )
    assert answer.ok, answer.text()
    return jsonio.loads(answer.text())["output"]
