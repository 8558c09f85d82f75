"""Branches and rules that no document can ever reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ipaas.mapping.convert import to_truth
from ipaas.mapping.errors import ExpressionFailed
from ipaas.mapping.model import Call, Concat, Const, Document, Expr, If, Rule, walk


@dataclass(frozen=True, slots=True)
class Unreachable:
    """What cannot be reached, in a sentence; ``mended`` is the rule without it, if one is left."""

    message: str
    hint: str
    mended: Rule | None = None


def truth(expr: Expr | None) -> bool | None:
    """Whether a condition always holds (True), never (False), or depends on the document."""
    if isinstance(expr, Const):
        try:
            return to_truth(expr.value)
        except ExpressionFailed:
            return None
    if isinstance(expr, Call) and expr.fn == "not" and len(expr.args) == 1:
        inner = truth(expr.args[0])
        return None if inner is None else not inner
    if isinstance(expr, Call) and expr.fn in ("and", "or"):
        parts = [truth(arg) for arg in expr.args]
        stops = expr.fn == "or"
        if any(part is stops for part in parts):
            return stops
        return None if None in parts else not stops
    return None


def unreachable(rule: Rule, document: Document) -> Iterator[Unreachable]:
    """Everything in a rule that never runs."""
    if truth(rule.when) is False or (rule.rows is not None and truth(rule.rows.when) is False):
        yield Unreachable(
            "The condition of this rule never holds, so it never runs.",
            "Change the condition, or remove the rule.",
        )
    elif rule.rows is not None and (rule.rows.first == 0 or truth(rule.rows.where) is False):
        yield Unreachable(
            "This never makes a row.", "Change which rows are kept, or remove the rule."
        )
    elif rule.branch is not None and _never(rule.branch, document):
        yield Unreachable(
            "The branch of this rule is never reached: an earlier one always holds, or asks the "
            "same.",
            "Change the conditions of the branches, or remove the rule.",
        )
    if rule.expr is not None:
        short = shortened(rule.expr)
        mended = None if short is None or short == rule.expr else replace(rule, expr=short)
        for found in _choices(rule.expr):
            yield replace(found, mended=mended)
    if rule.default is not None and rule.expr is not None and _always_there(rule.expr):
        yield Unreachable(
            "The default is never used, since the rule always has a value.",
            "Remove the default, or the constant before it.",
            replace(rule, default=None),
        )


def shortened(expr: Expr | None) -> Expr | None:
    """The expression without what never runs; None if nothing is left."""
    if isinstance(expr, If):
        return _shortened_if(expr, ())
    if isinstance(expr, Concat):
        return replace(expr, args=tuple(a for a in map(shortened, expr.args) if a is not None))
    if isinstance(expr, Call):
        args = [Const(None) if arg is None else arg for arg in map(shortened, expr.args)]
        if expr.fn == "default":
            last = next((at for at, arg in enumerate(args) if _always_there(arg)), len(args))
            args = args[: last + 1]
            if len(args) == 1:
                return args[0]
        return replace(expr, args=tuple(args))
    return expr


def _shortened_if(choice: If, asked: tuple[Expr, ...]) -> Expr | None:
    known = truth(choice.cond)
    then, otherwise = shortened(choice.then), choice.otherwise
    if known is True:
        return then
    asked_now = (*asked, choice.cond)
    if isinstance(otherwise, If):
        otherwise = _shortened_if(otherwise, asked_now)
    else:
        otherwise = shortened(otherwise)
    if known is False or choice.cond in asked:
        return otherwise
    return replace(choice, then=Const(None) if then is None else then, otherwise=otherwise)


def _never(branch_id: str, document: Document) -> bool:
    chain = document.chain(branch_id)
    if not chain:
        return False
    own, *earlier = chain
    if truth(own.when) is False:
        return True
    return any(
        other.when is None or truth(other.when) is True or other.when == own.when
        for other in earlier
    )


def _always_there(expr: Expr) -> bool:
    if isinstance(expr, Const):
        return expr.value is not None
    return isinstance(expr, Call) and expr.fn == "default" and any(map(_always_there, expr.args))


def _choices(expr: Expr) -> Iterator[Unreachable]:
    for part in walk(expr):
        if isinstance(part, If):
            yield from _ways(part)
        if not isinstance(part, Call) or part.fn != "default":
            continue
        if any(_always_there(arg) for arg in part.args[:-1]):
            yield Unreachable(
                "A later value of “default” is never used, since one before it is constant.",
                "Remove what comes after the constant.",
            )


def _ways(choice: If) -> Iterator[Unreachable]:
    seen: list[Expr] = []
    current: Expr | None = choice
    while isinstance(current, If):
        known = truth(current.cond)
        if known is False or current.cond in seen:
            yield Unreachable(
                "One way of an “if” is never taken: its condition never holds, or was asked "
                "before.",
                "Change its condition, or remove that way.",
            )
        elif known is True:
            yield Unreachable(
                "The “otherwise” of an “if” is never taken, since its condition always holds.",
                "Change the condition, or keep only the first value.",
            )
            return
        seen.append(current.cond)
        current = current.otherwise
