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

FLOWS = (
    "order_to_cash_complete",
    "payment_to_books",
    "refund_to_books",
    "cancellation_to_books",
)
ORDER, INVOICE, MEMO = (
    "sales_order_save_after",
    "sales_order_invoice_save_after",
    "sales_order_creditmemo_save_after",
)


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


def everything_told(books: OrderFlow, worker: Worker, order: dict[str, Any]) -> None:
    """All that the shop would have said of an order by now, at once and in a bad order."""
    said = [
        (record, event)
        for entity, event in (("creditmemo", MEMO), ("invoice", INVOICE))
        for record in records(books, "magento", entity)
        if record["order_id"] == order["entity_id"]
    ]
    receive([books.delivery(record, event=event) for record, event in said])
    receive([books.delivery(now(books, order), event=ORDER)])
    settle(worker)


def now(books: OrderFlow, order: dict[str, Any]) -> dict[str, Any]:
    """The order as the shop has it by now."""
    (found,) = (
        o for o in records(books, "magento", "order") if o["entity_id"] == order["entity_id"]
    )
    return found


def placed(books: OrderFlow, sample: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A sample order that went on in the shop at once: as it was placed, and by now."""
    order = books.place(sample=sample)
    first = {
        **order,
        "state": "new",
        "status": "pending",
        **{
            name: 0
            for name in order
            if name.endswith(("_invoiced", "_canceled", "_paid", "_refunded"))
        },
    }
    return first, order


@pytest.mark.parametrize("seed", [23, 20], ids=["by_its_lines", "rounded_to_five_cents"])
def test_an_order_that_is_paid_becomes_a_receipt_and_its_refund_follows(
    books: OrderFlow, worker: Worker, seed: int
) -> None:
    order = books.place(random="mixed", seed=seed)
    assert "total_paid" in order
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


def test_an_invoice_that_is_made_and_paid_in_one_second_is_posted_as_paid_once(
    books: OrderFlow, worker: Worker
) -> None:
    order = books.place(sample="ordinary")
    books.announce(order)
    settle(worker)
    shop = ConnectionRef(books.workspace_id, "test", "magento")
    wish = {"order_id": order["entity_id"]}
    made = facade.call(shop, "create_invoice", wish, idempotency_key="i").output
    facade.call(shop, "capture_invoice", {"id": made["entity_id"]}, idempotency_key="c")
    paid = facade.call(shop, "get_invoice", {"id": made["entity_id"]}).output
    assert (made["state"], paid["state"]) == (1, 2)
    same = {**paid, "updated_at": made["updated_at"]}
    receive([books.delivery(each, event=INVOICE) for each in (made, same, same)])
    settle(worker)
    succeeded()
    assert [cents(i["Balance"]) for i in books.invoices(order["increment_id"])] == [0]
    (payment,) = records(books, "quickbooks", "Payment")
    assert cents(payment["TotalAmt"]) == cents(order["grand_total"])


def test_a_product_that_the_books_do_not_know_is_made_once(
    books: OrderFlow, worker: Worker
) -> None:
    for _ in range(2):
        order = books.place(sample="new-product")
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


def test_an_order_paid_in_two_parts_is_one_invoice_with_two_payments(
    books: OrderFlow, worker: Worker
) -> None:
    first, order = placed(books, "two-parts")
    books.announce(first)
    everything_told(books, worker, order)
    everything_told(books, worker, order)
    succeeded()
    (invoice,) = books.invoices(order["increment_id"])
    assert cents(invoice["TotalAmt"]) == cents(order["grand_total"])
    assert cents(invoice["Balance"]) == 0
    payments = linked(books, invoice)
    assert len(payments) == 2
    assert sum(cents(p["TotalAmt"]) for p in payments) == cents(order["grand_total"])


def linked(books: OrderFlow, invoice: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        p
        for p in records(books, "quickbooks", "Payment")
        if any(t["TxnId"] == invoice["Id"] for line in p["Line"] for t in line["LinkedTxn"])
    ]


def test_a_payment_that_is_told_before_its_order_waits_for_the_invoice(
    books: OrderFlow, worker: Worker
) -> None:
    first, order = placed(books, "two-parts")
    (invoice, _) = (
        i for i in records(books, "magento", "invoice") if i["order_id"] == order["entity_id"]
    )
    receive([books.delivery(invoice, event=INVOICE)])
    while worker.work_once(32):
        pass
    assert not records_of(books, "Payment", order)
    books.announce(first)
    settle(worker)
    succeeded()
    (posted,) = books.invoices(order["increment_id"])
    (payment,) = linked(books, posted)
    assert cents(payment["TotalAmt"]) == cents(invoice["grand_total"])


def records_of(books: OrderFlow, entity: str, order: dict[str, Any]) -> list[dict[str, Any]]:
    number = order["increment_id"]
    return [r for r in records(books, "quickbooks", entity) if number in str(r.get("PrivateNote"))]


def test_a_payment_of_an_order_that_never_comes_waits_for_a_person(
    books: OrderFlow, worker: Worker
) -> None:
    _, order = placed(books, "two-parts")
    invoices = [
        i for i in records(books, "magento", "invoice") if i["order_id"] == order["entity_id"]
    ]
    receive([books.delivery(invoice, event=INVOICE) for invoice in invoices])
    settle(worker)
    runs = Run.objects.all()
    assert [run.status for run in runs] == ["failed", "failed"]
    assert {run.error["message"] for run in runs} == {
        f"Order {order['increment_id']} is not in the books yet, so its payment cannot be linked. "
        "Settle the order's own run, then retry."
    }


def test_what_a_customer_sends_back_is_refunded_in_part(books: OrderFlow, worker: Worker) -> None:
    _, order = placed(books, "refunded")
    books.announce(order)
    everything_told(books, worker, order)
    everything_told(books, worker, order)
    succeeded()
    (memo,) = (
        m for m in records(books, "magento", "creditmemo") if m["order_id"] == order["entity_id"]
    )
    (back,) = records(books, "quickbooks", "RefundReceipt")
    assert cents(back["TotalAmt"]) == cents(memo["grand_total"]) < cents(order["grand_total"])


def test_a_credit_memo_of_an_order_nobody_paid_is_a_credit_not_a_refund(
    books: OrderFlow, worker: Worker
) -> None:
    order = books.place(sample="ordinary")
    books.announce(order)
    shop = ConnectionRef(books.workspace_id, "test", "magento")
    facade.call(shop, "create_invoice", {"order_id": order["entity_id"]}, idempotency_key="i")
    facade.call(shop, "create_credit_memo", {"order_id": order["entity_id"]}, idempotency_key="m")
    everything_told(books, worker, order)
    succeeded()
    assert records(books, "quickbooks", "RefundReceipt") == []
    (credit,) = records(books, "quickbooks", "CreditMemo")
    assert cents(credit["TotalAmt"]) == cents(order["grand_total"])


def test_a_cancelled_order_voids_its_invoice_once(books: OrderFlow, worker: Worker) -> None:
    first, order = placed(books, "cancelled")
    books.announce(first)
    everything_told(books, worker, order)
    shop = ConnectionRef(books.workspace_id, "test", "magento")
    wish = {"order_id": order["entity_id"], "comment": "Sorry"}
    facade.call(shop, "add_order_comment", wish, idempotency_key="c")
    everything_told(books, worker, order)
    succeeded()
    (invoice,) = books.invoices(order["increment_id"])
    assert cents(invoice["TotalAmt"]) == cents(invoice["Balance"]) == 0
    assert records(books, "quickbooks", "CreditMemo") == []


def test_an_order_whose_rest_is_cancelled_is_settled_by_a_payment_and_a_credit(
    books: OrderFlow, worker: Worker
) -> None:
    first, order = placed(books, "part-cancelled")
    assert cents(order["total_canceled"]) == cents(order["grand_total"]) - cents(
        order["total_invoiced"]
    )
    books.announce(first)
    everything_told(books, worker, order)
    everything_told(books, worker, order)
    succeeded()
    (invoice,) = books.invoices(order["increment_id"])
    assert cents(invoice["TotalAmt"]) == cents(order["grand_total"])
    assert cents(invoice["Balance"]) == 0
    (credit,) = records(books, "quickbooks", "CreditMemo")
    assert cents(credit["TotalAmt"]) == cents(order["total_canceled"])
    assert cents(credit["Balance"]) == 0
    paid = [p for p in linked(books, invoice) if cents(p["TotalAmt"])]
    assert [cents(p["TotalAmt"]) for p in paid] == [cents(order["total_paid"])]


def test_an_order_that_is_edited_in_the_shop_is_voided_and_invoiced_anew(
    books: OrderFlow, worker: Worker
) -> None:
    """Magento edits an order by cancelling it and placing another one that names it."""
    first, order = placed(books, "cancelled")
    books.announce(first)
    draft = books.place(sample="ordinary")
    number = f"{order['increment_id']}-1"
    edited = {
        **draft,
        "increment_id": number,
        "original_increment_id": order["increment_id"],
        "relation_parent_id": order["entity_id"],
    }
    books.announce(edited)
    everything_told(books, worker, order)
    succeeded()
    (old,), (new,) = books.invoices(order["increment_id"]), books.invoices(number)
    assert cents(old["TotalAmt"]) == 0
    assert cents(new["TotalAmt"]) == cents(edited["grand_total"])
