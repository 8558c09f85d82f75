"""Lookup tables over the API: rows, versions, what is refused, and what mappings get."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors import facade
from connectors.models import LookupRow
from connectors.tables import store
from connectors.values import ConnectionUse
from ipaas.core.errors import IpaasError
from ipaas.mapping.resources import MISSING
from ipaas.tenancy import audit
from ipaas.tenancy.models import AuditEntry, Workspace
from tests.kit.cast import ApiClient, Cast

NORTH = "/api/v1/w/north"
ACCOUNTS = {
    "name": "GL accounts",
    "columns": [
        {"name": "category", "title": "Category", "type": "number", "key": True},
        {"name": "account", "title": "Account", "required": True},
        {"name": "rate", "title": "Rate", "type": "number"},
    ],
}

pytestmark = pytest.mark.both_stacks


def make(client: ApiClient, **change: Any) -> dict[str, Any]:
    made = client.post(f"{NORTH}/lookups", {**ACCOUNTS, **change})
    assert made.status == 201, made
    found: dict[str, Any] = made.json
    return found


def put(client: ApiClient, table: dict[str, Any], *rows: dict[str, Any], **more: Any) -> Any:
    body = {"based_on": table["version"], "put": [{"values": row} for row in rows], **more}
    answer = client.patch(f"{NORTH}/lookups/{table['id']}/rows", body)
    if answer.status == 200 and answer.json["version"]:
        table["version"] = answer.json["version"]["number"]
    return answer


def rows(client: ApiClient, table: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    found = client.get(f"{NORTH}/lookups/{table['id']}/rows{query}").json["items"]
    return [row["values"] for row in found]


def test_a_row_is_added_changed_and_removed_and_each_save_is_a_version(alice: ApiClient) -> None:
    table = make(alice)
    assert put(alice, table, {"category": 17, "account": "4000"}, note="First").status == 200
    first = alice.get(f"{NORTH}/lookups/{table['id']}/rows").json["items"][0]
    edited = {"id": first["id"], "values": {**first["values"], "account": "4100"}}
    put(alice, table, {"category": 18, "account": "4200"})
    changed = alice.patch(
        f"{NORTH}/lookups/{table['id']}/rows", {"based_on": table["version"], "put": [edited]}
    )
    assert changed.json["version"]["changed"] == 1
    assert [row["account"] for row in rows(alice, table)] == ["4100", "4200"]
    listed = alice.get(f"{NORTH}/lookups/{table['id']}/versions").json["items"]
    assert [entry["action"] for entry in listed] == ["edited", "edited", "edited", "created"]
    assert listed[2]["note"] == "First"
    assert listed[0]["author"] == "Alice"
    assert [row["account"] for row in rows(alice, table, "?version=2")] == ["4000"]


def test_a_version_can_be_compared_and_brought_back(alice: ApiClient) -> None:
    table = make(alice)
    put(alice, table, {"category": 17, "account": "4000"}, {"category": 18, "account": "4100"})
    items = alice.get(f"{NORTH}/lookups/{table['id']}/rows").json["items"]
    put(alice, table, {"category": 19, "account": "4300"}, remove=[items[0]["id"]])
    compared = alice.get(f"{NORTH}/lookups/{table['id']}/compare?before=2&after=3").json
    assert (compared["added"], compared["changed"], compared["removed"]) == (1, 0, 1)
    back = alice.post(f"{NORTH}/lookups/{table['id']}/rollback", {"to": 2})
    assert back.json["version"]["number"] == 4
    assert [row["account"] for row in rows(alice, table)] == ["4000", "4100"]
    same = alice.get(f"{NORTH}/lookups/{table['id']}/compare?before=2&after=4").json
    assert (same["items"], same["added"]) == ([], 0)
    assert alice.post(f"{NORTH}/lookups/{table['id']}/rollback", {"to": 2}).json["version"] is None


def test_edits_of_an_old_version_are_refused(alice: ApiClient) -> None:
    table = make(alice)
    put(alice, table, {"category": 17, "account": "4000"})
    late = put(alice, {**table, "version": 1}, {"category": 18, "account": "1"})
    assert (late.status, late.json["code"]) == (409, "lookup.changed")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"category": "seventeen", "account": "1"}, "category"),
        ({"category": 17}, "account"),
        ({"account": "1"}, "category"),
        ({"category": 17, "account": "1", "colour": "red"}, "colour"),
        ({"category": 17, "account": "1", "rate": "1,5"}, "rate"),
        ({"category": 17, "account": "1" * 5000}, "account"),
        ({"category": "1e999", "account": "1"}, "category"),
    ],
)
def test_a_faulty_cell_is_named_and_nothing_is_saved(
    alice: ApiClient, row: dict[str, Any], column: str
) -> None:
    table = make(alice)
    refused = put(alice, table, {"category": 1, "account": "fine"}, row)
    assert refused.status == 422
    assert [list(fault["fields"]) for fault in refused.json["rows"]] == [[column]]
    assert rows(alice, table) == []


def test_one_key_has_one_row_whatever_its_spelling(alice: ApiClient) -> None:
    table = make(alice, columns=[{"name": "a", "key": True}, {"name": "b"}], ignore_case=True)
    put(alice, table, {"a": "New  York", "b": "1"})
    again = put(alice, table, {"a": " new york ", "b": "2"})
    assert again.status == 422
    assert "already a row" in again.text


def test_a_table_is_found_by_any_cell_and_paged(alice: ApiClient) -> None:
    table = make(alice)
    put(alice, table, *({"category": n, "account": f"A{n}"} for n in range(60)))
    page = alice.get(f"{NORTH}/lookups/{table['id']}/rows?limit=25").json
    assert len(page["items"]) == 25
    rest = alice.get(f"{NORTH}/lookups/{table['id']}/rows?limit=200&cursor={page['next']}").json
    assert len(rest["items"]) == 35
    assert [row["category"] for row in rows(alice, table, "?q=a42")] == [42]


def test_numbers_keep_their_digits(alice: ApiClient, cast: Cast) -> None:
    table = make(alice)
    put(alice, table, {"category": 17, "account": "4000", "rate": Decimal("0.10")})
    found = facade.resources(cast.north.id, "test").lookup("gl-accounts", "17", "rate")
    assert str(found) == "0.10"
    assert '"rate":0.10' in alice.get(f"{NORTH}/lookups/{table['id']}/rows").text


def test_a_mapping_finds_a_row_by_its_key_however_it_is_written(
    alice: ApiClient, cast: Cast
) -> None:
    table = make(alice)
    put(alice, table, {"category": 17, "account": "4000"})
    asked = facade.resources(cast.north.id, "test")
    assert asked.lookup("gl-accounts", "17", None) == "4000"
    assert asked.lookup("GL accounts", " 17.0 ", "Account") == "4000"
    assert asked.lookup("gl-accounts", "18", None) is MISSING
    assert asked.lookup("gl-accounts", "17", "rate") is None
    for wrong in (("nowhere", "1", None), ("gl-accounts", "17", "colour")):
        with pytest.raises(IpaasError) as told:
            asked.lookup(*wrong)
        assert told.value.hint


def test_a_table_may_have_an_answer_for_every_key(alice: ApiClient, cast: Cast) -> None:
    make(alice, on_miss={"policy": "default", "values": {"account": "9999"}})
    assert facade.resources(cast.north.id, "test").lookup("gl-accounts", "5", None) == "9999"


def test_several_key_columns_are_asked_with_a_bar_between(alice: ApiClient, cast: Cast) -> None:
    columns = [{"name": "country", "key": True}, {"name": "class", "key": True}, {"name": "code"}]
    table = make(alice, name="Tax codes", columns=columns)
    put(alice, table, {"country": "DE", "class": "food", "code": "7%"})
    assert facade.resources(cast.north.id, "test").lookup("tax-codes", "DE|food", None) == "7%"


def test_a_piece_of_work_sees_one_version_and_the_next_one_the_newest(
    alice: ApiClient, cast: Cast
) -> None:
    table = make(alice)
    put(alice, table, {"category": 17, "account": "4000"})
    before = facade.resources(cast.north.id, "test")
    assert before.lookup("gl-accounts", "18", None) is MISSING
    put(alice, table, {"category": 18, "account": "4100"})
    assert before.lookup("gl-accounts", "18", None) is MISSING
    assert facade.resources(cast.north.id, "test").lookup("gl-accounts", "18", None) == "4100"


def test_a_large_table_is_read_row_by_row(
    alice: ApiClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.lookups.IN_MEMORY_ROWS", 1)
    table = make(alice)
    put(alice, table, {"category": 17, "account": "4000"}, {"category": 18, "account": "4100"})
    asked = facade.resources(cast.north.id, "test")
    assert [asked.lookup("gl-accounts", key, None) for key in ("17", "18", "17")] == [
        "4000",
        "4100",
        "4000",
    ]
    assert asked.lookup("gl-accounts", "19", None) is MISSING


def test_a_rate_is_the_newest_on_or_before_the_day(alice: ApiClient, cast: Cast) -> None:
    table = make(alice, name="Rates", kind="rates", columns=[])
    days = {"2026-01-01": "1.05", "2026-02-01": "1.10"}
    lines = [{"base": "EUR", "quote": "USD", "date": d, "rate": r} for d, r in days.items()]
    assert put(alice, table, *lines).status == 200
    asked = facade.resources(cast.north.id, "test")
    assert asked.rate("EUR", "USD", date(2026, 1, 31)) == Decimal("1.05")
    assert asked.rate("eur", "usd", date(2026, 5, 1)) == Decimal("1.10")
    assert asked.rate("EUR", "USD", date(2025, 12, 31)) is None
    assert asked.rate("USD", "EUR", date(2026, 5, 1)) is None
    assert asked.rate("EUR", "EUR", date(2026, 5, 1)) == 1


def test_a_cross_reference_is_found_from_both_sides(alice: ApiClient, cast: Cast) -> None:
    facade.record_xrefs(
        [facade.NewReference(cast.north.id, "test", "order", "shop", "7", "books", "58")]
    )
    asked = facade.resources(cast.north.id, "test")
    assert asked.xref("order", "shop", "7", "books") == "58"
    assert asked.xref("order", "books", "58", "shop") == "7"
    assert asked.xref("order", "shop", "8", "books") is None
    elsewhere = facade.resources(cast.south.id, "test")
    assert elsewhere.xref("order", "shop", "7", "books") is None


def test_columns_and_keys_can_change_as_long_as_the_rows_fit(alice: ApiClient) -> None:
    table = make(alice)
    put(alice, table, {"category": 17, "account": "4000"}, {"category": 18, "account": "4000"})
    path = f"{NORTH}/lookups/{table['id']}"
    columns = [dict(column) for column in table["columns"]]
    more = alice.patch(path, {"columns": [*columns, {"name": "note", "title": "Note"}]})
    assert more.status == 200
    assert [row.get("note") for row in rows(alice, table)] == [None, None]
    by_account = [{**c, "key": c["name"] == "account"} for c in columns]
    refused = alice.patch(path, {"columns": by_account})
    assert refused.status == 422
    assert "Two rows would have the key" in refused.json["title"]
    numbers = [{**c, "type": "number" if c["name"] == "account" else c["type"]} for c in columns]
    assert alice.patch(path, {"columns": numbers}).status == 200
    assert [row["account"] for row in rows(alice, table)] == [4000, 4000]


@pytest.mark.parametrize(
    "columns",
    [
        [],
        [{"name": "a", "key": True}],
        [{"name": "a"}, {"name": "b"}],
        [{"name": "a", "key": True}, {"name": "a"}],
        [{"name": "A b", "key": True}, {"name": "b"}],
        [{"name": "a", "key": True, "type": "json"}, {"name": "b"}],
    ],
)
def test_columns_that_make_no_table_are_refused_in_a_sentence(
    alice: ApiClient, columns: list[Any]
) -> None:
    refused = alice.post(f"{NORTH}/lookups", {"name": "Wrong", "columns": columns})
    assert refused.status == 422
    assert refused.json["title"].endswith(".")


def test_a_table_that_flows_read_is_not_deleted(alice: ApiClient) -> None:
    table = make(alice)

    def provider(workspace_id: str, environment: str) -> dict[str, Any]:
        return {"gl-accounts": [ConnectionUse("flow_1", "Orders")]}

    store.register_table_usage_provider(provider)
    try:
        refused = alice.delete(f"{NORTH}/lookups/{table['id']}")
        shown = alice.get(f"{NORTH}/lookups/{table['id']}").json
    finally:
        store._providers.remove(provider)
    assert (refused.status, refused.json["code"]) == (409, "lookup.in_use")
    assert shown["used_by"] == [{"flow_id": "flow_1", "name": "Orders"}]
    assert alice.delete(f"{NORTH}/lookups/{table['id']}").status == 204
    assert alice.get(f"{NORTH}/lookups/{table['id']}").status == 404


def test_vera_sees_rows_but_changes_none_and_ben_none_in_production(
    alice: ApiClient, vera: ApiClient, cast: Cast
) -> None:
    table = make(alice)
    assert vera.get(f"{NORTH}/lookups/{table['id']}/rows").status == 200
    assert put(vera, table, {"category": 1, "account": "1"}).status == 403
    live = make(alice, environment="production")
    assert put(ApiClient(cast.ben), live, {"category": 1, "account": "1"}).status == 403
    assert put(ApiClient(cast.ana), live, {"category": 1, "account": "1"}).status == 200


def test_every_change_is_in_the_audit_log(alice: ApiClient, cast: Cast) -> None:
    table = make(alice)
    put(alice, table, {"category": 17, "account": "4000"})
    alice.patch(f"{NORTH}/lookups/{table['id']}", {"name": "Accounts"})
    alice.post(f"{NORTH}/lookups/{table['id']}/rollback", {"to": 1})
    alice.delete(f"{NORTH}/lookups/{table['id']}")
    actions = AuditEntry.objects.filter(workspace_id=cast.north.id, action__startswith="lookup.")
    assert list(actions.order_by("seq").values_list("action", flat=True)) == [
        "lookup.created",
        "lookup.edited",
        "lookup.changed",
        "lookup.rolled_back",
        "lookup.deleted",
    ]
    assert audit.verify(Workspace.objects.get(id=cast.north.id)).intact


def test_what_a_dead_save_left_behind_is_swept_up_by_the_next(alice: ApiClient) -> None:
    table = make(alice)
    put(alice, table, {"category": 17, "account": "4000"})
    LookupRow.objects.filter(table_id=table["id"]).update(removed_in=3)
    LookupRow.objects.create(
        table_id=table["id"], key="17", values={"category": 17}, search="17", added_in=3
    )
    assert [row["account"] for row in rows(alice, table)] == ["4000"]
    put(alice, table, {"category": 18, "account": "4100"})
    assert [row["account"] for row in rows(alice, table)] == ["4000", "4100"]
