"""Lists of a JSONata text as rows: what they go over, and every step on the way to a row.

The steps of our own texts (joins, groups, orders, numbers, running totals) are known again, so that
what rules show as text comes back as rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, TypeAlias

from ipaas.mapping.jsonata_parser import Node
from ipaas.mapping.model import Expr, Join, Rows, Running, SortKey
from ipaas.mapping.paths import EACH, SourcePath, format_source
from ipaas.mapping.text_expressions import (
    GIVEN,
    ExpressionReader,
    called,
    flattened,
    makes_object,
    unwrapped,
)
from ipaas.mapping.text_functions import joined_binary
from ipaas.mapping.text_places import STATE, Cannot, Surroundings

Loop: TypeAlias = tuple[Rows, Node, Surroundings]
"""How rows are made, what makes one of them, and what names mean there."""
_KEEPS_ALL: Final = frozenset({"list", "values"})


class RowReader(ExpressionReader):
    """Reads the parts of a text that make lists of rows."""

    def looped(self, node: Node, place: Surroundings) -> Loop | None:
        """A loop, the body of its rows, and what names mean there; None if it is none."""
        if object_in(node) is not None:
            return Rows(), node, place
        name = called(node)
        if name == "map" and len(node.parts) == 3 and node.parts[2].kind == "lambda":
            return self.mapped_rows(node, place)
        if name == "rows_in" and len(node.parts) == 3:
            return self.nested(node, place)
        steps = flattened(node)
        if len(steps) < 2 or not (makes_object(steps[-1]) or self.works_out(node, place)):
            return None
        rows, inside = self.step_elements(steps[:-1], place)
        return rows, steps[-1], inside

    def works_out(self, node: Node, place: Surroundings) -> bool:
        """Whether a path works something out for each entry of a list: rows of single values."""
        if flattened(node)[-1].kind not in ("block", "call"):
            return False
        try:
            self.read(node, place)
        except Cannot:
            return True
        return False

    def mapped_rows(self, node: Node, place: Surroundings) -> Loop | None:
        """``$map`` over a list as rows."""
        function = node.parts[2]
        body = function.parts[0]
        if not 1 <= len(function.value) <= 3:
            return None
        if not makes_object(body):
            try:
                self.read(node, place)
            except Cannot:
                pass  # what one expression cannot say, rows of single values do
            else:
                return None
        *opening, last = body.parts if body.kind == "block" and body.parts else (body,)
        variable = function.value[0]
        named = next((str(s.value) for s in opening if _member_of(s, variable) == "row"), variable)
        rows, outside = self.elements(node.parts[1], place, named)
        if named != variable and not outside.state:
            rows, outside = self.elements(node.parts[1], place, variable)
        inside, kept = self.within(function, outside, named), []
        for statement in opening:
            found = self.opened_row(statement, function, rows, inside, (outside, named))
            if found is None:
                kept.append(statement)
            else:
                rows, inside = found
        if kept:
            last = Node("block", body.start, body.end, None, (*kept, last))
        return rows, last, replace(inside, state={})

    @staticmethod
    def within(function: Node, place: Surroundings, variable: str) -> Surroundings:
        """What names mean in a function over the elements of a loop."""
        if not function.value:
            return place
        return place.with_path(function.value[0], STATE if place.state else place.paths[variable])

    def opened_row(
        self,
        node: Node,
        function: Node,
        rows: Rows,
        inside: Surroundings,
        around: tuple[Surroundings, str],
    ) -> tuple[Rows, Surroundings] | None:
        """What a statement before a row says about the rows; None if it is of the row's own."""
        if node.kind != "bind":
            return None
        name, value = str(node.value), node.parts[0]
        if inside.state and _member_of(node, function.value[0]) in inside.state:
            return rows, inside.with_path(name, self.source(value, inside))
        counted = inside.with_path(name, (f"${name}",))
        if len(function.value) > 1 and _is_next(value, function.value[1]):
            return replace(rows, number=name), counted
        added = _summed_so_far(value, function.value[-1]) if len(function.value) == 3 else None
        if added is None:
            return None
        place, variable = around
        add = self.read(added.parts[0], self.within(added, place, variable))
        return replace(rows, running=(*rows.running, Running(name, add))), counted

    def nested(self, node: Node, place: Surroundings) -> Loop | None:
        """A loop inside a loop, as one over the inner list, whose rows reach the outer entries."""
        function, inside, outer = self.above_of(node, place)
        found = self.looped(function.parts[0], inside)
        if found is None:
            return None
        _require_inside(node, found[0], outer)
        return found

    def above_of(self, node: Node, place: Surroundings) -> tuple[Node, Surroundings, str]:
        """The function of ``$rows_in``, its place, and the outer list."""
        function = node.parts[2]
        if function.kind != "lambda" or len(function.value) != 1:
            raise Cannot(node, "rules make rows in rows in another way")
        outer, inside = self.elements(node.parts[1], place, function.value[0])
        if not outer.each or outer != Rows(each=outer.each, name=outer.name):
            raise Cannot(node, "the outer list is more than a list")
        return function, inside, outer.each

    def step_elements(self, steps: list[Node], place: Surroundings) -> tuple[Rows, Surroundings]:
        """The loop over a path, with filters and orders on its last step."""
        *before, last = steps
        tests: list[Node] = []
        orders: list[tuple[Node, bool]] = []
        while last.kind in ("filter", "sort", "keep_array"):
            if last.kind == "filter":
                tests.append(last.parts[1])
            elif last.kind == "sort":
                if orders or len(flattened(last.parts[0])) > 1 and before:
                    raise Cannot(last, "it is sorted in the middle of a path")
                orders = list(zip(last.parts[1:], last.value, strict=True))
            last = last.parts[0]
        first, *others = [*before, *flattened(last)]
        path, rest = self.beginning(first, place)
        known = len(path)
        for step in [*rest, *others]:
            path = self.extended(path, step)
        path = path if path and path[-1] is EACH else (*path, EACH)
        place.require_current(last, path, known, strictly=True)
        name = free_name(place)
        inside = place.at(path, name).with_path(name, path)
        return (
            Rows(
                each=format_source(path),
                name=name,
                where=all_of(self.test(test, inside) for test in reversed(tests)),
                sort=tuple(SortKey(self.read(by, inside), down) for by, down in orders),
            ),
            inside,
        )

    def test(self, node: Node, place: Surroundings) -> Expr:
        if node.kind in ("number", "negate"):
            raise Cannot(node, "rows are chosen by number")
        return self.read(node, place)

    # --- the steps between a list and its rows -------------------------------------------------

    def elements(self, node: Node, place: Surroundings, variable: str) -> tuple[Rows, Surroundings]:
        """The loop that ``$map`` goes over, one step inside the other."""
        name, count = called(node), len(node.parts)
        if name in _KEEPS_ALL and count == 2:
            return self.elements(node.parts[1], place, variable)
        function = node.parts[2] if name and count > 2 else None
        if name == "joined_rows" and count == 8:
            return self.joined_rows(node, place, variable)
        if name is None or function is None or function.kind != "lambda" or not function.value:
            return self.listed(node, place, variable)
        if name == "rows_in":
            inner, inside, outer = self.above_of(node, place)
            found = self.elements(unwrapped(inner.parts[0]), inside, variable)
            _require_inside(node, found[0], outer)
            return found
        if name == "map" and (state := _state_made(function)) is not None:
            return self.stated(node, state, place, variable)
        rows, inside = self.elements(node.parts[1], place, variable)
        if name == "filter" and len(function.value) > 1:
            return self.cut(node, rows), inside
        made = self.step(node, rows, self.within(function, inside, variable))
        if name == "grouped":
            return replace(made, name=variable), place.with_path(variable, (f"${variable}",))
        return made, inside

    def listed(self, node: Node, place: Surroundings, variable: str) -> tuple[Rows, Surroundings]:
        """The list at the beginning: a path, or whatever an expression gives."""
        if called(node) is not None:
            path: SourcePath = (f"${variable}",)
            inside = replace(place.with_path(variable, path), variable=None)
            return Rows(items=self.read(node, place, many=True), name=variable), inside
        path = self.source(node, place, strictly=True)
        path = path if path[-1] is EACH else (*path, EACH)
        return Rows(each=format_source(path), name=variable), place.with_path(variable, path)

    def step(self, node: Node, rows: Rows, at: Surroundings) -> Rows:
        """One step with a function of the element, if it comes in the order of our steps."""
        body, name = node.parts[2].parts[0], called(node)
        cut = rows.first is not None or rows.last is not None
        ordered = bool(rows.sort) or rows.distinct is not None or cut
        if name == "filter" and rows.group is None and not ordered:
            tests = () if rows.where is None else (rows.where,)
            return replace(rows, where=all_of([*tests, self.read(body, at)]))
        if name == "grouped" and rows.group is None and not ordered:
            return replace(rows, group=self.read(body, at))
        if name == "sorted" and len(node.parts) == 4 and rows.distinct is None and not cut:
            key = SortKey(self.read(body, at), node.parts[3].value is True)
            return replace(rows, sort=(key, *rows.sort))
        if name == "one_of_each" and rows.distinct is None and not cut:
            return replace(rows, distinct=self.read(body, at))
        raise Cannot(node, f"rules have no rows like ${name}")

    def cut(self, node: Node, rows: Rows) -> Rows:
        """The first or last rows, where a filter looks at nothing but the place in the list."""
        names, test = node.parts[2].value, node.parts[2].parts[0]
        if test.kind == "binary" and _is_variable(test.parts[0], names[1]):
            count = test.parts[1]
            if test.value == "<" and _is_count(count) and rows.first is None and rows.last is None:
                return replace(rows, first=count.value)
            if test.value == ">=" and count.kind == "binary" and count.value == "-":
                whole, less = count.parts
                counted = called(whole) == "count" and _is_variable(whole.parts[1], names[-1])
                if counted and len(names) == 3 and _is_count(less) and rows.last is None:
                    return replace(rows, last=less.value)
        raise Cannot(node, "rows are chosen by number")

    def stated(
        self, node: Node, state: Node, place: Surroundings, variable: str
    ) -> tuple[Rows, Surroundings]:
        """Elements that travel together with what is around them."""
        own = node.parts[2].value[0]
        rows, inside = self.elements(node.parts[1], place, variable)
        known: dict[str, SourcePath] = {}
        for key, value in zip(state.parts[::2], state.parts[1::2], strict=True):
            path = inside.paths[variable] if value.value == own else place.paths.get(value.value)
            if value.kind != "variable" or path is None:
                raise Cannot(node, "rules make lists with rows")
            known[str(key.value)] = path
        return rows, replace(inside, state=known)

    def joined_rows(
        self, node: Node, place: Surroundings, variable: str
    ) -> tuple[Rows, Surroundings]:
        """A second list, found by key."""
        rows, inside = self.elements(node.parts[1], place, variable)
        entries, name, left, right, many, inner = node.parts[2:]
        early = rows == replace(Rows(each=rows.each, items=rows.items, name=rows.name),
                                joins=rows.joins)  # fmt: skip
        if not (early and inside.state and left.kind == right.kind == "lambda" and right.value):
            raise Cannot(node, "rules join lists in another way")
        match = (f"${name.value}",)
        join = Join(
            source=self.read(entries, place, many=True),
            name=str(name.value),
            left=self.read(left.parts[0], self.within(left, inside, variable)),
            right=self.read(right.parts[0], inside.with_path(right.value[0], match)),
            many=many.value is True,
            inner=inner.value is True,
        )
        state = {**inside.state, str(name.value): match}
        return replace(rows, joins=(*rows.joins, join)), replace(inside, state=state)


