"""Orders in Magento's shape, with totals of the sandbox's own (fact sheet section 5).

Amounts are exact decimals rounded half up. The header's discount is negative, a row's is
positive; a configurable product makes a row with the price and a child row without.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.catalog.magento.sandbox import catalogue
from connectors.catalog.magento.sandbox.errors import refused
from connectors.catalog.magento.sandbox.pricing import Row, price_rows
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.money import cents, decimal_of, plain

_BASE_NAMES = {
    "shipping_discount_tax_compensation_amount": "base_shipping_discount_tax_compensation_amnt"
}
_STORE_NAME = "Main Website\nMain Website Store\nDefault Store View"
_PAYMENT_TITLES = {
    "checkmo": "Check / Money order",
    "banktransfer": "Bank Transfer Payment",
    "cashondelivery": "Cash On Delivery",
    "purchaseorder": "Purchase Order",
    "free": "No Payment Information Required",
}


def amounts(**values: Decimal) -> dict[str, Any]:
    """Each amount under its own name and its base_ name (one currency)."""
    document: dict[str, Any] = {}
    for name, value in values.items():
        document[name] = plain(value)
        document[_BASE_NAMES.get(name, f"base_{name}")] = plain(value)
    return document


def compose(ledger: Ledger, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Order document without ids and times from a wish of the control API.

    Wish: items [{sku, qty, price?, tax_percent?, discount_percent?, discount_amount?}], customer
    (e-mail) or guest {email, firstname, lastname, address}, shipping_amount, discount_amount or
    discount_percent, tax_percent, shipping_tax_percent, prices_include_tax, coupon_code,
    payment_method, currency, po_number, cash_rounding (the total is a multiple of it, as modules
    for countries without small coins do).
    """
    person, customer = _buyer(ledger, wish)
    percent = _amount(wish, "tax_percent")
    rows = [_row(ledger, item, percent) for item in wish.get("items", [])]
    shipping = cents(_amount(wish, "shipping_amount"))
    discount_percent = _amount(wish, "discount_percent")
    price_rows(
        rows,
        include_tax=bool(wish.get("prices_include_tax")),
        discount_percent=discount_percent,
        discount=cents(_amount(wish, "discount_amount")),
    )
    shipping_tax = cents(shipping * _amount(wish, "shipping_tax_percent") / 100)
    subtotal = sum((row.row_total for row in rows), Decimal(0))
    discount = sum((row.discount for row in rows), Decimal(0))
    compensation = sum((row.compensation for row in rows), Decimal(0))
    items_tax = sum((row.tax for row in rows), Decimal(0))
    tax = items_tax + shipping_tax
    grand_total = subtotal - discount + compensation + shipping + tax
    if step := _amount(wish, "cash_rounding"):
        grand_total = cents((grand_total / step).quantize(Decimal(1), ROUND_HALF_UP) * step)
    is_virtual = int(bool(rows) and all(row.product["type_id"] == "virtual" for row in rows))
    currency = str(wish.get("currency", "USD"))
    address = _order_address(person)
    method = str(wish.get("payment_method", "checkmo"))
    order: dict[str, Any] = {
        "store_id": 1,
        "store_name": _STORE_NAME,
        "state": "new",
        "status": "pending",
        **_customer_fields(person, customer),
        "base_currency_code": currency,
        "global_currency_code": currency,
        "order_currency_code": currency,
        "store_currency_code": currency,
        "base_to_global_rate": 1,
        "base_to_order_rate": 1,
        "store_to_base_rate": 0,
        "store_to_order_rate": 0,
        **amounts(
            grand_total=grand_total,
            subtotal=subtotal,
            subtotal_incl_tax=sum((row.row_total_incl_tax for row in rows), Decimal(0)),
            shipping_amount=shipping,
            shipping_incl_tax=shipping + shipping_tax,
            shipping_tax_amount=shipping_tax,
            shipping_discount_amount=Decimal(0),
            tax_amount=tax,
            discount_amount=-discount,
            discount_tax_compensation_amount=compensation,
            shipping_discount_tax_compensation_amount=Decimal(0),
            total_due=grand_total,
        ),
        "total_item_count": len(rows),
        "total_qty_ordered": plain(sum((row.qty for row in rows), Decimal(0))),
        "weight": plain(sum((row.qty * _weight(row.product) for row in rows), Decimal(0))),
        "is_virtual": is_virtual,
        "email_sent": 1,
        "remote_ip": "192.0.2.10",
        "items": _item_rows(ledger, rows, discount_percent),
        "billing_address": {**address, "address_type": "billing"},
        "payment": {
            "method": method,
            "account_status": "",
            "additional_information": [_PAYMENT_TITLES.get(method, method)],
            **amounts(amount_ordered=grand_total, shipping_amount=shipping),
        },
        "status_histories": [],
        "extension_attributes": {
            "payment_additional_info": [
                {"key": "method_title", "value": _PAYMENT_TITLES.get(method, method)}
            ],
            "applied_taxes": _applied_taxes(
                rows, _amount(wish, "shipping_tax_percent"), shipping_tax
            ),
            "item_applied_taxes": [],
        },
    }
    if wish.get("coupon_code"):
        order["coupon_code"] = str(wish["coupon_code"])
        order["discount_description"] = str(wish["coupon_code"])
        order["applied_rule_ids"] = "1"
    if wish.get("po_number"):
        order["payment"]["po_number"] = str(wish["po_number"])
    if not is_virtual:
        order["shipping_description"] = "Flat Rate - Fixed"
        order["extension_attributes"]["shipping_assignments"] = [
            {
                "shipping": {
                    "address": {**address, "address_type": "shipping"},
                    "method": str(wish.get("shipping_method", "flatrate_flatrate")),
                    "total": amounts(
                        shipping_amount=shipping,
                        shipping_incl_tax=shipping + shipping_tax,
                        shipping_tax_amount=shipping_tax,
                        shipping_discount_amount=Decimal(0),
                    ),
                },
                "items": [],
            }
        ]
    return order


