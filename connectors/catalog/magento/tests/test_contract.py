"""Magento passes the tests of every connector."""

from __future__ import annotations

from dataclasses import replace

from connectors.testing import Bench, ConnectorSuite, Example


class TestContract(ConnectorSuite):
    slug = "magento"
    reads = [
        Example("get_order"),
        Example("list_orders", {"limit": 5}),
        Example("search_customers", {"limit": 3}),
        Example("get_customer", {"id": 1}),
        Example("get_product", {"sku": "MUG-RED"}),
        Example("search_products", {"skus": ["MUG-RED", "TEAPOT-1L"]}),
        Example("list_source_items", {"sku": "MUG-RED"}),
        Example("get_shipment", {"id": 1}),
        Example("search_records", {"records": "invoices"}),
    ]
    write = Example(
        "add_order_comment",
        {"comment": "Invoice 145 was made in QuickBooks."},
        records="order",
    )

    def prepare(self, bench: Bench, example: Example) -> Example:
        if example.operation not in ("get_order", "add_order_comment"):
            return example
        order = bench.control.place_order(sample="ordinary")["order"]
        if example.operation == "get_order":
            return replace(example, inputs={"id": order["entity_id"]})
        return replace(
            example,
            inputs={**example.inputs, "order_id": order["entity_id"]},
            mine=lambda record: (
                [entry["comment"] for entry in record["status_histories"]].count(
                    example.inputs["comment"]
                )
                == 1
            ),
        )
