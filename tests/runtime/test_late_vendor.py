"""A vendor that does, or shows, what it was asked for only later gets one document all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ipaas.core import clock
from runtime import control as runs
from runtime import store
from runtime.effects.hands import Worker
from runtime.models import Attempt, DeadLetter, Run
from tests.kit.order_flow import LaterClock, OrderFlow, control, make_order_flow
from tests.kit.shop_writes import shop_flow

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=8)
    yield made
    made.close()


def settle_together(flow: OrderFlow, worker: Worker) -> float:
    """Work until nothing is due; our clock and the vendors' jump together. Seconds that took."""
    later = LaterClock()
    with clock.use(later):
        for _ in range(80):
            while worker.work_once(32):
                pass
            due = store.next_due()
            if due is None:
                return later.skipped.total_seconds()
            later.skipped += max(due - clock.now(), clock.now() - clock.now())
            offset = {"offset_s": int(later.skipped.total_seconds()) + 1}
            control("PUT", f"{flow.slug}/clock", offset)
    raise AssertionError("the run never came to rest")


TROUBLE = {
    "the work is done and not shown for half a minute": ("lost_reply", {}),
    "the work is done after the first search": ("late_commit", {"commit_after_s": 10}),
    "both, one after the other": ("late_commit", {"commit_after_s": 5, "visible_after_s": 25}),
}


def trouble(flow: OrderFlow, vendor: str, name: str, match: str) -> None:
    fault, settings = TROUBLE[name]
    control("PUT", f"{flow.slug}/{vendor}/settings", settings or {"visible_after_s": 30})
    flow.fault(vendor, fault, times=1, match=match)
    flow.fault(vendor, "late_records")


@pytest.mark.parametrize("name", TROUBLE)
def test_quickbooks_gets_one_invoice(flow: OrderFlow, worker: Worker, name: str) -> None:
    order = flow.place()
    trouble(flow, "quickbooks", name, "/invoice")
    run_id = flow.announce(order)
    settle_together(flow, worker)
    assert flow.run(run_id).status == "succeeded", flow.run(run_id).error
    assert len(flow.invoices(order["increment_id"])) == 1


ROWS = [{"sku": "MUG-RED", "name": "Red mug", "qty_ordered": 1, "price": 5, "row_total": 5}]
ORDER = {"customer_email": "a@b.example", "ext_order_id": "ERP-8", "items": ROWS}


def orders(flow: OrderFlow) -> int:
    items = control("GET", f"{flow.slug}/magento/records/order?limit=500")["items"]
    return sum(each.get("ext_order_id") == "ERP-8" for each in items)


@pytest.mark.parametrize("name", TROUBLE)
def test_a_shop_without_keys_gets_one_order(flow: OrderFlow, worker: Worker, name: str) -> None:
    release = shop_flow(flow)
    trouble(flow, "magento", name, "/orders/create")
    run_id = runs.start_run(flow.workspace_id, release, ORDER)
    took_s = settle_together(flow, worker)
    run = Run.objects.get(id=run_id)
    assert run.status == "succeeded", run.error
    assert orders(flow) == 1
    assert took_s > 30
    purposes = Attempt.objects.filter(run_id=run_id).values_list("purpose", "outcome")
    assert [each for each in purposes if each[0] == "send"] == [("send", "unknown")]


def test_what_never_arrived_is_sent_again_once(flow: OrderFlow, worker: Worker) -> None:
    release = shop_flow(flow)
    control("PUT", f"{flow.slug}/magento/settings", {"commit_after_s": 1_000_000})
    flow.fault("magento", "late_commit", times=1, match="/orders/create")
    run_id = runs.start_run(flow.workspace_id, release, ORDER)
    settle_together(flow, worker)
    assert Run.objects.get(id=run_id).status == "succeeded"
    assert orders(flow) == 1
    assert not DeadLetter.objects.exists()
