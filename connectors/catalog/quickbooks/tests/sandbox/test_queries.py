"""The query language, its pages and its refusals."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors.catalog.quickbooks.tests.sandbox.company import Books


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("select * from Customer where DisplayName = 'ANA SILVA'", ["Ana Silva"]),
        (
            "SELECT * FROM customer WHERE PrimaryEmailAddr = 'ines@harborlane.example'",
            ["Harbor Lane Bakery"],
        ),
        ("select * from Customer where DisplayName like 'C%'", ["Corner Café"]),
        ("select * from Customer where DisplayName LIKE '%bake%'", ["Harbor Lane Bakery"]),
        ("select * from Customer where Id in ('1','3')", ["Harbor Lane Bakery", "Corner Café"]),
        ("select * from Customer where Active = false", ["Closed Kiosk"]),
        (
            "select * from Customer where Active IN (true,false) and Id > '2' orderby Id desc",
            ["Closed Kiosk", "Corner Café"],
        ),
        ("select * from Item where Sku = 'MUG-RED'", ["Red mug"]),
        (
            "select *, Sku from Item where UnitPrice >= '39' and Type = 'NonInventory'",
            ["Teapot, 1 litre"],
        ),
        (
            "select * from Item where UnitPrice < 2.9 and UnitPrice > 2.4 order by UnitPrice",
            ["Cumin (jar)"],
        ),
        ("select * from Term order by DueDays DESC", ["Net 30", "Due on receipt"]),
        ("select * from TaxCode where Name = 'NON'", ["NON"]),
        ("select * from Customer startposition 2 maxresults 1", ["Ana Silva"]),
        ("select * from Customer maxresults 1 startposition 3;", ["Corner Café"]),
        ("select * from Customer where DisplayName = 'nobody'", []),
    ],
)
def test_queries(books: Books, statement: str, expected: list[str]) -> None:
    assert books.names(statement) == expected


def test_a_query_may_be_posted_as_text(books: Books) -> None:
    answer = books.call("POST", "query", body=b"select * from Customer where Id = '2'")
    assert answer.document()["QueryResponse"]["Customer"][0]["DisplayName"] == "Ana Silva"


def test_quotes_are_escaped_with_a_backslash(books: Books) -> None:
    for name in ("O'Brien & Sons", "back\\slash", "50% off+more"):
        books.write("Customer", {"DisplayName": name})
        escaped = name.replace("\\", "\\\\").replace("'", "\\'")
        assert books.names(f"select * from Customer where DisplayName = '{escaped}'") == [name]


def test_an_empty_answer_has_no_entity_key(books: Books) -> None:
    assert books.query("select * from Invoice") == {}


def test_count_and_paging_numbers(books: Books) -> None:
    assert books.query("select count(*) from Customer") == {"totalCount": 3}
    page = books.query("select * from Customer startposition 3 maxresults 10")
    assert (page["startPosition"], page["maxResults"]) == (3, 1)


def test_a_page_has_a_hundred_rows_by_default_and_a_thousand_at_most(books: Books) -> None:
    for number in range(110):
        books.write("Customer", {"DisplayName": f"Customer {number:03d}"})
    assert books.query("select * from Customer")["maxResults"] == 100
    assert books.query("select * from Customer maxresults 1000")["maxResults"] == 113
    answer = books.call("GET", "query", query="select * from Customer maxresults 1001")
    assert answer.document()["Fault"]["Error"][0]["code"] == "4001"


def test_projection_returns_the_listed_fields_marked_sparse(books: Books) -> None:
    row = books.query("select DisplayName from Customer where Id = '2'")["Customer"][0]
    assert row == {"domain": "QBO", "sparse": True, "Id": "2", "DisplayName": "Ana Silva"}


def test_changes_are_found_by_time_with_any_offset(books: Books) -> None:
    changed = books.write("Customer", {"Id": "3", "SyncToken": "0", "sparse": True, "Notes": "x"})
    moment = datetime.fromisoformat(changed["MetaData"]["LastUpdatedTime"])
    name = "MetaData.LastUpdatedTime"
    later = (moment + timedelta(hours=1)).isoformat()
    assert books.names(f"select * from Customer where {name} > '{later}'") == []
    elsewhere = moment.astimezone(moment.tzinfo).isoformat()
    assert "Corner Café" in books.names(f"select * from Customer where {name} >= '{elsewhere}'")
    utc = (moment - moment.utcoffset()).replace(tzinfo=None).isoformat() + "+00:00"
    assert "Corner Café" in books.names(f"select * from Customer where {name} >= '{utc}'")


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("select from Customer", "4000"),
        ("select * from Customer where", "4000"),
        ("select * from Customer where Id = 1 or Id = 2", "4000"),
        ("select * from Customer where DisplayName != 'x'", "4000"),
        ("select * from Customer where DisplayName = 'O'Brien'", "4000"),
        ("delete from Customer", "4000"),
        ("select * from Ghost", "4001"),
        ("select * from Customer where Notes = 'x'", "4001"),
        ("select * from Customer orderby Shoe", "4001"),
    ],
)
def test_wrong_statements_are_refused(books: Books, statement: str, code: str) -> None:
    answer = books.call("GET", "query", query=statement)
    assert (answer.status, answer.document()["Fault"]["Error"][0]["code"]) == (400, code)
