"""Files brought into lookup tables: matched, checked row by row, then taken over as a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from connectors.models import LookupRow, LookupTable, Upload
from connectors.tables import files
from connectors.tables.cells import Column, RowInvalid, Shape
from connectors.tables.files import Sheet
from connectors.tables.reading import table_row, table_value
from connectors.tables.saving import Plan, changed_meanwhile, rows_at, save
from connectors.tables.values import Difference, Table, Version
from ipaas.core import clock
from ipaas.core.errors import NotFound, Unprocessable

Mode = Literal["merge", "add", "replace"]
MODES = ("merge", "add", "replace")
KEPT = timedelta(hours=1)
SHOWN_FAULTS = 200
SHOWN_CHANGES = 20
SAMPLE_ROWS = 5


class UploadNotFound(NotFound):
    """The file was sent more than an hour ago, or never."""

    code = "file.not_found"


class ImportInvalid(Unprocessable):
    """The file cannot be taken over as it is."""

    code = "import.invalid"


@dataclass(frozen=True, slots=True)
class UploadInfo:
    """What a file holds, at a glance."""

    id: str
    name: str
    headers: tuple[str, ...]
    row_count: int
    sample: tuple[tuple[str, ...], ...]
    guessed: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row of the file cannot be taken; ``row`` is its number in the file."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking the file over would do; ``faults`` and ``sample`` are the first of theirs."""

    rows: int
    added: int
    changed: int
    unchanged: int
    kept: int
    removed: int
    fault_count: int
    faults: tuple[Fault, ...]
    sample: tuple[Difference, ...]


def keep_upload(workspace_id: str, name: str, content: bytes) -> UploadInfo:
    """The file, kept for an hour. Raises FileUnreadable or TooLarge."""
    sheet = files.read_sheet(name, content)
    Upload.objects.filter(created_at__lt=clock.now() - KEPT).delete()
    row = Upload.objects.create(workspace_id=workspace_id, name=name[:200], content=content)
    return UploadInfo(
        id=row.id,
        name=row.name,
        headers=sheet.headers,
        row_count=len(sheet.rows),
        sample=tuple(
            tuple(files.as_text(_simple(cell)) for cell in line)
            for line in sheet.rows[:SAMPLE_ROWS]
        ),
        guessed=guess_columns(sheet),
    )


def open_upload(workspace_id: str, upload_id: str) -> Sheet:
    """The rows of a file; raises UploadNotFound."""
    row = Upload.objects.filter(workspace_id=workspace_id, id=upload_id).first()
    if row is None or row.created_at < clock.now() - KEPT:
        raise UploadNotFound("The file is not here any more.", hint="Choose it again.")
    return files.read_sheet(row.name, bytes(row.content))


def match_columns(columns: tuple[Column, ...], headers: tuple[str, ...]) -> dict[str, str]:
    """Headers by the column they seem to mean."""
    found: dict[str, str] = {}
    by_word = {_word(header): header for header in reversed(headers)}
    for column in columns:
        header = by_word.get(_word(column.title)) or by_word.get(_word(column.name))
        if header and header not in found.values():
            found[column.name] = header
    return found


def preview_import(
    workspace_id: str, table_id: str, upload_id: str, *, matching: Mapping[str, str], mode: str
) -> Preview:
    """What ``import_file`` would do, without doing it."""
    row = table_row(workspace_id, table_id)
    sheet = open_upload(workspace_id, upload_id)
    return _Reading(row, table_value(row), sheet, matching, mode).preview


def import_file(
    workspace_id: str,
    table_id: str,
    upload_id: str,
    *,
    based_on: int,
    matching: Mapping[str, str],
    mode: str,
    actor: Any,
    note: str = "",
    skip_faulty: bool = False,
) -> Version | None:
    """The version made from the file; None if nothing differs.

    Raises ImportInvalid while rows are faulty, unless they are to be skipped.
    """
    row = table_row(workspace_id, table_id)
    if row.version != based_on:
        raise changed_meanwhile()
    sheet = open_upload(workspace_id, upload_id)
    table = table_value(row)
    reading = _Reading(row, table, sheet, matching, mode)
    if reading.preview.fault_count and not skip_faulty:
        raise ImportInvalid(
            f"{reading.preview.fault_count} rows of the file are not right.",
            hint="Correct them in the file, or leave them out.",
        )
    name = Upload.objects.values_list("name", flat=True).get(id=upload_id)
    facts = {"file": name, "mode": mode, "skipped": reading.preview.fault_count}
    made = save(
        row,
        reading.plan,
        columns=table.columns,
        action="imported",
        note=note or f"Imported {name}",
        actor=actor,
        details=facts,
    )
    Upload.objects.filter(workspace_id=workspace_id, id=upload_id).delete()
    return made


def export_rows(table: Table, version: int | None) -> tuple[list[str], Iterator[list[Any]]]:
    """Titles, and cells of every row, in the order of the columns."""
    names = [column.name for column in table.columns]
    found = rows_at(table.id, version or table.version).order_by("key", "id")
    rows = found.values_list("values", flat=True).iterator(chunk_size=2000)
    return [c.title for c in table.columns], ([row.get(name) for name in names] for row in rows)


