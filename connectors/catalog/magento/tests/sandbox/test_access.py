"""Who is let in, which addresses exist, and how failures read."""

from __future__ import annotations

import pytest

from connectors.catalog.magento.tests.sandbox.shop import Shop
from connectors.sandbox_kit.testing import send


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
