"""Formats, odd files, hostile files, and memory."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as own_database

from connectors.sdk import ConnectorError

from .conftest import Desk


@pytest.mark.parametrize(
    ("content", "more"),
    [
        (b'nr;name\r\n007;"A;B"\r\n', {}),
        (b"nr,name\n007,A;B\n", {}),
        (b"nr\tname\n007\tA;B\n", {}),
        ("nr|name\n007|A;B\n".encode("utf-16"), {}),
        (b'\xef\xbb\xbfnr;name\r\n007;"A;B"', {}),
        (b'007;"A;B"\n', {"header": False, "delimiter": ";"}),
    ],
)
def test_csv_of_every_dialect_gives_the_same_texts(
    local: Desk, content: bytes, more: dict[str, Any]
) -> None:
    local.put("a.csv", content)
    assert list(local.rows("a.csv", **more)[0].values()) == ["007", "A;B"]


def test_encodings_are_found_out_or_named(local: Desk) -> None:
    local.put("a.csv", "name;price\nMüller;1.234,50\n".encode("windows-1252"))
    assert local.rows("a.csv") == [{"name": "Müller", "price": "1.234,50"}]
    local.put("late.csv", b"name\n" + b"x\n" * 50_000 + b"M\xfcller\n")
    with pytest.raises(ConnectorError) as caught:
        local.rows("late.csv", offset=49_999)
    assert caught.value.code == "files.unreadable" and "encoding" in caught.value.hint
    assert local.rows("late.csv", offset=50_000, encoding="latin-1") == [{"name": "Müller"}]


def test_doubled_missing_and_extra_columns_get_names(local: Desk) -> None:
    local.put("a.csv", "a,a,,b\n1,2,3\n1,2,3,4,5\n\n")
    assert local.rows("a.csv") == [
        {"a": "1", "a_2": "2", "column_3": "3", "b": ""},
        {"a": "1", "a_2": "2", "column_3": "3", "b": "4", "column_5": "5"},
    ]


def test_json_lines_json_and_excel_come_back_as_they_went(local: Desk) -> None:
    rows = [{"sku": "007", "price": Decimal("19.90"), "n": 1}, {"sku": "=1+1", "n": 2}]
    for name in ("a.jsonl", "a.json"):
        local.call("write_rows", "k", path=name, rows=rows)
        assert local.rows(name) == rows
    local.call("write_rows", "k", path="a.xlsx", rows=rows)
    found = local.rows("a.xlsx")
    assert found[0] == {"sku": "007", "price": Decimal("19.9"), "n": 1}
    assert found[1]["sku"] == "=1+1"  # a text, not a formula
    with pytest.raises(ConnectorError) as caught:
        local.rows("a.xlsx", sheet="None")
    assert "Rows" in caught.value.hint


def test_a_decimal_comma_is_written_where_it_is_wanted(local: Desk) -> None:
    rows = [{"price": Decimal("1234.50"), "text": "1.5"}]
    local.call("write_rows", "k", path="a.csv", rows=rows, delimiter=";", decimal=",")
    assert (local.folder / "a.csv").read_bytes() == b"price;text\r\n1234,50;1.5\r\n"


def test_xml_rows_are_elements_with_attributes_and_lists(local: Desk) -> None:
    local.put(
        "a.xml",
        '<o:orders xmlns:o="urn:x"><o:order id="1"><line>a</line><line>b</line></o:order>'
        "<o:order id='2'>text</o:order></o:orders>",
    )
    expected = [{"@id": "1", "line": ["a", "b"]}, {"@id": "2", "#text": "text"}]
    assert local.rows("a.xml") == expected
    assert local.rows("a.xml", element="order") == expected
    assert local.rows("a.xml", element="line", offset=1) == [{"value": "b"}]


def test_rows_written_as_xml_come_back_with_attributes_and_lists(local: Desk) -> None:
    rows = [
        {"@id": "1", "name": "A & <B>\x01", "line": [{"sku": "x"}, {"sku": "y"}]},
        {
            "@id": "2",
            "price": Decimal("1.90"),
            "empty": None,
            "note": {"@lang": "de", "#text": "ß"},
        },
    ]
    local.call("write_rows", "k", path="a.xml", rows=rows, root="orders", element="order")
    assert (local.folder / "a.xml").read_bytes().startswith(b"<?xml")
    assert local.rows("a.xml", element="order") == [
        {"@id": "1", "name": "A & <B>", "line": [{"sku": "x"}, {"sku": "y"}]},
        {"@id": "2", "price": "1.90", "empty": "", "note": {"@lang": "de", "#text": "ß"}},
    ]
    for name in ("two words", "xml", "1st", "a><b"):
        with pytest.raises(ConnectorError) as caught:
            local.call("write_rows", "k", path="b.xml", rows=[{name: 1}])
        assert caught.value.code == "files.unwritable"
    assert not (local.folder / "b.xml").exists()


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><b>&x;</b></a>',
        '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]><a><b>&y;</b></a>',
        "<a><b>1</b",
    ],
)
def test_hostile_and_broken_xml_is_refused(local: Desk, content: str) -> None:
    local.put("a.xml", content)
    with pytest.raises(ConnectorError) as caught:
        local.rows("a.xml")
    assert caught.value.code == "files.unreadable"


def test_a_packed_bomb_and_a_file_that_is_no_excel_are_refused(local: Desk) -> None:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb,
        bomb.open("xl/workbook.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(1100):
            part.write(bytes(1024 * 1024))
    local.put("a.xlsx", packed.getvalue())
    local.put("b.xlsx", b"PK not really")
    for name, code in (("a.xlsx", "files.too_large"), ("b.xlsx", "files.unreadable")):
        with pytest.raises(ConnectorError) as caught:
            local.rows(name)
        assert caught.value.code == code


MAKERS = {
    "csv": b"%d;Customer %d;19,90;2026-11-21;some more text to fill the row\n",
    "jsonl": b'{"a": %d, "b": "Customer %d", "c": "19.90", "e": "some more text to fill"}\n',
    "xml": b"<row><a>%d</a><b>Customer %d</b><c>19.90</c><e>some more text</e></row>",
}


@pytest.mark.parametrize("form", ["csv", "jsonl", "xml", "xlsx"])
def test_memory_does_not_grow_with_the_file_that_is_read(local: Desk, form: str) -> None:
    def put(rows: int) -> None:
        if form == "xlsx":
            # Of Excel different texts are held, and some 200 bytes a row by the reader we use.
            made = [{"a": n, "b": f"Customer {n % 50}"} for n in range(rows)]
            local.call("write_rows", "k", path="a.xlsx", rows=made)
            return
        content = b"".join(MAKERS[form] % (n, n) for n in range(rows))
        head, tail = {"csv": (b"a;b;c;d;e\n", b""), "xml": (b"<rows>", b"</rows>")}.get(
            form, (b"", b"")
        )
        (local.folder / f"a.{form}").write_bytes(head + content + tail)

    def peak(rows: int) -> int:
        put(rows)
        local.rows(f"a.{form}", limit=10)  # whatever is loaded once is loaded now
        tracemalloc.start()
        part = local.call("read_rows", path=f"a.{form}", offset=rows - 1000, limit=1000)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert part["count"] == 1000 and part["total"] == rows
        return most

    small, large = peak(2_000), peak(10_000 if form == "xlsx" else 40_000)
    left = 200 * 8_000 if form == "xlsx" else 0
    assert large < small * 1.3 + 100_000 + left, (small, large)


@pytest.mark.parametrize("form", ["csv", "jsonl", "json", "xml", "xlsx"])
def test_a_file_that_is_written_is_not_held_in_memory(local: Desk, form: str) -> None:
    def peak(rows: int) -> tuple[int, int]:
        made = [{"a": n, "b": f"Customer {n}", "e": "some more text " * 20} for n in range(rows)]
        local.call("write_rows", "k", path=f"a.{form}", rows=made[:2])
        tracemalloc.start()
        size = local.call("write_rows", "k", path=f"a.{form}", rows=made)["size"]
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size, most

    (_, small), (size, large) = peak(4_000), peak(10_000)
    assert form == "xlsx" or size > 3_000_000
    assert large < small + 700_000, (small, large)


# Appending


def test_rows_are_appended_once_per_key_under_the_files_own_columns(local: Desk) -> None:
    for _ in range(3):
        local.call("append_rows", "k1", path="log.csv", rows=[{"a": 1, "b": 2}])
    result = local.call("append_rows", "k2", path="log.csv", rows=[{"b": 4, "a": 3}])
    assert result["already"] is False
    assert local.call("append_rows", "k1", path="log.csv", rows=[{"a": 1, "b": 2}])["already"]
    assert local.rows("log.csv") == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_rows_cut_off_by_a_crash_are_removed_and_written_again(local: Desk) -> None:
    local.call("append_rows", "k1", path="log.csv", rows=[{"a": 1}])
    local.call("append_rows", "k2", path="log.csv", rows=[{"a": 22222}])
    file = local.folder / "log.csv"
    with file.open("r+b") as cut:
        cut.truncate(file.stat().st_size - 3)
    assert local.call("append_rows", "k2", path="log.csv", rows=[{"a": 22222}])["already"] is False
    assert local.rows("log.csv") == [{"a": "1"}, {"a": "22222"}]
    with (local.folder / ".log.csv.journal").open("ab") as journal:
        journal.write(b'{"key": "half')  # the crash came while the journal was written
    local.call("append_rows", "k3", path="log.csv", rows=[{"a": 3}])
    assert [row["a"] for row in local.rows("log.csv")] == ["1", "22222", "3"]


@pytest.mark.django_db(transaction=True)
def test_many_workers_append_without_mixing(local: Desk) -> None:
    def work(number: int) -> None:
        try:
            rows = [{"n": number, "x": "y" * 500}]
            local.call("append_rows", f"k{number % 20}", path="log.jsonl", rows=rows)
        finally:
            own_database.close()

    local.call("append_rows", "first", path="log.jsonl", rows=[])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    assert len(local.rows("log.jsonl")) == 20
