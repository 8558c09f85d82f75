"""The practice CRM passes the tests of every connector."""

from __future__ import annotations

from connectors.testing import ConnectorSuite, Example


class TestContract(ConnectorSuite):
    slug = "crm"
    reads = [
        Example("list_contacts", {"limit": 2}),
        Example("list_deals", {"stage": "won"}),
        Example("list_companies"),
        Example("find_contact", {"email": "ana@silva.example"}),
    ]
    write = Example(
        "create_contact",
        {"email": "new@shop.example", "name": "New Person"},
        records="contact",
        mine=lambda record: record["email"] == "new@shop.example",
    )
