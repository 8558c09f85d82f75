"""Flow documents as a graph: parsed, ordered, and checked for structure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ipaas.core.errors import Unprocessable
from runtime.graph.kinds import ITEM, LOOP, NODE_KINDS, NodeKind

NODE_ID = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
MAX_NODES = 500
MAX_EDGES = 2_000


class BrokenFlow(Unprocessable):
    """The flow document cannot be read as a graph."""

    code = "flow.broken"


@dataclass(frozen=True, slots=True)
class Node:
    """One box of a flow."""

    id: str
    type: str
    name: str
    config: Mapping[str, Any]

    @property
    def kind(self) -> NodeKind:
        """What sort of node it is."""
        return NODE_KINDS[self.type]

    @property
    def ports(self) -> tuple[str, ...]:
        """Its exits; those of a switch come from its settings."""
        return self.kind.ports_of(self.config)


@dataclass(frozen=True, slots=True)
class Edge:
    """One wire: control flows from a port of ``source`` to ``target``."""

    id: str
    source: str
    source_port: str
    target: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that must (error) or should (warning) be mended before publishing."""

    severity: str
    code: str
    message: str
    hint: str = ""
    node_id: str | None = None
    field: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Shape shown by the API."""
        return {
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "node_id": self.node_id,
            "field": self.field,
        }


@dataclass(frozen=True)
class Graph:
    """Nodes and edges by id, with what the engine asks of them precomputed."""

    nodes: dict[str, Node]
    edges: tuple[Edge, ...]
    incoming: dict[str, tuple[Edge, ...]] = field(default_factory=dict)
    outgoing: dict[str, tuple[Edge, ...]] = field(default_factory=dict)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Node ids, every node after all its sources; raises BrokenFlow on a cycle."""
        waiting = {node: len(self.incoming[node]) for node in self.nodes}
        ready = [node for node, count in waiting.items() if count == 0]
        order: list[str] = []
        while ready:
            node = ready.pop(0)
            order.append(node)
            for edge in self.outgoing[node]:
                waiting[edge.target] -= 1
                if waiting[edge.target] == 0:
                    ready.append(edge.target)
        if len(order) != len(self.nodes):
            stuck = [self.nodes[n].name for n, count in waiting.items() if count > 0]
            raise BrokenFlow(
                f"These steps wait for each other in a circle: {', '.join(stuck)}.",
                hint="Remove one of the wires between them.",
                node_ids=[n for n, count in waiting.items() if count > 0],
            )
        return tuple(order)

    @cached_property
    def triggers(self) -> tuple[Node, ...]:
        """Nodes that start a run."""
        return tuple(node for node in self.nodes.values() if node.kind.is_trigger)

    @cached_property
    def loops(self) -> dict[str, str]:
        """The loop in whose body each node stands ("" for none); a node in two keeps the first.

        A body is what is wired to a loop's ``item`` exit and everything after that; a loop inside
        it stands in the body, and what follows that loop's ``out`` does too.
        """
        found: dict[str, str] = {}
        for node_id in self.order:
            found[node_id] = next((self.loop_behind(e, found) for e in self.incoming[node_id]), "")
        return found

    def loop_behind(self, edge: Edge, loops: Mapping[str, str]) -> str:
        """The loop in whose body whatever hangs on ``edge`` stands."""
        if edge.source_port == ITEM and self.nodes[edge.source].type == LOOP:
            return edge.source
        return loops[edge.source]

    @cached_property
    def _bodies(self) -> dict[str, tuple[str, ...]]:
        bodies: dict[str, list[str]] = {}
        for node_id in self.order:
            bodies.setdefault(self.loops[node_id], []).append(node_id)
        return {loop: tuple(nodes) for loop, nodes in bodies.items()}

    def body(self, loop: str = "") -> tuple[str, ...]:
        """Ids of the nodes in a loop's own body, in run order; "" means the flow outside loops."""
        return self._bodies.get(loop, ())

    def upstream(self, node_id: str) -> tuple[str, ...]:
        """Ids of all nodes before ``node_id``, in run order."""
        seen: set[str] = set()
        todo = [node_id]
        while todo:
            for edge in self.incoming[todo.pop()]:
                if edge.source not in seen:
                    seen.add(edge.source)
                    todo.append(edge.source)
        return tuple(node for node in self.order if node in seen)


def parse(document: Mapping[str, Any]) -> Graph:
    """Graph of a flow document; raises BrokenFlow, which says where it cannot be read."""
    nodes: dict[str, Node] = {}
    if len(document.get("nodes", ())) > MAX_NODES or len(document.get("edges", ())) > MAX_EDGES:
        raise BrokenFlow(
            f"A flow may hold {MAX_NODES} steps and {MAX_EDGES} wires.",
            hint="Move a part of it into a flow of its own.",
        )
    for raw in document.get("nodes", ()):
        node = _node(raw)
        if node.id in nodes:
            raise BrokenFlow(f"Two steps have the id “{node.id}”.", hint="Ids must differ.")
        nodes[node.id] = node
    edges = tuple(_edge(raw, nodes) for raw in document.get("edges", ()))
    incoming: dict[str, list[Edge]] = {node: [] for node in nodes}
    outgoing: dict[str, list[Edge]] = {node: [] for node in nodes}
    for edge in edges:
        incoming[edge.target].append(edge)
        outgoing[edge.source].append(edge)
    return Graph(
        nodes,
        edges,
        {node: tuple(found) for node, found in incoming.items()},
        {node: tuple(found) for node, found in outgoing.items()},
    )


