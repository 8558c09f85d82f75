"""How the elements of a list become rows: joined, filtered, grouped, sorted, cut, counted.

Each element travels as a *state*: the values of the frame slots that belong to its rows block,
which are the element, its number, the running totals and the joined entries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cmp_to_key
from typing import Any

from ipaas.mapping import limits
from ipaas.mapping.convert import to_list, to_number
from ipaas.mapping.errors import ExpressionFailed
from ipaas.mapping.expressions import (
    ExpressionInvalid,
    compile_condition,
    compile_expression,
    source_of,
)
from ipaas.mapping.functions.lists import identity
from ipaas.mapping.functions.numbers import add_two
from ipaas.mapping.functions.sequences import KeyIndex, compare
from ipaas.mapping.model import Expr, Field, Join, Rows, SortKey
from ipaas.mapping.paths import EACH, SourcePath, parse_source
from ipaas.mapping.reading import (
    RUN,
    Block,
    Closure,
    Frame,
    OutOfBounds,
    Scope,
    Variable,
    compile_nested,
    compile_path,
)
from ipaas.mapping.values import Value, exact

State = list[Value]


def each_path(text: str) -> SourcePath:
    """The path of a rows rule's ``each``, which must end in ``[]``."""
    path = parse_source(text)
    if path[-1] is not EACH:
        raise ExpressionInvalid(
            f"Rows are made from a list, but “{text}” does not end in [].",
            problem_code="mapping.each_not_a_list",
            hint=f"Write {text}[].",
        )
    return path


def row_scope(rows: Rows, scope: Scope) -> Scope:
    """What the rules of a row can read: what is around it, its element and its variables."""
    slot = scope.size
    blocks, variables = scope.blocks, list(scope.variables)
    origin, each = None, each_path(rows.each) if rows.each else None
    if each is not None and rows.group is None:
        origin = scope.origin(each)
    if rows.variable is not None and (rows.each is not None or rows.items is not None):
        variables.append(Variable(rows.variable, slot, origin))
    slot += 1
    if rows.number is not None:
        variables.append(Variable(rows.number, slot))
    slot += 1
    for total in rows.running:
        variables.append(Variable(total.name, slot))
        slot += 1
    for join in rows.joins:
        source = parse_source(join.source.path) if isinstance(join.source, Field) else None
        known = None if source is None else scope.origin(source)
        if known is not None and known[-1] is not EACH:
            known = (*known, EACH)
        variables.append(Variable(join.name, slot, known))
        slot += 1
    if each is not None:
        around, root = scope.lists_around(each), scope.root_of(each)
        if rows.group is None:
            above = (Block(path, slot + place, root) for place, path in enumerate(around))
            blocks = (*blocks, *above, Block(each, scope.size, root))
        slot += len(around)
    return replace(scope, blocks=blocks, variables=tuple(variables), size=slot)


def element_scope(rows: Rows, scope: Scope) -> Scope:
    """What joins, ``where`` and ``group`` can read: the element itself, not yet its group."""
    if rows.group is None:
        return row_scope(rows, scope)
    name = rows.name if rows.items is None else rows.name or "item"
    return row_scope(replace(rows, group=None, name=name), scope)


@dataclass(frozen=True, slots=True)
class Shape:
    """A compiled way from list to rows.

    ``around`` counts the entries, last in a state, that a nested list brings along.
    """

    slot: int
    elements: Closure | None
    steps: tuple[Callable[[list[State], Frame], list[State]], ...]
    running: tuple[Callable[[Frame], Value], ...]
    width: int
    around: int = 0

    def states(self, frame: Frame) -> list[State]:
        """One state per row, before numbers and running totals."""
        found = None if self.elements is None else self.elements(frame)
        blank = [None] * (self.width - 1 - self.around)
        if self.around:
            states = [[chain[-1], *blank, *chain[:-1]] for chain in found or ()]
        else:
            states = [[exact(element), *blank] for element in found or () if element is not None]
        frame[RUN].spend(len(states) * (1 + len(self.steps)))
        for step in self.steps:
            states = step(states, frame)
            if len(states) > limits.MAX_ROWS:
                raise OutOfBounds(f"The result has more than {limits.MAX_ROWS} rows")
        return states

    def enter(self, state: State, index: int, totals: list[Value], frame: Frame) -> bool:
        """Put a row's values into the frame, with its number and running totals; always true."""
        slot = self.slot
        frame[slot : slot + self.width] = state
        frame[slot + 1] = index + 1
        for place, add in enumerate(self.running):
            value = add(frame)
            if value is not None:
                totals[place] = add_two(totals[place], to_number(value))
            frame[slot + 2 + place] = totals[place]
        return True


def compile_elements(rows: Rows, scope: Scope) -> tuple[Closure | None, int]:
    """The closure that reads the list a rows rule goes over; None for one single row.

    The number says how many entries of lists around it come before each element, in one tuple.
    """
    if rows.each is not None:
        each = each_path(rows.each)
        around = len(scope.lists_around(each))
        if around:
            return compile_nested(each, scope), around
        return compile_path(each, scope, strictly=True), 0
    if rows.items is None:
        return None, 0
    read = compile_expression(rows.items, scope)

    def items(frame: Frame) -> Value:
        value = read(frame)
        return None if value is None else to_list(value)

    return items, 0


