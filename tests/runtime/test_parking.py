"""Connections that lose their authorisation: runs wait for them, and nobody has to retry any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors import credentials
from connectors.models import ConnectionRow
from runtime.effects.hands import Worker
from runtime.models import DeadLetter, Parked
from runtime.reconnection import connection_ready, waiting_for_connections
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