def _node(raw: Any) -> Node:
    if not isinstance(raw, Mapping) or not NODE_ID.match(str(raw.get("id", ""))):
        raise BrokenFlow(
            f"A step has the id “{raw.get('id') if isinstance(raw, Mapping) else raw}”.",
            hint="An id starts with a small letter and holds small letters, digits and _ only.",
        )
    if raw.get("type") not in NODE_KINDS:
        raise BrokenFlow(
            f"The step “{raw['id']}” is of the unknown type “{raw.get('type')}”.",
            hint=f"Known types: {', '.join(NODE_KINDS)}.",
        )
    config = raw.get("config") or {}
    if not isinstance(config, Mapping):
        raise BrokenFlow(f"The settings of step “{raw['id']}” are not an object.")
    return Node(raw["id"], raw["type"], str(raw.get("name") or raw["id"]), config)


def _edge(raw: Any, nodes: Mapping[str, Node]) -> Edge:
    if not isinstance(raw, Mapping):
        raise BrokenFlow("A wire is not an object.")
    edge = Edge(
        str(raw.get("id", "")),
        str(raw.get("source", "")),
        str(raw.get("source_port") or "out"),
        str(raw.get("target", "")),
    )
    for end in (edge.source, edge.target):
        if end not in nodes:
            raise BrokenFlow(
                f"The wire “{edge.id}” leads to the step “{end}”, which does not exist.",
                hint="Delete the wire and draw it again.",
            )
    if edge.source_port not in nodes[edge.source].ports:
        raise BrokenFlow(
            f"The step “{nodes[edge.source].name}” has no exit named “{edge.source_port}”.",
            hint=f"Its exits: {', '.join(nodes[edge.source].ports) or 'none'}.",
        )
    if nodes[edge.target].kind.is_trigger:
        raise BrokenFlow(
            f"A wire leads into the trigger “{nodes[edge.target].name}”.",
            hint="A trigger starts a run; nothing comes before it.",
        )
    return edge


def structure_problems(graph: Graph) -> list[Problem]:
    """What is wrong with the drawing itself: no trigger, a circle, steps out of reach."""
    problems: list[Problem] = []
    if not graph.nodes:
        return [
            Problem("error", "flow.empty", "The flow is empty.", "Drag a trigger onto the canvas.")
        ]
    if not graph.triggers:
        problems.append(
            Problem(
                "error",
                "flow.no_trigger",
                "Nothing starts this flow.",
                "Add a trigger and wire it to the first step.",
            )
        )
    if len(graph.triggers) > 1:
        problems.extend(
            Problem(
                "error",
                "flow.two_triggers",
                f"“{node.name}” is a second trigger.",
                "A flow starts in one way; make a second flow for the other.",
                node.id,
            )
            for node in graph.triggers[1:]
        )
    try:
        order = graph.order
    except BrokenFlow as error:
        problems.extend(
            Problem("error", "flow.cycle", error.message, error.hint, node_id)
            for node_id in error.facts["node_ids"]
        )
        return problems
    reached = {node.id for node in graph.triggers}
    for node_id in order:
        if any(edge.source in reached for edge in graph.incoming[node_id]):
            reached.add(node_id)
    problems.extend(
        Problem(
            "error",
            "flow.unreachable",
            f"“{graph.nodes[node_id].name}” is never reached.",
            "Wire it to a step before it, or delete it.",
            node_id,
        )
        for node_id in order
        if node_id not in reached and graph.triggers
    )
    problems.extend(_loop_problems(graph))
    return problems


def _loop_problems(graph: Graph) -> list[Problem]:
    """Wires that lead out of a loop's body or into it from the side, and empty bodies."""
    problems: list[Problem] = []
    for node_id, node in graph.nodes.items():
        own = graph.loops[node_id]
        for edge in graph.incoming[node_id]:
            behind = graph.loop_behind(edge, graph.loops)
            if behind != own:
                loop = graph.nodes[behind or own].name
                problems.append(
                    Problem(
                        "error",
                        "flow.loop_crossed",
                        f"A wire into “{node.name}” crosses the border of “{loop}”.",
                        f"What is done for each item of “{loop}” hangs on its item exit only; what "
                        "comes after all items hangs on its out exit.",
                        node_id,
                    )
                )
        if node.type == LOOP and not graph.body(node_id):
            problems.append(
                Problem(
                    "error",
                    "flow.loop_empty",
                    f"“{node.name}” does nothing for its items.",
                    "Wire a step to its item exit.",
                    node_id,
                )
            )
    return problems