def compile_shape(rows: Rows, scope: Scope) -> Shape:
    """The compiled form of a rows rule that does more than filter."""
    element, row, slot = element_scope(rows, scope), row_scope(rows, scope), scope.size
    width = row.size - slot
    steps: list[Callable[[list[State], Frame], list[State]]] = []
    first_join = 2 + len(rows.running)
    for index, join in enumerate(rows.joins):
        steps.append(_join(join, scope, element, slot, first_join + index, width))
    if rows.where is not None:
        steps.append(_filter(compile_condition(rows.where, element), slot, width))
    if rows.group is not None:
        steps.append(_group(_reader(rows.group, element), slot, width))
    for key in reversed(rows.sort):
        steps.append(_sort(key, _reader(key.by, row), slot, width))
    if rows.distinct is not None:
        steps.append(_distinct(_reader(rows.distinct, row), slot, width))
    if rows.first is not None or rows.last is not None:
        steps.append(_cut(rows.first, rows.last))
    elements, around = compile_elements(rows, scope)
    return Shape(
        slot,
        elements or (lambda frame: [True]),
        tuple(steps),
        tuple(_reader(total.add, row) for total in rows.running),
        width,
        around,
    )


def _reader(expr: Expr, scope: Scope) -> Closure:
    read, source = compile_expression(expr, scope), source_of(expr)

    def located(frame: Frame) -> Value:
        try:
            return read(frame)
        except ExpressionFailed as error:
            raise error.at(source) from None

    return located


def _filter(
    wanted: Callable[[Frame], bool], slot: int, width: int
) -> Callable[[list[State], Frame], list[State]]:
    def step(states: list[State], frame: Frame) -> list[State]:
        kept = []
        for state in states:
            frame[slot : slot + width] = state
            if wanted(frame):
                kept.append(state)
        return kept

    return step


def _join(
    join: Join, scope: Scope, element: Scope, slot: int, place: int, width: int
) -> Callable[[list[State], Frame], list[State]]:
    source, target = compile_expression(join.source, scope), slot + place
    left, right = _reader(join.left, element), _reader(join.right, element)

    def step(states: list[State], frame: Frame) -> list[State]:
        index = KeyIndex()
        found = source(frame)
        entries = [] if found is None else to_list(found)
        frame[RUN].spend(len(entries) + len(states))
        for entry in entries:
            frame[slot : slot + width] = [None] * width
            frame[target] = entry
            key = right(frame)
            if key is not None:
                index.add(key, entry)
        joined: list[State] = []
        for state in states:
            frame[slot : slot + width] = state
            key = left(frame)
            matches = [] if key is None else index.find(key)
            if not matches and join.inner:
                continue
            for match in matches if join.many else matches[:1]:
                joined.append([*state[:place], match, *state[place + 1 :]])
            if not matches:
                joined.append(state)
            if len(joined) > limits.MAX_ROWS:
                raise OutOfBounds(f"The result has more than {limits.MAX_ROWS} rows")
        return joined

    return step


def _group(key_of: Closure, slot: int, width: int) -> Callable[[list[State], Frame], list[State]]:
    def step(states: list[State], frame: Frame) -> list[State]:
        groups: dict[object, dict[str, Any]] = {}
        for state in states:
            frame[slot : slot + width] = state
            key = key_of(frame)
            name = None if key is None else identity(key)
            if name not in groups:
                groups[name] = {"items": []} if key is None else {"key": key, "items": []}
            groups[name]["items"].append(state[0])
        blank = [None] * (width - 1)
        return [[group, *blank] for group in groups.values()]

    return step


def _sort(
    key: SortKey, key_of: Closure, slot: int, width: int
) -> Callable[[list[State], Frame], list[State]]:
    sign = -1 if key.down else 1

    def before(a: tuple[Value, State], b: tuple[Value, State]) -> int:
        if a[0] is None or b[0] is None:
            return (a[0] is None) - (b[0] is None)
        return sign * compare(a[0], b[0])

    def step(states: list[State], frame: Frame) -> list[State]:
        keyed = []
        for state in states:
            frame[slot : slot + width] = state
            keyed.append((key_of(frame), state))
        frame[RUN].spend(len(keyed) * len(keyed).bit_length())
        keyed.sort(key=cmp_to_key(before))
        return [state for _, state in keyed]

    return step


def _distinct(
    key_of: Closure, slot: int, width: int
) -> Callable[[list[State], Frame], list[State]]:
    def step(states: list[State], frame: Frame) -> list[State]:
        seen: set[object] = set()
        kept = []
        for state in states:
            frame[slot : slot + width] = state
            key = key_of(frame)
            name = None if key is None else identity(key)
            if name not in seen:
                seen.add(name)
                kept.append(state)
        return kept

    return step


def _cut(first: int | None, last: int | None) -> Callable[[list[State], Frame], list[State]]:
    def step(states: list[State], frame: Frame) -> list[State]:
        states = states if first is None else states[:first]
        return states if last is None else states[max(len(states) - last, 0) :]

    return step
