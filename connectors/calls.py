"""Calling vendors: an operation, a search for a write whose outcome is unknown, find-or-create."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors import credentials, problems, registry
from connectors.sdk import ConnectorError, Exchange, pick
from connectors.session import Session
from connectors.values import ConnectionRef, Reply
from ipaas.core.errors import IpaasError, Kind, NotFound


class NoProbe(IpaasError):
    """There is no way to find out whether this write was done; a person must decide."""

    code = "connector.no_probe"
    kind = Kind.UNPROCESSABLE


class EntityNotFound(NotFound):
    """The connector offers no find-or-create for that entity."""

    code = "connector.entity_not_found"


def call(
    ref: ConnectionRef,
    operation: str,
    inputs: Mapping[str, Any],
    *,
    idempotency_key: str | None = None,
) -> Reply:
    """The vendor's answer to one operation, sent once.

    A write should carry the same ``idempotency_key`` each time the same work is tried. Raises
    ConnectorError, whose ``executed`` says whether it may have been done, and
    ConnectionNotFound.
    """
    return Session(credentials.opened(ref), idempotency_key).perform(operation, inputs)


def can_probe(connector: str, operation: str) -> bool:
    """Whether the manifest says how to search for a lost write of this operation."""
    return registry.get(connector).operation(operation).lookup is not None


def probe(
    ref: ConnectionRef,
    operation: str,
    inputs: Mapping[str, Any],
    idempotency_key: str | None = None,
) -> Reply | None:
    """The document that an earlier ``call`` with these inputs made, or None if there is none.

    A document that has our reference but not our content is not ours: that counts as none. Raises
    NoProbe if nothing in the inputs can be searched for, and ConnectorError if the search fails.
    """
    connection = credentials.opened(ref)
    spec = connection.connector.operation(operation)
    lookup = spec.lookup
    if lookup is None:
        raise NoProbe(
            f"{connection.connector.manifest.name} offers no way to find out whether "
            f"“{spec.title}” was done.",
            hint="Look in the vendor's own screens, then decide.",
        )
    wanted = {
        name: value
        for name, pointer in lookup.inputs.items()
        if (value := pick(inputs, pointer)) is not None and value != ""
    }
    if not wanted:
        raise NoProbe(
            f"“{spec.title}” was sent without anything to search by.",
            hint=f"Map a value to {', '.join(p.strip('/') for p in lookup.inputs.values())}.",
        )
    reply = Session(connection).perform(lookup.operation, wanted)
    found = pick(reply.output, lookup.found)
    if not found:
        return None
    if lookup.same and not connection.connector.hook(lookup.same)(dict(inputs), found):
        return None
    reference = pick(found, spec.reference) if spec.reference else None
    return Reply(found, reply.exchanges, None if reference is None else str(reference))


def find_or_create(
    ref: ConnectionRef,
    entity: str,
    find_inputs: Mapping[str, Any],
    create_inputs: Mapping[str, Any],
    idempotency_key: str | None = None,
) -> Reply:
    """``{"found", "record", "id"}`` of an entity that exists afterwards, whoever made it.

    If the vendor says on creation that it exists already (made meanwhile, or found only now), it
    is searched once more. Raises ConnectorError like ``call``.
    """
    connection = credentials.opened(ref)
    entry = connection.connector.manifest.find_or_create.get(entity)
    if entry is None:
        raise EntityNotFound(
            f"{connection.connector.manifest.name} cannot find or create “{entity}”.",
            hint="Choose one of the entities that the connector lists.",
        )
    exchanges: list[Exchange] = []

    def find() -> Reply | None:
        reply = _keeping(exchanges, connection, entry.find, find_inputs, None)
        record = pick(reply.output, "/record")
        return _outcome(True, record, entry.id, exchanges) if record else None

    if found := find():
        return found
    try:
        created = _keeping(exchanges, connection, entry.create, create_inputs, idempotency_key)
    except ConnectorError as error:
        if problems.vendor_code(error) not in entry.duplicate_codes or not entry.duplicate_codes:
            raise
        if found := find():
            return found
        error.exchanges = tuple(exchanges)
        raise
    return _outcome(False, created.output, entry.id, exchanges)


def _keeping(
    exchanges: list[Exchange],
    connection: credentials.Opened,
    operation: str,
    inputs: Mapping[str, Any],
    key: str | None,
) -> Reply:
    """Reply of one part; its exchanges join the others, also when it fails."""
    try:
        reply = Session(connection, key).perform(operation, inputs)
    except ConnectorError as error:
        exchanges.extend(error.exchanges)
        error.exchanges = tuple(exchanges)
        raise
    exchanges.extend(reply.exchanges)
    return reply


def _outcome(found: bool, record: Any, pointer: str, exchanges: list[Exchange]) -> Reply:
    value = pick(record, pointer)
    identity = "" if value is None else str(value)
    return Reply(
        {"found": found, "record": record, "id": identity}, tuple(exchanges), identity or None
    )
