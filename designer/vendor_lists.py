"""Lists of a connected system that a step refers to, kept so that nobody is asked twice."""

from __future__ import annotations

from collections.abc import Collection
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


def known_lists(node: Node, schema: Schema | None, connections: Connections) -> VendorLists:
    """What is known of the lists that a target refers to, without asking anybody."""
    connection = connection_of(node, connections)
    names = names_in(connection, schema)
    if connection is None or not names:
        return {}
    return {
        name: [Choice(entry.value, entry.label) for entry in kept.entries]
        for name, kept in connectors.kept_lists(connection.id, names).items()
        if kept.complete
    }


def shown_lists(
    node: Node, schema: Schema | None, connections: Connections, fetch: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Every list that a target refers to, with what is known of it; those of ``fetch`` anew.

    Raises NotAList, and ConnectorError if the system does not answer.
    """
    connection = connection_of(node, connections)
    names = names_in(connection, schema)
    unknown = sorted(set(fetch) - set(names))
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
    return [_shown(name, title, kept.get(name)) for name, title in names.items()]


def _shown(name: str, title: str, kept: connectors.KeptList | None) -> dict[str, Any]:
    entries = kept.entries if kept and kept.complete else ()
    return {
        "name": name,
        "title": title or name,
        "fetched_at": kept.fetched_at if kept else None,
        "complete": kept.complete if kept else None,
        "entries": [{"value": entry.value, "label": entry.label} for entry in entries],
    }
