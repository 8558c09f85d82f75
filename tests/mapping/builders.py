"""Short ways to write mapping documents in tests."""

from __future__ import annotations

from typing import Any

from ipaas.mapping import Result, compile_expr, compile_mapping


def field(path: str) -> dict[str, Any]:
    return {"op": "field", "path": path}


def const(value: Any) -> dict[str, Any]:
    return {"op": "const", "value": value}


def call(fn: str, *args: Any) -> dict[str, Any]:
    """A call; texts among the arguments are source paths, other plain values are constants."""
    return {"op": "call", "fn": fn, "args": [_expr(arg) for arg in args]}


def if_(cond: Any, then: Any, otherwise: Any = None) -> dict[str, Any]:
    expr = {"op": "if", "cond": cond, "then": _expr(then)}
    return expr if otherwise is None else {**expr, "else": _expr(otherwise)}


def concat(*args: Any, separator: str = " ") -> dict[str, Any]:
    return {"op": "concat", "args": [_expr(arg) for arg in args], "separator": separator}


def _expr(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return field(value) if isinstance(value, str) else const(value)


def rule(rule_id: str, target: str, expr: Any, **more: Any) -> dict[str, Any]:
    return {"id": rule_id, "target": target, "expr": _expr(expr), **more}


def rows(rule_id: str, target: str, each: str | None = None, **more: Any) -> dict[str, Any]:
    made = {key: more.pop(key) for key in ("where", "when") if key in more}
    if each is not None:
        made["each"] = each
    return {"id": rule_id, "target": target, "rows": made, **more}


def mapping(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"schema": 1, "rules": list(rules)}


def apply(context: Any, *rules: dict[str, Any]) -> Result:
    return compile_mapping(mapping(*rules)).apply(context)


def output(context: Any, *rules: dict[str, Any]) -> Any:
    """The output; fails the test if there was any error."""
    result = apply(context, *rules)
    assert result.errors == ()
    return result.output


def value(expr: dict[str, Any], context: Any = None) -> Any:
    return compile_expr(expr)({} if context is None else context)
