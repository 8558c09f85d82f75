"""A whole JSONata text as rules: objects become targets, lists of objects become rows.

Nothing is lost: what rules cannot say is kept as JSONata text on the target it fills, and a note
says where and why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ipaas.mapping import limits
from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.expressions import compile_expression, user_functions
from ipaas.mapping.jsonata_definitions import DEFINITIONS
from ipaas.mapping.jsonata_engine import JsonataInvalid, compile_jsonata
from ipaas.mapping.jsonata_parser import Node, parse_text
from ipaas.mapping.model import (
    Const,
    Document,
    Expr,
    Field,
    Hole,
    If,
    Jsonata,
    Mode,
    OnMissing,
    OnNull,
    Param,
    Rule,
    UserFunction,
    walk,
)
from ipaas.mapping.paths import TargetPath, TargetStep, format_target
from ipaas.mapping.reading import FIRST_ELEMENT, Scope, Variable
from ipaas.mapping.schemas import Schema
from ipaas.mapping.text_expressions import (
    GIVEN,
    ExpressionReader,
    called,
    makes_object,
    unwrapped,
)
from ipaas.mapping.text_places import Cannot, Surroundings
from ipaas.mapping.text_rows import RowReader, all_of, object_in
from ipaas.mapping.writing import write_mapping

_POLICIES: Final = frozenset({"or_null", "required"})


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
    if len(text) <= limits.JSONATA_MAX_TEXT:
        compile_jsonata(text)  # whatever an engine refuses is refused here, with its position
    try:
        return _RuleReader(text, source_schema or {}).whole()
    except RecursionError as error:
        raise JsonataInvalid("it is nested too deeply", None) from error


def expression_from_jsonata(
    text: str,
    source_schema: Schema | None = None,
    variables: Sequence[str] = (),
    functions: Sequence[UserFunction] = (),
) -> Expr:
    """The expression that says what a JSONata text says; Jsonata if none does.

    It means the same in rows and outside of them. ``variables`` are loop variables in reach,
    ``functions`` those of one's own that may be called.
    """
    compile_jsonata(text)
    reader = ExpressionReader(text, source_schema or {})
    slots = tuple(Variable(name, FIRST_ELEMENT + at) for at, name in enumerate(variables))
    place = Surroundings(
        paths={name: (f"${name}",) for name in variables},
        own=frozenset(function.name for function in functions),
        anywhere=True,
    )
    try:
        made = reader.read(parse_text(text), place)
        scope = Scope(variables=slots, size=FIRST_ELEMENT + len(slots))
        own = user_functions(tuple(functions))
        compile_expression(made, replace(scope, functions=own))
    except (Cannot, MappingInvalid, RecursionError):
        return Jsonata(text)
    return made


class _RuleReader(RowReader):
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
            if len(self.text) > limits.JSONATA_MAX_TEXT:
                raise
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
            self.object(node, target, replace(place, sifted=False))
            return
        name = called(node)
        args = node.parts[1:]
        if node.kind == "condition" and target and self.guarded(node, target, place, **more):
            return
        if name in GIVEN and len(args) == 1 and args[0].kind == "object":
            self.object(args[0], target, replace(place, sifted=True))
        elif name in GIVEN and len(args) == 1:
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

    def guarded(self, node: Node, target: TargetPath, place: Surroundings, **more: Any) -> bool:
        """Make the rule whose text says when it runs, or what null means; False if it does not."""
        test, then, *others = map(unwrapped, node.parts)
        on_null = _null_policy(node)
        try:
            if on_null is not None:
                value = others[0] if others else then
                return self.null_told_apart(test, value, target, place, on_null, **more)
            only, rest = _way_of(test)
            policy = called(then) in _POLICIES or _null_policy(then) is not None
            if others or makes_object(then) or not (only or policy):
                return False
            tests = [self.read(part, place) for part in rest]
        except Cannot:
            return False
        if only:
            more["only"] = only
        if tests:
            more["when"] = all_of(tests)
        self.value(then, target, place, **more)
        return True

    def null_told_apart(
        self, test: Node, value: Node, target: TargetPath, place: Surroundings,
        on_null: OnNull, **more: Any,
    ) -> bool:  # fmt: skip
        """A rule that copies one field and says what null means, as our texts write it."""
        while called(value) in _POLICIES or called(value) == "default":
            name, *args = value.parts
            if name.value == "default":
                more["default"] = self.read(args[1], place)
            else:
                policy = OnMissing.NULL if name.value == "or_null" else OnMissing.FAIL
                more["on_missing"] = policy
            value = unwrapped(args[0])
        copied = self.read(value, place)
        if not isinstance(copied, Field) or copied != self.read(test.parts[1], place):
            return False
        self.rules.append(
            Rule(self.new_id(), format_target(target), copied, on_null=on_null, **more)
        )
        return True

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
        if not given or any(object_in(part) is None for part in given[1:]):
            return False
        for index, part in enumerate(given):
            found = object_in(part)
            if found is not None:
                self.object(found, target, replace(place, sifted=found is not part))
            elif index == 0:
                self.value(part, target, place)
        return True

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
            if target and not place.sifted and "on_missing" not in more and _may_be_null(made):
                more["on_missing"] = OnMissing.NULL
                if not isinstance(made, Const):
                    self.notes.append((node, "What is missing becomes null here, too."))
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
        if len(text) > limits.JSONATA_MAX_TEXT:
            raise JsonataInvalid(f"a part that rules cannot say is too long: {reason}", node.start)
        if len(self.text) > limits.JSONATA_MAX_TEXT:
            compile_jsonata(text)
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
        only: Mode | None = None
        tests: list[Node] = []
        node = unwrapped(node)
        if node.kind == "condition" and len(node.parts) == 2:
            condition, node = map(unwrapped, node.parts)
            only, tests = _way_of(condition)
        try:
            when = all_of([self.read(test, place) for test in tests])
            found = self.looped(node, place)
        except Cannot:
            return None
        if found is None:
            return None
        rows, body, inside = found

        def make() -> None:
            rule_id = self.new_id("b")
            done = replace(rows, when=when)
            self.rules.append(Rule(rule_id, format_target(target), rows=done, only=only))
            inner = (*target[:-1], TargetStep(target[-1].name, rule_id))
            self.value(body, inner, inside)

        return make


def _plain(text: str) -> str:
    return "".join(text.split())


def _way_of(test: Node) -> tuple[Mode | None, list[Node]]:
    """The way of writing that a condition of our texts is for, and the other conditions."""
    test = unwrapped(test)
    if test.kind == "binary" and test.value == "and":
        found = [_way_of(part) for part in test.parts]
        ways = [way for way, _ in found if way is not None]
        return (ways[0] if ways else None), [one for _, rest in found for one in rest]
    inner = test.parts[1] if called(test) == "not" and len(test.parts) == 2 else None
    if inner is not None and inner.kind == "binary" and inner.value == "=":
        left, right = inner.parts
        if left.kind == "variable" and left.value == "mode":
            ways_not: dict[Any, Mode] = {"update": "create", "create": "update"}
            if right.value in ways_not:
                return ways_not[right.value], []
    return None, [test]


def _null_policy(node: Node) -> OnNull | None:
    """What a condition of our texts says about null; None if it is about something else."""
    if node.kind != "condition":
        return None
    test, then, *others = map(unwrapped, node.parts)
    if called(test) == "not_null" and not others:
        return OnNull.OMIT
    if called(test) != "is_null" or not others:
        return None
    if then.kind == "value" and then.value is None:
        return OnNull.NULL
    return OnNull.FAIL if called(then) == "error" else None


def _may_be_null(made: Expr) -> bool:
    """Whether an expression says null itself, which is not the same as nothing."""
    if isinstance(made, Const):
        return made.value is None
    if isinstance(made, If):
        return any(map(_may_be_null, (made.then, made.otherwise or Hole())))
    return False
