"""The documented examples: what is sent is taken, what is answered is made and understood."""

from __future__ import annotations

import base64
import hmac
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors import problems, registry
from connectors.catalog.quickbooks import hooks
from connectors.catalog.quickbooks.tests.sandbox.company import App, Books, invoice, item_line
from connectors.sdk import HttpResponse
from connectors.testing.documents import has_form_of
from ipaas.core import jsonio

DOCUMENTED: Any = jsonio.loads((Path(__file__).parents[1] / "documented.json").read_bytes())
REALM = "4620816365000001"


def shop_with(books: Books) -> Any:
    """The documented customer, item and invoice."""
    books.write(
        "Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "DisplayName": "Old Bakery"}
    )
    made = books.call("POST", "customer", DOCUMENTED["customer"])
    assert has_form_of(DOCUMENTED["customer_answer"], made.document())
    customer = made.document()["Customer"]
    expected = DOCUMENTED["customer_answer"]["Customer"]
    assert {k: customer[k] for k in expected if k != "MetaData"} == {
        k: v for k, v in expected.items() if k != "MetaData"
    }
    item = books.write("Item", DOCUMENTED["item"])
    assert {k: item[k] for k in ("Name", "Sku", "Type", "QtyOnHand")} == {
        k: DOCUMENTED["item"][k] for k in ("Name", "Sku", "Type", "QtyOnHand")
    }
    return books.write("Invoice", DOCUMENTED["invoice"])


def test_the_documented_records_are_taken_and_answered_as_documented(books: Books) -> None:
    made = shop_with(books)
    assert made["Id"] == "145"
    assert made["Line"][-1] == DOCUMENTED["subtotal_line"]
    assert made["TotalAmt"] == Decimal("21.5")
    assert [line["Id"] for line in made["Line"][:-1]] == ["1", "2", "3"]
    line = DOCUMENTED["payment_line"]
    paid = {"CustomerRef": made["CustomerRef"], "TotalAmt": Decimal("19.5"), "Line": [line]}
    assert books.write("Payment", paid)["UnappliedAmt"] == 0
    after = books.read("Invoice", "145")
    assert (after["Balance"], after["SyncToken"]) == (2, "1")
    assert after["LinkedTxn"] == [DOCUMENTED["invoice_link"]]


def test_a_percent_discount_is_taken(books: Books) -> None:
    line = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": DOCUMENTED["percent_discount"],
    }
    assert books.write("Invoice", invoice(item_line(20), line))["TotalAmt"] == 18


def test_the_documented_tax_code_is_taken(books: Books) -> None:
    answer = books.call("POST", "taxservice/taxcode", DOCUMENTED["tax_code"]).document()
    assert has_form_of(DOCUMENTED["tax_code"], answer) and answer["TaxCodeId"]
    code = books.read("TaxCode", answer["TaxCodeId"])
    rate = code["SalesTaxRateList"]["TaxRateDetail"][0]["TaxRateRef"]["value"]
    assert books.read("TaxRate", rate)["RateValue"] == 10


def test_the_documented_custom_field_is_taken_and_given(books: Books) -> None:
    books.control.change_settings(
        "quickbooks", custom_fields=[{"DefinitionId": "1", "Name": "Crew #"}]
    )
    made = books.write("Invoice", invoice(CustomField=[DOCUMENTED["custom_field"]]))
    assert made["CustomField"] == [DOCUMENTED["custom_field"]]


def test_envelopes_are_as_documented(books: Books) -> None:
    shop_with(books)
    found = books.call("GET", "query", query="select * from Invoice").document()
    assert has_form_of(DOCUMENTED["query_answer"], found)
    counted = books.call("GET", "query", query="select count(*) from Invoice").document()
    assert has_form_of(DOCUMENTED["count_answer"], counted)
    none = books.call("GET", "query", query="select * from Bill").document()
    assert none["QueryResponse"] == DOCUMENTED["empty_answer"]["QueryResponse"]
    wish = {"Id": "145", "SyncToken": "0"}
    gone = books.call("POST", "invoice", wish, operation="delete").document()
    assert gone["Invoice"] == DOCUMENTED["delete_answer"]["Invoice"]


