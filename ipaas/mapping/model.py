"""The mapping document as frozen values, read from JSON with precise errors.

Reading refuses what is not a mapping at all. What a person may leave behind while drawing (a
rule without expression, a path that leads nowhere, an unknown function) is kept: it becomes a
problem when checked and an error of its rule when run, and never spoils the other rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from ipaas.mapping import limits
from ipaas.mapping.copying import TooBig, copy_value
from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.values import Value

SCHEMA_VERSION: Final = 1
_RULE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the context document."""

    path: str


@dataclass(frozen=True, slots=True)
class Const:
    """A fixed JSON value."""

    value: Value


@dataclass(frozen=True, slots=True)
class Concat:
    """Texts joined; a missing part is skipped together with its separator."""

    args: tuple[Expr, ...]
    separator: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A registered function and its arguments."""

    fn: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class If:
    """One of two expressions."""

    cond: Expr
    then: Expr
    otherwise: Expr | None = None


@dataclass(frozen=True, slots=True)
class Jsonata:
    """JSONata text, run on the whole context document."""

    text: str


@dataclass(frozen=True, slots=True)
class Hole:
    """A place a person has still to fill."""


Expr: TypeAlias = Field | Const | Concat | Call | If | Jsonata | Hole


class OnMissing(StrEnum):
    """What a rule does when its value is missing or null."""

    OMIT = "omit"
    NULL = "null"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Rows:
    """How a rows rule makes rows: one per element of ``each``, or one single row."""

    each: str | None = None
    where: Expr | None = None
    when: Expr | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a mapping: a value rule has ``expr``, a rows rule has ``rows``."""

    id: str
    target: str
    expr: Expr | None = None
    rows: Rows | None = None
    comment: str = ""
    disabled: bool = False
    on_missing: OnMissing = OnMissing.OMIT
    default: Expr | None = None

    @property
    def unfinished(self) -> bool:
        """Whether a part of the rule has still to be filled in; such a rule does not run."""
        if self.rows is not None:
            return self.rows.each == "" or any(
                has_hole(expr) for expr in (self.rows.where, self.rows.when) if expr is not None
            )
        if self.expr is None or has_hole(self.expr):
            return True
        return self.default is not None and has_hole(self.default)


@dataclass(frozen=True, slots=True)
class Document:
    """A whole mapping."""

    rules: tuple[Rule, ...]


