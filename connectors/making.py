"""A new connection that is kept only if it works; and what its vendor granted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors import registry
from connectors.links import create_connection, discard_connection, missing_scopes, test_connection
from connectors.models import ConnectionRow
from connectors.values import Connection
from ipaas.core.errors import Unprocessable


class ConnectionTestFailed(Unprocessable):
    """What was typed makes a connection, but the vendor did not accept a call."""

    code = "connection.test_failed"


@dataclass(frozen=True, slots=True)
class Scopes:
    """OAuth scopes: what the vendor granted, and what operations of the connector lack."""

    granted: tuple[str, ...]
    missing: tuple[str, ...]


def create_tested(workspace_id: str, environment: str, **given: Any) -> Connection:
    """The new connection after a call that succeeded; nothing stays if it did not.

    A connection that a person must authorise first is kept and tested later. Raises
    ConnectionInvalid, or ConnectionTestFailed with the vendor's words.
    """
    made = create_connection(workspace_id, environment, **given)
    if made.status != "ready":
        return made
    result = test_connection(workspace_id, made.id)
    if result.ok:
        return made
    discard_connection(workspace_id, made.id)
    raise ConnectionTestFailed(
        result.message, hint=result.hint or "Check what was typed, then test again."
    )


def scopes_of(connection: Connection) -> Scopes | None:
    """The scopes of an OAuth connection; None if its way to authorise knows none."""
    held = registry.get(connection.connector)
    row = ConnectionRow.objects.filter(id=connection.id).first()
    asked = held.manifest.auth_named(row.auth if row else "").scope
    if row is None or not (row.granted_scopes or asked):
        return None
    granted = row.granted_scopes or (asked if row.status == "ready" else "")
    missing = missing_scopes(connection.workspace_id, connection.id, list(held.manifest.operations))
    return Scopes(tuple(granted.split()), missing if granted else ())
