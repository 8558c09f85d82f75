"""Two hands that draw any mapping rule by rule: one holds the mouse, the other only has keys."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Any

from playwright.sync_api import Locator, expect

from tests.kit.waiting import until
from tests.stories.mapping import Mapper
from tests.stories.office import Desk, settled

Expr = dict[str, Any]
MOST_TABS = 90
OPERATORS = ("eq", "ne", "gt", "ge", "lt", "le")


class Hand(ABC):
    """Draws rules; what it does with a button, a box or a field is the subclass's way."""

    def __init__(self, desk: Desk, mapper: Mapper) -> None:
        self.page, self.mapper = desk.page, mapper
        self.functions = {f["name"]: f for f in desk.read("/functions")["items"]}
        self.blocks: dict[str, str] = {}

    # --- what hands differ in

    @abstractmethod
    def copy(self, source: str, target: str) -> None:
        """A line from a field to a field."""

    @abstractmethod
    def fixed(self, target: str, value: Any) -> None:
        """A fixed value in the row of the target."""

    @abstractmethod
    def open_rule(self, target: str) -> None:
        """Show how a target is filled, in the details."""

    @abstractmethod
    def to_list(self, target: str) -> None:
        """Go to a list of the target tree."""

    @abstractmethod
    def press(self, button: Locator) -> None:
        """Activate a button."""

    @abstractmethod
    def item(self, name: str) -> None:
        """Take an entry of the open menu, by how it begins."""

    @abstractmethod
    def write(self, box: Locator, text: str) -> None:
        """Put a text into a box."""

    @abstractmethod
    def select(self, box: Locator, label: str) -> None:
        """Choose an option by its words."""

    @abstractmethod
    def pick_function(self, name: str) -> None:
        """Take a function of the open list."""

    @abstractmethod
    def pick_field(self, path: str) -> None:
        """Take a field of the open list of fields."""

    # --- rules

    def draw(self, rules: list[dict[str, Any]]) -> None:
        """Every rule of a mapping."""
        for rule in rules:
            if rule.get("rows") is not None:
                self.rows(rule)
            else:
                self.rule(rule)

    def rule(self, rule: dict[str, Any]) -> None:
        """A rule that gives one value."""
        target, expr = self.here(rule["target"]), rule["expr"]
        if expr["op"] == "field":
            self.copy(expr["path"], target)
        elif expr["op"] == "const":
            self.fixed(target, expr["value"])
        else:
            self.open_rule(target)
            self.build(self.mapper.details, None, expr)
        if rule.get("on_missing") == "fail":
            box = self.mapper.details.get_by_role("combobox", name="If the value is missing")
            self.select(box, "stop with an error")

    def rows(self, rule: dict[str, Any]) -> None:
        """A block of rows, with the condition under which it is made."""
        rows, number = rule["rows"], len(self.blocks) + 1
        self.to_list(rule["target"])
        self.add_rows(rule["target"], rows.get("each"))
        self.blocks[rule["id"]] = f"b{number}"
        place = f"{rule['target']}[b{number}]"
        self.open_rule(place)
        if rows.get("when"):
            details = self.mapper.details
            self.press(details.get_by_role("button", name="Add a step"))
            self.item("Only if")
            self.condition(details, rows["when"])

    def add_rows(self, target: str, each: str | None) -> None:
        """One more block of rows in a list."""
        words = f"Add rows to {target}[]"
        self.press(self.mapper.targets.get_by_role("button", name=words, exact=True))
        entry = self.page.get_by_role("menuitem")
        wanted = entry.filter(has_text=each) if each else entry.filter(has_text="A single row")
        self.press(wanted.first)

    def here(self, target: str) -> str:
        """A target path with the names of the blocks as they were drawn."""
        return re.sub(r"\[(\w+)\]", lambda found: f"[{self.blocks[found.group(1)]}]", target)

    # --- expressions

    def build(self, within: Locator, place: str | None, expr: Expr) -> None:
        """Fill an empty place with an expression, block by block; None is the place of the rule."""
        hole = within.get_by_role("button", name=re.compile("^Choose…"))
        hole = hole.first if place is None else self.hole(within, place)
        label = (hole.get_attribute("aria-label") or "").removeprefix("Choose… ")
        self.press(hole)
        if expr["op"] == "field":
            self.item("Field")
            self.pick_field(expr["path"])
        elif expr["op"] == "const":
            self.item("Fixed value")
            self.constant(within, label, expr["value"])
        elif expr["op"] == "concat":
            self.item("Join text")
            self.join(within.get_by_role("group", name=f"Join text: {label}"), expr)
        elif expr["op"] == "if":
            self.item("If")
            self.choice(within.get_by_role("group", name=f"If … then: {label}"), expr)
        else:
            self.item("Function")
            self.call(within, label, expr)

    def hole(self, within: Locator, place: str) -> Locator:
        return within.get_by_role("button", name=f"Choose… {place}", exact=True).first

    def constant(self, within: Locator, label: str, value: Any) -> None:
        name = f"Fixed value: {label}"
        box = within.get_by_role("textbox", name=name, exact=True)
        self.write(box.and_(self.page.locator('[value=""]')), str(value))

    def call(self, within: Locator, label: str, expr: Expr) -> None:
        spec = self.functions[expr["fn"]]
        self.pick_function(expr["fn"])
        group = within.get_by_role("group", name=f"{spec['title']}: {label}", exact=True).first
        expect(group).to_be_visible()
        for index, part in enumerate(expr["args"]):
            arg = spec["args"][min(index, len(spec["args"]) - 1)]
            if index > 0 and not arg["required"]:
                words = f"Add {arg.get('title') or arg['name']}"
                self.press(group.get_by_role("button", name=words, exact=True).last)
            self.build(group, arg["name"], part)

    def join(self, group: Locator, expr: Expr) -> None:
        if expr.get("separator", "") != " ":
            self.write(group.get_by_label("Text between the parts").first, expr["separator"])
        for index, part in enumerate(expr["args"]):
            if index > 1:
                self.press(group.get_by_role("button", name="Add part").last)
            self.build(group, str(index + 1), part)

    def choice(self, group: Locator, expr: Expr) -> None:
        self.press(group.get_by_role("button", name="Add condition"))
        self.condition(group, expr["cond"])
        self.build(group, "then", expr["then"])
        self.press(group.get_by_role("button", name="Add otherwise"))
        self.build(group, "otherwise", expr["else"])

    def condition(self, within: Locator, cond: Expr) -> None:
        """A comparison in the empty row of a list of conditions."""
        left, right = cond["args"]
        self.build(within, "Field 1", left)
        if cond["fn"] != "eq":
            words = {"ne": "is not", "gt": "is greater than"}[cond["fn"]]
            self.select(within.get_by_role("combobox", name="Operator 1"), words)
        if right["op"] == "const":
            self.constant(within, "Compare with 1", right["value"])
            return
        self.press(within.get_by_role("button", name="Change this block: Compare with 1"))
        self.item("Function")
        self.call(within, "Compare with 1", right)


