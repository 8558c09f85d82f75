"""The published JSON Schema of mapping documents."""

from __future__ import annotations

from typing import Any, Final, get_args

from ipaas.mapping import limits
from ipaas.mapping.functions.registry import ArgType
from ipaas.mapping.model import OWN_FIELD_TYPES
from ipaas.mapping.parsing import ID_PATTERN, NAME_PATTERN

_EXPR: Final = {"$ref": "#/$defs/expr"}
_ARGS: Final = {"type": "array", "items": _EXPR, "maxItems": limits.MAX_ARGUMENTS}


_OPTIONAL: Final[dict[str, Any]] = {"anyOf": [_EXPR, {"type": "null"}]}
_ID: Final = {"type": "string", "pattern": f"^{ID_PATTERN}$"}
_NAME: Final = {"type": "string", "pattern": f"^{NAME_PATTERN}$"}
_MAYBE_NAME: Final[dict[str, Any]] = {"anyOf": [_NAME, {"type": "null"}]}
_COUNT: Final = {"type": ["integer", "null"], "minimum": 0, "maximum": limits.MAX_ROWS}
_TEXTS: Final = {"type": "object", "additionalProperties": {"type": "string"}}
_FUNCTIONS: Final[dict[str, Any]] = {"type": "array", "items": {"$ref": "#/$defs/function"}}


def _list_of(kind: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{kind}"}, "maxItems": 10}


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
        "branches": {
            "type": "array",
            "items": {"$ref": "#/$defs/branch"},
            "maxItems": limits.MAX_RULES,
        },
        "functions": {**_FUNCTIONS, "maxItems": limits.MAX_ARGUMENTS},
        "own_fields": {
            "type": "array",
            "items": {"$ref": "#/$defs/own_field"},
            "maxItems": limits.MAX_RULES,
            "description": "Fields added to a target whose schema leaves room for them.",
        },
        "template": {
            "type": ["object", "null"],
            "description": "As mappings kept it before insertions: id and version of the template "
            "that the rules with an origin and no insertion came from.",
        },
        "insertions": {
            "type": "array",
            "items": {"$ref": "#/$defs/insertion"},
            "maxItems": limits.MAX_INSERTIONS,
            "description": "Templates that were laid into the mapping, each time for itself.",
        },
    },
    "required": ["rules"],
    "additionalProperties": False,
    "$defs": {
        "own_field": {
            "title": "Added field",
            "type": "object",
            "properties": {
                "path": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": limits.MAX_PATH_LENGTH,
                    "description": "Where it stands, such as order.lines[].sku.",
                },
                "type": {"enum": list(OWN_FIELD_TYPES)},
                "title": {"type": "string"},
            },
            "required": ["path"],
            "additionalProperties": False,
        },
        "insertion": {
            "title": "Insertion",
            "description": "A template that was laid in, and where its parts stand here.",
            "type": "object",
            "properties": {
                "id": _ID,
                "template": _ID,
                "version": {"type": "integer", "minimum": 1},
                "reads": {**_TEXTS, "description": "Paths read instead of the template's."},
                "place": {
                    "type": ["object", "null"],
                    "description": "The record the targets stood under, and the one they do now.",
                    "properties": {"from": {"type": "string"}, "to": {"type": "string"}},
                    "additionalProperties": False,
                },
                "branches": {**_TEXTS, "description": "The template's branches, as named here."},
            },
            "required": ["id", "template", "version"],
            "additionalProperties": False,
        },
        "rule": {
            "title": "Rule",
            "description": "A value rule has expr, a rows rule rows, an unfinished one neither.",
            "type": "object",
            "properties": {
                "id": _ID,
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
                "default": _OPTIONAL,
                "on_null": {
                    "enum": ["missing", "omit", "null", "fail"],
                    "description": "What null means where the rule copies one field.",
                },
                "when": _OPTIONAL,
                "branch": {"anyOf": [_ID, {"type": "null"}]},
                "only": {"enum": ["create", "update", None]},
                "origin": {
                    "anyOf": [_ID, {"type": "null"}],
                    "description": "Id of the template's rule that this one came from.",
                },
                "insertion": {
                    "anyOf": [_ID, {"type": "null"}],
                    "description": "The insertion it came with.",
                },
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
                "items": {**_OPTIONAL, "description": "Rows over any list, instead of each."},
                "as": {**_MAYBE_NAME, "description": "Read the element as $name."},
                "number_as": {**_MAYBE_NAME, "description": "Read its number, from 1, as $name."},
                "where": _OPTIONAL,
                "when": _OPTIONAL,
                "join": _list_of("join"),
                "group": {**_OPTIONAL, "description": "Rows become {key, items} per value."},
                "sort": _list_of("sort"),
                "distinct": {**_OPTIONAL, "description": "The first row for each value."},
                "first": _COUNT,
                "last": _COUNT,
                "running": _list_of("running"),
            },
            "additionalProperties": False,
            "not": {
                "required": ["each", "items"],
                "properties": {"each": {"type": "string"}, "items": {"type": "object"}},
            },
        },
        "join": {
            "title": "Second list, found by key",
            "type": "object",
            "properties": {
                "with": _EXPR,
                "as": _NAME,
                "left": _EXPR,
                "right": _EXPR,
                "many": {"type": "boolean", "description": "One row per match."},
                "inner": {"type": "boolean", "description": "No row without a match."},
            },
            "required": ["as"],
            "additionalProperties": False,
        },
        "sort": {
            "title": "Order",
            "type": "object",
            "properties": {"by": _EXPR, "down": {"type": "boolean"}},
            "additionalProperties": False,
        },
        "running": {
            "title": "Running total",
            "type": "object",
            "properties": {"as": _NAME, "add": _EXPR},
            "required": ["as"],
            "additionalProperties": False,
        },
        "branch": {
            "title": "Branch: a condition over several rules",
            "type": "object",
            "properties": {
                "id": _ID,
                "when": {**_OPTIONAL, "description": "Empty = otherwise."},
                "after": {
                    "anyOf": [_ID, {"type": "null"}],
                    "description": "The branch this one is the else of.",
                },
                "title": {"type": ["string", "null"]},
            },
            "required": ["id"],
            "additionalProperties": False,
        },
        "function": {
            "title": "User function",
            "type": "object",
            "properties": {
                "name": _NAME,
                "title": {"type": ["string", "null"]},
                "version": {"type": "integer", "minimum": 1},
                "params": {
                    "type": "array",
                    "maxItems": limits.MAX_ARGUMENTS,
                    "items": {
                        "type": "object",
                        "properties": {
                            "name": _NAME,
                            "type": {"enum": list(get_args(ArgType))},
                            "required": {"type": "boolean"},
                            "default": {
                                "description": "What it is where a call gives nothing for it; "
                                "such an argument is not required.",
                            },
                        },
                        "required": ["name"],
                        "additionalProperties": False,
                    },
                },
                "body": _EXPR,
            },
            "required": ["name"],
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
                    "with",
                    "Expression with functions of one's own",
                    [],
                    functions={**_FUNCTIONS, "maxItems": limits.MAX_ARGUMENTS},
                    body=_EXPR,
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
