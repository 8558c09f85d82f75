"""A mapping shown as JSONata text that gives the same result.

For reading, learning and taking elsewhere. The evaluator of ``ipaas.mapping`` decides what a
mapping gives; the text follows it in everything but arithmetic, where JSONata has only doubles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from ipaas.core import jsonio
from ipaas.mapping.compiler import each_path
from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.expressions import compile_expression
from ipaas.mapping.functions.dates import date_tokens
from ipaas.mapping.jsonata_definitions import CALLED_AS, DEFINITIONS, needed
from ipaas.mapping.model import (
    Call,
    Concat,
    Const,
    Document,
    Expr,
    Field,
    If,
    Jsonata,
    OnMissing,
    Rule,
    expressions,
    has_hole,
    parse_expr,
    parse_mapping,
)
from ipaas.mapping.paths import EACH, SourcePath, TargetPath, parse_source
from ipaas.mapping.reading import Block, Scope
from ipaas.mapping.structure import ArrayEntry, Node, arrange
from ipaas.mapping.values import Value, plain_number

_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS: Final = frozenset({"and", "or", "in", "true", "false", "null", "function"})
_LINE: Final = 88
_CONDITIONS: Final = frozenset({"eq", "ne", "gt", "ge", "lt", "le", "not", "is_empty", "in"})
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


def to_jsonata(document_or_expr: object) -> str:
    """The JSONata text of a mapping document or of one expression.

    Rules that do not run are left out; those that cannot run stand as a comment. Raises
    MappingInvalid for what is neither a mapping nor an expression.
    """
    if isinstance(document_or_expr, Mapping) and "rules" in document_or_expr:
        return _Writer().document(parse_mapping(document_or_expr))
    if isinstance(document_or_expr, Document):
        return _Writer().document(document_or_expr)
    return _Writer().single(parse_expr(document_or_expr))


@dataclass(frozen=True, slots=True)
class _Place:
    """The rows blocks around a rule, and the variable of each one's current element."""

    scope: Scope = field(default_factory=Scope)
    variables: tuple[str, ...] = ()

    def inside(self, each: SourcePath) -> _Place:
        slot = len(self.variables)
        variable = self._variable(each)
        block = Block(each, slot + 1)
        return _Place(Scope((*self.scope.blocks, block)), (*self.variables, variable))

    def _variable(self, each: SourcePath) -> str:
        name = next((part for part in reversed(each) if isinstance(part, str)), "entry")
        name = re.sub(r"[^A-Za-z0-9_]", "_", name)
        name = _singular(name)
        taken = {*self.variables, *DEFINITIONS}
        unique, number = name, 2
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        return unique


Tree = dict[str, "Tree | Rule | ArrayEntry"]