def children(expr: Expr) -> tuple[Expr, ...]:
    """Direct parts of an expression."""
    if isinstance(expr, (Concat, Call)):
        return expr.args
    if isinstance(expr, If):
        both = (expr.cond, expr.then)
        return both if expr.otherwise is None else (*both, expr.otherwise)
    return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all its parts, outermost first."""
    yield expr
    for part in children(expr):
        yield from walk(part)


def has_hole(expr: Expr) -> bool:
    """Whether any part has still to be filled in."""
    return any(
        isinstance(part, Hole) or (isinstance(part, Field) and not part.path) for part in walk(expr)
    )


def expressions(rule: Rule) -> tuple[Expr, ...]:
    """Every expression a rule holds."""
    found = [rule.expr, rule.default]
    if rule.rows is not None:
        found += [rule.rows.where, rule.rows.when]
    return tuple(expr for expr in found if expr is not None)


def parse_mapping(document: object) -> Document:
    """The mapping that a JSON document describes; raises MappingInvalid naming the place."""
    if isinstance(document, Document):
        return document
    raw = _object(document, "mapping")
    _no_others(raw, {"schema", "rules"}, "mapping")
    version = raw.get("schema", SCHEMA_VERSION)
    if type(version) is not int or version != SCHEMA_VERSION:
        raise MappingInvalid(
            f"This mapping has schema {version!r}; this program reads {SCHEMA_VERSION}.",
            where="schema",
        )
    rules = raw.get("rules")
    if not isinstance(rules, list):
        raise MappingInvalid("A mapping needs a list of rules.", where="rules")
    if len(rules) > limits.MAX_RULES:
        raise MappingInvalid(
            f"A mapping may have {limits.MAX_RULES} rules; this one has {len(rules)}.",
            where="rules",
        )
    reader = _ExpressionReader()
    parsed = tuple(_rule(item, f"rules[{i}]", reader) for i, item in enumerate(rules))
    seen: set[str] = set()
    for index, rule in enumerate(parsed):
        if rule.id in seen:
            raise MappingInvalid(f"Two rules have the id “{rule.id}”.", where=f"rules[{index}].id")
        seen.add(rule.id)
    return Document(parsed)


def parse_expr(expression: object) -> Expr:
    """The expression that a JSON value describes; raises MappingInvalid naming the place."""
    if isinstance(expression, (Field, Const, Concat, Call, If, Jsonata, Hole)):
        return expression
    return _ExpressionReader().read(expression, "expr", 0)


def _rule(item: object, where: str, reader: _ExpressionReader) -> Rule:
    raw = _object(item, where)
    _no_others(
        raw,
        {"id", "target", "expr", "rows", "comment", "disabled", "on_missing", "default"},
        where,
    )
    rule_id = raw.get("id")
    if not isinstance(rule_id, str) or not _RULE_ID.fullmatch(rule_id):
        raise MappingInvalid("A rule needs an id of letters, digits, _ and -.", where=f"{where}.id")
    target = _text(raw.get("target", ""), f"{where}.target")
    if raw.get("rows") is not None and raw.get("expr") is not None:
        raise MappingInvalid(
            f"Rule “{rule_id}” has both rows and expr.",
            hint="A rule makes rows or fills one value. Split it into two rules.",
            where=where,
        )
    on_missing = raw.get("on_missing", "omit")
    if on_missing not in ("omit", "null", "fail"):
        raise MappingInvalid(
            f"on_missing of rule “{rule_id}” must be omit, null or fail.",
            where=f"{where}.on_missing",
        )
    disabled = raw.get("disabled", False)
    if type(disabled) is not bool:
        raise MappingInvalid("disabled must be true or false.", where=f"{where}.disabled")
    default = raw.get("default")
    return Rule(
        id=rule_id,
        target=target,
        expr=None if raw.get("expr") is None else reader.read(raw["expr"], f"{where}.expr", 0),
        rows=None if raw.get("rows") is None else _rows(raw["rows"], f"{where}.rows", reader),
        comment=_text(raw.get("comment") or "", f"{where}.comment"),
        disabled=disabled,
        on_missing=OnMissing(on_missing),
        default=None if default is None else reader.read(default, f"{where}.default", 0),
    )


def _rows(item: object, where: str, reader: _ExpressionReader) -> Rows:
    raw = _object(item, where)
    _no_others(raw, {"each", "where", "when"}, where)
    each = raw.get("each")
    return Rows(
        each=None if each is None else _text(each, f"{where}.each"),
        where=(
            None if raw.get("where") is None else reader.read(raw["where"], f"{where}.where", 0)
        ),
        when=None if raw.get("when") is None else reader.read(raw["when"], f"{where}.when", 0),
    )


class _ExpressionReader:
    """Reads expressions and counts their parts over a whole document."""

    def __init__(self) -> None:
        self.parts = 0

    def read(self, item: object, where: str, depth: int) -> Expr:
        if depth >= limits.MAX_EXPRESSION_DEPTH:
            raise MappingInvalid(
                f"An expression may be nested {limits.MAX_EXPRESSION_DEPTH} deep.", where=where
            )
        self.parts += 1
        if self.parts > limits.MAX_EXPRESSION_NODES:
            raise MappingInvalid(
                f"A mapping may have {limits.MAX_EXPRESSION_NODES} expression parts.", where=where
            )
        raw = _object(item, where)
        if not raw:
            return Hole()
        op = raw.get("op")
        match op:
            case "field":
                _no_others(raw, {"op", "path"}, where)
                return Field(_text(raw.get("path"), f"{where}.path"))
            case "const":
                _no_others(raw, {"op", "value"}, where)
                if "value" not in raw:
                    raise MappingInvalid("A constant needs a value.", where=f"{where}.value")
                return Const(_constant(raw["value"], f"{where}.value"))
            case "concat":
                _no_others(raw, {"op", "args", "separator"}, where)
                separator = _text(raw.get("separator", ""), f"{where}.separator")
                return Concat(self.arguments(raw, where, depth), separator)
            case "call":
                _no_others(raw, {"op", "fn", "args"}, where)
                fn = _text(raw.get("fn"), f"{where}.fn")
                return Call(fn, self.arguments(raw, where, depth))
            case "if":
                _no_others(raw, {"op", "cond", "then", "else"}, where)
                other = raw.get("else")
                return If(
                    self.read(raw.get("cond", {}), f"{where}.cond", depth + 1),
                    self.read(raw.get("then", {}), f"{where}.then", depth + 1),
                    None if other is None else self.read(other, f"{where}.else", depth + 1),
                )
            case "jsonata":
                _no_others(raw, {"op", "text"}, where)
                text = _text(raw.get("text"), f"{where}.text")
                if len(text) > limits.JSONATA_MAX_TEXT:
                    raise MappingInvalid(
                        f"JSONata text may have {limits.JSONATA_MAX_TEXT} characters.",
                        where=f"{where}.text",
                    )
                return Jsonata(text) if text.strip() else Hole()
            case "hole":
                _no_others(raw, {"op"}, where)
                return Hole()
        raise MappingInvalid(
            f"{op!r} is not a kind of expression.",
            hint="Known are field, const, concat, call, if, jsonata and hole.",
            where=f"{where}.op",
        )

    def arguments(self, raw: Mapping[str, Any], where: str, depth: int) -> tuple[Expr, ...]:
        items = raw.get("args", [])
        if not isinstance(items, list):
            raise MappingInvalid("args must be a list.", where=f"{where}.args")
        if len(items) > limits.MAX_ARGUMENTS:
            raise MappingInvalid(
                f"An expression may have {limits.MAX_ARGUMENTS} arguments.", where=f"{where}.args"
            )
        return tuple(
            self.read(item, f"{where}.args[{i}]", depth + 1) for i, item in enumerate(items)
        )


def _constant(value: object, where: str) -> Value:
    try:
        return copy_value(value, limits.MAX_CONSTANT_VALUES, limits.MAX_TEXT)
    except TooBig as error:
        raise MappingInvalid(f"The constant is too large: {error}.", where=where) from error


def _object(item: object, where: str) -> Mapping[str, Any]:
    if not isinstance(item, Mapping):
        raise MappingInvalid(f"An object is expected at {where}.", where=where)
    return item


def _text(item: object, where: str) -> str:
    if not isinstance(item, str):
        raise MappingInvalid(f"A text is expected at {where}.", where=where)
    return item


def _no_others(raw: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in raw:
        if key not in known:
            raise MappingInvalid(
                f"{where} has the unknown member “{str(key)[:80]}”.",
                hint=f"Known are {', '.join(sorted(known))}.",
                where=where,
            )
