"""Which flows read which lookup tables: by a step of theirs, or by a function in a mapping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors import facade as connectors
from designer import own_functions
from designer.uses import documents_in_use


def tables_of(document: dict[str, Any]) -> set[str]:
    """Names (or slugs) of the tables that a flow names as they are; others only a run can tell."""
    found = {
        (node.get("config") or {}).get("table")
        for node in document["nodes"]
        if node.get("type") == "lookup"
    }
    found |= set(_called(document))
    return {name for name in found if isinstance(name, str) and name}


def _called(value: Any) -> Iterator[Any]:
    """Tables that ``lookup_table`` is called with anywhere in a document."""
    if isinstance(value, dict):
        if value.get("op") == "call" and value.get("fn") == "lookup_table":
            table = next(iter(value.get("args") or ()), None)
            if isinstance(table, dict) and table.get("op") == "const":
                yield table.get("value")
        for item in value.values():
            yield from _called(item)
    elif isinstance(value, list):
        for item in value:
            yield from _called(item)


def uses_of_tables(
    workspace_id: str, environment: str
) -> dict[str, list[connectors.ConnectionUse]]:
    """Flows by the slug of the table that their draft or their live version reads."""
    tables = connectors.list_lookup_tables(workspace_id, environment)
    if not tables:
        return {}
    slugs = {table.name: table.slug for table in reversed(tables)}
    slugs |= {table.slug: table.slug for table in tables}
    found: dict[str, dict[str, connectors.ConnectionUse]] = {}
    for used in documents_in_use(workspace_id, environment):
        document = own_functions.embedded(workspace_id, used.document)
        for slug in {slugs[name] for name in tables_of(document) if name in slugs}:
            use = connectors.ConnectionUse(used.flow_id, used.name)
            found.setdefault(slug, {})[used.flow_id] = use
    return {slug: list(by_flow.values()) for slug, by_flow in found.items()}
