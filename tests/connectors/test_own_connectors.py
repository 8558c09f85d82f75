"""A workspace uploads manifests without code: checked, versioned, and seen by nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors import facade, registry
from connectors.models import OwnConnectorVersion
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


def test_the_catalogue_comes_in_pages_in_short_and_can_be_searched(alice: ApiClient) -> None:
    whole = slugs(alice, "north")
    found, cursor = [], ""
    while cursor is not None:
        page = alice.get(f"{CONNECTORS}?limit=3&cursor={cursor}").json
        found += [each["slug"] for each in page["items"]]
        cursor = page["next"]
        assert len(page["items"]) <= 3
    assert found == whole and len(set(found)) == len(found)
    one = alice.get(f"{CONNECTORS}?q=quickb").json["items"]
    assert [each["slug"] for each in one] == ["quickbooks"]
    assert not {"operations", "readme", "ways", "auth"} & one[0].keys()
    assert one[0]["operation_count"] > 3
    shops = alice.get(f"{CONNECTORS}?category=accounting").json["items"]
    assert "quickbooks" in [each["slug"] for each in shops]
    assert alice.get(f"{CONNECTORS}?cursor=nonsense").status == 400


def installed(client: ApiClient, workspace: str = "north") -> dict[str, Any]:
    path = f"/api/v1/w/{workspace}/installed-connectors?limit=200"
    return {each["slug"]: each for each in client.get(path).json["items"]}


def test_a_manifest_that_new_rules_refuse_hides_no_other_and_says_why(
    alice: ApiClient, bob: ApiClient
) -> None:
    made = upload(alice)
    connection = alice.post(
        "/api/v1/w/north/connections", {"connector": made["slug"], "name": "Acme"}
    ).json
    versions = OwnConnectorVersion.objects.filter(connector_id=made["id"])
    versions.update(manifest=OWN_MANIFEST.replace("method: GET", "method: FETCH"))
    uploads._kept.clear()
    try:
        assert "magento" in slugs(alice, "north") and made["slug"] not in slugs(alice, "north")
        listed = alice.get("/api/v1/w/north/connections")
        assert [each["name"] for each in listed.json["items"]] == ["Acme"]
        shown = installed(alice)
        assert next(iter(shown)) == made["slug"], "what needs somebody stands first"
        assert "line 7" in shown[made["slug"]]["problem"]
        assert shown[made["slug"]]["own_id"] == made["id"]
        assert shown[made["slug"]]["connections"] == [
            {"id": connection["id"], "name": "Acme", "environment": "test"}
        ]
        assert made["slug"] not in installed(bob, "south")
        mended = alice.put(f"{OWN}/{made['id']}", {"manifest": OWN_MANIFEST})
        assert mended.status == 200
        assert installed(alice)[made["slug"]]["problem"] == ""
    finally:
        uploads._kept.clear()


def test_versions_are_listed_with_who_uploaded_them_and_can_be_looked_at(
    alice: ApiClient,
) -> None:
    made = upload(alice)
    changed = OWN_MANIFEST.replace("title: Ping", "title: Knock")
    alice.put(f"{OWN}/{made['id']}", {"manifest": changed})
    listed = alice.get(f"{OWN}/{made['id']}/versions").json["items"]
    assert [(v["number"], v["in_use"], v["author"]) for v in listed] == [
        (2, True, "Alice"),
        (1, False, "Alice"),
    ]
    assert "Ping" in alice.get(f"{OWN}/{made['id']}?version=1").json["manifest"]
    assert alice.get(f"{OWN}/{made['id']}?version=9").status == 404


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("connector.yaml", "slug: [", "not YAML"),
        ("connector.yaml", "slug: other\n", "not valid"),
        ("connector.yaml", b"\xff\xfe\x00", "not UTF-8"),
    ],
)
def test_a_folder_that_cannot_be_read_is_listed_and_hides_no_other(
    alice: ApiClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    text: str | bytes,
    words: str,
) -> None:
    for slug in ("good", "bad"):
        (tmp_path / slug).mkdir()
        good = OWN_MANIFEST.replace("slug: acme", f"slug: {slug}")
        (tmp_path / slug / "connector.yaml").write_text(good)
    (tmp_path / "bad" / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.setattr(registry, "CATALOG", tmp_path)
    registry.forget()
    try:
        assert slugs(alice, "north") == ["good"]
        shown = installed(alice)
        assert words in shown["bad"]["problem"] and shown["good"]["problem"] == ""
        refused = alice.post("/api/v1/w/north/connections", {"connector": "bad", "name": "Bad"})
        assert refused.status == 404 and "cannot be read" in refused.json["hint"]
    finally:
        monkeypatch.undo()
        registry.forget()
