"""Problems of a flow: of the drawing, of every step's settings, and of its mappings."""

from __future__ import annotations

from typing import Any

from connectors import facade as connectors
from designer import own_functions, step_checks
from designer.documents import MAPPINGS, MalformedFlow
from designer.settings_schemas import CONFIG_SCHEMAS
from designer.sources import (
    Connections,
    context_schema,
    input_schema,
    operation_of,
    sources,
    target_schema,
)
from designer.vendor_lists import known_lists
from ipaas.core.errors import IpaasError
from ipaas.mapping import check, compile_expr, compile_mapping, parse_mapping
from ipaas.mapping.model import Document
from runtime import facade as runtime
from runtime.graph import (
    BrokenFlow,
    Graph,
    Node,
    Problem,
    parse,
    structure_problems,
    way_of_writing,
)

_EMPTY_MAPPING: dict[str, Any] = {"schema": 1, "rules": []}
_WORDS = {
    "connection": "a connection",
    "operation": "what to do",
    "entity": "what kind of record it is",
    "target": "the shape to make",
    "source": "the document to check",
    "condition": "its condition",
    "list": "the list to work on",
    "figures": "what to work out",
    "fields": "the fields to convert",
    "table": "a lookup table",
    "key": "the code to look up",
    "branches": "its ways",
    "flow": "the flow to call",
    "assignee": "somebody to ask",
    "left": "the first record",
    "right": "the second record",
}


def problems_of(workspace_id: str, environment: str, document: dict[str, Any]) -> list[Problem]:
    """Everything that must or should be mended, for publishing to ``environment``."""
    document = own_functions.embedded(workspace_id, document)
    try:
        graph = parse(document)
    except BrokenFlow as error:
        return [Problem("error", error.code, error.message, error.hint)]
    found = structure_problems(graph)
    connections = Connections(workspace_id, environment)
    circular = any(problem.code == "flow.cycle" for problem in found)
    for node in graph.nodes.values():
        found.extend(_settings_problems(node, environment, connections))
        if not circular:
            found.extend(_mapping_problems(node, graph, connections))
        found.extend(_expression_problems(node))
        found.extend(step_checks.problems_of(workspace_id, environment, node))
    return found


def errors_of(problems: list[Problem]) -> list[Problem]:
    """Only what stands in the way of publishing."""
    return [problem for problem in problems if problem.severity == "error"]


def _settings_problems(node: Node, environment: str, connections: Connections) -> list[Problem]:
    found: list[Problem] = []
    for name in CONFIG_SCHEMAS[node.type].get("x-needs", ()):
        if node.config.get(name) in (None, "", {}, []):
            found.append(
                Problem(
                    "error",
                    "node.incomplete",
                    f"“{node.name}” still needs {_WORDS.get(name, name)}.",
                    "Choose it in the step's settings.",
                    node.id,
                    name,
                )
            )
    if node.kind.is_trigger:
        found.extend(runtime.trigger_problems(node.id, node.type, node.config))
    slug = node.config.get("connection")
    if slug:
        connection = connections.get(slug)
        if connection is None:
            found.append(
                Problem(
                    "error",
                    "node.no_connection",
                    f"“{node.name}” uses the connection “{slug}”, which does not exist in "
                    f"{environment}.",
                    "Choose another connection, or make one by that name.",
                    node.id,
                    "connection",
                )
            )
        else:
            if connection.status != "ready":
                found.append(
                    Problem(
                        "warning",
                        "node.connection_not_ready",
                        f"The connection “{connection.name}” is not ready.",
                        "Open Connections and finish connecting it.",
                        node.id,
                        "connection",
                    )
                )
            found.extend(_operation_problems(node, connection, connections))
    target = node.config.get("target") if node.type in ("map", "validate") else None
    if target and target_schema(target) is None:
        found.append(
            Problem(
                "error",
                "node.unknown_target",
                f"The shape that “{node.name}” names does not exist.",
                "Choose an operation, a canonical entity, or give a schema.",
                node.id,
                "target",
            )
        )
    if node.type == "xref":
        found.extend(_pair_problems(node, connections))
    return found


