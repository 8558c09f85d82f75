"""Lookup tables and their rows, read."""

from __future__ import annotations

from connectors.models import LookupRow, LookupTable
from connectors.tables.cells import Column
from connectors.tables.saving import rows_at
from connectors.tables.values import OnMiss, Row, Table
from ipaas.core.errors import NotFound
from ipaas.tenancy.paging import Page, cut


class TableNotFound(NotFound):
    """The workspace has no such lookup table."""

    code = "lookup.not_found"


def get_table(workspace_id: str, table_id: str) -> Table:
    """One table; raises TableNotFound, also for another workspace's."""
    return table_value(table_row(workspace_id, table_id))


def table_row(workspace_id: str, table_id: str) -> LookupTable:
    """The row of a table; raises TableNotFound."""
    row = LookupTable.objects.filter(workspace_id=workspace_id, id=table_id).first()
    if row is None:
        raise TableNotFound(
            "There is no such lookup table.", hint="Choose one of the workspace's tables."
        )
    return row


def list_rows(
    workspace_id: str,
    table_id: str,
    *,
    q: str = "",
    version: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Row]:
    """Rows by key, of the newest or an older version; ``q`` is looked for in every cell."""
    row = table_row(workspace_id, table_id)
    rows = rows_at(row.id, version or row.version)
    if q:
        rows = rows.filter(search__contains=q.lower())
    return cut(rows, "key", "id", cursor=cursor, limit=limit).map(row_value)


def table_value(row: LookupTable) -> Table:
    """The table as a value."""
    return Table(
        id=row.id,
        workspace_id=row.workspace_id,
        environment=row.environment,
        slug=row.slug,
        name=row.name,
        description=row.description,
        kind=row.kind,
        columns=tuple(Column(**entry) for entry in row.columns),
        on_miss=OnMiss(row.on_miss.get("policy", "fail"), row.on_miss.get("values") or {}),
        ignore_case=row.ignore_case,
        ignore_space=row.ignore_space,
        version=row.version,
        row_count=row.row_count,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def row_value(row: LookupRow) -> Row:
    """The row as a value."""
    return Row(id=row.id, key=row.key, values=row.values)