class _Reading:
    """A file held against a table."""

    def __init__(
        self,
        row: LookupTable,
        table: Table,
        sheet: Sheet,
        matching: Mapping[str, str],
        mode: str,
    ) -> None:
        if mode not in MODES:
            raise ImportInvalid("A file can be added, merged, or take the place of all rows.")
        self._shape = table.shape
        places = _places(self._shape, sheet, matching)
        self._faults: list[Fault] = []
        self._fault_count = 0
        partial = {c.name for c in table.columns if c.name not in places}
        old = {
            found.key: found
            for found in rows_at(row.id, row.version).only("id", "key", "values").iterator()
        }
        fresh = self._rows(sheet, places, old if mode == "merge" else {}, partial)
        self._conclude(fresh, old, mode, len(sheet.rows))

    def _rows(
        self,
        sheet: Sheet,
        places: Mapping[str, int],
        old: Mapping[str, LookupRow],
        partial: set[str],
    ) -> dict[str, dict[str, Any]]:
        """Rows by key; columns that the file does not have keep what they hold."""
        titles = {column.name: column.title for column in self._shape.columns}
        found: dict[str, dict[str, Any]] = {}
        first_seen: dict[str, int] = {}
        for number, line in enumerate(sheet.rows, 2):
            if not any(cell not in (None, "") for cell in line):
                continue
            given = {n: line[at] if at < len(line) else None for n, at in places.items()}
            if partial and old:
                known = old.get(self._key(given))
                if known:
                    given |= {name: known.values.get(name) for name in partial}
            try:
                key, values = self._shape.row(given)
            except RowInvalid as error:
                for name, message in error.faults.items():
                    self._fault(Fault(number, titles.get(name, name), message))
                self._fault_count += 1
                continue
            if key in found:
                title = self._shape.keys[0].title
                text = f"Row {first_seen[key]} of the file has the same key."
                self._fault(Fault(number, title, text))
                self._fault_count += 1
                continue
            found[key], first_seen[key] = values, number
        return found

    def _key(self, given: Mapping[str, Any]) -> str:
        only = Shape(self._shape.keys, self._shape.ignore_case, self._shape.ignore_space)
        try:
            return only.row({c.name: given.get(c.name) for c in self._shape.keys})[0]
        except RowInvalid:
            return ""

    def _fault(self, fault: Fault) -> None:
        if len(self._faults) < SHOWN_FAULTS:
            self._faults.append(fault)

    def _conclude(
        self,
        fresh: dict[str, dict[str, Any]],
        old: Mapping[str, LookupRow],
        mode: str,
        rows: int,
    ) -> None:
        add: dict[str, dict[str, Any]] = {}
        close: list[int] = []
        sample: list[Difference] = []
        unchanged = kept = 0
        for key, values in fresh.items():
            known = old.get(key)
            if known is not None:
                if mode == "add":
                    kept += 1
                    continue
                if known.values == values:
                    unchanged += 1
                    continue
                close.append(known.id)
            add[key] = values
            if len(sample) < SHOWN_CHANGES:
                sample.append(Difference(key, known.values if known else None, values))
        changed = len(close)
        if mode == "replace":
            gone = [found for key, found in old.items() if key not in fresh]
            close += [found.id for found in gone]
            room = max(0, SHOWN_CHANGES - len(sample))
            sample += [Difference(found.key, found.values, None) for found in gone[:room]]
        self.plan = Plan(close, add, changed)
        self.preview = Preview(
            rows=rows,
            added=len(add) - changed,
            changed=changed,
            unchanged=unchanged,
            kept=kept,
            removed=len(close) - changed,
            fault_count=self._fault_count,
            faults=tuple(self._faults),
            sample=tuple(sample),
        )


def _places(shape: Shape, sheet: Sheet, matching: Mapping[str, str]) -> dict[str, int]:
    names = {column.name for column in shape.columns}
    places = {}
    for name, header in matching.items():
        if not header:
            continue
        if name not in names or header not in sheet.headers:
            raise ImportInvalid(
                f"The file has no column “{header[:60]}” for {name[:60]}.",
                hint="Match the columns again.",
            )
        places[name] = sheet.headers.index(header)
    lacking = [column.title for column in shape.keys if column.name not in places]
    if lacking:
        raise ImportInvalid(
            f"No column of the file was chosen for {', '.join(lacking)}.",
            hint="Choose a column of the file for every key.",
        )
    return places


def guess_columns(sheet: Sheet) -> tuple[Column, ...]:
    """Columns of a new table for this file: the first one is the key."""
    taken: set[str] = set()
    found = []
    for at, header in enumerate(sheet.headers[:40]):
        title = header or f"Column {at + 1}"
        name = base = _word(title)[:36] if _word(title)[:1].isalpha() else f"c_{_word(title)}"[:36]
        number = 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        cells = [line[at] for line in sheet.rows[:200] if at < len(line)]
        found.append(Column(name, title[:80], _type(cells, key=at == 0), at == 0, at == 0))
    return tuple(found)


def _type(cells: list[Any], *, key: bool) -> str:
    filled = [_simple(cell) for cell in cells if cell not in (None, "")]
    texts = [files.as_text(cell) for cell in filled]
    if not texts or key:
        return "text"
    if all(text.lower() in ("true", "false", "yes", "no") for text in texts):
        return "boolean"
    for kind in ("number", "date"):
        # A code such as 0017 must keep its zeros.
        coded = kind == "number" and any(t[:1] == "0" and t[1:2].isdigit() for t in texts)
        column = Column("a", "a", kind, key=True, required=True)
        if not coded and all(_fits(column, text) for text in texts):
            return kind
    return "text"


def _fits(column: Column, text: str) -> bool:
    try:
        Shape((column,)).row({"a": text})
    except RowInvalid:
        return False
    return True


def _simple(cell: Any) -> Any:
    """A cell as text or number: Excel gives times and floats."""
    if isinstance(cell, float) or hasattr(cell, "isoformat"):
        text = str(cell)
        return text.removesuffix(" 00:00:00").removesuffix(".0")
    return cell


def _word(text: str) -> str:
    return "_".join(
        "".join(c if c.isascii() and c.isalnum() else " " for c in text.lower()).split()
    )