def _amount(wish: Mapping[str, Any], name: str) -> Decimal:
    number = decimal_of(wish.get(name, 0))
    if number is None:
        raise refused(400, f"{name} is not a number.")
    return number


def _buyer(
    ledger: Ledger, wish: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    if "guest" in wish:
        return wish["guest"], None
    customer = catalogue.customer_by_email(ledger, str(wish.get("customer", "")))
    if customer is None:
        raise refused(400, f"There is no customer with the e-mail {wish.get('customer')}.")
    return {**customer, "address": customer["addresses"][0]}, customer


def _customer_fields(
    person: Mapping[str, Any], customer: Mapping[str, Any] | None
) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "customer_email": person["email"],
        "customer_firstname": person["firstname"],
        "customer_lastname": person["lastname"],
        "customer_is_guest": 0 if customer else 1,
        "customer_group_id": customer.get("group_id", 1) if customer else 0,
        "customer_note_notify": 1,
    }
    if customer:
        fields["customer_id"] = customer["id"]
    return fields


def _order_address(person: Mapping[str, Any]) -> dict[str, Any]:
    """Address as orders have it: the region is text, not an object."""
    address = person["address"]
    region = address.get("region", {})
    shown = {
        "firstname": address.get("firstname", person["firstname"]),
        "lastname": address.get("lastname", person["lastname"]),
        "company": address.get("company"),
        "street": address["street"],
        "city": address["city"],
        "region": region.get("region"),
        "region_code": region.get("region_code"),
        "region_id": region.get("region_id") or None,
        "postcode": address.get("postcode"),
        "country_id": address["country_id"],
        "telephone": address["telephone"],
        "email": person["email"],
        "customer_address_id": address.get("id"),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _row(ledger: Ledger, item: Mapping[str, Any], tax_percent: Decimal) -> Row:
    product = catalogue.product_by_sku(ledger, str(item.get("sku", "")))
    if product is None:
        raise refused(400, f"There is no product with the SKU {item.get('sku')}.")
    qty = decimal_of(item.get("qty", 1))
    price = decimal_of(item.get("price", product["price"]))
    if qty is None or price is None:
        raise refused(400, f"Quantity and price of {item.get('sku')} must be numbers.")
    percent = _amount(item, "tax_percent") if "tax_percent" in item else tax_percent
    row = Row(
        product,
        qty,
        price,
        percent,
        _amount(item, "discount_percent"),
        cents(_amount(item, "discount_amount")),
    )
    for option in product["extension_attributes"].get("bundle_product_options", []):
        for link in option["product_links"]:
            part = catalogue.product_by_sku(ledger, link["sku"])
            if part is not None:
                each = qty * Decimal(str(link["qty"]))
                row.parts.append(
                    Row(part, each, Decimal(str(part["price"])), percent, row.discount_percent)
                )
    return row


def _weight(product: Mapping[str, Any]) -> Decimal:
    return Decimal(product.get("weight", 0))


def _applied_taxes(
    rows: list[Row], shipping_percent: Decimal, shipping_tax: Decimal
) -> list[dict[str, Any]]:
    sums: dict[Decimal, Decimal] = {}
    for row in rows:
        sums[row.tax_percent] = sums.get(row.tax_percent, Decimal(0)) + row.tax
    sums[shipping_percent] = sums.get(shipping_percent, Decimal(0)) + shipping_tax
    return [
        {
            "code": f"Sales tax {plain(percent)}%",
            "title": f"Sales tax {plain(percent)}%",
            "percent": plain(percent),
            **amounts(amount=amount),
        }
        for percent, amount in sums.items()
        if amount
    ]


def _item_rows(ledger: Ledger, rows: list[Row], discount_percent: Decimal) -> list[dict[str, Any]]:
    labels = catalogue.option_labels()
    documents: list[dict[str, Any]] = []
    for row in rows:
        product = row.product
        parent = catalogue.parent_of(ledger, product)
        number = len(documents) + 1
        document = {
            **_main_row(row, discount_percent + row.discount_percent),
            "item_id": number,
            "product_id": (parent or product)["id"],
            "product_type": (parent or product)["type_id"],
            "name": (parent or product)["name"],
        }
        documents.append(document)
        if parent:
            options = [
                {"label": label, "value": value}
                for label, value in labels.get(product["sku"], {}).items()
            ]
            document["product_option"] = {"extension_attributes": {"options_text": options}}
            documents.append(_child_row(product, row, document, number + 1))
        for part in row.parts:
            child = _main_row(part, discount_percent + row.discount_percent)
            child["item_id"] = len(documents) + 1
            child["parent_item_id"] = document["item_id"]
            documents.append(child)
    return documents


def _main_row(row: Row, discount_percent: Decimal) -> dict[str, Any]:
    """A row with its own prices; a bundle's holds the sums of its parts."""
    product = row.product
    return {
        "product_id": product["id"],
        "product_type": product["type_id"],
        "sku": product["sku"],
        "name": product["name"],
        "store_id": 1,
        **_quantities(row.qty),
        **amounts(
            price=row.price,
            original_price=catalogue.product_list_price(product),
            price_incl_tax=row.price_incl_tax,
            row_total=row.row_total,
            row_total_incl_tax=row.row_total_incl_tax,
            row_invoiced=Decimal(0),
            tax_amount=row.tax,
            tax_invoiced=Decimal(0),
            discount_amount=row.discount,
            discount_invoiced=Decimal(0),
            discount_tax_compensation_amount=row.compensation,
            amount_refunded=Decimal(0),
        ),
        "tax_percent": plain(row.tax_percent),
        "discount_percent": plain(discount_percent),
        "weight": plain(_weight(product)),
        "row_weight": plain(_weight(product) * row.qty),
        "is_virtual": int(product["type_id"] == "virtual"),
        "is_qty_decimal": 0,
        "free_shipping": 0,
        "no_discount": 0,
    }


def _quantities(qty: Decimal) -> dict[str, Any]:
    return {
        "qty_ordered": plain(qty),
        "qty_invoiced": 0,
        "qty_shipped": 0,
        "qty_refunded": 0,
        "qty_canceled": 0,
    }


def _child_row(
    product: Mapping[str, Any], row: Row, parent_row: Mapping[str, Any], number: int
) -> dict[str, Any]:
    return {
        "item_id": number,
        "parent_item_id": parent_row["item_id"],
        "product_id": product["id"],
        "product_type": product["type_id"],
        "sku": product["sku"],
        "name": product["name"],
        "store_id": 1,
        **_quantities(row.qty),
        **amounts(
            price=Decimal(0),
            original_price=catalogue.product_list_price(product),
            row_total=Decimal(0),
            row_invoiced=Decimal(0),
            tax_amount=Decimal(0),
            tax_invoiced=Decimal(0),
            discount_amount=Decimal(0),
            discount_invoiced=Decimal(0),
        ),
        "tax_percent": 0,
        "discount_percent": 0,
        "weight": plain(_weight(product)),
        "row_weight": plain(_weight(product) * row.qty),
        "is_virtual": 0,
        "is_qty_decimal": 0,
        "free_shipping": 0,
        "no_discount": 0,
        "parent_item": {k: v for k, v in parent_row.items() if k != "product_option"},
    }
