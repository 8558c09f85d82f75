"""Expressions in one readable line, for people who sign a mapping off."""

from __future__ import annotations

from ipaas.core import jsonio
from ipaas.mapping.model import (
    Branch,
    Call,
    Concat,
    Const,
    Document,
    Expr,
    Field,
    If,
    Jsonata,
    Rule,
    With,
)
from ipaas.mapping.values import Value

_SIGNS = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "eq": "=", "ne": "≠", "gt": ">",
    "ge": "≥", "lt": "<", "le": "≤", "and": "and", "or": "or",
}  # fmt: skip


def sentence(expr: Expr | None) -> str:
    """The expression as one line of text; empty for none."""
    if expr is None:
        return ""
    if isinstance(expr, Field):
        return expr.path
    if isinstance(expr, Const):
        return _constant(expr.value)
    if isinstance(expr, Concat):
        between = f" & {_constant(expr.separator)} & " if expr.separator else " & "
        return between.join(map(sentence, expr.args))
    if isinstance(expr, If):
        otherwise = "" if expr.otherwise is None else f", otherwise {sentence(expr.otherwise)}"
        return f"if {sentence(expr.cond)} then {sentence(expr.then)}{otherwise}"
    if isinstance(expr, Call):
        return _call(expr)
    if isinstance(expr, Jsonata):
        return f"JSONata: {' '.join(expr.text.split())}"
    if isinstance(expr, With):
        return sentence(expr.body)
    return "(empty)"


def _call(expr: Call) -> str:
    args = [
        f"({sentence(arg)})" if isinstance(arg, Call) and arg.fn in _SIGNS else sentence(arg)
        for arg in expr.args
    ]
    if expr.fn in _SIGNS and len(args) > 1:
        return f" {_SIGNS[expr.fn]} ".join(args)
    return f"{expr.fn}({', '.join(map(sentence, expr.args))})"


def _constant(value: Value) -> str:
    return f"“{value}”" if isinstance(value, str) else jsonio.dumps(value).decode()


def rows_sentence(rule: Rule) -> str:
    """How a rows rule makes rows, as one line."""
    rows = rule.rows
    if rows is None:
        return ""
    if rows.each or rows.items is not None:
        parts = [f"one row for each of {rows.each or sentence(rows.items)}"]
    else:
        parts = ["one row"]
    parts += [
        f"with the {'matching entries' if join.many else 'matching entry'} of "
        f"{sentence(join.source)} as {join.name}"
        for join in rows.joins
    ]
    for word, expr in (("where", rows.where), ("grouped by", rows.group)):
        if expr is not None:
            parts.append(f"{word} {sentence(expr)}")
    if rows.sort:
        keys = [f"{sentence(key.by)}{' downwards' if key.down else ''}" for key in rows.sort]
        parts.append(f"sorted by {', '.join(keys)}")
    if rows.distinct is not None:
        parts.append(f"each {sentence(rows.distinct)} once")
    for word, count in (("first", rows.first), ("last", rows.last)):
        if count is not None:
            parts.append(f"the {word} {count} only")
    parts += [f"{total.name} adds up {sentence(total.add)}" for total in rows.running]
    return ", ".join(parts)


def condition_sentence(rule: Rule, document: Document) -> str:
    """When a rule runs, as one line; empty if always."""
    parts = []
    if rule.only:
        parts.append(f"only on {rule.only}")
    if rule.branch is not None:
        parts.append(" ".join(map(_branch, reversed(document.chain(rule.branch)))))
    for when in (rule.when, rule.rows.when if rule.rows else None):
        if when is not None:
            parts.append(f"if {sentence(when)}")
    return ", and ".join(part for part in parts if part)


def _branch(branch: Branch) -> str:
    word = "else " if branch.after else ""
    return f"{word}if {sentence(branch.when)}" if branch.when is not None else word.strip()
