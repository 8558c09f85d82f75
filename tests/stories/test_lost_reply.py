"""The books take an invoice and the line breaks before they can say so: still one invoice."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.stories.office import Desk, Vendors, cents

BOOKS = "QuickBooks Online"


@pytest.mark.parametrize("memory", ["remembers", "forgets"])
def test_a_lost_reply_leaves_exactly_one_invoice(desk: Desk, vendors: Vendors, memory: str) -> None:
    page = desk.page
    desk.open("sandbox")
    if memory == "forgets":
        desk.switch_fault_on(BOOKS, "Request ids are forgotten", "Until switched off")
    desk.switch_fault_on(BOOKS, "Lost reply", "Once")
    expect(page.get_by_text("Lost reply (QuickBooks Online): 1 more time")).to_be_visible()

    number = desk.place_order("An ordinary order")
    desk.watch_run()
    desk.run_is(number, "Succeeded")

    (invoice,) = vendors.invoices(number)
    assert cents(invoice["TotalAmt"]) == cents(vendors.order(number)["grand_total"])

    desk.node("Create the invoice").click()
    panel = page.get_by_role("region", name="Step Create the invoice")
    panel.get_by_role("tab", name="Attempts & times").click()
    expect(panel).to_contain_text(re.compile(r"Attempt 1\s*Answer unknown"))
    expect(panel).to_contain_text(re.compile(r"Looked whether attempt 1 arrived\s*Found"))
    panel.get_by_role("tab", name="Requests").click()
    lost = panel.get_by_role("heading", name=re.compile(r"^POST .*invoice No answer"))
    expect(lost).to_have_count(1)
    search = panel.get_by_role("heading", name=re.compile(r"^GET .*query 200 .*Looked whether"))
    expect(search).to_have_count(1)
    journal = page.get_by_role("list", name="Ordered events of this run")
    expect(journal).to_contain_text("it is adopted and not sent again")
