"""Expressions written as JSONata text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from ipaas.mapping.expressions import user_functions
from ipaas.mapping.functions.dates import date_tokens
from ipaas.mapping.jsonata_definitions import CALLED_AS, DEFINITIONS
from ipaas.mapping.jsonata_layout import (
    indent,
    literal,
    name,
    parenthesised,
    singular,
    string,
    wrapped,
)
from ipaas.mapping.model import (
    Call,
    Concat,
    Const,
    Expr,
    Field,
    If,
    Jsonata,
    Rows,
    UserFunction,
    With,
)
from ipaas.mapping.paths import EACH, SourcePath, parse_source
from ipaas.mapping.reading import FIRST_ELEMENT, Scope, Variable
from ipaas.mapping.shaping import each_path, element_scope, row_scope

CONDITIONS: Final = frozenset({"eq", "ne", "gt", "ge", "lt", "le", "not", "is_empty", "in"})
_PICTURES: Final = {
    "yyyy": "[Y0001]",
    "yy": "[Y,2-2]",
    "MMMM": "[MNn]",
    "MMM": "[MNn,3-3]",
    "MM": "[M01]",
    "M": "[M]",
    "dd": "[D01]",
    "d": "[D]",
    "HH": "[H01]",
    "H": "[H]",
    "mm": "[m01]",
    "ss": "[s01]",
}


_OWN_WORDS: Final = frozenset({"mode", "state", "row", "one", "index", "all", "at"})
"""Variables that the text of rows uses for itself."""
_CONVERSIONS: Final = {"number": "as_number", "integer": "as_number", "text": "as_text"}


@dataclass(frozen=True, slots=True)
class Place:
    """What an expression can read, and the JSONata variable of each place in the frame."""

    scope: Scope = field(default_factory=Scope)
    names: tuple[tuple[int, str], ...] = ()

    def inside(self, rows: Rows, *, early: bool = False) -> Place:
        """The place of a row, or (``early``) of an element before it is grouped."""
        scope = element_scope(rows, self.scope) if early else row_scope(rows, self.scope)
        names = dict(self.names)
        if rows.group is not None and not early:
            names[self.scope.size] = self.unique(rows.variable or "group", names)
        elif rows.variable is not None:
            names[self.scope.size] = self.unique(rows.variable, names)
        elif rows.each is not None:
            names[self.scope.size] = self.unique(_entry_of(each_path(rows.each)), names)
        for block in scope.blocks[len(self.scope.blocks) :]:
            if block.slot not in names:
                names[block.slot] = self.unique(_entry_of(block.each), names)
        for variable in scope.variables[len(self.scope.variables) :]:
            if variable.slot not in names:
                names[variable.slot] = self.unique(variable.name, names)
        return Place(scope, tuple(names.items()))

    @staticmethod
    def unique(word: str, names: dict[int, str]) -> str:
        """The word, with a number if it is taken."""
        taken = {*names.values(), *DEFINITIONS, *_OWN_WORDS}
        found, number = word, 2
        while found in taken:
            found, number = f"{word}_{number}", number + 1
        return found

    def variable(self, slot: int) -> str:
        """The JSONata variable of a place in the frame; empty for the document itself."""
        return f"${dict(self.names)[slot]}" if slot >= FIRST_ELEMENT else ""


def _entry_of(each: SourcePath) -> str:
    """What one entry of a list is called."""
    word = next((part for part in reversed(each) if isinstance(part, str)), "entry")
    return singular(re.sub(r"[^A-Za-z0-9_]", "_", word.lstrip("$")))


def picture_of(pattern: str) -> str:
    """A date pattern in JSONata's own notation."""
    picture = ""
    for token, is_literal in date_tokens(pattern):
        if is_literal:
            picture += token.replace("[", "[[").replace("]", "]]")
        else:
            picture += _PICTURES.get(token, token)
    return picture


