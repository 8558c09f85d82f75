"""A flow that cannot work is refused in words, where it is drawn and where it is published."""

from __future__ import annotations

import re
import secrets
from typing import Any

from playwright.sync_api import expect

from tests.stories.flows import create_customer, flow, hand, wire
from tests.stories.office import Desk, wire_into


def test_a_loop_is_refused_while_it_is_wired(desk: Desk) -> None:
    page = desk.page
    flow_id = desk.make_flow(
        f"Round and round {secrets.token_hex(3)}",
        flow(
            [hand(company="Kiln"), create_customer(DisplayName="trigger.company"), _again()],
            wire("hand", "customer"),
            wire("customer", "again"),
        ),
    )
    desk.open(f"flows/{flow_id}")
    wires = page.get_by_role("application", name="Flow canvas").get_by_role(
        "group", name=re.compile("^Edge from")
    )
    expect(wires).to_have_count(2)
    last = desk.node("Create it again").get_by_title("done: drag to the next step")
    wire_into(page, last, desk.node("Create a customer"))
    expect(page.get_by_role("status").filter(has_text="This would make a loop")).to_be_visible()
    wire_into(page, last, desk.node("Create it again"))
    expect(page.get_by_role("status").filter(has_text="cannot follow itself")).to_be_visible()
    expect(wires).to_have_count(2)


def test_a_loop_in_a_draft_is_listed_and_stops_publishing(desk: Desk) -> None:
    page = desk.page
    flow_id = desk.make_flow(
        f"Loop {secrets.token_hex(3)}",
        flow(
            [hand(company="Kiln"), create_customer(DisplayName="trigger.company"), _again()],
            wire("hand", "customer"),
            wire("customer", "again"),
            wire("again", "customer"),
        ),
    )
    desk.open(f"flows/{flow_id}")
    dock = page.get_by_role("region", name="Problems and test")
    dock.get_by_role("tab", name=re.compile("^Problems")).click()
    problems = dock.get_by_role("list", name="Problems")
    expect(problems).to_contain_text(re.compile("loop|cycle|circle", re.IGNORECASE))

    desk.flow_tools.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog", name="Publish this flow")
    expect(dialog).to_contain_text(re.compile("must be mended first"))
    expect(dialog.get_by_role("button", name="Publish")).to_be_disabled()
    forced = desk.api(
        "POST", f"/flows/{flow_id}/publish", {"revision": 1, "environment": "test", "note": "x"}
    )
    assert forced.status == 422
    assert forced.json()["code"] == "flow.not_publishable"
    assert forced.json()["problems"]


def test_a_missing_required_field_is_listed_until_it_is_filled(desk: Desk) -> None:
    page = desk.page
    flow_id = desk.make_flow(
        f"Half done {secrets.token_hex(3)}",
        flow([hand(company="Kiln"), create_customer()], wire("hand", "customer")),
    )
    desk.open(f"flows/{flow_id}")
    dock = page.get_by_role("region", name="Problems and test")
    dock.get_by_role("tab", name=re.compile("^Problems")).click()
    problem = dock.get_by_role("button", name=re.compile("DisplayName is required"))
    expect(problem).to_be_visible()
    desk.flow_tools.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog", name="Publish this flow")
    expect(dialog).to_contain_text("1 problem must be mended first.")
    expect(dialog).to_contain_text("DisplayName is required")
    expect(dialog.get_by_role("button", name="Publish")).to_be_disabled()
    dialog.get_by_role("button", name="Show Create a customer").click()
    expect(dialog).to_be_hidden()

    desk.settings.get_by_role("textbox", name="DisplayName").fill(f"Kiln {secrets.token_hex(3)}")
    expect(dock).to_contain_text("No problems. This flow can be published.")
    desk.publish("Now complete")


def _again() -> dict[str, Any]:
    step = create_customer(column=2, DisplayName="trigger.company")
    return step | {"id": "again", "name": "Create it again"}
