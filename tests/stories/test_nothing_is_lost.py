"""What is drawn in the mapper survives a reload, the way back, a lost line and a second person."""

from __future__ import annotations

import re
import secrets
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.kit.waiting import until
from tests.stories.flows import create_customer, flow, hand, wire
from tests.stories.mapping import Mapper, open_mapper
from tests.stories.office import Desk, Doors

ORDER = {
    "number": "A-7",
    "customer": {"name": "Ana Silva", "email": "ana@shop.example", "phone": "555-1"},
}
STEP = "Create a customer"


def customer_flow(desk: Desk, name: str) -> str:
    """A flow that makes a customer, with nothing mapped."""
    document = flow([hand(**ORDER), create_customer()], wire("hand", "customer"))
    return desk.make_flow(f"{name} {secrets.token_hex(3)}", document)


def sources_of(desk: Desk, flow_id: str) -> dict[str, str]:
    """What the saved mapping reads for each target."""
    document: dict[str, Any] = desk.read(f"/flows/{flow_id}")["draft"]["document"]
    rules = document["nodes"][1]["config"].get("input", {}).get("rules", [])
    return {rule["target"]: rule["expr"]["path"] for rule in rules}


def kept_note(page: Page) -> Any:
    return page.get_by_role("region", name="Changes that were not saved")


def test_a_reload_and_the_way_back_take_nothing(desk: Desk) -> None:
    page = desk.page
    flow_id = customer_flow(desk, "Reloaded")
    mapper = open_mapper(desk, flow_id, STEP)
    expect(page.get_by_role("region", name="How to begin")).to_be_visible()
    mapper.draw("trigger.customer.name", "DisplayName", shows="Ana Silva")
    page.reload()
    mapper = Mapper(page)
    expect(mapper.target("DisplayName")).to_contain_text("Ana Silva")
    expect(kept_note(page)).to_contain_text("were not saved. They are here again.")
    assert sources_of(desk, flow_id) == {}

    page.go_back()
    expect(mapper.targets).to_be_hidden()
    page.go_forward()
    expect(mapper.target("DisplayName")).to_contain_text("Ana Silva")
    mapper.save()
    desk.draft_is("Saved")
    assert sources_of(desk, flow_id) == {"DisplayName": "trigger.customer.name"}
    mapper = open_mapper(desk, flow_id, STEP)
    expect(mapper.target("DisplayName")).to_contain_text("Ana Silva")
    expect(kept_note(page)).to_be_hidden()

    # Whoever says that the changes shall go does not meet them again.
    mapper.target("DisplayName").focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Discard changes").click()
    expect(mapper.targets).to_be_hidden()
    mapper = open_mapper(desk, flow_id, STEP)
    expect(mapper.target("DisplayName")).to_contain_text("Ana Silva")
    expect(kept_note(page)).to_be_hidden()


def test_a_lost_connection_takes_nothing(desk: Desk) -> None:
    page = desk.page
    flow_id = customer_flow(desk, "Offline")
    mapper = open_mapper(desk, flow_id, STEP)
    expect(mapper.target("DisplayName")).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("There is no connection: values are not up to date")).to_be_visible()
    mapper.draw("trigger.customer.name", "DisplayName")
    mapper.save()
    desk.draft_is("Not saved")
    page.context.set_offline(False)
    desk.draft_is("Saved")
    assert sources_of(desk, flow_id) == {"DisplayName": "trigger.customer.name"}


def test_two_people_draw_in_one_mapping_and_both_keep_their_lines(doors: Doors) -> None:
    alice, ben = doors.desk("demo"), doors.desk("ben")
    flow_id = customer_flow(alice, "Both")
    hers, his = open_mapper(alice, flow_id, STEP), open_mapper(ben, flow_id, STEP)
    hers.draw("trigger.customer.name", "DisplayName", shows="Ana Silva")
    his.draw("trigger.customer.phone", "Notes", shows="555-1")
    hers.save()
    alice.draft_is("Saved")
    his.save()
    told = ben.page.get_by_role("dialog", name="Someone else changed this flow")
    told.get_by_role("button", name="Load theirs").click()
    expect(told).to_be_hidden()

    his = open_mapper(ben, flow_id, STEP)
    expect(kept_note(ben.page)).to_contain_text("The saved mapping has been changed since then.")
    ben.page.get_by_role("button", name="Bring both together").click()
    expect(his.target("DisplayName")).to_contain_text("Ana Silva")
    expect(his.target("Notes")).to_contain_text("555-1")
    his.save()
    ben.draft_is("Saved")
    assert sources_of(ben, flow_id) == {
        "DisplayName": "trigger.customer.name",
        "Notes": "trigger.customer.phone",
    }


def test_a_connectors_mapping_is_read_from_the_step_that_knows_its_fields(desk: Desk) -> None:
    page = desk.page
    flow_id = customer_flow(desk, "Started")
    mapper = open_mapper(desk, flow_id, STEP)
    page.get_by_role("button", name="Start from a template").click()
    wanted = page.get_by_role("listitem").filter(
        has_text="QuickBooks Online: sales order to customer"
    )
    expect(wanted).to_contain_text("rules have a place in this target")
    wanted.get_by_role("button", name=re.compile("^Insert")).click()
    reads = page.get_by_role("combobox", name=re.compile("^Instead of steps.order"))
    expect(reads.locator("option:checked")).to_have_text("Start by hand")
    page.get_by_role("dialog").get_by_role("button", name="Insert", exact=True).click()
    expect(mapper.target("DisplayName")).to_contain_text("Ana Silva")
    mapper.find("target", "PrimaryEmailAddr.Address")
    expect(mapper.target("PrimaryEmailAddr.Address")).to_contain_text("ana@shop.example")


UNCUT = "group => group.scrollWidth <= group.clientWidth"


def test_a_small_window_cuts_nothing_off(doors: Doors) -> None:
    desk = doors.desk("demo", viewport={"width": 1024, "height": 768})
    page = desk.page
    open_mapper(desk, customer_flow(desk, "Small"), STEP)

    def fits(shown: Locator) -> bool:
        box = shown.bounding_box()
        return box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 1024

    def inside(names: list[str]) -> None:
        for name in names:
            shown = page.get_by_text(name, exact=True).last
            until(lambda shown=shown: fits(shown), what=f"{name} is inside the window")

    for filters in ("Show sources", "Show"):
        group = page.get_by_role("radiogroup", name=filters, exact=True)
        until(lambda group=group: fits(group), what=f"{filters} is inside the window")
        until(lambda group=group: group.evaluate(UNCUT), what=f"{filters} is whole")
    inside(["Save mapping", "Problems"])
    page.get_by_role("button", name="Result beside the target").click()
    group = page.get_by_role("radiogroup", name="Show", exact=True)
    expect(group).to_be_visible()
    until(lambda: group.evaluate(UNCUT), what="the filters are whole beside the result")
