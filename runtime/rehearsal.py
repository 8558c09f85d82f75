"""A flow worked out up to one node without touching anything outside: for previews."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.engine import Failure, Program
from runtime.engine.evaluate import Done, evaluate
from runtime.graph import Work


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
) -> Rehearsed:
    """Context of ``node_id``: pure steps are run, calls answer as recorded, else by example."""
    program = Program.compile("preview", "preview", "preview", "preview", 0, body)
    context: dict[str, Any] = {"trigger": trigger, "steps": {}, "vars": {}}
    assumed: list[str] = []
    failures: dict[str, dict[str, Any]] = {}
    for upstream in program.graph.upstream(node_id):
        node = program.graph.nodes[upstream]
        if node.kind.is_trigger:
            continue
        if node.kind.work is Work.PURE:
            result = evaluate(program, node, context)
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
