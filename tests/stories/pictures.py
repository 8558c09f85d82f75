"""Pictures of the screens for the documentation, taken from a fresh product with some orders.

``python -m tests.stories.pictures`` writes ``docs/images/<screen>-<theme>.png``.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.kit import browser as chromium
from tests.kit.product import start_product
from tests.stories.office import FLOW_NAME, Desk, Doors, Vendors

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
ORDERS = ("ordinary", "discount", "no-lines", "configurable", "fractional", "guest", "no-lines")
LOST = "big"
LAST = ("no-email", "ordinary", "discount")


def designer(desk: Desk) -> None:
    """The demo's flow with the settings of a step."""
    desk.open("flows")
    desk.page.get_by_role("link", name=FLOW_NAME, exact=True).click()
    desk.node("Find or create the customer").click()
    expect(desk.settings.get_by_label("Fetching the fields")).to_have_count(0)


def mapper(desk: Desk) -> None:
    """Two trees, the lines between them, and how one field is filled."""
    designer(desk)
    desk.node("Sales order to invoice").click()
    desk.settings.get_by_role("button", name="Open mapper").click()
    page = desk.page
    page.get_by_role("tree", name="Target").get_by_role(
        "treeitem", name="Line[lines].Amount", exact=True
    ).click()
    expect(page.get_by_role("region", name="Details")).to_contain_text(re.compile(r"\d\.\d\d"))


def run(desk: Desk, number: str) -> None:
    """An order whose answer was lost, found again and not sent twice."""
    desk.open(f"runs/{desk.runs_of(number)[0]['id']}")
    desk.run_is(number, "Succeeded")
    desk.node("Create the invoice").click()
    panel = desk.page.get_by_role("region", name="Step Create the invoice")
    panel.get_by_role("tab", name="Attempts & times").click()
    expect(panel).to_contain_text("Looked whether attempt 1 arrived")


def sandbox(desk: Desk) -> None:
    """Orders to choose from, and the runs that followed."""
    desk.open("sandbox")
    desk.page.get_by_role("radio", name=re.compile("^Discount")).check()
    desk.page.get_by_role("button", name="Place the order").click()
    expect(desk.page.get_by_text(re.compile("Run succeeded"))).to_be_visible()
    desk.page.get_by_role("heading", level=1).scroll_into_view_if_needed()


def errors(desk: Desk) -> None:
    """What needs a person, grouped by cause."""
    desk.open("errors")
    causes = desk.page.get_by_role("list", name="Causes")
    first = causes.get_by_role("button").first
    expect(first).to_be_visible()
    if first.get_attribute("aria-expanded") == "false":
        first.click()
    expect(causes.get_by_role("link", name=re.compile("^Error of")).first).to_be_visible()


def prepare(desk: Desk, vendors: Vendors) -> str:
    """Orders of all kinds; the number of the one whose answer was lost."""
    desk.open("overview")
    for sample in ORDERS:
        number = desk.send_order(sample=sample)
        desk.order_reaches(number, "failed" if sample == "no-lines" else "succeeded")
    lost = desk.send_order(sample=LOST)
    desk.order_reaches(lost, "succeeded")
    vendors.ask("PUT", "quickbooks/faults/lost_reply", {"active": True, "times": 1})
    lost = desk.send_order(sample=LOST)
    desk.order_reaches(lost, "succeeded")
    for sample in LAST:
        number = desk.send_order(sample=sample)
        desk.order_reaches(number, "failed" if sample == "no-email" else "succeeded")
    return lost


def keep(page: Page, name: str) -> None:
    """Write the picture once the page rests."""
    page.wait_for_load_state("networkidle")
    page.mouse.move(720, 4)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    print(f"{path.relative_to(IMAGES.parents[1])}  {path.stat().st_size // 1024} kB")


def main() -> None:
    """All screens in both themes."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium.launch() as browser:
        product = start_product(Path(folder) / "data")
        try:
            doors = Doors(browser, product)
            lost = prepare(doors.desk("demo"), Vendors(product.sandbox_url))
            screens: dict[str, Callable[[Desk], None]] = {
                "designer": designer,
                "mapper": mapper,
                "run": lambda desk: run(desk, lost),
                "sandbox": sandbox,
                "errors": errors,
            }
            for scheme in ("light", "dark"):
                for name, show in screens.items():
                    desk = doors.desk("demo", color_scheme=scheme)
                    show(desk)
                    keep(desk.page, f"{name}-{scheme}")
            for failure in doors.close():
                print(failure)
        finally:
            product.stop()


if __name__ == "__main__":
    main()
