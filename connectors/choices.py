"""Pick-lists: what a person may choose, read from the vendor."""

from __future__ import annotations

from typing import Any

from connectors import credentials, registry, vendor_lists
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
    """Entries of pick-list ``name`` that match ``q``, at most 100. Raises ConnectorError.

    What is asked for without ``q`` is the whole list, which is kept to check mappings against.
    """
    return _asked(workspace_id, connection_id, name, q.strip())[0][:MOST]


def fetch_list(workspace_id: str, connection_id: str, name: str) -> vendor_lists.KeptList | None:
    """Ask for a whole pick-list and keep it; None for one that is not kept. ConnectorError."""
    return _asked(workspace_id, connection_id, name, "")[1]


def kept_options(connector: str) -> dict[str, str]:
    """Names and titles of a connector's pick-lists that are kept."""
    options = registry.get(connector).manifest.options
    return {name: entry.title for name, entry in options.items() if entry.keep}


def _asked(
    workspace_id: str, connection_id: str, name: str, wanted: str
) -> tuple[list[Choice], vendor_lists.KeptList | None]:
    connection = credentials.opened(get_connection_by_id(workspace_id, connection_id).ref)
    entry = connection.connector.manifest.options.get(name)
    if entry is None:
        raise ListNotFound(
            f"{connection.connector.manifest.name} has no list “{name}”.",
            hint=f"There are {', '.join(connection.connector.manifest.options) or 'none'}.",
        )
    session = Session(connection)
    if entry.hook:
        given = connection.connector.hook(entry.hook)(session, wanted)
        entries, complete = [Choice(str(value), str(label)) for value, label in given], True
    else:
        entries, complete = _from_operation(session, entry, wanted)
    if wanted or not entry.keep:
        return entries, None
    return entries, vendor_lists.keep(connection.id, name, entries, complete=complete)


def _from_operation(session: Session, entry: Options, q: str) -> tuple[list[Choice], bool]:
    """Entries of a read operation, and whether these are all.

    What the vendor cannot search for is searched for here.
    """
    inputs = {**entry.inputs, **({entry.search: q} if entry.search and q else {})}
    output = session.call(entry.operation, inputs)
    found = pick(output, entry.items) or []
    choices = [
        Choice(as_text(value), _label(entry, item) or as_text(value))
        for item in found
        if (value := pick(item, entry.value)) is not None
    ]
    if not entry.search:
        choices = [each for each in choices if q.lower() in f"{each.label} {each.value}".lower()]
    return choices, not _has_more(output, len(found))


def _has_more(output: Any, count: int) -> bool:
    """Whether a page of a list says, or may mean, that there are further ones."""
    if not isinstance(output, dict):
        return False
    total = output.get("total_count", output.get("total"))
    if isinstance(total, int):
        return total > count
    return bool(output.get("next") or output.get("cursor") or output.get("has_more"))


def _label(entry: Options, item: Any) -> str:
    if entry.label.startswith("/"):
        value = pick(item, entry.label)
        return "" if value is None else as_text(value)
    text = fill_text(entry.label, {"item": item})
    return "" if text is MISSING else str(text)
