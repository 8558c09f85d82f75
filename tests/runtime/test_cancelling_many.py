"""Many runs are cancelled in one act: those meant and no others, with all that they made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from ipaas.core import clock, jsonio
from ipaas.core.errors import IpaasError
from ipaas.tenancy.models import AuditEntry
from runtime import control, holding, reading
from runtime.effects.hands import Worker
from runtime.lanes import Rules
from runtime.models import Approval, BulkJob, Deployment, Parked, Pause, Run
from runtime.records import bulk, cancelling_many
from runtime.records.runs_meant import RunChoice, forecast
from tests.kit.drawing import const, document, mapping, node, path
from tests.kit.order_flow import LaterClock, OrderFlow, make_order_flow, settle
from tests.kit.played import Stage, make_stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
START = node("start", "trigger.manual")
WAIT = node("wait", "wait", amount=1, unit="days")


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = make_stage()
    yield made
    made.worker.close()


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


def waiting(stage: Stage, flow_id: str = "flow_x", many: int = 3) -> list[str]:
    release = stage.deploy(flow_id, document([START, WAIT], "start>wait"))
    found = [stage.start(release, {"n": n}, key=f"{flow_id}-{n}") for n in range(many)]
    stage.work()
    return found


def begin(stage: Any, first: str = "", **choice: Any) -> str:
    return cancelling_many.begin(
        stage.workspace_id,
        "test",
        RunChoice.of(choice),
        first=first,
        by="Ana",
        reason="Wrong month.",
    ).id


def carry_all() -> int:
    pieces = 0
    while (job := bulk.claim("tests")) is not None:
        job()
        pieces += 1
    return pieces


def statuses(*run_ids: str) -> list[str]:
    found = dict(Run.objects.filter(id__in=run_ids).values_list("id", "status"))
    return [found[run_id] for run_id in run_ids]


def found(stage: Any, job: str) -> dict[str, Any]:
    return bulk.find(stage.workspace_id, job)


# Which runs are meant


def test_the_runs_of_one_flow_end_and_no_others(stage: Stage) -> None:
    mine, other = waiting(stage), waiting(stage, "flow_y")
    told = forecast(stage.workspace_id, "test", RunChoice(flow="flow_x"))
    assert (told["total"], told["counts"]) == (3, {"waiting": 3})
    assert told["flows"] == [{"id": "flow_x", "name": "flow_x", "runs": 3}]
    job = begin(stage, flow="flow_x")
    later = waiting(stage, many=1)  # it came behind the act
    carry_all()
    assert statuses(*mine) == ["cancelled"] * 3
    assert statuses(*other, *later) == ["waiting"] * 4
    done = found(stage, job)
    assert (done["status"], done["done"], done["total"]) == ("done", 3, 3)
    assert done["counts"] == {"cancelled": 3}
    texts = [entry["text"] for entry in reading.journal(stage.workspace_id, mine[0], 0)]
    assert "Ana had the run cancelled: Wrong month." in texts
    assert Run.objects.filter(id__in=mine, due_at=None, finished_at__isnull=False).count() == 3


def test_a_filter_of_the_list_is_meant_as_it_is_shown(stage: Stage) -> None:
    mine = waiting(stage, many=12)
    stage.start(stage.deploy("flow_z", document([START, WAIT], "start>wait")), {})  # queued
    begin(stage, q="flow_x-1")  # 1, 10 and 11
    carry_all()
    assert [mine.index(i) for i in mine if statuses(i) == ["cancelled"]] == [1, 10, 11]
    assert forecast(stage.workspace_id, "test", RunChoice(status="queued"))["total"] == 1
    begin(stage, status="queued,succeeded")
    carry_all()
    assert Run.objects.filter(status="queued").count() == 0
    assert Run.objects.filter(status="waiting").count() == 9
    begin(stage, ids=mine[2:4])
    carry_all()
    assert statuses(*mine[2:5]) == ["cancelled", "cancelled", "waiting"]
    with pytest.raises(cancelling_many.NothingUnderWay):
        begin(stage, status="succeeded")


def test_what_has_failed_stays_among_the_errors(stage: Stage) -> None:
    bad = node("no", "validate", source="trigger", rules=[{"check": path("trigger.x")}])
    release = stage.deploy("flow_x", document([START, bad], "start>no"))
    run_id = stage.start(release, {"x": False})
    stage.work()
    assert statuses(run_id) == ["failed"]
    with pytest.raises(cancelling_many.NothingUnderWay):
        begin(stage, flow="flow_x")


def calling(connection: str) -> dict[str, Any]:
    return node("call", "action", connection=connection, connector="dock", operation="post")


FACTS = {"call": {"connector": "dock", "writes": True}}


def test_runs_that_need_a_connection_end_and_those_past_it_go_on(stage: Stage) -> None:
    before = [START, WAIT, calling("books")]
    needs = stage.deploy("before", document(before, "start>wait wait>call"), FACTS)
    other = [START, WAIT, calling("shop")]
    another = stage.deploy("other", document(other, "start>wait wait>call"), FACTS)
    nodes = [
        START,
        node("each", "for_each", list=path("trigger.items")),
        calling("books"),
        node("late", "wait", amount=1, unit="days"),
    ]
    past = stage.deploy("past", document(nodes, "start>each each.item>call each.out>late"), FACTS)
    first, second = stage.start(needs, {}), stage.start(another, {})
    third = stage.start(past, {"items": []})  # the loop, and so the call in it, is done
    stage.work()
    assert statuses(first, second, third) == ["waiting"] * 3
    assert forecast(stage.workspace_id, "test", RunChoice(connection="books"))["total"] == 2
    job = begin(stage, connection="books")
    carry_all()
    assert statuses(first, second, third) == ["cancelled", "waiting", "waiting"]
    assert found(stage, job)["counts"] == {"cancelled": 1, "not_needed": 1}


def test_who_calls_a_flow_that_needs_the_connection_needs_it_too(stage: Stage) -> None:
    inner = [node("start", "trigger.called"), WAIT, calling("books")]
    stage.deploy("inner", document(inner, "start>wait wait>call"), FACTS)
    outer = [START, node("sub", "call_flow", flow="inner", wait=True)]
    release = stage.deploy("outer", document(outer, "start>sub"))
    run_id = stage.start(release, {})
    stage.work()
    (child,) = stage.children(stage.run(run_id))
    told = forecast(stage.workspace_id, "test", RunChoice(connection="books"))
    assert told["total"] == 1, "what it called ends with it and is not counted"
    begin(stage, connection="books")
    carry_all()
    assert statuses(run_id, child.id) == ["cancelled", "cancelled"]


# What they made


def test_the_items_of_a_cancelled_run_end_with_it(stage: Stage) -> None:
    nodes = [START, node("each", "for_each", list=path("trigger.items"), parallel=2), WAIT]
    release = stage.deploy("flow_x", document(nodes, "start>each each.item>wait"))
    run_id = stage.start(release, {"items": list(range(5))})
    stage.work()
    children = [child.id for child in stage.children(stage.run(run_id))]
    assert forecast(stage.workspace_id, "test", RunChoice(flow="flow_x"))["total"] == 1
    job = begin(stage, flow="flow_x")
    carry_all()
    assert set(statuses(run_id, *children)) == {"cancelled"}
    assert found(stage, job)["done"] == 1
    stage.work_on()
    assert set(statuses(run_id, *children)) == {"cancelled"}


def test_a_called_run_ends_and_its_caller_hears_of_it(stage: Stage) -> None:
    inner = [node("start", "trigger.called"), WAIT]
    stage.deploy("inner", document(inner, "start>wait"))
    outer = [START, node("sub", "call_flow", flow="inner", wait=True), node("m", "map",
             mapping=mapping(code="steps.sub.error.code"))]  # fmt: skip
    release = stage.deploy("outer", document(outer, "start>sub sub.error>m"))
    run_id = stage.start(release, {})
    stage.work()
    assert forecast(stage.workspace_id, "test", RunChoice(flow="inner"))["total"] == 1
    begin(stage, flow="inner")
    carry_all()
    stage.work()
    assert stage.run(run_id).status == "succeeded"
    assert stage.output(stage.run(run_id), "m") == {"code": "call_flow.cancelled"}


def test_a_flow_that_was_called_without_waiting_ends_too(stage: Stage) -> None:
    inner = [node("start", "trigger.called"), WAIT]
    stage.deploy("inner", document(inner, "start>wait"))
    outer = [START, node("sub", "call_flow", flow="inner", wait=False)]
    run_id = stage.start(stage.deploy("outer", document(outer, "start>sub")), {})
    stage.work()
    (child,) = stage.children(stage.run(run_id))
    assert statuses(run_id, child.id) == ["succeeded", "waiting"]
    begin(stage)  # everything under way
    carry_all()
    assert statuses(run_id, child.id) == ["succeeded", "cancelled"]


def test_questions_and_places_of_cancelled_runs_are_gone(stage: Stage) -> None:
    ask = node("ask", "approval", text=const("Post it?"), assignee={"role": "admin"})
    release = stage.deploy("flow_x", document([START, ask], "start>ask"))
    run_id = stage.start(release, {})
    stage.work()
    assert Approval.objects.filter(run_id=run_id, status="open").exists()
    begin(stage, flow="flow_x")
    carry_all()
    assert not Approval.objects.filter(run_id=run_id, status="open").exists()


def test_nobody_in_line_is_let_in_only_to_be_cancelled(flow: OrderFlow) -> None:
    lanes = Rules.of_trigger({"max_parallel": 1}).as_json()
    Deployment.objects.filter(flow_id=flow.flow_id).update(lanes=lanes)
    runs = [flow.announce(flow.place()) for _ in range(4)]
    begin(flow, flow=flow.flow_id)
    carry_all()
    assert statuses(*runs) == ["cancelled"] * 4
    after = flow.announce(flow.place())
    assert Run.objects.get(id=after).due_at is not None, "the flow has room"


# The job


def test_a_job_goes_on_where_it_died_and_can_be_paused_and_cancelled(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancelling_many, "AT_ONCE", 2)
    monkeypatch.setattr(cancelling_many, "CARRIED_S", 0.0)
    runs = waiting(stage, many=7)
    job = begin(stage, flow="flow_x")
    assert bulk.claim("dies") is not None
    assert bulk.claim("other") is None, "its lease has not ended"
    later = LaterClock()
    later.skipped = timedelta(seconds=61)
    with clock.use(later):
        piece = bulk.claim("other")
        assert piece is not None
        piece()
    assert statuses(*runs[-2:]) == ["cancelled"] * 2, "the newest go first"
    assert found(stage, job)["done"] == 2
    bulk.change(stage.workspace_id, job, "pause")
    assert bulk.claim("other") is None
    bulk.change(stage.workspace_id, job, "resume")
    late = bulk.claim("late")
    bulk.change(stage.workspace_id, job, "cancel")
    assert late is not None
    late()
    assert statuses(*runs[:5]) == ["waiting"] * 5
    job = begin(stage, flow="flow_x")
    carry_all()
    assert statuses(*runs) == ["cancelled"] * 7
    assert found(stage, job)["counts"] == {"cancelled": 5}


def test_what_ended_before_its_turn_is_told_as_such(stage: Stage) -> None:
    runs = waiting(stage)
    job = begin(stage, ids=runs)
    control.cancel(stage.workspace_id, runs[0])
    carry_all()
    assert (found(stage, job)["done"], found(stage, job)["total"]) == (2, 2)


def test_a_flow_is_paused_or_switched_off_first(stage: Stage) -> None:
    waiting(stage)
    begin(stage, "pause", flow="flow_x")
    assert Pause.objects.get().ref == "flow_x"
    begin(stage, "pause", flow="flow_x")  # it is paused already
    begin(stage, "switch_off", flow="flow_x")
    assert not Deployment.objects.get(flow_id="flow_x").active
    for choice in ({}, {"flow": "flow_x", "q": "1"}, {"flow": "flow_x", "status": "waiting"}):
        with pytest.raises(cancelling_many.CannotHold):
            begin(stage, "pause", **choice)
    carry_all()
    assert Run.objects.filter(status="cancelled").count() == 3


def test_a_paused_run_is_cancelled_and_wakes_no_more(flow: OrderFlow) -> None:
    runs = [flow.announce(flow.place()) for _ in range(2)]
    pause = holding.pause(flow.workspace_id, "test", "flow", flow.flow_id, by="", reason="")
    worker = Worker("test", calls_at_once=4)
    worker.work_once(32)
    assert Parked.objects.exists()
    begin(flow, connection="quickbooks")
    carry_all()
    holding.resume(flow.workspace_id, pause["id"])
    settle(worker)
    worker.close()
    assert statuses(*runs) == ["cancelled"] * 2
    assert flow.invoices() == [] and not Parked.objects.exists()


# Over HTTP


def ask(stage: Stage, method: str, address: str, body: Any = None) -> Any:
    client = Client()
    client.force_login(stage.owner)
    data = jsonio.dumps(body or {}) if method != "GET" else None
    where = f"/api/v1/w/{stage.slug}/{address}"
    return client.generic(method, where, data=data, content_type="application/json")


def test_it_is_asked_for_shown_and_written_down(stage: Stage) -> None:
    waiting(stage)
    told = ask(stage, "GET", "runs/bulk/forecast?flow=flow_x").json()
    assert told["total"] == 3
    body = {"choice": {"flow": "flow_x"}, "first": "switch_off", "reason": "Wrong month."}
    answer = ask(stage, "POST", "runs/bulk", body)
    assert answer.status_code == 201, answer.content
    job = answer.json()
    assert (job["action"], job["total"], job["done"]) == ("cancel", 3, 0)
    carry_all()
    assert ask(stage, "GET", f"runs/bulk/{job['id']}").json()["status"] == "done"
    listed = ask(stage, "GET", "runs/bulk").json()["items"]
    assert [each["id"] for each in listed] == [job["id"]]
    assert ask(stage, "GET", "dead-letters/bulk").json()["items"] == []
    entry = AuditEntry.objects.get(action="runs.cancel")
    assert (entry.object, entry.details["total"]) == (job["id"], 3)
    assert ask(stage, "POST", "runs/bulk", body).status_code == 422


def test_nothing_is_under_way_twice(stage: Stage) -> None:
    waiting(stage)
    one, two = begin(stage, flow="flow_x"), begin(stage)
    carry_all()
    assert BulkJob.objects.filter(id__in=(one, two), status="done").count() == 2
    with pytest.raises(IpaasError):
        bulk.change(stage.workspace_id, one, "cancel")


def test_a_run_that_waits_for_its_next_try_is_cancelled(flow: OrderFlow) -> None:
    flow.fault("quickbooks", "server_error", times=500)
    run_id = flow.announce(flow.place())
    worker = Worker("test", calls_at_once=4)
    worker.work_once(32)
    assert statuses(run_id) == ["waiting"]
    assert forecast(flow.workspace_id, "test", RunChoice(connection="quickbooks"))["total"] == 1
    begin(flow, connection="quickbooks")
    carry_all()
    assert statuses(run_id) == ["cancelled"]
    settle(worker)
    worker.close()
    assert statuses(run_id) == ["cancelled"]
