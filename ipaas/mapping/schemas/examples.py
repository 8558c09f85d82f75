"""A plausible document for a schema, to try a mapping on before a real one has arrived."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from ipaas.mapping.copying import TooBig, copy_value
from ipaas.mapping.schemas.reading import Schema, types, view
from ipaas.mapping.values import Value

_FORMATS: Final = {
    "date": "2024-05-31",
    "date-time": "2024-05-31T14:05:00Z",
    "time": "14:05:00Z",
    "email": "ana.silva@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "6f9619ff-8b86-4011-b42d-00cf4fc964ff",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
}
# Patterns are not solved; one of these texts often matches.
_TEXTS: Final = (
    "2024-05-31 14:05:00",
    "2024-05-31",
    "2024-05-31T14:05:00Z",
    "1",
    "42",
    "100045",
    "10.00",
    "A",
    "US",
    "USD",
    "ABC-123",
    "abc",
)
_MAX_DEPTH: Final = 10
_MAX_VALUES: Final = 5_000


def example(schema: Schema) -> Value:
    """A document as the schema describes it: its own examples and defaults where it has them.

    All described fields are filled, a list has one entry, and a schema that contains itself is
    followed once.
    """
    return _Maker(schema).make(schema, (), 0, "")


class _Maker:
    def __init__(self, root: Schema) -> None:
        self.root = root
        self.left = _MAX_VALUES

    def make(self, schema: object, around: tuple[str, ...], depth: int, name: str) -> Value:
        self.left -= 1
        seen = view(self.root, schema)
        given = _given(seen)
        if given is not None:
            return given
        reference = _reference(schema)
        if reference is not None:
            around = (*around, reference)
        kinds = types(seen)
        if "object" in kinds:
            return self.filled(seen, around, depth)
        if "array" in kinds:
            return self.listed(seen, around, depth, name)
        if "string" in kinds:
            return _text(seen, name)
        if "integer" in kinds or "number" in kinds:
            return _number(seen, whole="integer" in kinds)
        return False if "boolean" in kinds else None

    def filled(self, schema: Schema, around: tuple[str, ...], depth: int) -> Value:
        made: dict[str, Value] = {}
        required = set(schema.get("required") or ())
        for name, below in (schema.get("properties") or {}).items():
            stop = depth >= _MAX_DEPTH or self.left <= 0 or self.again(below, around)
            if stop and name not in required:
                continue
            if depth > 2 * _MAX_DEPTH:
                continue
            made[name] = self.make(below, around, depth + 1, name)
        return made

    def listed(self, schema: Schema, around: tuple[str, ...], depth: int, name: str) -> Value:
        items = schema.get("items")
        least = schema.get("minItems") or 0
        if not isinstance(items, Mapping) or not items or depth >= _MAX_DEPTH or self.left <= 0:
            return []
        if self.again(items, around) and not least:
            return []
        count = min(max(int(least), 1), 5)
        return [self.make(items, around, depth + 1, name) for _ in range(count)]

    @staticmethod
    def again(schema: object, around: tuple[str, ...]) -> bool:
        """Whether the schema is one we are inside of already."""
        items = schema.get("items") if isinstance(schema, dict) else None
        return _reference(schema) in around or _reference(items) in around


def _reference(schema: object) -> str | None:
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    return reference if isinstance(reference, str) else None


def _given(schema: Schema) -> Value:
    """What the schema itself offers as a value."""
    offered = schema.get("examples")
    options: list[Any] = list(offered) if isinstance(offered, list) else []
    options += [schema[key] for key in ("example", "default", "const") if key in schema]
    options += [value for value in schema.get("enum") or () if value is not None][:1]
    for option in options:
        if option is not None:
            try:
                return copy_value(option)
            except TooBig:
                continue
    return None


def _text(schema: Schema, name: str) -> str:
    text = _FORMATS.get(str(schema.get("format")))
    if text is None:
        title = schema.get("title")
        text = title if isinstance(title, str) and title else name or "text"
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            text = next((known for known in _TEXTS if _matches(pattern, known)), text)
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int):
        text = text.ljust(min(least, 200), "x")
    return text[:most] if isinstance(most, int) else text


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


def _number(schema: Schema, *, whole: bool) -> Value:
    value = Decimal(1) if whole else Decimal("10.00")
    step = schema.get("multipleOf")
    if step:
        value = Decimal(str(step)) * (1 if whole else 10)
    if "minimum" in schema:
        value = max(value, Decimal(str(schema["minimum"])))
    if "exclusiveMinimum" in schema:
        value = max(value, Decimal(str(schema["exclusiveMinimum"])) + 1)
    if "maximum" in schema:
        value = min(value, Decimal(str(schema["maximum"])))
    if "exclusiveMaximum" in schema:
        value = min(value, Decimal(str(schema["exclusiveMaximum"])) - 1)
    return int(value) if whole else value
