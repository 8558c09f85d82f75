"""Nothing unknown is passed over in silence: members, arguments, parameters, values."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.catalog.magento.tests.sandbox.shop import Shop

NESTED: list[tuple[str, Any, str]] = [
    ("customers", {"customer": {"addresses": [{"zip": "1"}]}}, "Zip"),
    ("customers", {"customer": {"addresses": [{"region": {"short": "TX"}}]}}, "Short"),
    ("customers", {"customer": {"extension_attributes": {"vip": 1}}}, "Vip"),
    ("products", {"product": {"extension_attributes": {"colour": 1}}}, "Colour"),
    ("products", {"product": {"extension_attributes": {"stock_item": {"amount": 1}}}}, "Amount"),
    ("products", {"product": {"tier_prices": [{"prize": 1}]}}, "Prize"),
    ("products", {"product": {"media_gallery_entries": [{"content": {"url": "x"}}]}}, "Url"),
    ("orders", {"entity": {"entity_id": 1, "items": [{"qty": 1}]}}, "Qty"),
    ("orders", {"entity": {"entity_id": 1, "payment": {"card": 1}}}, "Card"),
    ("orders", {"entity": {"entity_id": 1, "billing_address": {"zip": 1}}}, "Zip"),
    ("orders", {"entity": {"entity_id": 1, "status_histories": [{"text": 1}]}}, "Text"),
    ("invoices", {"entity": {"order_id": 3, "items": [{"quantity": 1}]}}, "Quantity"),
    ("shipment", {"entity": {"order_id": 3, "tracks": [{"number": 1}]}}, "Number"),
    ("order/3/ship", {"tracks": [{"number": 1}]}, "Number"),
    ("order/3/ship", {"arguments": {"source": "x"}}, "Source"),
    ("order/1/refund", {"arguments": {"shipping": 1}}, "Shipping"),
    ("order/1/refund", {"comment": {"text": "x"}}, "Text"),
    ("shipment/1/comments", {"entity": {"text": "x"}}, "Text"),
    ("products/base-prices", {"prices": [{"sku": "MUG-RED", "prize": 1}]}, "Prize"),
    ("products/special-price", {"prices": [{"sku": "MUG-RED", "until": 1}]}, "Until"),
    ("products/tier-prices", {"prices": [{"sku": "MUG-RED", "qty": 1}]}, "Qty"),
    ("categories/4/products", {"productLink": {"sku": "MUG-RED", "place": 1}}, "Place"),
    ("inventory/source-items-delete", {"sourceItems": [{"sku": "MUG-RED", "code": 1}]}, "Code"),
]


@pytest.mark.parametrize(("path", "document", "name"), NESTED)
def test_an_unknown_member_is_refused_at_any_depth(
    shop: Shop, path: str, document: Any, name: str
) -> None:
    answer = shop.call("POST", f"V1/{path}", document)
    assert answer.status == 400, answer.body
    assert answer.document()["message"].startswith(f'Property "{name}" does not have accessor')


@pytest.mark.parametrize(
    ("path", "document", "value"),
    [
        ("customers", {"customer": {"group_id": "two"}}, "two"),
        ("customers", {"customer": {"addresses": [{"street": "1 Main St"}]}}, "1 Main St"),
        ("products", {"product": {"price": "twelve"}}, "twelve"),
        ("products", {"product": {"extension_attributes": {"website_ids": ["x"]}}}, "x"),
        ("orders", {"entity": {"entity_id": 1, "grand_total": "much"}}, "much"),
        ("orders", {"entity": {"entity_id": 1, "items": {"sku": "x"}}}, "array"),
        ("categories", {"category": {"is_active": "perhaps"}}, "perhaps"),
        ("shipment/track", {"entity": {"weight": "heavy"}}, "heavy"),
    ],
)
def test_a_value_of_another_type_is_refused(
    shop: Shop, path: str, document: Any, value: str
) -> None:
    answer = shop.call("POST", f"V1/{path}", document)
    assert answer.status == 400, answer.body
    assert "type is invalid" in answer.document()["message"]
    assert answer.document()["parameters"]["value"] == value


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("products", {"product": {"sku": "MUG-RED"}, "saveoptions": True}),
        ("customers", {"customer": {}, "pass": "x"}),
        ("orders", {"entity": {}, "order": {}}),
        ("order/3/invoice", {"paid": True}),
        ("order/3/ship", {"track": []}),
        ("order/1/refund", {"amount": 3}),
        ("products/base-prices", {"price": []}),
        ("inventory/source-items", {"items": []}),
        ("customers/isEmailAvailable", {"email": "x"}),
    ],
)
def test_an_unknown_argument_is_refused(shop: Shop, path: str, document: Any) -> None:
    answer = shop.call("POST", f"V1/{path}", document)
    assert answer.status == 400
    assert answer.document()["message"] == 'This service has no argument "%1".'


@pytest.mark.parametrize(
    "query",
    [
        "limit=5",
        "searchCriteria&sku=MUG-RED",
        "searchCriteria[filterGroups][0][filter][0][field]=sku",
        "searchCriteria[filterGroups][0][filters][0][name]=sku",
        "searchCriteria[sortOrders][0][by]=sku",
        "searchCriteria[sortOrders][0][field]=sku&searchCriteria[sortOrders][0][direction]=up",
        "searchCriteria[sortOrders][0][direction]=ASC",
        "searchCriteria[pageSize]=many",
        "searchCriteria[filterGroups][0][filters][0][field]=sku"
        "&searchCriteria[filterGroups][0][filters][0][conditionType]=about",
    ],
)
def test_an_unknown_parameter_or_part_of_a_search_is_refused(shop: Shop, query: str) -> None:
    assert shop.call("GET", f"V1/products?{query}").status == 400


def test_an_attribute_that_the_shop_has_not_is_refused_or_dropped_as_real_shops_do(
    shop: Shop,
) -> None:
    odd = [{"attribute_code": "nobody_knows", "value": "x"}]
    wish = {"product": {"sku": "MUG-RED", "custom_attributes": odd}}
    assert shop.call("POST", "V1/products", wish).status == 400
    someone = {"email": "a@b.example", "firstname": "A", "lastname": "B"}
    customer = {"customer": {**someone, "custom_attributes": odd}}
    assert shop.call("POST", "V1/customers", customer).status == 400
    shop.control.change_settings("magento", unknown_attributes_refused=False)
    kept = {a["attribute_code"] for a in shop.post("products", wish)["custom_attributes"]}
    assert "nobody_knows" not in kept
    assert "custom_attributes" not in shop.post("customers", customer)


def test_a_price_for_a_store_that_is_not_there_is_told(shop: Shop) -> None:
    row = {"sku": "MUG-RED", "price": 3, "store_id": 7}
    (problem,) = shop.post("products/base-prices", {"prices": [row]})
    assert problem["parameters"] == ["MUG-RED", "7"]


def test_a_source_that_is_not_there_ships_nothing(shop: Shop) -> None:
    wish = {"arguments": {"extension_attributes": {"source_code": "west"}}}
    assert shop.call("POST", "V1/order/3/ship", wish).status == 404
    assert shop.find("shipments", ("order_id", "3", "eq"))["total_count"] == 0


def test_the_three_spellings_of_the_wish_list_lead_to_the_real_routes(shop: Shop) -> None:
    item = shop.call("PUT", "V1/stockItems/MUG-RED", {"stockItem": {"qty": 8}}).document()
    assert shop.get("stockItems/MUG-RED")["qty"] == 8
    assert item == shop.get("stockItems/MUG-RED")["item_id"]
    changed = shop.call("PUT", "V1/orders", {"entity": {"entity_id": 3, "ext_order_id": "E-1"}})
    assert changed.status == 200 and shop.order(3)["ext_order_id"] == "E-1"
    rows = [{"sku": "MUG-RED", "qty_ordered": 1, "price": 5, "row_total": 5}]
    new = {"entity": {"customer_email": "a@b.example", "items": rows}}
    made = shop.call("PUT", "V1/orders", new).document()
    assert shop.order(made["entity_id"])["customer_email"] == "a@b.example"
    row = shop.order(3)["items"][0]
    part = [{"order_item_id": row["item_id"], "qty": 1}]
    entity = {"order_id": 3, "items": part, "comments": [{"comment": "by hand"}]}
    shipped = shop.call("POST", "V1/shipments", {"entity": entity})
    assert shipped.status == 200
    document = shop.get(f"shipment/{shipped.document()['entity_id']}")
    assert (document["total_qty"], document["comments"][0]["comment"]) == (1, "by hand")


def test_a_category_is_put_behind_the_one_that_is_named(shop: Shop) -> None:
    first, second = (
        shop.post("categories", {"category": {"parent_id": 3, "name": name}})["id"]
        for name in ("Bowls", "Cups")
    )
    moved = shop.call("PUT", f"V1/categories/{second}/move", {"parentId": 3, "afterId": 4})
    assert moved.document() is True
    kitchen = shop.get("categories", rootCategoryId="3")["children_data"]
    assert [child["id"] for child in kitchen] == [4, second, first]
    assert shop.get("categories", rootCategoryId="3", depth="0")["children_data"] == []
