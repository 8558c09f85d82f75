"""A document is found by its number from anywhere, and an administrator reads who did what."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.kit.accessibility import violations
from tests.stories.office import FLOW_NAME, Desk, Doors, Vendors


def test_an_order_is_found_by_its_number_and_by_its_invoice(desk: Desk, vendors: Vendors) -> None:
    page = desk.page
    desk.open("connections")
    number = desk.send_order(sample="ordinary")
    invoice = desk.order_becomes_invoice(vendors, number)

    expect(page.get_by_role("heading", level=1, name="Connections")).to_be_visible()
    # Whoever knows the number types on, however long the box takes to be there.
    page.keyboard.press("Control+k")
    page.keyboard.type(number)
    box = page.get_by_role("combobox", name="What to look for")
    expect(box).to_have_value(number)
    found = page.get_by_role("listbox", name="Found").get_by_role("option")
    expect(found.first).to_contain_text(number)
    expect(found.first).to_contain_text("Succeeded")
    assert violations(page) == []
    box.press("Enter")
    desk.run_is(number, "Succeeded")
    expect(page.get_by_text("Invoice in QuickBooks company")).to_be_visible()

    page.get_by_role("button", name="Search everything").click()
    box.fill(str(invoice["Id"]))
    found.filter(has_text=re.compile(rf"= {invoice['Id']}(?!\d)")).first.click()
    desk.run_is(number, "Succeeded")

    page.get_by_role("button", name="Search everything").click()
    box.fill("cash")
    found.filter(has_text=FLOW_NAME).first.click()
    expect(page.get_by_role("toolbar", name="Flow")).to_be_visible()


def test_an_administrator_sees_who_did_what_and_a_builder_does_not(doors: Doors) -> None:
    alice = doors.desk("demo")
    flow_id = alice.make_flow("Looked back on")
    page = alice.page
    alice.open("settings")
    page.get_by_role("tab", name="Audit log").click()
    page.get_by_role("searchbox", name="Person, action or id").fill(flow_id)
    row = page.get_by_role("table", name="Audit log").get_by_role("row", name="Looked back on")
    expect(row).to_contain_text("Flow created")
    expect(row).to_contain_text("Alice")
    page.get_by_role("button", name="Check the log").click()
    expect(page.get_by_text(re.compile("^The log is whole"))).to_be_visible()
    assert violations(page) == []
    page.get_by_role("tab", name="People").click()
    expect(page.get_by_role("row", name=re.compile("Vera"))).to_contain_text("Viewer")
    assert violations(page) == []

    ben = doors.desk("ben")
    ben.open("settings?tab=audit")
    expect(ben.page.get_by_role("heading", name="Variables")).to_be_visible()
    expect(ben.page.get_by_role("tab", name="Audit log")).to_have_count(0)
