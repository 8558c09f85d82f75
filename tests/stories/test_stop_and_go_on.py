"""Ctrl-C stops all of the product cleanly; the next start goes on where this one stopped."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.kit import processes
from tests.kit.product import Product
from tests.kit.waiting import until
from tests.stories.office import SLOW_S, Doors, Vendors, cents


def test_what_was_there_is_there_again_and_what_was_under_way_is_finished(
    product: Product, own_doors: Doors, own_vendors: Vendors
) -> None:
    desk = own_doors.desk()
    page = desk.page
    desk.open("sandbox")
    first = desk.place_order("Discount, shipping and tax")
    desk.order_becomes_invoice(own_vendors, first)
    page.evaluate("window.loadedOnce = true")
    # The next order is on its way, waiting for the books, when the product is stopped: the books
    # keep it waiting until that is seen, and some seconds with each call that follows.
    own_vendors.ask("PUT", "quickbooks/settings", {"slow_s": 60})
    desk.switch_fault_on("QuickBooks Online", "Slow", "Until switched off")
    second = desk.place_order("An ordinary order")
    desk.watch_run()
    expect(desk.node("Find or create the customer")).to_contain_text("Running")
    own_vendors.ask("PUT", "quickbooks/settings", {"slow_s": SLOW_S})
    os.kill(product.process.pid, signal.SIGINT)
    assert product.process.wait(20) == 0, processes.tail(product.log)
    for url in (product.base_url, product.sandbox_url):
        processes.wait_until_free(urlsplit(url).port or 80, deadline_s=2)
    until(
        lambda: not _processes_with(product.data_dir),
        what="nothing works on the product's data any more",
        deadline_s=2,
    )
    assert "Traceback" not in product.log.read_text(), processes.tail(product.log)

    expect(page.get_by_role("status").filter(has_text="Reconnecting")).to_be_visible()
    product.restart()
    own_vendors.behave()
    desk.run_is(second, "Succeeded")
    expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible(timeout=30_000)
    assert page.evaluate("window.loadedOnce"), "the page was loaded anew on the way"
    for number in (first, second):
        (invoice,) = own_vendors.invoices(number)
        assert cents(invoice["TotalAmt"]) == cents(own_vendors.order(number)["grand_total"])
    desk.go_to("Runs")
    for number in (first, second):
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name=number))
        expect(row).to_contain_text("Succeeded")


def _processes_with(data_dir: Path) -> list[str]:
    """Command lines of the processes that work on the product's data; none where no /proc is."""
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(data_dir) in line:
            lines.append(line)
    return lines
