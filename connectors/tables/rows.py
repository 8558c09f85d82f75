"""Rows of a lookup table edited by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.tables.cells import RowInvalid, Shape, TableInvalid
from connectors.tables.reading import table_row, table_value
from connectors.tables.saving import Plan, changed_meanwhile, rows_at, save
from connectors.tables.values import Version


def change_rows(
    workspace_id: str,
    table_id: str,
    *,
    based_on: int,
    actor: Any,
    put: Sequence[Mapping[str, Any]] = (),
    remove: Sequence[int] = (),
    note: str = "",
) -> Version | None:
    """The version that these edits make. Raises TableInvalid with the faults of each row.

    An entry of ``put`` is ``{"id": row or null, "values": {…}}``; without an id it is a new row.
    ``based_on`` is the version the person was looking at.
    """
    row = table_row(workspace_id, table_id)
    if row.version != based_on:
        raise changed_meanwhile()
    shape = table_value(row).shape
    wanted = {int(entry["id"]) for entry in put if entry.get("id")} | set(remove)
    old = {found.id: found for found in rows_at(row.id, row.version).filter(id__in=wanted)}
    if wanted - old.keys():
        raise changed_meanwhile()
    faults: list[dict[str, Any]] = []
    add: dict[str, dict[str, Any]] = {}
    closing = set(remove)
    changed = 0
    for index, entry in enumerate(put):
        try:
            key, values = shape.row(entry.get("values") or {})
        except RowInvalid as error:
            faults.append({"index": index, "fields": error.faults})
            continue
        known = old.get(int(entry.get("id") or 0))
        if key in add:
            faults.append({"index": index, "fields": {shape.keys[0].name: _twice(key)}})
        if known and known.values == values and known.key == key:
            continue
        if known:
            closing.add(known.id)
            changed += 1
        add[key] = values
    clash = rows_at(row.id, row.version).filter(key__in=list(add)).exclude(id__in=closing)
    for key in clash.values_list("key", flat=True):
        index = next(i for i, e in enumerate(put) if _key_or_none(shape, e) == key)
        faults.append({"index": index, "fields": {shape.keys[0].name: _twice(key)}})
    if faults:
        raise TableInvalid(
            f"{len(faults)} of {len(put)} rows are not right.",
            hint="Correct the marked cells.",
            rows=faults,
        )
    plan = Plan(sorted(closing), add, changed)
    return save(row, plan, columns=shape.columns, action="edited", note=note, actor=actor)


def _key_or_none(shape: Shape, entry: Mapping[str, Any]) -> str | None:
    try:
        return shape.row(entry.get("values") or {})[0]
    except RowInvalid:
        return None


def _twice(key: str) -> str:
    return f"There is already a row “{key[:80]}”."
