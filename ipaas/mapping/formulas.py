"""Expressions as one line of text, as people type them into a table.

Paths stand as rules have them, so `trigger.items[].sku` is the field of the row that is being made.
A line is given only if it is read as the very same expression again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ipaas.core import jsonio
from ipaas.core.errors import IpaasError
from ipaas.mapping.jsonata_definitions import CALLED_AS
from ipaas.mapping.jsonata_expressions import picture_of
from ipaas.mapping.model import Call, Concat, Const, Expr, Field, If, Jsonata, UserFunction
from ipaas.mapping.parsing import parse_expr
from ipaas.mapping.schemas import Schema
from ipaas.mapping.text_rules import expression_from_jsonata
from ipaas.mapping.writing import write_expr

_OPERATORS: Final = {
    "add": ("+", 50), "subtract": ("-", 50), "multiply": ("*", 60), "divide": ("/", 60),
    "remainder": ("%", 60), "eq": ("=", 40), "ne": ("!=", 40), "lt": ("<", 40), "le": ("<=", 40),
    "gt": (">", 40), "ge": (">=", 40), "and": ("and", 30), "or": ("or", 25),
}  # fmt: skip
_MANY: Final = frozenset({"add", "multiply", "and", "or"})
_JOINING: Final = 50
_CHOOSING: Final = 20
_ALONE: Final = 100
_NAMES: Final = {**CALLED_AS, "exists": "exists"}


class _Unwritable(Exception):
    """The expression has a part for which there is no line of text."""


def formula(
    expr: object,
    source_schema: Schema | None = None,
    variables: Sequence[str] = (),
    functions: Sequence[UserFunction] = (),
) -> str | None:
    """One line of text for an expression; None where none would be read as the same again."""
    parsed = parse_expr(expr)
    for operators in (True, False):
        line = _Line(operators)
        try:
            text = line.write(parsed)
            read = expression_from_jsonata(
                text, source_schema, [*variables, *line.names.values()], functions
            )
        except (_Unwritable, IpaasError, RecursionError):
            continue
        if _same(read, parsed, line.names):
            for path, name in line.names.items():
                text = text.replace(f"${name}", path)
            return text
    return None


def _same(read: Expr, meant: Expr, names: Mapping[str, str]) -> bool:
    paths = {f"${name}": path for path, name in names.items()}

    def named(value: Any) -> Any:
        if isinstance(value, list):
            return [named(item) for item in value]
        if not isinstance(value, dict):
            return value
        if value.get("op") == "field":
            return {**value, "path": paths.get(value["path"], value["path"])}
        return {key: named(item) for key, item in value.items()}

    # As text, so that 0.10 is not 0.1 and 1 is not true.
    return jsonio.dumps(named(write_expr(read))) == jsonio.dumps(write_expr(meant))


@dataclass(slots=True)
class _Line:
    """Writes one line; ``names`` stand in for paths of rows while it is tried."""

    operators: bool
    names: dict[str, str]

    def __init__(self, operators: bool) -> None:
        self.operators = operators
        self.names = {}

    def write(self, expr: Expr, around: int = 0) -> str:
        """The text of an expression, in brackets where what is around it binds closer."""
        text, binds = self.part(expr)
        return f"({text})" if binds <= around else text

    def part(self, expr: Expr) -> tuple[str, int]:
        if isinstance(expr, Field):
            return self.path(expr.path), _ALONE
        if isinstance(expr, Const):
            return jsonio.dumps(expr.value).decode(), _ALONE
        if isinstance(expr, Concat):
            return self.joined(expr)
        if isinstance(expr, If):
            text = f"{self.write(expr.cond, _CHOOSING)} ? {self.write(expr.then, _CHOOSING)}"
            if expr.otherwise is not None:
                text += f" : {self.write(expr.otherwise, _CHOOSING)}"
            return text, _CHOOSING
        if isinstance(expr, Jsonata) and "\n" not in expr.text:
            return expr.text, 0
        if isinstance(expr, Call):
            return self.call(expr)
        raise _Unwritable

    def path(self, path: str) -> str:
        if "[]" not in path:
            return path
        name = self.names.setdefault(path, f"each_{len(self.names)}_")
        return f"${name}"

    def joined(self, expr: Concat) -> tuple[str, int]:
        if not expr.separator and len(expr.args) > 1:
            return " & ".join(self.write(part, _JOINING) for part in expr.args), _JOINING
        parts = ", ".join(self.write(part) for part in expr.args)
        separator = jsonio.dumps(expr.separator).decode()
        return f"$joined([{parts}], {separator})", _ALONE

    def call(self, expr: Call) -> tuple[str, int]:
        operator = _OPERATORS.get(expr.fn) if self.operators else None
        if operator and (len(expr.args) == 2 or (len(expr.args) > 2 and expr.fn in _MANY)):
            sign, binds = operator
            first, *others = expr.args
            parts = [self.write(first, binds - 1), *(self.write(each, binds) for each in others)]
            return f" {sign} ".join(parts), binds
        given = list(expr.args)
        if expr.fn == "format_date" and len(given) == 2 and isinstance(given[1], Const):
            # A text has dates in JSONata's notation.
            given[1] = Const(picture_of(str(given[1].value)))
        args = ", ".join(self.write(each) for each in given)
        return f"${_NAMES.get(expr.fn, expr.fn)}({args})", _ALONE
