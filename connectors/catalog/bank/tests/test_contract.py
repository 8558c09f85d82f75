"""The practice bank passes the tests of every connector."""

from __future__ import annotations

from connectors.testing import ConnectorSuite, Example

TRANSFER = {
    "account_id": "acc-1",
    "amount": "42.10",
    "currency": "EUR",
    "creditor_name": "Kiln Works GmbH",
    "creditor_iban": "DE89370400440532013000",
    "end_to_end_id": "BILL-1",
    "reference": "Bill K-2301",
}


class TestContract(ConnectorSuite):
    slug = "bank"
    reads = [
        Example("list_transactions", {"account_id": "acc-1"}),
        Example("get_account", {"id": "acc-1"}),
        Example("list_accounts"),
        Example("find_transfer", {"end_to_end_id": "none"}),
    ]
    write = Example(
        "create_transfer",
        TRANSFER,
        records="transfer",
        mine=lambda record: record["end_to_end_id"] == "BILL-1",
    )
