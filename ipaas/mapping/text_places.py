"""What names mean at one place of a JSONata text that is read as rules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from ipaas.mapping.jsonata_parser import Node
from ipaas.mapping.model import Call, Const, Expr, Field
from ipaas.mapping.paths import EACH, SourcePath, format_source

STATE: Final[SourcePath] = ("$state",)
"""Stands for an element that travels with its matches and the entries around it."""


class Cannot(Exception):
    """A part of the text that no expression can say."""

    def __init__(self, node: Node, reason: str) -> None:
        super().__init__(reason)
        self.node = node
        self.reason = reason


class AllEntries(Cannot):
    """A path through all entries of a list, in rows over that list: rules read the current one."""

    def __init__(self, node: Node, each: SourcePath, rest: SourcePath) -> None:
        super().__init__(node, "it means all entries of the list that its rows go over")
        self.each, self.rest = each, rest

    def expression(self) -> Expr | None:
        """The values of all entries, by functions; None if one of a list in them is meant."""
        made: Expr = Field(format_source(self.each[:-1]))
        names: list[str] = []
        for segment in (*self.rest, None):
            if isinstance(segment, int):
                return None
            if isinstance(segment, str):
                names.append(segment)
                continue
            if names:
                made = Call("pluck", (made, Const(".".join(names))))
            if segment is EACH:
                made, names = Call("flatten", (made,)), []
        return made


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What names mean at one place of a text.

    ``here`` is the path of the context value (empty = the document), ``paths`` and ``values`` are
    variables that stand for a path or an expression, ``lambdas`` those that stand for a function.
    ``own`` are user functions. ``variable`` is the loop variable of the context value, if any.
    ``state`` are the members of an element that travels with what is around it.
    ``sifted`` says that the members of an object which are null are left out of it. ``loops`` are
    the lists that rows around go over; ``anywhere`` is a place that may be inside any of them.
    """

    here: SourcePath = ()
    paths: dict[str, SourcePath] = field(default_factory=dict)
    values: dict[str, Expr] = field(default_factory=dict)
    lambdas: dict[str, Node] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    variable: str | None = None
    state: dict[str, SourcePath] = field(default_factory=dict)
    sifted: bool = False
    loops: frozenset[SourcePath] = frozenset()
    anywhere: bool = False

    def at(self, path: SourcePath, variable: str | None = None) -> Surroundings:
        """The same place with another context value."""
        known = self.loops | {path} if path and path[-1] is EACH else self.loops
        return replace(self, here=path, variable=variable or self.variable, loops=known)

    def with_path(self, name: str, path: SourcePath) -> Surroundings:
        """The same place with a variable for a path."""
        known = self.loops | {path} if path[-1] is EACH else self.loops
        return replace(self, paths={**self.paths, name: path}, loops=known)

    def with_value(self, name: str, value: Expr) -> Surroundings:
        """The same place with a variable for an expression."""
        paths = {key: path for key, path in self.paths.items() if key != name}
        return replace(self, paths=paths, values={**self.values, name: value})

    def require_current(
        self, node: Node, path: SourcePath, known: int, *, strictly: bool = False
    ) -> None:
        """Raise AllEntries if a path enters a list anew that rows around go over.

        ``known`` is how much of the path a name stands for; ``strictly`` lets the list itself pass.
        """
        lists = {path[: at + 1] for at, one in enumerate(path) if one is EACH}
        for loop in sorted(lists, key=len)[:1] if self.anywhere else self.loops:
            if known < len(loop) <= len(path) - strictly and path[: len(loop)] == loop:
                raise AllEntries(node, loop, path[len(loop) :])
