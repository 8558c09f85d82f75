"""The documented examples: what is sent is taken, what is answered is made and understood."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from connectors import problems, registry
from connectors.catalog.magento import hooks
from connectors.catalog.magento.tests.sandbox.shop import Shop, place
from connectors.sandbox_kit.testing import Answer, send
from connectors.sandbox_kit.webhook_receiver import receiving
from connectors.sdk import HttpResponse
from connectors.testing.documents import has_form_of, kept
from ipaas.core import jsonio

HERE = Path(__file__).parents[1]
SCHEMAS = HERE.parent / "schemas"
DOCUMENTED: Any = jsonio.loads((HERE / "documented.json").read_bytes())
# What the shop gives itself when an order is saved as it is.
GIVEN_BY_THE_SHOP = ("entity_id", "parent_id", "item_id", "order_id", "increment_id", "updated_at")
ADDRESS = {
    "street": ["1 Main St"],
    "city": "Austin",
    "region": {"region_code": "TX", "region": "Texas", "region_id": 57},
    "postcode": "78701",
    "country_id": "US",
    "telephone": "5550100",
}


def example(schema: str) -> Any:
    return jsonio.loads((SCHEMAS / f"{schema}.json").read_bytes())["examples"][0]


def as_documented(shop: Shop) -> dict[str, Any]:
    """The order of the example, placed and paid in the shop."""
    wish = {"items": [{"sku": "MUG-RED", "qty": 2, "price": 50}], "discount_percent": 10}
    wish |= {"shipping_amount": 5, "tax_percent": 8, "paid": True}
    person = {"email": "ana@example.test", "firstname": "Ana", "lastname": "Silva"}
    customer = {**person, "addresses": [{**person, **ADDRESS}]}
    del customer["addresses"][0]["email"]
    shop.post("customers", {"customer": customer})
    order: dict[str, Any] = place(shop, customer="ana@example.test", **wish)
    return order


def test_the_documented_order_is_taken_as_it_is(shop: Shop) -> None:
    wish = deepcopy(DOCUMENTED["order"])
    for part in (wish, wish["items"][0], wish["billing_address"]):
        for name in GIVEN_BY_THE_SHOP:
            part.pop(name, None)
    answer = shop.call("PUT", "V1/orders/create", {"entity": wish})
    assert answer.status == 200, answer.body
    stored = shop.order(answer.document()["entity_id"])
    assert kept(wish, stored)
    # With its id it is that order's new state, and nothing is doubled.
    again = shop.post("orders", {"entity": stored})
    assert len(again["items"]) == 1 and kept(wish, again)


def test_the_shop_makes_the_documented_order(shop: Shop) -> None:
    made, expected = shop.order(as_documented(shop)["entity_id"]), deepcopy(DOCUMENTED["order"])
    # A cheque has no transaction at a payment service; ours has, so that payments can be tried.
    assert expected["payment"].pop("last_trans_id") is None
    assert made["payment"]["last_trans_id"]
    assert has_form_of(expected, made)
    amounts = ("subtotal", "discount_amount", "shipping_amount", "tax_amount", "grand_total")
    for name in (*amounts, "total_paid", "total_due", "state", "status", "customer_firstname"):
        assert made[name] == expected[name], name
    row, documented = made["items"][0], expected["items"][0]
    for name in ("sku", "qty_ordered", "qty_invoiced", "qty_shipped", "price", "row_total"):
        assert row[name] == documented[name], name
    for name in ("tax_percent", "tax_amount", "discount_amount", "product_type"):
        assert row[name] == documented[name], name
    for name in ("street", "city", "region", "region_code", "postcode", "country_id", "email"):
        assert made["billing_address"][name] == expected["billing_address"][name], name


def about(wish: Any, order: dict[str, Any], **more: Any) -> Any:
    """The documented request, about an order that is there."""
    text = jsonio.dumps(wish).decode()
    text = text.replace('"order_item_id":81', f'"order_item_id":{order["items"][0]["item_id"]}')
    text = text.replace("[81]", f"[{order['items'][0]['item_id']}]")
    text = text.replace('"order_id":45', f'"order_id":{order["entity_id"]}')
    for old, new in more.items():
        text = text.replace(f'"parent_id":{old.removeprefix("_")}', f'"parent_id":{new}')
    return jsonio.loads(text.encode())


def test_the_documented_requests_about_an_order_are_taken(shop: Shop) -> None:
    wish = {"items": [{"sku": "MUG-RED", "qty": 2, "price": 50}]}
    order = place(shop, customer="ana.silva@shop.example", **wish)
    number = order["entity_id"]
    invoice = shop.post(f"order/{number}/invoice", about(DOCUMENTED["invoice_request"], order))
    assert isinstance(invoice, str) and shop.get(f"invoices/{invoice}")["total_qty"] == 1
    in_stock = shop.get("stockItems/MUG-RED")["qty"]
    shipment = shop.post(f"order/{number}/ship", about(DOCUMENTED["ship_request"], order))
    assert isinstance(shipment, str)
    assert shop.get("stockItems/MUG-RED")["qty"] == in_stock - 2
    sent = about(DOCUMENTED["track"], order, _9=shipment)
    track = shop.post("shipment/track", sent)
    assert kept(sent["entity"], track)
    assert kept(sent["entity"], shop.get(f"shipment/{shipment}")["tracks"][-1])
    memo = shop.post(f"order/{number}/refund", about(DOCUMENTED["refund_request"], order))
    assert isinstance(memo, str) and shop.get(f"creditmemo/{memo}")["grand_total"] == 50
    assert shop.get("stockItems/MUG-RED")["qty"] == in_stock - 1, "it is back in stock"
    said = about(DOCUMENTED["comment"], order, _45=number)
    assert shop.post(f"orders/{number}/comments", said) is True
    (entry,) = shop.get(f"orders/{number}/comments")["items"]
    assert kept(said["statusHistory"], entry)


def test_goods_leave_from_the_source_that_is_named(shop: Shop) -> None:
    east = {"sku": "MUG-RED", "source_code": "east", "quantity": 5, "status": 1}
    shop.post("inventory/source-items", {"sourceItems": [east]})
    order = place(shop, customer="ana.silva@shop.example", items=[{"sku": "MUG-RED", "qty": 2}])
    before = shop.get("stockItems/MUG-RED")["qty"]
    wish = {"arguments": {"extension_attributes": {"source_code": "east"}}}
    shipment = shop.post(f"order/{order['entity_id']}/ship", wish)
    assert shop.get(f"shipment/{shipment}")["extension_attributes"] == {"source_code": "east"}
    sort = {"searchCriteria[sortOrders][0][field]": "source_code"}
    rows = shop.find("inventory/source-items", ("sku", "MUG-RED", "eq"), **sort)["items"]
    assert {r["source_code"]: r["quantity"] for r in rows} == {"default": before, "east": 3}


def test_the_documented_requests_about_goods_are_taken(shop: Shop) -> None:
    product = example("Product")
    made = shop.post("products", {"product": product, "saveOptions": True})
    read = shop.get(f"products/{product['sku']}")
    texts = product.pop("custom_attributes")
    assert kept(product, read, unless=("id", "created_at", "updated_at"))
    assert all(attribute in read["custom_attributes"] for attribute in texts)
    assert has_form_of(product, made)
    stock = DOCUMENTED["stock_request"]
    item = shop.call("PUT", "V1/products/MUG-RED/stockItems/1", stock).document()
    assert isinstance(item, int) and kept(stock["stockItem"], shop.get("stockItems/MUG-RED"))
    assert shop.post("inventory/source-items", DOCUMENTED["source_items_request"]) == []
    assert shop.post("products/base-prices", DOCUMENTED["base_prices_request"]) == []
    category = shop.post("categories", DOCUMENTED["category_request"])
    assert kept(DOCUMENTED["category_request"]["category"], category)
    assert shop.post("customers/isEmailAvailable", DOCUMENTED["email_request"]) is True
    assert has_form_of(DOCUMENTED["category_tree"], shop.get("categories"))


def test_the_order_example_of_the_schema_is_taken(shop: Shop) -> None:
    wish = {k: v for k, v in example("Order").items() if k not in GIVEN_BY_THE_SHOP}
    wish["items"] = [{k: v for k, v in i.items() if k != "item_id"} for i in wish["items"]]
    made = shop.call("PUT", "V1/orders/create", {"entity": wish}).document()
    assert kept(wish, shop.order(made["entity_id"]))


def test_answers_of_searches_are_as_documented(shop: Shop) -> None:
    more = {"searchCriteria[pageSize]": "1", "searchCriteria[currentPage]": "1"}
    found = shop.find("orders", ("state", "new", "eq"), **more)
    assert has_form_of(DOCUMENTED["search_answer"], found)
    assert found["search_criteria"] == DOCUMENTED["search_answer"]["search_criteria"]


def test_bulk_answers_are_as_documented(shop: Shop) -> None:
    wish = [{"product": {"sku": "MUG-RED", "price": 5}}]
    answer = shop.call("POST", "async/bulk/V1/products", wish)
    assert answer.status == 202 and has_form_of(DOCUMENTED["bulk_answer"], answer.document())
    uuid = answer.document()["bulk_uuid"]
    shop.get(f"bulk/{uuid}/status")
    assert has_form_of(DOCUMENTED["bulk_status"], shop.get(f"bulk/{uuid}/status"))
    assert has_form_of(DOCUMENTED["bulk_detailed_status"], shop.get(f"bulk/{uuid}/detailed-status"))
    single = shop.call("POST", "async/V1/products", wish[0])
    assert single.status == 202 and has_form_of(DOCUMENTED["bulk_answer"], single.document())


def test_an_activation_tells_what_is_documented(shop: Shop) -> None:
    with receiving() as receiver:
        shop.control.call("POST", "magento/activate", {"callback_url": receiver.url})
        told = dict(parse_qsl(receiver.wait_for(1)[0].body.decode()))
    assert sorted(told) == sorted(DOCUMENTED["activation"])


@pytest.mark.parametrize(
    ("style", "name"), [("module", "module_message"), ("adobe_io", "adobe_io_message")]
)
def test_messages_are_as_documented_and_the_documented_ones_are_understood(
    shop: Shop, style: str, name: str
) -> None:
    with receiving() as receiver:
        target = {"url": receiver.url, "secret": "s", "style": style}
        shop.control.change_settings("magento", webhooks=[target])
        order = shop.control.place_order(sample="ordinary")["order"]
        sent = receiver.wait_for(1)[0].document()
    assert has_form_of(DOCUMENTED[name], sent)
    (ours,) = hooks.read_events({}, sent, "")
    (documented,) = hooks.read_events({}, DOCUMENTED[name], "")
    assert (ours.entity, ours.id, ours.topic) == (
        "order",
        str(order["entity_id"]),
        documented.topic,
    )
    assert (documented.entity, documented.id, documented.revision, documented.business_key) == (
        "order",
        "45",
        "2026-03-02 10:16:10",
        "000000045",
    )


def person(**more: Any) -> dict[str, Any]:
    return {"customer": {"email": "x@y.example", "firstname": "X", "lastname": "Y", **more}}


def odd_url_key(shop: Shop) -> Answer:
    taken = [{"attribute_code": "url_key", "value": "mug-blue"}]
    product = {"sku": "MUG-RED", "custom_attributes": taken}
    return shop.call("POST", "V1/products", {"product": product})


def without_token(shop: Shop) -> Answer:
    shop.token = "nobody"
    return shop.call("GET", "V1/orders/1")


def bad_sign_in(shop: Shop) -> Answer:
    who = {"username": "integration", "password": "wrong"}
    return send("POST", f"{shop.url}/rest/V1/integration/admin/token", document=who)


FAILURES: dict[str, tuple[Callable[[Shop], Answer], str]] = {
    "order_missing": (lambda s: s.call("GET", "V1/orders/999"), "not_found"),
    "product_missing": (lambda s: s.call("GET", "V1/products/NONE"), "not_found"),
    "customer_missing": (lambda s: s.call("GET", "V1/customers/99"), "not_found"),
    "required": (lambda s: s.call("POST", "V1/customers", person(firstname="")), "refused"),
    "criteria_required": (lambda s: s.call("GET", "V1/orders"), "refused"),
    "wrong_type": (lambda s: s.call("POST", "V1/customers", person(group_id="abc")), "refused"),
    "unknown_property": (lambda s: s.call("POST", "V1/customers", person(foo=1)), "field_unknown"),
    "duplicate_email": (
        lambda s: s.call("POST", "V1/customers", person(email="ana.silva@shop.example")),
        "duplicate_customer",
    ),
    "duplicate_url_key": (odd_url_key, "duplicate_url_key"),
    "invoice_not_allowed": (lambda s: s.call("POST", "V1/order/1/invoice", {}), "not_invoiceable"),
    "ship_not_allowed": (lambda s: s.call("POST", "V1/order/1/ship", {}), "not_shippable"),
    "unauthorised": (without_token, "unauthorised"),
    "no_route": (lambda s: s.call("GET", "V1/nowhere"), "no_route"),
    "bad_sign_in": (bad_sign_in, "unauthorised"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_errors_are_as_documented_and_the_documented_ones_are_understood(
    shop: Shop, name: str
) -> None:
    status, document = DOCUMENTED["errors"][name]
    provoke, code = FAILURES[name]
    answer = provoke(shop)
    assert (answer.status, answer.document()) == (status, document)
    response = HttpResponse(status, {}, jsonio.dumps(document))
    connector = registry.get("magento")
    said = problems.read_vendor_error(connector, response)
    error = problems.classify(connector, response, said, write=True, exchanges=())
    assert error.code == f"magento.{code}"
    assert "%" not in error.message, "placeholders are filled"


def test_every_documented_error_is_tried() -> None:
    assert set(FAILURES) == set(DOCUMENTED["errors"])


REFERENCES = {
    "CustomerGroup": "customerGroups/search",
    "TaxClass": "taxClasses/search",
    "TaxRate": "taxRates/search",
    "Source": "inventory/sources",
    "AttributeSet": "eav/attribute-sets/list",
    "ProductAttribute": "products/attributes",
    "StoreView": "store/storeViews",
}


@pytest.mark.parametrize("name", REFERENCES)
def test_lists_of_what_a_shop_is_made_of_fit_their_schemas(shop: Shop, name: str) -> None:
    query = {} if name == "StoreView" else {"searchCriteria": ""}
    found = shop.get(REFERENCES[name], **query)
    schema = jsonio.loads((SCHEMAS / f"{name}.json").read_bytes())
    for record in found if isinstance(found, list) else found["items"]:
        Draft202012Validator(schema).validate(record)
        assert set(record) <= set(schema["properties"]), "the schema tells every member"


def unknown_members(schema: Any, record: Any, documents: dict[str, Any], where: str) -> set[str]:
    """Members that are answered and stand in no schema; open objects are looked into as well."""
    if "$ref" in schema:
        return unknown_members(documents[schema["$ref"]], record, documents, where)
    if isinstance(record, list):
        parts = [
            unknown_members(schema.get("items", {}), each, documents, where) for each in record
        ]
        return set().union(*parts)
    if not isinstance(record, dict) or "properties" not in schema:
        return set()
    found = {f"{where}/{name}" for name in record if name not in schema["properties"]}
    for name, value in record.items():
        spec = schema["properties"].get(name, {})
        found |= unknown_members(spec, value, documents, f"{where}/{name}")
    return found


def test_schemas_tell_every_member_that_the_sandbox_answers(shop: Shop) -> None:
    documents = {path.name: jsonio.loads(path.read_bytes()) for path in SCHEMAS.glob("*.json")}
    entities: Registry[Any] = Registry()
    for name, schema in documents.items():
        entities = entities.with_resource(name, Resource.from_contents(schema))
    shop.control.place_order(random="mixed", seed=7, count=10)
    for sample in ("configurable", "discount", "refunded", "cancelled", "part-cancelled", "paid"):
        shop.control.place_order(sample=sample)
    order = as_documented(shop)
    number = order["entity_id"]
    ups = {"track_number": "1Z", "title": "UPS", "carrier_code": "ups"}
    shop.post(f"order/{number}/ship", {"tracks": [ups]})
    (invoice,) = shop.find("invoices", ("order_id", str(number), "eq"))["items"]
    shop.post(f"invoice/{invoice['entity_id']}/refund", {"isOnline": True})
    shop.post("orders/3/hold")
    shop.post("orders/2/comments", {"statusHistory": {"comment": "x"}})
    unsaid: dict[str, set[str]] = {}
    for entity, schema_name in {
        "order": "Order.json",
        "invoice": "Invoice.json",
        "shipment": "Shipment.json",
        "creditmemo": "CreditMemo.json",
        "transaction": "Transaction.json",
        "customer": "Customer.json",
        "product": "Product.json",
        "source_item": "SourceItem.json",
        "category": "Category.json",
    }.items():
        validator = Draft202012Validator(documents[schema_name], registry=entities)
        for record in shop.control.records("magento", entity, limit=100)["items"]:
            assert not [f"{e.json_path}: {e.message}" for e in validator.iter_errors(record)]
            unsaid.setdefault(entity, set()).update(
                unknown_members(documents[schema_name], record, documents, "")
            )
    found = {entity: sorted(names) for entity, names in unsaid.items() if names}
    assert not found, found
