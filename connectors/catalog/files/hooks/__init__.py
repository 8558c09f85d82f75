"""What can be done with files, whichever place holds them."""

from __future__ import annotations

import io
import mimetypes
from collections.abc import Mapping
from itertools import islice
from typing import IO, Any

from connectors.catalog.files.hooks import paths
from connectors.catalog.files.hooks.appending import append
from connectors.catalog.files.hooks.local import LocalPlace
from connectors.catalog.files.hooks.opening import place_of
from connectors.catalog.files.hooks.reading import format_of, rows_of, text_of, too_large
from connectors.catalog.files.hooks.s3 import read_error
from connectors.catalog.files.hooks.signing import sign
from connectors.catalog.files.hooks.watching import matching, new_files
from connectors.catalog.files.hooks.writing import encoded, written
from connectors.sdk import ConnectorError, FileContent, OperationContext, Recovery, needed

__all__ = [
    "append_rows",
    "delete_file",
    "list_files",
    "move_file",
    "new_files",
    "read_error",
    "read_file",
    "read_rows",
    "sign",
    "write_file",
    "write_rows",
]

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 10_000
PART = 1024 * 1024


def list_files(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Files of a folder by name."""
    folder = paths.clean_folder(inputs.get("folder"))
    pattern, limit = str(inputs.get("pattern") or "*"), int(inputs.get("limit") or 1000)
    with place_of(context, "LIST", folder) as place:
        found = [e for e in place.entries(folder) if matching(e.path.rpartition("/")[2], pattern)]
    found.sort(key=lambda entry: entry.path)
    shown = [entry.as_json() for entry in found[:limit]]
    return {"files": shown, "count": len(shown), "more": len(found) > limit}


def read_file(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """A whole file, as text or as an attachment."""
    path = paths.clean(inputs.get("path"))
    with place_of(context, "READ", path) as place, place.open(path) as file:
        if inputs.get("as") != "file":
            text = text_of(file, inputs, MOST_BYTES)
            return {"path": path, "size": len(text.encode()), "text": text}
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise too_large(MOST_BYTES)
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    made = FileContent(path.rpartition("/")[2], kind, content)
    return {"path": path, "size": len(content), "file": made.as_json()}


def read_rows(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """One part of a file's rows, and where the next part begins."""
    path = paths.clean(inputs.get("path"))
    form = format_of(path, inputs.get("format"))
    offset = max(int(inputs.get("offset") or 0), 0)
    limit = min(int(inputs.get("limit") or 1000), MOST_ROWS)
    total: int | None = None
    words = f"READ ROWS {offset}+{limit}"
    with place_of(context, words, path) as place, place.open(path) as file:
        found = rows_of(file, form, inputs)
        skipped = sum(1 for _ in islice(found, offset))
        rows = list(islice(found, limit))
        more = next(found, None) is not None
        if not more:
            total = skipped + len(rows)
        elif inputs.get("count_all"):
            total = skipped + len(rows) + 1 + sum(1 for _ in found)
        found.close()
    return {
        "rows": rows,
        "columns": list(dict.fromkeys(name for row in rows for name in row)),
        "offset": offset,
        "count": len(rows),
        "more": more,
        "next_offset": offset + len(rows) if more else None,
        "total": total,
    }


def write_file(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The file that was written."""
    if inputs.get("file") is not None:
        file = FileContent.from_json(inputs["file"])
        if file is None:
            raise needed("file", "Attachment")
        content = file.content
    elif isinstance(inputs.get("text"), str):
        content = encoded(inputs["text"], inputs.get("encoding"))
    else:
        raise needed("text", "Text")
    if len(content) > MOST_BYTES:
        raise too_large(MOST_BYTES)
    return _put(context, inputs, io.BytesIO(content), None)


def write_rows(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The file that was written."""
    rows = _rows(inputs)
    path = paths.clean(inputs.get("path"), key=context.idempotency_key)
    with written(rows, format_of(path, inputs.get("format")), inputs) as content:
        return _put(context, inputs, content, len(rows))


def append_rows(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The file that has grown."""
    rows, path = _rows(inputs), paths.clean(inputs.get("path"))
    form = format_of(path, None)
    with place_of(context, "APPEND", path) as place:
        if not isinstance(place, LocalPlace) or form not in ("csv", "jsonl"):
            raise ConnectorError(
                "Rows can be appended only to CSV and JSON lines files of this server.",
                code="files.cannot_append",
                recovery=Recovery.GIVE_UP,
                hint="Elsewhere write a new file for each document, with {key} in its name.",
            )
        size, already = append(place.path(path), form, rows, inputs, context.idempotency_key)
    return {"path": path, "size": size, "rows": len(rows), "already": already}


def move_file(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Whether the file was moved now; one that is there already was moved before."""
    path, to = paths.clean(inputs.get("path")), paths.clean(inputs.get("to"), "to")
    with place_of(context, f"MOVE TO {to}", path) as place:
        if place.stat(path) is None:
            if place.stat(to) is None:
                raise paths.missing(path)
            return {"path": to, "done": False}
        place.move(path, to)
    return {"path": to, "done": True}


def delete_file(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Whether the file was deleted now; one that is gone was deleted before."""
    path = paths.clean(inputs.get("path"))
    with place_of(context, "DELETE", path) as place:
        there = place.stat(path) is not None
        if there:
            place.delete(path)
    return {"path": path, "done": there}


def _put(
    context: OperationContext, inputs: Mapping[str, Any], content: IO[bytes], rows: int | None
) -> dict[str, Any]:
    path = paths.clean(inputs.get("path"), key=context.idempotency_key)
    size = content.seek(0, io.SEEK_END)
    content.seek(0)
    result = {"path": path, "size": size, "rows": rows, "already": False}
    with place_of(context, f"WRITE {size} BYTES", path) as place:
        if inputs.get("if_exists") == "fail" and (known := place.stat(path)) is not None:
            if known.size == size:
                with place.open(path) as file:
                    if _equal(file, content):
                        return {**result, "already": True}
            raise paths.exists(path)
        place.write(path, content)
    return result


def _equal(one: IO[bytes], other: IO[bytes]) -> bool:
    while True:
        parts = one.read(PART), other.read(PART)
        if parts[0] != parts[1]:
            return False
        if not parts[0]:
            return True


def _rows(inputs: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    given = inputs.get("rows")
    if not isinstance(given, list) or not all(isinstance(row, Mapping) for row in given):
        raise needed("rows", "Rows")
    return given
