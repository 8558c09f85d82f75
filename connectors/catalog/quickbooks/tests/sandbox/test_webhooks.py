"""Changes are announced and signed; the seed fits the shop's."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from connectors.catalog.quickbooks.tests.sandbox.company import Books
from connectors.sandbox_kit.webhook_receiver import receiving


@pytest.mark.parametrize("form", ["legacy", "cloudevents"])
def test_changes_are_announced_with_the_verifiers_signature(books: Books, form: str) -> None:
    with receiving() as receiver:
        books.control.change_settings(
            "quickbooks", webhooks=[{"url": receiver.url}], webhook_format=form
        )
        made = books.write("Customer", {"DisplayName": "Heard"})
        request = receiver.wait_for(1)[0]
    verifier = books.app.settings["verifier_token"]
    digest = hmac.new(verifier.encode(), request.body, hashlib.sha256).digest()
    assert request.headers["intuit-signature"] == base64.b64encode(digest).decode()
    document = request.document()
    if form == "legacy":
        notification = document["eventNotifications"][0]
        entity = notification["dataChangeEvent"]["entities"][0]
        assert notification["realmId"] == books.realm
        assert (entity["name"], entity["id"], entity["operation"]) == (
            "Customer",
            made["Id"],
            "Create",
        )
    else:
        assert document[0]["type"] == "qbo.customer.created.v1"
        assert document[0]["intuitentityid"] == made["Id"]
        assert document[0]["intuitaccountid"] == books.realm


def test_every_seeded_shop_product_but_one_has_an_item(books: Books) -> None:
    products = books.control.records("magento", "product")["items"]
    shop_skus = {p["sku"] for p in products if p["type_id"] not in ("configurable", "bundle")}
    items = books.query("select * from Item maxresults 1000")["Item"]
    assert shop_skus - {item.get("Sku") for item in items} == {"TASTING-BOX"}
