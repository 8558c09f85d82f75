"""An order is placed in the sandbox shop, and its invoice stands in the sandbox books."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from ipaas.core import jsonio
from tests.stories.office import Doors, Vendors, cents, money


def test_an_order_moves_over_the_canvas_live_and_becomes_an_invoice(
    doors: Doors, vendors: Vendors
) -> None:
    desk = doors.desk(None)
    page = desk.page
    heard: list[dict[str, object]] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda text: heard.append(jsonio.loads(text))),
    )
    desk.log_in("demo")
    # The books keep everybody waiting until the eye of the story has followed.
    vendors.ask("PUT", "quickbooks/settings", {"slow_s": 60})
    desk.switch_fault_on("QuickBooks Online", "Slow", "Until switched off")
    page.evaluate("window.loadedOnce = true")

    number = desk.place_order("Discount, shipping and tax")
    desk.watch_run()
    expect(page.get_by_role("heading", level=1)).to_have_text(number)
    expect(desk.node("Order to sales order")).to_contain_text("Succeeded")
    expect(desk.node("Find or create the customer")).to_contain_text("Running")
    vendors.ask("PUT", "quickbooks/settings", {"slow_s": 0})
    expect(desk.node("Find or create the customer")).to_contain_text("Succeeded")
    expect(desk.node("Create the invoice")).to_contain_text("Succeeded")
    expect(desk.node("Remember order and invoice")).to_contain_text("Succeeded")
    desk.run_is(number, "Succeeded")

    assert page.evaluate("window.loadedOnce"), "the page was loaded anew on the way"
    told = [m for m in heard if m["type"] == "run.delta"]
    moved = [node for m in told for node in m["steps"]]  # type: ignore[attr-defined]
    assert {"invoice", "post", "remember"} <= set(moved), moved

    order = vendors.order(number)
    (invoice,) = vendors.invoices(number)
    assert cents(invoice["TotalAmt"]) == cents(order["grand_total"]) == cents("216.68")

    desk.go_to("Sandbox")
    page.get_by_role("tab", name="Records").click()
    page.get_by_role("radiogroup", name="Vendor").get_by_text("QuickBooks Online").click()
    page.get_by_role("button", name=re.compile("^Invoices")).click()
    row = page.get_by_role("table", name="Invoices of QuickBooks Online").get_by_role(
        "row", name=re.compile(number)
    )
    expect(row).to_contain_text(money(order["grand_total"]))


def test_the_run_shows_what_was_sent_and_answered_without_secrets(
    doors: Doors, vendors: Vendors
) -> None:
    desk = doors.desk()
    page = desk.page
    desk.open("sandbox")
    number = desk.place_order("An ordinary order")
    desk.watch_run()
    desk.run_is(number, "Succeeded")
    desk.node("Create the invoice").click()
    panel = page.get_by_role("region", name="Step Create the invoice")
    panel.get_by_role("tab", name="Input").click()
    expect(panel.get_by_role("region", name="Input of Create the invoice")).to_contain_text(number)
    panel.get_by_role("tab", name="Output").click()
    expect(panel.get_by_role("region", name="Output of Create the invoice")).to_contain_text(
        "TotalAmt"
    )
    panel.get_by_role("tab", name="Requests").click()
    expect(panel).to_contain_text("/invoice")
    expect(panel).to_contain_text("200")
    for line in panel.get_by_text(re.compile(r"^\d+ headers$")).all():
        line.click()
    expect(panel).to_contain_text("Authorization")
    expect(panel).not_to_contain_text(re.compile("Bearer [A-Za-z0-9]{8}"))
    panel.get_by_role("tab", name="Attempts & times").click()
    expect(panel).to_contain_text("Attempt 1")
    expect(panel).to_contain_text("Done")
