"""Lookup tables of a workspace: made, changed, removed; and which flows read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from connectors.models import LookupRow, LookupTable, LookupVersion
from connectors.tables.cells import (
    RATE_COLUMNS,
    CellInvalid,
    Column,
    Shape,
    TableInvalid,
    read_cell,
    read_columns,
)
from connectors.tables.reading import get_table, table_row, table_value
from connectors.tables.saving import name_of, save
from connectors.tables.values import OnMiss, Table
from connectors.tables.versions import reshaped
from connectors.values import ConnectionUse
from ipaas.core.errors import Conflict
from ipaas.tenancy import facade as tenancy

UsageProvider = Callable[[str, str], Mapping[str, Sequence[ConnectionUse]]]
AwaitedProvider = Callable[[str, str, Sequence[str]], Mapping[str, int]]
_providers: list[UsageProvider] = []
_awaited: list[AwaitedProvider] = []
POLICIES = ("fail", "default", "hold")


class TableInUse(Conflict):
    """Flows read this table."""

    code = "lookup.in_use"


def register_table_usage_provider(provider: UsageProvider) -> None:
    """Let a higher app say which flows read the tables of an environment, by slug of the table."""
    if provider not in _providers:
        _providers.append(provider)


def register_awaited_provider(provider: AwaitedProvider) -> None:
    """Let a higher app say how many records wait for keys of a table.

    ``provider(workspace_id, environment, names)`` gives counts by key; flows may name a table by
    its slug or by its name.
    """
    if provider not in _awaited:
        _awaited.append(provider)


def awaited_keys(table: Table) -> dict[str, int]:
    """How many records wait for each key that the table lacks, most first."""
    found: dict[str, int] = {}
    for provider in _awaited:
        names = (table.slug, table.name)
        for key, count in provider(table.workspace_id, table.environment, names).items():
            found[key] = found.get(key, 0) + count
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def uses_of_tables(workspace_id: str, environment: str) -> dict[str, list[ConnectionUse]]:
    """Flows by slug of the table they read."""
    found: dict[str, list[ConnectionUse]] = {}
    for provider in _providers:
        for slug, uses in provider(workspace_id, environment).items():
            found.setdefault(slug, []).extend(uses)
    return found


def list_tables(workspace_id: str, environment: str | None = None) -> list[Table]:
    """All tables of the workspace (in one environment), by name."""
    rows = LookupTable.objects.filter(workspace_id=workspace_id)
    if environment:
        rows = rows.filter(environment=environment)
    return [table_value(row) for row in rows.order_by("name", "id")]


def create_table(
    workspace_id: str,
    environment: str,
    *,
    name: str,
    actor: Any,
    columns: Sequence[Mapping[str, Any]] = (),
    kind: str = LookupTable.Kind.TABLE,
    description: str = "",
    on_miss: Mapping[str, Any] | None = None,
    ignore_case: bool = False,
    ignore_space: bool = True,
) -> Table:
    """A new, empty table; exchange rates bring their own columns. Raises TableInvalid."""
    if not name.strip():
        raise TableInvalid("The table needs a name.", fields={"name": "Give a name."})
    read = RATE_COLUMNS if kind == LookupTable.Kind.RATES else read_columns(columns)
    row = LookupTable(
        workspace_id=workspace_id,
        environment=environment,
        slug=_free_slug(workspace_id, environment, name),
        name=name.strip()[:120],
        description=description.strip()[:500],
        kind=kind,
        columns=[column.as_json() for column in read],
        on_miss=_read_miss(read, on_miss or {}),
        ignore_case=ignore_case or kind == LookupTable.Kind.RATES,
        ignore_space=ignore_space,
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict("A table of that name was just made.", hint="Try again.") from error
        LookupVersion.objects.create(
            table=row, number=1, action="created", author=name_of(actor), created_at=row.created_at
        )
        facts = {"table": row.slug, "environment": environment, "columns": len(read)}
        tenancy.record_audit(workspace_id, actor, "lookup.created", f"lookup:{row.id}", facts)
    return table_value(row)


def change_table(
    workspace_id: str,
    table_id: str,
    *,
    actor: Any,
    name: str | None = None,
    description: str | None = None,
    columns: Sequence[Mapping[str, Any]] | None = None,
    on_miss: Mapping[str, Any] | None = None,
    ignore_case: bool | None = None,
    ignore_space: bool | None = None,
) -> Table:
    """The table with what was given changed; rows that no longer fit refuse the change.

    Its ``slug`` stays, for flows name the table by it. New columns or keys make a new version.
    """
    row = table_row(workspace_id, table_id)
    before = table_value(row)
    if columns is not None and row.kind == LookupTable.Kind.RATES:
        columns = None
    read = before.columns if columns is None else read_columns(columns)
    after = Shape(
        read,
        before.ignore_case if ignore_case is None else ignore_case,
        before.ignore_space if ignore_space is None else ignore_space,
    )
    miss = _read_miss(
        read, _miss_json(before.on_miss) if on_miss is None else on_miss, lenient=on_miss is None
    )
    plain = {
        "name": (name or "").strip()[:120] or row.name,
        "description": row.description if description is None else description.strip()[:500],
        "on_miss": miss,
    }
    rules = {
        "columns": [column.as_json() for column in read],
        "ignore_case": after.ignore_case,
        "ignore_space": after.ignore_space,
    }
    if after == before.shape:
        with transaction.atomic():
            LookupTable.objects.filter(id=row.id).update(**plain)
            facts = {"table": row.slug, "fields": sorted(plain)}
            tenancy.record_audit(workspace_id, actor, "lookup.changed", f"lookup:{row.id}", facts)
    else:
        save(
            row,
            reshaped(row, before.shape, after),
            columns=read,
            action="columns",
            note="Columns or keys changed",
            actor=actor,
            changes=plain | rules,
        )
    return get_table(workspace_id, table_id)


def delete_table(workspace_id: str, table_id: str, actor: Any) -> None:
    """Remove the table with all its versions; refused with TableInUse while flows read it."""
    row = table_row(workspace_id, table_id)
    uses = uses_of_tables(workspace_id, row.environment).get(row.slug, [])
    if uses:
        raise TableInUse(
            f"“{row.name}” is read by {', '.join(use.name for use in uses)}.",
            hint="Choose another table in these flows first.",
            used_by=[{"flow_id": use.flow_id, "name": use.name} for use in uses],
        )
    with transaction.atomic():
        LookupRow.objects.filter(table_id=row.id)._raw_delete(LookupRow.objects.db)
        row.delete()
        facts = {"table": row.slug, "environment": row.environment, "rows": row.row_count}
        tenancy.record_audit(workspace_id, actor, "lookup.deleted", f"lookup:{table_id}", facts)


def _miss_json(miss: OnMiss) -> dict[str, Any]:
    return {"policy": miss.policy, "values": miss.values}


def _read_miss(
    columns: Sequence[Column], given: Mapping[str, Any], *, lenient: bool = False
) -> dict[str, Any]:
    """The policy in stored form; ``lenient`` drops values of columns that are gone."""
    policy = str(given.get("policy") or "fail")
    if policy not in POLICIES:
        raise TableInvalid(
            "A missing key can fail, use default values, or hold the document for a person.",
            fields={"on_miss": "Choose one of the three."},
        )
    if policy != "default":
        return {"policy": policy, "values": {}}
    faults, values = {}, {}
    for column in columns:
        if column.key:
            continue
        try:
            values[column.name] = read_cell(column, (given.get("values") or {}).get(column.name))
        except CellInvalid as error:
            if lenient:
                values[column.name] = None
            else:
                faults[f"on_miss.{column.name}"] = str(error)
    if faults:
        raise TableInvalid(
            next(iter(faults.values())), hint="Correct the default values.", fields=faults
        )
    return {"policy": policy, "values": values}


def _free_slug(workspace_id: str, environment: str, wanted: str) -> str:
    base = (slugify(wanted) or "table")[:50]
    taken = set(
        LookupTable.objects.filter(
            workspace_id=workspace_id, environment=environment, slug__startswith=base
        ).values_list("slug", flat=True)
    )
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug
