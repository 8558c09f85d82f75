"""CSV and Excel files, in and out, as rows of cells."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from connectors.tables.cells import as_text
from connectors.tables.saving import MOST_ROWS
from ipaas.core.errors import TooLarge, Unprocessable

MOST_BYTES = 30 * 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024
MOST_FILE_COLUMNS = 100
CSV_TYPE = "text/csv; charset=utf-8"
EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class FileUnreadable(Unprocessable):
    """The file is neither CSV nor Excel, or is broken."""

    code = "file.unreadable"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first row of a file as headers, and all others; row numbers start at 2."""

    headers: tuple[str, ...]
    rows: list[list[Any]]


def read_sheet(name: str, content: bytes) -> Sheet:
    """The first sheet of an Excel file, or a CSV text. Raises FileUnreadable or TooLarge."""
    if len(content) > MOST_BYTES:
        raise TooLarge(f"A file may have at most {MOST_BYTES // 2**20} MB.", hint="Split it.")
    if content[:4] == b"PK\x03\x04":
        return _sheet(_excel_rows(content))
    text = content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" not in content[:4096]
    if not text or name.lower().endswith((".xls", ".xlsx")):
        raise FileUnreadable(
            "This is neither a CSV file nor an Excel workbook.",
            hint="Save it as .xlsx or CSV and send that.",
        )
    return _sheet(_csv_rows(content))


def csv_lines(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file in pieces; a text that a spreadsheet would run as a formula gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_harmless(header) for header in headers])
    yield b"\xef\xbb\xbf"
    for count, row in enumerate(rows, 1):
        writer.writerow([_harmless(cell) for cell in row])
        if count % 500 == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def excel_bytes(title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The file; numbers stay numbers, and no text becomes a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("".join(c for c in title if c not in "[]:*?/\\")[:31] or "Rows")
    sheet.append([_excel_cell(sheet, header) for header in headers])
    for row in rows:
        sheet.append([_excel_cell(sheet, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(rows: Iterator[list[Any]]) -> Sheet:
    headers: list[str] = []
    for first in rows:
        headers = [str(cell if cell is not None else "").strip() for cell in first]
        if any(headers):
            break
    while headers and not headers[-1]:
        headers.pop()
    if not headers:
        raise FileUnreadable("The file is empty.", hint="The first row must name the columns.")
    if len(headers) > MOST_FILE_COLUMNS:
        raise TooLarge(f"A file may have at most {MOST_FILE_COLUMNS} columns.")
    found = [row[: len(headers)] for row in islice(rows, MOST_ROWS + 1)]
    if len(found) > MOST_ROWS:
        raise TooLarge(f"A file may have at most {MOST_ROWS:,} rows.", hint="Split it.")
    while found and not any(cell not in (None, "") for cell in found[-1]):
        found.pop()
    return Sheet(tuple(headers), found)


def _csv_rows(content: bytes) -> Iterator[list[Any]]:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    csv.field_size_limit(1_000_000)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [_plain(cell) for cell in row]
    except csv.Error as error:
        raise FileUnreadable(
            f"The CSV file is broken: {error}.", hint="Save it again, with quoted texts."
        ) from error


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _excel_rows(content: bytes) -> Iterator[list[Any]]:
    broken = FileUnreadable(
        "This Excel file cannot be read.", hint="Open it in Excel and save it again as .xlsx."
    )
    try:
        unpacked = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(content)).infolist())
        if unpacked > MOST_UNPACKED:
            raise TooLarge("This Excel file is too large when unpacked.", hint="Split it.")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield list(row)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, ParseError) as error:
        raise broken from error


def _harmless(cell: Any) -> str:
    text = as_text(cell)
    if isinstance(cell, str) and text.startswith(_FORMULA):
        return f"'{text}"
    return text


def _plain(cell: str) -> str:
    """The text that ``_harmless`` was given."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell


def _excel_cell(sheet: Any, cell: Any) -> Any:
    if cell is None:
        return None
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int | Decimal) and len(Decimal(cell).as_tuple().digits) <= 15:
        return cell
    made = WriteOnlyCell(sheet, value=as_text(cell).replace("\x00", ""))
    made.data_type = "s"
    return made
