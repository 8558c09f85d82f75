"""Ready-made flows: a document with named mappings, put together when it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors import facade as connectors
from ipaas.core import jsonio

FOLDER = Path(__file__).resolve().parent


def flow_document(slug: str) -> dict[str, Any]:
    """Flow document of a blueprint, its ``$mapping`` references replaced by the mappings.

    ``connector/name`` is a mapping that the connector brings; a bare name is the blueprint's own.
    """
    folder = FOLDER / slug
    own = jsonio.loads((folder / "mappings.json").read_bytes())

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            if "$mapping" in value:
                connector, _, name = value["$mapping"].rpartition("/")
                return connectors.mapping_document(connector, name) if connector else own[name]
            return {key: filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner) for inner in value]
        return value

    document: dict[str, Any] = filled(jsonio.loads((folder / "flow.json").read_bytes()))
    return document
