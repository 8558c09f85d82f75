"""Limits as runs meet them: nothing is sent that the vendor forbids, and nothing is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors import facade as connectors
from ipaas.core import clock
from runtime import reading, store
from runtime.effects.hands import Worker
from runtime.limits.keeper import KEEPER
from runtime.models import AllowanceRow, Attempt, Run
from runtime.triggers.intake import receive
from tests.kit.order_flow import LaterClock, OrderFlow, control, make_order_flow, settle

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    KEEPER._kept.clear()
    return make_order_flow()


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=8)
    yield made
    made.close()


def announce(flow: OrderFlow, count: int) -> None:
    orders = [flow.place(random=True, seed=seed) for seed in range(count)]
    receive([flow.delivery(order) for order in orders])


def said(flow: OrderFlow, run_id: str) -> list[dict[str, Any]]:
    return reading.journal(flow.workspace_id, run_id, after=0)


def vendor_clock(flow: OrderFlow, offset_s: float) -> None:
    control("PUT", f"{flow.slug}/quickbooks/settings", {"clock_offset_s": offset_s})


def test_a_burst_above_the_vendors_limit_is_never_refused_by_it(
    flow: OrderFlow, worker: Worker
) -> None:
    announce(flow, 140)  # four calls each; QuickBooks takes 500 a minute
    later = LaterClock()
    with clock.use(later):
        for _ in range(200):
            while worker.work_once(32):
                pass
            due = store.next_due()
            if due is None:
                break
            later.skipped += max(due - clock.now(), clock.now() - clock.now())
            vendor_clock(flow, later.skipped.total_seconds())
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}
    assert len(flow.invoices()) == 140
    assert list(Attempt.objects.exclude(error=None).values_list("error", "started_at")) == []
    assert later.skipped.total_seconds() > 20  # some had to wait for the next minute


def test_what_people_ask_counts_for_the_vendors_limits(flow: OrderFlow) -> None:
    (before,) = minutes(flow)
    made = control("GET", f"{flow.slug}/quickbooks/calls?limit=200")["items"]
    assert before == len(made), "publishing has asked for the company's own fields"
    ref = connectors.ConnectionRef(flow.workspace_id, "test", "quickbooks")
    for _ in range(3):
        connectors.call(ref, "find_customer", {"email": "nobody@example.com"})
    (after,) = minutes(flow)
    assert after - before == 3


def minutes(flow: OrderFlow) -> list[int]:
    """Calls that were counted for the limit of a minute, of the account."""
    ref = connectors.ConnectionRef(flow.workspace_id, "test", "quickbooks")
    scopes = [scope for scope in connectors.limit_scopes(ref) if scope.limits]
    return [max(w.total() for w in KEEPER.state(scope).windows.values()) for scope in scopes][:1]


@pytest.mark.both_stacks
def test_a_system_that_is_down_gets_few_calls_and_all_orders_when_it_is_back(
    flow: OrderFlow, worker: Worker
) -> None:
    flow.fault("quickbooks", "server_error")
    announce(flow, 20)
    later = LaterClock()
    with clock.use(later):
        for _ in range(60):
            while worker.work_once(32):
                pass
            due = store.next_due()
            assert due is not None
            later.skipped += max(due - clock.now(), clock.now() - clock.now())
            if later.skipped.total_seconds() > 40:
                break
        failed = Attempt.objects.exclude(error=None).count()
        assert failed < 40  # twenty orders would have knocked some hundred times
        told = [entry["text"] for run in Run.objects.all() for entry in said(flow, run.id)]
        assert any("left alone for a while" in text for text in told)
        flow.fault("quickbooks", "server_error", active=False)
    settle(worker, jumps=400)
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}
    assert len(flow.invoices()) == 20
    assert all(not row.state.get("breaker") for row in AllowanceRow.objects.all())


def test_waiting_for_a_limit_uses_up_no_tries(flow: OrderFlow, worker: Worker) -> None:
    run_id = flow.announce(flow.place(random=True, seed=3))
    flow.fault("quickbooks", "rate_limited", times=1)
    announce(flow, 3)
    settle(worker, jumps=100)
    assert Run.objects.get(id=run_id).status == "succeeded"
    states = [state for run in Run.objects.all() for state in run.state.values()]
    assert max(state.get("attempts", 0) for state in states) <= 2
