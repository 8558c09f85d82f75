"""A person cancels all that is under way for a flow or a connection, and sees what it did."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.kit.accessibility import violations
from tests.kit.waiting import until
from tests.stories.office import FLOW_NAME, Doors, Vendors


def test_the_runs_of_a_flow_are_cancelled_from_its_page(
    own_doors: Doors, own_vendors: Vendors
) -> None:
    desk = own_doors.desk()
    page = desk.page
    desk.open("flows")
    page.get_by_role("link", name=FLOW_NAME).first.click()
    expect(desk.flow_tools).to_be_visible()
    flow_id = page.url.rsplit("/", 1)[1].split("?")[0]
    paused = {"kind": "flow", "ref": flow_id, "environment": "test"}
    assert desk.api("POST", "/pauses", paused).ok
    numbers = [desk.send_order(random=True) for _ in range(3)]
    for number in numbers:
        desk.order_reaches(number, "waiting")

    desk.flow_tools.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Cancel its runs").click()
    dialog = page.get_by_role("dialog", name=f"Cancel the runs of “{FLOW_NAME}”")
    expect(dialog).to_contain_text("3 runs are under way.")
    expect(dialog).to_contain_text("What was posted stays posted.")
    assert violations(page, only_colours=False) == []
    dialog.get_by_role("radio", name="Switch the flow off first").check()
    dialog.get_by_label("Why (optional)").fill("Prices were wrong.")
    dialog.get_by_role("button", name="Cancel 3 runs").click()
    expect(dialog.get_by_text("Runs cancelled")).to_be_visible(timeout=30_000)
    expect(dialog).to_contain_text("3 of 3, begun by")
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.get_by_role("switch", name="Active in Test")).not_to_be_checked()

    desk.go_to("Runs")
    done = page.get_by_role("list", name="Runs that are being cancelled")
    expect(done).to_contain_text("3 cancelled")
    expect(page.get_by_role("button", name="Cancelled 3")).to_be_visible()
    page.get_by_role("link", name=numbers[0]).click()
    desk.run_is(numbers[0], "Cancelled")
    page.get_by_role("tab", name="Journal").click()
    expect(page.get_by_text("had the run cancelled: Prices were wrong.")).to_be_visible()
    assert [own_vendors.invoices(number) for number in numbers] == [[], [], []]

    desk.open("settings?tab=audit")
    expect(page.get_by_text("Many runs cancelled").first).to_be_visible()


def test_runs_that_need_a_connection_are_cancelled_and_one_that_came_later_is_not(
    own_doors: Doors, own_vendors: Vendors
) -> None:
    desk = own_doors.desk()
    page = desk.page
    own_vendors.ask("PUT", "quickbooks/faults/server_error", {"active": True, "times": 500})
    number = desk.send_order(random=True)
    until(
        lambda: [run["status"] for run in desk.runs_of(number)] in (["waiting"], ["running"]),
        what="the order's run tries to post",
        deadline_s=30,
    )
    desk.open("connections")
    page.get_by_role("link", name="QuickBooks company, Test").click()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Cancel runs that need it").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 run is under way.")
    expect(dialog).to_contain_text(f"{FLOW_NAME}: 1 run")
    dialog.get_by_role("button", name="Cancel 1 run").click()
    expect(dialog.get_by_text("Runs cancelled")).to_be_visible(timeout=30_000)
    desk.order_reaches(number, "cancelled")
    own_vendors.behave()
    later = desk.send_order(random=True)
    desk.order_becomes_invoice(own_vendors, later)
    assert own_vendors.invoices(number) == []


def test_a_viewer_is_offered_nothing_of_the_kind(doors: Doors) -> None:
    desk = doors.desk("vera")
    desk.open("runs")
    expect(desk.page.get_by_role("heading", level=1, name="Runs")).to_be_visible()
    expect(desk.page.get_by_role("button", name="Cancel runs")).to_have_count(0)
    assert desk.api("POST", "/runs/bulk", {"choice": {}}).status == 403
