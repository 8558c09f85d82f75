"""A broken order waits under Errors until a person repairs it; then it becomes one invoice."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from ipaas.core import jsonio
from tests.stories.office import Desk, Vendors, cents


def test_an_order_without_lines_is_repaired_and_becomes_one_invoice(
    desk: Desk, vendors: Vendors
) -> None:
    page = desk.page
    desk.open("sandbox")
    number = desk.place_order("Broken: no lines")
    desk.watch_run()
    desk.run_is(number, "Failed")
    expect(page.get_by_role("main")).to_contain_text("The order has no lines")

    desk.go_to("Errors")
    cause = page.get_by_role("button", name=re.compile("The order has no lines"))
    expect(cause).to_be_visible()
    if cause.get_attribute("aria-expanded") == "false":
        cause.click()
    page.get_by_role("link", name=f"Error of {number}").click()
    expect(page.get_by_role("heading", level=1, name=number)).to_be_visible()
    assert vendors.invoices(number) == []

    editor = page.get_by_role("textbox", name="Document as JSON")
    expect(editor).to_have_value(re.compile('"items": \\[\\],'))
    broken = editor.input_value()
    editor.fill(broken.replace('"items": [],', '"items": [', 1))
    expect(page.get_by_text(re.compile(r"^Line \d+, column \d+:"))).to_be_visible()
    expect(page.get_by_role("button", name="Retry", exact=True)).to_be_disabled()

    items = vendors.ask("GET", "magento/order-samples")["items"][0]["order"]["items"]
    pasted = jsonio.dumps(items).decode()
    editor.fill(broken.replace('"items": [],', f'"items": {pasted},', 1))
    expect(page.get_by_text("Valid JSON")).to_be_visible()
    page.get_by_role("tab", name=re.compile("^Changes")).click()
    changes = page.get_by_role("tabpanel", name=re.compile("^Changes"))
    expect(changes).to_contain_text(items[0]["sku"])

    page.get_by_role("button", name="Retry", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"Retry {number}")
    expect(dialog).to_contain_text("the original stays in the history")
    expect(dialog.get_by_role("button", name="Retry now")).to_be_disabled()
    reason = "The shop lost the lines; the customer confirmed them by phone"
    dialog.get_by_role("textbox", name="Why are you changing it?").fill(reason)
    dialog.get_by_role("button", name="Retry now").click()
    desk.run_is(number, "Succeeded")

    (invoice,) = vendors.invoices(number)
    order = vendors.order(number)
    lines = sum(cents(item["row_total"]) for item in items)
    expected = lines + cents(order["shipping_amount"]) + cents(order["tax_amount"])
    assert cents(invoice["TotalAmt"]) == expected

    desk.go_to("Errors")
    page.get_by_role("radiogroup", name="Show errors that are").get_by_text("Retried").click()
    page.get_by_role("button", name=re.compile("The order has no lines")).wait_for()
    link = page.get_by_role("link", name=f"Error of {number}")
    cause = page.get_by_role("button", name=re.compile("The order has no lines"))
    if cause.get_attribute("aria-expanded") == "false":
        cause.click()
    link.click()
    expect(page.get_by_role("main")).to_contain_text(reason)
    expect(page.get_by_role("main")).to_contain_text("Alice Moreau")


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        ("Broken: price is not a number", "“twelve fifty” in .* is not a number"),
        ("Broken: no e-mail address", "The order has no customer e-mail address"),
    ],
)
def test_what_is_wrong_with_an_order_is_said_in_words(
    desk: Desk, vendors: Vendors, sample: str, words: str
) -> None:
    page = desk.page
    desk.open("sandbox")
    number = desk.place_order(sample)
    desk.watch_run()
    desk.run_is(number, "Failed")
    expect(page.get_by_role("main")).to_contain_text(re.compile(words))
    page.get_by_role("link", name="Repair and retry").click()
    expect(page.get_by_role("heading", level=1, name=number)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(re.compile(words))
    page.get_by_role("button", name="Skip", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Entered by hand")
    dialog.get_by_role("button", name="Skip this record").click()
    expect(page.get_by_role("button", name="Retry", exact=True)).to_have_count(0)
    assert vendors.invoices(number) == []


def test_an_order_that_is_no_json_cannot_be_placed(desk: Desk) -> None:
    page = desk.page
    desk.open("sandbox")
    page.get_by_role("switch", name="Edit before placing").click()
    page.get_by_role("textbox", name="Order as JSON").fill('{"items": [')
    expect(page.get_by_text(re.compile(r"^Line 1, column \d+: "))).to_be_visible()
    expect(page.get_by_role("button", name="Place the order")).to_be_disabled()
