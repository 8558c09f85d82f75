"""Totals of orders agree to the cent in both systems, by the rule in docs/connectors/magento.md.

CAUSEWAY_CENTS sets how many orders are posted (25 in the suite; 5000 for the whole proof).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from connectors import facade
from ipaas.core import clock
from runtime import store
from runtime.effects.hands import Worker
from runtime.models import Run
from runtime.triggers.intake import receive
from tests.blueprints.test_order_to_cash import FLOWS
from tests.kit.order_flow import LaterClock, OrderFlow, cents, control, make_order_flow

pytestmark = [pytest.mark.django_db(transaction=True)]
COUNT = int(os.environ.get("CAUSEWAY_CENTS", "25"))
BATCH = 100


@pytest.fixture
def books(sandbox: Any) -> OrderFlow:
    return make_order_flow(*FLOWS)


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=8)
    yield made
    made.close()


@pytest.fixture
def later() -> Iterator[LaterClock]:
    made = LaterClock()
    with clock.use(made):
        yield made


def settle(books: OrderFlow, worker: Worker, later: LaterClock) -> None:
    """Work until nothing is due; our clock and the vendors' jump together, so limits are real."""
    while True:
        while worker.work_once(32):
            pass
        due = store.next_due()
        if due is None:
            return
        skipped = later.skipped + max(timedelta(0), due - clock.now())
        offset_s = int(skipped.total_seconds()) + 1  # the vendors count whole seconds
        later.skipped = timedelta(seconds=offset_s)
        control("PUT", f"{books.slug}/clock", {"offset_s": offset_s})


def naive(order: dict[str, Any]) -> Decimal:
    """The total if prices were posted with two decimals and tax by rate, as one would at first."""

    def rounded(amount: Any) -> Decimal:
        return Decimal(str(amount)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

    rows = [row for row in order["items"] if "parent_item_id" not in row]
    total = sum(
        (rounded(row["price"]) * Decimal(str(row["qty_ordered"])) for row in rows), Decimal(0)
    )
    rates = {Decimal(str(row["tax_percent"])) for row in rows}
    for rate in rates:
        taxed = sum(
            (
                rounded(row["price"]) * Decimal(str(row["qty_ordered"]))
                - Decimal(str(row["discount_amount"]))
                for row in rows
                if Decimal(str(row["tax_percent"])) == rate
            ),
            Decimal(0),
        )
        total += rounded(taxed * rate / 100)
    shipping = Decimal(str(order["shipping_amount"])) + Decimal(str(order["shipping_tax_amount"]))
    return rounded(total + Decimal(str(order["discount_amount"])) + shipping)


def test_random_orders_and_refunds_have_the_same_totals_in_both_systems(
    books: OrderFlow, worker: Worker, later: LaterClock
) -> None:
    shop = facade.ConnectionRef(books.workspace_id, "test", "magento")
    totals: dict[str, Decimal] = {}
    missed = 0
    sorts: set[str] = set()
    for start in range(0, COUNT, BATCH):
        size = min(BATCH, COUNT - start)
        orders = [books.place(random="mixed", seed=start + n) for n in range(size)]
        receive([books.delivery(order) for order in orders])
        settle(books, worker, later)
        for order in orders:
            totals[order["increment_id"]] = cents(order["grand_total"])
            missed += naive(order) != cents(order["grand_total"])
            sorts |= kinds(order)
    posted = {
        record["DocNumber"]: cents(record["TotalAmt"])
        for entity in ("Invoice", "SalesReceipt")
        for record in everything(books, entity)
    }
    assert [run.error for run in Run.objects.exclude(status="succeeded")] == []
    wrong = {
        number: (total, posted.get(number))
        for number, total in totals.items()
        if posted.get(number) != total
    }
    assert wrong == {}
    print(f"{len(totals)} orders agree; posted naively, {missed} would be off")
    assert missed >= len(totals) / 5, "these orders would not show a wrong way of rounding"
    assert sorts >= {"paid", "unpaid", "tax in price", "discount", "bundle", "two rates"}

    paid = [order for order in orders if order.get("total_paid")][:5]
    memos = []
    for order in paid:
        row = next(row for row in order["items"] if "parent_item_id" not in row)
        items = [{"order_item_id": row["item_id"], "qty": 1}]
        wish = {"order_id": order["entity_id"], "items": items}
        key = f"memo-{order['entity_id']}"
        memos.append(facade.call(shop, "create_credit_memo", wish, idempotency_key=key).output)
    event = "sales_order_creditmemo_save_after"
    receive([books.delivery(memo, event=event) for memo in memos])
    settle(books, worker, later)
    back = {r["DocNumber"]: cents(r["TotalAmt"]) for r in everything(books, "RefundReceipt")}
    assert back == {memo["increment_id"]: cents(memo["grand_total"]) for memo in memos}


def kinds(order: dict[str, Any]) -> set[str]:
    rows = [row for row in order["items"] if "parent_item_id" not in row]
    told = {
        "paid": bool(order.get("total_paid")),
        "unpaid": not order.get("total_paid"),
        "tax in price": any(row["discount_tax_compensation_amount"] for row in rows),
        "discount": bool(order["discount_amount"]),
        "bundle": any(row["product_type"] == "bundle" for row in rows),
        "two rates": len({row["tax_percent"] for row in rows}) > 1,
    }
    return {name for name, holds in told.items() if holds}


def everything(books: OrderFlow, entity: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        path = f"{books.slug}/quickbooks/records/{entity}?limit=500&offset={len(found)}"
        page = control("GET", path)
        found += page["items"]
        if not page["items"] or len(found) >= page["total"]:
            return found
