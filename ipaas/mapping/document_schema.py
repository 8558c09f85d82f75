"""The published JSON Schema of mapping documents."""

from __future__ import annotations

from typing import Any, Final

from ipaas.mapping import limits

_EXPR: Final = {"$ref": "#/$defs/expr"}
_ARGS: Final = {"type": "array", "items": _EXPR, "maxItems": limits.MAX_ARGUMENTS}


def _expression(op: str, title: str, required: list[str], **members: Any) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        "properties": {"op": {"const": op}, **members},
        "required": ["op", *required],
        "additionalProperties": False,
    }


MAPPING_SCHEMA: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:causeway:mapping:1",
    "title": "Mapping",
    "description": "Rules that fill a target document from the context document of a run.",
    "type": "object",
    "properties": {
        "schema": {"const": 1, "description": "Version of this language."},
        "rules": {
            "type": "array",
            "items": {"$ref": "#/$defs/rule"},
            "maxItems": limits.MAX_RULES,
        },
    },
    "required": ["rules"],
    "additionalProperties": False,
    "$defs": {
        "rule": {
            "title": "Rule",
            "description": "A value rule has expr, a rows rule rows, an unfinished one neither.",
            "type": "object",
            "properties": {
                "id": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
                "target": {
                    "type": "string",
                    "maxLength": limits.MAX_PATH_LENGTH,
                    "description": "Target path such as Line[b1].Amount; empty = whole document.",
                },
                "expr": {"anyOf": [_EXPR, {"type": "null"}]},
                "rows": {"anyOf": [{"$ref": "#/$defs/rows"}, {"type": "null"}]},
                "comment": {"type": ["string", "null"]},
                "disabled": {"type": "boolean"},
                "on_missing": {"enum": ["omit", "null", "fail"]},
                "default": {"anyOf": [_EXPR, {"type": "null"}]},
            },
            "required": ["id"],
            "additionalProperties": False,
            "not": {
                "required": ["expr", "rows"],
                "properties": {"expr": {"type": "object"}, "rows": {"type": "object"}},
            },
        },
        "rows": {
            "title": "Rows",
            "description": "One row per element of each, or one single row.",
            "type": "object",
            "properties": {
                "each": {
                    "type": ["string", "null"],
                    "description": "Source path ending in [].",
                },
                "where": {"anyOf": [_EXPR, {"type": "null"}]},
                "when": {"anyOf": [_EXPR, {"type": "null"}]},
            },
            "additionalProperties": False,
        },
        "expr": {
            "title": "Expression",
            "anyOf": [
                {"title": "Empty", "type": "object", "maxProperties": 0},
                _expression("hole", "Still to fill", []),
                _expression("field", "Source field", ["path"], path={"type": "string"}),
                _expression("const", "Constant", ["value"], value={}),
                _expression("concat", "Texts joined", [], args=_ARGS, separator={"type": "string"}),
                _expression("call", "Function", ["fn"], fn={"type": "string"}, args=_ARGS),
                _expression(
                    "if",
                    "Condition",
                    [],
                    cond=_EXPR,
                    then=_EXPR,
                    **{"else": {"anyOf": [_EXPR, {"type": "null"}]}},
                ),
                _expression(
                    "jsonata",
                    "JSONata text",
                    ["text"],
                    text={"type": "string", "maxLength": limits.JSONATA_MAX_TEXT},
                ),
            ],
        },
    },
}
"""JSON Schema (2020-12) of a mapping document."""
