"""The JSON of a mapping: what ``parsing`` reads, with only what differs from the usual."""

from __future__ import annotations

from typing import Any

from ipaas.mapping.model import (
    Branch,
    Call,
    Concat,
    Const,
    Document,
    Expr,
    Field,
    If,
    Insertion,
    Jsonata,
    OnMissing,
    OnNull,
    OwnField,
    Rows,
    Rule,
    UserFunction,
    With,
)


def write_mapping(document: Document) -> dict[str, Any]:
    """The JSON document of a mapping; ``parse_mapping`` reads the same mapping back."""
    made: dict[str, Any] = {"schema": 1, "rules": [write_rule(rule) for rule in document.rules]}
    if document.branches:
        made["branches"] = [_branch(branch) for branch in document.branches]
    if document.functions:
        made["functions"] = [write_function(function) for function in document.functions]
    if document.own_fields:
        made["own_fields"] = [_own_field(field) for field in document.own_fields]
    if document.insertions:
        made["insertions"] = [write_insertion(one) for one in document.insertions]
    return made


def _own_field(field: OwnField) -> dict[str, Any]:
    made = {"path": field.path, "type": field.kind}
    return {**made, "title": field.title} if field.title else made


def write_insertion(insertion: Insertion) -> dict[str, Any]:
    """The JSON object of an insertion."""
    made: dict[str, Any] = {
        "id": insertion.id, "template": insertion.template, "version": insertion.version,
    }  # fmt: skip
    if insertion.reads:
        made["reads"] = dict(insertion.reads)
    if insertion.place is not None:
        made["place"] = {"from": insertion.place[0], "to": insertion.place[1]}
    if insertion.branches:
        made["branches"] = dict(insertion.branches)
    return made


def write_rule(rule: Rule) -> dict[str, Any]:
    """The JSON object of a rule."""
    made: dict[str, Any] = {"id": rule.id, "target": rule.target}
    if rule.rows is not None:
        made["rows"] = _rows(rule.rows)
    _put(made, "expr", rule.expr)
    _put(made, "default", rule.default)
    _put(made, "when", rule.when)
    if rule.on_missing is not OnMissing.OMIT:
        made["on_missing"] = str(rule.on_missing)
    if rule.on_null is not OnNull.MISSING:
        made["on_null"] = str(rule.on_null)
    for name in ("comment", "disabled", "branch", "only", "origin", "insertion"):
        if getattr(rule, name):
            made[name] = getattr(rule, name)
    return made


def _put(made: dict[str, Any], name: str, expr: Expr | None) -> None:
    if expr is not None:
        made[name] = write_expr(expr)


def _rows(rows: Rows) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if rows.each is not None:
        made["each"] = rows.each
    for name in ("items", "where", "when", "group", "distinct"):
        _put(made, name, getattr(rows, name))
    for key, value in (
        ("as", rows.name), ("number_as", rows.number), ("first", rows.first), ("last", rows.last),
    ):  # fmt: skip
        if value is not None:
            made[key] = value
    if rows.joins:
        made["join"] = [
            {
                "with": write_expr(join.source),
                "as": join.name,
                "left": write_expr(join.left),
                "right": write_expr(join.right),
                **({"many": True} if join.many else {}),
                **({"inner": True} if join.inner else {}),
            }
            for join in rows.joins
        ]
    if rows.sort:
        made["sort"] = [
            {"by": write_expr(key.by), **({"down": True} if key.down else {})} for key in rows.sort
        ]
    if rows.running:
        made["running"] = [{"as": t.name, "add": write_expr(t.add)} for t in rows.running]
    return made


def _branch(branch: Branch) -> dict[str, Any]:
    made: dict[str, Any] = {"id": branch.id}
    _put(made, "when", branch.when)
    for name in ("after", "title"):
        if getattr(branch, name):
            made[name] = getattr(branch, name)
    return made


def write_function(function: UserFunction) -> dict[str, Any]:
    """The JSON object of a user function."""
    made: dict[str, Any] = {
        "name": function.name,
        "version": function.version,
        "params": [
            {"name": p.name, "type": p.type, "required": p.required}
            | ({} if p.default is None else {"default": p.default})
            for p in function.params
        ],
        "body": write_expr(function.body),
    }
    return {**made, "title": function.title} if function.title else made


def write_expr(expr: Expr) -> dict[str, Any]:
    """The JSON object of an expression."""
    if isinstance(expr, Field):
        return {"op": "field", "path": expr.path}
    if isinstance(expr, Const):
        return {"op": "const", "value": expr.value}
    if isinstance(expr, Call):
        return {"op": "call", "fn": expr.fn, "args": [write_expr(arg) for arg in expr.args]}
    if isinstance(expr, Concat):
        args = [write_expr(arg) for arg in expr.args]
        return {"op": "concat", "args": args, "separator": expr.separator}
    if isinstance(expr, If):
        made = {"op": "if", "cond": write_expr(expr.cond), "then": write_expr(expr.then)}
        _put(made, "else", expr.otherwise)
        return made
    if isinstance(expr, Jsonata):
        return {"op": "jsonata", "text": expr.text}
    if isinstance(expr, With):
        functions = [write_function(function) for function in expr.functions]
        return {"op": "with", "functions": functions, "body": write_expr(expr.body)}
    return {"op": "hole"}
