"""Faults and messages of QuickBooks in all forms that are known."""

from __future__ import annotations

import base64
import hmac
from decimal import Decimal
from typing import Any

import pytest

from connectors import problems, registry
from connectors.catalog.quickbooks import hooks
from connectors.sdk import ConnectorError, HttpResponse
from ipaas.core import jsonio
from ipaas.core.errors import Recovery

REALM = "4620816365000001"


def classified(status: int, document: Any, *, write: bool = True, **headers: str) -> ConnectorError:
    connector = registry.get("quickbooks")
    response = HttpResponse(status, headers, jsonio.dumps(document))
    said = problems.read_vendor_error(connector, response)
    return problems.classify(connector, response, said, write=write, exchanges=())


def fault(code: str, detail: str = "Some detail.", element: str = "") -> Any:
    error = {"Message": "Said", "Detail": detail, "code": code, "element": element}
    return {"Fault": {"Error": [error], "type": "ValidationFault"}, "time": "now"}


def gateway(code: str, kind: str) -> Any:
    error = {"message": "said", "detail": "Some detail.", "code": code, "element": None}
    return {"fault": {"error": [error], "type": kind}, "requestId": None}


@pytest.mark.parametrize(
    ("status", "document", "code", "recovery"),
    [
        (401, gateway("3200", "AUTHENTICATION"), "unauthorised", Recovery.REAUTHORISE),
        (403, gateway("3100", "AUTHORIZATION"), "forbidden", Recovery.REAUTHORISE),
        (429, gateway("3001", "SERVICE"), "too_many_requests", Recovery.RETRY),
        (400, fault("6240"), "duplicate_name", Recovery.FIX_DATA),
        (400, fault("6140"), "duplicate_document_number", Recovery.FIX_DATA),
        (400, fault("2500"), "bad_reference", Recovery.FIX_DATA),
        (400, fault("610"), "not_found", Recovery.FIX_DATA),
        (400, fault("2020"), "field_missing", Recovery.FIX_DATA),
        (400, fault("2010"), "field_unknown", Recovery.FIX_DATA),
        (400, fault("6000"), "business_rule", Recovery.FIX_DATA),
        (400, fault("6070"), "amounts_differ", Recovery.FIX_DATA),
        (400, fault("5010"), "stale", Recovery.RETRY),
        (400, fault("6190"), "subscription_ended", Recovery.GIVE_UP),
        (400, fault("6540"), "deposited", Recovery.FIX_DATA),
        (400, fault("4001"), "query_wrong", Recovery.FIX_DATA),
        (200, fault("6240"), "duplicate_name", Recovery.FIX_DATA),
        (400, fault("77777"), "77777", Recovery.FIX_DATA),
    ],
)
def test_faults_are_classified_in_both_letter_cases_and_inside_success(
    status: int, document: Any, code: str, recovery: Recovery
) -> None:
    error = classified(status, document)
    assert (error.code, error.recovery, error.executed) == (f"quickbooks.{code}", recovery, "no")
    assert error.message and error.hint


def test_a_reached_limit_is_waited_out_for_a_minute_or_as_long_as_the_vendor_says() -> None:
    assert classified(429, gateway("3001", "SERVICE")).retry_after_s == 60
    headers = {"retry-after": "7"}
    assert classified(429, gateway("3001", "SERVICE"), **headers).retry_after_s == 7


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_trouble_leaves_a_write_open_and_a_read_not(status: int) -> None:
    document = fault("10000")
    assert classified(status, document, write=True).executed == "unknown"
    assert classified(status, document, write=False).executed == "no"
    assert classified(status, document).recovery is Recovery.RETRY


def test_an_error_page_that_is_no_json_is_classified_by_its_status() -> None:
    connector = registry.get("quickbooks")
    response = HttpResponse(503, {}, b"<html>Down</html>")
    said = problems.read_vendor_error(connector, response)
    error = problems.classify(connector, response, said, write=True, exchanges=())
    assert (error.recovery, error.executed) == (Recovery.RETRY, "unknown")


def test_quotes_and_backslashes_are_escaped() -> None:
    assert hooks.quoted("O'Brien \\ Co") == "'O\\'Brien \\\\ Co'"


INVOICE: dict[str, Any] = {
    "DocNumber": "1",
    "CustomerRef": {"value": "5"},
    "Line": [
        {"DetailType": "SalesItemLineDetail", "Amount": Decimal("19.50")},
        {"DetailType": "DiscountLineDetail", "Amount": 2},
    ],
    "TxnTaxDetail": {"TotalTax": Decimal("1.50")},
}


def test_a_stored_invoice_is_ours_although_the_vendor_added_a_subtotal() -> None:
    found = {
        **INVOICE,
        "Id": "145",
        "Line": [
            *reversed(INVOICE["Line"]),
            {"DetailType": "SubTotalLineDetail", "Amount": Decimal("17.5")},
        ],
        "TotalAmt": 19,
    }
    assert hooks.same_record(INVOICE, found)


@pytest.mark.parametrize(
    "change",
    [
        {"CustomerRef": {"value": "6"}},
        {"Line": INVOICE["Line"][:1]},
        {"Line": [{**INVOICE["Line"][0], "Amount": Decimal("19.51")}, INVOICE["Line"][1]]},
        {"TxnTaxDetail": {"TotalTax": Decimal("1.51")}},
        {"DocNumber": "2"},
    ],
)
def test_an_invoice_that_differs_in_anything_that_counts_is_not_ours(change: Any) -> None:
    assert not hooks.same_record(INVOICE, {**INVOICE, **change})


LEGACY = {
    "eventNotifications": [
        {
            "realmId": realm,
            "dataChangeEvent": {
                "entities": [
                    {
                        "name": "Invoice",
                        "id": "145",
                        "operation": "Create",
                        "lastUpdated": "2026-05-04T09:12:33.000Z",
                    }
                ]
            },
        }
        for realm in (REALM, "1")
    ]
}
CLOUD = [
    {
        "specversion": "1.0",
        "id": "5b1f0f2e",
        "type": "qbo.invoice.created.v1",
        "time": "2026-05-04T09:12:33.120Z",
        "intuitentityid": "145",
        "intuitaccountid": realm,
        "data": {},
    }
    for realm in (REALM, "1")
]


@pytest.mark.parametrize("document", [LEGACY, CLOUD])
def test_both_forms_of_messages_give_the_events_of_this_company_only(document: Any) -> None:
    events = hooks.read_events({}, document, REALM)
    assert [(e.entity, e.id, e.topic) for e in events] == [("invoice", "145", "created")]


def test_one_change_is_the_same_event_in_both_forms_of_messages() -> None:
    (legacy,) = hooks.read_events({}, LEGACY, REALM)
    (cloud,) = hooks.read_events({}, CLOUD, REALM)
    assert (legacy.entity, legacy.id, legacy.revision) == (cloud.entity, cloud.id, cloud.revision)
    assert legacy.settle_s >= 1, "times are told in whole seconds: a run waits until it is over"


def test_the_signature_of_the_vendors_own_example_is_ours() -> None:
    body = (
        b'{"eventNotifications":[{"realmId":"4620816365000001","dataChangeEvent":{"entities":'
        b'[{"name":"Invoice","id":"145","operation":"Create",'
        b'"lastUpdated":"2026-05-04T09:12:33.000Z"}]}}]}'
    )
    signature = base64.b64encode(hmac.digest(b"vt-example-0001", body, "sha256")).decode()
    assert signature == "ISxBkodtC50N8CtdozskpE+UrjRncSv4791vl4WDXq0="
