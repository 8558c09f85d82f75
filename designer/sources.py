"""What a node can see: the schemas of the trigger and of every step before it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from connectors import facade as connectors
from designer import discovery, step_outputs
from designer.models import Draft
from ipaas.core import jsonio
from ipaas.core.errors import IpaasError
from ipaas.mapping.schemas import example, infer_schema, resolve
from ipaas.tenancy import facade as tenancy
from runtime import facade as runtime
from runtime.graph import BrokenFlow, Graph, Node

Schema = dict[str, Any]
ANYTHING: Schema = {}


@dataclass(frozen=True, slots=True)
class Source:
    """One tree of the mapper's left side."""

    path: str
    title: str
    icon: str
    schema: Schema
    identity: str = ""
    """What the schema is of; another one when a person chose something else."""

    def as_json(self) -> dict[str, Any]:
        """Shape shown by the API."""
        return {"path": self.path, "title": self.title, "icon": self.icon, "schema": self.schema}


class Connections:
    """Connections of one environment by slug, read once."""

    def __init__(self, workspace_id: str, environment: str) -> None:
        self.workspace_id = workspace_id
        self.environment = environment
        self.unasked = False
        """Whether a vendor could not be asked for fields of its account."""
        found = connectors.list_connections(workspace_id, environment)
        self._by_slug = {connection.slug: connection for connection in found}

    def get(self, slug: Any) -> connectors.Connection | None:
        """The connection, or None."""
        return self._by_slug.get(str(slug))

    def connector_of(self, node: Node) -> str | None:
        """Connector behind a node's connection, or None."""
        connection = self.get(node.config.get("connection"))
        return connection.connector if connection else None

    def only_one_of(self, connector: str) -> str | None:
        """Slug of the one connection to a connector; None if there are several or none."""
        found = [slug for slug, one in self._by_slug.items() if one.connector == connector]
        return found[0] if len(found) == 1 else None

    def as_account_has_it(
        self, slug: Any, spec: connectors.OperationSpec
    ) -> connectors.OperationSpec:
        """The operation with the fields that the connection's account defined for itself."""
        connection = self.get(slug)
        if connection is None or not spec.custom_fields:
            return spec
        ref = connectors.ConnectionRef(self.workspace_id, self.environment, connection.slug)
        found = discovery.discovered(connection, ref, spec.name)
        self.unasked = self.unasked or found is None
        return found or spec

    @cached_property
    def variables(self) -> dict[str, Any]:
        """What flows read as ``vars`` here."""
        return tenancy.variables(self.workspace_id, self.environment)


def operation_of(node: Node, connections: Connections) -> connectors.OperationSpec | None:
    """The operation a node calls, or None while its settings name none."""
    connector = connections.connector_of(node)
    if connector is None:
        return None
    try:
        name = str(node.config.get("operation"))
        if node.type == "find_or_create":
            entity = str(node.config.get("entity"))
            name = connectors.describe_find_or_create(connector, entity).create
        return connectors.describe_operation(connector, name)
    except IpaasError:
        return None


def described(node: Node, connections: Connections) -> connectors.OperationSpec | None:
    """The operation a node calls, with the account's own fields in its schemas."""
    spec = operation_of(node, connections)
    return spec and connections.as_account_has_it(node.config.get("connection"), spec)


def target_schema(target: Any, connections: Connections | None = None) -> Schema | None:
    """Schema that a ``target`` setting names, or None; with ``connections``, own fields included.

    A target names an operation of a connector; the only connection to it tells the account.
    """
    if not isinstance(target, dict):
        return None
    try:
        if target.get("canonical"):
            return connectors.canonical_schema(str(target["canonical"]))
        if target.get("connector") and target.get("operation"):
            spec = connectors.describe_operation(target["connector"], target["operation"])
            only = connections.only_one_of(spec.connector) if connections else None
            if connections and only:
                spec = connections.as_account_has_it(only, spec)
            return spec.input_schema
    except IpaasError:
        return None
    schema = target.get("schema")
    return schema if isinstance(schema, dict) else None


