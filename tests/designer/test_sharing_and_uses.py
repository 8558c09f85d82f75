"""Who may use a connection in flows, and which flows a lookup table is kept for."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from ipaas.tenancy.models import Membership
from tests.kit.cast import ApiClient, Cast
from tests.kit.order_flow import OrderFlow, make_order_flow

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


@pytest.fixture
def owner(flow: OrderFlow) -> ApiClient:
    return ApiClient(flow.owner)


@pytest.fixture
def ben(flow: OrderFlow, cast: Cast) -> ApiClient:
    """Ben builds flows in this workspace too."""
    Membership.objects.create(workspace_id=flow.workspace_id, user=cast.ben, role="builder")
    return ApiClient(cast.ben)


def connection(client: ApiClient, flow: OrderFlow, slug: str) -> dict[str, Any]:
    listed = client.get(f"/api/v1/w/{flow.slug}/connections?environment=test").json["items"]
    found: dict[str, Any] = next(each for each in listed if each["slug"] == slug)
    return found


def test_a_flow_with_a_connection_that_is_not_shared_is_neither_tried_nor_published(
    owner: ApiClient, ben: ApiClient, flow: OrderFlow
) -> None:
    base = f"/api/v1/w/{flow.slug}"
    books = connection(owner, flow, "quickbooks")
    rule = {"everybody": False, "roles": ["analyst"], "members": []}
    assert owner.put(f"{base}/connections/{books['id']}/sharing", rule).status == 200
    assert connection(ben, flow, "quickbooks")["usable"] is False
    draft = ben.get(f"{base}/flows/{flow.flow_id}").json["draft"]
    tried = ben.post(
        f"{base}/flows/{flow.flow_id}/test",
        {"document": draft["document"], "sample": {"document": {"increment_id": "1"}}},
    )
    published = ben.post(
        f"{base}/flows/{flow.flow_id}/publish",
        {"revision": draft["revision"], "environment": "test", "note": ""},
    )
    listed = ben.get(f"{base}/connections/{books['id']}/options/accounts")
    for refused in (tried, published, listed):
        assert (refused.status, refused.json["code"]) == (403, "connection.not_shared")
        assert books["name"] in refused.json["title"]
        assert "ask an admin" in refused.json["hint"]
    owner.put(f"{base}/connections/{books['id']}/sharing", {"everybody": True})
    tried = ben.post(
        f"{base}/flows/{flow.flow_id}/test",
        {"document": draft["document"], "sample": {"document": {"increment_id": "1"}}},
    )
    assert tried.status == 201, tried.json


def test_sharing_is_not_withdrawn_from_who_published_what_is_live(
    owner: ApiClient, ben: ApiClient, flow: OrderFlow
) -> None:
    base = f"/api/v1/w/{flow.slug}"
    books = connection(owner, flow, "quickbooks")
    sharing = f"{base}/connections/{books['id']}/sharing"
    draft = ben.get(f"{base}/flows/{flow.flow_id}").json["draft"]
    body = {"revision": draft["revision"], "environment": "test", "note": ""}
    assert ben.post(f"{base}/flows/{flow.flow_id}/publish", body).status == 201
    nobody = {"everybody": False, "roles": [], "members": []}
    refused = owner.put(sharing, nobody)
    assert (refused.status, refused.json["code"]) == (409, "connection.still_used")
    assert [each["published_by"] for each in refused.json["flows"]] == ["Ben"]
    # The draft goes without the connection; what is live still needs it.
    empty = {"schema": 1, "nodes": draft["document"]["nodes"][:1], "edges": []}
    saved = {"revision": draft["revision"], "document": empty}
    assert ben.put(f"{base}/flows/{flow.flow_id}/draft", saved).status == 200
    assert owner.put(sharing, nobody).status == 409
    assert owner.delete(f"{base}/connections/{books['id']}").json["code"] == "connection.in_use"
    # Switched off it needs it no more, and Ben cannot switch it on again.
    switch = f"{base}/flows/{flow.flow_id}/activate"
    assert ben.post(switch, {"active": False, "environment": "test"}).status == 200
    assert owner.put(sharing, nobody).status == 200
    again = ben.post(switch, {"active": True, "environment": "test"})
    assert (again.status, again.json["code"]) == (403, "connection.not_shared")
    live = owner.get(f"{base}/flows/{flow.flow_id}").json["deployments"]
    assert [each["active"] for each in live] == [False]
    assert owner.post(switch, {"active": True, "environment": "test"}).status == 200


def test_a_connection_that_fails_its_test_is_not_kept_also_where_flows_name_it(
    owner: ApiClient, flow: OrderFlow
) -> None:
    base = f"/api/v1/w/{flow.slug}"
    body = {
        "connector": "magento",
        "name": "Shop",
        "slug": "magento",
        "environment": "production",
        "settings": {"base_url": "https://shop.invalid"},
        "secrets": {"access_token": "a-token"},
        "test": True,
    }
    refused = owner.post(f"{base}/connections", body)
    assert (refused.status, refused.json["code"]) == (422, "connection.test_failed")
    listed = owner.get(f"{base}/connections?environment=production").json["items"]
    assert [each["slug"] for each in listed if each["slug"] == "magento"] == []


def looking_up(table: str, by_function: bool) -> dict[str, Any]:
    step: dict[str, Any] = {
        "id": "look",
        "type": "lookup",
        "name": "Look up",
        "config": {"table": table, "key": {"op": "field", "path": "trigger.code"}},
        "position": {"x": 300, "y": 0},
    }
    if by_function:
        args = [{"op": "const", "value": table}, {"op": "field", "path": "trigger.code"}]
        found = {"op": "call", "fn": "lookup_table", "args": args}
        rule = {"id": "r1", "target": "account", "expr": found}
        step |= {"type": "map", "config": {"mapping": {"schema": 1, "rules": [rule]}}}
    start = {
        "id": "start",
        "type": "trigger.manual",
        "name": "Start",
        "config": {},
        "position": {"x": 0, "y": 0},
    }
    edges = [{"id": "e1", "source": "start", "source_port": "out", "target": "look"}]
    return {"schema": 1, "nodes": [start, step], "edges": edges}


@pytest.mark.parametrize("by_function", [False, True])
@pytest.mark.parametrize("named", ["gl-accounts", "GL accounts"])
def test_a_table_that_a_flow_reads_says_so_and_is_not_deleted(
    alice: ApiClient, named: str, by_function: bool
) -> None:
    base = "/api/v1/w/north"
    columns = [{"name": "code", "key": True}, {"name": "account"}]
    table = alice.post(f"{base}/lookups", {"name": "GL accounts", "columns": columns}).json
    made = alice.post(
        f"{base}/flows", {"name": "Posting", "document": looking_up(named, by_function)}
    ).json
    used = [{"flow_id": made["id"], "name": "Posting"}]
    assert alice.get(f"{base}/lookups/{table['id']}").json["used_by"] == used
    assert alice.get(f"{base}/lookups").json["items"][0]["used_by"] == used
    refused = alice.delete(f"{base}/lookups/{table['id']}")
    assert (refused.status, refused.json["code"]) == (409, "lookup.in_use")
    other = deepcopy(looking_up("something-else", by_function))
    alice.put(f"{base}/flows/{made['id']}/draft", {"revision": 1, "document": other})
    assert alice.delete(f"{base}/lookups/{table['id']}").status == 204
