"""Fixes for values that do not suit their target: converted, cut, rounded, or another one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ipaas.mapping import schemas
from ipaas.mapping.constants import suits_pattern
from ipaas.mapping.convert import to_text
from ipaas.mapping.errors import Choice, ExpressionFailed, Fix, MappingInvalid, Problem
from ipaas.mapping.filling import CONVERSIONS
from ipaas.mapping.functions import FUNCTIONS
from ipaas.mapping.likeness import alike, decimals, numeric, readable
from ipaas.mapping.mending import changed, field_of, less
from ipaas.mapping.paths import parse_source, quote
from ipaas.mapping.renaming import RawExpr, RawRule, call, constant
from ipaas.mapping.values import shown

if TYPE_CHECKING:
    from ipaas.mapping.proposing import Proposer

_MOST: Final = 4
_SINGLE: Final = frozenset({"string", "number", "integer", "boolean"})


def convert(proposer: Proposer, problem: Problem, rule: RawRule) -> Iterator[Fix]:
    expr, kinds = rule.get(problem.part), schemas.types(proposer.wanted(rule)) - {"null"}
    if problem.misused:
        made = changed(rule, partial(instead_of_object, proposer))
        if made != rule:
            yield Fix("Take the likeliest field of each object", put=(made,))
        return
    if expr is None or "array" in kinds:
        return
    if "object" in kinds:
        yield from into_object(proposer, rule)
        return
    parts = fields_inside(proposer, expr, rule["target"], kinds)
    if parts is not None:
        for path in parts:
            title = f"Take {path} of it"
            yield proposer.with_expr(rule, field_of(path), title, problem.part)
        if "string" in kinds:
            text = call("write_json", expr)
            yield proposer.with_expr(rule, text, "Write it all as JSON text", problem.part)
        return
    for kind, fn, words in CONVERSIONS:
        if kind in kinds:
            title = f"Convert to {words}"
            yield proposer.with_expr(rule, _converted(fn, expr), title, problem.part)
    if problem.part == "default":
        yield Fix("Remove the default", put=(less(rule, "default"),))


def instead_of_object(proposer: Proposer, expr: RawExpr) -> RawExpr | None:
    """The likeliest field in an object that single values are made of."""
    if expr.get("op") != "field":
        return None
    singles = frozenset({"string", "number", "integer"})
    likely = fields_inside(proposer, expr, expr["path"], singles)
    return field_of(likely[0]) if likely else None


def into_object(proposer: Proposer, rule: RawRule) -> Iterator[Fix]:
    """A single value for a record: put into the likeliest of its fields, converted if need be."""
    wanted, expr = proposer.wanted(rule), rule["expr"]
    have = proposer.types_at(expr["path"]) if expr.get("op") == "field" else frozenset[str]()
    places = []
    for name, below in (wanted.get("properties") or {}).items():
        seen = schemas.view(proposer.target, below)
        kinds = schemas.types(seen) - {"null"}
        if seen.get("readOnly") or not kinds & _SINGLE:
            continue
        unfit = bool(have) and not have & kinds and not numeric(have, kinds)
        places.append((unfit, name not in (wanted.get("required") or ()), name, kinds))
    for unfit, _, name, kinds in sorted(places, key=lambda place: place[:2])[:3]:
        target = f"{rule['target']}.{quote(name)}"
        fn = next(fn for kind, fn, _ in CONVERSIONS if kind in kinds)
        moved = {**rule, "target": target, "expr": call(fn, expr) if unfit else expr}
        yield Fix(f"Fill {readable(target)} with it", put=(moved,))


def fields_inside(
    proposer: Proposer, expr: RawExpr, target: str, kinds: frozenset[str]
) -> list[str] | None:
    """The likeliest fields in an object that is copied whole; None if it is no object."""
    if expr.get("op") != "field":
        return None
    try:
        path = parse_source(expr["path"])
    except MappingInvalid:
        return None
    if "object" not in schemas.types(proposer.source_at.find(path).schema or {}):
        return None
    return proposer.fields.below(expr["path"], target, kinds)[:3]


def convert_date(proposer: Proposer, problem: Problem, rule: RawRule) -> Iterator[Fix]:
    day = proposer.wanted(rule).get("format") == "date"
    expr = call("date" if day else "datetime", rule[problem.part])
    title = "Keep the date only" if day else "Add the time"
    yield proposer.with_expr(rule, expr, title, problem.part)


def shorten(proposer: Proposer, problem: Problem, rule: RawRule) -> Iterator[Fix]:
    limit, expr = proposer.wanted(rule).get("maxLength"), rule.get(problem.part)
    if not isinstance(limit, int) or expr is None:
        return
    cut = call("truncate", expr, limit)
    if expr.get("op") == "const" and isinstance(expr.get("value"), str):
        cut = constant(expr["value"][:limit])
    yield proposer.with_expr(rule, cut, f"Keep the first {limit} characters", problem.part)


def round_off(proposer: Proposer, problem: Problem, rule: RawRule) -> Iterator[Fix]:
    digits = decimals(proposer.wanted(rule))
    if digits is None or rule.get(problem.part) is None:
        return
    title = "Round to a whole number" if digits == 0 else f"Round to {digits} decimal places"
    rounded = call("round", rule[problem.part], digits)
    yield proposer.with_expr(rule, rounded, title, problem.part)


def fit_pattern(proposer: Proposer, problem: Problem, rule: RawRule) -> Iterator[Fix]:
    """The constant as the pattern takes it, and the values that the schema gives as examples."""
    wanted, text = proposer.wanted(rule), str((rule.get(problem.part) or {}).get("value"))
    bare = re.sub(r"[\s./-]+", "", text)
    tried = [text.strip(), text.upper(), text.lower(), bare, bare.upper(), bare.lower(),
             re.sub(r"[^0-9]", "", text), re.sub(r"[^0-9.]", "", text), *_codes_of(text),
             wanted.get("default"), *(wanted.get("examples") or ())]  # fmt: skip
    suiting = [each for each in dict.fromkeys(filter(None, tried)) if isinstance(each, str)
               and each != text and suits_pattern(str(wanted.get("pattern")), each)]  # fmt: skip
    for each in suiting[:3]:
        title = f"Set it to {shown(each)}"
        yield proposer.with_expr(rule, constant(each), title, problem.part)
    yield Fix("Correct the value", open=rule["id"])


def _codes_of(text: str) -> Iterator[str]:
    """The codes of a country or state that a text names."""
    for fn, more in (("country_code", ()), ("country_code", ("3",)), ("state_code", ("US",))):
        try:
            found = FUNCTIONS[fn].apply(text, *more)
        except ExpressionFailed:
            continue
        if isinstance(found, str):
            yield found


def join_both(proposer: Proposer, _: Problem, rule: RawRule) -> Iterator[Fix]:
    """Two rules for one field made one: the second value where the first is missing."""
    for other in proposer.rules.values():
        if other["id"] == rule["id"]:
            break
        first, second = other.get("expr"), rule.get("expr")
        if other.get("target") != rule.get("target") or other.get("disabled"):
            continue
        # One that runs at other times, or is always there, leaves nothing to the other.
        together = all(other.get(name) == rule.get(name) for name in ("when", "branch", "only"))
        if together and first and second and first["op"] != "const":
            joined = {**other, "expr": call("default", first, second)}
            if rule.get("default") and not other.get("default"):
                joined["default"] = rule["default"]
            title = "Join them: this value where the first is missing"
            yield Fix(title, put=(joined,), remove=(rule["id"],))
            break


def reach(_: Problem, rule: RawRule) -> Iterator[Fix]:
    """A rule that never runs, without what keeps it from running."""
    if rule.get("when"):
        yield Fix("Remove its condition", put=(less(rule, "when"),))
    elif rule.get("branch"):
        yield Fix("Take it out of the branch", put=(less(rule, "branch"),))


def options(proposer: Proposer, problem: Problem, rule: RawRule) -> Iterator[Fix]:
    """The options most like a fixed value, by value or by label."""
    expr = rule.get(problem.part) or {}
    value = expr.get("value") if problem.value is None else problem.value
    given = problem.choices or [
        Choice(option, shown(option)) for option in proposer.wanted(rule).get("enum") or ()
    ]

    def likeness(choice: Choice) -> float:
        return max(alike(str(choice.value), str(value)), alike(choice.label, str(value)))

    for choice in sorted(given, key=likeness, reverse=True)[:_MOST]:
        told = choice.label if not problem.choices else f"{choice.label} ({choice.value})"
        made = changed(expr, partial(_other_constant, value, choice.value))
        yield proposer.with_expr(rule, made, f"Use {told}", problem.part)


def _other_constant(value: Any, other: Any, expr: RawExpr) -> RawExpr | None:
    return constant(other) if expr == constant(value) else None


def _converted(fn: str, expr: RawExpr) -> RawExpr:
    """A constant converted now, anything else when it runs."""
    if (
        expr.get("op") == "const"
        and fn == "to_text"
        and not isinstance(expr["value"], (dict, list))
    ):
        return constant(to_text(expr["value"]))
    return call(fn, expr)
