"""The Magento sandbox behaves as the vendor fact sheet says; each fact over real HTTP."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from connectors.sandbox_kit.testing import Answer, Control, SandboxHandle, send, start_sandbox
from connectors.sandbox_kit.webhook_receiver import receiving
from ipaas.core import jsonio

SCHEMAS = Path(__file__).parents[1] / "schemas"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    running = start_sandbox(tmp_path_factory.mktemp("sandboxes"))
    yield running
    running.stop()


class Shop:
    """A client of one instance of the shop."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.url = control.vendor_url("magento")
        self.token = control.settings("magento")["access_token"]

    def call(
        self, method: str, path: str, document: Any = None, *, query: dict[str, str] | None = None
    ) -> Answer:
        url = f"{self.url}/rest/{path}" + (f"?{urlencode(query)}" if query else "")
        return send(
            method, url, document=document, headers={"authorization": f"Bearer {self.token}"}
        )

    def get(self, path: str, **query: str) -> Any:
        answer = self.call("GET", f"V1/{path}", query=query or None)
        assert answer.status == 200, answer.body
        return answer.document()

    def post(self, path: str, document: Any = None) -> Any:
        answer = self.call("POST", f"V1/{path}", document if document is not None else {})
        assert answer.status == 200, answer.body
        return answer.document()

    def order(self, number: int) -> Any:
        return self.get(f"orders/{number}")

    def find(self, path: str, *filters: tuple[str, str, str], **more: str) -> Any:
        """Search with one group per filter: all must hold."""
        query = dict(more)
        for number, (field, value, condition) in enumerate(filters):
            start = f"searchCriteria[filter_groups][{number}][filters][0]"
            query |= {f"{start}[field]": field, f"{start}[value]": value}
            query |= {f"{start}[condition_type]": condition}
        query.setdefault("searchCriteria[sortOrders][0][field]", "entity_id")
        query.setdefault("searchCriteria[sortOrders][0][direction]", "ASC")
        return self.get(path, **query)


@pytest.fixture
def shop(process: SandboxHandle) -> Shop:
    return Shop(process.control(f"test-{uuid4().hex[:12]}"))


def place(shop: Shop, **wish: Any) -> Any:
    return shop.control.place_order(place=wish)["order"]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def ids(found: Any) -> list[int]:
    return [item["entity_id"] for item in found["items"]]


# --- authentication, routes, errors


def test_a_call_without_the_token_is_refused_with_placeholders(shop: Shop) -> None:
    answer = send("GET", f"{shop.url}/rest/V1/orders/1")
    assert answer.status == 401
    assert answer.document() == {
        "message": "The consumer isn't authorized to access %resources.",
        "parameters": {"resources": "Magento_Sales::sales"},
    }


def test_a_wrong_token_is_refused(shop: Shop) -> None:
    shop.token = "0" * 32
    assert shop.call("GET", "V1/orders/1").status == 401


def test_bearer_use_of_integration_tokens_can_be_off_as_since_2_4_4(shop: Shop) -> None:
    shop.control.change_settings("magento", bearer_allowed=False)
    answer = shop.call("GET", "V1/orders/1")
    assert answer.status == 401
    assert answer.document()["message"].startswith("The consumer isn't authorized")


@pytest.mark.parametrize("path", ["V1/orders/1", "default/V1/orders/1", "all/V1/orders/1/"])
def test_store_codes_and_trailing_slashes_are_accepted(shop: Shop, path: str) -> None:
    assert shop.call("GET", path).document()["entity_id"] == 1


@pytest.mark.parametrize("path", ["unknown/V1/orders/1", "V1/shipments/1/nothing", "V1/nothing"])
def test_an_unknown_route_or_store_matches_no_route(shop: Shop, path: str) -> None:
    answer = shop.call("GET", path)
    assert answer.status == 404
    assert answer.document() == {"message": "Request does not match any route."}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("orders/999", "The entity that was requested doesn't exist."),
        ("invoices/999", "The entity that was requested doesn't exist."),
        ("products/NOPE", "The product that was requested doesn't exist."),
        ("customers/999", "No such entity with %fieldName = %fieldValue"),
    ],
)
def test_what_does_not_exist_is_404(shop: Shop, path: str, message: str) -> None:
    answer = shop.call("GET", f"V1/{path}")
    assert answer.status == 404
    assert answer.document()["message"].startswith(message)


