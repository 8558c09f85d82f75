"""What changed in the schemas a mapping stands between, since people last looked at it.

The schemas of each mapping's sources and target are remembered when the mapper is opened for the
first time, when the flow is published and when a person takes the new ones. What a vendor, an
account's own fields, a sample or an uploaded schema made of them since is drift; another
connection, operation or shape that a person chose is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from designer import flows, own_functions
from designer.checking import problems_of
from designer.documents import MAPPINGS
from designer.mapping_models import MappingShapes, SchemaShape
from designer.sources import Connections, identity_of, input_schema, sources
from ipaas.core import clock, jsonio
from ipaas.core.errors import IpaasError
from ipaas.mapping.schemas import bare
from ipaas.mapping.schemas.drift import Change, compare, touched
from runtime.graph import BrokenFlow, Graph, Node, Problem, parse

MOST_CHANGES = 100
TARGET = "target"
_EMPTY: dict[str, Any] = {"schema": 1, "rules": []}

Shown = dict[str, Any]
_Kept = dict[tuple[str, str], dict[str, Any]]


class _Watched:
    """The shapes around one mapping now: path to title, identity, schema and digest."""

    def __init__(self, graph: Graph, node: Node, name: str, connections: Connections) -> None:
        self.node, self.name = node, name
        self.mapping = node.config.get(name) or _EMPTY
        self.shapes: dict[str, tuple[str, str, dict[str, Any], str]] = {}
        for source in sources(graph, node.id, connections):
            if source.identity:
                self.add(source.path, source.title, source.identity, source.schema)
        target = input_schema(node, name, connections)
        self.add(TARGET, node.name, f"{identity_of(node)} {name}", target or {})

    def add(self, path: str, title: str, identity: str, schema: dict[str, Any]) -> None:
        if schema:  # of what is not known nothing can change
            plain = bare(schema)
            digest = hashlib.sha256(jsonio.dumps(plain)).hexdigest()
            self.shapes[path] = (title, identity, plain, digest)

    def remembered(self) -> dict[str, Any]:
        """What is kept of it."""
        return {
            path: {"identity": identity, "digest": digest}
            for path, (_, identity, _, digest) in self.shapes.items()
        }


def of_step(
    workspace_id: str, environment: str, flow_id: str, document: Any, node_id: str, name: str
) -> list[Shown]:
    """What changed around one mapping; what was not known of it until now is remembered."""
    kept = _kept(environment, flow_id, node_id)
    return [
        found
        for watched in _watched(workspace_id, environment, document, node_id)
        if watched.name == name
        for found in _compared(workspace_id, environment, flow_id, watched, kept)
    ]


def of_flow(workspace_id: str, environment: str, flow_id: str, document: Any) -> list[Shown]:
    """What changed around all mappings of a flow, step by step."""
    kept = _kept(environment, flow_id)
    return [
        found
        for watched in _watched(workspace_id, environment, document)
        for found in _compared(workspace_id, environment, flow_id, watched, kept)
    ]


def accept(
    workspace_id: str, environment: str, flow_id: str, document: Any, node_id: str = ""
) -> None:
    """Take the schemas as they are now as known, for all mappings or those of one step."""
    for watched in _watched(workspace_id, environment, document, node_id):
        _remember(workspace_id, environment, flow_id, watched)


def accept_draft(workspace_id: str, environment: str, flow_id: str, node_id: str) -> None:
    """Take the schemas of the draft as they are now as known."""
    flow = flows.get(workspace_id, flow_id)
    accept(workspace_id, environment, flow_id, flow.draft.document, node_id)


def of_draft(workspace_id: str, environment: str, flow_id: str) -> list[Shown]:
    """What changed around the mappings of a flow's draft."""
    flow = flows.get(workspace_id, flow_id)
    return of_flow(workspace_id, environment, flow_id, flow.draft.document)


def flow_problems(
    workspace_id: str, environment: str, flow_id: str, document: dict[str, Any]
) -> list[Problem]:
    """Everything that must or should be mended in a flow, changed schemas among it."""
    found = problems_of(workspace_id, environment, document)
    return [*found, *warnings(workspace_id, environment, flow_id, document)]


