"""Two people edit one draft: the second is told, and nothing is overwritten silently."""

from __future__ import annotations

import secrets

from playwright.sync_api import expect

from tests.stories.flows import create_customer, flow, hand, wire
from tests.stories.office import Desk, Doors


def test_the_second_editor_is_told_and_keeps_the_work_as_a_copy(doors: Doors) -> None:
    alice, ben, flow_id, name = _both_at_one_flow(doors)
    _rename(alice, "Create a customer", "Welcome the customer")
    alice.draft_is("Saved")

    _rename(ben, "Start by hand", "Pull the lever")
    told = ben.page.get_by_role("dialog", name="Someone else changed this flow")
    expect(told).to_contain_text("Alice Moreau")
    _is_in_draft(alice, flow_id, "Welcome the customer", "Start by hand")
    told.get_by_role("button", name="Keep mine as a copy").click()
    expect(ben.flow_tools.get_by_role("textbox", name="Flow name")).to_have_value(f"{name} (copy)")
    expect(ben.node("Pull the lever")).to_be_visible()
    expect(ben.node("Create a customer")).to_be_visible()
    _is_in_draft(alice, flow_id, "Welcome the customer", "Start by hand")


def test_the_second_editor_may_take_what_the_first_one_saved(doors: Doors) -> None:
    alice, ben, flow_id, _ = _both_at_one_flow(doors)
    _rename(alice, "Create a customer", "Welcome the customer")
    alice.draft_is("Saved")

    _rename(ben, "Start by hand", "Pull the lever")
    told = ben.page.get_by_role("dialog", name="Someone else changed this flow")
    told.get_by_role("button", name="Load theirs").click()
    expect(ben.node("Welcome the customer")).to_be_visible()
    expect(ben.node("Start by hand")).to_be_visible()
    # From here on the two drafts are one again.
    _rename(ben, "Start by hand", "Pull the lever")
    ben.draft_is("Saved")
    _is_in_draft(alice, flow_id, "Welcome the customer", "Pull the lever")


def _both_at_one_flow(doors: Doors) -> tuple[Desk, Desk, str, str]:
    alice, ben = doors.desk("demo"), doors.desk("ben")
    name = f"Shared {secrets.token_hex(3)}"
    flow_id = alice.make_flow(
        name, flow([hand(company="Kiln"), create_customer()], wire("hand", "customer"))
    )
    for desk in (alice, ben):
        desk.open(f"flows/{flow_id}")
        expect(desk.node("Create a customer")).to_be_visible()
    return alice, ben, flow_id, name


def _rename(desk: Desk, step: str, name: str) -> None:
    desk.node(step).click()
    desk.settings.get_by_role("textbox", name="Name", exact=True).fill(name)
    expect(desk.node(name)).to_be_visible()


def _is_in_draft(desk: Desk, flow_id: str, *names: str) -> None:
    document = desk.read(f"/flows/{flow_id}")["draft"]["document"]
    assert {node["name"] for node in document["nodes"]} == set(names)
