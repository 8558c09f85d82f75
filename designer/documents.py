"""The shape of a flow document, as a published JSON Schema, and its check at the door."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from threading import Lock
from typing import Any

import jsonschema

from designer.settings_schemas import CONFIG_SCHEMAS, TEXT
from ipaas.core import jsonio
from ipaas.core.errors import TooLarge, Unprocessable
from ipaas.mapping import MAPPING_SCHEMA, MappingInvalid, parse_mapping
from runtime.graph import NODE_KINDS

MAX_DOCUMENT_BYTES = 2 * 1024 * 1024
EMPTY: dict[str, Any] = {"schema": 1, "nodes": [], "edges": []}
MAPPINGS = {
    "map": ("mapping",),
    "action": ("input",),
    "find_or_create": ("find", "create"),
    "call_flow": ("input",),
}
"""Settings of each kind of step that are mappings, the usual one first."""

_EMPTY_MAPPING: dict[str, Any] = {"schema": 1, "rules": []}
_ID = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}
FLOW_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "/api/v1/schemas/flow",
    "title": "Flow document",
    "type": "object",
    "required": ["schema", "nodes", "edges"],
    "additionalProperties": False,
    "properties": {
        "schema": {"const": 1},
        "nodes": {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 500},
        "edges": {"type": "array", "items": {"$ref": "#/$defs/edge"}, "maxItems": 2000},
    },
    "$defs": {
        "node": {
            "type": "object",
            "required": ["id", "type", "config"],
            "properties": {
                "id": _ID,
                "type": {"enum": list(NODE_KINDS)},
                "name": TEXT,
                "config": {"type": "object"},
                "position": {
                    "type": "object",
                    "properties": {"x": {"type": "number"}, "y": {"type": "number"}},
                },
                "note": {"type": "string", "maxLength": 2000},
            },
            "allOf": [
                {
                    "if": {"properties": {"type": {"const": kind}}},
                    "then": {"properties": {"config": {"$ref": f"#/$defs/config.{kind}"}}},
                }
                for kind in CONFIG_SCHEMAS
            ],
        },
        "edge": {
            "type": "object",
            "required": ["id", "source", "target"],
            "properties": {
                "id": {"type": "string", "maxLength": 80},
                "source": _ID,
                "source_port": {"type": "string", "maxLength": 40},
                "target": _ID,
                "target_port": {"type": "string", "maxLength": 40},
            },
        },
        "mapping": {k: v for k, v in MAPPING_SCHEMA.items() if k not in ("$schema", "$id")},
        **{f"config.{kind}": schema for kind, schema in CONFIG_SCHEMAS.items()},
    },
}


class MalformedFlow(Unprocessable):
    """The document does not have the shape of a flow."""

    code = "flow.malformed"


class FlowTooLarge(TooLarge):
    """The document is larger than a flow may be."""

    code = "flow.too_large"


def _lift_definitions(schema: dict[str, Any]) -> dict[str, Any]:
    """Move the mapping schema's own definitions up, so that its references resolve here."""
    definitions = schema["$defs"]
    definitions.update(definitions["mapping"].pop("$defs", {}))
    return schema


_MOST_KNOWN = 1000


class _Sound:
    """Documents that were found right lately, by digest: a flow is tried far more than changed."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._lock = Lock()

    def knows(self, digest: bytes) -> bool:
        return digest in self._known

    def learn(self, digest: bytes) -> None:
        with self._lock:
            self._known[digest] = None
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)


_sound = _Sound()
_validator = jsonschema.Draft202012Validator(_lift_definitions(FLOW_SCHEMA))


def _without_mappings(document: Any) -> Any:
    """The document with an empty mapping in place of each that our own reader accepts.

    The reader takes what the schema takes, and is twenty times faster on hundreds of rules.
    """
    nodes = document.get("nodes") if isinstance(document, dict) else None
    if not isinstance(nodes, list):
        return document
    return {**document, "nodes": [_lightened(node) for node in nodes]}


def _lightened(node: Any) -> Any:
    config = node.get("config") if isinstance(node, dict) else None
    if not isinstance(config, dict):
        return node
    sound = {}
    for name in MAPPINGS.get(str(node.get("type")), ()):
        try:
            if isinstance(config.get(name), dict):
                parse_mapping(config[name])
                sound[name] = _EMPTY_MAPPING
        except MappingInvalid:
            continue
    return {**node, "config": {**config, **sound}} if sound else node


def require_shape(document: Any) -> None:
    """Raise MalformedFlow, naming the place, unless ``document`` has the shape of a flow."""
    text = jsonio.dumps(document)
    if len(text) > MAX_DOCUMENT_BYTES:
        raise FlowTooLarge(
            f"A flow may have {MAX_DOCUMENT_BYTES // 1024 // 1024} MB.",
            hint="Keep samples small; move a part into a flow of its own.",
        )
    digest = blake2b(text, digest_size=16).digest()
    if _sound.knows(digest):
        return
    if _validator.is_valid(_without_mappings(document)):
        _sound.learn(digest)
        return
    error = jsonschema.exceptions.best_match(_validator.iter_errors(document))
    if error is not None:
        where = "/".join(str(part) for part in error.absolute_path) or "the top"
        raise MalformedFlow(
            f"The flow document is wrong at {where}: {error.message[:200]}",
            hint="Compare it with the schema at /api/v1/schemas/flow.",
            pointer=f"/{where}" if error.absolute_path else "",
        )