def object_in(node: Node) -> Node | None:
    """The object that a part of a text writes out, if it does."""
    while node.kind == "call" and node.parts[0].value in GIVEN and len(node.parts) == 2:
        node = node.parts[1]
    return node if node.kind == "object" else None


def all_of(tests: Iterable[Expr]) -> Expr | None:
    """One condition of several; None of none."""
    made: Expr | None = None
    for test in tests:
        made = test if made is None else joined_binary("and", made, test)
    return made


def free_name(place: Surroundings) -> str:
    """A name for the elements of a loop that has none."""
    name, number = "item", 2
    while name in place.paths:
        name, number = f"item{number}", number + 1
    return name


def _require_inside(node: Node, rows: Rows, outer: str) -> None:
    if not (rows.each or "").startswith(outer):
        raise Cannot(node, "the inner list does not stand in the outer one")


def _is_variable(node: Node, name: str) -> bool:
    return node.kind == "variable" and node.value == name


def _is_count(node: Node) -> bool:
    return node.kind == "number" and type(node.value) is int


def _member_of(node: Node, variable: str) -> str | None:
    """The member of a variable that a statement gives a name to."""
    if node.kind != "bind" or node.parts[0].kind != "path":
        return None
    whole, member = node.parts[0].parts
    return str(member.value) if _is_variable(whole, variable) and member.kind == "name" else None


