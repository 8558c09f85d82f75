"""Calls of runs count as uses of the connection by their flow; old counts are thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors import facade as connectors
from connectors.models import ConnectionRow, SecretUse, Upload
from ipaas.core import clock
from runtime.effects.hands import Worker
from runtime.workers.topology import Presence
from tests.kit.order_flow import OrderFlow, make_order_flow, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=4)
    yield made
    made.close()


def test_a_flows_calls_are_counted_as_its_own(sandbox: Any, worker: Worker) -> None:
    flow: OrderFlow = make_order_flow()
    run_id = flow.announce(flow.place())
    settle(worker)
    assert flow.run(run_id).status == "succeeded"
    books = ConnectionRow.objects.get(workspace_id=flow.workspace_id, slug="quickbooks")
    uses = {
        use.flow_id: use.count for use in connectors.uses_of_secrets(flow.workspace_id, books.id)
    }
    assert uses[flow.run(run_id).flow_id] >= 3


def test_a_process_that_ends_writes_the_uses_of_its_last_minute(
    sandbox: Any, worker: Worker
) -> None:
    flow: OrderFlow = make_order_flow()
    connectors.write_uses()
    SecretUse.objects.all().delete()
    run_id = flow.announce(flow.place())
    settle(worker)
    assert flow.run(run_id).status == "succeeded"
    Presence("web").end()
    posted = SecretUse.objects.filter(flow_id=flow.run(run_id).flow_id)
    assert sum(row.count for row in posted) >= 3


def test_what_has_served_its_time_is_thrown_away(cast: Any) -> None:
    row = ConnectionRow.objects.create(
        workspace_id=cast.north.id, environment="test", slug="m", name="M", connector="magento"
    )
    now = clock.now()
    for days in (1, 91):
        SecretUse.objects.create(
            connection=row, flow_id="f", minute=now - timedelta(days=days), count=1
        )
    for minutes in (5, 90):
        Upload.objects.create(
            workspace_id=cast.north.id,
            name="rows.csv",
            content=b"a",
            created_at=now - timedelta(minutes=minutes),
        )
    assert connectors.tidy() == 2
    assert (SecretUse.objects.count(), Upload.objects.count()) == (1, 1)
