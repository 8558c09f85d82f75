"""A JSON Schema learnt from documents."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from ipaas.mapping.convert import to_moment
from ipaas.mapping.errors import ExpressionFailed
from ipaas.mapping.schemas.reading import type_of
from ipaas.mapping.values import Value

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URI: Final = re.compile(r"https?://\S+")
_MAX_DEPTH: Final = 30
_LONGEST_EXAMPLE: Final = 80
_ORDER: Final = ("object", "array", "string", "integer", "number", "boolean", "null")


def infer_schema(samples: Iterable[Value]) -> dict[str, Any]:
    """A schema that every sample satisfies; {} if there is none.

    A field is required if all samples of its object have it. Texts that are all dates, instants,
    e-mail addresses or web addresses get their format. The first value of a field is kept as its
    example, so that it can be shown. Objects stay open, since the next document may hold more.
    """
    seen = list(samples)
    return _infer(seen, 0) if seen else {}


def _infer(values: list[Value], depth: int) -> dict[str, Any]:
    if depth > _MAX_DEPTH:
        return {}
    kinds = {type_of(value) for value in values}
    if "number" in kinds:
        kinds.discard("integer")
    ordered = [kind for kind in _ORDER if kind in kinds]
    schema: dict[str, Any] = {"type": ordered[0] if len(ordered) == 1 else ordered}
    objects = [value for value in values if isinstance(value, dict)]
    if objects:
        _describe_objects(schema, objects, depth)
    lists = [value for value in values if isinstance(value, list)]
    if lists:
        entries = [entry for value in lists for entry in value]
        schema["items"] = _infer(entries, depth + 1) if entries else {}
    texts = [value for value in values if isinstance(value, str)]
    if texts and (form := _format(texts)):
        schema["format"] = form
    shown = next((value for value in values if _can_be_shown(value)), None)
    if shown is not None:
        schema["examples"] = [Decimal(repr(shown)) if isinstance(shown, float) else shown]
    return schema


def _describe_objects(schema: dict[str, Any], objects: list[dict[str, Any]], depth: int) -> None:
    names = list(dict.fromkeys(name for item in objects for name in item))
    schema["properties"] = {
        name: _infer([item[name] for item in objects if name in item], depth + 1) for name in names
    }
    required = [name for name in names if all(name in item for item in objects)]
    if required:
        schema["required"] = required


def _format(texts: list[str]) -> str | None:
    if all(_DAY.fullmatch(text) and _is_date(text) for text in texts):
        return "date"
    if all(_INSTANT.fullmatch(text) and _is_date(text) for text in texts):
        return "date-time"
    if all(_EMAIL.fullmatch(text) for text in texts):
        return "email"
    return "uri" if all(_URI.fullmatch(text) for text in texts) else None


def _is_date(text: str) -> bool:
    try:
        to_moment(text)
    except ExpressionFailed:
        return False
    return True


def _can_be_shown(value: Value) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= _LONGEST_EXAMPLE
    return value is not None and not isinstance(value, (dict, list))
