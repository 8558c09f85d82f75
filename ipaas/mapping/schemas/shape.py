"""A schema without the words for people: what two versions of it are compared by."""

from __future__ import annotations

from typing import Any, Final

_SUBSCHEMAS: Final = frozenset({"properties", "$defs", "definitions", "patternProperties"})
_WORDS: Final = frozenset({"title", "description", "examples", "default", "$comment", "$id"})


def bare(schema: Any) -> Any:
    """The schema without titles, descriptions, examples and members of ours (``x-…``)."""
    if isinstance(schema, list):
        return [bare(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    found = {}
    for key, value in schema.items():
        if key in _WORDS or key.startswith("x-"):
            continue
        if key in _SUBSCHEMAS and isinstance(value, dict):
            found[key] = {name: bare(below) for name, below in value.items()}
        else:
            found[key] = value if key in ("enum", "const") else bare(value)
    return found
