"""The audit log shows when somebody changed it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import F

from ipaas.tenancy import audit
from ipaas.tenancy.models import AuditEntry, AuditHead, Workspace
from tests.kit.cast import ApiClient, Cast

pytestmark = pytest.mark.both_stacks


@pytest.fixture
def north(cast: Cast) -> Workspace:
    """Alice's workspace with a few entries."""
    workspace = Workspace.objects.get(slug="north")
    for number in range(4):
        audit.record(workspace, cast.alice, "flow.create", f"flow_{number}", {"number": number})
    return workspace


def test_an_untouched_log_is_intact(north: Workspace) -> None:
    verdict = audit.verify(north)
    assert verdict.intact
    assert verdict.entries == AuditEntry.objects.filter(workspace=north).count() > 4


def test_a_changed_entry_is_found(north: Workspace) -> None:
    last = AuditEntry.objects.filter(workspace=north).latest("seq")
    AuditEntry.objects.filter(pk=last.pk).update(actor="user:0 somebody")
    assert audit.verify(north).broken_at == last.seq


def test_a_removed_entry_is_found(north: Workspace) -> None:
    AuditEntry.objects.filter(workspace=north, seq=3).delete()
    assert audit.verify(north).broken_at == 3


def test_a_cut_off_end_is_found(north: Workspace) -> None:
    last = AuditEntry.objects.filter(workspace=north).latest("seq")
    last.delete()
    verdict = audit.verify(north)
    assert (verdict.intact, verdict.broken_at) == (False, last.seq)


def test_a_renumbered_log_is_found(north: Workspace) -> None:
    AuditEntry.objects.filter(workspace=north, seq=2).delete()
    for entry in AuditEntry.objects.filter(workspace=north, seq__gt=2).order_by("seq"):
        AuditEntry.objects.filter(pk=entry.pk).update(seq=F("seq") - 1)
    AuditHead.objects.filter(workspace=north).update(seq=F("seq") - 1)
    assert audit.verify(north).broken_at == 2


def test_an_entry_is_lost_with_the_change_it_tells_of(north: Workspace, cast: Cast) -> None:
    before = AuditEntry.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record(north, cast.alice, "flow.delete", "flow_1")
        raise ZeroDivisionError
    assert AuditEntry.objects.count() == before
    assert audit.verify(north).intact


def test_exact_amounts_in_details_do_not_break_the_chain(north: Workspace, cast: Cast) -> None:
    audit.record(
        north, cast.alice, "record.edit", "run_1", {"from": Decimal("1.10"), "to": [1, None]}
    )
    assert AuditEntry.objects.latest("seq").details == {"from": "1.10", "to": [1, None]}
    assert audit.verify(north).intact


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_make_one_chain(north: Workspace) -> None:
    def write(number: int) -> None:
        audit.record(north, "system", "tests.write", str(number))
        connection.close()

    before = AuditEntry.objects.filter(workspace=north).count()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(20)))
    verdict = audit.verify(north)
    assert verdict.intact
    assert verdict.entries == before + 20


def test_an_admin_reads_the_log_newest_first_and_finds_what_a_person_did(
    north: Workspace, cast: Cast
) -> None:
    client = ApiClient(cast.alice)
    base = "/api/v1/w/north"
    first = client.get(f"{base}/audit?limit=3").json
    assert [entry["object"] for entry in first["items"]] == ["flow_3", "flow_2", "flow_1"]
    assert first["items"][0]["by"] == (cast.alice.get_full_name() or cast.alice.get_username())
    assert first["items"][0]["details"] == {"number": 3}
    rest = client.get(f"{base}/audit?limit=3&cursor={first['next']}").json
    assert rest["items"][0]["object"] == "flow_0"
    found = client.get(f"{base}/audit?q=flow_2").json["items"]
    assert [entry["object"] for entry in found] == ["flow_2"]
    member = client.get(f"{base}/audit?q=member.set").json["items"][0]
    assert member["object"].startswith("user:")
    assert member["name"]
    assert client.get(f"{base}/audit?q=nobody-of-that-name").json["items"] == []


def test_the_log_says_over_the_api_whether_it_is_whole(north: Workspace, cast: Cast) -> None:
    client = ApiClient(cast.alice)
    assert client.get("/api/v1/w/north/audit/check").json["intact"] is True
    AuditEntry.objects.filter(workspace=north, seq=3).delete()
    verdict = client.get("/api/v1/w/north/audit/check").json
    assert (verdict["intact"], verdict["broken_at"]) == (False, 3)


def test_only_admins_read_the_log(north: Workspace, cast: Cast) -> None:
    assert ApiClient(cast.vera).get("/api/v1/w/north/audit").status == 403
