"""A mapping shown as JSONata text that gives the same result.

For reading, learning and taking elsewhere. The evaluator of ``ipaas.mapping`` decides what a
mapping gives; the text follows it in everything but arithmetic, where JSONata has only doubles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ipaas.mapping.compiler import compile_guard
from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.expressions import compile_expression, user_functions
from ipaas.mapping.jsonata_definitions import DEFINITIONS, needed
from ipaas.mapping.jsonata_expressions import ExpressionWriter, Place
from ipaas.mapping.jsonata_layout import (
    braced,
    indent,
    inline,
    name,
    parenthesised,
    string,
    wrapped,
)
from ipaas.mapping.jsonata_rows import Elements
from ipaas.mapping.model import Document, Expr, Field, OnMissing, OnNull, Rows, Rule, has_hole
from ipaas.mapping.parsing import parse_expr, parse_mapping
from ipaas.mapping.paths import TargetPath
from ipaas.mapping.reading import Scope
from ipaas.mapping.shaping import compile_shape
from ipaas.mapping.structure import ArrayEntry, Node, arrange


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
class Written:
    """The text of a mapping, and the ids of the rules that it says."""

    text: str
    rules: frozenset[str]


def written(document: object) -> Written:
    """The JSONata text of a mapping, and which of its rules stand in it."""
    writer = _Writer()
    text = writer.document(parse_mapping(document))
    return Written(text, frozenset(writer.rules))


Tree = dict[str, "Tree | Rule | ArrayEntry | tuple[Rule, ...]"]


class _Writer(ExpressionWriter):
    """Writes one text and remembers which definitions it uses."""

    def __init__(self) -> None:
        super().__init__()
        self.comments: list[str] = []
        self.rules: list[str] = []
        self.source = Document(())

    def document(self, document: Document) -> str:
        structure = arrange(document)
        self.comments = [
            f"{rule.target or rule.id}: {error.message}" for rule, error in structure.misplaced
        ]
        self.source = document
        place = Place(Scope(functions=user_functions(document.functions)))
        body = self.node(structure.root, place)
        own = [self.own_function(function, place) for function in document.functions]
        comments = "".join(f"/* {text.replace('*/', '* /')} */\n" for text in self.comments)
        return comments + self.with_definitions(body, own)

    def single(self, expr: Expr) -> str:
        if has_hole(expr):
            return "/* unfinished */"
        compile_expression(expr, Scope())
        return self.with_definitions(self.expr(expr, Place()))

    def with_definitions(self, body: str, own: list[str] | None = None) -> str:
        names = needed(self.used)
        if not names and not own:
            return body
        lines = [f"${found} := {DEFINITIONS[found]};" for found in names]
        return parenthesised([*lines, *(own or ()), "", body])

    # --- rules ---------------------------------------------------------------------------------

    def node(self, node: Node, place: Place) -> str:
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
        return parenthesised([f"$base := {self.call('object', value)};", fields])

    def can_run(self, rule: Rule, place: Place) -> bool:
        try:
            compile_guard(rule, self.source, place.scope)
            for expr in (rule.expr, rule.default):
                if expr is not None:
                    compile_expression(expr, place.scope)
        except MappingInvalid as error:
            self.comments.append(f"{rule.target or rule.id}: {error.message}")
            return False
        self.rules.append(rule.id)
        return True

    def fields(self, tree: Tree, place: Place, *, base: str | None, nested: bool) -> str:
        """Text of an object; ``base`` is the text of an object that it is laid over."""
        plain: list[str] = []
        nullable: list[str] = []
        for field_name, entry in tree.items():
            key = string(field_name)
            if isinstance(entry, dict):
                below = None if base is None else self.call("object", f"{base}.{name(field_name)}")
                plain.append(f"{key}: {self.fields(entry, place, base=below, nested=True)}")
            elif isinstance(entry, ArrayEntry):
                plain.append(f"{key}: {self.array(entry, place)}")
            elif isinstance(entry, tuple):
                values = [self.rule_value(rule, place) for rule in entry]
                text = self.nested("default", values, from_right=True)
                (nullable if any(map(_may_be_null, entry)) else plain).append(f"{key}: {text}")
            elif _may_be_null(entry):
                nullable.append(f"{key}: {self.rule_value(entry, place)}")
            else:
                plain.append(f"{key}: {self.rule_value(entry, place)}")
        pairs = braced(plain)
        if not nullable and base is None:
            return f"{self.use('some' if nested else 'given')}({pairs})"
        layers = [base] if base is not None else []
        layers += [f"{self.use('given')}({pairs})"] if plain else []
        layers += [braced(nullable)] if nullable else []
        merged = f"$merge({wrapped('[', layers, ']')})"
        return f"{self.use('filled')}({merged})" if nested and not nullable else merged

    def rule_value(self, rule: Rule, place: Place) -> str:
        assert rule.expr is not None
        text = self.expr(rule.expr, place)
        plain = text
        if rule.default is not None:
            text = self.call("default", text, self.expr(rule.default, place))
        if rule.on_missing is OnMissing.NULL:
            text = self.call("or_null", text)
        if rule.on_missing is OnMissing.FAIL:
            text = self.call("required", text, string(rule.target or rule.id))
        if rule.on_null is not OnNull.MISSING and isinstance(rule.expr, Field):
            is_null = self.call("is_null", plain)
            text = {
                OnNull.NULL: f"({is_null} ? null : {text})",
                OnNull.OMIT: f"({self.call('not_null', plain)} ? {text})",
                OnNull.FAIL: f'({is_null} ? $error("The value is null") : {text})',
            }[rule.on_null]
        guard = self.guard(rule, place)
        return f"({guard} ? {text})" if guard else text

    def guard(self, rule: Rule, place: Place) -> str:
        """Text of whether a rule runs; empty if it always does."""
        parts = []
        if rule.only is not None:
            parts.append(f'$not($mode = "{"update" if rule.only == "create" else "create"}")')
        if rule.branch is not None:
            own, *earlier = self.source.chain(rule.branch)
            for branch in reversed(earlier):
                before = self.condition(branch.when, place) if branch.when else "true"
                parts.append(f"$not({before})")
            if own.when is not None:
                parts.append(self.condition(own.when, place))
        if rule.when is not None:
            parts.append(self.condition(rule.when, place))
        return " and ".join(parts) if len(parts) < 2 else f"({' and '.join(parts)})"

    def array(self, entry: ArrayEntry, place: Place) -> str:
        parts = []
        for rule, node in entry.blocks:
            try:
                parts.append(self.block(rule, node, place))
            except MappingInvalid as error:
                self.comments.append(f"{rule.target}: {error.message}")
        return self.call("values", wrapped("[", parts, "]", always=len(parts) > 1))

    def block(self, rule: Rule, node: Node, place: Place) -> str:
        rows = rule.rows
        assert rows is not None
        compile_shape(rows, place.scope)
        guards = [self.guard(rule, place)]
        if rows.when is not None:
            guards.append(self.condition(rows.when, place))
        made = self.made_rows(rows, node, place)
        self.rules.append(rule.id)
        guard = " and ".join(text for text in guards if text)
        return f"({guard} ? {made})" if guard else made

    def made_rows(self, rows: Rows, node: Node, place: Place) -> str:
        """Text of the rows of one block."""
        inner = place.inside(rows)
        if rows.each is None and rows.items is None and rows.where is None:
            return self.node(node, inner)
        shaped = Elements(self, rows, place)
        elements = shaped.text()
        row = self.node(node, inner)
        if shaped.around and not rows.shaped:
            return shaped.nested(lambda one, each: self.nested_rows(rows, place, row, one, each))
        if not shaped.opening and not rows.running and rows.number is None:
            return f"$map({elements}, function({shaped.variable}) {{\n{indent(row)}\n}})"
        body = parenthesised([*shaped.opening, *shaped.counts(), row])
        return f"$map({elements}, function({shaped.head}, $index, $all) {{\n{indent(body)}\n}})"

    def nested_rows(self, rows: Rows, place: Place, row: str, one: str, each: str) -> str:
        """Text of the rows of the innermost of lists in lists."""
        if rows.where is not None:
            test = inline(self.condition(rows.where, place.inside(rows, early=True)))
            each = wrapped("$filter(", [each, f"function({one}) {{ {test} }}"], ")")
        return f"$map({each}, function({one}) {{\n{indent(row)}\n}})"


def _plant(tree: Tree, path: TargetPath, entry: Rule | ArrayEntry) -> None:
    """Put an entry at its place in the tree of the target."""
    for step in path[:-1]:
        below = tree.get(step.name)
        if not isinstance(below, dict):
            below = tree[step.name] = {}
        tree = below
    there = tree.get(path[-1].name)
    if isinstance(entry, Rule) and isinstance(there, (Rule, tuple)):
        # Rules of several branches: the last that gives a value counts.
        tree[path[-1].name] = (*(there if isinstance(there, tuple) else (there,)), entry)
    else:
        tree[path[-1].name] = entry


def _may_be_null(rule: Rule) -> bool:
    keeps = rule.on_null is OnNull.NULL and isinstance(rule.expr, Field)
    return keeps or rule.on_missing is OnMissing.NULL