def input_schema(node: Node, name: str, connections: Connections) -> Schema | None:
    """Schema of what the mapping ``name`` of a node makes."""
    if node.type == "map":
        return target_schema(node.config.get("target"), connections)
    if node.type == "call_flow":
        return _form_of(connections.workspace_id, str(node.config.get("flow") or ""))
    if node.type == "find_or_create" and name == "find":
        connector = connections.connector_of(node)
        if connector is None:
            return None
        try:
            entity = str(node.config.get("entity"))
            find = connectors.describe_find_or_create(connector, entity).find
            return connectors.describe_operation(connector, find).input_schema
        except IpaasError:
            return None
    spec = described(node, connections)
    return spec.input_schema if spec else None


def _form_of(workspace_id: str, flow_id: str) -> Schema | None:
    """Schema of what a flow says it must be given when it is called."""
    draft = Draft.objects.filter(
        flow_id=flow_id, flow__workspace_id=workspace_id, flow__archived_at=None
    ).first()
    for node in draft.document["nodes"] if draft else ():
        form = node["config"].get("form") if node["type"] == "trigger.called" else None
        if isinstance(form, dict) and form:
            return form
    return None


def output_schema(node: Node, graph: Graph, connections: Connections) -> Schema:
    """Schema of what a node leaves behind; open where nothing is known."""
    if node.type in ("trigger.event", "trigger.poll", "action"):
        spec = described(node, connections)
        return spec.output_schema if spec else ANYTHING
    if node.type == "find_or_create":
        spec = described(node, connections)
        record = spec.output_schema if spec else ANYTHING
        properties: dict[str, Schema] = {
            "found": {"type": "boolean", "title": "Was there already"},
            "id": {"type": "string", "title": "Id in the other system", "examples": ["58"]},
        }
        return wrap({"record": record}, properties)
    if node.type == "map":
        return target_schema(node.config.get("target"), connections) or ANYTHING
    if node.type == "validate":
        checked = target_schema(node.config.get("target"))
        if checked is not None:
            return checked
        seen = context_schema(sources(graph, node.id, connections))
        return resolve(seen, str(node.config.get("source") or "trigger")) or ANYTHING
    if node.type in step_outputs.KNOWN:
        return step_outputs.schema_of(node, context_schema(sources(graph, node.id, connections)))
    if node.kind.is_trigger:
        known = runtime.trigger_schema(node.type, node.config)
        sample = node.config.get("sample")
        return known or (infer_schema([sample]) if sample is not None else ANYTHING)
    return ANYTHING


def _icon(node: Node, connections: Connections) -> str:
    """Picture of the vendor that a node talks to, else the mark of its kind."""
    slug = connections.connector_of(node)
    return f"/connectors/{slug}/icon.svg" if slug else node.kind.icon


def sources(graph: Graph, node_id: str, connections: Connections) -> list[Source]:
    """Everything that a node can read: the trigger, steps before it, items of its loops."""
    found: list[Source] = []
    loops = enclosing(graph, node_id)
    for upstream in graph.upstream(node_id):
        node = graph.nodes[upstream]
        icon = _icon(node, connections)
        if node.kind.is_trigger:
            schema = output_schema(node, graph, connections)
            found.insert(0, Source("trigger", node.name, icon, schema, identity_of(node)))
        elif node.type in _MAKERS and upstream not in loops:
            schema = output_schema(node, graph, connections)
            path = f"steps.{upstream}"
            found.append(Source(path, node.name, icon, schema, identity_of(node)))
    for number, loop in enumerate(loops):
        node = graph.nodes[loop]
        item = _item_schema(node, graph, connections)
        if number == 0:
            title, over = f"Item of {node.name}", _digest(node.config.get("list"))
            found.append(Source("item", title, node.kind.icon, item, f"item {loop} {over}"))
            found.append(Source("index", f"Place in {node.name}", node.kind.icon, _INDEX))
        else:
            place = wrap({"item": item}, {"index": _INDEX})
            found.append(Source(f"loops.{loop}", f"Item of {node.name}", node.kind.icon, place))
    if connections.variables:
        found.append(Source("vars", "Variables", "variable", variables_schema(connections), "vars"))
    return found


