"""Lists of a connected system that a step refers to, kept so that nobody is asked twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors import facade as connectors
from designer.sources import Connections, Schema
from ipaas.core.errors import IpaasError, NotFound
from ipaas.mapping.errors import Choice
from ipaas.mapping.vendor_lists import VendorLists, list_names
from runtime.graph import Node


class NotAList(NotFound):
    """What is to be fetched is no list that the step's target refers to."""

    code = "mapping.no_such_list"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is shown what is found; ``edits`` says whether the person may change flows."""

    edits: bool
    role: str
    user_id: Any

    def sees(self, workspace_id: str, connection: connectors.Connection) -> bool:
        """Whether the person may read the names in the lists of a connection."""
        return self.edits and connectors.may_use(
            workspace_id, connection.id, role=self.role, user_id=self.user_id
        )


@dataclass(frozen=True, slots=True)
class _Entries:
    """A kept list to check against; what was asked once is remembered."""

    kept: connectors.KeptList
    named: bool
    known: dict[str, str | None] = field(default_factory=dict)

    def among(self, values: Collection[str]) -> Mapping[str, str]:
        """Those of the values that are in the list, each with its label."""
        new = [value for value in values if value not in self.known]
        if new:
            self.known.update(dict.fromkeys(new))
            self.known.update(connectors.entries_among(self.kept, new))
        return {value: label for value in values if (label := self.known[value]) is not None}

    def like(self, value: str) -> Sequence[Choice]:
        """Entries that may have been meant; none for who may not see them."""
        if not self.named:
            return ()
        found = connectors.entries_like(self.kept, value)
        return [Choice(entry.value, entry.label) for entry in found]


def connection_of(node: Node, connections: Connections) -> connectors.Connection | None:
    """The connection whose lists the target of a step refers to; None if it cannot be told."""
    target = node.config.get("target") if node.type == "map" else None
    if isinstance(target, dict) and target.get("connector"):
        return connections.get(connections.only_one_of(str(target["connector"])))
    return connections.get(node.config.get("connection"))


def names_in(connection: connectors.Connection | None, schema: Schema | None) -> dict[str, str]:
    """Lists that a target refers to and its connector keeps: name to title."""
    if connection is None or not schema:
        return {}
    try:
        known = connectors.kept_options(connection.connector)
    except IpaasError:
        return {}
    if not known:
        return {}
    wanted = list_names(schema)
    return {name: title for name, title in known.items() if name in wanted}


def known_lists(
    node: Node, schema: Schema | None, connections: Connections, reader: Reader | None = None
) -> VendorLists:
    """What is known of the lists that a target refers to, without asking any system.

    Entries are proposed only to a ``reader`` who may see the lists themselves.
    """
    connection = connection_of(node, connections)
    names = names_in(connection, schema)
    if connection is None or not names:
        return {}
    complete = {
        name: kept
        for name, kept in connectors.kept_lists(connection.id, names).items()
        if kept.complete
    }
    if not complete:
        return {}
    named = reader is not None and reader.sees(connections.workspace_id, connection)
    return {name: _Entries(kept, named) for name, kept in complete.items()}


def shown_lists(
    node: Node,
    schema: Schema | None,
    connections: Connections,
    fetch: Collection[str] = (),
    values: Mapping[str, Collection[str]] | None = None,
) -> list[dict[str, Any]]:
    """Every list that a target refers to, with what is known of it; those of ``fetch`` anew.

    Of a long list, only those of its ``values`` are shown that it has. Raises NotAList, and
    ConnectorError if the system does not answer.
    """
    connection = connection_of(node, connections)
    names = names_in(connection, schema)
    unknown = sorted({*fetch, *(values or ())} - set(names))
    if unknown:
        raise NotAList(
            f"The step refers to no list “{unknown[0]}”.",
            hint=f"It refers to {', '.join(names) or 'none'}.",
        )
    if connection is None:
        return []
    for name in fetch:
        connectors.fetch_list(connections.workspace_id, connection.id, name)
    kept = connectors.kept_lists(connection.id, names)
    asked = values or {}
    return [_shown(name, title, kept.get(name), asked.get(name)) for name, title in names.items()]


def _shown(
    name: str, title: str, kept: connectors.KeptList | None, values: Collection[str] | None
) -> dict[str, Any]:
    entries: dict[str, str] = {}
    if kept is not None and kept.whole:
        entries = {entry.value: entry.label for entry in connectors.entries_of(kept)}
    elif kept is not None and kept.complete and values:
        entries = connectors.entries_among(kept, values)
    return {
        "name": name,
        "title": title or name,
        # While a list is read for the first time, it is as good as not there.
        "fetched_at": kept.fetched_at if kept and kept.complete is not None else None,
        "complete": kept.complete if kept else None,
        "count": kept.count if kept else 0,
        "whole": kept.whole if kept else False,
        "reading": kept.got if kept else None,
        "entries": [{"value": value, "label": label} for value, label in entries.items()],
    }
