"""Search criteria, sort orders, pages and chosen fields."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.catalog.magento.tests.sandbox.shop import Shop, ids


@pytest.mark.parametrize(
    "query",
    [
        "searchCriteria[filter_groups][0][filters][0][field]=increment_id"
        "&searchCriteria[filter_groups][0][filters][0][value]=000000002",
        "searchCriteria[filterGroups][0][filters][0][field]=increment_id"
        "&searchCriteria[filterGroups][0][filters][0][value]=000000002"
        "&searchCriteria[filterGroups][0][filters][0][conditionType]=eq",
        "search_criteria%5Bfilter_groups%5D%5B0%5D%5Bfilters%5D%5B0%5D%5Bfield%5D=increment_id"
        "&search_criteria%5Bfilter_groups%5D%5B0%5D%5Bfilters%5D%5B0%5D%5Bvalue%5D=000000002",
    ],
)
def test_criteria_names_may_be_snake_or_camel_and_brackets_encoded(shop: Shop, query: str) -> None:
    found = shop.call("GET", f"V1/orders?{query}").document()
    assert (ids(found), found["total_count"]) == ([2], 1)
    group = found["search_criteria"]["filter_groups"][0]
    assert group["filters"][0]["condition_type"] == "eq"


@pytest.mark.parametrize(
    "query", ["searchCriteria", "searchCriteria=", "searchCriteria[pageSize]="]
)
def test_empty_criteria_give_everything(shop: Shop, query: str) -> None:
    assert shop.call("GET", f"V1/orders?{query}").document()["total_count"] == 3


def test_groups_are_joined_with_and_filters_of_a_group_with_or(shop: Shop) -> None:
    first = "searchCriteria[filter_groups][0][filters]"
    either = {
        f"{first}[0][field]": "entity_id",
        f"{first}[0][value]": "1",
        f"{first}[1][field]": "entity_id",
        f"{first}[1][value]": "3",
    }
    assert sorted(ids(shop.get("orders", **either))) == [1, 3]
    second = "searchCriteria[filter_groups][1][filters]"
    both = {**either, f"{second}[0][field]": "state", f"{second}[0][value]": "complete"}
    assert ids(shop.get("orders", **both)) == [1]


@pytest.mark.parametrize(
    ("condition", "field", "value", "expected"),
    [
        ("neq", "state", "new", [1, 2]),
        ("in", "entity_id", "1,3,9", [1, 3]),
        ("nin", "entity_id", "1,3,9", [2]),
        ("like", "customer_email", "%O'BRIEN%", []),
        ("like", "customer_email", "liam%", [2]),
        ("nlike", "customer_email", "liam%", [1, 3]),
        ("gt", "entity_id", "1", [2, 3]),
        ("gteq", "entity_id", "2", [2, 3]),
        ("moreq", "entity_id", "2", [2, 3]),
        ("lt", "entity_id", "2", [1]),
        ("lteq", "entity_id", "2", [1, 2]),
        ("gt", "entity_id", "10", []),
        ("null", "coupon_code", "", [1, 3]),
        ("notnull", "coupon_code", "", [2]),
        ("finset", "applied_rule_ids", "1", [2]),
    ],
)
def test_condition_types(
    shop: Shop, condition: str, field: str, value: str, expected: list[int]
) -> None:
    assert ids(shop.find("orders", (field, value, condition))) == expected


def test_an_unknown_condition_type_is_refused(shop: Shop) -> None:
    prefix = "searchCriteria[filter_groups][0][filters][0]"
    query = {f"{prefix}[field]": "state", f"{prefix}[condition_type]": "resembles"}
    assert shop.call("GET", "V1/orders", query=query).status == 400


def test_from_and_to_in_two_groups_make_a_range_of_times(shop: Shop) -> None:
    middle = shop.order(2)["created_at"]
    found = shop.find("orders", ("created_at", middle, "from"), ("created_at", middle, "to"))
    assert ids(found) == [2]


def test_a_page_beyond_the_end_repeats_the_last_one(shop: Shop) -> None:
    pages = [
        ids(
            shop.find(
                "orders",
                **{"searchCriteria[pageSize]": "2", "searchCriteria[currentPage]": str(page)},
            )
        )
        for page in (1, 2, 3)
    ]
    assert pages == [[1, 2], [3], [3]]


def test_sort_orders_apply_in_turn_and_descend_by_default(shop: Shop) -> None:
    found = shop.get(
        "products",
        **{
            "searchCriteria[sortOrders][0][field]": "price",
            "searchCriteria[sortOrders][1][field]": "sku",
            "searchCriteria[sortOrders][1][direction]": "asc",
        },
    )
    pairs = [(-Decimal(item["price"]), item["sku"]) for item in found["items"]]
    assert pairs == sorted(pairs)


def test_only_the_asked_fields_come_back_and_unknown_ones_are_dropped(shop: Shop) -> None:
    found = shop.get(
        "orders",
        **{
            "searchCriteria[pageSize]": "1",
            "searchCriteria[sortOrders][0][field]": "entity_id",
            "searchCriteria[sortOrders][0][direction]": "ASC",
            "fields": "items[entity_id,items[sku,qty_ordered],nonsense],total_count",
        },
    )
    assert found == {
        "items": [
            {
                "entity_id": 1,
                "items": [
                    {"sku": "MUG-RED", "qty_ordered": 2},
                    {"sku": "TEA-GREEN-100", "qty_ordered": 1},
                ],
            }
        ],
        "total_count": 3,
    }


def test_products_are_searched_by_entity_id_though_they_answer_id(shop: Shop) -> None:
    found = shop.find("products", ("entity_id", "3", "eq"))
    assert [item["id"] for item in found["items"]] == [3]
