"""Reading JSON Schemas: what lies at a path, which leaves there are, what a document looks like.

References are followed inside the one document given (``#/$defs/...``); ``allOf`` is merged,
``anyOf`` and ``oneOf`` are seen as everything any branch allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from ipaas.mapping.paths import (
    EACH,
    Segment,
    SourcePath,
    TargetPath,
    format_source,
    parse_source,
)

Schema: TypeAlias = Mapping[str, Any]

_MAX_REFS: Final = 40
_MAX_LEAF_DEPTH: Final = 12
_MAX_LEAVES: Final = 5_000


class Standing(StrEnum):
    """How a schema speaks about a path."""

    KNOWN = "known"
    SHAPELESS = "shapeless"  # the schema says nothing about what is in there
    OPEN = "open"  # not listed, but other fields are allowed
    CLOSED = "closed"  # not listed, and nothing else is allowed
    INSIDE_LIST = "inside_list"  # the path goes into a list without []
    INSIDE_SCALAR = "inside_scalar"  # the path goes into a text, number or condition


@dataclass(frozen=True, slots=True)
class Found:
    """What a schema says about a path: its subschema if known, and where knowledge ended."""

    standing: Standing
    schema: Schema | None = None
    at: str = ""
    read_only: bool = False


def resolve(schema: Schema, path: str | SourcePath) -> dict[str, Any] | None:
    """The subschema at a source path, references at its top level followed; None if unknown.

    The empty path is the schema itself. The definitions of ``schema`` come along, so that
    references deeper inside can still be followed.
    """
    segments = (parse_source(path) if path else ()) if isinstance(path, str) else path
    found = find(schema, segments)
    if found.schema is None:
        return None
    definitions = {key: schema[key] for key in ("$defs", "definitions") if key in schema}
    return {**found.schema, **definitions}


def find(root: Schema, path: SourcePath) -> Found:
    """What a schema says about a source path."""
    return Finder(root).find(path)


class Finder:
    """What one schema says about paths; what many paths share is worked out once."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        self._known: dict[SourcePath, Found] = {}

    def find(self, path: SourcePath) -> Found:
        """What the schema says about a source path."""
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = self._look(path)
        return found

    def _look(self, path: SourcePath) -> Found:
        if not path:
            schema = view(self.root, self.root)
            return _seen(schema, "", read_only=bool(schema.get("readOnly")))
        above = self.find(path[:-1])
        if above.schema is None:
            return above
        standing, below = _step(above.schema, path[-1])
        at = format_source(path)
        if standing is not Standing.KNOWN:
            return Found(standing, None, at, above.read_only)
        schema = view(self.root, below)
        return _seen(schema, at, read_only=above.read_only or bool(schema.get("readOnly")))


def _seen(schema: Schema, at: str, *, read_only: bool) -> Found:
    return Found(Standing.KNOWN if schema else Standing.SHAPELESS, schema, at, read_only)


def as_source_path(path: TargetPath) -> SourcePath:
    """A target path with ``[]`` in place of rows rules, as schemas are read."""
    segments: list[Segment] = []
    for step in path:
        segments.append(step.name)
        if step.block is not None:
            segments.append(EACH)
    return tuple(segments)


def _step(schema: Schema, segment: Segment) -> tuple[Standing, Any]:
    kinds = types(schema)
    if not isinstance(segment, str):
        if "array" in kinds:
            return _element(schema)
        if not kinds:
            return Standing.SHAPELESS, None
        # A single value counts as a list of one.
        return Standing.KNOWN, schema
    if kinds and "object" not in kinds:
        if "array" in kinds:
            return Standing.INSIDE_LIST, None
        return Standing.INSIDE_SCALAR, None
    properties = schema.get("properties") or {}
    if segment in properties:
        return Standing.KNOWN, properties[segment]
    other = schema.get("additionalProperties", schema.get("unevaluatedProperties"))
    if other is False:
        return Standing.CLOSED, None
    if isinstance(other, Mapping) and other:
        return Standing.KNOWN, other
    if not properties:
        return Standing.SHAPELESS, None
    return Standing.OPEN, None


def _element(schema: Schema) -> tuple[Standing, Any]:
    items = schema.get("items")
    if items is None and schema.get("prefixItems"):
        items = {"anyOf": list(schema["prefixItems"])}
    if items is None or items is True:
        return Standing.SHAPELESS, None
    return Standing.KNOWN, items


def view(root: Schema, schema: object) -> dict[str, Any]:
    """One schema with its references followed and its branches merged; {} allows anything."""
    return _view(root, schema, ())


