"""The log-in ends while somebody draws: the screen says so, and nothing typed is lost."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.stories.flows import create_customer, flow, hand, wire
from tests.stories.office import PASSWORD, Desk, Doors

ENDED = "Your log-in has ended"


@pytest.fixture
def designer(doors: Doors) -> tuple[Desk, str]:
    """Alice, in a session of her own, at a flow whose log-in ends before she types."""
    desk = doors.desk("demo", fresh=True)
    flow_id = desk.make_flow(
        f"Long lunch {secrets.token_hex(3)}",
        flow([hand(company="Kiln"), create_customer()], wire("hand", "customer")),
    )
    desk.open(f"flows/{flow_id}")
    desk.node("Create a customer").click()
    other = desk.page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="User menu").click()
    other.get_by_role("menuitem", name="Log out").click()
    expect(other.get_by_label("User name")).to_be_visible()
    other.close()
    return desk, flow_id


def test_what_was_typed_is_saved_after_logging_in_again(designer: tuple[Desk, str]) -> None:
    desk, flow_id = designer
    page = desk.page
    name = desk.settings.get_by_role("textbox", name="Name", exact=True)
    name.fill("Welcome the customer")
    told = page.get_by_role("dialog", name=ENDED)
    expect(told).to_contain_text("Nothing on this page is lost")
    told.get_by_role("button", name="I am logged in again").click()
    expect(told.get_by_role("status")).to_have_text("You are not logged in yet.")

    with page.context.expect_page() as opened:
        told.get_by_role("link", name="Log in in a new tab").click()
    _log_in(opened.value, "demo")
    opened.value.close()
    # Every window of a headless browser has the focus, so coming back is told by hand.
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(told).to_be_hidden()
    desk.draft_is("Saved")
    expect(name).to_have_value("Welcome the customer")
    steps = desk.read(f"/flows/{flow_id}")["draft"]["document"]["nodes"]
    assert [step["name"] for step in steps] == ["Start by hand", "Welcome the customer"]


def test_a_page_opened_after_the_end_leads_to_the_log_in_and_back(
    designer: tuple[Desk, str],
) -> None:
    desk, flow_id = designer
    desk.open(f"flows/{flow_id}")
    expect(desk.page.get_by_label("User name")).to_be_visible()
    _log_in(desk.page, "demo")
    expect(desk.node("Create a customer")).to_be_visible()


def _log_in(page: Page, user: str) -> None:
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
