"""Rows of files, one at a time: a file is never held in memory as a whole.

Texts stay as they are written: a decimal, a date or a number with leading zeros is for the mapping
to interpret, because only a person knows what “1.234” means.
"""

from __future__ import annotations

import codecs
import csv
import io
import shutil
import tempfile
import zipfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, BinaryIO

from connectors.catalog.files.hooks.xml_rows import xml_rows
from connectors.sdk import ConnectorError, Recovery
from ipaas.core import jsonio

FORMATS = {
    "csv": "csv",
    "tsv": "csv",
    "txt": "csv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "json": "json",
    "xml": "xml",
    "xlsx": "xlsx",
    "xlsm": "xlsx",
}
SAMPLE = 64 * 1024
MOST_JSON = 50 * 1024 * 1024
MOST_UNPACKED = 1024 * 1024 * 1024
MOST_LINE = 5_000_000
_SEPARATORS = (";", ",", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
csv.field_size_limit(1_000_000)

Row = dict[str, Any]


def format_of(path: str, wish: Any) -> str:
    """The format: the one asked for, else by the end of the name."""
    text = str(wish or "auto")
    if text != "auto":
        return text
    found = FORMATS.get(path.rpartition(".")[2].lower())
    if found is None:
        raise unreadable("Its name does not say which format it has.", "Choose the format.")
    return found


def rows_of(file: BinaryIO, form: str, inputs: Mapping[str, Any]) -> Generator[Row, None, None]:
    """Rows from the first to the last. Raises ConnectorError for content that is none."""
    try:
        match form:
            case "csv":
                yield from _csv(file, inputs)
            case "jsonl":
                yield from _lines(file, inputs)
            case "json":
                yield from _json(file)
            case "xml":
                yield from xml_rows(file, str(inputs.get("element") or ""))
            case "xlsx":
                yield from _excel(file, inputs)
            case _:
                raise unreadable(f"“{form[:20]}” is no format.", "Choose another.")
    except UnicodeError as error:
        raise unreadable(
            "It holds letters that its encoding does not know.", "Name its encoding."
        ) from error
    except (csv.Error, jsonio.MalformedJson, ValueError, zipfile.BadZipFile, KeyError) as error:
        raise unreadable(f"It is no {form.upper()}: {str(error)[:200]}", "Check it.") from error


def text_of(file: BinaryIO, inputs: Mapping[str, Any], most: int) -> str:
    """A whole file as text."""
    content = file.read(most + 1)
    if len(content) > most:
        raise too_large(most)
    try:
        return content.decode(_encoding(content[:SAMPLE], inputs.get("encoding")))
    except UnicodeError as error:
        raise unreadable("It is no text in that encoding.", "Name its encoding.") from error


def _encoding(sample: bytes, wish: Any) -> str:
    if wish:
        try:
            return codecs.lookup(str(wish)).name
        except LookupError:
            raise unreadable(f"“{str(wish)[:30]}” is no encoding.", "Use utf-8.") from None
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _text(file: BinaryIO, inputs: Mapping[str, Any]) -> tuple[io.TextIOWrapper, str]:
    """The file as text from its start, and a first part of it."""
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(file)  # type: ignore[type-var]
    sample = buffered.peek(SAMPLE)[:SAMPLE]
    encoding = _encoding(sample, inputs.get("encoding"))
    text = io.TextIOWrapper(buffered, encoding=encoding, newline="")
    return text, sample.decode(encoding, "ignore").removeprefix("\ufeff")


def _csv(file: BinaryIO, inputs: Mapping[str, Any]) -> Iterator[Row]:
    text, sample = _text(file, inputs)
    reader = csv.reader(text, delimiter=str(inputs.get("delimiter") or _separator(sample)))
    yield from _named((row for row in reader if any(row)), inputs.get("header") is not False)


def _separator(sample: str) -> str:
    """The separator that cuts the first lines into the most, equally many, cells."""
    lines = sample.splitlines()[:20]
    if len(sample) >= SAMPLE // 2 and len(lines) > 1:
        lines = lines[:-1]
    best, most = ",", 1
    for separator in _SEPARATORS:
        widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        if not widths:
            continue
        usual = max(set(widths), key=widths.count)
        # The first line counts most: a separator that it lacks stands in the texts only.
        if usual > most and widths[0] == usual and widths.count(usual) * 2 > len(widths):
            best, most = separator, usual
    return best


def _named(rows: Iterable[list[Any]], header: bool) -> Iterator[Row]:
    names: list[str] = []
    for row in rows:
        if header and not names:
            names = _names(row)
            continue
        if len(row) > len(names):
            names = [*names, *(f"column_{n + 1}" for n in range(len(names), len(row)))]
        yield {name: row[n] if n < len(row) else "" for n, name in enumerate(names)}


def _names(row: list[Any]) -> list[str]:
    """Names of columns: empty ones are numbered, doubled ones too."""
    names: list[str] = []
    for number, cell in enumerate(row):
        wish = str(cell if cell is not None else "").strip() or f"column_{number + 1}"
        name, count = wish, 2
        while name in names:
            name, count = f"{wish}_{count}", count + 1
        names.append(name)
    return names


def _lines(file: BinaryIO, inputs: Mapping[str, Any]) -> Iterator[Row]:
    text, _ = _text(file, inputs)
    while line := text.readline(MOST_LINE):
        if len(line) >= MOST_LINE:
            raise unreadable("A line is longer than 5 MB.", "Check the format.")
        if line.strip(" \r\n\t\ufeff"):
            yield _row(jsonio.loads(line.strip("\ufeff")))


def _json(file: BinaryIO) -> Iterator[Row]:
    content = file.read(MOST_JSON + 1)
    if len(content) > MOST_JSON:
        raise too_large(MOST_JSON)
    document = jsonio.loads(content.removeprefix(codecs.BOM_UTF8))
    for entry in document if isinstance(document, list) else [document]:
        yield _row(entry)


def _row(entry: Any) -> Row:
    return entry if isinstance(entry, dict) else {"value": entry}


def _excel(file: BinaryIO, inputs: Mapping[str, Any]) -> Iterator[Row]:
    from openpyxl import load_workbook  # costs 0.2 s, and only Excel needs it

    with tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024) as copy:
        shutil.copyfileobj(file, copy, SAMPLE)
        copy.seek(0)
        with zipfile.ZipFile(copy) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise too_large(MOST_UNPACKED)
        copy.seek(0)
        book = load_workbook(copy, read_only=True, data_only=True, keep_links=False)
        try:
            wish = str(inputs.get("sheet") or book.sheetnames[0])
            if wish not in book.sheetnames:
                names = ", ".join(book.sheetnames[:12])
                raise unreadable(f"It has no sheet “{wish[:60]}”.", f"There are {names}.")
            found = ([_cell(v) for v in row] for row in book[wish].iter_rows(values_only=True))
            filled = (row for row in found if any(v not in ("", None) for v in row))
            yield from _named(filled, inputs.get("header") is not False)
        finally:
            book.close()


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() else Decimal(repr(value))
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date().isoformat()
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return value


def unreadable(message: str, hint: str) -> ConnectorError:
    """The error for a file whose content cannot be read."""
    return ConnectorError(
        f"The file cannot be read. {message}",
        code="files.unreadable",
        recovery=Recovery.FIX_DATA,
        hint=hint,
        field="path",
    )


def too_large(most: int) -> ConnectorError:
    """The error for a file above a limit."""
    return ConnectorError(
        f"The file is larger than {most // 1024 // 1024} MB.",
        code="files.too_large",
        recovery=Recovery.FIX_DATA,
        hint="Read its rows, or have it sent in parts.",
        field="path",
    )
