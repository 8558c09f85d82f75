"""A whole JSONata text as rules: objects become targets, lists of objects become rows.

Nothing is lost: what rules cannot say is kept as JSONata text on the target it fills, and a note
says where and why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ipaas.mapping import limits
from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.expressions import compile_expression
from ipaas.mapping.jsonata_definitions import DEFINITIONS
from ipaas.mapping.jsonata_engine import JsonataInvalid, compile_jsonata
from ipaas.mapping.jsonata_parser import Node, parse_text
from ipaas.mapping.model import (
    Document,
    Expr,
    Jsonata,
    OnMissing,
    Param,
    Rows,
    Rule,
    SortKey,
    UserFunction,
    walk,
)
from ipaas.mapping.paths import (
    EACH,
    SourcePath,
    TargetPath,
    TargetStep,
    format_source,
    format_target,
)
from ipaas.mapping.reading import Scope
from ipaas.mapping.schemas import Schema
from ipaas.mapping.text_expressions import (
    GIVEN,
    Cannot,
    ExpressionReader,
    Surroundings,
    called,
    flattened,
    makes_object,
)
from ipaas.mapping.text_functions import joined_binary
from ipaas.mapping.writing import write_mapping


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader of the text should know about one place of it; ``position`` counts from 1."""

    position: int
    text: str
    message: str
    rule_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The note as a JSON object."""
        return {
            "position": self.position,
            "text": self.text,
            "message": self.message,
            "rule_id": self.rule_id,
        }


@dataclass(frozen=True, slots=True)
class Imported:
    """The rules of a text, and notes; ``code_rules`` are those that stayed JSONata text."""

    document: dict[str, Any]
    notes: tuple[Note, ...]
    code_rules: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """What the API answers."""
        return {
            "mapping": self.document,
            "notes": [note.as_json() for note in self.notes],
            "code_rules": list(self.code_rules),
        }


def from_jsonata(text: str, source_schema: Schema | None = None) -> Imported:
    """The rules that say what a JSONata text says; raises JsonataInvalid with the position.

    ``source_schema`` describes the whole context; it tells lists from single values.
    """
    compile_jsonata(text)  # whatever an engine refuses is refused here, with its position
    return _RuleReader(text, source_schema or {}).whole()


def expression_from_jsonata(text: str, source_schema: Schema | None = None) -> Expr:
    """The expression that says what a JSONata text says; Jsonata if none does."""
    compile_jsonata(text)
    reader = ExpressionReader(text, source_schema or {})
    try:
        made = reader.read(parse_text(text), Surroundings())
        compile_expression(made, Scope())
    except (Cannot, MappingInvalid):
        return Jsonata(text)
    return made


class _RuleReader(ExpressionReader):
    def __init__(self, text: str, schema: Schema) -> None:
        super().__init__(text, schema)
        self.rules: list[Rule] = []
        self.own: list[UserFunction] = []
        self.prelude: list[tuple[str, str]] = []
        self.found: list[Note] = []
        self.code: list[str] = []
        self.count = 0

    def whole(self) -> Imported:
        try:
            tree = parse_text(self.text)
        except JsonataInvalid:
            self.keep(Node("block", 0, len(self.text)), (), Surroundings(), "it is unusual")
        else:
            self.value(tree, (), Surroundings())
        document = Document(tuple(self.rules), (), tuple(self.own))
        return Imported(write_mapping(document), tuple(self.found), tuple(self.code))

    def new_id(self, letter: str = "r") -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def note(self, node: Node, message: str, rule_id: str | None) -> None:
        shown = self.text[node.start : node.end][:200]
        self.found.append(Note(node.start + 1, shown, message, rule_id))

    # --- values --------------------------------------------------------------------------------

    def value(self, node: Node, target: TargetPath, place: Surroundings, **more: Any) -> None:
        """Make the rules that fill one target from a part of the text."""
        node, place = self.opened(node, place)
        if node.kind == "object" and (node.parts or not target):
            self.object(node, target, place)
            return
        name = called(node)
        args = node.parts[1:]
        if name in GIVEN and len(args) == 1:
            self.value(args[0], target, place, **more)
        elif name == "merge" and self.merged(node, target, place):
            return
        elif name == "or_null" and len(args) == 1:
            self.value(args[0], target, place, **{**more, "on_missing": OnMissing.NULL})
        elif name == "required" and len(args) == 2:
            self.value(args[0], target, place, **{**more, "on_missing": OnMissing.FAIL})
        elif target and self.rows(node, target, place):
            return
        else:
            self.rule(node, target, place, **more)

    def opened(self, node: Node, place: Surroundings) -> tuple[Node, Surroundings]:
        """The last part of a block, and the place after its definitions."""
        while node.kind == "block" and node.parts:
            *before, last = node.parts
            try:
                for part in before:
                    place = self.defined(part, place)
            except Cannot:
                return node, place
            node = last
        return node, place

    def defined(self, node: Node, place: Surroundings) -> Surroundings:
        """The place after a definition; our own definitions mean functions."""
        if node.kind != "bind":
            raise Cannot(node, "its value is not used")
        name, value = str(node.value), node.parts[0]
        written = self.text[value.start : value.end]
        self.prelude.append((name, self.text[node.start : node.end]))
        if name in DEFINITIONS and _plain(written) == _plain(DEFINITIONS[name]):
            return place
        if value.kind == "lambda" and value.value:
            try:
                inside = Surroundings(
                    paths={param: (f"${param}",) for param in value.value},
                    lambdas=place.lambdas,
                    own=place.own,
                )
                body = self.read(value.parts[0], inside)
                params = tuple(Param(param, "any", False) for param in value.value)
                self.own.append(UserFunction(name, params, body))
                return replace(place, own=place.own | {name})
            except Cannot:
                return replace(place, lambdas={**place.lambdas, name: value})
        return self.bound(node, place)

    def merged(self, node: Node, target: TargetPath, place: Surroundings) -> bool:
        """Objects laid over each other, as far as no two of them fill the same target."""
        given = node.parts[1].parts if node.parts[1:] and node.parts[1].kind == "array" else ()
        if not given or any(self.object_in(part) is None for part in given[1:]):
            return False
        for index, part in enumerate(given):
            found = self.object_in(part)
            if found is not None:
                self.object(found, target, place)
            elif index == 0:
                self.value(part, target, place)
        return True

    @staticmethod
    def object_in(node: Node) -> Node | None:
        while node.kind == "call" and node.parts[0].value in GIVEN and len(node.parts) == 2:
            node = node.parts[1]
        return node if node.kind == "object" else None

    def object(self, node: Node, target: TargetPath, place: Surroundings) -> None:
        for key in node.parts[::2]:
            if key.kind != "string" or not key.value or "`" in key.value:
                self.keep(node, target, place, "a name of it is worked out")
                return
        for key, part in zip(node.parts[::2], node.parts[1::2], strict=True):
            self.value(part, (*target, TargetStep(str(key.value))), place)

    def rule(self, node: Node, target: TargetPath, place: Surroundings, **more: Any) -> None:
        self.inlined, before = 0, len(self.notes)
        try:
            made = self.read(node, place)
            rule = Rule(self.new_id(), format_target(target), made, **more)
            if sum(1 for _ in walk(made)) > limits.MAX_ARGUMENTS * 10:
                raise Cannot(node, "it is too large")
        except Cannot as error:
            del self.notes[before:]
            self.keep(node, target, place, error.reason, **more)
            return
        for at, message in self.notes[before:]:
            self.note(at, message, rule.id)
        self.rules.append(rule)

    def keep(
        self, node: Node, target: TargetPath, place: Surroundings, reason: str, **more: Any
    ) -> None:
        """Keep a part as JSONata text, with the definitions it uses."""
        text = self.text[node.start : node.end]
        if place.variable is not None:
            text = f"${place.variable}.({text})"
        used: list[str] = []
        wanted = text
        for name, written in reversed(self.prelude):
            if f"${name}" in wanted and written not in used:
                used.insert(0, written)
                wanted += written
        if used:
            text = "(" + "; ".join([*used, text]) + ")"
        rule = Rule(self.new_id(), format_target(target), Jsonata(text), **more)
        self.rules.append(rule)
        self.code.append(rule.id)
        self.note(node, f"Kept as JSONata text: {reason}.", rule.id)

    # --- rows ----------------------------------------------------------------------------------

    def rows(self, node: Node, target: TargetPath, place: Surroundings) -> bool:
        """Make rows rules if the part of the text makes a list of objects; False if not."""
        parts = self.row_parts(node)
        if parts is None:
            return False
        plans: list[Callable[[], None]] = []
        for part in parts:
            plan = self.row_plan(part, target, place)
            if plan is None:
                return False
            plans.append(plan)
        for plan in plans:
            plan()
        return bool(plans)

    def row_parts(self, node: Node) -> list[Node] | None:
        """The parts of a list that are rows, each made by one rows rule."""
        name = called(node)
        if name in ("values", "list") and len(node.parts) == 2:
            return self.row_parts(node.parts[1])
        if name in ("append", "one_list"):
            found = [self.row_parts(part) for part in node.parts[1:]]
            return None if None in found else [one for some in found for one in some or ()]
        if node.kind == "array":
            found = [self.row_parts(part) for part in node.parts]
            return None if None in found or not found else [p for some in found for p in some or ()]
        return [node]

    def row_plan(
        self, node: Node, target: TargetPath, place: Surroundings
    ) -> Callable[[], None] | None:
        """What makes the rows of one part; None if it is no rows."""
        condition: Node | None = None
        while node.kind == "block" and len(node.parts) == 1:
            node = node.parts[0]
        if node.kind == "condition" and len(node.parts) == 2:
            condition, node = node.parts
            while node.kind == "block" and len(node.parts) == 1:
                node = node.parts[0]
        try:
            when = None if condition is None else self.read(condition, place)
            found = self.looped(node, place)
        except Cannot:
            return None
        if found is None:
            return None
        rows, body, inside = found

        def make() -> None:
            rule_id = self.new_id("b")
            done = replace(rows, when=when)
            self.rules.append(Rule(rule_id, format_target(target), rows=done))
            inner = (*target[:-1], TargetStep(target[-1].name, rule_id))
            self.value(body, inner, inside)

        return make

    def looped(self, node: Node, place: Surroundings) -> tuple[Rows, Node, Surroundings] | None:
        """A loop, the body of its rows, and what names mean there."""
        if self.object_in(node) is not None:
            return Rows(), node, place
        if called(node) == "map" and len(node.parts) == 3 and node.parts[2].kind == "lambda":
            function = node.parts[2]
            if len(function.value) != 1 or not makes_object(function.parts[0]):
                return None
            rows, inside = self.elements(node.parts[1], place, function.value[0])
            return rows, function.parts[0], inside
        if called(node) == "rows_in" and len(node.parts) == 3:
            return self.nested(node, place)
        steps = flattened(node)
        if len(steps) < 2 or not makes_object(steps[-1]):
            return None
        rows, inside = self.step_elements(steps[:-1], place)
        return rows, steps[-1], inside

    def nested(self, node: Node, place: Surroundings) -> tuple[Rows, Node, Surroundings] | None:
        """A loop inside a loop, as one over the inner list, whose rows reach the outer entries."""
        function = node.parts[2]
        if function.kind != "lambda" or len(function.value) != 1:
            return None
        outer, inside = self.elements(node.parts[1], place, function.value[0])
        found = self.looped(function.parts[0], inside)
        if found is None or outer != Rows(each=outer.each, name=outer.name) or not outer.each:
            return None
        if not (found[0].each or "").startswith(outer.each):
            raise Cannot(node, "the inner list does not stand in the outer one")
        return found

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
        for step in [*rest, *others]:
            path = self.extended(path, step)
        path = path if path and path[-1] is EACH else (*path, EACH)
        name = self.free_name(place)
        inside = place.at(path, name).with_path(name, path)
        return (
            Rows(
                each=format_source(path),
                name=name,
                where=self.all_of([self.test(test, inside) for test in reversed(tests)]),
                sort=tuple(SortKey(self.read(by, inside), down) for by, down in orders),
            ),
            inside,
        )

    def test(self, node: Node, place: Surroundings) -> Expr:
        if node.kind in ("number", "negate"):
            raise Cannot(node, "rows are chosen by number")
        return self.read(node, place)

    @staticmethod
    def all_of(tests: list[Expr]) -> Expr | None:
        from_first: Expr | None = None
        for test in tests:
            from_first = test if from_first is None else _and(from_first, test)
        return from_first

    @staticmethod
    def free_name(place: Surroundings) -> str:
        name, number = "item", 2
        while name in place.paths:
            name, number = f"item{number}", number + 1
        return name

    def elements(self, node: Node, place: Surroundings, variable: str) -> tuple[Rows, Surroundings]:
        """The loop that ``$map`` goes over, one step inside the other."""
        name = called(node)
        if name in ("list", "values") and len(node.parts) == 2 and called(node.parts[1]) is None:
            return self.elements(node.parts[1], place, variable)
        function = node.parts[2] if name and len(node.parts) > 2 else None
        if function is not None and function.kind == "lambda" and len(function.value) == 1:
            rows, inside = self.elements(node.parts[1], place, variable)
            here = inside.paths[variable]
            at = inside.with_path(function.value[0], here)
            body = function.parts[0]
            if name == "filter" and not rows.sort and rows.distinct is None:
                return replace(rows, where=self.all_of([*([rows.where] if rows.where else []),
                                                        self.read(body, at)])), inside  # fmt: skip
            if name == "sorted" and len(node.parts) == 4 and rows.distinct is None:
                key = SortKey(self.read(body, at), node.parts[3].value is True)
                return replace(rows, sort=(key, *rows.sort)), inside
            if name == "one_of_each" and rows.distinct is None:
                return replace(rows, distinct=self.read(body, at)), inside
            if name == "grouped" and rows.group is None and not rows.sort:
                grouped = replace(rows, group=self.read(body, at), name=variable)
                return grouped, place.with_path(variable, (f"${variable}",))
            raise Cannot(node, f"rules have no rows like ${name}")
        if name is not None:
            items = self.read(node, place, many=True)
            path: SourcePath = (f"${variable}",)
            return Rows(items=items, name=variable), replace(
                place.with_path(variable, path), variable=None
            )
        path = self.source(node, place)
        path = path if path[-1] is EACH else (*path, EACH)
        return Rows(each=format_source(path), name=variable), place.with_path(variable, path)


def _and(left: Expr, right: Expr) -> Expr:
    made = joined_binary("and", left, right)
    assert made is not None
    return made


def _plain(text: str) -> str:
    return "".join(text.split())
