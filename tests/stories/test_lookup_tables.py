"""A code that a table lacks: the record waits, somebody adds the row, the record goes on."""

from __future__ import annotations

import re
import secrets
from typing import Any

from playwright.sync_api import expect

from tests.kit.waiting import until
from tests.stories.flows import flow, hand, node, wire
from tests.stories.office import Desk


def run_of(desk: Desk, flow_id: str, code: str) -> str:
    """Id of a run of the flow as it is drawn, with this code."""
    drawn = desk.read(f"/flows/{flow_id}")["draft"]["document"]
    answer = desk.api(
        "POST",
        f"/flows/{flow_id}/test",
        {"document": drawn, "sample": {"document": {"category": code}}},
    )
    assert answer.ok, answer.text()
    run_id: str = answer.json()["run_id"]
    return run_id


def reaches(desk: Desk, run_id: str, status: str) -> dict[str, Any]:
    """The run, once it has this status."""
    until(
        lambda: desk.read(f"/runs/{run_id}")["status"] == status,
        what=f"the run is {status}",
        deadline_s=30,
    )
    found: dict[str, Any] = desk.read(f"/runs/{run_id}")
    return found


def test_a_missing_code_is_added_and_the_record_goes_on_and_the_table_goes_back(
    desk: Desk,
) -> None:
    page = desk.page
    name = f"Accounts {secrets.token_hex(3)}"
    columns = [{"name": "category", "title": "Category", "key": True}, {"name": "account"}]
    table = desk.api(
        "POST",
        "/lookups",
        {"name": name, "environment": "test", "columns": columns, "on_miss": {"policy": "hold"}},
    ).json()
    look = node(
        "look",
        "lookup",
        "Find the account",
        1,
        table=table["slug"],
        key={"op": "field", "path": "trigger.category"},
    )
    flow_id = desk.make_flow(
        f"Posting {name}", flow([hand(category="17"), look], wire("hand", "look"))
    )
    run_id = run_of(desk, flow_id, "17")
    reaches(desk, run_id, "failed")

    desk.open("lookups?env=test")
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("1 flow")
    row.get_by_role("link", name=name).click()
    expect(page.get_by_text("1 record waits for a row of this table")).to_be_visible()
    page.get_by_role("button", name="Add a row for 17").click()
    cells = page.get_by_role("row").filter(has=page.locator("input"))
    expect(cells.get_by_role("textbox").first).to_have_value("17")
    cells.get_by_role("textbox").nth(1).fill("4000")
    page.get_by_role("button", name="Save as version 2").click()
    expect(page.get_by_text("1 record waits for a row of this table")).to_have_count(0)
    assert reaches(desk, run_id, "succeeded")

    # A wrong row, and the way back to before it.
    rows = desk.read(f"/lookups/{table['id']}/rows")["items"]
    wrong = {
        "based_on": 2,
        "put": [{"id": rows[0]["id"], "values": {"category": "17", "account": "0"}}],
    }
    assert desk.api("PATCH", f"/lookups/{table['id']}/rows", wrong).ok
    page.reload()
    page.get_by_role("tab", name="Versions").click()
    versions = page.get_by_role("list", name=re.compile("ersions"))
    expect(versions).to_contain_text("Version 3")
    versions.get_by_role("listitem").filter(has_text="Version 2").get_by_role(
        "button", name="Go back to this version"
    ).click()
    page.get_by_role("dialog").get_by_role("button", name="Go back").click()
    expect(versions).to_contain_text("Version 4")
    kept = desk.read(f"/lookups/{table['id']}/rows")["items"][0]["values"]
    assert kept["account"] == "4000"
    refused = desk.api("DELETE", f"/lookups/{table['id']}")
    assert refused.status == 409 and f"Posting {name}" in refused.text()
