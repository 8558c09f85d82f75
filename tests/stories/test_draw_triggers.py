"""A person sets up what starts a flow: set times, messages, CloudEvents, other flows, the past."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Any

import urllib3
from playwright.sync_api import Page, expect

from ipaas.core import jsonio
from tests.kit.waiting import until
from tests.stories.flows import flow, hand, node, rules, wire
from tests.stories.office import Desk, Doors

_http = urllib3.PoolManager(retries=False, timeout=10)


def _draw(desk: Desk, trigger: str, **config: Any) -> str:
    """Id of a flow with one trigger and nothing behind it, opened in the designer."""
    document = flow(
        [node("start", trigger, "Start of it", 0, **config), node("end", "stop", "End", 1)],
        wire("start", "end"),
    )
    flow_id = desk.make_flow(f"Drawn {secrets.token_hex(3)}", document)
    desk.open(f"flows/{flow_id}")
    desk.node("Start of it").click()
    return flow_id


def _choose(page: Page, field: str, option: str) -> None:
    page.get_by_role("combobox", name=field).click()
    page.get_by_role("option", name=option, exact=True).click()


def _runs(desk: Desk, flow_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.read(f"/runs?environment=test&flow={flow_id}")["items"]
    return found


def _newest_reading(desk: Desk, flow_id: str, *, status: str, count: int) -> dict[str, Any] | None:
    """The newest backfill, once there are ``count`` and it is in ``status``."""
    items = desk.read(f"/backfills?environment=test&flow={flow_id}")["items"]
    newest: dict[str, Any] = items[0]
    return newest if len(items) == count and newest["status"] == status else None


def test_a_schedule_is_chosen_by_its_next_times_and_run_before_its_time(desk: Desk) -> None:
    page, settings = desk.page, desk.settings
    flow_id = _draw(desk, "trigger.schedule")
    _choose(page, "When", "Monday to Friday")
    settings.get_by_label("At", exact=True).fill("06:30")
    zone = settings.get_by_role("combobox", name="Time zone")
    zone.click()
    zone.fill("New_York")
    page.get_by_role("option", name="America/New_York").click()

    times = settings.get_by_role("region", name="Next times")
    expect(times).to_contain_text("Monday through Friday")
    expect(times.get_by_role("listitem")).to_have_count(5)
    for fire in times.get_by_role("listitem").all():
        expect(fire).to_contain_text(re.compile(r"6:30.*-0[45]:00"))
        expect(fire).not_to_contain_text(re.compile("Sat|Sun"))
    expect(desk.node("Start of it")).to_contain_text("Monday to Friday at 06:30")

    # An expression that no clock knows is refused in words.
    _choose(page, "When", "Cron expression")
    settings.get_by_label("Cron expression", exact=True).fill("0 0 30 2 *")
    expect(settings.get_by_role("status").filter(has_text="cannot be read")).to_be_visible()
    settings.get_by_label("Cron expression", exact=True).fill("*/20 * * * *")
    expect(times.get_by_role("listitem")).to_have_count(5)

    desk.publish("By the clock")
    state = settings.get_by_role("region", name="In Test")
    expect(state).to_contain_text("Every 20th minute")
    state.get_by_role("button", name="Run now").click()
    page.get_by_role("dialog", name=re.compile("^Run Drawn")).get_by_role(
        "button", name="Run", exact=True
    ).click()
    until(lambda: len(_runs(desk, flow_id)) == 1, what="the run that did not wait for its time")


def test_a_webhook_learns_proves_its_sender_and_keeps_what_came_while_it_was_off(
    desk: Desk,
) -> None:
    page, settings = desk.page, desk.settings
    flow_id = _draw(desk, "trigger.webhook", business_key="/order")
    _choose(page, "Proof of the sender", "HMAC signature in a header")
    settings.get_by_label("Header", exact=True).first.fill("X-Signature")
    settings.get_by_role("button", name="Listen for messages").click()
    address = settings.get_by_role("textbox", name="Address in Test")
    expect(address).to_have_value(re.compile("/hooks/"))
    settings.get_by_role("button", name="Make a secret").click()
    dialog = page.get_by_role("dialog", name="Secret")
    dialog.get_by_role("button", name="Make a secret").click()
    made = dialog.get_by_role("textbox", name="Secret")
    expect(made).to_have_value(re.compile(r"\S{16,}"))
    secret = made.input_value()
    page.keyboard.press("Escape")
    expect(settings.get_by_text("A secret is set. It is never shown again.")).to_be_visible()
    desk.draft_is("Saved")
    url = address.input_value()

    def send(order: int, key: str) -> int:
        body = jsonio.dumps({"order": order, "total": "19.90"})
        signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Signature": signature}
        return int(_http.request("POST", url, body=body, headers=headers).status)

    # It learns from what comes in before it is published: nothing starts.
    send(1, secret)
    sample = settings.get_by_role("button", name=re.compile("signature is right"))
    expect(sample.first).to_be_visible()
    expect(settings.get_by_text(re.compile("Fields .*order, total"))).to_be_visible()
    sample.first.click()
    settings.get_by_role("button", name="Use as example").click()
    expect(settings.get_by_role("textbox", name="Example document")).to_have_value(
        re.compile('"order": 1')
    )
    assert _runs(desk, flow_id) == []

    desk.publish("Takes signed messages")
    assert send(2, secret) < 300
    assert send(3, "somebody else's") in {401, 403}
    until(
        lambda: [run["business_key"] for run in _runs(desk, flow_id)] == ["2"],
        what="one run, of the message that proved its sender",
    )

    # Off: kept, told, and started by a person when it is on again.
    switch = desk.flow_tools.get_by_role("switch", name="Active in Test")
    switch.click()
    expect(desk.flow_tools.get_by_role("switch", name="Active in Test")).not_to_be_checked()
    until(
        lambda: not desk.read(f"/flows/{flow_id}/trigger?environment=test")["active"],
        what="the flow is off",
    )
    assert send(4, secret) < 300
    page.reload()
    band = page.get_by_text("1 event came while the flow was switched off")
    expect(band).to_be_visible()
    expect(page.get_by_role("button", name="Start them")).to_be_disabled()
    switch.click()
    page.get_by_role("button", name="Start them").click()
    expect(band).to_be_hidden()
    until(
        lambda: [run["business_key"] for run in _runs(desk, flow_id)] == ["4", "2"],
        what="the run of what came while the flow was off",
    )


def test_the_past_of_a_shop_is_read_again_and_starts_nothing_twice(own_doors: Doors) -> None:
    # Its flow listens to the shop as well, which other stories would notice.
    desk = own_doors.desk("demo")
    page, settings = desk.page, desk.settings
    number = desk.send_order(sample="ordinary")
    desk.order_reaches(number, "succeeded")
    flow_id = _draw(
        desk,
        "trigger.event",
        connector="magento",
        connection="magento",
        operation="order_placed",
    )
    desk.publish("Reads the past")
    expect(settings.get_by_role("radio", name="By webhook")).to_be_checked()
    expect(settings.get_by_text("By asking")).to_be_visible()

    def read_again() -> None:
        settings.get_by_role("button", name="Read the past").click()
        dialog = page.get_by_role("dialog", name=re.compile("^Read the past of"))
        dialog.get_by_role("button", name="Begin").click()
        first = dialog.get_by_role("article").first
        expect(first).to_contain_text("Read", timeout=30_000)
        expect(first.get_by_role("button", name="Cancel")).to_have_count(0, timeout=30_000)
        page.keyboard.press("Escape")

    read_again()
    until(
        lambda: any(run["business_key"] == number for run in _runs(desk, flow_id)),
        what="the order of the past has a run",
        deadline_s=30,
    )
    started = len(_runs(desk, flow_id))
    read_again()
    last = until(
        lambda: _newest_reading(desk, flow_id, status="done", count=2),
        what="the second reading is done",
        deadline_s=30,
    )
    assert (last["started"], last["known"]) == (0, started)


def _cloud_event(number: str, kind: str) -> dict[str, Any]:
    return {"specversion": "1.0", "id": f"e-{number}", "source": "/shop", "type": kind,
            "subject": f"order {number}", "data": {"number": number, "total": "19.90"}}  # fmt: skip


def test_cloud_events_of_the_chosen_types_start_runs(desk: Desk) -> None:
    page, settings = desk.page, desk.settings
    mark = secrets.token_hex(3)
    flow_id = _draw(desk, "trigger.cloudevents")
    types = settings.get_by_label("Only these types")
    types.fill("shop.order.*")
    types.press("Enter")
    desk.draft_is("Saved")
    desk.publish("Hears the shop")
    address = settings.get_by_role("textbox", name="Address in Test")
    expect(address).to_have_value(re.compile("/hooks/"))
    url = address.input_value()

    def send(headers: dict[str, str], body: Any) -> int:
        answer = _http.request("POST", url, body=jsonio.dumps(body), headers=headers)
        return int(answer.status)

    structured = {"Content-Type": "application/cloudevents+json"}
    whole = _cloud_event(f"{mark}-1", "shop.order.placed")
    other = _cloud_event(f"{mark}-2", "shop.order.paid")
    binary = {f"ce-{name}": text for name, text in other.items() if name != "data"}
    assert send(structured, whole) == 200
    assert send({**binary, "Content-Type": "application/json"}, other["data"]) == 200
    assert send(structured, whole) == 200, "it came before"
    assert send(structured, _cloud_event(f"{mark}-3", "shop.stock.changed")) == 200
    assert send(structured, {**whole, "specversion": "0.3"}) == 400
    # Why one was refused is seen at once by whoever sets it up.
    expect(settings.get_by_text("CloudEvents 0.3 cannot be read.")).to_be_visible()
    wanted = [(f"order {mark}-{number}", "succeeded") for number in (2, 1)]
    until(
        lambda: [(run["business_key"], run["status"]) for run in _runs(desk, flow_id)] == wanted,
        what="a run of each form of message, and of no other type",
    )
    desk.go_to("Runs")
    page.get_by_role("link", name=f"order {mark}-2").first.click()
    desk.run_is(f"order {mark}-2", "Succeeded")
    desk.node("Start of it").click()
    expect(page.get_by_text("shop.order.paid").first).to_be_visible()


def test_the_failure_of_another_flow_starts_the_flow_that_listens_to_it(desk: Desk) -> None:
    page, settings = desk.page, desk.settings
    mark = secrets.token_hex(3)
    names = {each: f"{each} {mark}" for each in ("Fails", "Fails too")}
    failing = {}
    for name in names.values():
        why = {"op": "const", "value": f"{name}: no lines."}
        document = flow(
            [hand(number=mark), node("bad", "fail", "Refuse it", 1, message=why)],
            wire("hand", "bad"),
        )
        failing[name] = desk.make_flow(name, document)
        desk.open(f"flows/{failing[name]}")
        desk.publish("Refuses everything")

    flow_id = _draw(desk, "trigger.error")
    settings.get_by_role("combobox", name="Flows").fill(names["Fails"])
    page.get_by_role("option", name=names["Fails"], exact=True).click()
    page.keyboard.press("Escape")
    desk.draft_is("Saved")
    desk.publish("Hears of failures")
    started = [
        desk.api("POST", f"/flows/{each}/start", {"input": {"number": mark}}).json()["run_id"]
        for each in reversed(failing.values())
    ]
    heard = until(
        lambda: [run for run in _runs(desk, flow_id) if run["status"] == "succeeded"],
        what="the run of the failure",
    )
    desk.open(f"runs/{heard[0]['id']}")
    expect(desk.node("End")).to_contain_text("Succeeded")
    desk.node("Start of it").click()
    expect(page.get_by_text(f"{names['Fails']}: no lines.").first).to_be_visible()
    for run_id in started:
        until(
            lambda run_id=run_id: desk.read(f"/runs/{run_id}")["status"] == "failed",
            what="both flows have failed",
        )
    assert len(_runs(desk, flow_id)) == 1, "it was asked for the failures of one flow only"


def test_a_flow_calls_another_and_waits_for_its_result_or_not(desk: Desk) -> None:
    page, settings = desk.page, desk.settings
    mark = secrets.token_hex(3)
    asked = {"text": {"op": "const", "value": f"Take {mark}?"}, "assignee": "role:admin"}
    called = flow(
        [
            node("start", "trigger.called", "It is called", 0),
            node("ask", "approval", "Ask for a yes", 1, **asked),
            node("back", "return", "Give it back", 2,
                 value={"op": "field", "path": "trigger.number"}),
        ],
        wire("start", "ask"),
        {**wire("ask", "back"), "source_port": "approved"},
    )  # fmt: skip
    called_id = desk.make_flow(f"Called {mark}", called)
    desk.open(f"flows/{called_id}")
    desk.publish("May be called")

    caller = flow(
        [
            hand(number=mark),
            node("call", "call_flow", "Call it", 1, input=rules(number="trigger.number")),
            node("end", "stop", "Done", 2),
        ],
        wire("hand", "call"),
        wire("call", "end"),
    )
    caller_id = desk.make_flow(f"Calls {mark}", caller)

    def run() -> str:
        answer = desk.api("POST", f"/flows/{caller_id}/start", {"input": {"number": mark}})
        run_id: str = answer.json()["run_id"]
        return run_id

    def answer_it() -> None:
        question = page.get_by_role("listitem").filter(has_text=f"Take {mark}?")
        question.get_by_role("button", name="Approve").click()
        expect(question).to_have_count(0)

    desk.open(f"flows/{caller_id}")
    desk.node("Call it").click()
    settings.get_by_role("combobox", name="Flow", exact=True).fill(f"Called {mark}")
    page.get_by_role("option", name=f"Called {mark}").click()
    expect(settings.get_by_role("switch", name="Wait for its result")).to_be_checked()
    desk.draft_is("Saved")
    desk.publish("Calls and waits")
    first = run()
    desk.open(f"runs/{first}")
    expect(desk.node("Call it")).to_contain_text("Waiting", timeout=30_000)
    desk.go_to("Approvals")
    answer_it()
    desk.open(f"runs/{first}")
    expect(desk.node("Done")).to_contain_text("Succeeded", timeout=30_000)
    desk.node("Call it").click()
    expect(page.get_by_text(mark).first).to_be_visible()

    desk.open(f"flows/{caller_id}")
    desk.node("Call it").click()
    settings.get_by_role("switch", name="Wait for its result").click()
    expect(settings.get_by_role("switch", name="Wait for its result")).not_to_be_checked()
    desk.draft_is("Saved")
    desk.publish("Calls and goes on")
    # Whoever looks at the questions sees the new one without a reload.
    desk.go_to("Approvals")
    second = run()
    until(
        lambda: desk.read(f"/runs/{second}")["status"] == "succeeded",
        what="the calling run does not wait for the called one",
    )
    (child,) = desk.read(f"/runs/{second}/children")["items"]
    assert child["status"] == "waiting", "it goes on by itself"
    answer_it()
    desk.open(f"runs/{child['id']}")
    expect(desk.node("Give it back")).to_contain_text("Succeeded", timeout=30_000)
    desk.open(f"runs/{second}")
    expect(desk.node("Done")).to_contain_text("Succeeded")