def _operation_problems(
    node: Node, connection: connectors.Connection, connections: Connections
) -> list[Problem]:
    name = node.config.get("entity" if node.type == "find_or_create" else "operation")
    if not name:
        return []
    spec = operation_of(node, connections)
    wanted = "trigger" if node.kind.is_trigger else "action"
    if spec is None or spec.kind != wanted:
        return [
            Problem(
                "error",
                "node.unknown_operation",
                f"“{node.name}”: {connection.connector} cannot do “{name}” here.",
                "Choose another operation.",
                node.id,
                "operation",
            )
        ]
    wanted = {"trigger.event": "webhook", "trigger.poll": "poll"}.get(node.type, "")
    if wanted and wanted not in spec.delivery:
        other = "asked for" if wanted == "webhook" else "reported by the system itself"
        return [
            Problem(
                "error",
                "node.wrong_delivery",
                f"“{node.name}”: this can only be {other}.",
                "Use the other trigger for it: “When something happens” or “Ask for changes”.",
                node.id,
                "operation",
            )
        ]
    return _poll_problems(node, spec) if node.type == "trigger.poll" else []


def _poll_problems(node: Node, spec: connectors.OperationSpec) -> list[Problem]:
    """What a poll must be told, such as the table to look into, and is not."""
    given = node.config.get("inputs") or {}
    fields = spec.input_schema.get("properties") or {}
    return [
        Problem(
            "error",
            "node.incomplete",
            f"“{node.name}” still needs “{fields.get(name, {}).get('title') or name}”.",
            "Fill it in in the trigger's settings.",
            node.id,
            "inputs",
        )
        for name in spec.input_schema.get("required") or ()
        if given.get(name) in (None, "")
    ]


def _pair_problems(node: Node, connections: Connections) -> list[Problem]:
    found = []
    for side in ("left", "right"):
        end = node.config.get(side)
        if not isinstance(end, dict):
            continue
        if connections.get(end.get("connection")) is None or not end.get("id"):
            found.append(
                Problem(
                    "error",
                    "node.incomplete",
                    f"“{node.name}”: choose the connection and the id of the {side} record.",
                    "Both ends are needed to find one from the other later.",
                    node.id,
                    side,
                )
            )
    return found


def _mapping_problems(node: Node, graph: Graph, connections: Connections) -> list[Problem]:
    found: list[Problem] = []
    for name in MAPPINGS.get(node.type, ()):
        mapping = node.config.get(name) or _EMPTY_MAPPING
        schema = input_schema(node, name, connections)
        seen = context_schema(sources(graph, node.id, connections))
        try:
            if way_of_writing(node, name) is None:
                found.extend(_ways_unknown(node, name, parse_mapping(mapping)))
            compile_mapping(mapping)
            lists = known_lists(node, schema, connections)
            for problem in check(mapping, seen, schema or {}, lists=lists):
                found.append(
                    Problem(
                        problem.severity,
                        problem.code,
                        f"“{node.name}”: {problem.message}",
                        problem.hint,
                        node.id,
                        f"{name}:{problem.rule_id or problem.target or ''}",
                    )
                )
        except IpaasError as error:
            found.append(_refusal(node, name, error))
    return found


def _ways_unknown(node: Node, name: str, mapping: Document) -> list[Problem]:
    """A warning for each rule that is for one way of writing, where the step knows none."""
    return [
        Problem(
            "warning",
            "mapping.way_unknown",
            f"“{node.name}”: the rule for {rule.target} is to run only when a record is "
            f"{rule.only}d, but this step does not tell creating from updating, so it always runs.",
            "Give it a condition, or use a step that only creates or only updates.",
            node.id,
            f"{name}:{rule.id}",
        )
        for rule in mapping.rules
        if rule.only is not None and not rule.disabled
    ]


def _expression_problems(node: Node) -> list[Problem]:
    found = []
    for name, expr in step_checks.expressions(node):
        try:
            compile_expr(expr)
            if expr.get("op") == "hole":
                raise _unfinished()
        except IpaasError as error:
            found.append(_refusal(node, name, error))
    return found


def _refusal(node: Node, field: str, error: IpaasError) -> Problem:
    message = f"“{node.name}”: {error.message}"
    return Problem("error", error.code, message, error.hint, node.id, field)


def _unfinished() -> IpaasError:
    return MalformedFlow("a condition is not finished.", hint="Choose a field and a comparison.")
