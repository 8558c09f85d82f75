"""Cross-references brought in as a file: checked row by row, then taken over at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectors.links import list_connections
from connectors.models import CrossReferenceRow
from connectors.tables.cells import Column, RowInvalid, Shape
from connectors.tables.files import Sheet
from connectors.tables.imports import (
    SHOWN_CHANGES,
    SHOWN_FAULTS,
    Fault,
    ImportInvalid,
    Preview,
    match_columns,
    open_upload,
)
from connectors.tables.values import Difference
from connectors.values import CrossReference
from connectors.xref_versions import Counterpart, Pair, batches, edit
from ipaas.tenancy import facade as tenancy

COLUMNS = (
    Column("entity", "Entity", key=True, required=True),
    Column("left_connection", "Connection A", key=True, required=True),
    Column("left_id", "Id in A", key=True, required=True),
    Column("right_connection", "Connection B", key=True, required=True),
    Column("right_id", "Id in B", required=True),
)
TITLES = tuple(column.title for column in COLUMNS)
_SHAPE = Shape(COLUMNS)


def xref_lines(references: Iterable[CrossReference]) -> Iterator[list[str]]:
    """Cells of a file, in the order of TITLES."""
    return (
        [r.entity, r.left_connection, r.left_id, r.right_connection, r.right_id] for r in references
    )


def preview_xrefs(workspace_id: str, environment: str, upload_id: str) -> Preview:
    """What ``import_xrefs`` would do."""
    return _read(workspace_id, environment, open_upload(workspace_id, upload_id))[0]


def import_xrefs(
    workspace_id: str,
    environment: str,
    upload_id: str,
    *,
    actor: Any,
    skip_faulty: bool = False,
    note: str = "",
) -> Preview:
    """What was done: new pairs are added, pairs with another counterpart are changed."""
    preview, rows = _read(workspace_id, environment, open_upload(workspace_id, upload_id))
    if preview.fault_count and not skip_faulty:
        raise ImportInvalid(
            f"{preview.fault_count} rows of the file are not right.",
            hint="Correct them in the file, or leave them out.",
        )
    with edit(workspace_id, environment, "imported", actor=actor, note=note) as making:
        for batch in batches(rows):
            making.put({_pair(values): Counterpart(values["right_id"]) for values in batch})
        facts = {
            "environment": environment,
            "added": preview.added,
            "changed": preview.changed,
            "skipped": preview.fault_count,
        }
        tenancy.record_audit(workspace_id, actor, "xref.imported", "xref", facts)
    return preview


def _read(
    workspace_id: str, environment: str, sheet: Sheet
) -> tuple[Preview, list[dict[str, Any]]]:
    places = match_columns(COLUMNS, sheet.headers)
    lacking = [column.title for column in COLUMNS if column.name not in places]
    if lacking:
        raise ImportInvalid(
            f"The file has no column {', '.join(lacking)}.",
            hint=f"Its first row must be: {', '.join(TITLES)}.",
        )
    known = {connection.slug for connection in list_connections(workspace_id, environment)}
    at = {name: sheet.headers.index(header) for name, header in places.items()}
    fresh: dict[str, dict[str, Any]] = {}
    faults: list[Fault] = []
    faulty = 0
    for number, line in enumerate(sheet.rows, 2):
        if not any(cell not in (None, "") for cell in line):
            continue
        found = _faults(line, at, known, fresh)
        if isinstance(found, dict):
            faulty += 1
            faults += [Fault(number, title, text) for title, text in found.items()]
            continue
        key, values = found
        fresh[key] = values
    old = _existing(workspace_id, environment, list(fresh.values()))
    changes = [
        Difference(key, old.get(key), values)
        for key, values in fresh.items()
        if old.get(key) != values
    ]
    changed = sum(change.before is not None for change in changes)
    preview = Preview(
        rows=len(sheet.rows),
        added=len(changes) - changed,
        changed=changed,
        unchanged=len(fresh) - len(changes),
        kept=0,
        removed=0,
        fault_count=faulty,
        faults=tuple(faults[:SHOWN_FAULTS]),
        sample=tuple(changes[:SHOWN_CHANGES]),
    )
    return preview, [change.after for change in changes if change.after is not None]


def _faults(
    line: Sequence[Any], at: Mapping[str, int], known: set[str], fresh: Mapping[str, Any]
) -> dict[str, str] | tuple[str, dict[str, Any]]:
    """Faults by title of their column, or key and values of a row that is right."""
    titles = {column.name: column.title for column in COLUMNS}
    try:
        key, values = _SHAPE.row({n: line[i] if i < len(line) else None for n, i in at.items()})
    except RowInvalid as error:
        return {titles[name]: text for name, text in error.faults.items()}
    faults = {
        titles[name]: f"There is no connection “{values[name][:60]}” here."
        for name in ("left_connection", "right_connection")
        if values[name] not in known
    }
    faults |= {
        titles[name]: f"At most {most} characters."
        for name, most in (("entity", 60), ("left_id", 120), ("right_id", 120))
        if len(values[name]) > most
    }
    if key in fresh:
        faults["Id in A"] = "Another row of the file names the same object."
    return faults or (key, values)


def _existing(
    workspace_id: str, environment: str, rows: list[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    names = [column.name for column in COLUMNS]
    found: dict[str, dict[str, Any]] = {}
    for batch in batches(rows):
        pairs = CrossReferenceRow.objects.filter(
            workspace_id=workspace_id,
            environment=environment,
            left_id__in={values["left_id"] for values in batch},
        )
        for values in pairs.values(*names):
            found[_SHAPE.key(values)] = values
    return found


def _pair(values: Mapping[str, Any]) -> Pair:
    return Pair(*(values[name] for name in Pair._fields))
