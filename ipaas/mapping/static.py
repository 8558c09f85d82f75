"""What type an expression will give, told from the schema of its sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ipaas.mapping import schemas
from ipaas.mapping.functions import FUNCTIONS, Function
from ipaas.mapping.likeness import decimals
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
_ROUNDING: Final = frozenset({"round", "round_by"})
_EXACT: Final = frozenset({"multiply", "add", "subtract", "negate", "abs"})
_ENDLESS: Final = frozenset({"divide", "average", "percent_of", "convert_unit"})
_SINGLE: Final = frozenset({"text", "number", "integer", "date", "condition"})


@dataclass(frozen=True, slots=True)
class Static:
    """JSON types a value may have (none = unknown), and the form of a date.

    ``schema`` is that of a field which is only copied, or what is known of the length of a text or
    the decimal places of a number that is worked out.
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
            return Static(frozenset({"string"}), schema=self.joined(expr))
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
        return Static(_RETURNS[fn.returns], form, schema=self.worked_out(expr))

    def worked_out(self, expr: Call) -> Schema | None:
        """Decimal places of a result, where it is known to have some."""
        if expr.fn not in _ROUNDING and expr.fn not in _EXACT and expr.fn not in _ENDLESS:
            return None
        places = self.places(expr)
        return {"type": "number"} | ({} if places is None else {"x-decimals": places})

    def places(self, expr: Expr) -> int | None:
        """The most decimal places that a number can have; None if that cannot be said."""
        if isinstance(expr, Const):
            value = expr.value
            exponent = value.normalize().as_tuple().exponent if isinstance(value, Decimal) else 0
            whole = type(value) is int or isinstance(value, Decimal)
            return max(0, -exponent) if whole and isinstance(exponent, int) else None
        if isinstance(expr, Field):
            known = self.read(expr)
            if known.schema is not None:
                return decimals(known.schema)
            return 0 if known.element == {"integer"} else None
        if not isinstance(expr, Call) or not expr.args:
            return None
        if expr.fn in _ROUNDING:
            digits = expr.args[1] if len(expr.args) > 1 else Const(2)
            known_digits = isinstance(digits, Const) and type(digits.value) is int
            return max(0, digits.value) if known_digits and isinstance(digits, Const) else None
        parts = [self.places(arg) for arg in expr.args]
        known_parts = [part for part in parts if part is not None]
        if expr.fn not in _EXACT or len(known_parts) < len(parts):
            return None
        return sum(known_parts) if expr.fn == "multiply" else max(known_parts)

    def joined(self, expr: Concat) -> Schema | None:
        """The most characters of texts that are joined, where each has a bound."""
        total = len(expr.separator) * (len(expr.args) - 1)
        for arg in expr.args:
            if isinstance(arg, Const) and isinstance(arg.value, str):
                total += len(arg.value)
                continue
            longest = (self.read(arg).schema or {}).get("maxLength")
            if not isinstance(longest, int):
                return None
            total += longest
        return {"type": "string", "maxLength": total}

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
