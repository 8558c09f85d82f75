"""What the runtime is given of a flow when it is published, tried or tested."""

from __future__ import annotations

from typing import Any

from connectors import facade as connectors
from designer import own_functions
from designer.sources import Connections, operation_of, target_schema
from runtime.graph import Node, parse


def release_body(
    workspace_id: str,
    environment: str,
    document: dict[str, Any],
    connections: Connections | None = None,
) -> dict[str, Any]:
    """What the runtime needs of a flow, fixed: the document and the facts of its operations.

    ``connections`` are those of the environment, where the caller has read them.
    """
    document = own_functions.embedded(workspace_id, document)
    graph = parse(document)
    connections = connections or Connections(workspace_id, environment)
    facts: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for node in graph.nodes.values():
        if node.type in ("action", "find_or_create"):
            spec = operation_of(node, connections)
            if spec is None:
                continue
            searches = node.type == "find_or_create"
            if not searches:
                spec = _as_used(spec, node, connections)
            facts[node.id] = {
                "connector": spec.connector,
                "writes": searches or spec.effect == "write",
                # Find-or-create searches by itself before it creates: doing it again is its probe.
                "can_probe": spec.probe is not None and not searches,
                "has_key": searches or spec.idempotency == "key",
                "visibility_delay_s": spec.visibility_delay_s,
                "call_life_s": spec.call_life_s,
                "batch_keyed": spec.batch_keyed,
                "create_keyed": searches and spec.idempotency == "key",
                "repeats": spec.repeats and not searches,
                "batch_max": 0 if searches else spec.batch_max,
            }
        if node.type == "validate":
            schema = target_schema(node.config.get("target"))
            if schema is not None:
                schemas[node.id] = schema
    names = {info.slug: info.name for info in connectors.catalogue()}
    return {"document": document, "facts": facts, "schemas": schemas, "names": names}


def _as_used(
    spec: connectors.OperationSpec, node: Node, connections: Connections
) -> connectors.OperationSpec:
    """The operation as this step uses it: fixed inputs may decide whether it writes at all."""
    fixed: dict[str, Any] = {}
    mapped: set[str] = set()
    for rule in (node.config.get("input") or {}).get("rules", ()):
        expr = rule.get("expr") or {}
        if rule.get("disabled") or expr.get("op") == "hole":
            continue
        target = str(rule.get("target") or "")
        mapped.add(target)
        if expr.get("op") != "const" or rule.get("rows"):
            fixed.pop(target, None)
        elif target:
            fixed[target] = expr.get("value")
        elif isinstance(expr.get("value"), dict):
            fixed |= expr["value"]
    connection = connections.get(node.config.get("connection"))
    settings = connection.settings if connection else {}
    return connectors.describe_call(spec, fixed, frozenset(mapped), settings)
