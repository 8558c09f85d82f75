"""Lists of a connected system: fetched once, kept, and checked against in preview and publish."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from connectors.models import VendorList
from designer import checking, flows
from designer.preview import preview
from ipaas.core import clock
from tests.kit.drawing import const, document, node
from tests.kit.order_flow import OrderFlow, make_order_flow

pytestmark = [pytest.mark.django_db(transaction=True)]
BOOKS = {"connection": "quickbooks", "connector": "quickbooks"}
RULES: dict[str, Any] = {
    "schema": 1,
    "rules": [
        {"id": "t", "target": "SalesTermRef.value", "expr": const("999")},
        {"id": "c", "target": "CustomerRef.value", "expr": const("1")},
    ],
}
DRAWN = document(
    [
        node("start", "trigger.manual", sample={"n": 1}),
        node("make", "action", operation="create_invoice", input=RULES, **BOOKS),
    ],
    "start>make",
)


@pytest.fixture
def place(sandbox: Any) -> OrderFlow:
    return make_order_flow(silent=["magento"])


@pytest.fixture
def flow_id(place: OrderFlow) -> str:
    made = flows.create(
        place.workspace_id, name="Invoices", description="", document=DRAWN, user=place.owner
    )
    return str(made.id)


def asked(place: OrderFlow, flow_id: str, *fetch: str) -> dict[str, dict[str, Any]]:
    """The lists that the step refers to, as the API tells them."""
    client = Client()
    client.force_login(place.owner)
    answer = client.post(
        f"/api/v1/w/{place.slug}/flows/{flow_id}/mapping-lists",
        {"document": DRAWN, "node_id": "make", "environment": "test", "fetch": list(fetch)},
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.content
    return {found["name"]: found for found in answer.json()["items"]}


def previewed(place: OrderFlow) -> list[str]:
    found = preview(
        place.workspace_id, "test", document=DRAWN, node_id="make", mapping=RULES,
        mapping_name="", sample={"document": {}},
    )  # fmt: skip
    return [problem["code"] for problem in found["problems"]]


def test_a_list_is_unknown_until_it_is_fetched_and_checked_against_from_then_on(
    place: OrderFlow, flow_id: str
) -> None:
    before = asked(place, flow_id)
    assert before["terms"]["fetched_at"] is None
    assert "customers" not in before  # flows add to them all the time
    assert "mapping.not_in_list" not in previewed(place)
    after = asked(place, flow_id, "terms")["terms"]
    assert after["complete"] is True
    assert after["entries"]
    assert all(entry["value"] and entry["label"] for entry in after["entries"])
    assert "mapping.not_in_list" in previewed(place)
    found = checking.problems_of(place.workspace_id, "test", DRAWN)
    (told,) = [problem for problem in found if problem.code == "mapping.not_in_list"]
    assert told.severity == "warning"
    assert "“999”" in told.message


def test_a_list_that_is_a_week_old_is_not_checked_against(place: OrderFlow, flow_id: str) -> None:
    asked(place, flow_id, "terms")
    VendorList.objects.update(fetched_at=clock.now() - timedelta(days=8))
    assert asked(place, flow_id)["terms"]["fetched_at"] is None
    assert "mapping.not_in_list" not in previewed(place)


def test_a_list_too_long_to_be_kept_says_so_and_is_not_checked_against(
    place: OrderFlow, flow_id: str
) -> None:
    asked(place, flow_id, "terms")
    VendorList.objects.update(complete=False, entries=[])
    told = asked(place, flow_id)["terms"]
    assert told["fetched_at"] is not None
    assert told["complete"] is False
    assert "mapping.not_in_list" not in previewed(place)


def test_a_list_that_the_step_does_not_refer_to_is_not_fetched(
    place: OrderFlow, flow_id: str
) -> None:
    client = Client()
    client.force_login(place.owner)
    answer = client.post(
        f"/api/v1/w/{place.slug}/flows/{flow_id}/mapping-lists",
        {"document": DRAWN, "node_id": "make", "environment": "test", "fetch": ["nothing"]},
        content_type="application/json",
    )
    assert answer.status_code == 404
    assert answer.json()["code"] == "mapping.no_such_list"
