"""Expressions in one readable line, for people who sign a mapping off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Words:
    """How fields and functions are named: as they are written, or as people call them."""

    field: Callable[[str], str] = str
    function: Callable[[str], str] = str


TECHNICAL = Words()


def sentence(expr: Expr | None, words: Words = TECHNICAL) -> str:
    """The expression as one line of text; empty for none."""
    if expr is None:
        return ""
    if isinstance(expr, Field):
        return words.field(expr.path)
    if isinstance(expr, Const):
        return _constant(expr.value)
    if isinstance(expr, Concat):
        between = f" & {_constant(expr.separator)} & " if expr.separator else " & "
        return between.join(sentence(arg, words) for arg in expr.args)
    if isinstance(expr, If):
        last = expr.otherwise
        otherwise = "" if last is None else f", otherwise {sentence(last, words)}"
        return f"if {sentence(expr.cond, words)} then {sentence(expr.then, words)}{otherwise}"
    if isinstance(expr, Call):
        return _call(expr, words)
    if isinstance(expr, Jsonata):
        return f"JSONata: {' '.join(expr.text.split())}"
    if isinstance(expr, With):
        return sentence(expr.body, words)
    return "(empty)"


def _call(expr: Call, words: Words) -> str:
    args = [sentence(arg, words) for arg in expr.args]
    if expr.fn in _SIGNS and len(args) > 1:
        inner = [
            f"({text})" if isinstance(arg, Call) and arg.fn in _SIGNS else text
            for arg, text in zip(expr.args, args, strict=True)
        ]
        return f" {_SIGNS[expr.fn]} ".join(inner)
    return f"{words.function(expr.fn)}({', '.join(args)})"


def _constant(value: Value) -> str:
    return f"“{value}”" if isinstance(value, str) else jsonio.dumps(value).decode()


def rows_sentence(rule: Rule, words: Words = TECHNICAL) -> str:
    """How a rows rule makes rows, as one line."""
    rows = rule.rows
    if rows is None:
        return ""
    if rows.each or rows.items is not None:
        each = words.field(rows.each) if rows.each else sentence(rows.items, words)
        parts = [f"one row for each of {each}"]
    else:
        parts = ["one row"]
    parts += [
        f"with the {'matching entries' if join.many else 'matching entry'} of "
        f"{sentence(join.source, words)} as {join.name}"
        for join in rows.joins
    ]
    for word, expr in (("where", rows.where), ("grouped by", rows.group)):
        if expr is not None:
            parts.append(f"{word} {sentence(expr, words)}")
    if rows.sort:
        keys = [f"{sentence(key.by, words)}{' downwards' if key.down else ''}" for key in rows.sort]
        parts.append(f"sorted by {', '.join(keys)}")
    if rows.distinct is not None:
        parts.append(f"each {sentence(rows.distinct, words)} once")
    for word, count in (("first", rows.first), ("last", rows.last)):
        if count is not None:
            parts.append(f"the {word} {count} only")
    parts += [f"{total.name} adds up {sentence(total.add, words)}" for total in rows.running]
    return ", ".join(parts)


def condition_sentence(rule: Rule, document: Document, words: Words = TECHNICAL) -> str:
    """When a rule runs, as one line; empty if always."""
    parts = []
    if rule.only:
        parts.append(f"only on {rule.only}")
    if rule.branch is not None:
        chain = reversed(document.chain(rule.branch))
        parts.append(" ".join(_branch(branch, words) for branch in chain))
    for when in (rule.when, rule.rows.when if rule.rows else None):
        if when is not None:
            parts.append(f"if {sentence(when, words)}")
    return ", and ".join(part for part in parts if part)


def _branch(branch: Branch, words: Words) -> str:
    word = "else " if branch.after else ""
    return f"{word}if {sentence(branch.when, words)}" if branch.when is not None else word.strip()
