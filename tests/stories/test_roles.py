"""Vera may look at everything that happens, and change nothing."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.stories.office import FLOW_NAME, WORKSPACE, Doors, Vendors


def test_a_viewer_sees_runs_but_cannot_publish_or_place_orders(
    doors: Doors, vendors: Vendors
) -> None:
    alice = doors.desk("demo")
    alice.open("sandbox")
    number = alice.place_order("An ordinary order")
    alice.order_becomes_invoice(vendors, number)

    desk = doors.desk("vera")
    page = desk.page
    desk.open("runs")
    page.get_by_role("table", name="Runs").get_by_role("link", name=number).click()
    desk.run_is(number, "Succeeded")
    expect(desk.node("Create the invoice")).to_contain_text("Succeeded")
    for action in ("Replay", "Cancel run", "Retry now"):
        expect(page.get_by_role("button", name=action)).to_have_count(0)
    expect(
        page.get_by_text("Your role may follow runs but not see their documents.")
    ).to_be_visible()

    desk.go_to("Sandbox")
    expect(page.get_by_role("button", name="Place the order")).to_be_disabled()
    expect(page.get_by_text("Your role may look at the sandbox but not use it.")).to_be_visible()
    page.get_by_role("tab", name="Faults").click()
    desk.choose_vendor("QuickBooks Online")
    faults = page.get_by_role("region", name="QuickBooks Online: ").get_by_role("switch")
    expect(faults.first).to_be_disabled()
    assert [fault for fault in faults.all() if fault.is_enabled()] == []

    desk.go_to("Flows")
    expect(page.get_by_role("button", name="New flow")).to_have_count(0)
    page.get_by_role("link", name=FLOW_NAME, exact=True).click()
    expect(desk.flow_tools).to_contain_text("View only")
    for action in ("Publish", "Test", "Save"):
        expect(desk.flow_tools.get_by_role("button", name=action)).to_be_disabled()
    expect(page.get_by_role("region", name="Steps")).to_have_count(0)
    desk.node("Create the invoice").click()
    expect(desk.settings.get_by_role("button", name="Delete step")).to_be_disabled()
    expect(desk.settings.get_by_role("textbox", name="Name", exact=True)).to_be_disabled()

    desk.go_to("Connections")
    expect(page.get_by_role("button", name="Add connection")).to_have_count(0)
    page.get_by_role("link", name=re.compile("^QuickBooks")).click()
    expect(page.get_by_role("heading", level=1, name=re.compile("QuickBooks"))).to_be_visible()
    for action in ("Test", "Reconnect", "More actions"):
        expect(page.get_by_role("main").get_by_role("button", name=action)).to_have_count(0)


def test_what_a_viewer_may_not_do_is_refused_by_the_api_too(doors: Doors, vendors: Vendors) -> None:
    desk = doors.desk("vera")
    desk.open("flows")
    flow = desk.read("/flows")["items"][0]["id"]
    (books,) = (
        c["id"]
        for c in desk.read("/connections?environment=test")["items"]
        if c["slug"] == "quickbooks"
    )
    before = len(vendors.records("magento", "order"))
    forced = [
        ("POST", "/sandboxes/magento/orders", {"random": True}),
        ("PUT", "/sandboxes/quickbooks/faults/lost_reply", {"active": True}),
        ("POST", f"/flows/{flow}/publish", {"revision": 1, "environment": "test", "note": "x"}),
        ("PUT", f"/flows/{flow}/draft", {"revision": 1, "document": {}}),
        ("POST", f"/flows/{flow}/activate", {"environment": "test", "active": False}),
        ("POST", "/flows", {"name": "Mine"}),
        ("DELETE", f"/flows/{flow}", None),
        ("PATCH", f"/connections/{books}", {"disabled": True}),
        ("POST", f"/connections/{books}/authorize", {}),
    ]
    for method, path, body in forced:
        answer = desk.api(method, path, body)
        assert answer.status == 403, f"{method} {path}: {answer.status} {answer.text()[:200]}"
        problem = answer.json()
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert problem["detail"], problem
    assert len(vendors.records("magento", "order")) == before
    # Another workspace is not even admitted to exist.
    elsewhere = desk.page.request.get(f"/api/v1/w/not-{WORKSPACE}/flows")
    assert elsewhere.status == 404
