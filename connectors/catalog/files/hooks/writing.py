"""Rows as a file: written row by row into a temporary file, never held as one text."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import IO, Any

from connectors.catalog.files.hooks.reading import unreadable
from connectors.catalog.files.hooks.xml_rows import write_xml
from connectors.sdk import ConnectorError, Recovery
from ipaas.core import jsonio

MOST_BYTES = 20 * 1024 * 1024
IN_MEMORY = 1024 * 1024  # what is larger lies on the disk until it has been handed over


@contextmanager
def written(
    rows: Sequence[Mapping[str, Any]], form: str, inputs: Mapping[str, Any]
) -> Iterator[IO[bytes]]:
    """A file with these rows, at its start; gone afterwards."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        _write(file, rows, form, inputs)
        if file.tell() > MOST_BYTES:
            raise ConnectorError(
                "The file would be larger than 20 MB.",
                code="files.too_large",
                recovery=Recovery.FIX_DATA,
                hint="Write it in parts.",
                field="rows",
            )
        file.seek(0)
        yield file


def _write(
    file: IO[bytes], rows: Sequence[Mapping[str, Any]], form: str, inputs: Mapping[str, Any]
) -> None:
    match form:
        case "csv":
            columns = columns_of(rows, inputs.get("columns"))
            _csv(file, rows, columns, inputs)
        case "jsonl":
            for row in rows:
                file.write(jsonio.dumps(row) + b"\n")
        case "json":
            file.write(b"[")
            for number, row in enumerate(rows):
                file.write(b"," * bool(number) + jsonio.dumps(row))
            file.write(b"]")
        case "xml":
            write_xml(file, rows, inputs)
        case "xlsx":
            _excel(file, rows, columns_of(rows, inputs.get("columns")), inputs)
        case _:
            raise unreadable(f"“{form[:20]}” cannot be written.", "Choose CSV, JSON, XML or Excel.")


def encoded(text: str, encoding: Any) -> bytes:
    """``text`` in that encoding; letters it lacks are an error, never a question mark."""
    with _as_encoded(encoding) as name:
        return text.encode(name)


@contextmanager
def _as_encoded(encoding: Any) -> Iterator[str]:
    try:
        yield str(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError) as error:
        raise ConnectorError(
            f"The text cannot be written as {str(encoding)[:30]}.",
            code="files.encoding",
            recovery=Recovery.FIX_DATA,
            hint="Use utf-8, or take the letters out that the encoding lacks.",
            field="encoding",
        ) from error


def columns_of(rows: Iterable[Mapping[str, Any]], wish: Any) -> list[str]:
    """The columns asked for, else all that appear, in order of appearance."""
    if isinstance(wish, list) and wish:
        return [str(name) for name in wish]
    return list(dict.fromkeys(str(name) for row in rows for name in row))


def csv_text(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    inputs: Mapping[str, Any],
    *,
    header: bool,
) -> str:
    """Lines of CSV."""
    text = io.StringIO()
    _lines(text, rows, columns, inputs, header=header)
    return text.getvalue()


def _csv(
    file: IO[bytes],
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    inputs: Mapping[str, Any],
) -> None:
    with _as_encoded(inputs.get("encoding")) as encoding:
        text = io.TextIOWrapper(file, encoding=encoding, newline="")
        _lines(text, rows, columns, inputs, header=inputs.get("header") is not False)
        text.flush()
        text.detach()


def _lines(
    text: Any,
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    inputs: Mapping[str, Any],
    *,
    header: bool,
) -> None:
    writer = csv.writer(text, delimiter=str(inputs.get("delimiter") or ","), lineterminator="\r\n")
    if header:
        writer.writerow(columns)
    comma = inputs.get("decimal") == ","
    for row in rows:
        writer.writerow([_cell(row.get(name), comma) for name in columns])


def _cell(value: Any, comma: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (Decimal, int, float)):
        text = format(value, "f") if isinstance(value, Decimal) else str(value)
        return text.replace(".", ",") if comma else text
    if isinstance(value, (dict, list)):
        return jsonio.dumps(value).decode()
    return str(value)


def _excel(
    file: IO[bytes],
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    inputs: Mapping[str, Any],
) -> None:
    from openpyxl import Workbook  # costs 0.2 s, and only Excel needs it
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Rows")

    def cell(value: Any) -> Any:
        if value is None or isinstance(value, (bool, int, float, Decimal)):
            return value
        made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", _cell(value, False))[:32767])
        made.data_type = "s"  # a text, also when it begins with “=”
        return made

    if inputs.get("header") is not False:
        sheet.append([cell(name) for name in columns])
    for row in rows:
        sheet.append([cell(row.get(name)) for name in columns])
    book.save(file)
