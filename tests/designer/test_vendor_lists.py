"""Lists of a connected system: fetched once, kept, and checked against in preview and publish."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from connectors import choices, vendor_lists
from connectors import facade as connectors
from connectors.models import ConnectionRow, VendorList, VendorListEntry
from designer import checking, flows, publish
from designer.preview import preview
from ipaas.core import clock
from ipaas.tenancy import facade as tenancy
from tests.kit.drawing import const, document, node, path
from tests.kit.order_flow import OrderFlow, control, make_order_flow

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


def asked(
    place: OrderFlow, flow_id: str, *fetch: str, values: dict[str, list[str]] | None = None
) -> dict[str, dict[str, Any]]:
    """The lists that the step refers to, as the API tells them."""
    client = Client()
    client.force_login(place.owner)
    answer = client.post(
        f"/api/v1/w/{place.slug}/flows/{flow_id}/mapping-lists",
        {
            "document": DRAWN,
            "node_id": "make",
            "environment": "test",
            "fetch": list(fetch),
            "values": values or {},
        },
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.content
    return {found["name"]: found for found in answer.json()["items"]}


def previewed(place: OrderFlow, rules: dict[str, Any] = RULES) -> list[str]:
    found = preview(
        place.workspace_id, "test", document=DRAWN, node_id="make", mapping=rules,
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
    place: OrderFlow, flow_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(place, flow_id, "terms")
    monkeypatch.setattr(vendor_lists, "MOST_KEPT", 1)
    told = asked(place, flow_id, "terms")["terms"]
    assert told["fetched_at"] is not None
    assert told["complete"] is False
    assert told["count"] > 1
    assert told["entries"] == []
    assert not VendorListEntry.objects.exists()
    assert "mapping.not_in_list" not in previewed(place)


@pytest.fixture
def many_classes(place: OrderFlow) -> list[str]:
    """Ids of more classes than the books answer at once, the newest last."""
    for number in range(1003):
        control("POST", f"{place.slug}/quickbooks/records/Class", {"Name": f"Range {number:04}"})
    found = control("GET", f"{place.slug}/quickbooks/records/Class?limit=500")["items"]
    return sorted((str(each["Id"]) for each in found), key=int)


CLASSES: dict[str, Any] = {
    "schema": 1,
    "rules": [{"id": "c", "target": "ClassRef.value", "expr": const("Range 1O02")}],
}


def test_a_list_of_thousands_is_read_in_portions_and_checked_value_by_value(
    place: OrderFlow, flow_id: str, many_classes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "FETCHING_S", 0.0)
    begun = asked(place, flow_id, "classes")["classes"]
    assert (begun["complete"], begun["fetched_at"], begun["reading"]) == (None, None, 1000)
    assert "mapping.not_in_list" not in previewed(place, CLASSES)
    read = asked(place, flow_id, "classes")["classes"]
    assert (read["complete"], read["reading"], read["whole"]) == (True, None, False)
    assert read["count"] > 1000
    assert read["entries"] == []
    last = many_classes[-1]
    known = asked(place, flow_id, values={"classes": [last, "no such id"]})["classes"]
    assert known["entries"] == [{"value": last, "label": "Range 1002"}]
    assert "mapping.not_in_list" in previewed(place, CLASSES)
    fixes = problem_of(place, place.owner, flow_id, CLASSES)["fixes"]
    assert fixes[0]["title"] == f"Use Range 1002 ({last})"
    mended = {**CLASSES, "rules": fixes[0]["put"]}
    assert "mapping.not_in_list" not in previewed(place, mended)
    # What was known stays in force while the list is read anew, and gives way at its end.
    again = asked(place, flow_id, "classes")["classes"]
    assert (again["complete"], again["reading"]) == (True, 1000)
    assert "mapping.not_in_list" in previewed(place, CLASSES)
    asked(place, flow_id, "classes")
    assert VendorListEntry.objects.values("round").distinct().count() == 1
    assert VendorListEntry.objects.count() == read["count"]


def problem_of(place: OrderFlow, who: Any, flow_id: str, rules: dict[str, Any]) -> dict[str, Any]:
    """The finding about a value that a list lacks, as the preview tells a person."""
    client = Client()
    client.force_login(who)
    answer = client.post(
        f"/api/v1/w/{place.slug}/flows/{flow_id}/preview",
        {"document": DRAWN, "node_id": "make", "mapping": rules, "environment": "test",
         "sample": {"document": {}}},
        content_type="application/json",
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    (found,) = [p for p in answer.json()["problems"] if p["code"] == "mapping.not_in_list"]
    return dict(found)


def member(place: OrderFlow, name: str, role: str) -> Any:
    user = get_user_model().objects.create_user(f"{name}-{place.slug}", f"{name}@x.test", "x")
    workspace = tenancy.workspace_by_slug(place.slug)
    tenancy.add_member(workspace, user, role, by=place.owner)
    return user


def test_names_of_a_list_are_proposed_only_to_who_may_see_the_list(
    place: OrderFlow, flow_id: str
) -> None:
    asked(place, flow_id, "terms")
    builder, analyst = member(place, "ben", "builder"), member(place, "ana", "analyst")
    proposed = [fix["title"] for fix in problem_of(place, builder, flow_id, RULES)["fixes"]]
    assert any(title.startswith("Use ") for title in proposed)
    told = problem_of(place, analyst, flow_id, RULES)
    assert "“999”" in told["message"]
    assert not any(fix["title"].startswith("Use ") for fix in told["fixes"])
    labels = [entry["label"] for entry in asked(place, flow_id)["terms"]["entries"]]
    assert not any(label in str(told) for label in labels)
    # Nor to a builder with whom the connection is not shared.
    ConnectionRow.objects.filter(workspace_id=place.workspace_id, slug="quickbooks").update(
        shared_with={"roles": ["analyst"], "members": []}
    )
    told = problem_of(place, builder, flow_id, RULES)
    assert not any(fix["title"].startswith("Use ") for fix in told["fixes"])


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


def recent(place: OrderFlow, who: Any, flow_id: str) -> list[dict[str, Any]]:
    """What recent documents show of a mapping that takes its term from the document."""
    rules = [
        {"id": "t", "target": "SalesTermRef.value", "expr": path("trigger.term")},
        {"id": "m", "target": "PrivateNote", "expr": path("trigger.term")},
    ]
    client = Client()
    client.force_login(who)
    answer = client.post(
        f"/api/v1/w/{place.slug}/flows/{flow_id}/mapping-check",
        {"document": DRAWN, "node_id": "make", "environment": "test", "mapping_name": "input",
         "mapping": {"schema": 1, "rules": rules}},
        content_type="application/json",
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    assert answer.json()["recent"]["tried"] == 3
    return [
        found
        for found in answer.json()["recent"]["findings"]
        if found["code"] == "mapping.recent_not_in_list"
    ]


def test_values_of_recent_documents_that_the_list_lacks_are_found_and_translated(
    place: OrderFlow, flow_id: str
) -> None:
    terms = {entry["label"]: entry["value"] for entry in choices_of(place, "terms")}
    for term in ("net-30", terms["Net 30"], "net-30"):
        publish.test_run(
            place.workspace_id, flow_id, environment="test", document=STARTED,
            sample={"term": term}, title=term, user=place.owner,
        )  # fmt: skip
    VendorList.objects.all().delete()
    assert recent(place, place.owner, flow_id) == []  # nothing is known of the list
    asked(place, flow_id, "terms")
    (found,) = recent(place, place.owner, flow_id)
    assert found["rule_ids"] == ["t"]
    assert (found["count"], found["values"]) == (2, ["“net-30”"])
    assert len(found["runs"]) == 2
    (fix,) = found["fixes"]
    assert fix["title"] == f"Translate “net-30” → “{terms['Net 30']}”"
    choose = fix["put"][0]["expr"]
    assert choose["fn"] == "choose"
    assert [part["value"] for part in choose["args"][1:3]] == ["net-30", terms["Net 30"]]
    # Who may not see the list is told of the values, and no entry of it.
    analyst = member(place, "ana", "analyst")
    (told,) = recent(place, analyst, flow_id)
    assert told["values"] == ["“net-30”"]
    assert told["fixes"] == []


def test_another_account_behind_the_connection_is_not_held_against_the_lists_of_the_old_one(
    place: OrderFlow, flow_id: str
) -> None:
    found = connectors.get_connection(place.workspace_id, "test", "quickbooks")
    asked(place, flow_id, "terms")
    connectors.update_connection(place.workspace_id, found.id, name="The same books")
    assert asked(place, flow_id)["terms"]["complete"] is True
    connectors.save_secrets(place.workspace_id, found.id, {"client_secret": "another"})
    assert asked(place, flow_id)["terms"]["complete"] is None
    assert not VendorListEntry.objects.exists()


STARTED = document([node("start", "trigger.manual", sample={"term": "x"})], "")


def choices_of(place: OrderFlow, name: str) -> list[dict[str, str]]:
    found = connectors.get_connection(place.workspace_id, "test", "quickbooks")
    return [
        {"value": each.value, "label": each.label}
        for each in connectors.options(place.workspace_id, found.id, name)
    ]