class Mouse(Hand):
    """Points, clicks and drags."""

    def copy(self, source: str, target: str) -> None:
        self.mapper.draw(source, target)

    def fixed(self, target: str, value: Any) -> None:
        self.mapper.type_value(target, option(value))

    def open_rule(self, target: str) -> None:
        self.mapper.choose(target)

    def to_list(self, target: str) -> None:
        self.mapper.find("target", target)

    def press(self, button: Locator) -> None:
        button.click()

    def item(self, name: str) -> None:
        self.page.get_by_role("menuitem", name=re.compile(f"^{re.escape(name)}")).last.click()

    def write(self, box: Locator, text: str) -> None:
        box.click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def select(self, box: Locator, label: str) -> None:
        box.select_option(label=label)

    def pick_function(self, name: str) -> None:
        self.page.get_by_role("textbox", name="Search functions").fill(name)
        self.page.locator(f'button[data-fn="{name}"]').click()

    def pick_field(self, path: str) -> None:
        row = self.found(path)
        row.hover()
        whole = row.get_by_role("button", name="Use the whole list")
        (whole if whole.count() else row).click()

    def found(self, path: str) -> Locator:
        """The row of a field in the open list, after a search for it."""
        picker = self.page.get_by_role("tree", name="Choose a field")
        expect(picker).to_be_visible()
        box = self.page.get_by_role("textbox", name="Search sources").last
        box.fill(path)
        settled(box)
        either = re.compile(f"^{re.escape(path)}(\\[\\])?$")
        return picker.get_by_role("treeitem", name=either).first