def _is_next(node: Node, index: str) -> bool:
    """Whether a part of a text is ``$index + 1``."""
    if node.kind != "binary" or node.value != "+" or not _is_variable(node.parts[0], index):
        return False
    return _is_count(node.parts[1]) and node.parts[1].value == 1


def _summed_so_far(node: Node, everything: str) -> Node | None:
    """The function whose values a running total of our texts adds up."""
    if called(node) != "sum" or len(node.parts) != 2:
        return None
    listed = node.parts[1]
    listed = listed.parts[0] if listed.kind == "array" and len(listed.parts) == 1 else listed
    mapped = listed.parts[1] if called(listed) == "numbers" and len(listed.parts) == 2 else None
    if mapped is None or called(mapped) != "map" or len(mapped.parts) != 3:
        return None
    so_far, function = mapped.parts[1:]
    whole = called(so_far) == "filter" and _is_variable(so_far.parts[1], everything)
    return function if whole and function.kind == "lambda" else None


def _state_made(function: Node) -> Node | None:
    """The object ``{"row": $one, …}`` that a function makes, if that is all it does."""
    body = unwrapped(function.parts[0])
    if body.kind != "object" or not body.parts or len(function.value) != 1:
        return None
    key, value = body.parts[0], body.parts[1]
    made = key.kind == "string" and key.value == "row"
    return body if made and _is_variable(value, function.value[0]) else None
