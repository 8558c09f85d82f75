"""People hold flows and connections back, and answer what flows ask, from where they look."""

from __future__ import annotations

import re
import secrets

from playwright.sync_api import expect

from tests.kit.accessibility import violations
from tests.stories.flows import flow, hand, node, wire
from tests.stories.office import FLOW_NAME, Desk, Doors, Vendors


def test_a_flow_and_a_connection_are_paused_where_they_are_looked_at(
    own_doors: Doors, own_vendors: Vendors
) -> None:
    desk = own_doors.desk()
    page = desk.page
    desk.open("flows")
    page.get_by_role("link", name=FLOW_NAME).first.click()
    desk.flow_tools.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Pause calls").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Why (optional)").fill("Month end.")
    dialog.get_by_role("button", name="Pause", exact=True).click()
    banner = page.get_by_role("status").filter(has_text="The calls of this flow are paused")
    expect(banner).to_contain_text("Month end")
    flow_page = page.url

    number = desk.send_order(random=True)
    desk.order_reaches(number, "waiting")
    assert own_vendors.invoices(number) == []

    desk.open("connections")
    page.get_by_role("link", name="QuickBooks company, Test").click()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Pause calls").click()
    page.get_by_role("dialog").get_by_role("button", name="Pause", exact=True).click()
    books = page.get_by_role("status").filter(has_text="The calls of this connection are paused")
    expect(books).to_be_visible()
    books_page = page.url

    page.goto(flow_page)
    banner.get_by_role("button", name="Let it go on").click()
    expect(page.get_by_text("It goes on, with 1 run that stood still.")).to_be_visible()
    expect(banner).to_have_count(0)
    run_id = desk.runs_of(number)[0]["id"]
    desk.open(f"runs/{run_id}")
    held = page.get_by_role("status").filter(has_text="The calls of the connection")
    expect(held).to_contain_text("“quickbooks”")
    assert own_vendors.invoices(number) == []

    page.goto(books_page)
    books.get_by_role("button", name="Let it go on").click()
    expect(books).to_have_count(0)
    desk.order_reaches(number, "succeeded")
    assert len(own_vendors.invoices(number)) == 1


def test_what_flows_ask_is_found_and_answered_without_opening_a_run(doors: Doors) -> None:
    desk = doors.desk("demo")
    mark = secrets.token_hex(3)
    asks = node(
        "ask",
        "approval",
        "Ask for a yes",
        1,
        text={"op": "const", "value": f"Post order {mark}?"},
        assignee="role:analyst",
        expires_after=30,
        expires_unit="minutes",
    )
    document = flow(
        [hand(number=mark), asks, node("yes", "stop", "Allowed", 2)],
        wire("hand", "ask"),
        {**wire("ask", "yes"), "source_port": "approved"},
    )
    flow_id = desk.make_flow(f"Asks {mark}", document)
    desk.open(f"flows/{flow_id}")
    desk.publish("Asks first")
    started = desk.api("POST", f"/flows/{flow_id}/start", {"input": {"number": mark}}).json()

    other = doors.desk("ana")
    ana = other.page
    other.open("overview")
    asked = ana.get_by_role("region", name="Waiting for an answer")
    expect(asked).to_contain_text(f"Post order {mark}?", timeout=30_000)
    asked.get_by_role("link", name="All questions").click()
    ana.get_by_text("For me", exact=True).click()
    card = ana.get_by_role("listitem").filter(has_text=f"Post order {mark}?")
    expect(card).to_contain_text("For every analyst")
    expect(card).to_contain_text("Little time left")
    assert violations(ana, only_colours=False) == []
    card.get_by_role("button", name="Note").click()
    card.get_by_role("textbox", name="Note").fill("Known customer.")
    card.get_by_role("button", name="Approve").click()
    expect(card).to_have_count(0)
    ana.get_by_text("Answered", exact=True).click()
    expect(card).to_contain_text("Approved")
    expect(card).to_contain_text("Known customer.")
    card.get_by_role("link", name=re.compile("^Document")).click()
    expect(other.node("Allowed")).to_contain_text("Succeeded", timeout=30_000)
    assert started["run_id"] in ana.url


def test_a_viewer_sees_questions_and_pauses_but_no_buttons(doors: Doors) -> None:
    desk: Desk = doors.desk("vera")
    desk.open("approvals")
    expect(desk.page.get_by_role("heading", level=1, name="Approvals")).to_be_visible()
    expect(desk.page.get_by_role("button", name="Approve")).to_have_count(0)
