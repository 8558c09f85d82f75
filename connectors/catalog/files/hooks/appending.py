"""Rows at the end of a local file, once per key, also when the process dies half way.

A journal beside the file says where each key's rows begin and how long they are. It is written
first; so whatever stands behind a begun entry is either whole, or is cut off and written again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.catalog.files.hooks.local import failures
from connectors.catalog.files.hooks.reading import rows_of
from connectors.catalog.files.hooks.writing import columns_of, csv_text
from ipaas.core import jsonio


def append(
    path: Path,
    form: str,
    rows: Sequence[Mapping[str, Any]],
    inputs: Mapping[str, Any],
    key: str | None,
) -> tuple[int, bool]:
    """Size of the file afterwards, and whether the rows stood there already.

    Workers that append to one file wait for each other.
    """
    with failures():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(f".{path.name}.journal").open("a+b") as journal:
            fcntl.flock(journal, fcntl.LOCK_EX)
            entries = _entries(journal)
            size = _recovered(path, entries)
            mark = hashlib.sha256(key.encode()).hexdigest()[:32] if key else ""
            if mark and any(entry["key"] == mark and entry["whole"] for entry in entries):
                return size, True
            content = _content(path, size, form, rows, inputs)
            note = {"key": mark, "start": size, "length": len(content)}
            journal.seek(0, os.SEEK_END)
            journal.write(jsonio.dumps(note) + b"\n")
            _settle(journal)
            with path.open("ab") as file:
                file.write(content)
                _settle(file)
            return size + len(content), False


def _entries(journal: Any) -> list[dict[str, Any]]:
    journal.seek(0)
    lines = journal.read().split(b"\n")
    # A last line without its end was never finished, so nothing was appended for it.
    found = [{**jsonio.loads(line), "whole": True} for line in lines[:-1] if line.strip()]
    if lines[-1]:
        journal.truncate(sum(len(line) + 1 for line in lines[:-1]))
    return found


def _recovered(path: Path, entries: list[dict[str, Any]]) -> int:
    """Size of the file, less a last part that was not finished."""
    size = path.stat().st_size if path.exists() else 0
    if not entries:
        return size
    last = entries[-1]
    if last["start"] <= size < last["start"] + last["length"]:
        last["whole"] = False
        with path.open("r+b") as file:
            file.truncate(last["start"])
            _settle(file)
        return int(last["start"])
    # A shorter file was taken away or begun anew by its reader: its rows were there.
    return size


def _content(
    path: Path, size: int, form: str, rows: Sequence[Mapping[str, Any]], inputs: Mapping[str, Any]
) -> bytes:
    if form == "jsonl":
        return b"".join(jsonio.dumps(row) + b"\n" for row in rows)
    columns = columns_of(rows, inputs.get("columns"))
    start = b""
    if size:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            start = b"" if file.read(1) == b"\n" else b"\r\n"
            file.seek(0)
            # The file's own columns count: its header, read as the first row.
            wish = {"delimiter": inputs.get("delimiter") or ",", "header": False}
            first = next(rows_of(file, "csv", wish), {})
            columns = [str(name) for name in first.values()] or columns
    return start + csv_text(rows, columns, inputs, header=not size).encode()


def _settle(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
