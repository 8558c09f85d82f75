"""Expressions of a JSONata text as expressions of rules, wherever that says the same.

What cannot be said stays JSONata text on its own target. A path becomes a field; where the schema
of the source knows a list, ``[]`` is put after it, because JSONata does not tell lists from single
values and rules do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ipaas.mapping import schemas
from ipaas.mapping.jsonata_parser import Node
from ipaas.mapping.model import Call, Const, Expr, Field, If
from ipaas.mapping.paths import EACH, SourcePath, format_source
from ipaas.mapping.schemas import Schema
from ipaas.mapping.text_functions import TAKES_LIST, joined_binary, translated
from ipaas.mapping.text_places import STATE, AllEntries, Cannot, Surroundings

_MAX_INLINED: Final = 2_000
GIVEN: Final = frozenset({"given", "some", "filled"})
"""Our own definitions that only put an object together."""


class ExpressionReader:
    """Reads expressions; knows the text and the schema of the source."""

    def __init__(self, text: str, schema: Schema) -> None:
        self.text = text
        self.schema = schema
        self.notes: list[tuple[Node, str]] = []
        self.inlined = 0

    def read(self, node: Node, place: Surroundings, *, many: bool = False) -> Expr:
        """The expression of a part of the text; ``many`` where a list of values is wanted."""
        self.inlined += 1
        if self.inlined > _MAX_INLINED:
            raise Cannot(node, "it is too large")
        match node.kind:
            case "string" | "number" | "value":
                return Const(node.value)
            case "negate":
                return self.negated(node, place)
            case "binary":
                return self.binary(node, place)
            case "condition":
                parts = [self.read(part, place) for part in node.parts]
                return If(parts[0], parts[1], parts[2] if len(parts) > 2 else None)
            case "call":
                return self.call(node, place)
            case "block":
                return self.block(node, place, many=many)
            case "array":
                return self.array(node, place)
            case "object":
                return self.constant(node)
            case "name" | "path" | "variable" | "filter" | "keep_array" | "wildcard" | "sort":
                return self.path(node, place, many=many)
        raise Cannot(node, f"rules have nothing like this {node.kind}")

    def negated(self, node: Node, place: Surroundings) -> Expr:
        inner = self.read(node.parts[0], place)
        if isinstance(inner, Const) and type(inner.value) not in (bool, str, type(None)):
            return Const(-inner.value)
        return Call("negate", (inner,))

    def binary(self, node: Node, place: Surroundings) -> Expr:
        left, right = node.parts
        if node.value == "~>":
            return self.chained(node, place)
        if node.value in ("=", "!=") and right.kind == "value" and right.value is None:
            there = Call("exists", (self.read(left, place),))
            return there if node.value == "!=" else Call("not", (there,))
        right_side = self.read(right, place, many=node.value == "in")
        made = joined_binary(str(node.value), self.read(left, place), right_side)
        if made is None:
            raise Cannot(node, f"rules have nothing like “{node.value}”")
        return made

    def chained(self, node: Node, place: Surroundings) -> Expr:
        left, right = node.parts
        if right.kind == "call":
            again = replace(right, parts=(right.parts[0], left, *right.parts[1:]))
        else:
            again = Node("call", node.start, node.end, None, (right, left))
        return self.call(again, place)

    def call(self, node: Node, place: Surroundings) -> Expr:
        called, *given = node.parts
        if called.kind != "variable":
            raise Cannot(node, "rules call functions by name only")
        name = str(called.value)
        if any(arg.kind == "placeholder" for arg in given):
            raise Cannot(node, "rules have no functions with arguments left open")
        if name in place.lambdas:
            return self.applied(node, place.lambdas[name], given, place)
        if name == "lookup" and len(given) == 2 and given[1].kind == "string":
            step = Node("name", given[1].start, given[1].end, given[1].value)
            return self.path(
                Node("path", node.start, node.end, None, (given[0], step)), place, many=False
            )
        if name == "map" and len(given) == 2:
            return self.mapped(node, given, place)
        if name == "filter" and len(given) == 2:
            return self.filtered(node, given, place)
        if name in ("string", "number", "length", "uppercase", "lowercase", "trim") and not given:
            given = [Node("variable", node.start, node.end, "")]
        args = [
            self.read(arg, place, many=index == 0 and name in TAKES_LIST)
            for index, arg in enumerate(given)
        ]
        if name in place.own:
            return Call(name, tuple(args))
        made = translated(name, args)
        if made is None:
            raise Cannot(node, f"rules have nothing like ${name} used in this way")
        return made

    def applied(self, node: Node, function: Node, given: list[Node], place: Surroundings) -> Expr:
        """A function of the text put in place of its call."""
        inside = replace(place, lambdas=place.lambdas)
        for index, name in enumerate(function.value):
            value = self.read(given[index], place) if index < len(given) else Const(None)
            inside = inside.with_value(name, value)
        return self.read(function.parts[0], inside)

    def mapped(self, node: Node, given: list[Node], place: Surroundings) -> Expr:
        """``$map(list, function($x) { $x.field })`` as one field of each entry."""
        function = given[1]
        body = function.parts[0] if function.kind == "lambda" else None
        if body is not None and len(function.value) == 1 and body.kind == "path":
            head, *steps = flattened(body)
            simple = all(step.kind == "name" for step in steps)
            if head.kind == "variable" and head.value == function.value[0] and simple:
                names = ".".join(str(step.value) for step in steps)
                return Call("pluck", (self.read(given[0], place, many=True), Const(names)))
        raise Cannot(node, "rules make lists with rows")

    def filtered(self, node: Node, given: list[Node], place: Surroundings) -> Expr:
        function = given[1]
        if function.kind != "lambda" or len(function.value) != 1:
            raise Cannot(node, "rules filter lists by the value of a field")
        items = self.read(given[0], place, many=True)
        return self.where(items, function.parts[0], place, function.value[0])

    def where(self, items: Expr, test: Node, place: Surroundings, variable: str | None) -> Expr:
        """The entries of a list whose fields equal values."""
        if test.kind == "binary" and test.value == "and":
            first = self.where(items, test.parts[0], place, variable)
            return self.where(first, test.parts[1], place, variable)
        if test.kind == "binary" and test.value == "=":
            for one, other in (test.parts, test.parts[::-1]):
                steps = flattened(one)
                if variable is not None:
                    if steps[0].kind != "variable" or steps[0].value != variable:
                        continue
                    steps = steps[1:]
                names = [step.value for step in steps if step.kind == "name"]
                begin = flattened(other)[0]
                relative = variable is None and begin.kind != "variable" and other.kind != "string"
                relative = relative and begin.kind not in ("number", "value", "negate")
                if steps and len(names) == len(steps) and not relative:
                    key = Const(".".join(str(name) for name in names))
                    return Call("where_field", (items, key, self.read(other, place)))
        raise Cannot(test, "rules filter lists by the value of a field")

    def block(self, node: Node, place: Surroundings, *, many: bool) -> Expr:
        if not node.parts:
            raise Cannot(node, "it is empty")
        *before, last = node.parts
        for part in before:
            place = self.bound(part, place)
        return self.read(last, place, many=many)

    def bound(self, node: Node, place: Surroundings) -> Surroundings:
        """The place after ``$name := …``."""
        if node.kind != "bind":
            raise Cannot(node, "its value is not used")
        name, value = str(node.value), node.parts[0]
        if value.kind == "lambda":
            return replace(place, lambdas={**place.lambdas, name: value})
        made = self.read(value, place, many=True)
        if isinstance(made, Field):
            return place.with_path(name, self.source(value, place))
        return place.with_value(name, made)

    def array(self, node: Node, place: Surroundings) -> Expr:
        """A list: a constant, or texts that a join puts together."""
        if len(node.parts) == 1 and node.parts[0].kind in ("path", "name", "call", "variable"):
            return self.read(node.parts[0], place, many=True)
        try:
            return self.constant(node)
        except Cannot:
            return Call("append", tuple(self.read(part, place, many=True) for part in node.parts))

    def constant(self, node: Node) -> Const:
        match node.kind:
            case "string" | "number" | "value":
                return Const(node.value)
            case "array":
                return Const([self.constant(part).value for part in node.parts])
            case "object":
                values = [self.constant(part).value for part in node.parts]
                return Const(dict(zip(map(str, values[::2]), values[1::2], strict=True)))
            case "negate":
                inner = self.constant(node.parts[0]).value
                if type(inner) not in (bool, str, type(None), list, dict):
                    return Const(-inner)
        raise Cannot(node, "rules make objects and lists target by target")

    # --- paths ---------------------------------------------------------------------------------

    def source(self, node: Node, place: Surroundings, *, strictly: bool = False) -> SourcePath:
        """The path that a part of the text stands for; raises Cannot if it is more than that.

        ``strictly`` where it is a list to go over, which may be that of rows around once more.
        """
        steps = flattened(node)
        path, rest = self.beginning(steps[0], place)
        known = len(path)  # what stands at the beginning is the entry that names say
        for step in [*rest, *steps[1:]]:
            if path == STATE and step.kind == "name" and step.value in place.state:
                path = place.state[str(step.value)]
                known = len(path)
            else:
                path = self.extended(path, step)
        if not path or path == STATE:
            raise Cannot(node, "it means the whole document")
        place.require_current(node, path, known, strictly=strictly)
        return path

    def beginning(self, step: Node, place: Surroundings) -> tuple[SourcePath, list[Node]]:
        if step.kind == "wildcard" and step.value == "%":
            return self.above(place.here, step), []
        if step.kind != "variable":
            return place.here, [step]
        if step.value == "":
            return place.here, []
        if step.value == "$":
            return (), []
        if step.value in place.paths:
            return place.paths[step.value], []
        raise Cannot(step, f"${step.value} is not known here")

    def extended(self, path: SourcePath, step: Node) -> SourcePath:
        if step.kind == "name":
            if self.is_list(path) and path[-1] is not EACH:
                path = (*path, EACH)
            return (*path, str(step.value))
        if step.kind == "wildcard" and step.value == "%":
            return self.above(path, step)
        if step.kind == "keep_array":
            kept = self.extended(path, step.parts[0])
            return (*kept, EACH)
        if step.kind == "filter":
            index = _index(step.parts[1])
            if index is not None:
                return (*self.extended(path, step.parts[0]), index)
        raise Cannot(step, "it is more than a path")

    @staticmethod
    def above(path: SourcePath, step: Node) -> SourcePath:
        """The entry, or the object, that holds what a path leads to: JSONata's ``%``."""
        names = [at for at, segment in enumerate(path) if isinstance(segment, str)]
        if len(names) < 2 or str(path[0]).startswith("$"):
            raise Cannot(step, "there is nothing above it")
        return path[: names[-1]]

    def is_list(self, path: SourcePath) -> bool:
        """Whether the schema says that a path leads to a list."""
        if not path or not self.schema or str(path[0]).startswith("$"):
            return False
        found = schemas.find(self.schema, path)
        return found.schema is not None and "array" in schemas.types(found.schema)

    def path(self, node: Node, place: Surroundings, *, many: bool) -> Expr:
        steps = flattened(node)
        first = steps[0]
        if first.kind == "variable" and first.value in place.values:
            made = place.values[str(first.value)]
            names = [str(step.value) for step in steps[1:] if step.kind == "name"]
            if len(names) != len(steps) - 1:
                raise Cannot(node, "it looks into a worked-out value")
            return _fields(made, names, many=many)
        try:
            return Field(format_source(self.source(node, place)))
        except AllEntries as crossed:
            entries = crossed.expression()
            if entries is None:
                raise
            return entries
        except Cannot:
            return self.worked_out(node, steps, place, many=many)

    def worked_out(self, node: Node, steps: list[Node], place: Surroundings, *, many: bool) -> Expr:
        """A path with a filter, a function or a block on its way."""
        before: list[Node] = []
        for at, step in enumerate(steps):
            rest = steps[at + 1 :]
            if step.kind == "filter" and _index(step.parts[1]) is None:
                inner = [*before, step.parts[0]]
                items = self.read(joined(inner), place, many=True)
                found = self.where(items, step.parts[1], place, None)
                names = [str(item.value) for item in rest if item.kind == "name"]
                if len(names) != len(rest):
                    raise Cannot(node, "it goes on after a filter")
                if not many:
                    self.notes.append((node, "Of several matches the first is taken."))
                return _fields(found, names, many=many, of_list=True)
            if step.kind == "filter" and not before and step.parts[0].kind in ("call", "block"):
                index = _index(step.parts[1])
                assert index is not None
                items = self.read(step.parts[0], place, many=True)
                number = Const(index + 1 if index >= 0 else index)
                if isinstance(items, Call) and items.fn == "split_text":
                    made: Expr = Call("split_part", (*items.args, number))
                else:
                    made = Call("item_at", (items, number))
                return _fields(made, [str(item.value) for item in rest], many=many)
            if step.kind in ("call", "block") and not before and rest:
                names = [str(item.value) for item in rest if item.kind == "name"]
                if len(names) != len(rest):
                    raise Cannot(node, "it looks into a worked-out value")
                made = self.read(step, place, many=True)
                return _fields(made, names, many=many, of_list=True)
            if step.kind in ("call", "block") and before and not rest:
                inside = place.at(self.source(joined(before), place))
                if self.is_list(inside.here):
                    raise Cannot(node, "it works on each entry of a list")
                return self.read(step, inside, many=many)
            before.append(step)
        raise Cannot(node, "it is more than a path")


