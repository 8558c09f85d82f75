"""Flow documents in few words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def path(text: str) -> dict[str, Any]:
    """Expression that reads a field."""
    return {"op": "field", "path": text}


def const(value: Any) -> dict[str, Any]:
    """Expression that is a value."""
    return {"op": "const", "value": value}


def call(fn: str, *args: Any) -> dict[str, Any]:
    """Expression that calls a function."""
    return {"op": "call", "fn": fn, "args": list(args)}


def mapping(**targets: str) -> dict[str, Any]:
    """Mapping that copies fields: target name = source path."""
    rules = [
        {"id": f"r{n}", "target": t, "expr": path(p)} for n, (t, p) in enumerate(targets.items())
    ]
    return {"schema": 1, "rules": rules}


def node(node_id: str, kind: str, **config: Any) -> dict[str, Any]:
    """A step."""
    return {"id": node_id, "type": kind, "name": node_id, "config": config}


def wires(text: str) -> list[dict[str, Any]]:
    """Edges of a text such as ``a>b b.error>c``."""
    found = []
    for number, pair in enumerate(text.split()):
        source, target = pair.split(">")
        source, _, port = source.partition(".")
        found.append(
            {"id": f"e{number}", "source": source, "source_port": port or "out", "target": target}
        )
    return found


def document(nodes: Iterable[dict[str, Any]], edges: str) -> dict[str, Any]:
    """A flow document."""
    return {"schema": 1, "nodes": list(nodes), "edges": wires(edges)}
