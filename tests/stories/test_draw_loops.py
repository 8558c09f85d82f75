"""A person draws what is done for each line of an order, and what a person must allow."""

from __future__ import annotations

import re
import secrets
from typing import Any

from playwright.sync_api import expect

from tests.kit.waiting import until
from tests.stories.flows import flow, hand, node, wire
from tests.stories.office import Desk, Doors

LINES = [{"sku": "A-1", "qty": 2}, {"sku": "", "qty": 1}, {"sku": "C-3", "qty": 4}]

FILLED = {
    "op": "call",
    "fn": "not",
    "args": [{"op": "call", "fn": "is_empty", "args": [{"op": "field", "path": "item.sku"}]}],
}
RULE = {"id": "c1", "check": FILLED, "message": "A line has no SKU."}


def _drawn(mark: str) -> dict[str, Any]:
    return flow(
        [
            {**hand(number=mark, lines=LINES), "name": "Order comes in"},
            node("each", "for_each", "Each line", 1),
            {
                **node("check", "validate", "SKU is known", 2, source="item", rules=[RULE]),
                "position": {"x": 720, "y": 220},
            },
            node("end", "stop", "Order is done", 2),
        ],
        wire("hand", "each"),
    )


def test_one_bad_line_does_not_hold_up_the_others(desk: Desk) -> None:
    page, settings = desk.page, desk.settings
    mark = secrets.token_hex(3)
    desk.open(f"flows/{desk.make_flow(f'Lines {mark}', _drawn(mark))}")

    # The list, what hangs on each item, and what comes after all of them.
    desk.node("Each line").click()
    settings.get_by_role("button", name="How List is filled").click()
    page.get_by_role("menuitem", name="Field", exact=True).click()
    lines = page.get_by_role("treeitem", name=re.compile(r"^trigger\.lines(\[\])?$"))
    lines.hover()
    lines.get_by_role("button", name="Use the whole list").click()
    expect(desk.node("Each line")).to_contain_text("lines · 10 at a time")
    for way, step in (("each item", "SKU is known"), ("after all", "Order is done")):
        settings.get_by_role("combobox", name=f"After “{way}” go to").click()
        page.get_by_role("option", name=step).click()
    expect(page.get_by_text("For each item of “Each line”")).to_be_visible()

    # Inside the loop the item is in reach; out of it leads no wire.
    desk.node("SKU is known").click()
    expect(settings.get_by_role("combobox", name="Document to check")).to_have_value(
        "Item of Each line"
    )
    expect(settings.get_by_text("steps.check", exact=True)).to_be_visible()
    expect(settings.get_by_role("combobox", name="After “done” go to")).to_have_count(0)
    desk.draft_is("Saved")

    desk.publish("Checks each line")
    flow_id = page.url.rsplit("/", 1)[1].split("?")[0]
    started = desk.api(
        "POST", f"/flows/{flow_id}/start", {"input": {"number": mark, "lines": LINES}}
    ).json()
    desk.open(f"runs/{started['run_id']}")
    expect(desk.canvas_of_run).to_be_visible()
    expect(desk.node("Each line")).to_contain_text("Succeeded", timeout=30_000)
    expect(desk.node("Each line")).to_contain_text("3 of 3 items · 1 failed")
    expect(desk.node("Order is done")).to_contain_text("Succeeded")

    children = desk.read(f"/runs/{started['run_id']}/children")["items"]
    assert [run["status"] for run in children] == ["succeeded", "failed", "succeeded"]
    bad = children[1]
    desk.open(f"runs/{bad['id']}")
    expect(page.get_by_text("A line has no SKU.").first).to_be_visible()
    page.get_by_role("link", name="item 2 of a run").click()
    expect(page).to_have_url(re.compile(started["run_id"]))


def test_a_run_waits_until_a_person_allows_it_in_the_browser(desk: Desk, doors: Doors) -> None:
    mark = secrets.token_hex(3)
    document = flow(
        [
            hand(number=mark),
            node(
                "ask",
                "approval",
                "Ask for a yes",
                1,
                text={"op": "const", "value": f"Post order {mark}?"},
                assignee="role:admin",
                expires_after=2,
                expires_unit="hours",
            ),
            node("yes", "stop", "Allowed", 2),
            node("no", "stop", "Refused", 2),
        ],
        wire("hand", "ask"),
        {**wire("ask", "yes"), "source_port": "approved"},
        {**wire("ask", "no"), "source_port": "rejected"},
    )
    document["nodes"][3]["position"]["y"] = 200
    flow_id = desk.make_flow(f"Asks {mark}", document)
    desk.open(f"flows/{flow_id}")
    expect(desk.node("Ask for a yes")).to_contain_text("Asks every admin, for 2 hours")
    desk.publish("Asks first")
    run_id = desk.api("POST", f"/flows/{flow_id}/start", {"input": {"number": mark}}).json()[
        "run_id"
    ]
    page = desk.page
    desk.open(f"runs/{run_id}")
    expect(page.get_by_text("Ask for a yes waits for every admin")).to_be_visible(timeout=30_000)
    expect(page.get_by_text(f"Post order {mark}?").first).to_be_visible()
    expect(desk.node("Ask for a yes")).to_contain_text("answer by")
    page.get_by_role("button", name="Note").click()
    page.get_by_role("textbox", name="Note").fill("Seen on the phone.")
    page.get_by_role("button", name="Approve").click()
    expect(desk.node("Allowed")).to_contain_text("Succeeded", timeout=30_000)
    expect(desk.node("Refused")).to_contain_text("Skipped")
    expect(desk.node("Ask for a yes")).to_contain_text("→ approved")
    until(
        lambda: (
            desk.read(f"/approvals?status=approved&run={run_id}")["items"][0]["note"]
            == "Seen on the phone."
        ),
        what="the answer is kept with its note",
    )
