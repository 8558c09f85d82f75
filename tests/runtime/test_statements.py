"""How many SQL statements the hot path and the lists take: few, and no more for more rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runtime.effects.hands import Worker
from runtime.models import Run
from runtime.triggers.intake import receive
from tests.kit.cast import ApiClient
from tests.kit.order_flow import OrderFlow, make_order_flow, settle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=8)
    yield made
    made.close()


def statements(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_a_batch_of_orders_takes_few_statements_per_order(flow: OrderFlow, worker: Worker) -> None:
    one = flow.delivery(flow.place())
    many = [flow.delivery(flow.place(random=True, seed=seed)) for seed in range(32)]
    assert statements(lambda: receive([one])) <= 12
    assert statements(lambda: settle(worker)) <= 72  # QuickBooks counts calls, so we count them too
    # SQLite runs its prepared statements row by row; it has no way over a network to go.
    assert statements(lambda: receive(many)) <= (12 if connection.vendor == "postgresql" else 80)
    # Ten calls at once, as QuickBooks allows; on a busy machine fewer answers come together.
    assert statements(lambda: settle(worker)) <= 32 * 18
    assert Run.objects.filter(status="succeeded").count() == 33


@pytest.mark.parametrize("failing", [False, True])
def test_lists_take_as_many_statements_for_many_rows_as_for_few(
    flow: OrderFlow, worker: Worker, failing: bool
) -> None:
    client = ApiClient(flow.owner)
    home = f"/api/v1/w/{flow.slug}"
    lists = ["runs", "dead-letters", "overview", "flows", "connections", "xrefs"]

    def counted() -> dict[str, int]:
        return {
            name: statements(lambda name=name: client.get(f"{home}/{name}?environment=test"))
            for name in lists
        }

    def more(count: int) -> None:
        for number in range(count):
            wish = {"sample": "no-lines"} if failing else {"random": True, "seed": number}
            receive([flow.delivery(flow.place(**wish))])
        settle(worker)

    def another_flow() -> None:
        name = {"name": "Copy", "document": document}
        assert client.post(f"{home}/flows", name).status == 201

    document = client.get(f"{home}/flows/{flow.flow_id}").json["draft"]["document"]
    more(2)
    another_flow()
    counted()  # caches are warm
    few = counted()
    more(8)
    for _ in range(5):
        another_flow()
    assert counted() == few
    shown = client.get(f"{home}/runs?environment=test").json["items"]
    assert len(shown) == 10
