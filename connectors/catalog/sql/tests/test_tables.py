"""Reading, writing and polling tables on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as own_database

from connectors import facade
from connectors.sdk import ConnectorError
from ipaas.core.errors import Recovery

from .conftest import Store


def insert(store: Store, key: str | None = None, **row: Any) -> Any:
    return store.call("insert", key, table="orders", row=row)


def test_amounts_and_odd_names_go_in_and_come_out_unchanged(store: Store) -> None:
    row = {"id": 1, "number": "A", "total": Decimal("19.90"), 'odd "name%': "100 % 'x'; --"}
    stored = insert(store, "k", **row)["row"]
    assert Decimal(stored["total"]) == Decimal("19.90")
    found = store.rows("select * from orders where number = :n and '50%' <> ':n'", n="A")
    assert found[0]['odd "name%'] == "100 % 'x'; --"


def test_a_write_sent_again_under_its_key_is_done_once(store: Store) -> None:
    first = insert(store, "key-1", id=1, number="A")
    again = insert(store, "key-1", id=1, number="A")
    assert (first["already"], again["already"]) == (False, True)
    assert again["row"]["number"] == "A" and again["count"] == 1
    assert len(store.rows("select * from orders")) == 1
    bump = {"statement": "update orders set total = coalesce(total, 0) + 1"}
    for _ in range(3):
        store.call("execute", "key-2", **bump)
    assert Decimal(store.rows("select total from orders")[0]["total"]) == 1


def test_a_failed_write_leaves_neither_rows_nor_a_mark(store: Store) -> None:
    rows = [{"id": 1, "number": "A"}, {"id": 2, "number": "A"}]
    with pytest.raises(ConnectorError) as caught:
        store.call("insert", "key", table="orders", rows=rows)
    assert (caught.value.recovery, caught.value.executed) == (Recovery.FIX_DATA, "no")
    assert caught.value.code == "sql.constraint"
    assert store.rows("select * from orders") == []
    rows[1]["number"] = "B"
    assert store.call("insert", "key", table="orders", rows=rows)["count"] == 2


def test_upsert_changes_the_row_of_the_same_key(store: Store) -> None:
    wish = {"table": "orders", "key": ["number"], "row": {"id": 1, "number": "A", "total": 1}}
    store.call("upsert", "k1", **wish)
    wish["row"]["total"] = 2
    assert Decimal(store.call("upsert", "k2", **wish)["row"]["total"]) == 2
    assert len(store.rows("select * from orders")) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "delete from orders",
        "with gone as (delete from orders returning *) select * from gone",
        "select 1; delete from orders",
        "commit",
    ],
)
def test_a_query_cannot_change_anything(store: Store, statement: str) -> None:
    insert(store, "k", id=1, number="A")
    with pytest.raises(ConnectorError) as caught:
        store.rows(statement)
    assert caught.value.executed == "no"
    assert len(store.rows("select * from orders")) == 1


def test_names_that_do_not_exist_are_refused_with_those_that_do(store: Store) -> None:
    with pytest.raises(ConnectorError) as caught:
        store.call("insert", "k", table="orders; drop table orders", row={"id": 1})
    assert "orders" in caught.value.hint and caught.value.code == "sql.unknown_name"
    with pytest.raises(ConnectorError) as caught:
        insert(store, "k", **{"id": 1, 'x") values (1); --': 2})
    assert caught.value.code == "sql.unknown_name"


def test_values_that_look_like_sql_stay_values(store: Store) -> None:
    evil = "'; drop table orders; --"
    insert(store, "k", id=1, number=evil[:20])
    assert store.rows("select id from orders where number = :n", n=evil[:20]) == [{"id": 1}]
    with pytest.raises(ConnectorError) as caught:
        store.rows("select * from orders where number = :missing")
    assert caught.value.field == "parameters.missing"


def test_a_limit_cuts_and_says_so(store: Store) -> None:
    rows = [{"id": n, "number": str(n)} for n in range(20)]
    store.call("insert", "k", table="orders", rows=rows)
    found = store.call("query", statement="select * from orders", limit=7)
    assert (found["count"], found["more"]) == (7, True)


def test_a_statement_that_never_ends_is_stopped(store: Store) -> None:
    endless = (
        "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"
    )
    with pytest.raises(ConnectorError) as caught:
        store.call("query", statement=endless, timeout_s=1)
    assert (caught.value.code, caught.value.recovery) == ("sql.stopped", Recovery.RETRY)


def test_columns_of_the_database_are_fields_of_the_form(store: Store) -> None:
    spec = facade.describe_operation_of(store.connection.ref, "insert")
    assert spec.input_schema["properties"]["row"]["properties"]["total"]["title"]
    tables = store.call("list_tables")["tables"]
    assert [table["name"] for table in tables] == ["orders"]
    result = facade.test_connection(store.workspace.id, store.connection.id)
    assert result.ok and result.message == "Connected: 1 tables."


def poll(store: Store, cursor: Any, limit: int = 500, **more: Any) -> facade.Polled:
    inputs = {"table": "orders", "cursor_column": "id", "id_column": "id", **more}
    return facade.poll(store.connection.ref, "row_changed", cursor, inputs=inputs, limit=limit)


def test_polling_begins_now_and_tells_each_new_row_once(store: Store) -> None:
    insert(store, "k0", id=1, number="old")
    first = poll(store, None)
    assert first.events == ()
    rows = [{"id": n, "number": str(n)} for n in range(2, 9)]
    store.call("insert", "k", table="orders", rows=rows)
    seen, cursor, looks = [], first.cursor, 0
    while True:
        found = poll(store, cursor, limit=3)
        seen += [event.id for event in found.events]
        cursor, looks = found.cursor, looks + 1
        if not found.more:
            break
    assert (seen, looks) == ([str(n) for n in range(2, 9)], 3)
    assert poll(store, cursor).events == ()


def test_rows_of_one_time_are_neither_lost_nor_read_for_ever(store: Store) -> None:
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    rows = [{"id": n, "number": str(n), "changed_at": at.isoformat(" ")} for n in range(6)]
    store.call("insert", "k", table="orders", rows=rows)
    seen, cursor = [], {"at": (at - timedelta(hours=1)).isoformat(" "), "id": None}
    for _ in range(3):
        found = poll(store, cursor, limit=4, cursor_column="changed_at", overlap_s=0)
        seen += [event.id for event in found.events]
        cursor = found.cursor
    assert seen == [str(n) for n in range(6)]


def test_a_row_that_becomes_visible_late_is_still_told(store: Store) -> None:
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    insert(store, "k1", id=1, number="1", changed_at=at.isoformat(" "))
    cursor: Any = {"at": (at - timedelta(hours=1)).isoformat(" "), "id": None}
    cursor = poll(store, cursor, cursor_column="changed_at").cursor
    late = at - timedelta(seconds=30)
    insert(store, "k2", id=2, number="2", changed_at=late.isoformat(" "))
    found = poll(store, cursor, cursor_column="changed_at")
    assert "2" in [event.id for event in found.events]
    again = poll(store, found.cursor, cursor_column="changed_at")
    assert {(e.id, e.revision) for e in again.events} <= {(e.id, e.revision) for e in found.events}


def test_sqlite_reaches_no_other_file(connect: Callable[..., Store], tmp_path: Path) -> None:
    import sqlite3

    other = tmp_path / "other.sqlite"
    sqlite3.connect(other).close()
    other.touch()
    made = connect(kind="sqlite", database="../other.sqlite")
    with pytest.raises(ConnectorError) as caught:
        made.rows("select 1")
    assert caught.value.code == "sql.no_file"
    own = connect(kind="sqlite", database="own.sqlite")
    (tmp_path / own.workspace.slug).mkdir()
    sqlite3.connect(tmp_path / own.workspace.slug / "own.sqlite").execute("create table t (a)")
    for statement in (
        f"attach '{other}' as o",
        f"vacuum into '{tmp_path}/copy'",
        "pragma journal_mode",
    ):
        with pytest.raises(ConnectorError):
            own.call("execute", None, statement=statement)
    assert not (tmp_path / "copy").exists()


def test_a_private_address_is_refused_unless_it_is_declared(connect: Callable[..., Store]) -> None:
    made = connect(kind="postgresql", host="127.0.0.1", database="x")
    facade.update_connection(made.workspace.id, made.connection.id, on_premise=False)
    with pytest.raises(ConnectorError) as caught:
        made.rows("select 1")
    assert caught.value.code == "connector.address_refused"


def test_a_statement_that_a_mapping_computes_is_refused() -> None:
    spec = facade.describe_operation("sql", "execute")
    with pytest.raises(ConnectorError) as caught:
        facade.describe_call(spec, {}, frozenset({"statement"}), {})
    assert caught.value.code == "sql.statement_not_fixed"
    fixed = {"statement": "delete from t"}
    assert facade.describe_call(spec, fixed, frozenset(fixed), {}).idempotency == "key"


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_one_key_write_once(store: Store) -> None:
    insert(store, "first", id=0, number="0")
    results: list[Any] = []

    def work() -> None:
        try:
            results.append(insert(store, "same", id=1, number="A")["already"])
        finally:
            own_database.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == [False, True, True, True]
