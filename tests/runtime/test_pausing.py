"""What is paused stands still: no call leaves, nothing is lost, and it goes on afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ipaas.core.errors import IpaasError
from ipaas.tenancy import variables
from runtime import comebacks, control, holding, reading, store, surroundings
from runtime.effects.hands import Worker
from runtime.models import Family, Parked, Pause, Run
from tests.kit.drawing import document, mapping, node, path
from tests.kit.order_flow import OrderFlow, make_order_flow, settle
from tests.kit.played import Stage, make_stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=8)
    yield made
    made.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = make_stage()
    yield made
    made.worker.close()


def carry(worker: Worker) -> None:
    while worker.work_once(32):
        pass


@pytest.mark.parametrize("kind", ["flow", "connection", "run"])
def test_nothing_leaves_while_it_is_paused_and_all_goes_on_afterwards(
    flow: OrderFlow, worker: Worker, kind: str
) -> None:
    runs = [flow.announce(flow.place()) for _ in range(3)]
    paused = {"flow": [flow.flow_id], "connection": ["quickbooks"], "run": runs}[kind]
    place = (flow.workspace_id, "test")
    pauses = [
        holding.pause(*place, kind, ref, by="Ana", reason="Month end.")["id"] for ref in paused
    ]
    carry(worker)
    assert flow.invoices() == []
    assert set(Run.objects.values_list("status", flat=True)) == {"waiting"}
    shown = reading.get_run(flow.workspace_id, runs[0])
    assert (shown["paused"], shown["pauses"][0]["by"]) == (True, "Ana")
    texts = [entry["text"] for entry in reading.journal(flow.workspace_id, runs[0], 0)]
    assert any("paused by Ana: Month end." in text for text in texts)
    assert sum(holding.resume(flow.workspace_id, each)["woken"] for each in pauses) >= 3
    settle(worker)
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}
    assert len(flow.invoices()) == 3
    assert not Parked.objects.exists()


def test_one_page_asks_for_its_own_pause_only(flow: OrderFlow) -> None:
    place = (flow.workspace_id, "test")
    holding.pause(*place, "flow", flow.flow_id, by="Ana", reason="")
    holding.pause(*place, "connection", "magento", by="Ana", reason="")
    found = holding.page(*place, None, 10, kind="connection", ref="magento").items
    assert [(row["kind"], row["ref"]) for row in found] == [("connection", "magento")]
    assert holding.page(*place, None, 10, kind="connection", ref="quickbooks").items == []
    assert len(holding.page(*place, None, 10, kind="", ref="").items) == 2


def test_only_what_was_named_stands_still(flow: OrderFlow, worker: Worker) -> None:
    still, other = (flow.announce(flow.place()) for _ in range(2))
    holding.pause(flow.workspace_id, "test", "run", still, by="Ana", reason="")
    carry(worker)
    assert flow.run(other).status == "succeeded"
    assert flow.run(still).status == "waiting"
    with pytest.raises(holding.AlreadyPaused):
        holding.pause(flow.workspace_id, "test", "run", still, by="Ana", reason="")
    with pytest.raises(IpaasError):
        holding.pause(flow.workspace_id, "test", "run", other, by="Ana", reason="")


def test_a_paused_run_can_be_cancelled(flow: OrderFlow, worker: Worker) -> None:
    run_id = flow.announce(flow.place())
    holding.pause(flow.workspace_id, "test", "flow", flow.flow_id, by="Ana", reason="")
    carry(worker)
    control.cancel(flow.workspace_id, run_id)
    assert flow.run(run_id).status == "cancelled"
    assert not Parked.objects.exists()
    assert flow.invoices() == []


def test_a_doubt_is_still_searched_for_after_a_pause(flow: OrderFlow, worker: Worker) -> None:
    flow.fault("quickbooks", "lost_reply", times=1, match="/invoice")
    run_id = flow.announce(flow.place())
    while flow.run(run_id).state.get("invoice", {}).get("status") != "in_doubt":
        if not worker.work_once(32):
            break
    place = (flow.workspace_id, "test")
    pause = holding.pause(*place, "connection", "quickbooks", by="Ana", reason="")
    carry(worker)
    holding.resume(flow.workspace_id, pause["id"])
    settle(worker)
    assert flow.run(run_id).status == "succeeded"
    assert len(flow.invoices()) == 1


def test_a_paused_run_holds_its_items_back(stage: Stage) -> None:
    nodes = [
        node("start", "trigger.manual"),
        node("each", "for_each", list=path("trigger.items")),
        node("m", "map", mapping=mapping(n="item")),
    ]
    release = stage.deploy("flow_x", document(nodes, "start>each each.item>m"))
    run_id = stage.start(release, {"items": [1, 2, 3]})
    pause = holding.pause(stage.workspace_id, "test", "run", run_id, by="Ana", reason="")
    stage.work()
    assert Run.objects.filter(parent_id=run_id).count() == 0
    holding.resume(stage.workspace_id, pause["id"])
    stage.work()
    assert stage.run(run_id).status == "succeeded"
    assert Run.objects.filter(parent_id=run_id).count() == 3


def test_a_paused_run_holds_back_the_items_of_its_items(stage: Stage) -> None:
    nodes = [
        node("start", "trigger.manual"),
        node("outer", "for_each", list=path("trigger.items")),
        node("inner", "for_each", list=path("item")),
        node("wait", "wait", amount=1, unit="hours"),
        node("deep", "for_each", list=path("item")),
        node("m", "map", mapping=mapping(n="item")),
    ]
    wires = "start>outer outer.item>inner inner.item>wait wait>deep deep.item>m"
    release = stage.deploy("flow_x", document(nodes, wires))
    run_id = stage.start(release, {"items": [[[1, 2]]]})
    stage.work()
    pause = holding.pause(stage.workspace_id, "test", "run", run_id, by="Ana", reason="")
    stage.skip(3601)
    stage.work()
    assert not Family.objects.filter(node_id="deep").exists()
    holding.resume(stage.workspace_id, pause["id"])
    stage.work()
    assert stage.run(run_id).status == "succeeded"


# Draining


def test_a_worker_that_drains_takes_nothing_and_leaves_all_to_others(
    flow: OrderFlow, worker: Worker
) -> None:
    runs = [flow.announce(flow.place()) for _ in range(3)]
    ending = Worker("ending", calls_at_once=4)
    real = ending._take

    def take_then_drain(claims: Any) -> Any:
        ending.drain()
        return real(claims)

    ending._take = take_then_drain  # type: ignore[method-assign]
    assert ending.work_once(32) == 3
    assert ending.work_once(32) == 0
    ending.close()
    assert not Run.objects.exclude(owner="").exists(), "no lease is left to run out"
    assert flow.invoices() == []
    carry(worker)
    assert {flow.run(run_id).status for run_id in runs} == {"succeeded"}
    assert len(flow.invoices()) == 3


# Variables of the environment


def test_a_run_keeps_the_variables_it_began_with(stage: Stage) -> None:
    place = (stage.workspace_id, "test")
    variables.put(*place, "store", "north", "Ana")
    nodes = [
        node("start", "trigger.manual"),
        node("each", "for_each", list=path("trigger.items")),
        node("m", "map", mapping=mapping(store="vars.store", n="item")),
        node("after", "map", mapping=mapping(store="vars.store")),
    ]
    release = stage.deploy("flow_x", document(nodes, "start>each each.item>m each.out>after"))
    run_id = stage.start(release, {"items": [1]})
    stage.worker.work_once(1)  # the run has begun, its item has not
    variables.put(*place, "store", "south", "Ana")
    surroundings.forget_variables()
    stage.work()
    (item,) = stage.children(stage.run(run_id))
    assert stage.output(item, "m")["store"] == "north"
    assert stage.output(stage.run(run_id), "after") == {"store": "north"}
    later = stage.start(release, {"items": [1]})
    stage.work()
    assert stage.output(stage.run(later), "after") == {"store": "south"}


def test_names_and_sizes_of_variables_have_bounds(stage: Stage) -> None:
    place = (stage.workspace_id, "test")
    for name, value in [("Store", 1), ("9a", 1), ("a" * 41, 1), ("ok", "x" * 9_000)]:
        with pytest.raises(variables.BadVariable):
            variables.put(*place, name, value, "Ana")
    variables.put(*place, "limit", 10, "Ana")
    assert variables.listed(*place)[0]["value"] == 10
    assert variables.listed(stage.workspace_id, "production") == []
    variables.remove(*place, "limit")
    with pytest.raises(variables.VariableNotFound):
        variables.remove(*place, "limit")


# A pause that is taken away at the moment at which a worker parks a run


@pytest.mark.parametrize("dies", [False, True])
def test_a_run_that_is_parked_just_as_its_pause_ends_goes_on_at_once(
    flow: OrderFlow, worker: Worker, monkeypatch: pytest.MonkeyPatch, dies: bool
) -> None:
    run_id = flow.announce(flow.place())
    place = (flow.workspace_id, "test")
    pause = holding.pause(*place, "flow", flow.flow_id, by="Ana", reason="")
    whole = store.checkpoint

    def lifted_meanwhile(records: Any) -> Any:
        if Pause.objects.exists() and records[0].plan.parked:
            holding.resume(flow.workspace_id, pause["id"])
        return whole(records)

    monkeypatch.setattr(store, "checkpoint", lifted_meanwhile)
    if dies:
        monkeypatch.setattr(comebacks, "look_again", lambda records: None)
    carry(worker)
    assert not Pause.objects.exists()
    if dies:
        assert flow.run(run_id).status == "waiting"
        assert comebacks.sweep() == 1
        carry(worker)
    assert flow.run(run_id).status == "succeeded"
    assert len(flow.invoices()) == 1


def test_a_sweep_leaves_what_is_paused_alone(flow: OrderFlow, worker: Worker) -> None:
    run_id = flow.announce(flow.place())
    holding.pause(flow.workspace_id, "test", "flow", flow.flow_id, by="Ana", reason="")
    carry(worker)
    assert comebacks.sweep() == 0
    assert flow.run(run_id).status == "waiting" and Parked.objects.exists()