class Keys(Hand):
    """Never touches the mouse."""

    def copy(self, source: str, target: str) -> None:
        self.to_sources()
        self.mapper.connect(source, target)

    def fixed(self, target: str, value: Any) -> None:
        self.to_sources()
        shown = {True: "yes", False: "no"}.get(value, value) if value is not None else value
        self.mapper.key_in(target, str(shown), option(value))

    def open_rule(self, target: str) -> None:
        self.to_sources()
        self.page.keyboard.press("F6")
        self.mapper.go(self.mapper.targets, target)
        self.page.keyboard.press("Enter")
        expect(self.mapper.target(target)).to_have_attribute("aria-selected", "true")

    def to_list(self, target: str) -> None:
        self.to_sources()
        self.page.keyboard.press("F6")
        self.mapper.go(self.mapper.targets, f"{target}[]")

    def to_sources(self) -> None:
        """From anywhere: F6 goes round the parts of the screen, once no list is open any more."""
        expect(self.page.locator("[role=menu]")).to_have_count(0)
        until(self.at_sources_or_on, what="F6 leads to the sources")

    def at_sources_or_on(self) -> bool:
        """Whether the keyboard is in the sources; if not, one part further."""
        if self.mapper.sources.locator(":focus").count():
            return True
        self.page.keyboard.press("F6")
        return False

    def add_rows(self, target: str, each: str | None) -> None:
        words = f"Add rows to {target}[]"
        self.press(self.mapper.targets.get_by_role("button", name=words, exact=True))
        wanted = re.compile(re.escape(each) + "$") if each else re.compile("A single row")
        self.entry(wanted)

    def press(self, button: Locator) -> None:
        self.tab_to(button)
        self.page.keyboard.press("Enter")

    def item(self, name: str) -> None:
        self.entry(re.compile(f"^{re.escape(name)}"))
        self.goes_on()

    def entry(self, words: re.Pattern[str]) -> None:
        """Walk the open menu with arrows to an entry, and take it."""
        wanted = self.page.get_by_role("menuitem", name=words).last
        expect(wanted).to_be_visible()
        expect(self.page.locator("[role=menu]:focus, [role=menu] :focus")).to_have_count(1)
        for _ in range(MOST_TABS):
            if wanted.evaluate("item => item === document.activeElement"):
                break
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")

    def write(self, box: Locator, text: str) -> None:
        self.tab_to(box)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def select(self, box: Locator, label: str) -> None:
        self.tab_to(box)
        for _ in range(MOST_TABS):
            if box.locator("option:checked").inner_text() == label:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"There is no option {label}")

    def pick_function(self, name: str) -> None:
        expect(self.page.get_by_role("textbox", name="Search functions")).to_be_focused()
        self.page.keyboard.type(name)
        wanted = self.page.locator(f'button[data-fn="{name}"]')
        for _ in range(MOST_TABS):
            if wanted.get_attribute("data-at"):
                break
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")
        self.goes_on()

    def pick_field(self, path: str) -> None:
        expect(self.page.get_by_role("textbox", name="Search sources").last).to_be_focused()
        self.page.keyboard.type(path)
        picker = self.page.get_by_role("tree", name="Choose a field")
        row = picker.get_by_role("treeitem", name=re.compile(f"^{re.escape(path)}(\\[\\])?$")).first
        self.page.keyboard.press("ArrowDown")
        expect(row).to_be_focused()
        self.page.keyboard.press("Shift+Enter")
        self.goes_on()

    def goes_on(self) -> None:
        """The menu or list is gone, and the keyboard goes on in what was chosen."""
        expect(self.page.locator("[role=menu]")).to_have_count(0)
        expect(self.page.locator(":focus")).to_have_count(1)

    def tab_to(self, what: Locator) -> None:
        """Press Tab, or Shift and Tab for what stands before, until it has the focus."""
        expect(what).to_be_visible()
        for _ in range(MOST_TABS):
            # What has the focus: the goal (0), something before it (1) or behind it (-1).
            way = what.evaluate(
                """goal => { const at = document.activeElement;
                  return at === goal ? 0 : goal.compareDocumentPosition(at) & 4 ? -1 : 1; }"""
            )
            if way == 0:
                return
            self.page.keyboard.press("Tab" if way > 0 else "Shift+Tab")
        raise AssertionError(f"{MOST_TABS} presses of Tab do not lead to {what}")


def option(value: Any) -> str:
    """A fixed value as a box of the page holds it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