def test_a_list_without_any_criteria_is_a_400_that_names_the_field(shop: Shop) -> None:
    answer = shop.call("GET", "V1/orders")
    assert answer.status == 400
    assert answer.document()["parameters"] == {"fieldName": "searchCriteria"}


def test_too_many_requests_says_when_to_come_back(shop: Shop) -> None:
    shop.control.fault_on("magento", "rate_limited", times=1)
    answer = shop.call("GET", "V1/orders/1")
    assert (answer.status, answer.headers["retry-after"]) == (429, "2")


def test_a_server_error_carries_a_report_id(shop: Shop) -> None:
    shop.control.fault_on("magento", "server_error", times=1)
    answer = shop.call("GET", "V1/orders/1")
    assert answer.status == 500
    assert "Report ID: webapi-" in answer.document()["message"]


# --- searchCriteria


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


# --- orders and totals


def test_totals_with_discount_shipping_and_tax(shop: Shop) -> None:
    order = place(
        shop,
        customer="ana.silva@shop.example",
        items=[{"sku": "MUG-RED", "qty": 2, "price": 50}],
        discount_percent=10,
        shipping_amount=5,
        tax_percent=8,
    )
    assert (order["subtotal"], order["discount_amount"], order["shipping_amount"]) == (100, -10, 5)
    assert order["tax_amount"] == Decimal("7.2")
    assert order["grand_total"] == order["base_grand_total"] == Decimal("102.2")
    assert order["items"][0]["discount_amount"] == 10
    assert "customer_id" in order and "qty" not in order["items"][0]


@pytest.mark.parametrize(
    ("price", "qty", "row_total"),
    [("19.995", 1, "20"), ("19.995", 3, "59.99"), ("8.2645", 7, "57.85"), ("1.005", 1, "1.01")],
)
def test_rows_are_rounded_half_up_from_exact_decimals(
    shop: Shop, price: str, qty: int, row_total: str
) -> None:
    items = [{"sku": "OLIVE-OIL-05", "qty": qty, "price": Decimal(price)}]
    order = place(shop, customer="ana.silva@shop.example", items=items)
    assert order["items"][0]["row_total"] == Decimal(row_total)
    assert order["items"][0]["price"] == Decimal(price)


MONEY = st.decimals(min_value="0.01", max_value="999", places=4)


