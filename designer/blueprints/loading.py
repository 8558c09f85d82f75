"""Ready-made flows: a document with named mappings, put together when it is used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors import facade as connectors
from ipaas.core import jsonio
from ipaas.mapping.insertions import fitted
from ipaas.mapping.model import Insertion

FOLDER = Path(__file__).resolve().parent


def flow_document(
    slug: str, lay: Callable[[str, dict[str, str]], dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Flow document of a blueprint, its ``$mapping`` references replaced by the mappings.

    ``connector/name`` is a mapping that the connector brings; a bare name is the blueprint's own.
    ``read`` beside it says where this flow holds what the mapping reads elsewhere, for example
    ``{"trigger": "steps.shop_order"}``. ``lay`` makes a mapping that follows the connector's, given
    its starting point and ``read``.
    """
    folder = FOLDER / slug
    own = jsonio.loads((folder / "mappings.json").read_bytes())

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            if "$mapping" in value:
                return mapping(value["$mapping"], value.get("read", {}))
            return {key: filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner) for inner in value]
        return value

    def mapping(reference: str, read: dict[str, str]) -> dict[str, Any]:
        connector, _, name = reference.rpartition("/")
        if connector and lay is not None:
            return lay(f"{connector}.{name}", read)
        found = connectors.mapping_document(connector, name) if connector else own[name]
        return fitted(found, Insertion("", reference, 1, tuple(read.items())))

    document: dict[str, Any] = filled(jsonio.loads((folder / "flow.json").read_bytes()))
    return document
