"""Pick-lists: what a person may choose, read from the vendor."""

from __future__ import annotations

from connectors import credentials
from connectors.links import get_connection_by_id
from connectors.session import Session
from connectors.values import Choice
from ipaas.core.errors import NotFound


class ListNotFound(NotFound):
    """The connector has no pick-list of that name."""

    code = "connector.list_not_found"


def options(workspace_id: str, connection_id: str, name: str, q: str = "") -> list[Choice]:
    """Entries of pick-list ``name`` that match ``q``, at most 100. Raises ConnectorError."""
    connection = credentials.opened(get_connection_by_id(workspace_id, connection_id).ref)
    hook = connection.connector.manifest.options.get(name)
    if hook is None:
        raise ListNotFound(
            f"{connection.connector.manifest.name} has no list “{name}”.",
            hint=f"There are {', '.join(connection.connector.manifest.options) or 'none'}.",
        )
    entries = connection.connector.hook(hook)(Session(connection), q.strip())
    return [Choice(str(value), str(label)) for value, label in entries][:100]
