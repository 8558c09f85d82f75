"""Pick-lists: what a person may choose, read from the vendor."""

from __future__ import annotations

from typing import Any

from connectors import credentials
from connectors.links import get_connection_by_id
from connectors.manifest.parts import Options
from connectors.manifest.templates import MISSING, as_text, fill_text
from connectors.sdk import pick
from connectors.session import Session
from connectors.values import Choice
from ipaas.core.errors import NotFound

MOST = 100


class ListNotFound(NotFound):
    """The connector has no pick-list of that name."""

    code = "connector.list_not_found"


def options(workspace_id: str, connection_id: str, name: str, q: str = "") -> list[Choice]:
    """Entries of pick-list ``name`` that match ``q``, at most 100. Raises ConnectorError."""
    connection = credentials.opened(get_connection_by_id(workspace_id, connection_id).ref)
    entry = connection.connector.manifest.options.get(name)
    if entry is None:
        raise ListNotFound(
            f"{connection.connector.manifest.name} has no list “{name}”.",
            hint=f"There are {', '.join(connection.connector.manifest.options) or 'none'}.",
        )
    session, wanted = Session(connection), q.strip()
    if entry.hook:
        entries = connection.connector.hook(entry.hook)(session, wanted)
        return [Choice(str(value), str(label)) for value, label in entries][:MOST]
    return _from_operation(session, entry, wanted)


def _from_operation(session: Session, entry: Options, q: str) -> list[Choice]:
    """Entries of a read operation; what the vendor cannot search for is searched for here."""
    inputs = {**entry.inputs, **({entry.search: q} if entry.search and q else {})}
    found = pick(session.call(entry.operation, inputs), entry.items) or []
    choices = [
        Choice(as_text(value), _label(entry, item) or as_text(value))
        for item in found
        if (value := pick(item, entry.value)) is not None
    ]
    if not entry.search:
        choices = [each for each in choices if q.lower() in f"{each.label} {each.value}".lower()]
    return choices[:MOST]


def _label(entry: Options, item: Any) -> str:
    if entry.label.startswith("/"):
        value = pick(item, entry.label)
        return "" if value is None else as_text(value)
    text = fill_text(entry.label, {"item": item})
    return "" if text is MISSING else str(text)