def flattened(node: Node) -> list[Node]:
    """The steps of a path from left to right."""
    steps: list[Node] = []
    while node.kind == "path":
        steps.append(node.parts[1])
        node = node.parts[0]
    if node.kind == "block" and len(node.parts) == 1 and node.parts[0].kind in ("path", "name"):
        steps += reversed(flattened(node.parts[0]))
    else:
        steps.append(node)
    return steps[::-1]


def unwrapped(node: Node) -> Node:
    """What stands in parentheses that hold nothing else."""
    while node.kind == "block" and len(node.parts) == 1:
        node = node.parts[0]
    return node


def joined(steps: Iterable[Node]) -> Node:
    """Steps as one path again."""
    found = list(steps)
    node = found[0]
    for step in found[1:]:
        node = Node("path", node.start, step.end, None, (node, step))
    return node


def called(node: Node) -> str | None:
    """Name of the function that a part of the text calls."""
    if node.kind == "call" and node.parts[0].kind == "variable":
        return str(node.parts[0].value)
    return None


def makes_object(node: Node) -> bool:
    """Whether a part of the text gives one object, written out."""
    while node.kind == "block" and node.parts:
        node = node.parts[-1]
    if called(node) in GIVEN and len(node.parts) == 2:
        return makes_object(node.parts[1])
    if called(node) == "merge" and node.parts[1:] and node.parts[1].kind == "array":
        return all(makes_object(part) for part in node.parts[1].parts[1:])
    return node.kind == "object"


def _index(test: Node) -> int | None:
    sign = 1
    if test.kind == "negate":
        test, sign = test.parts[0], -1
    return sign * test.value if test.kind == "number" and type(test.value) is int else None


def _fields(value: Expr, names: list[str], *, many: bool, of_list: bool = False) -> Expr:
    """Fields inside a worked-out value."""
    if names:
        value = Call("pluck", (value, Const(".".join(names))))
    return value if many or not (names or of_list) else Call("first", (value,))
