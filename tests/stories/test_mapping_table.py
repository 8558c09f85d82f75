"""The table of all rules: a person who prefers a grid fills a mapping in its cells, by keys."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.kit.accessibility import violations
from tests.stories.flows import flow, hand, node, wire
from tests.stories.mapping import open_mapper
from tests.stories.office import Desk, Doors

TEXT = {"type": "string"}
BILL = {
    "title": "Bill",
    "type": "object",
    "required": ["Number"],
    "properties": {
        "Number": TEXT,
        "Name": TEXT,
        "Town": TEXT,
        "Total": {"type": "number"},
        "Lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"Sku": TEXT, "Sum": {"type": "number"}}},
        },
    },
}
ORDER = {
    "number": "A-7",
    "name": "Ana Silva",
    "city": "Porto",
    "total": 30,
    "lines": [{"sku": "mug", "qty": 2, "price": 10}, {"sku": "tee", "qty": 1, "price": 10}],
}
ROWS = [
    {"id": "b1", "target": "Lines", "rows": {"each": "trigger.lines[]"}},
    {
        "id": "r1",
        "target": "Lines[b1].Sku",
        "expr": {"op": "field", "path": "trigger.lines[].sku"},
    },
]


def bill(desk: Desk, rules: list[dict[str, Any]]) -> str:
    """A flow that writes a bill from an order."""
    mapping = {"schema": 1, "rules": rules}
    step = node("bill", "map", "Bill", 1, target={"schema": BILL}, mapping=mapping)
    document = flow([hand(**ORDER), step], wire("hand", "bill"))
    return desk.make_flow(f"Bill {secrets.token_hex(3)}", document)


def saved_rules(desk: Desk, flow_id: str) -> dict[str, Any]:
    desk.draft_is("Saved")
    document = desk.read(f"/flows/{flow_id}")["draft"]["document"]
    return {rule["target"]: rule for rule in document["nodes"][1]["config"]["mapping"]["rules"]}


class Table:
    """The open table of a mapping."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.locator("label", has_text="Table").first.click()
        self.grid = page.get_by_role("grid", name="All rules")
        expect(self.grid).to_be_visible()
        self.columns = self.grid.get_by_role("columnheader").all_text_contents()

    def cell(self, place: str, column: str) -> Locator:
        """The cell of a target in a column."""
        at = self.columns.index(column)
        row = self.grid.get_by_role("row").filter(has=self.page.get_by_title(place, exact=True))
        return row.get_by_role("gridcell").nth(at)

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Letters, as a person types them."""
        self.page.keyboard.type(text)


def test_a_mapping_is_filled_in_the_table_by_keys(desk: Desk) -> None:
    page = desk.page
    flow_id = bill(desk, ROWS)
    open_mapper(desk, flow_id, "Bill")
    table = Table(page)
    expect(table.cell("Number", "Problem")).to_contain_text("required")

    # A field, completed while it is typed; its live value stands beside it.
    table.cell("Number", "Filled with").click()
    table.write("=num")
    expect(page.get_by_role("option").first).to_contain_text("trigger.number")
    table.press("ArrowDown", "Enter", "Enter")
    expect(table.cell("Number", "Value in this sample")).to_have_text("A-7")

    # An expression of the row that is made, as text that becomes blocks.
    page.get_by_text("Unmapped", exact=True).first.click()
    table.cell("Lines[b1].Sum", "Filled with").click()
    table.write("=trigger.lines[].qty * trigger.lines[].price")
    table.press("Enter")
    page.get_by_text("Mapped", exact=True).first.click()
    expect(table.cell("Lines[b1].Sum", "Value in this sample")).to_contain_text("20")
    expect(table.cell("Lines[b1].Sum", "Filled with")).to_contain_text("×")

    # The blocks are a line of text again when the cell is opened; Escape leaves them as they are.
    line = page.get_by_role("combobox", name="Filled with of")
    table.cell("Lines[b1].Sum", "Filled with").click()
    table.press("Enter")
    expect(line).to_have_value("=trigger.lines[].qty * trigger.lines[].price")
    table.write(" * 5")
    table.press("Escape", "Enter")
    expect(line).to_have_value("=trigger.lines[].qty * trigger.lines[].price")
    table.press("Enter")

    # What cannot be read says where, and Escape takes it back.
    table.cell("Number", "Filled with").click()
    table.write("=trigger.total +")
    table.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Line 1, character")).to_be_visible()
    table.press("Escape")
    expect(table.cell("Number", "Filled with")).to_be_focused()
    expect(table.cell("Number", "Value in this sample")).to_have_text("A-7")

    # A condition, what stands in, and a note: Tab goes from cell to cell.
    table.press("Tab")
    table.write("trigger.total > 0")
    table.press("Tab")
    expect(table.cell("Number", "Only if")).to_contain_text(">")
    expect(table.cell("Number", "If missing")).to_be_focused()
    table.write("none")
    table.press("Tab", "Tab")
    table.write("as in the shop")
    table.press("Enter")
    expect(table.cell("Number", "Comment")).to_have_text("as in the shop")

    # A row for a field that nothing fills; its rule is copied, cleared and taken back.
    page.get_by_text("All", exact=True).first.click()
    table.grid.get_by_text("Add a field…").click()
    page.get_by_role("textbox", name="Search target").fill("Town")
    table.press("Enter")
    expect(table.cell("Town", "Filled with")).to_be_focused()
    table.write("=trigger.city")
    table.press("Enter")
    expect(table.cell("Town", "Value in this sample")).to_have_text("Porto")
    table.cell("Town", "Filled with").click()
    table.press("Delete")
    expect(table.cell("Town", "Value in this sample")).to_have_text("")
    table.press("ControlOrMeta+z")
    expect(table.cell("Town", "Value in this sample")).to_have_text("Porto")

    page.get_by_role("button", name="Save mapping").click()
    expect(table.grid).to_be_hidden()
    rules = saved_rules(desk, flow_id)
    assert rules["Number"]["default"] == {"op": "const", "value": "none"}
    assert rules["Number"]["when"]["fn"] == "gt"
    assert rules["Number"]["comment"] == "as in the shop"
    assert rules["Town"]["expr"] == {"op": "field", "path": "trigger.city"}
    assert rules["Lines[b1].Sum"]["expr"] == {
        "op": "call",
        "fn": "multiply",
        "args": [
            {"op": "field", "path": "trigger.lines[].qty"},
            {"op": "field", "path": "trigger.lines[].price"},
        ],
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_table(doors: Doors, scheme: str) -> None:
    desk = doors.desk("demo", color_scheme=scheme)
    page = desk.page
    flow_id = bill(desk, [*ROWS, {"id": "r9", "target": "Gone", "expr": {"op": "hole"}}])
    open_mapper(desk, flow_id, "Bill")
    table = Table(page)
    expect(table.cell("Lines[b1].Sku", "Value in this sample")).to_contain_text("mug")
    assert violations(page) == []
    table.cell("Number", "Filled with").click()
    table.write("=num")
    expect(page.get_by_role("option").first).to_be_visible()
    assert violations(page) == []
    table.press("Escape")
    expect(page.get_by_role("combobox", name=re.compile("^Filled with"))).to_be_hidden()
