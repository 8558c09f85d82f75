"""Rows as the bytes of a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.catalog.files.hooks.reading import unreadable
from connectors.sdk import ConnectorError, Recovery
from ipaas.core import jsonio

MOST_BYTES = 20 * 1024 * 1024


def written(rows: Sequence[Mapping[str, Any]], form: str, inputs: Mapping[str, Any]) -> bytes:
    """Content of a file with these rows."""
    match form:
        case "csv":
            columns = columns_of(rows, inputs.get("columns"))
            text = csv_text(rows, columns, inputs, header=inputs.get("header") is not False)
            content = encoded(text, inputs.get("encoding"))
        case "jsonl":
            content = b"".join(jsonio.dumps(row) + b"\n" for row in rows)
        case "json":
            content = jsonio.dumps(list(rows))
        case "xlsx":
            content = _excel(rows, columns_of(rows, inputs.get("columns")), inputs)
        case _:
            raise unreadable(f"“{form[:20]}” cannot be written.", "Choose CSV, JSON or Excel.")
    if len(content) > MOST_BYTES:
        raise ConnectorError(
            "The file would be larger than 20 MB.",
            code="files.too_large",
            recovery=Recovery.FIX_DATA,
            hint="Write it in parts.",
            field="rows",
        )
    return content


def encoded(text: str, encoding: Any) -> bytes:
    """``text`` in that encoding; letters it lacks are an error, never a question mark."""
    try:
        return text.encode(str(encoding or "utf-8"))
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
    writer = csv.writer(text, delimiter=str(inputs.get("delimiter") or ","), lineterminator="\r\n")
    if header:
        writer.writerow(columns)
    comma = inputs.get("decimal") == ","
    for row in rows:
        writer.writerow([_cell(row.get(name), comma) for name in columns])
    return text.getvalue()


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
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], inputs: Mapping[str, Any]
) -> bytes:
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
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
