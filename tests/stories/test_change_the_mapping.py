"""A person changes how fields are filled, publishes it, and the next invoice shows it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.stories.mapping import Mapper
from tests.stories.office import FLOW_NAME, Desk, Vendors, drag


def test_a_changed_mapping_shows_in_the_next_invoice(desk: Desk, vendors: Vendors) -> None:
    page = desk.page
    desk.open("sandbox")
    before = desk.place_order("An ordinary order")
    desk.order_becomes_invoice(vendors, before)

    desk.go_to("Flows")
    page.get_by_role("link", name=FLOW_NAME, exact=True).click()
    desk.node("Sales order to invoice").click()
    desk.settings.get_by_role("button", name="Open mapper").click()
    mapper = Mapper(page)
    mapper.find("target", "TrackingNum")
    tracking = mapper.target("TrackingNum")
    for field in ("trigger.increment_id", "trigger.customer_lastname"):
        mapper.find("sources", field.removeprefix("trigger."))
        drag(page, mapper.source(field), tracking)
        expect(page.get_by_role("button", name="Save mapping")).to_be_enabled()
    expect(tracking).to_contain_text(f"{before} Silva")  # joined, for the newest order

    mapper.find("target", "ShipMethodRef")
    mapper.targets.get_by_role("button", name="Expand ShipMethodRef").click()
    mapper.targets.get_by_role("textbox", name="Value of ShipMethodRef.value").fill(
        "Bicycle courier"
    )
    page.keyboard.press("Enter")
    mapper.save()
    desk.draft_is("Saved")

    desk.publish("Tracking number and courier")

    number = desk.place_order("An ordinary order")
    desk.watch_run()
    desk.run_is(number, "Succeeded")
    (invoice,) = vendors.invoices(number)
    assert invoice["TrackingNum"] == f"{number} Silva"
    assert invoice["ShipMethodRef"]["value"] == "Bicycle courier"

    desk.go_to("Sandbox")
    page.get_by_role("tab", name="Records").click()
    page.get_by_role("radiogroup", name="Vendor").get_by_text("QuickBooks Online").click()
    page.get_by_role("button", name=re.compile("^Invoices")).click()
    page.get_by_role("row", name=re.compile(number)).click()
    expect(page.get_by_role("region", name="Record as JSON")).to_contain_text(f"{number} Silva")

    desk.open("flows")
    page.get_by_role("link", name=FLOW_NAME, exact=True).click()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Versions").click()
    expect(page.get_by_role("dialog")).to_contain_text("Tracking number and courier")