def _view(root: Schema, schema: object, seen: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(schema, Mapping):
        return {}
    merged: dict[str, Any] = {
        key: value
        for key, value in schema.items()
        if key not in ("$ref", "allOf", "anyOf", "oneOf", "$defs", "definitions")
    }
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen and len(seen) < _MAX_REFS:
        target = _pointer(root, reference)
        merged = _merge(_view(root, target, (*seen, reference)), merged)
    for part in schema.get("allOf") or ():
        merged = _merge(merged, _view(root, part, seen))
    for keyword in ("anyOf", "oneOf"):
        branches = [_view(root, part, seen) for part in schema.get(keyword) or ()]
        if branches:
            merged = _merge(merged, _either(branches))
    return merged


def _pointer(root: Schema, reference: str) -> object:
    """What a local reference points to; None for one that leads out or nowhere."""
    if not reference.startswith("#"):
        return None
    target: object = root
    for token in reference[1:].strip("/").split("/"):
        if token == "":
            continue
        key = token.replace("~1", "/").replace("~0", "~").replace("%24", "$")
        if isinstance(target, Mapping) and key in target:
            target = target[key]
        elif isinstance(target, list) and key.isdigit() and int(key) < len(target):
            target = target[int(key)]
        else:
            return None
    return target


def _merge(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    """A schema that asks for both."""
    merged = {**one, **two}
    if "properties" in one and "properties" in two:
        properties = dict(one["properties"])
        for name, schema in two["properties"].items():
            known = properties.get(name)
            properties[name] = schema if known is None else {"allOf": [known, schema]}
        merged["properties"] = properties
    if "required" in one and "required" in two:
        merged["required"] = list(dict.fromkeys([*one["required"], *two["required"]]))
    if "type" in one and "type" in two:
        both = [kind for kind in _listed(one["type"]) if kind in _listed(two["type"])]
        merged["type"] = both or two["type"]
    return merged


def _either(branches: list[dict[str, Any]]) -> dict[str, Any]:
    """A schema that allows what any branch allows; only what all require is required."""
    if len(branches) == 1:
        return branches[0]
    real = [branch for branch in branches if branch.get("type") != "null"]
    merged: dict[str, Any] = dict(real[0]) if len(real) == 1 else {}
    if len(real) > 1:
        properties: dict[str, Any] = {}
        for branch in real:
            for name, schema in (branch.get("properties") or {}).items():
                known = properties.get(name)
                if known is None:
                    properties[name] = schema
                elif known != schema:
                    properties[name] = {"anyOf": [known, schema]}
        if properties:
            merged["properties"] = properties
        required = [set(branch.get("required") or ()) for branch in real]
        merged["required"] = sorted(set.intersection(*required)) if required else []
        items = [branch["items"] for branch in real if "items" in branch]
        if items:
            merged["items"] = items[0] if len(items) == 1 else {"anyOf": items}
        if all(branch.get("additionalProperties") is False for branch in real):
            merged["additionalProperties"] = False
        options = [branch.get("enum") for branch in real]
        if all(option is not None for option in options):
            merged["enum"] = [value for option in options for value in option or ()]
    kinds = [types(branch) for branch in branches]
    if all(kinds):
        merged["type"] = sorted(set().union(*kinds))
    return merged


def _listed(kind: object) -> list[str]:
    if isinstance(kind, str):
        return [kind]
    return [str(item) for item in kind] if isinstance(kind, list) else []


def types(schema: Schema) -> frozenset[str]:
    """JSON types a merged schema allows; empty if it does not say."""
    if "type" in schema:
        return frozenset(_listed(schema["type"]))
    if "const" in schema:
        return frozenset({type_of(schema["const"])})
    if schema.get("enum"):
        return frozenset(type_of(value) for value in schema["enum"])
    if "properties" in schema:
        return frozenset({"object"})
    if "items" in schema or "prefixItems" in schema:
        return frozenset({"array"})
    return frozenset()


def type_of(value: object) -> str:
    """JSON type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return "object"
    return "array" if isinstance(value, list) else "number"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field that holds a single value, or a list of single values."""

    path: str
    schema: dict[str, Any]
    required: bool


def iter_leaves(schema: Schema) -> Iterator[Leaf]:
    """Every leaf of a schema in its order, lists shown as ``items[].sku``.

    A leaf is required if it and everything around it is. A schema that contains itself is
    followed once.
    """
    budget = [_MAX_LEAVES]
    yield from _leaves(schema, view(schema, schema), (), True, (), budget)


def _leaves(
    root: Schema,
    schema: Schema,
    path: SourcePath,
    required: bool,
    around: tuple[str, ...],
    budget: list[int],
) -> Iterator[Leaf]:
    if len(path) > _MAX_LEAF_DEPTH or budget[0] <= 0:
        return
    kinds = types(schema)
    if "array" in kinds:
        items = schema.get("items")
        if isinstance(items, Mapping) and items:
            yield from _below(root, items, (*path, EACH), required, around, budget)
            return
    properties = schema.get("properties")
    if properties:
        wanted = set(schema.get("required") or ())
        for name, below in properties.items():
            if not name or "`" in name:
                continue  # no path can name it
            must = required and name in wanted
            yield from _below(root, below, (*path, name), must, around, budget)
        return
    if path:
        budget[0] -= 1
        yield Leaf(format_source(path), dict(schema), required)


def _below(
    root: Schema,
    schema: object,
    path: SourcePath,
    required: bool,
    around: tuple[str, ...],
    budget: list[int],
) -> Iterator[Leaf]:
    reference = schema.get("$ref") if isinstance(schema, Mapping) else None
    if isinstance(reference, str):
        if around.count(reference) > 0:
            return
        around = (*around, reference)
    yield from _leaves(root, view(root, schema), path, required, around, budget)
