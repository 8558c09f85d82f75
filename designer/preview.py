"""Mappings tried out on a document, and the documents to try them on."""

from __future__ import annotations

from typing import Any

from connectors import facade as connectors
from designer import drift, flows, own_functions
from designer.releasing import release_body
from designer.sources import (
    Connections,
    Source,
    context_schema,
    enclosing,
    example_output,
    input_schema,
    operation_of,
    sources,
)
from designer.vendor_lists import Reader, known_lists
from ipaas.core import clock
from ipaas.core.errors import IpaasError, Unprocessable
from ipaas.mapping import RuleError, check, compile_mapping, parse_mapping, to_jsonata
from ipaas.mapping.correcting import after_failure
from ipaas.mapping.schemas import example
from runtime import facade as runtime
from runtime.graph import Graph, Node, Work, parse, way_of_writing

MAX_SAMPLES = 20
_FIRST_MAPPING = {"map": "mapping", "find_or_create": "create"}


class NoSuchNode(Unprocessable):
    """The document has no such step."""

    code = "flow.no_such_step"


def samples(
    workspace_id: str, workspace_slug: str, environment: str, flow_id: str
) -> list[dict[str, Any]]:
    """Documents to try a flow on: what came in lately, the vendor's sandbox, an example."""
    flow = flows.get(workspace_id, flow_id)
    found = [
        {
            "id": record.run_id,
            "title": record.business_key or record.created_at.strftime("%d %b %H:%M"),
            "kind": "run",
            "status": record.status,
            "document": record.trigger,
        }
        for record in runtime.recorded(workspace_id, environment, flow_id, MAX_SAMPLES)
    ]
    graph = parse(flow.draft.document)
    if not graph.triggers:
        return found
    node = graph.triggers[0]
    connections = Connections(workspace_id, environment)
    if node.type == "trigger.event":
        connection = connections.get(node.config.get("connection"))
        if connection is not None and connection.sandbox:
            found.extend(_sandbox_samples(workspace_slug, connection.connector))
    if node.config.get("sample") is not None:
        found.append(_example("Example of this flow", node.config["sample"]))
    elif node.type == "trigger.event":
        spec = operation_of(node, connections)
        if spec is not None:
            found.append(_example("Made from the schema", example(spec.output_schema)))
    return found


def _example(title: str, document: Any) -> dict[str, Any]:
    return {"id": "example", "title": title, "kind": "example", "document": document}


def _sandbox_samples(workspace_slug: str, connector: str) -> list[dict[str, Any]]:
    try:
        found = connectors.sandbox_samples(workspace_slug, connector)
    except IpaasError:
        return []  # the sandbox is not running: the other samples will do
    now = clock.now().strftime("%Y-%m-%d %H:%M:%S")
    return [
        {
            "id": f"sandbox-{sample['id']}",
            "title": sample["title"],
            "kind": "sandbox",
            # An order that has not been placed yet has no numbers and times of its own.
            "document": {
                "entity_id": 900_001 + number,
                "increment_id": f"SAMPLE-{number + 1}",
                "created_at": now,
                "updated_at": now,
                **sample["order"],
            },
        }
        for number, sample in enumerate(found)
    ]


def visible_sources(
    workspace_id: str, environment: str, flow_id: str, document: Any, node_id: str,
    mapping_name: str,
) -> dict[str, Any]:  # fmt: skip
    """What a node can read, the schema of what it must make, and what of these has changed."""
    graph, node = find_step(document, node_id)
    name = mapping_name or first_mapping(node)
    connections = Connections(workspace_id, environment)
    found = sources(graph, node_id, connections)
    return {
        "sources": [source.as_json() for source in found],
        "target_schema": input_schema(node, name, connections),
        "drift": drift.of_step(workspace_id, environment, flow_id, document, node_id, name),
    }


def first_mapping(node: Node) -> str:
    """Name of a step's mapping where nobody says which."""
    return _FIRST_MAPPING.get(node.type, "input")


def find_step(document: Any, node_id: str) -> tuple[Graph, Node]:
    """The graph and one of its nodes; raises NoSuchNode."""
    graph = parse(document)
    node = graph.nodes.get(node_id)
    if node is None:
        raise NoSuchNode("The flow has no such step.", hint="Choose a step on the canvas.")
    return graph, node


def preview(
    workspace_id: str,
    environment: str,
    *,
    document: Any,
    node_id: str,
    mapping: Any,
    mapping_name: str,
    sample: dict[str, Any],
    values_only: bool = False,
    reader: Reader | None = None,
) -> dict[str, Any]:
    """A mapping worked out on a sample, with the value of every rule.

    ``values_only`` leaves out what takes longer and is not looked at while values change: the
    context, the checks and the text. ``reader`` says whose eyes the problems are for.
    """
    document = own_functions.embedded(workspace_id, document)
    mapping = own_functions.embedded(workspace_id, mapping)
    graph, node = find_step(document, node_id)
    seen = context_of(workspace_id, environment, document, node_id, sample)
    parsed = parse_mapping(mapping)
    resources = connectors.resources(workspace_id, environment)
    mode = way_of_writing(node, mapping_name or first_mapping(node))
    result = compile_mapping(parsed).apply(seen.context, resources=resources, mode=mode)
    values = {
        "output": result.output,
        "values": {rule: value.as_json() for rule, value in result.values.items()},
        "errors": [_failure(error, mapping) for error in result.errors],
        "assumed": list(seen.assumed),
        "failures": seen.failures,
    }
    if values_only:
        return values
    connections = Connections(workspace_id, environment)
    schema = input_schema(node, mapping_name or first_mapping(node), connections)
    found: list[Source] = sources(graph, node_id, connections)
    lists = known_lists(node, schema, connections, reader)
    problems = check(mapping, context_schema(found), schema or {}, parsed, lists)
    return {
        **values,
        "context": seen.context,
        "problems": [problem.as_json() for problem in problems],
        "jsonata": to_jsonata(parsed),
    }


def _failure(error: RuleError, mapping: dict[str, Any]) -> dict[str, Any]:
    """An error of one value, with ways on."""
    rule = next((each for each in mapping["rules"] if each["id"] == error.rule_id), None)
    fixes = [] if rule is None else [fix.as_json() for fix in after_failure(rule, error)]
    return {**error.as_json(), "fixes": fixes}


def context_of(
    workspace_id: str, environment: str, document: Any, node_id: str, sample: dict[str, Any]
) -> runtime.Rehearsed:
    """What a step would see for a sample: a recorded run, or a document and examples."""
    graph, _ = find_step(document, node_id)
    connections = Connections(workspace_id, environment)
    recorded: dict[str, Any] = {}
    skipped: frozenset[str] = frozenset()
    trigger = sample.get("document")
    if sample.get("run_id"):
        loops = enclosing(graph, node_id)[::-1]
        record = runtime.recorded_run(workspace_id, sample["run_id"], loops)
        trigger, recorded = record.trigger, record.outputs
        never = [n for n in graph.upstream(node_id) if record.empty & set(enclosing(graph, n))]
        skipped = record.skipped.union(never)
    examples = {
        upstream: example_output(graph.nodes[upstream], graph, connections)
        for upstream in graph.upstream(node_id)
        if upstream not in recorded
        and upstream not in skipped
        and graph.nodes[upstream].kind.work not in (Work.PURE, Work.TRIGGER)
    }
    body = release_body(workspace_id, environment, document, connections)
    resources = connectors.resources(workspace_id, environment)
    return runtime.rehearse(
        body,
        node_id,
        trigger,
        recorded,
        examples,
        resources,
        variables=connections.variables,
        skipped=skipped,
    )
