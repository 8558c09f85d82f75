"""The mapping document read from JSON, with precise errors.

Reading refuses what is not a mapping at all. What a person may leave behind while drawing (a
rule without expression, a path that leads nowhere, an unknown function) is kept: it becomes a
problem when checked and an error of its rule when run, and never spoils the other rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, get_args

from ipaas.mapping import limits
from ipaas.mapping.copying import TooBig, copy_value
from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.functions.registry import ArgType
from ipaas.mapping.model import (
    OWN_FIELD_TYPES,
    Branch,
    Call,
    Concat,
    Const,
    Document,
    Expr,
    Field,
    Hole,
    If,
    Insertion,
    Join,
    Jsonata,
    OnMissing,
    OnNull,
    OwnField,
    Param,
    Rows,
    Rule,
    Running,
    SortKey,
    UserFunction,
    With,
)
from ipaas.mapping.values import Value

SCHEMA_VERSION: Final = 1
ID_PATTERN: Final = "[A-Za-z0-9_-]{1,64}"
NAME_PATTERN: Final = "[A-Za-z_][A-Za-z0-9_]{0,39}"
_ID = re.compile(ID_PATTERN)
_NAME = re.compile(NAME_PATTERN)
_TYPES: Final = get_args(ArgType)
_MEMBERS: Final = {
    "schema", "rules", "branches", "functions", "template", "own_fields", "insertions",
}  # fmt: skip
_EXPRESSIONS: Final = (Field, Const, Concat, Call, If, Jsonata, Hole, With)
T = TypeVar("T")


_ON_MISSING: Final = tuple(OnMissing)
_ON_NULL: Final = tuple(OnNull)


def parse_mapping(document: object) -> Document:
    """The mapping that a JSON document describes; raises MappingInvalid naming the place."""
    if isinstance(document, Document):
        return document
    raw = _object(document, "mapping")
    _no_others(raw, _MEMBERS, "mapping")
    version = raw.get("schema", SCHEMA_VERSION)
    if type(version) is not int or version != SCHEMA_VERSION:
        raise MappingInvalid(
            f"This mapping has schema {version!r}; this program reads {SCHEMA_VERSION}.",
            where="schema",
        )
    if not isinstance(raw.get("rules"), list):
        raise MappingInvalid("A mapping needs a list of rules.", where="rules")
    if raw.get("template") is not None:
        _object(raw["template"], "template")
    reader = _Reader()
    rules = _list(raw, "rules", "", limits.MAX_RULES, reader.rule)
    branches = _list(raw, "branches", "", limits.MAX_RULES, reader.branch)
    functions = _list(raw, "functions", "", limits.MAX_ARGUMENTS, reader.function)
    fields = _list(raw, "own_fields", "", limits.MAX_RULES, _own_field)
    insertions = _list(raw, "insertions", "", limits.MAX_INSERTIONS, _insertion)
    _unique([rule.id for rule in rules], "rules", "rules")
    _unique([branch.id for branch in branches], "branches", "branches")
    _unique([function.name for function in functions], "functions", "functions")
    _unique([insertion.id for insertion in insertions], "insertions", "insertions")
    return Document(rules, branches, functions, fields, insertions)


def parse_expr(expression: object) -> Expr:
    """The expression that a JSON value describes; raises MappingInvalid naming the place."""
    if isinstance(expression, _EXPRESSIONS):
        return expression
    return _Reader().read(expression, "expr", 0)


def parse_function(function: object) -> UserFunction:
    """The user function that a JSON object describes; raises MappingInvalid naming the place."""
    return _Reader().function(function, "function")


def _own_field(item: object, where: str) -> OwnField:
    raw = _object(item, where)
    _no_others(raw, {"path", "type", "title"}, where)
    path = _text(raw.get("path"), f"{where}.path")
    if not path or len(path) > limits.MAX_PATH_LENGTH:
        raise MappingInvalid("An added field needs a path.", where=f"{where}.path")
    kind = _one_of(raw, "type", OWN_FIELD_TYPES, "text", where)
    return OwnField(path, kind, _text(raw.get("title") or "", f"{where}.title"))


def _insertion(item: object, where: str) -> Insertion:
    raw = _object(item, where)
    _no_others(raw, {"id", "template", "version", "reads", "place", "branches"}, where)
    place, at = None, f"{where}.place"
    if raw.get("place") is not None:
        found = _object(raw["place"], at)
        _no_others(found, {"from", "to"}, at)
        place = (_text(found.get("from", ""), at), _text(found.get("to", ""), at))
    version = raw.get("version")
    if type(version) is not int or version < 1:
        raise MappingInvalid("A version is a whole number from 1.", where=f"{where}.version")
    return Insertion(
        id=_id(raw.get("id"), f"{where}.id", "An insertion"),
        template=_id(raw.get("template"), f"{where}.template", "A template"),
        version=version,
        reads=_texts(raw, "reads", where),
        place=place,
        branches=_texts(raw, "branches", where),
    )


def _texts(raw: Mapping[str, Any], name: str, where: str) -> tuple[tuple[str, str], ...]:
    found, at = _object(raw.get(name, {}), f"{where}.{name}"), f"{where}.{name}"
    return tuple((_text(key, at), _text(value, at)) for key, value in found.items())


def _unique(ids: list[str], what: str, where: str) -> None:
    seen: set[str] = set()
    for index, found in enumerate(ids):
        if found in seen:
            raise MappingInvalid(f"Two {what} have the id “{found}”.", where=f"{where}[{index}].id")
        seen.add(found)


class _Reader:
    """Reads rules and expressions, and counts expression parts over a whole document."""

    def __init__(self) -> None:
        self.parts = 0

    # --- rules ---------------------------------------------------------------------------------

    def rule(self, item: object, where: str) -> Rule:
        raw = _object(item, where)
        _no_others(
            raw,
            {"id", "target", "expr", "rows", "comment", "disabled", "on_missing", "default",
             "on_null", "when", "branch", "only", "origin", "insertion"},
            where,
        )  # fmt: skip
        rule_id = _id(raw.get("id"), f"{where}.id", "A rule")
        if raw.get("rows") is not None and raw.get("expr") is not None:
            raise MappingInvalid(
                f"Rule “{rule_id}” has both rows and expr.",
                hint="A rule makes rows or fills one value. Split it into two rules.",
                where=where,
            )
        return Rule(
            id=rule_id,
            target=_text(raw.get("target", ""), f"{where}.target"),
            expr=self.optional(raw, "expr", where),
            rows=None if raw.get("rows") is None else self.rows(raw["rows"], f"{where}.rows"),
            comment=_text(raw.get("comment") or "", f"{where}.comment"),
            disabled=_flag(raw, "disabled", where),
            on_missing=OnMissing(_one_of(raw, "on_missing", _ON_MISSING, "omit", where)),
            default=self.optional(raw, "default", where),
            on_null=OnNull(_one_of(raw, "on_null", _ON_NULL, "missing", where)),
            when=self.optional(raw, "when", where),
            branch=_optional_id(raw, "branch", where),
            only=_one_of(raw, "only", ("create", "update"), None, where),
            origin=_optional_id(raw, "origin", where),
            insertion=_optional_id(raw, "insertion", where),
        )

    def rows(self, item: object, where: str) -> Rows:
        raw = _object(item, where)
        _no_others(
            raw,
            {"each", "items", "as", "number_as", "where", "when", "join", "group", "sort",
             "distinct", "first", "last", "running"},
            where,
        )  # fmt: skip
        each = raw.get("each")
        if each is not None and raw.get("items") is not None:
            raise MappingInvalid("Rows have each or items, not both.", where=f"{where}.items")
        return Rows(
            each=None if each is None else _text(each, f"{where}.each"),
            items=self.optional(raw, "items", where),
            name=_optional_name(raw, "as", where),
            number=_optional_name(raw, "number_as", where),
            where=self.optional(raw, "where", where),
            when=self.optional(raw, "when", where),
            joins=_list(raw, "join", where, 10, self.join),
            group=self.optional(raw, "group", where),
            sort=_list(raw, "sort", where, 10, self.sort_key),
            distinct=self.optional(raw, "distinct", where),
            first=_count(raw, "first", where),
            last=_count(raw, "last", where),
            running=_list(raw, "running", where, 10, self.running),
        )

    def join(self, item: object, where: str) -> Join:
        raw = _object(item, where)
        _no_others(raw, {"with", "as", "left", "right", "many", "inner"}, where)
        return Join(
            source=self.read(raw.get("with", {}), f"{where}.with", 0),
            name=_name(raw.get("as"), f"{where}.as"),
            left=self.read(raw.get("left", {}), f"{where}.left", 0),
            right=self.read(raw.get("right", {}), f"{where}.right", 0),
            many=_flag(raw, "many", where),
            inner=_flag(raw, "inner", where),
        )

    def sort_key(self, item: object, where: str) -> SortKey:
        raw = _object(item, where)
        _no_others(raw, {"by", "down"}, where)
        return SortKey(self.read(raw.get("by", {}), f"{where}.by", 0), _flag(raw, "down", where))

    def running(self, item: object, where: str) -> Running:
        raw = _object(item, where)
        _no_others(raw, {"as", "add"}, where)
        name = _name(raw.get("as"), f"{where}.as")
        return Running(name, self.read(raw.get("add", {}), f"{where}.add", 0))

    def branch(self, item: object, where: str) -> Branch:
        raw = _object(item, where)
        _no_others(raw, {"id", "when", "after", "title"}, where)
        return Branch(
            id=_id(raw.get("id"), f"{where}.id", "A branch"),
            when=self.optional(raw, "when", where),
            after=_optional_id(raw, "after", where),
            title=_text(raw.get("title") or "", f"{where}.title"),
        )

    def function(self, item: object, where: str, depth: int = 0) -> UserFunction:
        raw = _object(item, where)
        _no_others(raw, {"name", "params", "body", "version", "title"}, where)
        version = raw.get("version", 1)
        if type(version) is not int or version < 1:
            raise MappingInvalid("version must be a whole number.", where=f"{where}.version")
        params = _list(raw, "params", where, limits.MAX_ARGUMENTS, self.param)
        _unique([param.name for param in params], "arguments", f"{where}.params")
        return UserFunction(
            name=_name(raw.get("name"), f"{where}.name"),
            params=params,
            body=self.read(raw.get("body", {}), f"{where}.body", depth),
            version=version,
            title=_text(raw.get("title") or "", f"{where}.title"),
        )

    def param(self, item: object, where: str) -> Param:
        raw = _object(item, where)
        _no_others(raw, {"name", "type", "required", "default"}, where)
        kind = _one_of(raw, "type", _TYPES, "any", where)
        default = _constant(raw.get("default"), f"{where}.default")
        required = _flag(raw, "required", where, default is None) and default is None
        return Param(_name(raw.get("name"), f"{where}.name"), kind, required, default)

    # --- expressions ---------------------------------------------------------------------------

    def optional(self, raw: Mapping[str, Any], name: str, where: str) -> Expr | None:
        value = raw.get(name)
        return None if value is None else self.read(value, f"{where}.{name}", 0)

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
        if isinstance(item, _EXPRESSIONS):
            return item
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
            case "with":
                _no_others(raw, {"op", "functions", "body"}, where)
                functions = _list(
                    raw,
                    "functions",
                    where,
                    limits.MAX_ARGUMENTS,
                    lambda item, place: self.function(item, place, depth + 1),
                )
                return With(functions, self.read(raw.get("body", {}), f"{where}.body", depth + 1))
            case "hole":
                _no_others(raw, {"op"}, where)
                return Hole()
        raise MappingInvalid(
            f"{op!r} is not a kind of expression.",
            hint="Known are field, const, concat, call, if, jsonata, with and hole.",
            where=f"{where}.op",
        )

    def arguments(self, raw: Mapping[str, Any], where: str, depth: int) -> tuple[Expr, ...]:
        def read(item: object, place: str) -> Expr:
            return self.read(item, place, depth + 1)

        return _list(raw, "args", where, limits.MAX_ARGUMENTS, read)


def _list(
    raw: Mapping[str, Any], name: str, where: str, most: int, read: Callable[[object, str], T]
) -> tuple[T, ...]:
    place = f"{where}.{name}" if where else name
    items = raw.get(name, [])
    if not isinstance(items, list):
        raise MappingInvalid(f"{name} must be a list.", where=place)
    if len(items) > most:
        raise MappingInvalid(
            f"There may be {most} {name} here, but there are {len(items)}.", where=place
        )
    return tuple(read(item, f"{place}[{index}]") for index, item in enumerate(items))


def _id(value: object, where: str, what: str) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise MappingInvalid(f"{what} needs an id of letters, digits, _ and -.", where=where)
    return value


def _optional_id(raw: Mapping[str, Any], name: str, where: str) -> str | None:
    value = raw.get(name)
    return None if value is None else _id(value, f"{where}.{name}", name)


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise MappingInvalid(
            "A name of letters, digits and _ is expected, not beginning with a digit.", where=where
        )
    return value


def _optional_name(raw: Mapping[str, Any], name: str, where: str) -> str | None:
    value = raw.get(name)
    return None if value is None else _name(value, f"{where}.{name}")


def _count(raw: Mapping[str, Any], name: str, where: str) -> int | None:
    value = raw.get(name)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= limits.MAX_ROWS:
        raise MappingInvalid(
            f"{name} must be a whole number up to {limits.MAX_ROWS}.", where=f"{where}.{name}"
        )
    return value


def _flag(raw: Mapping[str, Any], name: str, where: str, default: bool = False) -> bool:
    value = raw.get(name, default)
    if type(value) is not bool:
        raise MappingInvalid(f"{name} must be true or false.", where=f"{where}.{name}")
    return value


def _one_of(
    raw: Mapping[str, Any], name: str, options: tuple[str, ...], default: str | None, where: str
) -> Any:
    value = raw.get(name, default)
    if value is None and default is None:
        return None
    if not isinstance(value, str) or value not in options:
        raise MappingInvalid(
            f"{name} must be one of {', '.join(options)}.", where=f"{where}.{name}"
        )
    return value


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
