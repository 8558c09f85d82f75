"""Products, customers, categories, prices and stock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.catalog.magento.hooks.orders import found_record
from connectors.sdk import ConnectorError, OperationContext, Recovery, fill_placeholders, needed


def get_product(context: OperationContext, inputs: dict[str, Any]) -> Any:
    """The product of that SKU; web servers refuse an encoded slash, so such SKUs are searched."""
    sku = str(inputs.get("sku") or "")
    if not sku:
        raise needed("sku", "SKU")
    if "/" not in sku:
        return context.send("GET", f"/V1/products/{quote(sku, safe='')}")
    found = context.call("search_products", {"skus": [sku], "limit": 1})
    if not found["items"]:
        raise ConnectorError(
            "The product that was requested doesn't exist.",
            code="magento.not_found",
            recovery=Recovery.FIX_DATA,
            hint="Check the SKU.",
            field="sku",
        )
    return found["items"][0]


def find_product(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The product of that SKU, or none."""
    if not inputs.get("sku"):
        raise needed("sku", "SKU")
    found = context.call("search_products", {"sku": str(inputs["sku"]), "limit": 1})["items"]
    return found_record(found[0] if found else None, "id")


def find_customer(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The customer with that e-mail address, in that website if one is named."""
    if not inputs.get("email"):
        raise needed("email", "E-mail")
    found = context.call("search_customers", {"email": inputs["email"], "limit": 20})["items"]
    website = inputs.get("website_id")
    kept = [each for each in found if website in (None, "", each.get("website_id"))]
    return found_record(kept[0] if kept else None, "id")


def same_customer(inputs: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether ``found`` bears the e-mail address that ``inputs`` asked for."""
    return str(found.get("email", "")).lower() == str(inputs.get("email", "")).lower()


def find_category(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The category of that name below that parent."""
    if not inputs.get("name"):
        raise needed("name", "Name")
    wanted = {"name": inputs["name"], "parent_id": inputs.get("parent_id"), "limit": 100}
    for category in context.call("list_categories", wanted)["items"]:
        if category.get("name") == inputs["name"]:
            return found_record(category, "id")
    return found_record(None, "id")


def same_category(inputs: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether ``found`` is the category that ``inputs`` asked for."""
    return found.get("name") == inputs.get("name")


def save_product(context: OperationContext, inputs: dict[str, Any]) -> Any:
    """The product of that SKU, made or changed; what is not given stays."""
    if not inputs.get("sku"):
        raise needed("sku", "SKU")
    return context.send("POST", "/V1/products", body={"product": inputs, "saveOptions": True})


def delete_product(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Whether the product is gone; one that was not there is gone too."""
    return _removed(context, "products", inputs, "sku", "SKU")


def delete_customer(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Whether the customer is gone."""
    return _removed(context, "customers", inputs, "id", "Customer id")


def delete_address(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Whether the address is gone."""
    return _removed(context, "addresses", inputs, "id", "Address id")


def delete_category(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Whether the category, with those below it, is gone."""
    return _removed(context, "categories", inputs, "id", "Category id")


def delete_tracking(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Whether the tracking number is gone."""
    return _removed(context, "shipment/track", inputs, "id", "Tracking id")


def _removed(
    context: OperationContext, place: str, inputs: Mapping[str, Any], name: str, title: str
) -> dict[str, Any]:
    identity = str(inputs.get(name) or "")
    if not identity:
        raise needed(name, title)
    path = f"/V1/{place}/{quote(identity, safe='')}"
    answer = context.exchange("DELETE", path, good={200, 404})
    return {"done": True, "existed": answer.status == 200}


def set_stock(context: OperationContext, inputs: dict[str, Any]) -> Any:
    """The id of the stock item; what is not given stays."""
    if not inputs.get("sku"):
        raise needed("sku", "SKU")
    path = f"/V1/products/{quote(str(inputs['sku']), safe='')}/stockItems/1"
    item = {name: value for name, value in inputs.items() if name != "sku" and value is not None}
    return context.send("PUT", path, body={"stockItem": item})


Result = dict[str, Any] | ConnectorError


_TOO_MANY = re.compile(r"Maximum items of type .* is (\d+)")


def _send_rows(
    context: OperationContext, path: str, name: str, rows: list[dict[str, Any]]
) -> list[Any]:
    """What the shop refused; a shop that limits the number of rows gets them part by part."""
    try:
        return context.send("POST", path, body={name: rows}) or []
    except ConnectorError as error:
        told = _TOO_MANY.search(error.message)
        most = int(told[1]) if told else 0
        if not 0 < most < len(rows):
            raise
    refused: list[Any] = []
    for start in range(0, len(rows), most):
        part = rows[start : start + most]
        refused += context.send("POST", path, body={name: part}) or []
    return refused


def set_quantities(
    context: OperationContext, items: list[dict[str, Any]], keys: list[str]
) -> list[Result]:
    """Set the quantities of many products by source in one request; all of them or none."""
    del keys
    rows = [{"source_code": "default", **_row(item)} for item in items]
    _send_rows(context, "/V1/inventory/source-items", "sourceItems", rows)
    return [dict(row) for row in rows]


def set_source_item(context: OperationContext, inputs: dict[str, Any]) -> Result:
    """Set the quantity of one product at one source."""
    return set_quantities(context, [inputs], [])[0]


def set_price(context: OperationContext, inputs: dict[str, Any]) -> Result:
    """Set one price. Raises ConnectorError when the shop refuses it."""
    (result,) = set_prices(context, [inputs], [])
    if isinstance(result, ConnectorError):
        raise result
    return result


def get_salable_quantity(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """What can still be sold of a product."""
    sku, stock = quote(str(inputs["sku"]), safe=""), int(inputs.get("stock_id") or 1)
    found = context.send("GET", f"/V1/inventory/get-product-salable-quantity/{sku}/{stock}")
    return {"sku": str(inputs["sku"]), "quantity": found}


def _row(item: Mapping[str, Any]) -> dict[str, Any]:
    quantity = item.get("quantity") or 0
    in_stock = item.get("status")
    row = {name: item[name] for name in ("sku", "source_code") if item.get(name)}
    row["quantity"] = quantity
    row["status"] = in_stock if in_stock is not None else int(quantity > 0)
    return row


def set_prices(
    context: OperationContext, items: list[dict[str, Any]], keys: list[str]
) -> list[Result]:
    """Set the prices of many products in one request; the shop lists those it refused."""
    del keys
    rows = [
        {"sku": item["sku"], "price": item["price"], "store_id": item.get("store_id") or 0}
        for item in items
    ]
    problems = _send_rows(context, "/V1/products/base-prices", "prices", rows)
    return [_price_result(row, problems) for row in rows]


def _price_result(row: Mapping[str, Any], problems: list[Any]) -> Result:
    for problem in problems:
        parameters = problem.get("parameters") or []
        values = parameters.values() if isinstance(parameters, Mapping) else parameters
        if str(row["sku"]) in [str(value) for value in values]:
            return ConnectorError(
                f"The shop refuses the price of {row['sku']}: "
                + fill_placeholders(str(problem.get("message", "")), parameters),
                code="magento.price_refused",
                recovery=Recovery.FIX_DATA,
                hint="Check the SKU and the price.",
                field="price",
            )
    return dict(row)
