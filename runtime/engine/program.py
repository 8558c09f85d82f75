"""A release, compiled: the graph and one ready-to-run function per node."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jsonschema

from ipaas.mapping import compile_condition, compile_expr, compile_mapping
from runtime.engine.retry import RetryPolicy
from runtime.engine.values import Call
from runtime.graph import Graph, Node, parse

CALL_LIFE_S = 130.0  # of releases that do not say it


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What the engine must know of a connector operation; fixed when the flow is published."""

    connector: str
    writes: bool
    can_probe: bool = False  # the vendor can be searched for our document
    has_key: bool = False  # the vendor takes an idempotency key
    visibility_delay_s: float = 0.0  # how long a new document may stay invisible to a search
    repeats: bool = False  # an update: each revision of the source document is done anew
    batch_max: int = 0  # so many writes the vendor takes in one request
    call_life_s: float = CALL_LIFE_S  # no call of it lives longer
    batch_keyed: bool = False  # in such a request each carries the key that it has alone
    create_keyed: bool = False  # find-or-create: what it creates carries a key

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> CallFacts:
        """Facts of their stored form."""
        return cls(
            raw["connector"],
            bool(raw["writes"]),
            bool(raw.get("can_probe")),
            bool(raw.get("has_key")),
            float(raw.get("visibility_delay_s") or 0),
            bool(raw.get("repeats")),
            int(raw.get("batch_max") or 0),
            float(raw.get("call_life_s") or CALL_LIFE_S),
            bool(raw.get("batch_keyed")),
            bool(raw.get("create_keyed")),
        )


@dataclass(frozen=True)
class Program:
    """Everything fixed about a release."""

    release_id: str
    scope: str  # workspace and environment: part of every effect's key
    flow_id: str
    flow_name: str
    version: int
    graph: Graph
    facts: Mapping[str, CallFacts]
    schemas: Mapping[str, Mapping[str, Any]]  # validate nodes: the schema of the document
    names: Mapping[str, str]  # connector slug -> name for people
    problem: str = ""  # why the release cannot be run; its graph is empty then

    @classmethod
    def broken(
        cls, release_id: str, scope: str, flow_id: str, flow_name: str, version: int, problem: str
    ) -> Program:
        """Stand-in for a release that cannot be compiled; its runs fail and say so."""
        graph = Graph({}, ())
        return cls(release_id, scope, flow_id, flow_name, version, graph, {}, {}, {}, problem)

    @classmethod
    def compile(
        cls,
        release_id: str,
        scope: str,
        flow_id: str,
        flow_name: str,
        version: int,
        body: Mapping[str, Any],
    ) -> Program:
        """Program of a stored release body ``{document, facts, schemas, names}``."""
        return cls(
            release_id,
            scope,
            flow_id,
            flow_name,
            version,
            parse(body["document"]),
            {node: CallFacts.from_json(raw) for node, raw in body.get("facts", {}).items()},
            body.get("schemas", {}),
            body.get("names", {}),
        )

    @cached_property
    def _compiled(self) -> dict[tuple[str, str], Any]:
        return {}

    def mapping(self, node: Node, name: str, document: Any) -> Any:
        """Compiled mapping of ``document``, made once per node and name."""
        return self._once(node.id, name, lambda: compile_mapping(document))

    def expression(self, node: Node, name: str, expr: Any) -> Any:
        """Compiled expression, made once per node and name."""
        return self._once(node.id, name, lambda: compile_expr(expr))

    def condition(self, node: Node, name: str, expr: Any) -> Any:
        """Compiled condition: gives True or False; words such as "no" and "0" do not hold."""
        return self._once(node.id, name, lambda: compile_condition(expr))

    def validator(self, node: Node) -> jsonschema.protocols.Validator | None:
        """Validator of a validate node's schema, if it names one."""
        schema = self.schemas.get(node.id)
        if schema is None:
            return None
        found: jsonschema.protocols.Validator = self._once(
            node.id, "schema", lambda: jsonschema.Draft202012Validator(schema)
        )
        return found

    def _once(self, node_id: str, name: str, make: Callable[[], Any]) -> Any:
        key = (node_id, name)
        if key not in self._compiled:
            self._compiled[key] = make()
        return self._compiled[key]

    def policy(self, node: Node) -> RetryPolicy:
        """How patiently this step is tried."""
        found: RetryPolicy = self._once(
            node.id, "retry", lambda: RetryPolicy.from_config(node.config.get("retry"))
        )
        return found

    def company(self, call: Call) -> tuple[int, float]:
        """With how many others this call may share a request (0: it goes alone), and how long it
        may wait for them in seconds."""
        facts = self.facts.get(call.node_id)
        wait_s = self.graph.nodes[call.node_id].config.get("together_s")
        if facts is None or not wait_s or call.purpose != "send" or not call.writes:
            return 0, 0.0
        return facts.batch_max, float(wait_s)

    def keyed(self, node: Node) -> bool:
        """Whether a write of this step that is sent again carries the key of the first try, so
        that the vendor does it once. A request for many may have a key of its own only."""
        facts = self.facts[node.id]
        if node.type == "find_or_create":
            return facts.create_keyed
        together = facts.batch_max > 1 and bool(node.config.get("together_s"))
        return facts.has_key and (facts.batch_keyed or not together)

    def effect_key(self, node: Node, source_key: str, revision: str = "") -> str:
        """Name of the effect that ``node`` has for one source document.

        It holds neither the run nor, unless the effect repeats, the revision: a second event about
        the same order leads to the same key, so it never makes a second invoice. An update is done
        once for each revision.
        """
        parts = [self.scope, self.flow_id, node.id, str(node.config.get("connection")), source_key]
        facts = self.facts.get(node.id)
        if facts is not None and facts.repeats and revision:
            parts.append(revision)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
