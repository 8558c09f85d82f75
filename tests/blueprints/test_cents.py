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
from runtime.models import Attempt, Run
from runtime.triggers.intake import receive
from tests.blueprints.test_order_to_cash import FLOWS
from tests.kit.order_flow import LaterClock, OrderFlow, cents, control, jump, make_order_flow

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
        jump(books, later, max(timedelta(0), due - clock.now()))


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


def test_random_orders_and_what_becomes_of_them_have_the_same_totals_in_both_systems(
    books: OrderFlow, worker: Worker, later: LaterClock
) -> None:
    """Orders, then payments in parts, refunds and cancellations, a batch at a time."""
    shop = Shop(books)
    jump(books, later, timedelta(minutes=1))  # the flows were published a while ago
    for start in range(0, COUNT, BATCH):
        seeds = range(start, min(start + BATCH, COUNT))
        orders = [books.place(random="mixed", seed=seed) for seed in seeds]
        receive([books.delivery(order) for order in orders])
        settle(books, worker, later)
        for seed, order in zip(seeds, orders, strict=True):
            shop.takes(seed, order)
        receive(shop.messages())
        settle(books, worker, later)
        # Only what is still to be looked at stays in memory.
        assert Run.objects.exclude(status="succeeded").values_list("error").first() is None

    posted = {
        record["DocNumber"]: record
        for entity in ("Invoice", "SalesReceipt")
        for record in everything(books, entity)
    }
    found = {number: cents(record["TotalAmt"]) for number, record in posted.items()}
    assert differences(shop.totals, found) == {}
    still_open = {number: cents(posted[number]["Balance"]) for number in shop.open}
    assert differences(shop.open, still_open) == {}
    for entity, expected in (("RefundReceipt", shop.refunds), ("CreditMemo", shop.credits)):
        found = {r["DocNumber"]: cents(r["TotalAmt"]) for r in everything(books, entity)}
        assert differences(expected, found) == {}
        assert len(found) == len(expected)
    adjusted = sum(
        any(line.get("Description") == "Rounding" for line in record["Line"])
        for record in posted.values()
    )
    assert adjusted == shop.rounded > 0
    waited = Attempt.objects.exclude(outcome="ok").values_list("outcome", "error")
    assert [error for _, error in waited if error] == [], "the vendor's limits were not kept"
    print(
        f"{len(shop.totals)} orders ({len(shop.open)} invoices), {len(shop.refunds)} refunds, "
        f"{len(shop.credits)} credits, {shop.payments} payments agree; {adjusted} with a rounding "
        f"line; naively {shop.missed} would be off"
    )
    assert shop.missed >= len(shop.totals) / 5, "these orders would not show a wrong rounding"
    assert shop.sorts >= {"paid", "unpaid", "tax in price", "discount", "bundle", "two rates"}
    assert shop.refunds and shop.payments


class Shop:
    """What the shop does with its orders, and the totals that the books must have."""

    def __init__(self, books: OrderFlow) -> None:
        self.books = books
        self.ref = facade.ConnectionRef(books.workspace_id, "test", "magento")
        self.totals: dict[str, Decimal] = {}
        self.open: dict[str, Decimal] = {}
        self.refunds: dict[str, Decimal] = {}
        self.credits: dict[str, Decimal] = {}
        self.sorts: set[str] = set()
        self.missed = self.rounded = self.payments = 0
        self._said: list[tuple[dict[str, Any], str]] = []

    def takes(self, seed: int, order: dict[str, Any]) -> None:
        """Count the order, and let something happen to it."""
        number, total = order["increment_id"], cents(order["grand_total"])
        self.totals[number] = total
        self.missed += naive(order) != total
        self.sorts |= kinds(order)
        self.rounded += rounding(order) != 0
        if not total:
            self.open[number] = total  # all of it is discount: nobody pays, nothing is taken back
            return
        if order.get("total_paid"):
            if seed % 3 == 0:
                self._refund(seed, order)
            return
        self.open[number] = total
        rows = [row for row in order["items"] if "parent_item_id" not in row]
        if seed % 7 == 2:
            self._call("cancel_order", {"id": order["entity_id"]}, seed)
            self.totals[number] = self.open[number] = Decimal(0)
            self._tell_order(order, "cancelled")
        elif seed % 3 == 1:
            part = seed % 2 == 0 and len(rows) > 1
            self._pay(seed, order, rows[:1] if part else [])
            if part and seed % 4 == 0:
                self._cancel_rest(seed, order)

    def _pay(self, seed: int, order: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        items = [{"order_item_id": row["item_id"], "qty": row["qty_ordered"]} for row in rows]
        wish = {"order_id": order["entity_id"], "items": items, "capture": True}
        made = self._call("create_invoice", wish, seed)
        self.open[order["increment_id"]] -= cents(made["grand_total"])
        self.payments += 1
        self._said.append((made, "sales_order_invoice_save_after"))

    def _cancel_rest(self, seed: int, order: dict[str, Any]) -> None:
        self._call("cancel_order", {"id": order["entity_id"]}, seed)
        now = self._tell_order(order, "rest cancelled")
        self.open[order["increment_id"]] = Decimal(0)
        self.credits[f"{order['increment_id']}-C"] = cents(now["total_canceled"])

    def _refund(self, seed: int, order: dict[str, Any]) -> None:
        """All, or some pieces of one row: with the shipping, with a fee or with something more."""
        wish: dict[str, Any] = {"order_id": order["entity_id"]}
        if seed % 2:
            rows = [row for row in order["items"] if "parent_item_id" not in row]
            row = rows[seed % len(rows)]
            qty = max(1, int(row["qty_ordered"]) // 2)
            wish["items"] = [{"order_item_id": row["item_id"], "qty": qty}]
            sort = seed % 5
            if sort == 0:
                wish["shipping_amount"] = order["shipping_amount"]
            elif sort == 1:
                wish["adjustment_positive"] = "0.37"
        memo = self._call("create_credit_memo", wish, seed)
        self.refunds[memo["increment_id"]] = cents(memo["grand_total"])
        self._said.append((memo, "sales_order_creditmemo_save_after"))

    def _tell_order(self, order: dict[str, Any], what: str) -> dict[str, Any]:
        now: dict[str, Any] = self._call("get_order", {"id": order["entity_id"]}, 0)
        assert now["total_canceled"] > 0, what
        self._said.append((now, "sales_order_save_after"))
        return now

    def _call(self, operation: str, wish: dict[str, Any], seed: int) -> Any:
        key = f"{operation}-{seed}"
        return facade.call(self.ref, operation, wish, idempotency_key=key).output

    def messages(self) -> list[Any]:
        """What the shop has to say since the last time."""
        said, self._said = self._said, []
        return [self.books.delivery(record, event=event) for record, event in said]


def differences(
    expected: dict[str, Decimal], found: dict[str, Decimal]
) -> dict[str, tuple[Decimal, Decimal | None]]:
    return {
        number: (total, found.get(number))
        for number, total in expected.items()
        if found.get(number) != total
    }


def rounding(order: dict[str, Any]) -> Decimal:
    names = "subtotal shipping_amount discount_amount discount_tax_compensation_amount tax_amount"
    parts = sum((Decimal(str(order[name])) for name in names.split()), Decimal(0))
    return Decimal(str(order["grand_total"])) - parts


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
