"""Many records in one request, which the shop works off later."""

from __future__ import annotations

from typing import Any

from connectors.sdk import OperationContext, needed


def save_many_products(context: OperationContext, inputs: dict[str, Any]) -> Any:
    """The request that the shop accepted: products, made or changed by their SKU."""
    rows = [{"product": product} for product in _given(inputs, "products", "Products")]
    return _accepted(context, "products", rows)


def save_many_customers(context: OperationContext, inputs: dict[str, Any]) -> Any:
    """The request that the shop accepted: new customers."""
    rows = [{"customer": customer} for customer in _given(inputs, "customers", "Customers")]
    return _accepted(context, "customers", rows)


def assign_many(context: OperationContext, inputs: dict[str, Any]) -> Any:
    """The request that the shop accepted: products for categories."""
    rows = [{"productLink": link} for link in _given(inputs, "links", "Links")]
    return _accepted(context, "categories/byCategoryId/products", rows)


def _given(inputs: dict[str, Any], name: str, title: str) -> list[Any]:
    rows: list[Any] = inputs.get(name) or []
    if not rows:
        raise needed(name, title)
    return rows


def _accepted(context: OperationContext, place: str, rows: list[dict[str, Any]]) -> Any:
    return context.send("POST", f"/async/bulk/V1/{place}", body=rows)
