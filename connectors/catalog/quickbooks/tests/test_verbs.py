"""Every “yes” of the connector's table is done through the connector, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from jsonschema import Draft202012Validator

from connectors import facade, registry
from connectors.catalog.quickbooks import hooks
from connectors.catalog.quickbooks.tests.verbs import (
    PAGE,
    ROWS,
    Body,
    Row,
    promised,
    table,
    yes,
)
from connectors.sdk import ConnectorError
from connectors.testing import Bench
from connectors.values import BatchItem
from ipaas.core import jsonio

FIND = {"invoice": "find_invoice_by_number"}
LIST = {"class": "list_classes", "journal_entry": "list_journal_entries"}


@pytest.fixture
def books(db: None, make: Callable[[str], Bench]) -> Bench:
    return make("quickbooks")


def maker(books: Bench) -> Callable[[str, Body], Body]:
    def make_other(entity: str, body: Body) -> Body:
        operation = f"create_{next(row.name for row in ROWS if row.entity == entity)}"
        made: Body = books.call(operation, f"other {body.get('DocNumber')}", **body).output
        return made

    return make_other


def created(books: Bench, row: Row, mark: str) -> Body:
    body = row.example(maker(books), mark)
    reply = books.call(f"create_{row.name}", f"key {mark}", **body)
    assert reply.reference == reply.output["Id"]
    made: Body = reply.output
    return made


def valid(row: Row, operation: str, output: Any) -> None:
    schema = facade.describe_operation("quickbooks", operation).output_schema
    problems = [error.message for error in Draft202012Validator(schema).iter_errors(output)]
    assert problems == [], (row.name, problems[:3])


@pytest.mark.parametrize("entity", promised())
def test_every_verb_that_the_page_promises_is_done(books: Bench, entity: str) -> None:
    row = next(row for row in ROWS if row.entity == entity)
    if row.has("update"):
        proven = a_change_is_told_once_whether_by_message_or_by_asking(books, row)
        proven |= a_batch_answers_each_record_by_itself(books, row)
        proven |= a_record_is_made_read_changed_found_listed_and_taken_away(books, row)
    else:
        proven = a_fixed_list_is_read_and_found(books, row)
        proven |= a_tax_code_is_made_with_its_rates(books, row)
    assert proven == yes(entity), "the page promises these verbs, and no others"
    every_call_names_the_minor_version_and_every_write_its_request(books)


def every_call_names_the_minor_version_and_every_write_its_request(books: Bench) -> None:
    calls = [each for each in books.control.calls("quickbooks") if "/company/" in each["path"]]
    assert calls
    for each in calls:
        path, _, query = each["path"].partition("?")
        given = parse_qs(query)
        assert given["minorversion"] == ["75"], path
        if each["method"] == "POST" and not path.endswith("/query"):
            (request,) = given["requestid"]
            assert 0 < len(request) <= 50, path


def a_record_is_made_read_changed_found_listed_and_taken_away(books: Bench, row: Row) -> set[str]:
    proven = {"create", "read", "update", "query"}
    made = created(books, row, "W-1")
    valid(row, f"create_{row.name}", made)
    number = made["Id"]
    read = books.call(f"get_{row.name}", id=number).output
    assert read == made
    changed = books.call(f"update_{row.name}", "key change", id=number, changes=row.change).output
    assert {name: changed[name] for name in row.change} == row.change
    kept = set(made) - set(row.change) - {"MetaData", "SyncToken"}
    assert {name: changed.get(name) for name in kept} == {name: made[name] for name in kept}
    name, field = row.key
    if changed.get("Active") is not False:
        found = books.call(FIND.get(row.name, f"find_{row.name}"), **{name: made[field]}).output
        assert (found["found"], found["id"]) == (True, number)
    listed = books.call(
        LIST.get(row.name, f"list_{row.name}s"),
        conditions=[{"field": "Id", "value": number}],
        inactive_too=not row.has("delete"),
    ).output
    assert [each["Id"] for each in listed["items"]] == [number]
    if row.has("void"):
        voided = books.call(f"void_{row.name}", "key void", id=number).output
        assert (voided["TotalAmt"], voided["PrivateNote"][:6]) == (0, "Voided")
        assert books.call(f"void_{row.name}", "key again", id=number).output == voided
        proven.add("void")
    if row.has("delete"):
        gone = books.call(f"delete_{row.name}", "key delete", id=number).output
        assert (gone["Id"], gone["status"]) == (number, "Deleted")
        assert books.call(f"delete_{row.name}", "key again", id=number).output["Id"] == number
        with pytest.raises(ConnectorError) as caught:
            books.call(f"get_{row.name}", id=number)
        assert caught.value.code == "quickbooks.not_found"
        proven.add("delete")
    return proven


def a_batch_answers_each_record_by_itself(books: Bench, row: Row) -> set[str]:
    good = [row.example(maker(books), f"B-{number}") for number in range(2)]
    items = [BatchItem(body, f"batch {number}") for number, body in enumerate(good)]
    items.insert(1, BatchItem({"Nonsense": "x"}, "batch bad"))
    before = len(books.records(row.entity))
    first, refused, last = facade.call_batch(books.ref, f"create_{row.name}", items)
    assert isinstance(refused, ConnectorError)
    assert (refused.code, refused.executed) == ("quickbooks.field_unknown", "no")
    assert not isinstance(first, ConnectorError) and not isinstance(last, ConnectorError)
    assert first.reference != last.reference and len(first.exchanges) == 1
    assert len(books.records(row.entity)) == before + 2
    facade.call_batch(books.ref, f"create_{row.name}", items)
    assert len(books.records(row.entity)) == before + 2, "the same batch is not done twice"
    return {"batch"}


def a_change_is_told_once_whether_by_message_or_by_asking(books: Bench, row: Row) -> set[str]:
    trigger = f"{row.name}_changed"
    begun = facade.poll(books.ref, trigger, None, inputs={})
    assert begun.events == ()
    made = created(books, row, "E-1")
    polled = facade.poll(books.ref, trigger, begun.cursor, inputs={})
    mine = [event for event in polled.events if event.id == made["Id"]]
    assert [(event.entity, event.topic) for event in mine] == [(row.name, "created")]
    assert trigger in mine[0].triggers and "entity_changed" in mine[0].triggers
    told = [
        event
        for message in books.control.webhooks("quickbooks")["items"]
        for event in hooks.read_events({}, jsonio.loads(message["body"]), books.connection.account)
        if (event.entity, event.id) == (row.name, made["Id"])
    ]
    assert {event.revision for event in told} >= {mine[0].revision}
    return {"event"}


def a_fixed_list_is_read_and_found(books: Bench, row: Row) -> set[str]:
    listed = books.call(f"list_{row.name}s").output["items"]
    assert listed
    valid(row, f"get_{row.name}", listed[0])
    assert books.call(f"get_{row.name}", id=listed[0]["Id"]).output == listed[0]
    found = books.call(f"find_{row.name}", name=listed[0]["Name"]).output
    assert found["id"] == listed[0]["Id"]
    return {"read", "query"}


def a_tax_code_is_made_with_its_rates(books: Bench, row: Row) -> set[str]:
    if not row.has("create"):
        return set()
    body = row.example(maker(books), "1")
    reply = books.call("create_tax_code", "key", **body)
    assert books.call("get_tax_code", id=reply.reference).output["Name"] == body["TaxCode"]
    again = books.call("create_tax_code", "key", **body)
    assert again.output == reply.output
    return {"create"}


def test_the_connector_offers_what_the_table_says_and_nothing_less() -> None:
    offered = registry.get("quickbooks").manifest.operations
    for row in ROWS:
        names = {
            "create": f"create_{row.name}",
            "read": f"get_{row.name}",
            "update": f"update_{row.name}",
            "delete": f"delete_{row.name}",
            "void": f"void_{row.name}",
            "query": LIST.get(row.name, f"list_{row.name}s"),
            "event": f"{row.name}_changed",
        }
        for verb, name in names.items():
            assert (name in offered) == row.has(verb), (row.name, verb)
        if row.has("batch"):
            assert offered[f"create_{row.name}"].batch is not None


def test_the_page_holds_the_table() -> None:
    assert table() in PAGE.read_text()
    assert list(promised()) == [row.entity for row in ROWS]
