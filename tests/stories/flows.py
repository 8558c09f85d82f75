"""Small flow documents for stories that begin with a flow already drawn."""

from __future__ import annotations

from typing import Any


def node(node_id: str, kind: str, name: str, column: int, **config: Any) -> dict[str, Any]:
    """A step in a column of the canvas."""
    return {
        "id": node_id,
        "type": kind,
        "name": name,
        "config": config,
        "position": {"x": 336 * column, "y": 0},
    }


def wire(source: str, target: str) -> dict[str, Any]:
    """From the way out of one step into another."""
    return {
        "id": f"{source}-{target}",
        "source": source,
        "source_port": "out",
        "target": target,
        "target_port": "in",
    }


def flow(nodes: list[dict[str, Any]], *wires: dict[str, Any]) -> dict[str, Any]:
    """The document of a flow."""
    return {"schema": 1, "nodes": nodes, "edges": list(wires)}


def hand(**sample: Any) -> dict[str, Any]:
    """A trigger that a person pulls, with an example document."""
    return node("hand", "trigger.manual", "Start by hand", 0, sample=sample)


def rules(**fields: str) -> dict[str, Any]:
    """A mapping that copies a source path to each target field."""
    return {
        "schema": 1,
        "rules": [
            {"id": f"r{number}", "target": target, "expr": {"op": "field", "path": path}}
            for number, (target, path) in enumerate(fields.items(), 1)
        ],
    }


def create_customer(column: int = 1, **fields: str) -> dict[str, Any]:
    """A step that creates a customer in the books."""
    return node(
        "customer",
        "action",
        "Create a customer",
        column,
        connection="quickbooks",
        operation="create_customer",
        input=rules(**fields),
    )