@given(
    prices=st.lists(st.tuples(MONEY, st.integers(1, 20)), min_size=1, max_size=6),
    discount=st.decimals(min_value=0, max_value=50, places=2),
    shipping=st.decimals(min_value=0, max_value=50, places=2),
    tax=st.sampled_from([Decimal(0), Decimal("8.25"), Decimal("19")]),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_header_amounts_are_the_sums_of_the_rows(
    shop: Shop, prices: Any, discount: Decimal, shipping: Decimal, tax: Decimal
) -> None:
    order = place(
        shop,
        customer="ana.silva@shop.example",
        items=[{"sku": "MUG-RED", "qty": qty, "price": price} for price, qty in prices],
        discount_amount=discount,
        shipping_amount=shipping,
        tax_percent=tax,
    )
    rows = order["items"]
    for row, (price, qty) in zip(rows, prices, strict=True):
        assert row["row_total"] == cents(price * qty)
        taxed = cents((Decimal(row["row_total"]) - row["discount_amount"]) * tax / 100)
        assert row["tax_amount"] == taxed
    subtotal = sum(Decimal(row["row_total"]) for row in rows)
    assert order["subtotal"] == subtotal
    assert order["discount_amount"] == -min(discount, subtotal)
    assert sum(Decimal(row["discount_amount"]) for row in rows) == -order["discount_amount"]
    assert order["grand_total"] == (
        subtotal + order["discount_amount"] + shipping + sum(Decimal(r["tax_amount"]) for r in rows)
    )


def test_a_product_with_options_makes_a_priced_row_and_a_child_without_price(shop: Shop) -> None:
    order = shop.control.place_order(sample="configurable")["order"]
    parent, child = order["items"][:2]
    assert (parent["product_type"], parent["sku"], parent["price"]) == (
        "configurable",
        "TSHIRT-M-NAVY",
        24,
    )
    assert (child["product_type"], child["sku"], child["price"]) == ("simple", "TSHIRT-M-NAVY", 0)
    assert child["parent_item_id"] == parent["item_id"]
    assert order["total_item_count"] == 2


def test_a_guest_order_has_no_customer_id_and_nulls_are_left_out(shop: Shop) -> None:
    order = shop.control.place_order(sample="guest")["order"]
    assert order["customer_is_guest"] == 1
    assert "customer_id" not in order

    def nulls(value: Any) -> bool:
        if isinstance(value, dict):
            return any(nulls(part) for part in value.values())
        if isinstance(value, list):
            return any(nulls(part) for part in value)
        return value is None

    assert not nulls(order)


def test_the_shipping_address_lives_in_the_extension_attributes(shop: Shop) -> None:
    order = shop.control.place_order(sample="ordinary")["order"]
    shipping = order["extension_attributes"]["shipping_assignments"][0]["shipping"]
    assert shipping["method"] == "flatrate_flatrate"
    assert shipping["address"]["region"] == "Texas"
    assert order["billing_address"]["street"] == ["1 Main St"]


def test_samples_hold_what_their_titles_say(shop: Shop) -> None:
    samples = {
        s["id"]: s["order"] for s in shop.control.call("GET", "magento/order-samples")["items"]
    }
    assert samples["no-lines"]["items"] == []
    assert samples["bad-price"]["items"][0]["price"] == "twelve fifty"
    assert len([r for r in samples["big"]["items"] if "parent_item_id" not in r]) == 25
    known = {row.get("Sku") for row in shop.control.records("quickbooks", "Item")["items"]}
    for name, order in samples.items():
        skus = {row["sku"] for row in order["items"]}
        assert (skus <= known) == (name != "unknown-sku"), name
    assert all("entity_id" not in order for order in samples.values())


def test_an_edited_document_is_placed_as_it_is_with_fresh_ids(shop: Shop) -> None:
    samples = shop.control.call("GET", "magento/order-samples")["items"]
    document = next(s["order"] for s in samples if s["id"] == "configurable")
    document["grand_total"] = Decimal("1.2300")
    document["items"][0]["price"] = "free of charge"
    order = shop.control.place_order(order=document)["order"]
    assert (order["grand_total"], order["items"][0]["price"]) == (Decimal("1.23"), "free of charge")
    assert order["entity_id"] == 4
    assert order["increment_id"] == "000000004"
    again = shop.control.place_order(order=document)["order"]
    assert again["entity_id"] == 5
    rows = [row["item_id"] for placed in (order, again) for row in placed["items"]]
    assert len(rows) == len(set(rows))
    assert again["items"][1]["parent_item_id"] == again["items"][0]["item_id"]
    assert shop.order(5)["items"] == again["items"]


def test_random_orders_are_repeatable_by_seed_and_varied(process: SandboxHandle) -> None:
    runs = []
    for _ in range(2):
        control = process.control(f"test-{uuid4().hex[:12]}")
        control.place_order(random=True, seed=42, count=60)
        runs.append(control.records("magento", "order", limit=60)["items"])
    shown = [
        [(o["customer_email"], o["grand_total"], len(o["items"])) for o in orders]
        for orders in runs
    ]
    assert shown[0] == shown[1]
    emails = {order["customer_email"] for order in runs[0]}
    names = {order["customer_lastname"] for order in runs[0]}
    assert len(emails) > 30
    assert any("'" in name for name in names) and any(not name.isascii() for name in names)
    assert all(email.isascii() for email in emails)
    by_name = {(o["customer_firstname"], o["customer_lastname"]) for o in runs[0]}
    assert len(by_name) == len(emails)


def test_records_match_the_published_schemas(shop: Shop) -> None:
    if not (SCHEMAS / "Order.json").exists():
        pytest.skip("the connector's schemas are not there yet")
    documents = {path.name: jsonio.loads(path.read_bytes()) for path in SCHEMAS.glob("*.json")}
    registry: Registry[Any] = Registry()
    for name, schema in documents.items():
        resource = Resource.from_contents(schema)
        registry = registry.with_resources([(schema.get("$id", name), resource), (name, resource)])
    shop.control.place_order(random=True, seed=7, count=20)
    shop.control.place_order(sample="configurable")
    shop.post("order/4/invoice", {"capture": True})
    shop.post("order/4/ship")
    shop.post("order/4/refund")
    for entity, schema_name in {
        "order": "Order.json",
        "customer": "Customer.json",
        "product": "Product.json",
        "stock_item": "StockItem.json",
        "invoice": "Invoice.json",
        "shipment": "Shipment.json",
        "creditmemo": "CreditMemo.json",
    }.items():
        if schema_name not in documents:
            continue
        validator = Draft202012Validator(documents[schema_name], registry=registry)
        for record in shop.control.records("magento", entity)["items"]:
            problems = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(record)]
            assert not problems, (entity, problems[:3])


