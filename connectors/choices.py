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
from ipaas.core import clock
from ipaas.core.errors import NotFound

MOST = 100
FETCHING_S = 8.0
"""How long one request may read on in a list."""
_MOST_OF_AN_OPERATION = 10_000


class ListNotFound(NotFound):
    """The connector has no pick-list of that name."""

    code = "connector.list_not_found"


def options(workspace_id: str, connection_id: str, name: str, q: str = "") -> list[Choice]:
    """Entries of pick-list ``name`` that match ``q``, at most 100. Raises ConnectorError.

    What is asked for without ``q`` is kept to check mappings against, if it is the whole list.
    """
    q = q.strip()
    connection, entry = _opened(workspace_id, connection_id, name)
    entries, complete = _first_entries(Session(connection), entry, q)
    if entry.keep and complete and not q:
        vendor_lists.keep(connection.id, name, entries)
    return entries[:MOST]


def fetch_list(workspace_id: str, connection_id: str, name: str) -> None:
    """Read a pick-list that is kept, portion by portion. Raises ConnectorError.

    After a few seconds it is left as it is, to be asked for again: ``got`` of what is kept tells
    how far it is. What was known before stays in force until the end.
    """
    connection, entry = _opened(workspace_id, connection_id, name)
    if not entry.keep:
        return
    session, began = Session(connection), clock.monotonic_s()
    reading = vendor_lists.begin(connection.id, name)
    while True:
        entries, more = _portion(session, entry, reading.got)
        added = vendor_lists.add(reading, entries)
        if added is None:
            return
        # The rest of a list that cannot be read in parts is never seen.
        too_long = added.got > vendor_lists.MOST_KEPT or (more and entry.page == 0)
        if too_long or not more:
            vendor_lists.finish(added, too_long=too_long)
            return
        reading = added
        if clock.monotonic_s() - began > FETCHING_S:
            return


def kept_options(connector: str) -> dict[str, str]:
    """Names and titles of a connector's pick-lists that are kept."""
    options = registry.get(connector).manifest.options
    return {name: entry.title for name, entry in options.items() if entry.keep}


def _opened(workspace_id: str, connection_id: str, name: str) -> tuple[credentials.Opened, Options]:
    connection = credentials.opened(get_connection_by_id(workspace_id, connection_id).ref)
    entry = connection.connector.manifest.options.get(name)
    if entry is None:
        raise ListNotFound(
            f"{connection.connector.manifest.name} has no list “{name}”.",
            hint=f"There are {', '.join(connection.connector.manifest.options) or 'none'}.",
        )
    return connection, entry


def _first_entries(session: Session, entry: Options, q: str) -> tuple[list[Choice], bool]:
    """What to show of a list, and whether that is all of it."""
    if not entry.hook:
        return _from_operation(session, entry, q)
    given = _choices(session.hook(entry.hook)(session, q))
    return given, entry.page == 0 or len(given) < entry.page


def _portion(session: Session, entry: Options, start: int) -> tuple[list[Choice], bool]:
    """Entries from a place in the list on, and whether there may be more after them."""
    if not entry.hook:
        entries, complete = _from_operation(session, entry, "", _MOST_OF_AN_OPERATION)
        return entries, not complete
    if entry.page == 0:
        return _choices(session.hook(entry.hook)(session, "")), False
    entries = _choices(session.hook(entry.hook)(session, "", start))
    return entries, len(entries) >= entry.page


def _choices(given: Any) -> list[Choice]:
    return [Choice(str(value), str(label)) for value, label in given]


def _from_operation(
    session: Session, entry: Options, q: str, most: int = 0
) -> tuple[list[Choice], bool]:
    """Entries of a read operation, and whether these are all.

    What the vendor cannot search for is searched for here.
    """
    inputs = {**entry.inputs, **({entry.search: q} if entry.search and q else {})}
    if most and "limit" in session.connector.operation(entry.operation).input.get("properties", {}):
        inputs = {"limit": most, **inputs}
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
