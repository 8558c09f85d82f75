"""A manifest's text as data, with the line and column of every part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

MOST_BYTES = 512 * 1024
MOST_PARTS = 50_000
Path = tuple[str | int, ...]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Exact(_Loader):
    """YAML whose dates stay text, because a manifest is JSON in another dress."""


_Exact.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in _Loader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of the text, and what to do."""

    path: Path
    message: str
    hint: str
    line: int = 0
    column: int = 0

    @property
    def where(self) -> str:
        """The path as people write it."""
        return "/".join(str(part) for part in self.path) or "(top)"

    def as_json(self) -> dict[str, Any]:
        """Shape shown by the API."""
        return {
            "line": self.line,
            "column": self.column,
            "path": self.where,
            "message": self.message,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        return f"line {self.line}:{self.column}: {self.where}: {self.message} {self.hint}".strip()


class Source:
    """One manifest's text, read once; ``faults`` says why there is no ``data``."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data: Any = None
        self.faults: list[Fault] = []
        self._root: Any = None
        self._twice: list[Fault] = []
        if len(text.encode()) > MOST_BYTES:
            self.faults = [
                Fault((), "The manifest is above 512 kB.", "Move schemas into files.", 1, 1)
            ]
            return
        try:
            loader = _Exact(text)
            self._root = loader.get_single_node()
            self._twice = _doubled(self._root)
            self.data = loader.construct_document(self._root) if self._root else None
        except yaml.MarkedYAMLError as error:
            self.faults = [_syntax(error, text)]
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            self.faults = [
                Fault(
                    (), "This is not YAML that can be read.", str(error).split("\n")[0][:200], 1, 1
                )
            ]
        else:
            if _parts(self.data) > MOST_PARTS:
                self.data = None
                self.faults = [
                    Fault(
                        (),
                        "The manifest repeats parts of itself (&name, *name) until it is huge.",
                        "Write the repeated part once and refer to it less often.",
                        1,
                        1,
                    )
                ]
            elif not isinstance(self.data, dict):
                self.data = None
                self.faults = [
                    Fault(
                        (),
                        "A manifest is a list of names and values.",
                        "Begin with “slug: …”.",
                        1,
                        1,
                    )
                ]

    def at(self, fault: Fault, *, key: bool = True) -> Fault:
        """``fault`` with the position of the deepest part of its path that is written."""
        line, column = self.position(fault.path, key=key)
        return Fault(fault.path, fault.message, fault.hint, line, column)

    def position(self, path: Path, *, key: bool = True) -> tuple[int, int]:
        """Line and column, from 1, of a part: of its name, or of its value if not ``key``."""
        node = self._root
        mark = node.start_mark if node is not None else None
        for part in path:
            following = None
            if isinstance(node, yaml.MappingNode):
                for name, value in node.value:
                    if name.value == str(part):
                        mark = name.start_mark if key else value.start_mark
                        following = value
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                following = next(iter(node.value[part : part + 1]), None)
                mark = following.start_mark if following is not None else mark
            if following is None:
                break
            node = following
        return (mark.line + 1, mark.column + 1) if mark else (1, 1)

    def doubled(self) -> list[Fault]:
        """Names that are written twice in one place: YAML keeps the last without a word."""
        return self._twice


def _doubled(root: Any) -> list[Fault]:
    """Names written twice below ``root``, before merge keys (<<) mix other names in."""
    found: list[Fault] = []
    todo: list[tuple[Any, Path]] = [(root, ())]
    visited: set[int] = set()
    while todo:
        node, path = todo.pop()
        if id(node) in visited:
            continue
        visited.add(id(node))
        if isinstance(node, yaml.MappingNode):
            names: set[str] = set()
            for name, value in node.value:
                here = (*path, str(name.value))
                if name.value in names:
                    mark = name.start_mark
                    found.append(
                        Fault(
                            here,
                            f"“{name.value}” stands here twice.",
                            "Keep one of the two; the first would be ignored.",
                            mark.line + 1,
                            mark.column + 1,
                        )
                    )
                names.add(name.value)
                todo.append((value, here))
        elif isinstance(node, yaml.SequenceNode):
            todo.extend((item, (*path, number)) for number, item in enumerate(node.value))
    return found


def _syntax(error: yaml.MarkedYAMLError, text: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    what = error.problem or error.context or "something is wrong here"
    hint = "Check the indentation, brackets and quotes around this place."
    lines = [*text.split("\n"), ""]
    if mark and lines[min(mark.line, len(lines) - 1)][mark.column :].startswith("\t"):
        hint = "Indent with spaces, not with tabs."
    elif "mapping values are not allowed" in what:
        hint = "Put text that holds “: ” into quotes."
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Fault((), f"This is not YAML: {what}.", hint, line, column)


def _parts(data: Any) -> int:
    """How many parts the data has when every repetition is written out; stops when too many."""
    known: dict[int, int] = {}

    def count(node: Any, depth: int) -> int:
        if depth > 200:
            return MOST_PARTS + 1
        if not isinstance(node, dict | list):
            return 1
        if id(node) not in known:
            known[id(node)] = MOST_PARTS + 1  # holds itself: without end
            children = node.values() if isinstance(node, dict) else node
            known[id(node)] = 1 + sum(count(child, depth + 1) for child in children)
        return known[id(node)]

    return count(data, 0)