# --- life of an order


def test_invoice_then_shipment_complete_an_order(shop: Shop) -> None:
    order = shop.control.place_order(sample="configurable")["order"]
    number = order["entity_id"]
    invoice = shop.post(f"order/{number}/invoice", {"capture": True})
    assert isinstance(invoice, str)
    after = shop.order(number)
    assert (after["state"], after["status"]) == ("processing", "processing")
    assert after["total_paid"] == order["grand_total"]
    assert after["total_due"] == 0
    document = shop.get(f"invoices/{invoice}")
    assert (document["state"], document["grand_total"]) == (2, order["grand_total"])
    shipment = shop.post(
        f"order/{number}/ship", {"tracks": [{"track_number": "1Z", "title": "UPS"}]}
    )
    assert shop.order(number)["state"] == "complete"
    assert shop.get(f"shipment/{shipment}")["tracks"][0]["order_id"] == number


def test_an_invoice_without_capture_stays_open_until_captured(shop: Shop) -> None:
    order = shop.control.place_order(sample="ordinary")["order"]
    invoice = shop.post(f"order/{order['entity_id']}/invoice")
    assert shop.get(f"invoices/{invoice}")["state"] == 1
    assert "total_paid" not in shop.order(order["entity_id"])
    assert shop.post(f"invoices/{invoice}/capture") is True
    assert shop.order(order["entity_id"])["total_paid"] == order["grand_total"]


def test_part_invoices_add_up_to_the_order(shop: Shop) -> None:
    order = place(
        shop,
        customer="ana.silva@shop.example",
        items=[{"sku": "OLIVE-OIL-05", "qty": 3}],
        shipping_amount=5,
    )
    row = order["items"][0]["item_id"]
    for qty in (1, 2):
        shop.post(
            f"order/{order['entity_id']}/invoice",
            {"capture": True, "items": [{"order_item_id": row, "qty": qty}]},
        )
    after = shop.order(order["entity_id"])
    assert after["items"][0]["qty_invoiced"] == 3
    assert after["total_invoiced"] == order["grand_total"]


@pytest.mark.parametrize(("route", "prefix"), [("invoice", "Invoice"), ("ship", "Shipment")])
def test_what_the_state_forbids_is_a_400(shop: Shop, route: str, prefix: str) -> None:
    answer = shop.call("POST", f"V1/order/1/{route}", {})
    assert answer.status == 400
    assert answer.document()["message"].startswith(f"{prefix} Document Validation Error(s):\n")


def test_more_than_ordered_cannot_be_invoiced(shop: Shop) -> None:
    order = shop.control.place_order(sample="ordinary")["order"]
    row = order["items"][0]
    wish = {"items": [{"order_item_id": row["item_id"], "qty": row["qty_ordered"] + 1}]}
    assert shop.call("POST", f"V1/order/{order['entity_id']}/invoice", wish).status == 400
    assert shop.order(order["entity_id"]) == order


def test_a_full_refund_closes_the_order(shop: Shop) -> None:
    paid = shop.order(1)
    credit = shop.post("order/1/refund")
    after = shop.order(1)
    assert after["state"] == "closed"
    assert after["total_refunded"] == paid["grand_total"]
    assert shop.get(f"creditmemo/{credit}")["state"] == 2


def test_a_new_order_can_be_cancelled_and_an_invoiced_one_cannot(shop: Shop) -> None:
    assert shop.post("orders/3/cancel") is True
    assert shop.order(3)["state"] == "canceled"
    assert shop.post("orders/2/cancel") is False
    assert shop.order(2)["state"] == "processing"


def test_hold_and_unhold_give_the_state_back(shop: Shop) -> None:
    assert shop.post("orders/3/hold") is True
    assert shop.order(3)["state"] == "holded"
    assert shop.call("POST", "V1/order/3/invoice", {}).status == 400
    assert shop.post("orders/3/unhold") is True
    assert shop.order(3)["state"] == "new"


def test_a_comment_sets_the_status(shop: Shop) -> None:
    shop.post(
        "orders/3/comments",
        {"statusHistory": {"comment": "posted", "status": "processing", "is_visible_on_front": 0}},
    )
    assert shop.get("orders/3/statuses") == "processing"
    assert shop.get("orders/3/comments")["items"][0]["comment"] == "posted"


