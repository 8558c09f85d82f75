"""How lookup tables and files look as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.tables.imports import Preview, UploadInfo
from connectors.tables.values import Comparison, Difference, Row, Table, Version
from connectors.values import ConnectionUse


def table(value: Table, uses: Sequence[ConnectionUse] = ()) -> dict[str, Any]:
    """A table with the flows that read it."""
    return {
        "id": value.id,
        "slug": value.slug,
        "name": value.name,
        "description": value.description,
        "environment": value.environment,
        "kind": value.kind,
        "columns": [column.as_json() for column in value.columns],
        "on_miss": {"policy": value.on_miss.policy, "values": value.on_miss.values},
        "ignore_case": value.ignore_case,
        "ignore_space": value.ignore_space,
        "version": value.version,
        "row_count": value.row_count,
        "created_at": value.created_at,
        "changed_at": value.changed_at,
        "used_by": [{"flow_id": use.flow_id, "name": use.name} for use in uses],
    }


def row(value: Row) -> dict[str, Any]:
    """A row."""
    return {"id": value.id, "key": value.key, "values": value.values}


def version(value: Version) -> dict[str, Any]:
    """A version."""
    return {
        "number": value.number,
        "action": value.action,
        "note": value.note,
        "author": value.author,
        "added": value.added,
        "changed": value.changed,
        "removed": value.removed,
        "row_count": value.row_count,
        "created_at": value.created_at,
    }


def saved(value: Version | None) -> dict[str, Any]:
    """What a save made; null where there was nothing to save."""
    return {"version": None if value is None else version(value)}


def comparison(value: Comparison) -> dict[str, Any]:
    """How two versions differ."""
    return {
        "added": value.added,
        "changed": value.changed,
        "removed": value.removed,
        "items": [difference(row) for row in value.rows],
        "next": None,
    }


def difference(value: Difference) -> dict[str, Any]:
    """How one row differs."""
    return {"key": value.key, "before": value.before, "after": value.after}


def upload(value: UploadInfo) -> dict[str, Any]:
    """A file at a glance."""
    return {
        "id": value.id,
        "name": value.name,
        "headers": list(value.headers),
        "row_count": value.row_count,
        "sample": [list(line) for line in value.sample],
        "guessed": [column.as_json() for column in value.guessed],
    }


def preview(value: Preview) -> dict[str, Any]:
    """What taking a file over would do."""
    return {
        "rows": value.rows,
        "added": value.added,
        "changed": value.changed,
        "unchanged": value.unchanged,
        "kept": value.kept,
        "removed": value.removed,
        "fault_count": value.fault_count,
        "faults": [
            {"row": fault.row, "column": fault.column, "message": fault.message}
            for fault in value.faults
        ],
        "sample": [difference(found) for found in value.sample],
    }
