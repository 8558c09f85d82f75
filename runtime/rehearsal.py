"""A flow worked out up to one node without touching anything outside: for previews."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ipaas.mapping.resources import NO_RESOURCES, Resources
from runtime.engine import Failure, Program, failure_of
from runtime.engine.evaluate import evaluate
from runtime.engine.lists import entries
from runtime.engine.view import Done, View
from runtime.graph import Node, Work


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The context document a node would see."""

    context: dict[str, Any]
    assumed: tuple[str, ...]  # nodes whose output is an example, not a recorded one
    failures: dict[str, dict[str, Any]]  # pure steps that fail on this document


def rehearse(
    body: Mapping[str, Any],
    node_id: str,
    trigger: Any,
    recorded: Mapping[str, Any],
    examples: Mapping[str, Any],
    resources: Resources = NO_RESOURCES,
    variables: Mapping[str, Any] | None = None,
    skipped: frozenset[str] = frozenset(),
) -> Rehearsed:
    """Context of ``node_id``: pure steps are run, others answer as recorded, else by example.

    Steps that a recorded run did not take (``skipped``) leave nothing behind. ``variables`` are
    what the flow reads as ``vars``. Inside a loop the first item stands for all.
    """
    program = Program.compile("preview", "preview", "preview", "preview", 0, body)
    context: dict[str, Any] = {"trigger": trigger, "steps": {}, "vars": dict(variables or {})}
    assumed: list[str] = []
    failures: dict[str, dict[str, Any]] = {}
    loops = _enclosing(program, node_id)
    for upstream in program.graph.upstream(node_id):
        node = program.graph.nodes[upstream]
        if node.kind.is_trigger or upstream in skipped:
            continue
        if upstream in loops:
            failure = _enter(program, node, context, resources)
            if failure is not None:
                failures[upstream] = failure.as_json()
        elif node.kind.work is Work.PURE:
            result = evaluate(program, node, context, resources)
            if isinstance(result, Done):
                context["steps"][upstream] = result.output
            elif isinstance(result, Failure):
                failures[upstream] = result.as_json()
        elif upstream in recorded:
            context["steps"][upstream] = recorded[upstream]
        else:
            context["steps"][upstream] = examples.get(upstream)
            assumed.append(upstream)
    return Rehearsed(context, tuple(assumed), failures)


def _enclosing(program: Program, node_id: str) -> list[str]:
    """Loops in whose bodies the node stands."""
    found: list[str] = []
    while loop := program.graph.loops[found[-1] if found else node_id]:
        found.append(loop)
    return found


def _enter(
    program: Program, loop: Node, context: dict[str, Any], resources: Resources
) -> Failure | None:
    """Put the first item of a loop into the context."""
    try:
        items = entries(View(program, loop, context, resources), loop.config.get("list"))
    except Exception as error:
        return failure_of(error, loop.name)
    item = items[0] if items else None
    loops = {**context.get("loops", {}), loop.id: {"item": item, "index": 0}}
    context.update(item=item, index=0, loops=loops)
    return None
