"""Which triggers an event starts, the same for messages and polls, and events read by data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.manifest.model import Operation
from connectors.manifest.parts import EventFields
from connectors.manifest.templates import as_text
from connectors.registry import Connector
from connectors.sdk import Event, pick


def triggers_of(connector: Connector) -> list[Operation]:
    """All operations that can start a flow."""
    return [op for op in connector.manifest.operations.values() if op.kind == "trigger"]


def for_triggers(event: Event, triggers: list[Operation], *, polled: str = "") -> list[Event]:
    """The event once per identity: as it is, and once more for triggers that start only once.

    Those have nothing to wait for: no other change bears their identity. ``polled`` names the
    trigger that was polled; it starts whatever the event's topic is.
    """
    started = [op for op in triggers if _starts(op, event, polled)]
    every = [op.name for op in started if not op.once]
    found = [replace(event, triggers=tuple(every))]
    for operation in started:
        if operation.once:
            once = replace(event, revision=operation.once, triggers=(operation.name,))
            found.append(replace(once, settle_s=0.0))
    return found


def _starts(operation: Operation, event: Event, polled: str) -> bool:
    if operation.name != polled and event.topic not in operation.topics:
        return False
    return operation.when is None or operation.when.holds(event.document)


def read_by_fields(fields: EventFields, headers: Mapping[str, str], document: Any) -> list[Event]:
    """Events of a message whose places the manifest names; raises ValueError if one is missing."""
    held = pick(document, fields.items) if fields.items else document
    entries = held if isinstance(held, list) else [held]
    return [_event(fields, headers, document, entry) for entry in entries]


def _event(fields: EventFields, headers: Mapping[str, str], whole: Any, entry: Any) -> Event:
    def at(pointer: str, what: str) -> str:
        # A place in the entry, else in the whole message (a common topic beside a list).
        value = pick(entry, pointer)
        value = pick(whole, pointer) if value is None else value
        if value is None or value == "":
            raise ValueError(f"the message has no {what}")
        return as_text(value)

    document = pick(entry, fields.document) if fields.document else entry
    if not isinstance(document, Mapping):
        raise ValueError("the record is no object")
    identity = at(fields.id, "id")
    if fields.topic_header:
        topic = headers.get(fields.topic_header.lower(), "")
    else:
        topic = at(fields.topic, "topic") if fields.topic else ""
    key = pick(entry, fields.business_key) if fields.business_key else None
    return Event(
        entity=at(fields.entity, "entity") if fields.entity else fields.entity_is,
        id=identity,
        revision=at(fields.revision, "revision"),
        topic=topic,
        business_key=identity if key in (None, "") else as_text(key),
        document=dict(document),
    )
