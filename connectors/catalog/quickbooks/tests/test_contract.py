"""QuickBooks Online passes the tests of every connector."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from connectors.testing import Bench, ConnectorSuite, Example


class TestContract(ConnectorSuite):
    slug = "quickbooks"
    reads = [
        Example("company_info"),
        Example("query", {"statement": "select * from Customer maxresults 2"}),
        Example("find_customer", {"display_name": "Nobody at all"}),
        Example("find_items_by_sku", {"skus": ["MUG-RED", "NO-SUCH-SKU"]}),
        Example("get_item"),
        Example("get_customer"),
    ]
    write = Example(
        "create_invoice",
        {"DocNumber": "WEB-100045"},
        records="Invoice",
        mine=lambda record: record["DocNumber"] == "WEB-100045",
    )

    def prepare(self, bench: Bench, example: Example) -> Example:
        if example.operation == "get_item":
            return replace(example, inputs={"id": _first(bench, "Item")})
        if example.operation == "get_customer":
            return replace(example, inputs={"id": _first(bench, "Customer")})
        if example.operation != "create_invoice":
            return example
        return replace(
            example,
            inputs={
                **example.inputs,
                "CustomerRef": {"value": _first(bench, "Customer")},
                "Line": [
                    {
                        "DetailType": "SalesItemLineDetail",
                        "Amount": Decimal("19.50"),
                        "SalesItemLineDetail": {
                            "ItemRef": {"value": _first(bench, "Item", "Type = 'Inventory'")},
                            "Qty": 3,
                            "UnitPrice": Decimal("6.50"),
                        },
                    }
                ],
            },
        )


def _first(bench: Bench, entity: str, where: str = "") -> str:
    condition = f" where {where}" if where else ""
    statement = f"select * from {entity}{condition} maxresults 1"
    return str(bench.call("query", statement=statement).output["rows"][0]["Id"])
