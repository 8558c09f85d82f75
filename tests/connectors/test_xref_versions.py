"""What people change of cross-references is versioned, and undone without harm to the runs' own."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from connectors import facade, xref_versions
from connectors.models import ConnectionRow, CrossReferenceRow
from ipaas.tenancy.models import AuditEntry
from tests.connectors.test_lookup_files import send
from tests.kit.cast import ApiClient, Cast

NORTH = "/api/v1/w/north"

pytestmark = [pytest.mark.django_db, pytest.mark.both_stacks]


def record(cast: Cast, id: str, counterpart: str, run_id: str = "run_1") -> None:
    """What a run does."""
    facade.record_xrefs(
        [
            facade.NewReference(
                cast.north.id, "test", "order", "shop", id, "books", counterpart, run_id
            )
        ]
    )


@pytest.fixture(autouse=True)
def three(cast: Cast) -> None:
    for slug in ("shop", "books"):
        ConnectionRow.objects.create(
            workspace_id=cast.north.id,
            environment="test",
            slug=slug,
            name=slug,
            connector="magento",
        )
    for n in range(3):
        record(cast, str(n), f"B{n}")


def pairs() -> dict[str, str]:
    return dict(CrossReferenceRow.objects.values_list("left_id", "right_id"))


def id_of(left_id: str) -> int:
    return int(CrossReferenceRow.objects.get(left_id=left_id).pk)


def correct(client: ApiClient, left_id: str, counterpart: str, now: str = "") -> None:
    body = {"left_id": now or left_id, "right_id": counterpart}
    assert client.patch(f"{NORTH}/xrefs/{id_of(left_id)}", body).status == 200


def forget(client: ApiClient, *left_ids: str) -> None:
    body = {"environment": "test", "ids": [id_of(one) for one in left_ids]}
    assert client.post(f"{NORTH}/xrefs/delete", body).status == 200


def go_back(client: ApiClient, to: int) -> Any:
    answer = client.post(f"{NORTH}/xrefs/rollback", {"environment": "test", "to": to})
    assert answer.status == 200
    return answer.json["version"]


def versions(client: ApiClient) -> list[tuple[Any, ...]]:
    items = client.get(f"{NORTH}/xrefs/versions?environment=test").json["items"]
    names = ("number", "action", "added", "changed", "removed")
    return [tuple(item[name] for name in names) for item in items]


def test_every_edit_is_a_version_and_a_run_is_none(alice: ApiClient, cast: Cast) -> None:
    correct(alice, "0", "B9")
    record(cast, "7", "B7")
    forget(alice, "1", "2")
    correct(alice, "0", "B9", now="00")
    assert versions(alice) == [
        (3, "edited", 1, 0, 1),
        (2, "deleted", 0, 0, 2),
        (1, "edited", 0, 1, 0),
    ]
    shown = alice.get(f"{NORTH}/xrefs/changes?environment=test&version=2").json["items"]
    assert [(c["before"]["left_id"], c["before"]["right_id"], c["after"]) for c in shown] == [
        ("1", "B1", None),
        ("2", "B2", None),
    ]


def test_a_save_that_changes_nothing_makes_no_version(alice: ApiClient) -> None:
    correct(alice, "0", "B0")
    assert versions(alice) == []


def test_an_import_is_one_version_with_its_note(alice: ApiClient) -> None:
    head = "Entity,Connection A,Id in A,Connection B,Id in B\r\n"
    lines = "order,shop,0,books,B0\r\norder,shop,1,books,X1\r\norder,shop,8,books,B8\r\n"
    upload = send(alice, (head + lines).encode()).json["id"]
    body = {"environment": "test", "upload": upload, "note": "From the audit"}
    assert alice.post(f"{NORTH}/xrefs/import", body).status == 200
    (found,) = alice.get(f"{NORTH}/xrefs/versions?environment=test").json["items"]
    assert (found["note"], found["added"], found["changed"]) == ("From the audit", 1, 1)
    assert go_back(alice, 0)["number"] == 2
    assert pairs() == {"0": "B0", "1": "B1", "2": "B2"}


@pytest.mark.parametrize(
    ("to", "left"),
    [
        (0, {"0": "B0", "1": "B1", "2": "B2"}),
        (1, {"0": "X", "1": "B1", "2": "B2"}),
        (2, {"0": "X", "2": "B2"}),
        (3, {"00": "X", "2": "B2"}),
    ],
)
def test_going_back_gives_the_pairs_of_then(
    alice: ApiClient, to: int, left: dict[str, str]
) -> None:
    correct(alice, "0", "X")
    forget(alice, "1")
    correct(alice, "0", "X", now="00")
    made = go_back(alice, to)
    assert pairs() == left
    assert (made or {}).get("number") == (4 if to < 3 else None)


def test_a_pair_that_comes_back_belongs_to_its_run_again(alice: ApiClient) -> None:
    forget(alice, "1")
    go_back(alice, 0)
    assert CrossReferenceRow.objects.get(left_id="1").run_id == "run_1"


def test_what_went_back_can_come_forth(alice: ApiClient) -> None:
    forget(alice, "1")
    go_back(alice, 0)
    go_back(alice, 1)
    assert pairs() == {"0": "B0", "2": "B2"}
    assert [version[1] for version in versions(alice)] == ["rolled_back", "rolled_back", "deleted"]


def test_what_a_run_has_recorded_since_stays(alice: ApiClient, cast: Cast) -> None:
    forget(alice, "1", "2")
    record(cast, "1", "NEW", "run_2")
    looked = alice.get(f"{NORTH}/xrefs/way-back?environment=test&to=0").json
    assert (looked["added"], looked["changed"], looked["kept"]) == (1, 0, 1)
    assert looked["kept_items"][0]["after"]["right_id"] == "NEW"
    go_back(alice, 0)
    assert pairs() == {"0": "B0", "1": "NEW", "2": "B2"}


def test_an_edit_before_a_run_and_one_after_it_are_told_apart(alice: ApiClient, cast: Cast) -> None:
    correct(alice, "1", "PERSON")
    record(cast, "1", "RUN", "run_2")
    correct(alice, "1", "PERSON AGAIN")
    looked = alice.get(f"{NORTH}/xrefs/way-back?environment=test&to=0").json
    assert (looked["changed"], looked["kept"]) == (1, 1)
    go_back(alice, 0)
    assert pairs()["1"] == "RUN"


def test_an_unknown_version_is_refused_and_nothing_happens(alice: ApiClient) -> None:
    forget(alice, "1")
    for address in ("changes?environment=test&version=9", "way-back?environment=test&to=9"):
        assert alice.get(f"{NORTH}/xrefs/{address}").status == 404
    answer = alice.post(f"{NORTH}/xrefs/rollback", {"environment": "test", "to": 9})
    assert (answer.status, answer.json["code"]) == (404, "xref.no_version")
    assert pairs() == {"0": "B0", "2": "B2"}
    assert len(versions(alice)) == 1


def test_another_environment_has_versions_of_its_own(alice: ApiClient, cast: Cast) -> None:
    forget(alice, "1")
    items = alice.get(f"{NORTH}/xrefs/versions?environment=production").json["items"]
    assert items == []
    body = {"environment": "production", "to": 0}
    assert alice.post(f"{NORTH}/xrefs/rollback", body).json == {"version": None}
    assert pairs() == {"0": "B0", "2": "B2"}


def test_going_back_is_in_the_audit_log(alice: ApiClient, cast: Cast) -> None:
    forget(alice, "1")
    go_back(alice, 0)
    last = AuditEntry.objects.filter(workspace_id=cast.north.id).order_by("seq").last()
    assert last is not None
    assert (last.action, last.details["to"], last.details["added"]) == ("xref.rolled_back", 0, 1)


def test_many_pairs_go_back_with_few_statements(
    alice: ApiClient, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    facade.record_xrefs(
        facade.NewReference(cast.north.id, "test", "item", "shop", f"i{n}", "books", f"b{n}")
        for n in range(2000)
    )
    ids = list(CrossReferenceRow.objects.filter(entity="item").values_list("id", flat=True))
    for start in (0, 1000):
        body = {"environment": "test", "ids": ids[start : start + 1000]}
        assert alice.post(f"{NORTH}/xrefs/delete", body).json == {"deleted": 1000}
    with django_assert_max_num_queries(60, connection=connection):
        made = xref_versions.roll_back(cast.north.id, "test", 0, actor=cast.alice)
    assert made is not None
    assert (made.added, CrossReferenceRow.objects.filter(entity="item").count()) == (2000, 2000)
