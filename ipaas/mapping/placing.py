"""Where values go: the operations that write what rules give into a document or a row.

Nearly every value of a mapping passes here, so what is usual has a way of its own: a short value of
a plain field or constant is written without a call in between. Everything else takes the long way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ipaas.mapping.errors import ExpressionFailed
from ipaas.mapping.evaluate import (
    COUNTED_TEXT,
    OMITTED,
    SHORT,
    MappingRun,
    Operation,
    RowsRule,
    ValueRule,
)
from ipaas.mapping.model import Const, Field
from ipaas.mapping.paths import TargetPath, parse_source
from ipaas.mapping.reading import Frame, OutOfBounds, Scope
from ipaas.mapping.values import Value

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """What fills a place; with names, ``make`` gives the operation for any end of them."""

    names: Names
    make: Callable[[Names], Operation]


def fixed(operation: Operation) -> Placed:
    """An operation that writes nothing, or knows its own place."""
    return Placed((), lambda names: operation)


def value(compiled: ValueRule, path: TargetPath, scope: Scope) -> Placed:
    """A value rule at the names of its target."""
    return Placed(_names(path), lambda names: _write(compiled, names, scope))


def rows(parts: Sequence[RowsRule | Operation], path: TargetPath) -> Placed:
    """Rows rules that fill one list; what is no rows rule only says why it cannot run."""

    def make(names: Names) -> Operation:
        put = _putter(names)

        def fill(frame: Frame, out: dict[str, Value], run: MappingRun) -> None:
            made: list[Value] = []
            for part in parts:
                if isinstance(part, RowsRule):
                    part.append_rows(frame, made, run)
                else:
                    part(frame, out, run)
            if made:
                put(out, made)

        return fill

    return Placed(_names(path), make)


def grouped(placed: Sequence[Placed]) -> tuple[Operation, ...]:
    """The operations in their order; neighbours that fill one object look for it once."""
    operations: list[Operation] = []
    at = 0
    while at < len(placed):
        end, names = at + 1, placed[at].names
        if len(names) > 1:
            while end < len(placed) and _within(placed[end].names, names[0]):
                end += 1
            inner = [Placed(one.names[1:], one.make) for one in placed[at:end]]
            operations.append(_object(names[0], grouped(inner)))
        else:
            operations.append(placed[at].make(names))
        at = end
    return tuple(operations)


def _within(names: Names, name: str) -> bool:
    return len(names) > 1 and names[0] == name


def _names(path: TargetPath) -> Names:
    return tuple(step.name for step in path)


def _object(name: str, operations: tuple[Operation, ...]) -> Operation:
    """Fills an object inside, and makes it if anything was written."""

    def fill(frame: Frame, out: dict[str, Value], run: MappingRun) -> None:
        present = out.get(name)
        inner: dict[str, Value] = present if type(present) is dict else {}
        for operation in operations:
            operation(frame, inner, run)
        if inner and inner is not present:
            out[name] = inner

    return fill


def _putter(names: Names) -> Callable[[dict[str, Value], Value], None]:
    """A function that writes a value at nested names, making the objects on the way."""
    parents, last = names[:-1], names[-1]

    def put(out: dict[str, Any], value: Value) -> None:
        for name in parents:
            child = out.get(name)
            if type(child) is not dict:
                child = out[name] = {}
            out = child
        out[last] = value

    return put


def _write(compiled: ValueRule, names: Names, scope: Scope) -> Operation:
    """Works the value out and writes it at nested names."""
    if not compiled.simple:
        value_of, put = compiled.value, _putter(names)

        def write(frame: Frame, out: dict[str, Value], run: MappingRun) -> None:
            value = value_of(frame, run)
            if value is not OMITTED:
                put(out, value)

        return write
    usual = _write_simple(compiled, names)
    if len(names) > 1:
        return usual
    expr = compiled.rule.expr
    if isinstance(expr, Const) and _short(expr.value):
        return _write_constant(compiled.slot, names[0], expr.value)
    if isinstance(expr, Field):
        slot, rest = scope.locate(parse_source(expr.path))
        plain = tuple(part for part in rest if isinstance(part, str))
        if len(plain) == len(rest):
            return _write_field(compiled.slot, names[0], slot, plain, usual)
    return usual


def _short(value: Value) -> bool:
    return type(value) in SHORT or (type(value) is str and len(value) <= COUNTED_TEXT)


def _write_constant(live: int, name: str, value: Value) -> Operation:
    def write_constant(frame: Frame, out: dict[str, Value], run: MappingRun) -> None:
        if run.live is not None:
            run.live[live].append(value)
        out[name] = value

    return write_constant


def _write_field(live: int, name: str, slot: int, path: Names, usual: Operation) -> Operation:
    """Copies a field that stands up to three objects deep, if its value is short and right.

    The depths are written out: a shared part would be a call more for each value of each document.
    """
    match path:
        case (a,):

            def one(frame: Frame, out: dict[str, Value], run: MappingRun) -> None:
                try:
                    value = frame[slot].get(a)
                except (AttributeError, KeyError, TypeError):
                    usual(frame, out, run)
                    return
                kind = type(value)
                if kind in SHORT or (kind is str and len(value) <= COUNTED_TEXT):
                    if run.live is not None:
                        run.live[live].append(value)
                    out[name] = value
                else:
                    usual(frame, out, run)

            return one
        case (a, b):

            def two(frame: Frame, out: dict[str, Value], run: MappingRun) -> None:
                try:
                    value = frame[slot][a].get(b)
                except (AttributeError, KeyError, TypeError):
                    usual(frame, out, run)
                    return
                kind = type(value)
                if kind in SHORT or (kind is str and len(value) <= COUNTED_TEXT):
                    if run.live is not None:
                        run.live[live].append(value)
                    out[name] = value
                else:
                    usual(frame, out, run)

            return two
        case (a, b, c):

            def three(frame: Frame, out: dict[str, Value], run: MappingRun) -> None:
                try:
                    value = frame[slot][a][b].get(c)
                except (AttributeError, KeyError, TypeError):
                    usual(frame, out, run)
                    return
                kind = type(value)
                if kind in SHORT or (kind is str and len(value) <= COUNTED_TEXT):
                    if run.live is not None:
                        run.live[live].append(value)
                    out[name] = value
                else:
                    usual(frame, out, run)

            return three
    return usual


def _write_simple(compiled: ValueRule, names: Names) -> Operation:
    """The short way for a rule without conditions.

    A value that is short, there and right is written at once; everything else takes the long way.
    """
    read, given, slot = compiled.read, compiled.given, compiled.slot
    put, name = _putter(names), names[0] if len(names) == 1 else None

    def write_simple(frame: Frame, out: dict[str, Value], run: MappingRun) -> None:
        try:
            value = read(frame)
        except (ExpressionFailed, RecursionError, OutOfBounds) as error:
            compiled.failed(error, run)
            return
        kind = type(value)
        if (kind is str and len(value) <= COUNTED_TEXT) or kind in SHORT:
            if run.live is not None:
                run.live[slot].append(value)
        else:
            value = given(value, run)
            if value is OMITTED:
                return
        if name is not None:
            out[name] = value
        else:
            put(out, value)

    return write_simple
