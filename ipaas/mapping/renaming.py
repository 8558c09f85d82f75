"""Rules as JSON, written and rewritten: calls, other source paths, other expressions."""

from __future__ import annotations

import copy
from typing import Any, TypeAlias

RawRule: TypeAlias = dict[str, Any]
RawExpr: TypeAlias = dict[str, Any]


def call(fn: str, *args: Any) -> RawExpr:
    """A call as JSON; arguments that are no expressions become constants."""
    given = [arg if isinstance(arg, dict) and "op" in arg else constant(arg) for arg in args]
    return {"op": "call", "fn": fn, "args": given}


def constant(value: Any) -> RawExpr:
    return {"op": "const", "value": value}


def paths_of(value: Any) -> list[str]:
    """Source paths that a rule reads, each once."""
    found: dict[str, None] = {}

    def walk(item: Any) -> None:
        if isinstance(item, dict):
            if item.get("op") == "field" and isinstance(item.get("path"), str):
                found[item["path"]] = None
            if isinstance(item.get("each"), str):
                found[item["each"]] = None
            if item.get("op") != "const":
                for inner in item.values():
                    walk(inner)
        elif isinstance(item, list):
            for inner in item:
                walk(inner)

    walk(value)
    return list(found)


def renamed(rule: RawRule, paths: dict[str, str]) -> RawRule:
    """The rule with other source paths."""
    made = rewritten(rule, {old: {"op": "field", "path": new} for old, new in paths.items()})
    each = (made.get("rows") or {}).get("each")
    if each in paths:
        made["rows"] = {**made["rows"], "each": paths[each]}
    return made


def rewritten(rule: RawRule, fields: dict[str, RawExpr]) -> RawRule:
    """The rule with expressions in place of fields."""

    def walk(item: Any) -> Any:
        if isinstance(item, list):
            return [walk(inner) for inner in item]
        if not isinstance(item, dict) or item.get("op") == "const":
            return item
        if item.get("op") == "field" and item.get("path") in fields:
            return copy.deepcopy(fields[item["path"]])
        return {key: walk(inner) for key, inner in item.items()}

    made: RawRule = walk(rule)
    return made
