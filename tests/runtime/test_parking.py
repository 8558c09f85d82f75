"""Connections that lose their authorisation: runs wait for them, and nobody has to retry any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors import changing, credentials, health
from connectors import facade as connectors
from connectors.models import ConnectionRow
from runtime import comebacks, reconnection, store
from runtime.effects.flight import Flight
from runtime.effects.hands import Worker
from runtime.models import DeadLetter, Parked
from runtime.reconnection import connection_ready, waiting_for_connections
from tests.faults.yard.scene import scene
from tests.kit.drawing import mapping, node
from tests.kit.order_flow import OrderFlow, make_order_flow, settle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


def turn(flow: OrderFlow, status: str) -> None:
    """Change the state of the books' connection, as a refusal or a consent does."""
    row = ConnectionRow.objects.get(workspace_id=flow.workspace_id, slug="quickbooks")
    ConnectionRow.objects.filter(id=row.id).update(status=status)
    credentials.forget(row.id)


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=4)
    yield made
    made.close()


def test_runs_wait_for_a_lost_connection_and_go_on_when_it_is_back(
    sandbox: Any, worker: Worker
) -> None:
    flow: OrderFlow = make_order_flow()
    turn(flow, "reconnect")
    runs = [flow.announce(flow.place(random=True, seed=seed)) for seed in range(3)]
    while worker.work_once(32):
        pass
    assert {flow.run(run).status for run in runs} == {"waiting"}
    assert not DeadLetter.objects.exists()
    assert waiting_for_connections(flow.workspace_id, "test") == {"quickbooks": 3}
    turn(flow, "ready")
    assert connection_ready(flow.workspace_id, "test", "quickbooks") == 3
    settle(worker)
    assert {flow.run(run).status for run in runs} == {"succeeded"}
    assert len(flow.invoices()) == 3
    assert not Parked.objects.exists()


def test_a_connection_that_is_still_lost_parks_the_run_again_and_uses_nothing_up(
    sandbox: Any, worker: Worker
) -> None:
    flow: OrderFlow = make_order_flow()
    turn(flow, "reconnect")
    run_id = flow.announce(flow.place())
    for _ in range(15):
        while worker.work_once(32):
            pass
        connection_ready(flow.workspace_id, "test", "quickbooks")
    while worker.work_once(32):
        pass
    run = flow.run(run_id)
    assert (run.status, run.owner) == ("waiting", "")
    assert not DeadLetter.objects.exists()
    turn(flow, "ready")
    connection_ready(flow.workspace_id, "test", "quickbooks")
    settle(worker)
    assert flow.run(run_id).status == "succeeded"


def test_nobody_else_is_woken(sandbox: Any, worker: Worker) -> None:
    flow: OrderFlow = make_order_flow()
    turn(flow, "reconnect")
    run_id = flow.announce(flow.place())
    while worker.work_once(32):
        pass
    assert connection_ready(flow.workspace_id, "production", "quickbooks") == 0
    assert connection_ready(flow.workspace_id, "test", "magento") == 0
    assert flow.run(run_id).status == "waiting"


# A connection that comes back at the moment at which a run is parked for it


def mend(flow: OrderFlow, *, elsewhere: bool = False) -> None:
    """The books are authorised again, in this process or in another one, and runs are woken."""
    row = ConnectionRow.objects.get(workspace_id=flow.workspace_id, slug="quickbooks")
    ConnectionRow.objects.filter(id=row.id).update(status="ready")
    if not elsewhere:
        credentials.forget(row.id)
    health.record(row.id, health.AUTHORISED)
    health.tell_ready(flow.workspace_id, "test", "quickbooks")


@pytest.mark.parametrize("dies", [False, True])
def test_a_run_that_is_parked_just_as_its_connection_comes_back_goes_on_at_once(
    sandbox: Any, worker: Worker, monkeypatch: pytest.MonkeyPatch, dies: bool
) -> None:
    flow: OrderFlow = make_order_flow()
    turn(flow, "reconnect")
    run_id = flow.announce(flow.place())
    whole = store.checkpoint
    mended = []

    def mended_meanwhile(records: Any) -> Any:
        if not mended and records[0].plan.parked:
            mended.append(True)
            mend(flow)
        return whole(records)

    monkeypatch.setattr(store, "checkpoint", mended_meanwhile)
    if dies:
        monkeypatch.setattr(comebacks, "look_again", lambda records: None)
    while worker.work_once(32):
        pass
    if dies:
        assert flow.run(run_id).status == "waiting"
        assert reconnection.sweep() == 1
        while worker.work_once(32):
            pass
    assert flow.run(run_id).status == "succeeded"
    assert len(flow.invoices()) == 1


