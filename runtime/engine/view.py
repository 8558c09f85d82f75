"""What a step sees while it is worked out: its settings, its context, the workspace's tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ipaas.mapping.resources import Resources
from runtime.engine.program import Program
from runtime.engine.values import Document, Pair
from runtime.graph import Node

_HOLE = {"op": "hole"}


@dataclass(frozen=True, slots=True)
class Done:
    """The node has finished."""

    output: Document
    port: str = "out"
    pair: Pair | None = None


@dataclass(frozen=True, slots=True)
class View:
    """One step and all it can read."""

    program: Program
    node: Node
    data: Document
    resources: Resources

    @property
    def config(self) -> Mapping[str, Any]:
        """Settings of the step."""
        return self.node.config

    def value(self, name: str, expr: Any, data: Document = None) -> Any:
        """Value of an expression; ``name`` names its place among the step's settings.

        It reads the step's context, or ``data``. Raises ExpressionFailed.
        """
        compiled = self.program.expression(self.node, name, expr or _HOLE)
        return compiled(self.data if data is None else data, self.resources)

    def at(self, name: str, path: str) -> Any:
        """What stands at a path of the context."""
        return self.value(f"{name} {path}", {"op": "field", "path": path})

    def holds(self, name: str, expr: Any, data: Document = None) -> bool:
        """Whether a condition holds; raises ExpressionFailed."""
        compiled = self.program.condition(self.node, name, expr or _HOLE)
        return bool(compiled(self.data if data is None else data, self.resources))

    def within(self, item: Any, index: int) -> Document:
        """The context with one entry of a list as ``item``."""
        return {**self.data, "item": item, "index": index}
