"""QuickBooks takes its permission back; a person gives it again at QuickBooks' own page."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.stories.office import Doors, Vendors


def test_a_connection_is_authorised_again_at_the_vendor_and_runs_go_on(
    own_doors: Doors, own_vendors: Vendors
) -> None:
    desk = own_doors.desk()
    page = desk.page
    desk.open("sandbox")
    desk.switch_fault_on("QuickBooks Online", "Access taken back", "Until switched off")
    number = desk.place_order("An ordinary order")
    desk.watch_run()
    desk.run_is(number, "Waiting")
    run = page.url
    assert own_vendors.invoices(number) == []
    own_vendors.behave()

    desk.go_to("Connections")
    books = page.get_by_role("listitem").filter(has_text="QuickBooks company")
    expect(books).to_contain_text("Must be reconnected")
    books.get_by_role("link", name="QuickBooks company").click()

    # Changed one's mind at the vendor: nothing is given, and the screen says so.
    page.get_by_role("main").get_by_role("button", name="Reconnect").first.click()
    expect(page.get_by_role("heading", name=re.compile("^Let Causeway use"))).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("The authorisation was not given.")
    expect(page.get_by_role("main")).to_contain_text("Must be reconnected")

    page.get_by_role("alert").get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name=re.compile("^Let Causeway use"))).to_be_visible()
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("Must be reconnected")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("It works")

    page.goto(run)
    desk.run_is(number, "Succeeded")
    assert len(own_vendors.invoices(number)) == 1