class _Writer:
    """Writes one text and remembers which definitions it uses."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self.comments: list[str] = []

    def document(self, document: Document) -> str:
        structure = arrange(document)
        self.comments = [
            f"{rule.target or rule.id}: {error.message}" for rule, error in structure.misplaced
        ]
        body = self.node(structure.root, _Place())
        comments = "".join(f"/* {text.replace('*/', '* /')} */\n" for text in self.comments)
        return comments + self.with_definitions(body)

    def single(self, expr: Expr) -> str:
        if has_hole(expr):
            return "/* unfinished */"
        compile_expression(expr, Scope())
        return self.with_definitions(self.expr(expr, _Place()))

    def with_definitions(self, body: str) -> str:
        names = needed(self.used)
        if not names:
            return body
        lines = [f"${name} := {DEFINITIONS[name]};" for name in names]
        return _parenthesised([*lines, "", body])

    def use(self, name: str) -> str:
        self.used.add(name)
        return f"${name}"

    def call(self, name: str, *args: str) -> str:
        return _wrapped(f"{self.use(name)}(", list(args), ")")

    # --- rules ---------------------------------------------------------------------------------

    def node(self, node: Node, place: _Place) -> str:
        """Text of a document or row."""
        tree: Tree = {}
        whole: Rule | None = None
        for entry in node.entries:
            path = entry.path if isinstance(entry, ArrayEntry) else node.inner_path(entry)
            if isinstance(entry, Rule) and not self.can_run(entry, place):
                continue
            if path:
                _plant(tree, path, entry)
            elif isinstance(entry, Rule):
                whole = entry
        if whole is None:
            return self.fields(tree, place, base=None, nested=False)
        value = self.rule_value(whole, place)
        if not tree:
            return value
        fields = self.fields(tree, place, base="$base", nested=False)
        return _parenthesised([f"$base := {self.call('object', value)};", fields])

    def can_run(self, rule: Rule, place: _Place) -> bool:
        try:
            for expr in expressions(rule):
                compile_expression(expr, place.scope)
        except MappingInvalid as error:
            self.comments.append(f"{rule.target or rule.id}: {error.message}")
            return False
        return True

    def fields(self, tree: Tree, place: _Place, *, base: str | None, nested: bool) -> str:
        """Text of an object; ``base`` is the text of an object that it is laid over."""
        plain: list[str] = []
        nullable: list[str] = []
        for name, entry in tree.items():
            key = _string(name)
            if isinstance(entry, dict):
                below = None if base is None else self.call("object", f"{base}.{_name(name)}")
                plain.append(f"{key}: {self.fields(entry, place, base=below, nested=True)}")
            elif isinstance(entry, ArrayEntry):
                plain.append(f"{key}: {self.array(entry, place)}")
            elif entry.on_missing is OnMissing.NULL:
                nullable.append(f"{key}: {self.rule_value(entry, place)}")
            else:
                plain.append(f"{key}: {self.rule_value(entry, place)}")
        pairs = _braced(plain)
        if not nullable and base is None:
            return f"{self.use('some' if nested else 'given')}({pairs})"
        layers = [base] if base is not None else []
        layers += [f"{self.use('given')}({pairs})"] if plain else []
        layers += [_braced(nullable)] if nullable else []
        merged = f"$merge({_wrapped('[', layers, ']')})"
        return f"{self.use('filled')}({merged})" if nested and not nullable else merged

    def rule_value(self, rule: Rule, place: _Place) -> str:
        assert rule.expr is not None
        text = self.expr(rule.expr, place)
        if rule.default is not None:
            text = self.call("default", text, self.expr(rule.default, place))
        if rule.on_missing is OnMissing.NULL:
            return self.call("or_null", text)
        if rule.on_missing is OnMissing.FAIL:
            return self.call("required", text, _string(rule.target or rule.id))
        return text

    def array(self, entry: ArrayEntry, place: _Place) -> str:
        parts = []
        for rule, node in entry.blocks:
            try:
                parts.append(self.block(rule, node, place))
            except MappingInvalid as error:
                self.comments.append(f"{rule.target}: {error.message}")
        return self.call("values", _wrapped("[", parts, "]", always=len(parts) > 1))

    def block(self, rule: Rule, node: Node, place: _Place) -> str:
        rows = rule.rows
        assert rows is not None
        inner, elements = place, "[0]"
        if rows.each is not None:
            path = each_path(rows.each)
            inner = place.inside(path)
            elements = self.call("list", self.path(path, place, strictly=True))
        for expr, where in ((rows.when, place), (rows.where, inner)):
            if expr is not None:
                compile_expression(expr, where.scope)
        variable = f"${inner.variables[-1]}" if rows.each is not None else ""
        if rows.where is not None:
            condition = self.condition(rows.where, inner)
            keep = f"function({variable}) {{ {_inline(condition)} }}"
            elements = _wrapped("$filter(", [elements, keep], ")")
        row = self.node(node, inner)
        if rows.each is None and rows.where is None:
            made = row
        else:
            function = f"function({variable}) {{\n{_indent(row)}\n}}"
            made = f"$map({elements}, {function})"
        if rows.when is None:
            return made
        return f"({self.condition(rows.when, place)} ? {made})"

    # --- expressions ---------------------------------------------------------------------------

    def expr(self, expr: Expr, place: _Place) -> str:
        if isinstance(expr, Field):
            return self.path(parse_source(expr.path), place)
        if isinstance(expr, Const):
            return _literal(expr.value)
        if isinstance(expr, Concat):
            parts = [self.expr(part, place) for part in expr.args]
            return self.call("joined", _wrapped("[", parts, "]"), _string(expr.separator))
        if isinstance(expr, If):
            text = f"{self.condition(expr.cond, place)} ? {self.expr(expr.then, place)}"
            if expr.otherwise is not None:
                text += f" : {self.expr(expr.otherwise, place)}"
            return f"({text})"
        if isinstance(expr, Jsonata):
            return f"({expr.text.strip()})"
        assert isinstance(expr, Call)
        return self.function(expr, place)

    def condition(self, expr: Expr, place: _Place) -> str:
        text = self.expr(expr, place)
        if isinstance(expr, Call) and (expr.fn in _CONDITIONS or expr.fn in ("and", "or")):
            return text
        if isinstance(expr, Const) and type(expr.value) is bool:
            return text
        return self.call("truth", text)

    def function(self, expr: Call, place: _Place) -> str:
        fn = expr.fn
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
            args = [_wrapped("[", args, "]")]
        if fn == "format_date":
            args[1] = self.picture(expr.args[1])
        name = CALLED_AS.get(fn, fn)
        if name in DEFINITIONS:
            return self.call(name, *args)
        return _wrapped(f"${name}(", args, ")")

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
        picture = ""
        for token, is_literal in date_tokens(pattern.value):
            if is_literal:
                picture += token.replace("[", "[[").replace("]", "]]")
            else:
                picture += _PICTURES.get(token, token)
        return _string(picture)

    def path(self, path: SourcePath, place: _Place, *, strictly: bool = False) -> str:
        slot, rest = place.scope.locate(path, strictly=strictly)
        text = f"${place.variables[slot - 1]}" if slot else ""
        for segment in rest:
            if isinstance(segment, str):
                text += f".{_name(segment)}" if text else _name(segment)
            elif isinstance(segment, int):
                text += f"[{segment}]"
        if EACH not in rest or strictly:
            return text
        return self.call("values", text)


def _singular(name: str) -> str:
    """A name for one entry of a list: items -> item, taxes -> tax, entries -> entry."""
    for ending, one in (("ies", "y"), ("xes", "x"), ("sses", "ss"), ("ss", "ss"), ("s", "")):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name[: -len(ending)] + one
    return name


def _plant(tree: Tree, path: TargetPath, entry: Rule | ArrayEntry) -> None:
    """Put an entry at its place in the tree of the target."""
    for step in path[:-1]:
        below = tree.get(step.name)
        if not isinstance(below, dict):
            below = tree[step.name] = {}
        tree = below
    tree[path[-1].name] = entry


def _name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) and name not in _WORDS else f"`{name}`"


def _string(text: str) -> str:
    return jsonio.dumps(text).decode()


def _literal(value: Value) -> str:
    """A JSON value as JSONata writes it."""
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_string(k)}: {_literal(v)}" for k, v in value.items()) + "}"
    return jsonio.dumps(value).decode()


def _indent(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))


def _inline(text: str) -> str:
    return text if "\n" not in text else f"\n{_indent(text)}\n"


def _parenthesised(lines: list[str]) -> str:
    return "(\n" + "\n".join(_indent(line) for line in lines) + "\n)"


def _wrapped(opening: str, parts: list[str], closing: str, *, always: bool = False) -> str:
    """Parts between brackets, on one line if they fit."""
    line = f"{opening}{', '.join(parts)}{closing}"
    if not always and ("\n" not in line and len(line) <= _LINE):
        return line
    if len(parts) == 1 and not always:
        return line
    return f"{opening}\n" + ",\n".join(_indent(part) for part in parts) + f"\n{closing}"


def _braced(pairs: list[str]) -> str:
    return _wrapped("{", pairs, "}", always=True) if pairs else "{}"
