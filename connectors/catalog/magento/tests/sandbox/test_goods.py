"""Categories, prices, inventory, attributes, and many things at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.catalog.magento.tests.sandbox.shop import Shop, ids, place


@pytest.mark.parametrize(
    ("path", "document", "name"),
    [
        ("customers", {"customer": {"emial": "x"}}, "Emial"),
        ("products", {"product": {"sku": "MUG-RED", "prize": 1}}, "Prize"),
        ("orders", {"entity": {"entity_id": 1, "grandtotal": 1}}, "Grandtotal"),
        ("orders/3/comments", {"statusHistory": {"text": "x"}}, "Text"),
        ("categories", {"category": {"title": "x"}}, "Title"),
        ("shipment/track", {"entity": {"number": "1Z"}}, "Number"),
        ("order/3/invoice", {"items": [{"order_item_id": 1, "quantity": 1}]}, "Quantity"),
        ("inventory/source-items", {"sourceItems": [{"sku": "MUG-RED", "qty": 1}]}, "Qty"),
    ],
)
def test_an_unknown_member_is_refused_by_name(
    shop: Shop, path: str, document: dict[str, Any], name: str
) -> None:
    answer = shop.call("POST", f"V1/{path}", document)
    assert answer.status == 400, answer.body
    assert answer.document()["message"].startswith(f'Property "{name}" does not have accessor')


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("orders", 500),
        ("invoices", 500),
        ("inventory/source-items", 500),
        ("products", 400),
        ("customers/search", 400),
        ("categories/list", 400),
    ],
)
def test_an_unknown_search_field_is_refused(shop: Shop, path: str, status: int) -> None:
    query = {"searchCriteria[filterGroups][0][filters][0][field]": "nonsense"}
    query |= {"searchCriteria[filterGroups][0][filters][0][value]": "1"}
    assert shop.call("GET", f"V1/{path}", query=query).status == status


def test_an_unknown_part_of_the_criteria_is_refused(shop: Shop) -> None:
    answer = shop.call("GET", "V1/orders", query={"searchCriteria[limit]": "5"})
    assert (answer.status, "Limit" in answer.document()["message"]) == (400, True)


def test_categories_form_a_tree_that_can_be_changed(shop: Shop) -> None:
    made = shop.post("categories", {"category": {"parent_id": 3, "name": "Bowls"}})
    kitchen = shop.get("categories")["children_data"][0]["children_data"][0]
    assert [c["name"] for c in kitchen["children_data"]] == ["Mugs", "Bowls"]
    link = {"productLink": {"sku": "TEAPOT-1L", "category_id": str(made["id"])}}
    assert shop.post(f"categories/{made['id']}/products", link) is True
    assert [p["sku"] for p in shop.get(f"categories/{made['id']}/products")] == ["TEAPOT-1L"]
    moved = shop.call("PUT", f"V1/categories/{made['id']}/move", {"parentId": 5})
    assert moved.document() is True
    assert shop.get(f"categories/{made['id']}")["path"] == f"1/2/5/{made['id']}"
    assert shop.call("DELETE", f"V1/categories/{made['id']}").document() is True
    assert shop.call("GET", f"V1/categories/{made['id']}").status == 404


def test_prices_of_many_products_are_set_and_faults_are_listed(shop: Shop) -> None:
    wish = [
        {"sku": "MUG-RED", "price": Decimal("13.5"), "store_id": 0},
        {"sku": "NOPE", "price": 1, "store_id": 0},
    ]
    problems = shop.post("products/base-prices", {"prices": wish})
    assert [problem["parameters"][0] for problem in problems] == ["NOPE"]
    assert shop.get("products/MUG-RED")["price"] == Decimal("13.5")
    special = {"sku": "MUG-RED", "price": 9, "store_id": 0, "price_from": "2026-01-01 00:00:00"}
    assert shop.post("products/special-price", {"prices": [special]}) == []
    (told,) = shop.post("products/special-price-information", {"skus": ["MUG-RED"]})
    assert (told["price"], told["price_from"]) == (9, "2026-01-01 00:00:00")


def test_source_items_and_the_old_stock_tell_the_same(shop: Shop) -> None:
    item = {"sku": "MUG-RED", "source_code": "default", "quantity": 12, "status": 1}
    assert shop.post("inventory/source-items", {"sourceItems": [item]}) == []
    assert shop.get("stockItems/MUG-RED")["qty"] == 12
    east = {**item, "source_code": "east", "quantity": 5}
    shop.post("inventory/source-items", {"sourceItems": [east]})
    found = shop.find(
        "inventory/source-items",
        ("sku", "MUG-RED", "eq"),
        **{"searchCriteria[sortOrders][0][field]": "source_code"},
    )
    assert [(r["source_code"], r["quantity"]) for r in found["items"]] == [
        ("default", 12),
        ("east", 5),
    ]


def test_what_is_ordered_can_no_longer_be_sold(shop: Shop) -> None:
    before = shop.get("inventory/get-product-salable-quantity/MUG-RED/1")
    order = place(shop, customer="ana.silva@shop.example", items=[{"sku": "MUG-RED", "qty": 3}])
    assert shop.get("inventory/get-product-salable-quantity/MUG-RED/1") == before - 3
    assert shop.get("stockItems/MUG-RED")["qty"] == before
    shop.post(f"order/{order['entity_id']}/ship")
    assert shop.get("stockItems/MUG-RED")["qty"] == before - 3
    assert shop.get("inventory/get-product-salable-quantity/MUG-RED/1") == before - 3


def test_custom_attributes_are_kept_as_texts(shop: Shop) -> None:
    values = [
        {"attribute_code": "accounting_code", "value": "A-17"},
        {"attribute_code": "season", "value": ["41", "42"]},
        {"attribute_code": "dishwasher_safe", "value": True},
    ]
    shop.post("products", {"product": {"sku": "MUG-RED", "custom_attributes": values}})
    kept = {
        a["attribute_code"]: a["value"] for a in shop.get("products/MUG-RED")["custom_attributes"]
    }
    assert (kept["accounting_code"], kept["season"], kept["dishwasher_safe"]) == (
        "A-17",
        "41,42",
        "1",
    )
    assert shop.get("products/attributes/season")["frontend_input"] == "multiselect"


def test_a_bulk_request_is_accepted_first_and_carried_out_later(shop: Shop) -> None:
    wish = [
        {"product": {"sku": "MUG-RED", "price": Decimal("14.25")}},
        {"product": {"sku": "MUG-BLUE", "prize": 1}},
    ]
    answer = shop.call("PUT", "async/bulk/V1/products/bySku", wish)
    accepted = answer.document()
    assert (answer.status, accepted["errors"]) == (202, False)
    assert [item["status"] for item in accepted["request_items"]] == ["accepted", "accepted"]
    uuid = accepted["bulk_uuid"]
    assert [o["status"] for o in shop.get(f"bulk/{uuid}/status")["operations_list"]] == [4, 4]
    done = shop.get(f"bulk/{uuid}/detailed-status")["operations_list"]
    assert [o["status"] for o in done] == [1, 3]
    assert "accessor method" in done[1]["result_message"]
    assert shop.get("products/MUG-RED")["price"] == Decimal("14.25")
    assert shop.get(f"bulk/{uuid}/operation-status/1") == 1


def test_tax_in_the_price_keeps_what_the_customer_sees(shop: Shop) -> None:
    order = place(
        shop,
        customer="juergen.mueller@shop.example",
        items=[{"sku": "MUG-RED", "qty": 3, "price": Decimal("9.99"), "tax_percent": 19}],
        prices_include_tax=True,
        discount_amount=Decimal("5"),
    )
    row = order["items"][0]
    assert row["row_total_incl_tax"] == Decimal("29.97")
    assert order["grand_total"] == Decimal("24.97")
    assert row["tax_amount"] == Decimal("3.99")
    assert row["discount_tax_compensation_amount"] == Decimal("0.80")


def test_a_bundle_is_one_row_with_its_parts_below(shop: Shop) -> None:
    order = place(
        shop,
        customer="ana.silva@shop.example",
        items=[{"sku": "GIFT-TEA", "qty": 2}],
        tax_percent=Decimal("8.25"),
    )
    parent, *parts = order["items"]
    assert (parent["product_type"], parent["row_total"]) == ("bundle", Decimal("56.6"))
    assert sum(Decimal(p["tax_amount"]) for p in parts) == parent["tax_amount"]
    assert order["grand_total"] == parent["row_total"] + parent["tax_amount"]


def test_an_open_invoice_can_be_taken_back(shop: Shop) -> None:
    order = shop.control.place_order(sample="fractional")["order"]
    number = order["entity_id"]
    invoice = shop.post(f"order/{number}/invoice")
    assert shop.post(f"invoices/{invoice}/void") is True
    assert shop.order(number)["total_invoiced"] == 0
    again = shop.post(f"order/{number}/invoice", {"capture": True})
    assert shop.get(f"invoices/{again}")["grand_total"] == order["grand_total"]
    (paid,) = shop.find(
        "transactions",
        ("order_id", str(number), "eq"),
        **{"searchCriteria[sortOrders][0][field]": "transaction_id"},
    )["items"]
    assert (paid["txn_type"], paid["txn_id"]) == (
        "capture",
        shop.order(number)["payment"]["last_trans_id"],
    )


def test_thirds_of_a_row_add_up_to_the_row(shop: Shop) -> None:
    order = place(
        shop,
        customer="ana.silva@shop.example",
        items=[{"sku": "OLIVE-OIL-05", "qty": 3, "price": Decimal("19.995")}],
        tax_percent=Decimal("8.25"),
    )
    row = order["items"][0]["item_id"]
    wish = {"capture": True, "items": [{"order_item_id": row, "qty": 1}]}
    for _ in range(3):
        shop.post(f"order/{order['entity_id']}/invoice", wish)
    assert shop.order(order["entity_id"])["total_invoiced"] == order["grand_total"]
    for _ in range(3):
        shop.post(f"order/{order['entity_id']}/refund", {"items": wish["items"]})
    after = shop.order(order["entity_id"])
    assert (after["total_refunded"], after["state"]) == (order["grand_total"], "closed")


def test_documents_are_found_by_their_order(shop: Shop) -> None:
    found = shop.find("shipments", ("order_id", "1", "eq"))
    assert len(ids(found)) == 1
    track = {"order_id": 1, "parent_id": ids(found)[0], "track_number": "1Z9"}
    track |= {"title": "UPS", "carrier_code": "ups"}
    made = shop.post("shipment/track", {"entity": track})
    assert shop.get(f"shipment/{ids(found)[0]}")["tracks"] == [made]
    assert shop.call("DELETE", f"V1/shipment/track/{made['entity_id']}").document() is True


def test_arguments_may_be_snake_case(shop: Shop) -> None:
    answer = shop.call("PUT", "V1/products/MUG-RED/stockItems/1", {"stock_item": {"qty": 6}})
    assert answer.status == 200
    assert shop.get("stockItems/MUG-RED")["qty"] == 6
