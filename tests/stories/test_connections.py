"""A connection's life on its screens: made, authorised, renamed, rotated, switched off, deleted."""

from __future__ import annotations

import re
import secrets

from playwright.sync_api import expect

from tests.kit.waiting import until
from tests.stories.office import FLOW_NAME, Desk, Doors, Vendors


def test_quickbooks_is_authorised_renamed_switched_off_and_deleted(desk: Desk) -> None:
    page = desk.page
    name = f"Second books {secrets.token_hex(3)}"
    desk.open("connections")
    page.get_by_role("button", name="Add connection").click()
    page.get_by_role("searchbox", name="Find a system").fill("quickb")
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^QuickBooks Online")).click()
    form = page.get_by_role("dialog")
    form.get_by_role("textbox", name="Name").fill(name)
    form.get_by_role("button", name="Save and authorise").click()
    expect(page.get_by_role("heading", name=re.compile("^Let Causeway use"))).to_be_visible()
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    expect(page.get_by_role("heading", name="Calls and limits")).to_be_visible()
    expect(page.get_by_role("list").filter(has_text="Authorised")).to_be_visible()

    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill(f"{name} 2026")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", level=1, name=f"{name} 2026")).to_be_visible()

    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Switch off").click()
    expect(page.get_by_text("This connection is switched off")).to_be_visible()
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("It does not work")).to_be_visible()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Switch on").click()
    expect(page.get_by_text("This connection is switched off")).to_have_count(0)
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("It works")).to_be_visible()

    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("The connection is deleted.")).to_be_visible()
    expect(page.get_by_role("list", name="Connections")).not_to_contain_text(name)


def test_a_connection_that_flows_use_names_them_instead_of_going(desk: Desk) -> None:
    page = desk.page
    desk.open("connections")
    page.get_by_role("link", name="QuickBooks company, Test").click()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name=FLOW_NAME)).to_be_visible()
    expect(dialog.get_by_role("button", name="Delete", exact=True)).to_be_disabled()


def test_a_shop_activates_a_connection_from_its_side(desk: Desk, vendors: Vendors) -> None:
    page = desk.page
    desk.open("connections?add=magento")
    form = page.get_by_role("dialog")
    form.get_by_role("textbox", name="Name").fill(f"Activated shop {secrets.token_hex(3)}")
    form.get_by_role("combobox", name="How Causeway proves who it is").click()
    page.get_by_role("option", name="Signed calls, activated from the shop").click()
    form.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    expect(page.get_by_text("Not authorised yet").first).to_be_visible()
    page.get_by_role("button", name="Activate", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    callback = dialog.locator("code").first.inner_text()
    assert "/oauth1/activate/" in callback
    vendors.ask("POST", "magento/activate", {"callback_url": callback})
    dialog.get_by_role("button", name="Done").click()
    # The shop's server tells ours, behind the screen's back.
    connection = page.url.split("/connections/")[1].split("?")[0]
    until(
        lambda: desk.read(f"/connections/{connection}")["status"] == "ready",
        what="the shop has activated the connection",
        deadline_s=30,
    )
    page.reload()
    expect(page.get_by_text("Not authorised yet")).to_have_count(0)
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("It works")).to_be_visible()


def test_a_secret_is_rotated_and_a_wrong_one_is_told_by_the_test(
    desk: Desk,
) -> None:
    page = desk.page
    name = f"Keyed shop {secrets.token_hex(3)}"
    made = desk.api(
        "POST",
        "/connections",
        {"connector": "magento", "name": name, "environment": "test", "sandbox": True},
    ).json()
    desk.open(f"connections/{made['id']}?env=test")
    token = page.get_by_label("Access token")
    token.fill("not-the-token")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("The changes are saved.")).to_be_visible()
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("It does not work")).to_be_visible()
    expect(page.get_by_role("list").filter(has_text="Secrets replaced")).to_be_visible()


def test_a_connection_is_shared_with_some_only(doors: Doors) -> None:
    desk = doors.desk("demo")
    page = desk.page
    made = desk.api(
        "POST",
        "/connections",
        {
            "connector": "magento",
            "name": f"Private shop {secrets.token_hex(3)}",
            "environment": "test",
            "sandbox": True,
        },
    ).json()
    desk.open(f"connections/{made['id']}?env=test")
    page.get_by_role("radio", name=re.compile("^Owners, admins")).check()
    page.get_by_role("button", name="Save who may use it").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("radio", name=re.compile("^Owners, admins"))).to_be_checked()
    shown = doors.desk("ben").read(f"/connections/{made['id']}")
    assert shown["usable"] is False
