"""What type an expression will give, told from the schema of its sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ipaas.mapping import schemas
from ipaas.mapping.functions import FUNCTIONS, Function
from ipaas.mapping.model import Call, Concat, Const, Expr, Field, If, children
from ipaas.mapping.paths import EACH, parse_source
from ipaas.mapping.reading import Scope
from ipaas.mapping.schemas import Schema

UNKNOWN: Final[frozenset[str]] = frozenset()
_RETURNS: Final = {
    "any": UNKNOWN,
    "text": frozenset({"string"}),
    "number": frozenset({"number"}),
    "integer": frozenset({"integer"}),
    "condition": frozenset({"boolean"}),
    "date": frozenset({"string"}),
    "list": frozenset({"array"}),
}
_SINGLE: Final = frozenset({"text", "number", "integer", "date", "condition"})


@dataclass(frozen=True, slots=True)
class Static:
    """JSON types a value may have (none = unknown), and the form of a date.

    ``schema`` is that of a field which is only copied.
    """

    types: frozenset[str] = UNKNOWN
    format: str | None = None
    element: frozenset[str] = UNKNOWN
    schema: Schema | None = None


@dataclass(frozen=True, slots=True)
class Misuse:
    """An argument that can never fit its function."""

    code: str
    message: str
    hint: str


class StaticReader:
    """Tells types of expressions in one place of a mapping."""

    def __init__(self, source: schemas.Finder, scope: Scope) -> None:
        self.source = source
        self.scope = scope

    def read(self, expr: Expr) -> Static:
        """What the expression will give."""
        if isinstance(expr, Field):
            return self.field(expr)
        if isinstance(expr, Const):
            kind = schemas.type_of(expr.value)
            return Static() if kind == "null" else Static(frozenset({kind}))
        if isinstance(expr, Concat):
            return Static(frozenset({"string"}))
        if isinstance(expr, If):
            branches = [expr.then] if expr.otherwise is None else [expr.then, expr.otherwise]
            return self.either(branches)
        if isinstance(expr, Call):
            return self.call(expr)
        return Static()

    def field(self, expr: Field) -> Static:
        path = parse_source(expr.path)
        _, rest = self.scope.locate(path)
        origin = self.scope.origin(path)
        if origin is None:
            return Static(frozenset({"array"})) if EACH in rest else Static()
        found = self.source.find(origin)
        if found.schema is None:
            return Static(frozenset({"array"})) if EACH in rest else Static()
        kinds = schemas.types(found.schema)
        form = found.schema.get("format")
        if EACH in rest:
            return Static(frozenset({"array"}), element=kinds)
        element = UNKNOWN
        if "array" in kinds:
            element = schemas.types(schemas.view(self.source.root, found.schema.get("items") or {}))
        form = form if isinstance(form, str) else None
        return Static(kinds, form, element, found.schema)

    def either(self, branches: list[Expr]) -> Static:
        given = [self.read(branch) for branch in branches]
        if not all(static.types for static in given):
            return Static()
        forms = {static.format for static in given}
        return Static(
            frozenset().union(*(static.types for static in given)),
            forms.pop() if len(forms) == 1 else None,
        )

    def call(self, expr: Call) -> Static:
        fn = FUNCTIONS.get(expr.fn)
        if fn is None or expr.fn in self.scope.functions:
            return Static()
        if fn.name == "default":
            return self.either(list(expr.args))
        if fn.name in ("first", "last") and expr.args:
            return Static(self.read(expr.args[0]).element)
        form = None
        if fn.returns == "date":
            form = "date-time" if fn.name == "datetime" else "date"
        return Static(_RETURNS[fn.returns], form)

    def misuses(self, expr: Expr) -> Iterator[Misuse]:
        """Arguments of function calls, in any depth, that can never fit."""
        if isinstance(expr, Call) and expr.fn in FUNCTIONS:
            fn = FUNCTIONS[expr.fn]
            for index, arg in enumerate(expr.args):
                if fn.arg_at(index).type in _SINGLE:
                    yield from self.misuse(fn, index, self.read(arg))
        if isinstance(expr, Concat):
            for arg in expr.args:
                kinds = self.read(arg).types - {"null"}
                if kinds and kinds <= {"array", "object"}:
                    yield _list_or_object("A joined text", kinds)
        for part in children(expr):
            yield from self.misuses(part)

    def misuse(self, fn: Function, index: int, given: Static) -> Iterator[Misuse]:
        kinds = given.types - {"null"}
        if fn.arg_at(index).type == "condition":
            return
        if kinds and kinds <= {"array", "object"}:
            yield _list_or_object(f"{fn.title} ({fn.name})", kinds)


def _list_or_object(what: str, kinds: frozenset[str] | set[str]) -> Misuse:
    if "array" in kinds:
        return Misuse(
            "mapping.list_into_single",
            f"{what} needs single values, but is given a list.",
            "Take one entry with first or last, add up with sum, or join to a text.",
        )
    return Misuse(
        "mapping.type_mismatch",
        f"{what} needs single values, but is given an object.",
        "Choose a field inside the object.",
    )
