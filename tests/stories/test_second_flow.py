"""A person draws another flow from an empty canvas, tries it, publishes it, and it works."""

from __future__ import annotations

import re
import secrets

import urllib3
from playwright.sync_api import expect

from ipaas.core import jsonio
from tests.kit.waiting import until
from tests.stories.mapping import Mapper
from tests.stories.office import Desk, Vendors, drag, wire_into


def test_a_flow_drawn_from_nothing_makes_customers_from_a_webhook(
    desk: Desk, vendors: Vendors
) -> None:
    page = desk.page
    mark = secrets.token_hex(3)
    sample = {"company": f"Paper Lantern {mark}", "contact": {"email": f"{mark}@lantern.example"}}

    desk.open("flows")
    page.get_by_role("button", name="New flow").click()
    dialog = page.get_by_role("dialog", name="New flow")
    dialog.get_by_role("textbox", name="Name", exact=True).fill(f"Customers from the web {mark}")
    dialog.get_by_role("button", name="Create flow").click()
    canvas = page.get_by_role("application", name="Flow canvas")
    expect(page.get_by_text("Start with a trigger")).to_be_visible()

    # A trigger by drag from the palette, an action by a double click on the canvas.
    settings = desk.settings
    page.get_by_role("button", name="Incoming webhook").drag_to(
        canvas, target_position={"x": 180, "y": 160}
    )
    settings.get_by_role("textbox", name="Example document").fill(jsonio.dumps(sample).decode())
    canvas.dblclick(position={"x": 420, "y": 460})
    quick = page.get_by_role("dialog", name="Add a step")
    quick.get_by_role("textbox", name="Search steps").fill("create a customer")
    quick.get_by_role("button", name="Create a customer (QuickBooks Online)").click()

    # Not wired yet, and a required field is empty: said beside the step and at publishing.
    problems = settings.get_by_role("list", name="Problems of this step")
    expect(problems).to_contain_text("never reached")
    expect(problems).to_contain_text("DisplayName is required")
    port = desk.node("Incoming webhook").get_by_title("done: drag to the next step")
    wire_into(page, port, desk.node("Create a customer"))
    expect(canvas.get_by_role("group", name=re.compile("^Edge from"))).to_have_count(1)
    expect(problems).not_to_contain_text("never reached")

    # One field in the form, one by hand in the mapper.
    settings.get_by_role("button", name="How DisplayName is filled").click()
    page.get_by_role("menuitem", name="Field", exact=True).click()
    page.get_by_role("treeitem", name="trigger.company").click()
    expect(problems).to_have_count(0)
    settings.get_by_role("button", name="Edit in mapper").click()
    mapper = Mapper(page)
    mapper.find("target", "PrimaryEmailAddr")
    mapper.targets.get_by_role("button", name="Expand PrimaryEmailAddr").click()
    mapper.find("sources", "email")
    drag(page, mapper.source("trigger.contact.email"), mapper.target("PrimaryEmailAddr.Address"))
    mapper.save()

    # Tried on its example, watched on the canvas.
    desk.flow_tools.get_by_role("button", name="Test").click()
    page.get_by_role("button", name="Run test").click()
    expect(desk.node("Create a customer")).to_contain_text("Succeeded")
    made = [c for c in vendors.records("quickbooks", "Customer") if mark in c["DisplayName"]]
    assert [c["DisplayName"] for c in made] == [sample["company"]]
    assert made[0]["PrimaryEmailAddr"]["Address"] == f"{mark}@lantern.example"

    # Published, it has an address of its own that anybody may post to.
    desk.publish("First version")
    desk.node("Incoming webhook").click()
    address = settings.get_by_role("textbox", name=re.compile("^Address in"))
    expect(address).to_have_value(re.compile("^http.*/hooks/"))
    other = {
        "company": f"Second Lantern {mark}",
        "contact": {"email": f"two-{mark}@lantern.example"},
    }
    answer = urllib3.request(
        "POST",
        address.input_value(),
        body=jsonio.dumps(other),
        headers={"Content-Type": "application/json"},
        retries=False,
    )
    assert answer.status in {200, 202}, answer.data
    until(
        lambda: (
            [
                c["PrimaryEmailAddr"]["Address"]
                for c in vendors.records("quickbooks", "Customer")
                if c["DisplayName"] == other["company"]
            ]
            == [f"two-{mark}@lantern.example"]
        ),
        what="the customer of the webhook is in the books, once",
    )
    desk.go_to("Runs")
    expect(
        page.get_by_role("row", name=re.compile(f"Customers from the web {mark}"))
    ).to_have_count(2)
