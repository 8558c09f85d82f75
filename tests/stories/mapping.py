"""The mapper of the stories: what a person does in it by mouse, and the same by keyboard."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.kit.waiting import until
from tests.stories.office import Desk, drag, settled


class Mapper:
    """The open mapper: two trees, and the details below."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sources = page.get_by_role("tree", name="Sources")
        self.targets = page.get_by_role("tree", name="Target")
        self.details = page.get_by_role("region", name="Details")
        expect(self.targets).to_be_visible()

    def source(self, path: str) -> Locator:
        """The row of a source field."""
        return self.sources.get_by_role("treeitem", name=path, exact=True)

    def target(self, path: str) -> Locator:
        """The row of a target field."""
        return self.targets.get_by_role("treeitem", name=path, exact=True)

    def find(self, side: str, path: str) -> None:
        """Search a tree until little more than the field is left."""
        box = self.page.get_by_role("textbox", name=f"Search {side}")
        box.fill(path)
        settled(box)

    def save(self) -> None:
        """Keep the mapping and close the mapper."""
        self.page.get_by_role("button", name="Save mapping").click()
        expect(self.targets).to_be_hidden()

    # --- by mouse

    def draw(self, source: str, target: str, shows: str | None = None) -> None:
        """A line by mouse, from a source field to a target field."""
        self.find("sources", source)
        self.find("target", target)
        drag(self.page, self.source(source), self.target(target))
        if shows is not None:
            expect(self.targets).to_contain_text(shows)

    def type_value(self, target: str, value: str) -> None:
        """A fixed value, typed into the row of the target."""
        self.find("target", target)
        row = self.target(target)
        box = row.get_by_role("textbox").or_(row.get_by_role("combobox"))
        if box.evaluate("element => element.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
            box.press("Enter")

    def add_row(self, target_list: str) -> None:
        """One more row of a list, by the button on its row."""
        self.find("target", target_list)
        self.targets.get_by_role("button", name=f"Add rows to {target_list}[]").click()
        self.page.get_by_role("menuitem", name=re.compile("^One row A single")).click()

    def choose(self, target: str) -> None:
        """Show how a target is filled."""
        self.find("target", target)
        row = self.target(target)
        # On its name: further right stands the box for a fixed value.
        depth = int(row.get_attribute("aria-level") or 1)
        row.click(position={"x": 69 + 16 * depth, "y": 12})
        self.details.get_by_role("tab", name="Rule").click()

    def only_if_positive(self, path: str) -> None:
        """The chosen rows are made only if a field is greater than nothing."""
        self.details.get_by_role("button", name="Add a step").click()
        self.page.get_by_role("menuitem", name=re.compile("^Only if")).click()
        self.pick_field("Field 1", path)
        self.details.get_by_role("combobox", name="Operator 1").select_option("gt")
        box = self.details.get_by_role("textbox", name="Fixed value: Compare with 1")
        box.fill("0")
        box.press("Enter")

    def pick_field(self, place: str, path: str, whole: bool = False) -> None:
        """Fill an empty place of a block with a field of the sources."""
        self.details.get_by_role("button", name=f"Choose… {place}", exact=True).click()
        self.page.get_by_role("menuitem", name="Field", exact=True).click()
        self.take_field(path, whole)

    def take_field(self, path: str, whole: bool = False) -> None:
        """Choose in the open list of fields."""
        picker = self.page.get_by_role("tree", name="Choose a field")
        expect(picker).to_be_visible()
        box = self.page.get_by_role("textbox", name="Search sources").last
        box.fill(path)
        settled(box)
        row = picker.get_by_role("treeitem", name=path, exact=True)
        row.hover()
        if whole:
            row.get_by_role("button", name="Use the whole list").click()
        else:
            row.click()

    def put_function(self, name: str) -> None:
        """Put a function around what the chosen target gets."""
        self.details.get_by_role("button", name=re.compile("^Change this block")).first.click()
        self.page.get_by_role("menuitem", name="Put a function around it").click()
        self.page.get_by_role("textbox", name="Search functions").fill(name)
        self.page.get_by_role("button", name=re.compile(f"^{re.escape(name)}")).first.click()

    def give(self, place: str, value: str) -> None:
        """Fill an empty place of a block with a fixed value."""
        self.details.get_by_role("button", name=f"Choose… {place}", exact=True).click()
        self.page.get_by_role("menuitem", name="Fixed value", exact=True).click()
        box = self.details.get_by_role("textbox", name=f"Fixed value: {place}", exact=True)
        box.fill(value)
        box.press("Enter")

    # --- by keyboard

    def enter(self) -> None:
        """Bring the keyboard into the source tree."""
        self.page.keyboard.press("F6")
        expect(self.sources.locator(":focus")).to_have_count(1)

    def go(self, tree: Locator, path: str) -> None:
        """From anywhere in a tree to one of its rows, by its search."""
        keyboard = self.page.keyboard
        keyboard.press("/")
        expect(tree.locator(":focus")).to_have_count(0)
        keyboard.press("ControlOrMeta+a")
        keyboard.type(path)
        keyboard.press("Enter")
        expect(tree.get_by_role("treeitem", name=path, exact=True)).to_be_focused()

    def connect(self, source: str, target: str) -> None:
        """A line by keyboard: M picks the source, Enter on the target connects."""
        keyboard = self.page.keyboard
        self.go(self.sources, source)
        keyboard.press("m")
        expect(self.targets.locator(":focus")).to_have_count(1)
        self.go(self.targets, target)
        keyboard.press("Enter")
        expect(self.page.get_by_role("status").filter(has_text="connected to")).to_be_attached()
        keyboard.press("Shift+F6")
        expect(self.sources.locator(":focus")).to_have_count(1)

    def key_in(self, target: str, value: str, held: str | None = None) -> None:
        """A fixed value by keyboard: Tab leads from the row into its box, which then holds it."""
        keyboard = self.page.keyboard
        keyboard.press("F6")
        self.go(self.targets, target)
        keyboard.press("Tab")
        keyboard.type(value)
        keyboard.press("Enter")
        row = self.target(target)
        expect(row.get_by_role("textbox").or_(row.get_by_role("combobox"))).to_have_value(
            value if held is None else held
        )
        keyboard.press("Shift+Tab")
        keyboard.press("Shift+F6")
        expect(self.sources.locator(":focus")).to_have_count(1)


def open_mapper(desk: Desk, flow_id: str, step: str) -> Mapper:
    """The mapper of a step, from the address of its flow."""
    desk.open(f"flows/{flow_id}")
    desk.node(step).click()
    desk.settings.get_by_role("button", name=re.compile("^(Open mapper|Edit in mapper)$")).click()
    return Mapper(desk.page)


def demo_document(desk: Desk) -> dict[str, Any]:
    """The demo's flow from the shop's order to the invoice, with nothing mapped to the invoice."""
    flows = desk.read("/flows")["items"]
    demo = next(flow for flow in flows if flow["name"] == "Order to cash")
    document: dict[str, Any] = desk.read(f"/flows/{demo['id']}")["draft"]["document"]
    for node in document["nodes"]:
        if node["id"] == "invoice":
            node["config"]["mapping"] = {"schema": 1, "rules": []}
    return document


def sample_order(desk: Desk, flow_id: str, number: str) -> dict[str, Any]:
    """The first order that the mapper offers, under a number of its own."""
    samples = desk.read(f"/flows/{flow_id}/samples")["items"]
    order: dict[str, Any] = next(s for s in samples if s["kind"] == "sandbox")["document"]
    return {**order, "increment_id": number}


def moved_on(page: Page, label: str, before: str) -> None:
    """Wait until the focus is somewhere else."""
    until(lambda: page.evaluate(label) != before, what="the focus moves on")
