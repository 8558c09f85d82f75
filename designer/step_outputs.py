"""What steps that call nobody leave behind, as JSON Schemas, as far as it can be known."""

from __future__ import annotations

from typing import Any

from ipaas.mapping.schemas import resolve
from runtime.graph import Node

Schema = dict[str, Any]
_ANYTHING: Schema = {}
_COUNT = {"type": "integer"}
_TEXT = {"type": "string"}
_NUMERIC = ("sum", "avg")


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _list(items: Schema) -> Schema:
    """List of entries, whose definitions come along to the top."""
    inner = {key: value for key, value in items.items() if key != "$defs"}
    found: Schema = {"type": "array", "items": inner}
    return {**found, "$defs": items["$defs"]} if "$defs" in items else found


def entry_schema(expr: Any, seen: Schema) -> Schema:
    """Schema of the entries of the list that an expression reads."""
    path = expr.get("path") if isinstance(expr, dict) and expr.get("op") == "field" else None
    if not path:
        return _ANYTHING
    return resolve(seen, path if str(path).endswith("[]") else f"{path}[]") or _ANYTHING


def _read(expr: Any, seen: Schema) -> Schema:
    path = expr.get("path") if isinstance(expr, dict) and expr.get("op") == "field" else None
    return (resolve(seen, path) if path else None) or _ANYTHING


def _filter(node: Node, seen: Schema) -> Schema:
    if not node.config.get("list"):
        return _object(passed={"type": "boolean", "title": "Goes on"})
    listed = _list(entry_schema(node.config.get("list"), seen))
    definitions = {"$defs": listed.pop("$defs")} if "$defs" in listed else {}
    return {
        **_object(items=listed, count_in=_COUNT, count_out=_COUNT, count_rejected=_COUNT),
        **definitions,
    }


def _aggregate(node: Node, seen: Schema) -> Schema:
    figures = {
        str(figure.get("name")): {"type": "number"}
        if figure.get("do") in _NUMERIC
        else _COUNT
        if figure.get("do") == "count"
        else _list(_ANYTHING)
        if figure.get("do") == "collect"
        else _ANYTHING
        for figure in node.config.get("figures") or ()
    }
    keys = {str(key.get("name")): _ANYTHING for key in node.config.get("keys") or ()}
    return _object(groups=_list(_object(**{**keys, **figures})), count_in=_COUNT, count_out=_COUNT)


def _for_each(node: Node, seen: Schema) -> Schema:
    error = _object(code=_TEXT, message=_TEXT, hint=_TEXT)
    failure = _object(index=_COUNT, run_id=_TEXT, item=_ANYTHING, error=error)
    return _object(
        count=_COUNT,
        succeeded=_COUNT,
        failed=_COUNT,
        cancelled=_COUNT,
        results=_list(_ANYTHING),
        failures=_list(failure),
    )


def _call_flow(node: Node, seen: Schema) -> Schema:
    if node.config.get("wait") is False:
        return _object(run_id=_TEXT)
    return _object(run_id=_TEXT, result=_ANYTHING)


_SCHEMAS: dict[str, Any] = {
    "if": lambda node, seen: _object(result={"type": "boolean"}),
    "switch": lambda node, seen: _object(branch=_TEXT, name=_TEXT),
    "filter": _filter,
    "aggregate": _aggregate,
    "lookup": lambda node, seen: _object(found={"type": "boolean"}, key=_ANYTHING, value=_ANYTHING),
    "convert": lambda node, seen: (
        resolve(seen, str(node.config.get("source") or "trigger")) or _ANYTHING
    ),
    "for_each": _for_each,
    "call_flow": _call_flow,
    "wait": lambda node, seen: _object(until={"type": "string", "format": "date-time"}),
    "approval": lambda node, seen: _object(
        approved={"type": "boolean"},
        by=_TEXT,
        note=_TEXT,
        at={"type": "string", "format": "date-time"},
        expired={"type": "boolean"},
    ),
    "return": lambda node, seen: _read(node.config.get("value"), seen),
}
KNOWN = tuple(_SCHEMAS)


def schema_of(node: Node, seen: Schema) -> Schema:
    """Schema of what a step of a ``KNOWN`` kind leaves behind; ``seen`` is what it reads."""
    found: Schema = _SCHEMAS[node.type](node, seen)
    return found