def variables_schema(connections: Connections) -> Schema:
    """Schema of the environment's variables, learnt from their values."""
    values = connections.variables.items()
    return wrap({}, {name: infer_schema([value]) for name, value in values})


_CHOICES = ("connection", "operation", "entity", "source", "flow")


def identity_of(node: Node) -> str:
    """What a person chose that a step's schema follows from.

    Samples, uploaded schemas and what a vendor says are left out: they change by themselves.
    """
    config, target = node.config, node.config.get("target")
    chosen: dict[str, Any] = {name: config.get(name) for name in _CHOICES}
    if isinstance(target, dict):
        chosen["target"] = [target.get(name) for name in ("canonical", "connector", "operation")]
    if not node.kind.is_trigger and node.type in step_outputs.KNOWN:
        chosen["settings"] = config
    return f"{node.type} {_digest(chosen)}"


def _digest(value: Any) -> str:
    return hashlib.sha256(jsonio.dumps(value)).hexdigest()[:16]


_INDEX: Schema = {"type": "integer", "title": "Place in the list, from 0"}
_MAKERS = ("action", "find_or_create", "map", "validate", *step_outputs.KNOWN)


def enclosing(graph: Graph, node_id: str) -> list[str]:
    """Loops in whose bodies a node stands, innermost first; none while the drawing has a circle."""
    try:
        loops = graph.loops
    except BrokenFlow:
        return []
    found: list[str] = []
    while loop := loops.get(found[-1] if found else node_id, ""):
        found.append(loop)
    return found


def _item_schema(loop: Node, graph: Graph, connections: Connections) -> Schema:
    seen = context_schema(sources(graph, loop.id, connections))
    return step_outputs.entry_schema(loop.config.get("list"), seen)


def context_schema(found: list[Source]) -> Schema:
    """One schema of the whole context document ``{trigger, steps, item …}``."""
    parts: dict[str, Schema] = {"trigger": ANYTHING, "vars": wrap({})}
    groups: dict[str, dict[str, Schema]] = {"steps": {}}
    for source in found:
        group, _, name = source.path.partition(".")
        if name:
            groups.setdefault(group, {})[name] = source.schema
        else:
            parts[group] = source.schema
    grouped = {name: wrap(inner) for name, inner in groups.items()}
    if not groups["steps"]:
        # No step comes before this one: whatever is read of one is a mistake, not a free shape.
        grouped["steps"]["additionalProperties"] = False
    return wrap({**parts, **grouped})


def wrap(parts: dict[str, Schema], properties: dict[str, Schema] | None = None) -> Schema:
    """Object schema with ``parts`` as properties, their definitions lifted to its own $defs."""
    definitions: dict[str, Any] = {}
    members: dict[str, Any] = dict(properties or {})
    for name, schema in parts.items():
        members[name] = _lifted(jsonio.dumps(schema), name, definitions)
    wrapped: Schema = {"type": "object", "properties": members}
    if definitions:
        wrapped["$defs"] = definitions
    return wrapped


def _lifted(text: bytes, name: str, definitions: dict[str, Any]) -> Schema:
    schema, own = _split(text, name)
    definitions.update(own)
    return schema


@lru_cache(maxsize=256)
def _split(text: bytes, name: str) -> tuple[Schema, dict[str, Any]]:
    """A schema without its $defs, and these under names of their own."""
    schema = jsonio.loads(text)
    own = schema.pop("$defs", {}) if isinstance(schema, dict) else {}
    schema.pop("$id", None)
    schema.pop("$schema", None)
    renamed = {key: f"{name}.{key}" for key in own}

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: (
                    f"#/$defs/{renamed[inner[len('#/$defs/') :]]}"
                    if key == "$ref"
                    and isinstance(inner, str)
                    and inner.removeprefix("#/$defs/") in renamed
                    else walk(inner)
                )
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [walk(inner) for inner in value]
        return value

    return walk(schema), {renamed[key]: walk(inner) for key, inner in own.items()}


def example_output(node: Node, graph: Graph, connections: Connections) -> Any:
    """A plausible output of a step that has not run yet."""
    return example(output_schema(node, graph, connections))