def test_a_worker_that_remembers_the_lost_connection_asks_again_before_it_refuses(
    sandbox: Any, worker: Worker
) -> None:
    flow: OrderFlow = make_order_flow()
    turn(flow, "reconnect")
    run_id = flow.announce(flow.place())
    while worker.work_once(32):
        pass
    assert flow.run(run_id).status == "waiting"
    mend(flow, elsewhere=True)
    while worker.work_once(32):
        pass
    assert flow.run(run_id).status == "succeeded"


def test_a_connection_that_refuses_all_the_same_is_not_tried_again_and_again(
    sandbox: Any, worker: Worker
) -> None:
    flow: OrderFlow = make_order_flow()
    run_id = flow.announce(flow.place())
    turn(flow, "reconnect")
    mend(flow)
    turn(flow, "reconnect")
    while worker.work_once(32):
        pass
    turn(flow, "ready")  # but nobody has mended anything since
    assert (reconnection.sweep(), flow.run(run_id).status) == (0, "waiting")


def test_a_run_that_an_older_version_parked_is_swept_up_too(sandbox: Any, worker: Worker) -> None:
    flow: OrderFlow = make_order_flow()
    turn(flow, "reconnect")
    run_id = flow.announce(flow.place())
    while worker.work_once(32):
        pass
    Parked.objects.update(since=None)
    row = ConnectionRow.objects.get(workspace_id=flow.workspace_id, slug="quickbooks")
    turn(flow, "ready")
    health.record(row.id, health.AUTHORISED)  # and nobody is told
    assert reconnection.sweep() == 1
    while worker.work_once(32):
        pass
    assert flow.run(run_id).status == "succeeded"


def test_a_connection_that_comes_back_while_another_call_of_the_run_is_away_is_noticed(
    settings: Any,
) -> None:
    with scene(settings) as it:
        place = (it.stage.workspace_id, "test")
        made = {"connector": "dock", "settings": {"base_url": it.url}, "sandbox": True}
        connectors.create_connection(*place, name="Other", slug="other", **made)
        given = mapping(name="trigger.name")
        post = {"connector": "dock", "operation": "post_keyed", "input": given}
        nodes = [node(name, "action", connection=name, **post) for name in ("dock", "other")]
        it.publish(nodes, "start>dock start>other")
        dock = ConnectionRow.objects.get(workspace_id=it.stage.workspace_id, slug="dock")
        ConnectionRow.objects.filter(id=dock.id).update(status="reconnect")
        credentials.forget(dock.id)
        it.ledger.held.add("p")
        (run_id,) = it.bring("p")
        worker, flight = it.stage.worker, Flight()
        worker._turn(it.claim(), flight)
        while not Parked.objects.exists():
            worker._turn(worker._gather(flight), flight)
        assert flight, "the other call is away"
        ConnectionRow.objects.filter(id=dock.id).update(status="ready")
        health.record(dock.id, health.AUTHORISED)
        health.tell_ready(*place, "dock")
        it.ledger.held.clear()
        while flight:
            worker._turn(worker._gather(flight), flight)
        it.stage.work()
        assert (it.stage.run(run_id).status, it.papers("p")) == ("succeeded", 2)


# Whoever mends a connection dies before telling of it


def test_runs_go_on_with_the_next_sweep_though_who_saved_the_connection_died(
    settings: Any,
) -> None:
    with scene(settings) as it:
        it.publish_post("post_keyed")
        row = ConnectionRow.objects.get(workspace_id=it.stage.workspace_id, slug="dock")
        ConnectionRow.objects.filter(id=row.id).update(status="disabled")
        credentials.forget(row.id)
        (run_id,) = it.bring("p")
        it.stage.work()
        assert (it.stage.run(run_id).status, Parked.objects.count()) == ("waiting", 1)
        changing.change_connection(
            it.stage.workspace_id, row.id, secrets={}, actor="alice", disabled=False
        )  # and nobody is told
        assert reconnection.sweep() == 1
        it.stage.work()
        assert (it.stage.run(run_id).status, it.papers("p")) == ("succeeded", 1)


def test_a_connection_is_not_saved_without_its_note(settings: Any) -> None:
    def dies(workspace_id: str, environment: str) -> None:
        raise KeyboardInterrupt

    with scene(settings) as it:
        row = ConnectionRow.objects.get(workspace_id=it.stage.workspace_id, slug="dock")
        health.register_change_listener(dies)
        try:
            with pytest.raises(KeyboardInterrupt):
                changing.change_connection(
                    it.stage.workspace_id, row.id, secrets={}, actor="alice", name="Other"
                )
        finally:
            health._change_listeners.remove(dies)
        assert ConnectionRow.objects.get(id=row.id).name == "Dock"
