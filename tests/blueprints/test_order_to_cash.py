"""Order to cash, complete: three flows between a shop and its books, on real sandboxes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from connectors import facade
from connectors.values import ConnectionRef
from runtime.effects.hands import Worker
from runtime.models import Run
from runtime.triggers.intake import receive
from tests.kit.order_flow import OrderFlow, cents, control, make_order_flow, settle

pytestmark = [pytest.mark.django_db(transaction=True)]

FLOWS = ("order_to_cash_complete", "payment_to_books", "refund_to_books")


@pytest.fixture
def books(sandbox: Any) -> OrderFlow:
    return make_order_flow(*FLOWS)


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=8)
    yield made
    made.close()


def records(books: OrderFlow, vendor: str, entity: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = control(
        "GET", f"{books.slug}/{vendor}/records/{entity}?limit=500"
    )["items"]
    return found


def succeeded() -> None:
    failed = [run.error for run in Run.objects.exclude(status="succeeded")]
    assert failed == []


def told(books: OrderFlow, worker: Worker, document: Any, event: str) -> None:
    receive([books.delivery(document, event=event)])
    settle(worker)


def test_an_order_that_is_paid_becomes_a_receipt_and_its_refund_follows(
    books: OrderFlow, worker: Worker
) -> None:
    order = books.place(random="mixed", seed=2)
    while "total_paid" not in order:
        order = books.place(random="mixed")
    books.announce(order)
    settle(worker)
    succeeded()
    (receipt,) = [
        r
        for r in records(books, "quickbooks", "SalesReceipt")
        if r["DocNumber"] == order["increment_id"]
    ]
    assert cents(receipt["TotalAmt"]) == cents(order["grand_total"])
    assert books.invoices(order["increment_id"]) == []
    refund(books, worker, order)


def refund(books: OrderFlow, worker: Worker, order: dict[str, Any]) -> None:
    shop = ConnectionRef(books.workspace_id, "test", "magento")
    memo = facade.call(
        shop, "create_credit_memo", {"order_id": order["entity_id"]}, idempotency_key="m"
    ).output
    told(books, worker, memo, "sales_order_creditmemo_save_after")
    succeeded()
    (back,) = records(books, "quickbooks", "RefundReceipt")
    assert cents(back["TotalAmt"]) == cents(memo["grand_total"]) == cents(order["grand_total"])


def test_an_order_that_is_paid_later_becomes_an_invoice_and_a_linked_payment(
    books: OrderFlow, worker: Worker
) -> None:
    order = books.place(sample="discount")
    books.announce(order)
    settle(worker)
    succeeded()
    (invoice,) = books.invoices(order["increment_id"])
    assert cents(invoice["Balance"]) == cents(order["grand_total"])
    shop = ConnectionRef(books.workspace_id, "test", "magento")
    wish = {"order_id": order["entity_id"], "capture": True}
    made = facade.call(shop, "create_invoice", wish, idempotency_key="i").output
    told(books, worker, made, "sales_order_invoice_save_after")
    told(
        books,
        worker,
        {**made, "updated_at": "2030-01-01 00:00:00"},
        "sales_order_invoice_save_after",
    )
    succeeded()
    (paid,) = books.invoices(order["increment_id"])
    assert cents(paid["Balance"]) == 0
    (payment,) = [
        p
        for p in records(books, "quickbooks", "Payment")
        if any(t["TxnId"] == invoice["Id"] for line in p["Line"] for t in line["LinkedTxn"])
    ]
    assert cents(payment["TotalAmt"]) == cents(order["grand_total"])


def test_a_product_that_the_books_do_not_know_is_made_once(
    books: OrderFlow, worker: Worker
) -> None:
    for _ in range(2):
        order = books.place(sample="unknown-sku")
        books.announce(order)
        settle(worker)
    succeeded()
    items = [i for i in records(books, "quickbooks", "Item") if i.get("Sku") == "TASTING-BOX"]
    assert len(items) == 1
    assert items[0]["Name"] == "Tasting box, this week's choice (TASTING-BOX)"
    assert len(books.invoices(order["increment_id"])) == 1


def test_what_the_shop_rounded_elsewhere_is_a_line_that_everybody_sees(
    books: OrderFlow, worker: Worker
) -> None:
    order = books.place(sample="ordinary")
    order["grand_total"] = Decimal(str(order["grand_total"])) + Decimal("0.02")
    books.announce(order)
    settle(worker)
    succeeded()
    (invoice,) = books.invoices(order["increment_id"])
    assert cents(invoice["TotalAmt"]) == cents(order["grand_total"])
    rounding = [line for line in invoice["Line"] if line.get("Description") == "Rounding"]
    assert [cents(line["Amount"]) for line in rounding] == [Decimal("0.02")]
