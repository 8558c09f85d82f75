"""A workspace uploads manifests without code: checked, versioned, and seen by nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import facade
from connectors.own import uploads
from ipaas.tenancy import audit
from ipaas.tenancy.models import AuditEntry, Workspace
from tests.kit.cast import ApiClient, Cast
from tests.kit.objects import OWN_MANIFEST

OWN = "/api/v1/w/north/own-connectors"
CONNECTORS = "/api/v1/w/north/connectors"


def upload(client: ApiClient, text: str = OWN_MANIFEST) -> Any:
    answer = client.post(OWN, {"manifest": text})
    assert answer.status == 201, answer.text
    return answer.json


def slugs(client: ApiClient, workspace: str) -> list[str]:
    return [each["slug"] for each in client.get(f"/api/v1/w/{workspace}/connectors").json["items"]]


def test_an_uploaded_connector_is_in_this_workspaces_catalogue_only(
    alice: ApiClient, bob: ApiClient
) -> None:
    made = upload(alice)
    assert made["slug"] in slugs(alice, "north")
    assert made["slug"] not in slugs(bob, "south")
    assert alice.get(f"{CONNECTORS}/{made['slug']}").json["origin"] == "workspace"
    for path in (made["slug"], f"{made['slug']}/operations/ping"):
        assert bob.get(f"/api/v1/w/south/connectors/{path}").status == 404
    refused = bob.post("/api/v1/w/south/connections", {"connector": made["slug"], "name": "Theirs"})
    assert refused.status == 404


def test_connections_are_made_with_it_and_keep_it_from_being_deleted(alice: ApiClient) -> None:
    made = upload(alice)
    connection = alice.post(
        "/api/v1/w/north/connections", {"connector": made["slug"], "name": "Acme"}
    )
    assert connection.status == 201, connection.text
    refused = alice.delete(f"{OWN}/{made['id']}")
    assert (refused.status, refused.json["code"]) == (409, "connector.in_use")
    assert refused.json["connections"] == ["Acme"]
    alice.delete(f"/api/v1/w/north/connections/{connection.json['id']}")
    assert alice.delete(f"{OWN}/{made['id']}").status == 200
    assert made["slug"] not in slugs(alice, "north")


def test_a_new_version_is_used_at_once_and_old_ones_stay(alice: ApiClient, cast: Cast) -> None:
    made = upload(alice)
    assert facade.describe_operation(made["slug"], "ping").title == "Ping"
    answer = alice.put(
        f"{OWN}/{made['id']}", {"manifest": OWN_MANIFEST.replace("title: Ping", "title: Knock")}
    )
    assert answer.json["version"] == 2
    assert facade.describe_operation(made["slug"], "ping").title == "Knock"
    assert "title: Ping" in uploads.get_own(cast.north.id, made["id"], 1).manifest


def test_a_version_that_another_process_made_is_seen_within_seconds(
    alice: ApiClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = upload(alice)
    facade.describe_operation(made["slug"], "ping")
    kept = dict(uploads._kept)
    uploads.replace(
        cast.north.id, made["id"], OWN_MANIFEST.replace("title: Ping", "title: Knock"), cast.alice
    )
    uploads._kept.update({slug: (at - 6, *rest) for slug, (at, *rest) in kept.items()})
    assert facade.describe_operation(made["slug"], "ping").title == "Knock"


def test_a_version_keeps_the_slug(alice: ApiClient) -> None:
    made = upload(alice)
    text = OWN_MANIFEST.replace("slug: acme", "slug: apex")
    answer = alice.put(f"{OWN}/{made['id']}", {"manifest": text})
    assert answer.status == 422 and "must stay “acme”" in answer.json["title"]


def test_one_name_is_taken_once_in_a_workspace_but_free_in_another(
    alice: ApiClient, bob: ApiClient
) -> None:
    upload(alice)
    assert alice.post(OWN, {"manifest": OWN_MANIFEST}).status == 409
    theirs = bob.post("/api/v1/w/south/own-connectors", {"manifest": OWN_MANIFEST})
    assert theirs.status == 201


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("base_url: h", "error_reader: read_it\nbase_url: h"), "there is none"),
        (
            ("method: GET, path: /}", "method: GET, path: /}, output: ../../settings.json"),
            "outside",
        ),
        (("method: GET, path: /}", "method: GET, path: /}, output: hooks.json"), "no schema file"),
        (("auth: {kind: none}", "auth: {kind: custom, hook: sign}"), "needs code"),
        (("slug: acme", "slug: [acme"), "not YAML"),
        (("effect: read", "effect: write"), "idempotency: none"),
    ],
)
def test_what_needs_code_or_files_is_refused_with_its_place(
    alice: ApiClient, change: tuple[str, str], words: str
) -> None:
    assert change[0] in OWN_MANIFEST
    text = OWN_MANIFEST.replace(*change)
    answer = alice.post(OWN, {"manifest": text})
    assert answer.status == 422 and answer.json["code"] == "connector.manifest_invalid"
    problem = answer.json["problems"][0]
    assert words in problem["message"] + problem["hint"]
    assert problem["line"] >= 1 and problem["column"] >= 1
    checked = alice.post(f"{OWN}/check", {"manifest": text}).json["items"]
    assert checked == answer.json["problems"]


def test_a_manifest_above_the_limit_is_refused(alice: ApiClient) -> None:
    answer = alice.post(OWN, {"manifest": OWN_MANIFEST + "#" * 600_000})
    assert answer.status in (400, 413, 422)
    assert alice.get(OWN).json["items"] == []


def test_only_who_may_change_connections_may_upload(cast: Cast, vera: ApiClient) -> None:
    ben = ApiClient(cast.ben)
    for client in (vera, ben):
        assert client.post(OWN, {"manifest": OWN_MANIFEST}).status == 403
    assert vera.get(OWN).status == 200


def test_uploads_and_changes_are_in_the_audit_log(alice: ApiClient, cast: Cast) -> None:
    made = upload(alice)
    alice.put(f"{OWN}/{made['id']}", {"manifest": OWN_MANIFEST})
    alice.delete(f"{OWN}/{made['id']}")
    workspace = Workspace.objects.get(id=cast.north.id)
    rows = AuditEntry.objects.filter(workspace=workspace).order_by("seq")
    actions = rows.values_list("action", "object")
    assert [entry for entry in actions if entry[1] == made["slug"]] == [
        ("connector.uploaded", made["slug"]),
        ("connector.replaced", made["slug"]),
        ("connector.deleted", made["slug"]),
    ]
    assert audit.verify(workspace).intact


def test_the_catalogue_is_not_sent_again_while_nothing_changed(alice: ApiClient) -> None:
    first = alice.http.get(CONNECTORS)
    again = alice.http.get(CONNECTORS, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    upload(alice)
    later = alice.http.get(CONNECTORS, headers={"If-None-Match": first["ETag"]})
    assert later.status_code == 200