def test_saving_a_partial_order_keeps_what_is_not_given(shop: Shop) -> None:
    before = shop.order(3)
    shop.post("orders", {"entity": {"entity_id": 3, "ext_order_id": "QB-17"}})
    after = shop.order(3)
    assert after["ext_order_id"] == "QB-17"
    assert after["grand_total"] == before["grand_total"]
    assert ids(shop.find("orders", ("ext_order_id", "QB-17", "eq"))) == [3]


def test_every_change_gives_a_later_updated_at_also_within_a_second(shop: Shop) -> None:
    number = shop.control.place_order(sample="ordinary")["order"]["entity_id"]
    moments = [shop.order(number)["updated_at"]]
    for text in "abc":
        shop.post(f"orders/{number}/comments", {"statusHistory": {"comment": text}})
        moments.append(shop.order(number)["updated_at"])
    assert moments == sorted(set(moments))
    found = shop.find("orders", ("updated_at", moments[-1], "gteq"))
    assert number in ids(found)


# --- webhooks of our module


def test_placed_and_changed_orders_are_announced_with_the_whole_order(shop: Shop) -> None:
    with receiving() as receiver:
        secret = "hook-secret"
        shop.control.change_settings("magento", webhooks=[{"url": receiver.url, "secret": secret}])
        placed = shop.control.place_order(sample="discount")["order"]
        request = receiver.wait_for(1)[0]
        digest = hmac.new(secret.encode(), request.body, hashlib.sha256).digest()
        assert request.headers["x-signature"] == base64.b64encode(digest).decode()
        assert request.headers["x-webhook-topic"] == "sales_order_save_after"
        event = request.document()
        assert event["data"] == placed
        assert (event["event"], event["entity_id"], event["increment_id"]) == (
            "sales_order_save_after",
            placed["entity_id"],
            placed["increment_id"],
        )
        assert event["store_base_url"] == f"{shop.url}/"
        shop.post(f"orders/{placed['entity_id']}/comments", {"statusHistory": {"comment": "x"}})
        changed = receiver.wait_for(2)[1]
        assert changed.document()["data"]["updated_at"] > placed["updated_at"]
        assert changed.headers["x-webhook-id"] != request.headers["x-webhook-id"]


# --- customers, products, stock


def test_a_customer_is_created_once_per_email(shop: Shop) -> None:
    person = {"email": "new@shop.example", "firstname": "Nora", "lastname": "O'Neill"}
    created = shop.post("customers", {"customer": person})
    assert shop.get(f"customers/{created['id']}")["lastname"] == "O'Neill"
    again = shop.call("POST", "V1/customers", {"customer": {**person, "email": "NEW@shop.example"}})
    assert again.status == 400
    assert again.document()["message"].startswith("A customer with the same email address")
    found = shop.find("customers/search", ("email", "new@shop.example", "eq"))
    assert [customer["id"] for customer in found["items"]] == [created["id"]]


def test_a_missing_required_field_is_named(shop: Shop) -> None:
    answer = shop.call("POST", "V1/customers", {"customer": {"email": "x@y.example"}})
    assert (answer.status, answer.document()["parameters"]) == (400, {"fieldName": "firstname"})


def test_posting_a_product_with_a_known_sku_changes_it(shop: Shop) -> None:
    before = shop.get("products/MUG-RED")
    wish = {"sku": "MUG-RED", "price": Decimal("13.75")}
    changed = shop.post("products", {"product": wish})
    assert (changed["id"], changed["price"]) == (before["id"], Decimal("13.75"))
    assert changed["name"] == before["name"]
    assert changed["updated_at"] > before["updated_at"]


def test_stock_is_written_through_the_product_and_read_by_sku(shop: Shop) -> None:
    answer = shop.call("PUT", "V1/products/MUG-RED/stockItems/1", {"stockItem": {"qty": 7}})
    assert answer.document() == shop.get("stockItems/MUG-RED")["item_id"]
    assert shop.get("stockItems/MUG-RED")["qty"] == 7
    assert shop.call("PUT", "V1/stockItems/MUG-RED", {"stockItem": {"qty": 7}}).status == 404


def test_a_sku_with_a_slash_is_one_path_segment(shop: Shop) -> None:
    product = {"sku": "A/B ü", "name": "Odd", "attribute_set_id": 4, "price": 1}
    shop.post("products", {"product": product})
    assert shop.get(f"products/{quote('A/B ü', safe='')}")["name"] == "Odd"
