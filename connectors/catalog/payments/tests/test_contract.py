"""The practice payment gateway passes the tests of every connector."""

from __future__ import annotations

from connectors.testing import ConnectorSuite, Example

PAYMENT = {"amount": 4210, "currency": "USD", "order_reference": "B-1"}


class TestContract(ConnectorSuite):
    slug = "payments"
    reads = [
        Example("list_payments", {"limit": 3}),
        Example("list_payouts"),
        Example("list_refunds"),
        Example("list_disputes"),
    ]
    write = Example(
        "create_payment",
        PAYMENT,
        records="payment",
        mine=lambda record: record["order_reference"] == "B-1",
    )
