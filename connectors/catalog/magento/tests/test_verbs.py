"""Each verb of each entity through the connector, against the sandbox; the docs table counts it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from connectors import facade
from connectors.catalog.magento.hooks.searching import RECORDS
from connectors.sandbox_kit.webhook_receiver import receiving
from connectors.sdk import ConnectorError
from connectors.testing import Bench

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(make: Callable[[str], Bench]) -> Bench:
    return make("magento")


def made_order(shop: Bench, sample: str = "ordinary") -> dict[str, Any]:
    order: dict[str, Any] = shop.control.place_order(sample=sample)["order"]
    return order


def test_orders(shop: Bench) -> None:
    order = made_order(shop)
    number = order["entity_id"]
    assert shop.call("get_order", id=number).output["increment_id"] == order["increment_id"]
    shop.call("update_order", "k1", entity_id=number, ext_order_id="ERP-7")
    found = shop.call("find_order", ext_order_id="ERP-7").output
    assert (found["found"], found["id"]) == (True, str(number))
    assert shop.call("hold_order", "k2", id=number).output is True
    assert shop.call("unhold_order", "k3", id=number).output is True
    address = order["billing_address"]
    changed = shop.call(
        "update_order_address",
        "k4",
        parent_id=number,
        entity_id=address["entity_id"],
        city="Dallas",
    )
    assert changed.output["city"] == "Dallas"
    assert shop.call("cancel_order", "k5", id=number).output is True
    assert shop.call("get_order", id=number).output["state"] == "canceled"
    rows = [{"sku": "MUG-RED", "name": "Red mug", "qty_ordered": 1, "price": 5, "row_total": 5}]
    entity = {"customer_email": "a@b.example", "ext_order_id": "ERP-8", "items": rows}
    first = shop.call("create_order", "k6", entity=entity)
    again = facade.probe(shop.ref, "create_order", {"entity": entity}, "k6")
    assert again is not None and again.reference == first.reference


def test_invoices_shipments_and_credit_memos(shop: Bench) -> None:
    order = made_order(shop)
    number, row = order["entity_id"], order["items"][0]
    part = [{"order_item_id": row["item_id"], "qty": 1}]
    first = shop.call("create_invoice", "i1", order_id=number, items=part, reference="INV-A").output
    assert (first["state"], first["total_qty"]) == (1, 1)
    probed = facade.probe(
        shop.ref, "create_invoice", {"order_id": number, "items": part, "reference": "INV-A"}, "i1"
    )
    assert probed is not None and probed.output["entity_id"] == first["entity_id"]
    other = {"order_id": number, "items": part, "reference": "INV-B"}
    assert facade.probe(shop.ref, "create_invoice", other, "i2") is None
    assert shop.call("void_invoice", "v1", id=first["entity_id"]).output is True
    second = shop.call("create_invoice", "i3", order_id=number).output
    assert shop.call("capture_invoice", "c1", id=second["entity_id"]).output is True
    assert facade.probe(shop.ref, "capture_invoice", {"id": second["entity_id"]}, "c1") is not None
    listed = shop.call("list_invoices", order_id=number).output["items"]
    assert [each["state"] for each in listed] == [3, 2]
    (paid,) = shop.call("list_transactions", order_id=number).output["items"]
    assert paid["txn_id"] == listed[1]["transaction_id"]

    ups = {"track_number": "1Z9", "title": "UPS", "carrier_code": "ups"}
    shipment = shop.call("create_shipment", "s1", order_id=number, tracks=[ups]).output
    assert shipment["tracks"][0]["track_number"] == "1Z9"
    track = shop.call(
        "add_tracking",
        "t1",
        order_id=number,
        shipment_id=shipment["entity_id"],
        track_number="2Z",
        title="DHL",
        carrier_code="dhl",
    ).output
    wanted = {"shipment_id": shipment["entity_id"], "track_number": "2Z"}
    assert facade.probe(shop.ref, "add_tracking", wanted, "t1") is not None
    assert shop.call("delete_tracking", "t2", id=track["entity_id"]).output["existed"]
    assert len(shop.call("get_shipment", id=shipment["entity_id"]).output["tracks"]) == 1
    assert shop.call("list_shipments", order_id=number).output["total_count"] == 1

    memo = shop.call(
        "create_credit_memo", "m1", order_id=number, items=part, adjustment_negative=1
    ).output
    assert memo["adjustment_negative"] == 1
    assert shop.call("list_credit_memos", order_id=number).output["total_count"] == 1
    got = shop.call("get_credit_memo", id=memo["entity_id"]).output
    assert got["grand_total"] == memo["grand_total"]


def test_what_an_order_does_not_allow_is_said(shop: Bench) -> None:
    with pytest.raises(ConnectorError) as caught:
        shop.call("create_invoice", "i1", order_id=1)
    assert caught.value.code == "magento.not_invoiceable"
    with pytest.raises(ConnectorError) as caught:
        shop.call("create_shipment", "s1", order_id=1)
    assert caught.value.code == "magento.not_shippable"


def test_customers(shop: Bench) -> None:
    person = {"email": "nora@shop.example", "firstname": "Nora", "lastname": "O'Neill"}
    person["custom_attributes"] = [{"attribute_code": "customer_code", "value": "C-7"}]
    made = shop.call("create_customer", "c1", **person).output
    assert made["custom_attributes"][0]["value"] == "C-7"
    with pytest.raises(ConnectorError) as caught:
        shop.call("create_customer", "c2", **person)
    assert caught.value.code == "magento.duplicate_customer"
    reply = facade.find_or_create(
        shop.ref, "customer", {"email": "nora@shop.example"}, person, "c3"
    )
    assert (reply.output["found"], reply.output["id"]) == (True, str(made["id"]))
    address = {"firstname": "Nora", "lastname": "O'Neill", "street": ["1 Rd"], "city": "Cork"}
    address |= {"country_id": "IE", "telephone": "1", "default_billing": True}
    changed = shop.call(
        "update_customer", "c4", id=made["id"], customer={**person, "addresses": [address]}
    ).output
    assert changed["default_billing"] == str(changed["addresses"][0]["id"])
    gone = shop.call("delete_address", "c5", id=changed["addresses"][0]["id"]).output
    assert gone["existed"] and shop.call("get_customer", id=made["id"]).output["addresses"] == []
    assert shop.call("delete_customer", "c6", id=made["id"]).output["existed"]
    assert not shop.call("delete_customer", "c6", id=made["id"]).output["existed"]
    groups = shop.call("list_customer_groups").output["items"]
    assert [group["code"] for group in groups][:2] == ["NOT LOGGED IN", "General"]


def test_products_and_prices(shop: Bench) -> None:
    product = {
        "sku": "BOWL/1",
        "name": "Bowl",
        "attribute_set_id": 4,
        "price": 9,
        "type_id": "simple",
    }
    shop.call("create_product", "p1", **product)
    shop.call("save_product", "p2", sku="BOWL/1", price=Decimal("9.5"))
    assert shop.call("get_product", sku="BOWL/1").output["price"] == Decimal("9.5")
    assert shop.call("find_product", sku="BOWL/1").output["found"]
    assert shop.call("search_products", skus=["BOWL/1", "MUG-RED"]).output["total_count"] == 2
    assert shop.call("set_price", "p3", sku="BOWL/1", price=11).output["price"] == 11
    items = [
        facade.BatchItem({"sku": "MUG-RED", "price": Decimal("13.1")}, "b1"),
        facade.BatchItem({"sku": "NOPE", "price": 1}, "b2"),
    ]
    good, bad = facade.call_batch(shop.ref, "set_price", items)
    assert isinstance(good, facade.Reply) and isinstance(bad, ConnectorError)
    assert "NOPE" in bad.message
    assert shop.call("get_product", sku="MUG-RED").output["price"] == Decimal("13.1")
    shop.call("set_special_price", "p4", sku="MUG-RED", price=8)
    bulk = shop.call(
        "save_products_in_bulk", "p5", products=[{"sku": "MUG-BLUE", "price": 12}]
    ).output
    shop.call("get_bulk_status", bulk_uuid=bulk["bulk_uuid"])
    status = shop.call("get_bulk_status", bulk_uuid=bulk["bulk_uuid"]).output
    assert [part["status"] for part in status["operations_list"]] == [1]
    assert shop.call("delete_product", "p6", sku="MUG-BLUE").output["existed"]


def test_the_store_code_says_whose_texts_are_written_and_read(shop: Bench) -> None:
    shop.control.change_settings("magento", store_codes=["default", "fr"])

    def through(code: str) -> facade.Connection:
        made = facade.create_connection(
            shop.workspace.id, "test", connector="magento", name=f"Shop {code}", sandbox=True
        )
        changed = {"store_code": code}
        return facade.update_connection(shop.workspace.id, made.id, settings=changed)

    french, whole = through("fr"), through("all")
    texts = [{"attribute_code": "description", "value": "<p>Tasse</p>"}]
    wish = {"sku": "MUG-RED", "name": "Tasse rouge", "price": 14, "custom_attributes": texts}
    facade.call(french.ref, "save_product", wish, idempotency_key="k1")
    seen = {
        code: facade.call(ref, "get_product", {"sku": "MUG-RED"}).output
        for code, ref in (("fr", french.ref), ("default", shop.ref), ("all", whole.ref))
    }
    names = {code: product["name"] for code, product in seen.items()}
    assert names == {"fr": "Tasse rouge", "default": "Red mug", "all": "Red mug"}
    assert {product["price"] for product in seen.values()} == {14}, "a price counts for all"
    wish = {"sku": "MUG-RED", "name": "Mug, red"}
    facade.call(whole.ref, "save_product", wish, idempotency_key="k2")
    by_name = {"filter_groups": [{"filters": [{"field": "name", "value": "Mug, red"}]}]}
    found = [
        facade.call(ref, "search_products", by_name).output["total_count"]
        for ref in (french.ref, shop.ref, whole.ref)
    ]
    assert found == [0, 1, 1]
    stores = facade.options(shop.workspace.id, shop.connection.id, "stores")
    assert [choice.value for choice in stores] == ["default", "fr"]


def test_stock_and_sources(shop: Bench) -> None:
    shop.call("set_stock", "s1", sku="MUG-RED", qty=7, is_in_stock=True)
    assert shop.call("get_stock_item", sku="MUG-RED").output["qty"] == 7
    items = [
        facade.BatchItem({"sku": "MUG-RED", "source_code": "east", "quantity": 3}, "b1"),
        facade.BatchItem({"sku": "MUG-BLUE", "source_code": "east", "quantity": 0}, "b2"),
    ]
    replies = facade.call_batch(shop.ref, "set_source_item", items)
    assert [reply.output["status"] for reply in replies if isinstance(reply, facade.Reply)] == [
        1,
        0,
    ]
    found = shop.call("list_source_items", sku="MUG-RED").output["items"]
    assert {row["source_code"]: row["quantity"] for row in found} == {"default": 7, "east": 3}
    assert shop.call("get_salable_quantity", sku="MUG-RED").output["quantity"] == 7
    shop.call("delete_source_item", "s2", sku="MUG-RED", source_code="east")
    assert shop.call("list_source_items", sku="MUG-RED").output["total_count"] == 1


def test_a_shop_that_limits_rows_gets_them_part_by_part(shop: Bench) -> None:
    shop.control.change_settings("magento", max_items=2)
    skus = ("MUG-RED", "MUG-BLUE", "TEAPOT-1L", "NOPE", "SPICE-NUTMEG")
    prices = [facade.BatchItem({"sku": sku, "price": 3}, f"p{sku}") for sku in skus]
    done = [isinstance(reply, facade.Reply) for reply in facade.call_batch(
        shop.ref, "set_price", prices
    )]  # fmt: skip
    assert done == [shop.call("find_product", sku=sku).output["found"] for sku in skus]
    assert not done[3] and shop.call("get_product", sku="TEAPOT-1L").output["price"] == 3
    rows = [
        facade.BatchItem({"sku": sku, "source_code": "east", "quantity": 4}, f"q{sku}")
        for sku in skus[:3]
    ]
    facade.call_batch(shop.ref, "set_source_item", rows)
    found = shop.call("list_source_items", skus=list(skus[:3]), source_code="east").output
    assert [row["quantity"] for row in found["items"]] == [4, 4, 4]


def test_categories(shop: Bench) -> None:
    made = shop.call("create_category", "c1", name="Bowls", parent_id=3, is_active=True).output
    found = shop.call("find_category", name="Bowls", parent_id=3).output
    assert found["id"] == str(made["id"])
    shop.call("update_category", "c2", id=made["id"], category={"name": "Bowls and cups"})
    assert shop.call("get_category", id=made["id"]).output["name"] == "Bowls and cups"
    assert shop.call("assign_category", "c3", category_id=made["id"], sku="MUG-RED").output is True
    assert shop.call("remove_from_category", "c4", category_id=made["id"], sku="MUG-RED").output
    assert shop.call("list_categories", parent_id=3).output["total_count"] == 2
    assert shop.call("delete_category", "c5", id=made["id"]).output["existed"]


def test_any_records_are_searched_with_groups_conditions_and_order(shop: Bench) -> None:
    groups = [
        {"filters": [{"field": "state", "value": "new"}, {"field": "state", "value": "complete"}]},
        {"filters": [{"field": "entity_id", "condition_type": "in", "value": [1, 2, 3]}]},
    ]
    found = shop.call(
        "search_records",
        records="orders",
        filter_groups=groups,
        sort_orders=[{"field": "entity_id", "direction": "DESC"}],
        fields="entity_id,state",
        page_size=1,
    ).output
    assert (found["items"], found["total_count"], found["more"]) == (
        [{"entity_id": 3, "state": "new"}],
        2,
        True,
    )
    beyond = shop.call(
        "search_records", records="orders", filter_groups=groups, page=3, page_size=1
    ).output
    assert beyond["items"] == [], "the shop repeats its last page; that is no new one"
    rates = shop.call("search_records", records="tax_rates").output
    assert rates["total_count"] == 4


@pytest.mark.parametrize("kind", RECORDS)
def test_every_kind_of_record_is_searched(shop: Bench, kind: str) -> None:
    if kind == "credit_memos":
        shop.call("create_credit_memo", "m", order_id=1)
    found = shop.call("search_records", records=kind, page_size=5).output
    assert found["items"] and found["total_count"] >= len(found["items"])


@pytest.mark.parametrize("name", ["stores", "categories", "customer_groups", "statuses", "sources",
                                  "attribute_sets", "tax_classes", "websites"])  # fmt: skip
def test_pick_lists_have_values_and_labels(shop: Bench, name: str) -> None:
    choices = facade.options(shop.workspace.id, shop.connection.id, name)
    assert choices and all(choice.value != "" and choice.label for choice in choices)


def test_attributes_of_the_shop_are_discovered(shop: Bench) -> None:
    spec = facade.describe_operation_of(shop.ref, "save_product")
    entries = spec.input_schema["properties"]["custom_attributes"]["items"]
    told = {
        each["const"]: each
        for each in entries["properties"]["attribute_code"]["anyOf"]
        if "const" in each
    }
    assert told["season"]["title"] == "Season" and "41 = Summer" in told["season"]["description"]
    assert "url_key" not in told, "only what the shop defined itself"


@pytest.mark.parametrize(
    ("operation", "place", "name", "kind"),
    [
        ("get_order", "", "delivery_slot", "string"),
        ("order_placed", "", "delivery_slot", "string"),
        ("create_order", "entity", "delivery_slot", "string"),
        ("save_product", "", "fragile", "boolean"),
        ("create_customer", "", "loyalty_points", "integer"),
    ],
)
def test_extension_attributes_of_the_shop_are_discovered(
    shop: Bench, operation: str, place: str, name: str, kind: str
) -> None:
    spec = facade.describe_operation_of(shop.ref, operation)
    schema = spec.output_schema if operation == "order_placed" else spec.input_schema
    if operation == "get_order":
        schema = spec.output_schema
    told = fields_of(schema, *([place] if place else []), "extension_attributes")
    assert told[name]["type"] == kind and told[name]["title"]
    usual = {"shipping_assignments", "website_ids", "is_subscribed"} & set(told)
    assert all(told[each]["description"] for each in usual), "the usual ones keep their words"


def fields_of(schema: Any, *names: str) -> Any:
    """Properties of the object below; references are followed."""
    here = schema
    for name in (*names, ""):
        while "$ref" in here:
            whole: Any = schema
            for part in here["$ref"].removeprefix("#/").split("/"):
                whole = whole[part]
            here = whole
        here = here["properties"] if not name else here["properties"][name]
    return here


def test_extension_attributes_are_written_and_read(shop: Bench) -> None:
    extension = {"shelf": "B7", "fragile": True}
    shop.call("save_product", "k1", sku="MUG-RED", extension_attributes=extension)
    read = shop.call("get_product", sku="MUG-RED").output["extension_attributes"]
    assert {name: read[name] for name in extension} == extension and read["website_ids"] == [1]


def test_a_shop_that_closes_its_description_is_used_all_the_same(shop: Bench) -> None:
    shop.control.change_settings("magento", denied_resources=["Magento_Backend::all"])
    spec = facade.describe_operation_of(shop.ref, "get_order")
    assert "delivery_slot" not in fields_of(spec.output_schema, "extension_attributes")


def test_products_of_all_kinds_are_made_and_sold(shop: Bench) -> None:
    common = {"attribute_set_id": 4, "price": 20}
    child = shop.call("create_product", "k1", sku="CAP-RED", name="Cap, red", **common).output
    extension = {"configurable_product_links": [child["id"]]}
    configurable = {"sku": "CAP", "name": "Cap", "type_id": "configurable", **common}
    shop.call("create_product", "k2", extension_attributes=extension, **configurable)
    voucher = {"sku": "VOUCHER", "name": "Voucher", "type_id": "virtual", **common}
    shop.call("create_product", "k3", **voucher)
    link = {"id": "1", "sku": "MUG-RED", "option_id": 1, "qty": 1, "position": 1}
    option = {"option_id": 1, "title": "Mug", "required": True, "type": "select", "position": 1}
    option |= {"sku": "SET", "product_links": [link]}
    bundle = {"sku": "SET", "name": "Set", "type_id": "bundle", **common}
    parts = {"bundle_product_options": [option]}
    shop.call("create_product", "k4", extension_attributes=parts, **bundle)
    rows = [{"sku": sku, "qty": 1} for sku in ("CAP-RED", "VOUCHER", "SET")]
    order = shop.control.place_order(place={"customer": "ana.silva@shop.example", "items": rows})
    sold = [(row["product_type"], row["sku"]) for row in order["order"]["items"]]
    assert sold == [
        ("configurable", "CAP-RED"),
        ("simple", "CAP-RED"),
        ("virtual", "VOUCHER"),
        ("bundle", "SET"),
        ("simple", "MUG-RED"),
    ]


@pytest.mark.parametrize("way", ["signed", "admin"])
def test_other_ways_to_authorise(make: Callable[[str], Bench], shop: Bench, way: str) -> None:
    shop.control.change_settings("magento", bearer_allowed=False)
    other = facade.create_connection(
        shop.workspace.id, "test", connector="magento", name=way, sandbox=True, auth=way
    )
    assert facade.test_connection(shop.workspace.id, other.id).ok
    query = {"filter_groups": [{"filters": [{"field": "customer_email", "value": "liam%",
                                             "condition_type": "like"}]}]}  # fmt: skip
    found = facade.call(other.ref, "list_orders", query).output
    assert [order["entity_id"] for order in found["items"]] == [2]
    facade.call(other.ref, "add_order_comment", {"order_id": 3, "comment": "ü, (1)!"})


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("list_sources", 2),
        ("list_tax_classes", 3),
        ("list_tax_rates", 4),
        ("attribute_sets", 2),
        ("product_attributes", 21),
    ],
)
def test_what_a_shop_is_made_of_is_listed(shop: Bench, name: str, count: int) -> None:
    assert shop.call(name, limit=100).output["total_count"] == count


def test_what_is_not_there_is_found_to_be_missing(shop: Bench) -> None:
    assert not shop.call("find_customer", email="nobody@shop.example").output["found"]
    assert not shop.call("find_order", increment_id="999").output["found"]
    invoice = shop.call("get_invoice", id=1).output
    assert invoice["order_id"] == 1


def test_a_connection_that_is_activated_from_the_shop_signs_its_calls(shop: Bench) -> None:
    shop.control.change_settings("magento", bearer_allowed=False)
    made = facade.create_connection(
        shop.workspace.id, "test", connector="magento", name="A", sandbox=True, auth="activation"
    )
    begun = facade.begin_activation(shop.workspace.id, made.id, shop.user.pk)
    with receiving() as receiver:
        shop.control.call("POST", "magento/activate", {"callback_url": receiver.url})
        told = dict(parse_qsl(receiver.wait_for(1)[0].body.decode()))
    ready = facade.finish_activation(
        begun.callback_url.rsplit("/", 1)[1],
        key=told["oauth_consumer_key"],
        secret=told["oauth_consumer_secret"],
        verifier=told["oauth_verifier"],
        store_base_url=told["store_base_url"],
    )
    assert ready.status == "ready"
    assert facade.call(ready.ref, "get_order", {"id": 1}).output["entity_id"] == 1
