"""Everything by keyboard: a step is added, renamed, undone, and a field of it is mapped."""

from __future__ import annotations

import secrets

from playwright.sync_api import Locator, Page, expect

from tests.stories.flows import flow, hand
from tests.stories.mapping import moved_on
from tests.stories.office import Desk

TABS = 120


def test_a_flow_is_drawn_and_mapped_without_a_mouse(desk: Desk) -> None:
    page = desk.page
    flow_id = desk.make_flow(
        f"By keyboard {secrets.token_hex(3)}", flow([hand(company="Paper Lantern")])
    )
    desk.open(f"flows/{flow_id}")
    canvas = page.get_by_role("application", name="Flow canvas")
    expect(desk.node("Start by hand")).to_be_visible()

    # The trigger is chosen on the canvas, so the new step is wired to it.
    tab_to(page, desk.node("Start by hand"))
    page.keyboard.press("Enter")
    settings = desk.settings
    expect(settings.get_by_role("textbox", name="Name", exact=True)).to_have_value("Start by hand")
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="Search steps")).to_be_focused()
    page.keyboard.type("create a customer")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    # The list is one stop of the Tab key; the arrows walk in it.
    wanted = page.get_by_role("button", name="Create a customer (QuickBooks Online)")
    for _ in range(TABS):
        if wanted.evaluate("step => step === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(desk.node("Create a customer")).to_be_visible()
    expect(canvas.get_by_role("group", name="Edge from hand to create_a_customer")).to_have_count(1)

    name = settings.get_by_role("textbox", name="Name", exact=True)
    tab_to(page, name)
    page.keyboard.press("Control+A")
    page.keyboard.type("Welcome the customer")
    expect(desk.node("Welcome the customer")).to_be_visible()

    # Undo takes the name back in one step, redo brings it again.
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+z")
    expect(desk.node("Create a customer")).to_be_visible()
    page.keyboard.press("Control+y")
    expect(desk.node("Welcome the customer")).to_be_visible()

    tab_to(page, desk.node("Welcome the customer"))
    page.keyboard.press("Enter")
    tab_to(page, settings.get_by_role("button", name="Edit in mapper"))
    page.keyboard.press("Enter")
    sources = page.get_by_role("tree", name="Sources")
    source = sources.get_by_role("treeitem", name="trigger.company", exact=True)
    tab_to(page, sources.get_by_role("treeitem").first)
    page.keyboard.press("ArrowDown")
    expect(source).to_be_focused()
    page.keyboard.press("m")
    targets = page.get_by_role("tree", name="Target")
    target = targets.get_by_role("treeitem", name="DisplayName", exact=True)
    walk_to(page, target)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="company connected to")).to_be_attached()
    expect(target).to_contain_text("Paper Lantern")
    tab_to(page, page.get_by_role("button", name="Save mapping"))
    page.keyboard.press("Enter")
    expect(targets).to_be_hidden()
    expect(settings.get_by_role("button", name="Edit DisplayName")).to_contain_text("company")
    desk.draft_is("Saved")
    saved = desk.read(f"/flows/{flow_id}")["draft"]["document"]["nodes"][1]
    assert saved["name"] == "Welcome the customer"
    assert saved["config"]["input"]["rules"][0]["expr"] == {
        "op": "field",
        "path": "trigger.company",
    }


def tab_to(page: Page, goal: Locator) -> None:
    """Press Tab until the goal has the focus."""
    expect(goal).to_be_visible()
    for _ in range(TABS):
        if goal.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{TABS} presses of Tab do not lead to {goal}")


def walk_to(page: Page, goal: Locator) -> None:
    """Press the down arrow until the goal has the focus; each press is waited for."""
    expect(page.get_by_role("tree", name="Target").locator(":focus")).to_have_count(1)
    label = "document.activeElement?.getAttribute('aria-label') ?? ''"
    for _ in range(TABS):
        if goal.count() and goal.evaluate("element => element === document.activeElement"):
            return
        before = page.evaluate(label)
        page.keyboard.press("ArrowDown")
        moved_on(page, label, before)
    raise AssertionError(f"{TABS} presses of the down arrow do not lead to {goal}")
