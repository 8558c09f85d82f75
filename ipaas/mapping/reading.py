"""How values are read from a document while a mapping runs.

A closure takes a frame and returns a value; ``None`` means missing or null. A frame is a list: the
context document, the run, then the current element of each enclosing rows block.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, TypeAlias

from ipaas.core import jsonio
from ipaas.mapping import limits
from ipaas.mapping.copying import Copier
from ipaas.mapping.errors import ExpressionFailed
from ipaas.mapping.paths import EACH, PathInvalid, SourcePath, format_source
from ipaas.mapping.resources import NO_RESOURCES, Resources
from ipaas.mapping.values import Value, exact

Frame: TypeAlias = list[Any]
Closure: TypeAlias = Callable[[Frame], Value]

CONTEXT: Final = 0
RUN: Final = 1
FIRST_ELEMENT: Final = 2


class OutOfBounds(Exception):
    """The document asks for more work or output than one mapping may do; evaluation stops."""


class Run:
    """What one application of a mapping has used up, and what it may reuse."""

    __slots__ = ("_json", "cache", "copier", "mode", "resources", "rows_left", "work_left")

    def __init__(self, resources: Resources | None = None, mode: str | None = None) -> None:
        self.mode = mode
        self.resources: Resources = NO_RESOURCES if resources is None else resources
        self.work_left = limits.MAX_WORK
        self.rows_left = limits.MAX_ROWS
        self.copier = Copier()
        self.cache: dict[int, Value] = {}
        self._json: str | None = None

    def spend(self, units: int) -> None:
        """Count work; raises OutOfBounds when the bound is reached."""
        self.work_left -= units
        if self.work_left < 0:
            raise OutOfBounds("The mapping takes too many steps for this document")

    def context_json(self, context: Value) -> str:
        """The context document as JSON text, written once."""
        if self._json is None:
            try:
                self._json = jsonio.dumps(context).decode()
            except (TypeError, ValueError, RecursionError) as error:
                raise ExpressionFailed(
                    f"The document cannot be written as JSON: {error}"
                ) from error
        return self._json


@dataclass(frozen=True, slots=True)
class Block:
    """A list that rows around an expression go over: its path, its element's place in the frame.

    A path that begins with a variable counts from the place ``root`` of that variable.
    """

    each: SourcePath
    slot: int
    root: int = CONTEXT


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that is read as ``$name``: its place in the frame, and the path it stands for."""

    name: str
    slot: int
    origin: SourcePath | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression can read: rows blocks around it, outermost first, and variables.

    ``functions`` are user functions by name, ``size`` is the first free place of the frame. A
    ``closed`` scope is the body of a user function, which does not see the document.
    """

    blocks: tuple[Block, ...] = field(default=())
    variables: tuple[Variable, ...] = field(default=())
    functions: Mapping[str, Any] = field(default_factory=dict)
    size: int = FIRST_ELEMENT
    closed: bool = False

    def variable(self, path: SourcePath) -> Variable | None:
        """The variable that a path begins with; None for a path into the document."""
        first = path[0]
        if not isinstance(first, str) or not first.startswith("$"):
            return None
        for variable in reversed(self.variables):
            if variable.name == first[1:]:
                return variable
        raise PathInvalid(
            f"There is no loop variable “{first}” here.",
            hint="Name it in the rows rule around this one, or choose a field.",
        )

    def origin(self, path: SourcePath) -> SourcePath | None:
        """The path in the document that a path stands for; None if that cannot be said."""
        variable = self.variable(path)
        if variable is None:
            return path
        return None if variable.origin is None else (*variable.origin, *path[1:])

    def locate(self, path: SourcePath, *, strictly: bool = False) -> tuple[int, SourcePath]:
        """Frame slot a path starts from, and the rest of the path.

        The block with the longest matching ``each`` wins, the inner one of equals. ``strictly``
        leaves out a block that is the whole path.
        """
        variable = self.variable(path)
        if variable is None and self.closed:
            raise PathInvalid(
                "A function of your own sees only its arguments.",
                hint="Hand the field in as an argument.",
            )
        root, rest = (CONTEXT, path) if variable is None else (variable.slot, path[1:])
        best: Block | None = None
        for block in self.blocks:
            size = len(block.each)
            if block.root != root or path[:size] != block.each:
                continue
            if (best is None or size >= len(best.each)) and not (strictly and size == len(path)):
                best = block
        return (root, rest) if best is None else (best.slot, path[len(best.each) :])

    def lists_around(self, each: SourcePath) -> list[SourcePath]:
        """The lists, outermost first, in which the list of a rows rule stands.

        Those that rows around it go over already are not among them.
        """
        _, rest = self.locate(each, strictly=True)
        known = len(each) - len(rest)
        return [each[: at + 1] for at in range(known, len(each) - 1) if each[at] is EACH]

    def root_of(self, path: SourcePath) -> int:
        """The place in the frame that a path counts from."""
        variable = self.variable(path)
        return CONTEXT if variable is None else variable.slot


def compile_null_test(path: SourcePath, scope: Scope) -> Callable[[Frame], bool]:
    """The closure that tells a field that is there, but null, from one that is absent."""
    name = path[-1]
    if len(path) == 1 or not isinstance(name, str):
        return lambda frame: False
    slot, rest = scope.locate(path)
    if not rest:
        return lambda frame: False
    parents = rest[:-1]
    text = format_source(path)

    def is_null(frame: Frame) -> bool:
        holder = _descend(frame[slot], parents, text) if EACH not in parents else None
        return type(holder) is dict and name in holder and holder[name] is None

    return is_null


def compile_path(path: SourcePath, scope: Scope, *, strictly: bool = False) -> Closure:
    """The closure that reads a source path; an absent field is missing, not an error."""
    slot, rest = scope.locate(path, strictly=strictly)
    text = format_source(path)
    names = tuple(segment for segment in rest if isinstance(segment, str))
    if EACH in rest:
        return _list_reader(slot, rest, text)
    if len(names) == len(rest):
        return _field_reader(slot, names, text)
    return _stepwise_reader(slot, rest, text)


def _list_in_path(text: str, name: str) -> ExpressionFailed:
    return ExpressionFailed(
        f"What holds “{name}” is a list of several entries",
        code="mapping.list_in_path",
        hint="Take one entry with first or last, or write [] after the list for all of them.",
        source=text,
    )


def _step(value: Value, segment: str | int, text: str) -> Value:
    kind = type(value)
    if type(segment) is int:
        if kind is list:
            return value[segment] if -len(value) <= segment < len(value) else None
        return value if segment in (0, -1) else None
    if kind is dict:
        return value.get(segment)
    if kind is list and value:
        raise _list_in_path(text, str(segment))
    return None


def _descend(value: Value, segments: Sequence[Any], text: str) -> Value:
    for segment in segments:
        if value is None:
            return None
        value = _step(value, segment, text)
    return Decimal(repr(value)) if type(value) is float else value


def _stepwise_reader(slot: int, segments: SourcePath, text: str) -> Closure:
    return lambda frame: _descend(frame[slot], segments, text)


def _field_reader(slot: int, names: tuple[str, ...], text: str) -> Closure:
    """Unrolled for the usual lengths; what is not a plain chain of objects takes the slow road.

    The last name is read with ``get``, since a missing field is ordinary and must be cheap.
    """
    match names:
        case ():

            def itself(frame: Frame) -> Value:
                value = frame[slot]
                return Decimal(repr(value)) if type(value) is float else value

            return itself
        case (a,):

            def one(frame: Frame) -> Value:
                try:
                    value = frame[slot].get(a)
                except (AttributeError, KeyError, TypeError):
                    return _descend(frame[slot], names, text)
                return Decimal(repr(value)) if type(value) is float else value

            return one
        case (a, b):

            def two(frame: Frame) -> Value:
                try:
                    value = frame[slot][a].get(b)
                except (AttributeError, KeyError, TypeError):
                    return _descend(frame[slot], names, text)
                return Decimal(repr(value)) if type(value) is float else value

            return two
        case (a, b, c):

            def three(frame: Frame) -> Value:
                try:
                    value = frame[slot][a][b].get(c)
                except (AttributeError, KeyError, TypeError):
                    return _descend(frame[slot], names, text)
                return Decimal(repr(value)) if type(value) is float else value

            return three
    return lambda frame: _descend(frame[slot], names, text)


def _list_reader(slot: int, rest: SourcePath, text: str) -> Closure:
    """Reads the list of all values: null ones are left out, and an empty list is missing."""
    groups = _between_lists(rest)

    def read(frame: Frame) -> Value:
        values = [frame[slot]]
        for segments in groups:
            found: list[Value] = []
            for item in values:
                value = _descend(item, segments, text)
                if type(value) is list:
                    found.extend(value)
                elif value is not None:
                    found.append(value)
            values = [
                Decimal(repr(value)) if type(value) is float else value
                for value in found
                if value is not None
            ]
            frame[RUN].spend(len(found) + 1)
            if len(values) > limits.MAX_LIST:
                raise OutOfBounds(f"The list {text} has more than {limits.MAX_LIST} values")
        return values or None

    return read


def _between_lists(path: SourcePath) -> list[tuple[Any, ...]]:
    """The names of a path up to each [], and those after the last one."""
    groups: list[tuple[Any, ...]] = []
    group: list[Any] = []
    for segment in path:
        if segment is EACH:
            groups.append(tuple(group))
            group = []
        else:
            group.append(segment)
    return [*groups, tuple(group)] if group else groups


def compile_nested(each: SourcePath, scope: Scope) -> Closure:
    """The closure that reads a list inside lists: a tuple of the entries around each, then itself.

    As everywhere, null entries are left out, and a list without any is missing.
    """
    slot, rest = scope.locate(each, strictly=True)
    groups, text = _between_lists(rest), format_source(each)

    def read(frame: Frame) -> Value:
        found: list[tuple[Value, ...]] = [(frame[slot],)]
        for segments in groups:
            deeper: list[tuple[Value, ...]] = []
            for chain in found:
                value = _descend(chain[-1], segments, text)
                for entry in value if type(value) is list else (value,):
                    if entry is not None:
                        deeper.append((*chain, exact(entry)))
            frame[RUN].spend(len(deeper) + len(found))
            if len(deeper) > limits.MAX_LIST:
                raise OutOfBounds(f"The list {text} has more than {limits.MAX_LIST} values")
            found = deeper
        return [chain[1:] for chain in found] or None

    return read