def test_the_documented_batch_is_taken_and_answered_by_item(books: Books) -> None:
    made = shop_with(books)
    paid = books.write("Payment", {"CustomerRef": made["CustomerRef"], "TotalAmt": 5})
    items = [dict(item) for item in DOCUMENTED["batch"]["BatchItemRequest"]]
    items[0]["Customer"] = {"DisplayName": "In a batch"}
    items[1]["Invoice"] = {"Id": "145", "SyncToken": "9", "sparse": True}
    items[2]["Payment"] = {"Id": paid["Id"], "SyncToken": "0"}
    answer = books.call("POST", "batch", {"BatchItemRequest": items}).document()
    found = {item["bId"]: item for item in answer["BatchItemResponse"]}
    documented = {each["bId"]: each for each in DOCUMENTED["batch_answer"]["BatchItemResponse"]}
    for number, example in documented.items():
        assert has_form_of(example, found[number])
    assert found["b3"]["Payment"]["status"] == "Deleted"
    assert found["b2"]["Fault"]["Error"][0]["code"] == "5010"


def test_changes_are_captured_as_documented(books: Books) -> None:
    made = shop_with(books)
    since = made["MetaData"]["CreateTime"]
    books.write("Invoice", {"Id": "145", "SyncToken": "0"}, operation="delete")
    answer = books.call("GET", "cdc", entities="Customer,Invoice", changedSince=since).document()
    assert has_form_of(DOCUMENTED["cdc_answer"], answer)
    documented = DOCUMENTED["cdc_answer"]["CDCResponse"][0]["QueryResponse"]
    parts = answer["CDCResponse"][0]["QueryResponse"]
    for example, part in zip(documented, parts, strict=True):
        assert has_form_of(example, part)
    assert set(parts[1]["Invoice"][0]) == set(documented[1]["Invoice"][0])


def test_tokens_are_as_documented(app: App) -> None:
    tokens = app.exchange(app.code()["code"]).document()
    assert set(tokens) == set(DOCUMENTED["tokens"])
    assert has_form_of(DOCUMENTED["tokens"], tokens)
    for name in ("token_type", "expires_in", "x_refresh_token_expires_in"):
        assert tokens[name] == DOCUMENTED["tokens"][name]


@pytest.mark.parametrize("shape", ["legacy", "cloudevents"])
def test_messages_are_as_documented_and_the_documented_ones_are_understood(
    books: Books, shape: str
) -> None:
    example = DOCUMENTED["legacy_message" if shape == "legacy" else "cloud_message"]
    target = {"url": "http://127.0.0.1:9/none", "secret": "s"}
    books.control.change_settings("quickbooks", webhooks=[target], webhook_format=shape)
    books.write("Invoice", invoice())
    sent = books.control.webhooks("quickbooks")["items"][0]
    document = jsonio.loads(sent["body"])
    assert has_form_of(example, document)
    ours, documented = (
        hooks.read_events({}, each, realm)
        for each, realm in ((document, books.realm), (example, REALM))
    )
    assert [(e.entity, e.topic) for e in ours] == [("invoice", "created")]
    assert [(e.entity, e.id, e.topic) for e in documented] == [("invoice", "145", "created")]


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("legacy_message", "ISxBkodtC50N8CtdozskpE+UrjRncSv4791vl4WDXq0="),
        ("cloud_message", "iiLRy35lNSEb5vP+FK7zkQ0prvx2StPuMOLdEwvSUCQ="),
    ],
)
def test_documented_signatures_are_ours(name: str, signature: str) -> None:
    body = jsonio.dumps(DOCUMENTED[name])
    made = base64.b64encode(hmac.digest(b"vt-example-0001", body, "sha256")).decode()
    assert made == signature


@pytest.mark.parametrize(
    ("name", "fault", "status", "code"),
    [
        ("throttled", "rate_limited", 429, "quickbooks.too_many_requests"),
        ("expired", "token_expired", 401, "quickbooks.unauthorised"),
        ("duplicate", "", 400, "quickbooks.duplicate_name"),
    ],
)
def test_faults_are_as_documented_and_the_documented_ones_are_understood(
    books: Books, name: str, fault: str, status: int, code: str
) -> None:
    if fault:
        books.control.fault_on("quickbooks", fault, times=1)
    answer = books.call("POST", "customer", {"DisplayName": "Harbor Lane Bakery"})
    assert answer.status == status
    assert has_form_of(DOCUMENTED[name], answer.document())
    connector = registry.get("quickbooks")
    for document in (DOCUMENTED[name], answer.document()):
        response = HttpResponse(status, {}, jsonio.dumps(document))
        said = problems.read_vendor_error(connector, response)
        error = problems.classify(connector, response, said, write=True, exchanges=())
        assert (error.code, error.executed) == (code, "no")
