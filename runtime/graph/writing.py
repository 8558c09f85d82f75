"""Whether a step makes a record or changes one, for rules that are only for one of the two."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from runtime.graph.document import Node

Way: TypeAlias = Literal["create", "update"]
_WAYS: Final[dict[str, Way]] = {"create": "create", "insert": "create", "update": "update"}


def way_of_writing(node: Node, mapping_name: str) -> Way | None:
    """How what a mapping makes is written; None where it is read, or where the vendor decides.

    Operations are named after what they do: ``create_invoice``, ``update_invoice``. A map step
    makes what the operation that its target names takes.
    """
    if node.type == "find_or_create":
        return "create" if mapping_name == "create" else None
    settings = node.config.get("target") if node.type == "map" else node.config
    operation = settings.get("operation") if isinstance(settings, dict) else None
    return _WAYS.get(str(operation or "").partition("_")[0])
