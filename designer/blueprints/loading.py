"""Ready-made flows: a document with named mappings, put together when it is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors import facade as connectors
from ipaas.core import jsonio

FOLDER = Path(__file__).resolve().parent


def flow_document(slug: str) -> dict[str, Any]:
    """Flow document of a blueprint, its ``$mapping`` references replaced by the mappings.

    ``connector/name`` is a mapping that the connector brings; a bare name is the blueprint's own.
    ``read`` beside it says where this flow holds what the mapping reads elsewhere, for example
    ``{"trigger": "steps.shop_order"}``.
    """
    folder = FOLDER / slug
    own = jsonio.loads((folder / "mappings.json").read_bytes())

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            if "$mapping" in value:
                connector, _, name = value["$mapping"].rpartition("/")
                mapping = connectors.mapping_document(connector, name) if connector else own[name]
                return _reading(mapping, value["read"]) if "read" in value else mapping
            return {key: filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [filled(inner) for inner in value]
        return value

    document: dict[str, Any] = filled(jsonio.loads((folder / "flow.json").read_bytes()))
    return document


def _reading(value: Any, places: Mapping[str, str]) -> Any:
    """The same rules, with source paths that begin elsewhere; longer beginnings go first."""
    if isinstance(value, dict):
        return {
            key: _moved(inner, places)
            if key in ("path", "each") and isinstance(inner, str)
            else _reading(inner, places)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_reading(inner, places) for inner in value]
    return value


def _moved(path: str, places: Mapping[str, str]) -> str:
    for old in sorted(places, key=len, reverse=True):
        if re.match(rf"{re.escape(old)}(?![A-Za-z0-9_$-])", path):
            return places[old] + path[len(old) :]
    return path