class ExpressionWriter:
    """Writes expressions and remembers which definitions they use."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def use(self, definition: str) -> str:
        self.used.add(definition)
        return f"${definition}"

    def call(self, definition: str, *args: str) -> str:
        return wrapped(f"{self.use(definition)}(", list(args), ")")

    def expr(self, expr: Expr, place: Place) -> str:
        if isinstance(expr, Field):
            return self.path(parse_source(expr.path), place)
        if isinstance(expr, Const):
            return literal(expr.value)
        if isinstance(expr, Concat):
            parts = [self.expr(part, place) for part in expr.args]
            return self.call("joined", wrapped("[", parts, "]"), string(expr.separator))
        if isinstance(expr, If):
            text = f"{self.condition(expr.cond, place)} ? {self.expr(expr.then, place)}"
            if expr.otherwise is not None:
                text += f" : {self.expr(expr.otherwise, place)}"
            return f"({text})"
        if isinstance(expr, Jsonata):
            return f"({expr.text.strip()})"
        if isinstance(expr, With):
            functions = user_functions(expr.functions, place.scope.functions)
            inner = Place(replace(place.scope, functions=functions), place.names)
            lines = [self.own_function(function, inner) for function in expr.functions]
            return parenthesised([*lines, self.expr(expr.body, inner)])
        assert isinstance(expr, Call)
        return self.function(expr, place)

    def own_function(self, function: UserFunction, place: Place) -> str:
        """A user function as a JSONata definition."""
        variables = tuple(
            Variable(param.name, FIRST_ELEMENT + n) for n, param in enumerate(function.params)
        )
        names = tuple((variable.slot, variable.name) for variable in variables)
        size = FIRST_ELEMENT + len(variables)
        scope = Scope((), variables, place.scope.functions, size, closed=True)
        body = self.expr(function.body, Place(scope, names))
        needed = [f"{self.use('present')}(${p.name})" for p in function.params if p.required]
        if needed:
            body = f"{' and '.join(needed)} ? {body}"
        made = [
            f"${p.name} := {self.use('present')}(${p.name}) ? ${p.name} : {literal(p.default)};"
            for p in function.params
            if p.default is not None
        ]
        made += [
            f"${param.name} := {self.call(_CONVERSIONS[param.type], f'${param.name}')};"
            for param in function.params
            if param.type in _CONVERSIONS
        ]
        head = f"${function.name} := function({', '.join(f'${p.name}' for p in function.params)})"
        return f"{head} {{\n{indent(parenthesised([*made, body]))}\n}};"

    def condition(self, expr: Expr, place: Place) -> str:
        text = self.expr(expr, place)
        if isinstance(expr, Call) and (expr.fn in CONDITIONS or expr.fn in ("and", "or")):
            return text
        if isinstance(expr, Const) and type(expr.value) is bool:
            return text
        return self.call("truth", text)

    def function(self, expr: Call, place: Place) -> str:
        fn = expr.fn
        if fn in place.scope.functions:
            return wrapped(f"${fn}(", [self.expr(arg, place) for arg in expr.args], ")")
        if fn in ("and", "or"):
            parts = [self.condition(arg, place) for arg in expr.args]
            return f"({f' {fn} '.join(parts)})" if len(parts) > 1 else parts[0]
        if fn == "not":
            return f"$not({self.condition(expr.args[0], place)})"
        args = [self.expr(arg, place) for arg in expr.args]
        if fn == "default":
            return self.nested("default", args[::-1], from_right=True)
        if fn in ("add", "multiply", "append"):
            return self.nested(CALLED_AS.get(fn, fn), args)
        if fn in ("sum", "min", "max", "average") and len(args) > 1:
            args = [wrapped("[", args, "]")]
        if fn == "format_date":
            args[1] = self.picture(expr.args[1])
        name = CALLED_AS.get(fn, fn)
        if name in DEFINITIONS:
            return self.call(name, *args)
        return wrapped(f"${name}(", args, ")")

    def nested(self, name: str, args: list[str], *, from_right: bool = False) -> str:
        """A call with any number of arguments as calls with two."""
        text = args[0]
        for arg in args[1:]:
            text = self.call(name, arg, text) if from_right else self.call(name, text, arg)
        return text

    def picture(self, pattern: Expr) -> str:
        """A date pattern in JSONata's own notation."""
        if not isinstance(pattern, Const) or not isinstance(pattern.value, str):
            return '$error("A date pattern that changes cannot be written in JSONata")'
        return string(picture_of(pattern.value))

    def path(self, path: SourcePath, place: Place, *, strictly: bool = False) -> str:
        slot, rest = place.scope.locate(path, strictly=strictly)
        text = place.variable(slot)
        for segment in rest:
            if isinstance(segment, str):
                text += f".{name(segment)}" if text else name(segment)
            elif isinstance(segment, int):
                text += f"[{segment}]"
            elif not strictly and text:
                text += "[]"
        if EACH not in rest or strictly:
            return text
        return self.call("values", text)
