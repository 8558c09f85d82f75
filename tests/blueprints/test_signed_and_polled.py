"""The complete flows for a shop that sends nothing: signed calls, changes that are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ipaas.core import clock
from runtime.effects.hands import Worker
from runtime.models import Run
from runtime.workers import scheduler
from tests.blueprints.test_order_to_cash import FLOWS, records
from tests.kit.order_flow import LaterClock, OrderFlow, cents, control, jump, make_order_flow

pytestmark = [pytest.mark.django_db(transaction=True)]
LOOK = timedelta(minutes=2, seconds=10)


@pytest.fixture
def later() -> Iterator[LaterClock]:
    made = LaterClock()
    with clock.use(made):
        yield made


@pytest.fixture
def books(sandbox: Any, later: LaterClock) -> OrderFlow:
    return make_order_flow(*FLOWS, auth="signed", polled=True)


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=8)
    yield made
    made.close()


def look(books: OrderFlow, worker: Worker, later: LaterClock, times: int = 1) -> None:
    """Time passes, the shop is asked, and what it says is done."""
    for _ in range(times):
        jump(books, later, LOOK)
        scheduler.turn()
        while worker.work_once(32):
            pass


def test_orders_payments_refunds_and_cancellations_are_found_by_asking(
    books: OrderFlow, worker: Worker, later: LaterClock
) -> None:
    look(books, worker, later)  # the first look only finds where "now" is
    orders = {
        sample: books.place(sample=sample)
        for sample in ("ordinary", "paid", "two-parts", "refunded", "cancelled", "part-cancelled")
    }
    look(books, worker, later, times=4)
    assert [run.error for run in Run.objects.exclude(status="succeeded")] == []
    # The shop was asked late, so it knew more of an order than a message would have said.
    invoices = {
        name: cents(invoice["Balance"])
        for name, order in orders.items()
        for invoice in books.invoices(order["increment_id"])
    }
    receipts = {record["DocNumber"] for record in records(books, "quickbooks", "SalesReceipt")}
    assert invoices == {"ordinary": cents(orders["ordinary"]["grand_total"]), "part-cancelled": 0}
    paid = ("paid", "two-parts", "refunded")
    assert {orders[name]["increment_id"] for name in paid} <= receipts
    (back,) = records(books, "quickbooks", "RefundReceipt")
    (memo,) = records(books, "magento", "creditmemo")
    assert cents(back["TotalAmt"]) == cents(memo["grand_total"])

    # What was seen before is not begun again, although looks overlap; what is new is.
    runs = Run.objects.count()
    books.place(sample="ordinary")
    look(books, worker, later, times=4)
    assert Run.objects.count() == runs + 1


def test_the_calls_are_signed(books: OrderFlow, worker: Worker, later: LaterClock) -> None:
    look(books, worker, later)
    control("PUT", f"{books.slug}/magento/settings", {"bearer_allowed": False})
    order = books.place(sample="ordinary")
    look(books, worker, later)
    (invoice,) = books.invoices(order["increment_id"])
    assert cents(invoice["TotalAmt"]) == cents(order["grand_total"])