def warnings(
    workspace_id: str, environment: str, flow_id: str, document: dict[str, Any]
) -> list[Problem]:
    """A warning for each schema of which a mapping's rules are touched."""
    found = []
    for drift in of_flow(workspace_id, environment, flow_id, document):
        if not drift["touched"]:
            continue
        first = drift["touched"][0]
        rules = len({rule["rule_id"] or rule["target"] for rule in drift["touched"]})
        others = f" It touches {rules} rules." if rules > 1 else ""
        side = "what it fills" if drift["side"] == TARGET else f"“{drift['title']}”"
        found.append(
            Problem(
                "warning",
                "mapping.schema_changed",
                f"“{drift['node_name']}”: {side} has changed. {first['message']}{others}",
                "Look at the mapping, then take the new schema there.",
                drift["node_id"],
                f"{drift['mapping_name']}:{first['rule_id'] or first['target'] or ''}",
            )
        )
    return found


def _watched(
    workspace_id: str, environment: str, document: Any, node_id: str = ""
) -> Iterator[_Watched]:
    """The mappings of a drawing; none while a vendor cannot say what its account looks like."""
    try:
        graph = parse(own_functions.embedded(workspace_id, document))
        _ = graph.loops
    except BrokenFlow:
        return
    connections = Connections(workspace_id, environment)
    found = [
        _Watched(graph, node, name, connections)
        for node in graph.nodes.values()
        if not node_id or node.id == node_id
        for name in MAPPINGS.get(node.type, ())
    ]
    if not connections.unasked:
        yield from found


def _compared(
    workspace_id: str, environment: str, flow_id: str, watched: _Watched, kept: _Kept
) -> Iterator[Shown]:
    before = kept.get((watched.node.id, watched.name), {})
    known = {path: before[path] for path in before if path in watched.shapes}
    fresh = {**before, **watched.remembered()}
    differing = []
    for path, (_, identity, _, digest) in watched.shapes.items():
        same_choice = path in known and known[path]["identity"] == identity
        if same_choice and known[path]["digest"] != digest:
            differing.append(path)
    older = _schemas(workspace_id, [known[path]["digest"] for path in differing])
    drifted: dict[str, list[Change]] = {}
    for path in differing:
        old = older.get(known[path]["digest"])
        changes = [] if old is None else compare(old, watched.shapes[path][2])
        if changes:
            drifted[path] = changes
            fresh[path] = known[path]
    if fresh != before:
        _keep(workspace_id, environment, flow_id, watched, fresh)
    for path, changes in drifted.items():
        yield _shown(watched, path, changes)


def _shown(watched: _Watched, path: str, changes: list[Change]) -> Shown:
    side = TARGET if path == TARGET else "source"
    prefix = "" if path == TARGET else path
    try:
        found = touched(watched.mapping, changes, "target" if path == TARGET else "source", prefix)
    except IpaasError:  # the mapping cannot be read, which its own problem says
        found = []
    return {
        "node_id": watched.node.id,
        "node_name": watched.node.name,
        "mapping_name": watched.name,
        "side": side,
        "path": prefix,
        "title": watched.shapes[path][0],
        "changes": [change.as_json() for change in changes[:MOST_CHANGES]],
        "touched": [finding.as_json() for finding in found[:MOST_CHANGES]],
    }


# --- what is kept ---------------------------------------------------------------------------------


def _kept(environment: str, flow_id: str, node_id: str = "") -> _Kept:
    """What is remembered, by step and name of the mapping, in one query."""
    rows = MappingShapes.objects.filter(flow_id=flow_id, environment=environment)
    rows = rows.filter(node_id=node_id) if node_id else rows
    return {
        (node, name): shapes
        for node, name, shapes in rows.values_list("node_id", "mapping_name", "shapes")
    }


def _remember(workspace_id: str, environment: str, flow_id: str, watched: _Watched) -> None:
    _keep(workspace_id, environment, flow_id, watched, watched.remembered())


def _keep(
    workspace_id: str, environment: str, flow_id: str, watched: _Watched, shapes: dict[str, Any]
) -> None:
    """Write down digests for the mapping, and each schema once for the workspace."""
    if not shapes:
        return
    wanted = {digest: schema for _, _, schema, digest in watched.shapes.values()}
    SchemaShape.objects.bulk_create(
        [
            SchemaShape(workspace_id=workspace_id, digest=digest, schema=schema)
            for digest, schema in wanted.items()
        ],
        ignore_conflicts=True,
    )
    MappingShapes.objects.update_or_create(
        flow_id=flow_id,
        environment=environment,
        node_id=watched.node.id,
        mapping_name=watched.name,
        defaults={"workspace_id": workspace_id, "shapes": shapes, "seen_at": clock.now()},
    )


def _schemas(workspace_id: str, digests: list[str]) -> dict[str, dict[str, Any]]:
    if not digests:
        return {}
    rows = SchemaShape.objects.filter(workspace_id=workspace_id, digest__in=digests)
    return dict(rows.values_list("digest", "schema"))
