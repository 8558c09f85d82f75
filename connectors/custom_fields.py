"""Fields that an account defined for itself: asked of the vendor, and put into the schemas."""

from __future__ import annotations

import copy
import threading
from dataclasses import replace
from typing import Any

from connectors import catalogue, credentials
from connectors.manifest.parts import CustomFields
from connectors.sdk import pick
from connectors.session import Session
from connectors.values import ConnectionRef, OperationSpec
from ipaas.core import clock

Properties = dict[str, Any]
MOST_FIELDS = 500
_TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
}
_kept: dict[tuple[str, int, int], tuple[float, Properties]] = {}
_lock = threading.Lock()


def describe_operation_of(ref: ConnectionRef, operation: str) -> OperationSpec:
    """One operation as this connection's account has it, its own fields in both schemas.

    What the vendor told is kept for an hour or as long as the manifest says. Raises
    ConnectorError if it cannot be asked; ``describe_operation`` always answers.
    """
    connection = credentials.opened(ref)
    spec = catalogue.describe_operation(connection.connector.slug, operation)
    if not spec.custom_fields:
        return spec
    found = spec
    for number, rule in enumerate(connection.connector.manifest.custom_fields):
        if operation not in rule.operations:
            continue
        properties = _properties(connection, number, rule)
        found = replace(
            found,
            input_schema=_with(found.input_schema, rule.at, properties),
            output_schema=_with(found.output_schema, rule.at, properties),
        )
    return found


def forget_custom_fields(connection_id: str) -> None:
    """Ask the vendor anew at the next use."""
    with _lock:
        for key in [key for key in _kept if key[0] == connection_id]:
            del _kept[key]


def _properties(connection: credentials.Opened, number: int, rule: CustomFields) -> Properties:
    # A new credential can mean another account, so its version is part of the name.
    key, now_s = (connection.id, connection.version, number), clock.monotonic_s()
    held = _kept.get(key)
    if held and now_s - held[0] < rule.keep_s:
        return held[1]
    session = Session(connection)
    if rule.hook:
        found: Properties = dict(connection.connector.hook(rule.hook)(session))
    else:
        items = pick(session.call(rule.operation, rule.inputs), rule.items) or []
        found = dict(_property(rule, item) for item in items if pick(item, rule.name))
    found = dict(list(found.items())[:MOST_FIELDS])
    with _lock:
        if len(_kept) > 1000:
            _kept.clear()
        _kept[key] = (now_s, found)
    return found


def _property(rule: CustomFields, item: Any) -> tuple[str, dict[str, Any]]:
    told = str(pick(item, rule.type) or "") if rule.type else "string"
    schema = dict(_TYPES[rule.types.get(told, told if told in _TYPES else "string")])
    name = str(pick(item, rule.name))
    title = pick(item, rule.title) if rule.title else None
    choices = pick(item, rule.choices) if rule.choices else None
    schema["title"] = str(title or name)
    if isinstance(choices, list) and choices:
        schema["enum"] = choices
    return name, schema


def _with(schema: dict[str, Any], at: str, properties: Properties) -> dict[str, Any]:
    """``schema`` with ``properties`` at the object that ``at`` names; unchanged if it has none."""
    changed = copy.deepcopy(schema)
    place: Any = changed
    for part in at.split("/")[1:]:
        for _ in range(20):
            reference = place.get("$ref") if isinstance(place, dict) else None
            if not isinstance(reference, str):
                break
            place = pick(changed, reference.removeprefix("#"))
        place = place.get(part) if isinstance(place, dict) else None
    if isinstance(place, dict) and isinstance(place.get("$ref"), str):
        place = pick(changed, place["$ref"].removeprefix("#"))
    if isinstance(place, dict):
        place["properties"] = {**place.get("properties", {}), **properties}
    return changed
