"""Every screen, in the light and in the dark: axe finds nothing, the console stays empty."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.kit.accessibility import violations
from tests.stories.flows import create_customer, flow, hand, wire
from tests.stories.office import FLOW_NAME, Desk, Doors


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_screen(doors: Doors, scheme: str) -> None:
    desk = doors.desk("demo", color_scheme=scheme)
    page = desk.page
    said: list[str] = []
    page.on("console", lambda line: said.append(f"{page.url}: {line.type}: {line.text}"))
    found: dict[str, list[str]] = {}

    def look(screen: str) -> None:
        broken = violations(page, only_colours=scheme == "dark")
        if broken:
            # A page that is still being put together may look odd for an instant.
            expect(page.locator('[aria-busy="true"]')).to_have_count(0)
            page.wait_for_load_state("networkidle")
            broken = violations(page, only_colours=scheme == "dark")
        if broken:
            found[screen] = broken

    desk.open("overview")
    expect(page.get_by_role("region", name="Connections")).to_contain_text("QuickBooks company")
    look("overview")
    _runs_and_errors(desk, look)
    _sandbox(desk, look)
    _connections(desk, look)
    _connectors_and_tables(desk, look)
    _designer(desk, look)
    desk.open("nowhere")
    expect(page.get_by_text("There is nothing at this address")).to_be_visible()
    look("nowhere")
    assert found == {}
    assert [line for line in said if line.split(": ")[1] not in {"debug", "info", "log"}] == []


def test_the_monitor_screens_fit_a_phone(doors: Doors) -> None:
    desk = doors.desk("demo", viewport={"width": 390, "height": 844})
    page = desk.page
    desk.send_order(random=True)
    for path, words in (
        ("overview", "Overview"),
        ("runs", "Runs"),
        ("errors", "Errors"),
        ("approvals", "Approvals"),
        ("connections", "Connections"),
    ):
        desk.open(path)
        expect(page.get_by_role("heading", level=1, name=words)).to_be_visible()
        expect(page.locator('[aria-busy="true"]')).to_have_count(0)
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{path} is {wide} px wider than the phone"
        assert violations(page) == []


def _runs_and_errors(desk: Desk, look: Any) -> None:
    page = desk.page
    good = desk.send_order(sample="ordinary")
    broken = desk.send_order(sample="no-lines")
    desk.order_reaches(good, "succeeded")
    desk.order_reaches(broken, "failed")
    desk.open("runs")
    runs = page.get_by_role("table", name="Runs")
    expect(runs).to_contain_text(broken)
    look("runs")
    runs.get_by_role("link", name=good).click()
    desk.run_is(good, "Succeeded")
    desk.node("Create the invoice").click()
    panel = page.get_by_role("region", name="Step Create the invoice")
    expect(panel.get_by_role("tab", name="Output")).to_be_visible()
    look("run")
    for tab in ("Requests", "Attempts & times"):
        panel.get_by_role("tab", name=tab).click()
        expect(panel.get_by_role("tabpanel", name=tab)).to_be_visible()
        look(f"run, {tab}")
    page.get_by_role("tab", name="Steps").click()
    look("run, steps")
    desk.go_to("Errors")
    expect(page.get_by_role("list", name="Causes")).to_be_visible()
    look("errors")
    desk.open(f"runs/{desk.runs_of(broken)[0]['id']}")
    desk.run_is(broken, "Failed")
    look("failed run")
    page.get_by_role("link", name="Repair and retry").click()
    expect(page.get_by_text("Valid JSON")).to_be_visible()
    look("error")
    page.get_by_role("button", name="Retry", exact=True).click()
    expect(page.get_by_role("dialog", name=f"Retry {broken}")).to_be_visible()
    look("retry")


def _sandbox(desk: Desk, look: Any) -> None:
    page = desk.page
    desk.open("sandbox")
    expect(page.get_by_role("radio").first).to_be_visible()
    look("sandbox")
    page.get_by_role("tab", name="Records").click()
    desk.choose_vendor("Magento")
    expect(page.get_by_role("table")).to_contain_text("000000001")
    look("records")
    page.get_by_role("table").get_by_text("000000001").first.click()
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.get_by_label("The whole record")).to_be_visible()
    look("edit a record")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Traffic").click()
    expect(page.get_by_role("heading", name="Calls received")).to_be_visible()
    look("traffic")
    page.get_by_role("tab", name="Faults").click()
    expect(page.get_by_role("switch").first).to_be_visible()
    look("faults")
    page.get_by_role("tab", name="Clock and reset").click()
    expect(page.get_by_role("button", name="+ 1 day")).to_be_visible()
    look("clock and reset")


def _connections(desk: Desk, look: Any) -> None:
    page = desk.page
    desk.open("connections")
    expect(page.get_by_role("link", name="QuickBooks company")).to_be_visible()
    look("connections")
    page.get_by_role("button", name="Add connection").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look("add connection")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="QuickBooks company").click()
    expect(page.get_by_role("heading", name="Settings and secrets")).to_be_visible()
    look("connection")


def _connectors_and_tables(desk: Desk, look: Any) -> None:
    page = desk.page
    desk.open("connectors")
    expect(page.get_by_role("table", name="Connectors")).to_contain_text("QuickBooks Online")
    look("connectors")
    page.get_by_role("link", name="New connector").click()
    page.get_by_role("textbox", name=re.compile("^Manifest")).fill("slug: wrong\n")
    expect(page.get_by_role("list", name="Problems of the manifest")).to_be_visible()
    look("wrong manifest")
    page.get_by_role("tab", name="Draft from OpenAPI").click()
    expect(page.get_by_role("button", name="Show operations")).to_be_visible()
    look("draft from OpenAPI")
    columns = [{"name": "code", "title": "Code", "key": True}, {"name": "account"}]
    name = f"Codes {secrets.token_hex(3)}"
    table = desk.api("POST", "/lookups", {"name": name, "environment": "test", "columns": columns})
    desk.open("lookups")
    expect(page.get_by_role("table", name="Lookup tables")).to_contain_text(name)
    look("lookup tables")
    desk.open(f"lookups/{table.json()['id']}")
    for tab in ("Rows", "Versions", "Settings"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel", name=tab)).to_be_visible()
        look(f"lookup table, {tab}")
    desk.open("references")
    expect(page.get_by_role("heading", level=1, name="Cross-references")).to_be_visible()
    look("cross-references")
    page.get_by_role("tab", name="Versions").click()
    expect(page.get_by_role("tabpanel", name="Versions")).to_be_visible()
    look("versions of cross-references")


def _designer(desk: Desk, look: Any) -> None:
    page = desk.page
    desk.open("flows")
    expect(page.get_by_role("link", name=FLOW_NAME, exact=True)).to_be_visible()
    look("flows")
    page.get_by_role("link", name=FLOW_NAME, exact=True).click()
    expect(desk.node("Check the order")).to_be_visible()
    look("designer")
    for step in ("Check the order", "Find or create the customer", "Sales order to invoice"):
        desk.node(step).click()
        expect(desk.settings.get_by_role("textbox", name="Name", exact=True)).to_have_value(step)
        expect(desk.settings.get_by_label("Fetching the fields")).to_have_count(0)
        look(f"settings of {step}")
    desk.settings.get_by_role("button", name="Open mapper").click()
    target = page.get_by_role("tree", name="Target").get_by_role(
        "treeitem", name="DocNumber", exact=True
    )
    target.click()
    expect(page.get_by_role("region", name="Details")).to_contain_text("DocNumber")
    look("mapper")
    page.get_by_role("radiogroup", name="View").get_by_text("Table").click()
    expect(page.get_by_role("grid", name="All rules")).to_be_visible()
    look("mapper as table")

    empty = desk.make_flow(f"Empty {secrets.token_hex(3)}")
    desk.open(f"flows/{empty}")
    expect(page.get_by_text("Start with a trigger")).to_be_visible()
    look("empty canvas")
    unfinished = desk.make_flow(
        f"Unfinished {secrets.token_hex(3)}",
        flow([hand(company="Kiln"), create_customer()], wire("hand", "customer")),
    )
    desk.open(f"flows/{unfinished}")
    dock = page.get_by_role("region", name="Problems and test")
    dock.get_by_role("tab", name=re.compile("^Problems")).click()
    expect(dock.get_by_role("list", name="Problems")).to_be_visible()
    look("problems")
    dock.get_by_role("tab", name="Test").click()
    expect(dock.get_by_role("button", name="Run test")).to_be_visible()
    look("test")
    desk.flow_tools.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("dialog", name="Publish this flow")).to_be_visible()
    look("publish")
