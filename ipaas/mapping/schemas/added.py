"""A target's schema with the fields that a mapping adds where the schema leaves room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.model import OwnField
from ipaas.mapping.paths import EACH, Segment, parse_source
from ipaas.mapping.schemas.reading import Schema, view

_SHAPES: Final[dict[str, Schema]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "object": {"type": "object", "additionalProperties": True},
    "list": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
}


def with_own_fields(schema: Schema, fields: Iterable[OwnField]) -> Schema:
    """The schema and the added fields; what the schema says itself stays, unreadable paths too."""
    for field in fields:
        try:
            steps = parse_source(field.path)
        except MappingInvalid:
            continue
        definitions = {key: schema[key] for key in ("$defs", "definitions") if key in schema}
        schema = {**_put(schema, schema, steps, field), **definitions}
    return schema


def _put(root: Schema, schema: Any, steps: tuple[Segment, ...], field: OwnField) -> Schema:
    known = view(root, schema)
    if not steps:
        # A group or list that other added fields already fill keeps them.
        if known.get("properties") or known.get("items"):
            return known
        return {**_SHAPES[field.kind], **({"title": field.title} if field.title else {})}
    step, rest = steps[0], steps[1:]
    if step is EACH or isinstance(step, int):
        return {**known, "type": "array", "items": _put(root, known.get("items"), rest, field)}
    properties = known.get("properties") or {}
    return {
        **known,
        "type": "object",
        "additionalProperties": known.get("additionalProperties", True),
        "properties": {**properties, step: _put(root, properties.get(step), rest, field)},
    }
