"""Fixes that correct what is there: fixed values, texts of code, values that documents bring."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ipaas.mapping import filling, mending
from ipaas.mapping.convert import CONVERTERS
from ipaas.mapping.errors import ExpressionFailed, Fix, Problem, RuleError
from ipaas.mapping.functions import FUNCTIONS
from ipaas.mapping.jsonata_engine import JsonataInvalid, compile_jsonata
from ipaas.mapping.mending import changed, field_of
from ipaas.mapping.paths import parse_source
from ipaas.mapping.renaming import RawExpr, RawRule, call, constant, paths_of, rewritten
from ipaas.mapping.schemas import Schema
from ipaas.mapping.values import shown

if TYPE_CHECKING:
    from ipaas.mapping.proposing import Proposer

_DATE_FORMS: Final = ("dd.MM.yyyy", "MM/dd/yyyy", "dd/MM/yyyy", "dd-MM-yyyy", "yyyy/MM/dd",
                      "yyyy.MM.dd", "d MMMM yyyy", "MMMM d, yyyy", "d MMM yyyy",
                      "MMM d, yyyy")  # fmt: skip
_KINDS: Final[dict[str, Schema]] = {
    "number": {"type": "number"}, "integer": {"type": "integer"}, "text": {"type": "string"},
    "date": {"type": "string", "format": "date"}, "condition": {"type": "boolean"},
}  # fmt: skip
_OPENING: Final = {"(": ")", "[": "]", "{": "}"}
_LOOSE_END: Final = re.compile(r"(?:[\s+\-*/%&=<>!,.:?|~]|\b(?:and|or|in)\b)+$")


def bad_constant(proposer: Proposer, problem: Problem, rule: RawRule) -> Iterator[Fix]:
    """A fixed value that a function cannot use: what it may mean, or a field of that kind."""
    bad = list(dict.fromkeys(_bad_constants(rule)))
    fields: list[Fix] = []
    if len(bad) == 1:
        kind, written = bad[0]
        value = next(v for k, v in _values(rule) if (k, repr(v)) == (kind, written))
        for title, other in _meant(kind, value):
            yield Fix(title, put=(_in_place_of(rule, value, constant(other)),))
        around = proposer.each_around(rule.get("target", ""))
        for path in _of_kind(proposer, rule, kind, around):
            put = _in_place_of(rule, value, field_of(path))
            fields.append(Fix(f"Take {path} in its place", put=(put,)))
    found = list(mending.bad_constant(proposer, problem, rule))
    yield from (fix for fix in found if fix.open is None)
    yield from fields[:2]
    yield from (fix for fix in found if fix.open is not None)


def _of_kind(proposer: Proposer, rule: RawRule, kind: str, around: list[str]) -> list[str]:
    wanted = _KINDS.get(kind, {})
    found = proposer.fields.like(rule.get("target", ""), wanted, around)
    found = [path for path in found if proposer.types_at(path)]
    if kind != "date":
        return found
    # Any text could be a date; only those that say so are proposed.
    known = (proposer.source_at.find(parse_source(path)).schema or {} for path in found)
    return [path for path, schema in zip(found, known, strict=True)
            if schema.get("format") in ("date", "date-time")]  # fmt: skip


def _values(rule: RawRule) -> Iterator[tuple[str, Any]]:
    """Fixed values that calls in a rule cannot use, with the kind that is wanted."""
    for expr in mending.calls_in(rule):
        fn = FUNCTIONS.get(str(expr.get("fn")))
        for at, arg in enumerate(expr.get("args") or ()):
            if fn is None or arg.get("op") != "const" or arg.get("value") is None:
                continue
            kind = fn.arg_at(at).type
            convert = CONVERTERS.get(kind)
            try:
                if convert is not None:
                    convert(arg["value"])
            except ExpressionFailed:
                yield kind, arg["value"]


def _bad_constants(rule: RawRule) -> Iterator[tuple[str, str]]:
    for kind, value in _values(rule):
        yield kind, repr(value)


def _in_place_of(rule: RawRule, value: Any, other: RawExpr) -> RawRule:
    wanted = constant(value)
    made: RawRule = changed(rule, lambda expr: other if expr == wanted else None)
    return made


def _meant(kind: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What a fixed value may mean, read as another kind."""
    if kind == "condition":
        yield "Take it as yes", True
        yield "Take it as no", False
    elif kind == "text":
        yield "Write it as JSON text", FUNCTIONS["write_json"].apply(value)
    elif kind == "date":
        for form in _dates_in(str(value)):
            day = FUNCTIONS["parse_date"].apply(str(value).strip(), form)
            yield f"Use {shown(day)} ({form})", day
    elif kind in ("number", "integer"):
        numbers = [number for _, number in _numbers_in(str(value))]
        if kind == "integer":
            numbers = [int(number) for number in numbers[:1]] + [
                int(number) + 1 for number in numbers[:1] if number != int(number)
            ]
        for number in dict.fromkeys(numbers):
            yield f"Use {number}", number


def _dates_in(text: str) -> list[str]:
    """Forms in which a text can be read as a date; one for each date that it may be."""
    found: dict[str, str] = {}
    for form in _DATE_FORMS:
        try:
            found.setdefault(FUNCTIONS["parse_date"].apply(text.strip(), form), form)
        except ExpressionFailed:
            continue
    return list(found.values())


def _numbers_in(text: str) -> list[tuple[str, Any]]:
    """Decimal points by which a number can be read from a text, each with the number."""
    if not re.search(r"\d", text) or len(text) > 100:
        return []
    found: dict[Any, str] = {}
    for point in _points(text):
        try:
            found.setdefault(FUNCTIONS["parse_number"].apply(text, point), point)
        except ExpressionFailed:
            continue
    return [(point, number) for number, point in found.items()]


def _points(text: str) -> list[str]:
    """The signs that can be the decimal point of a number: the last, and one that stands alone."""
    signs = re.findall(r"[.,]", text)
    if not signs:
        return ["."]
    last, other = signs[-1], "," if signs[-1] == "." else "."
    if len(set(signs)) == 2:
        return [last] if signs.count(last) == 1 else []
    if len(signs) > 1:
        return [other]  # 1.234.567
    # 1,234 may be more than a thousand, or a little more than one.
    alone = re.search(r"(?<!\d)\d{1,3}[.,]\d{3}(?!\d)", text)
    return [last, other] if alone else [last]


# --- code, names --------------------------------------------------------------------------------


def code(proposer: Proposer, problem: Problem, rule: RawRule) -> Iterator[Fix]:
    """Text that cannot be read: without its loose end, with the brackets that are missing."""
    repaired: dict[str, str] = {}

    def change(expr: RawExpr) -> RawExpr | None:
        if expr.get("op") != "jsonata":
            return None
        text = str(expr.get("text"))
        if _is_code(text):
            return None
        other = _repaired(text)
        if other is None:
            return None
        repaired[text] = other
        return {**expr, "text": other}

    made = changed(rule, change)
    texts = [each["text"] for each in _codes(made)]
    if repaired and all(_is_code(text) for text in texts):
        (told, *_) = repaired.values()
        yield Fix(f"Make it {shown(told)}", put=(made,))
    yield from mending.code(proposer, problem, rule)


def _codes(value: Any) -> list[RawExpr]:
    found: list[RawExpr] = []

    def note(expr: RawExpr) -> None:
        if expr.get("op") == "jsonata":
            found.append(expr)

    changed(value, note)  # type: ignore[arg-type]
    return found


def _is_code(text: str) -> bool:
    try:
        compile_jsonata(text)
    except JsonataInvalid:
        return False
    return bool(text.strip())


def _repaired(text: str) -> str | None:
    """The text without a loose end, its brackets and quotes closed; None if that is not enough."""
    left: list[str] = []
    quote = ""
    kept = ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'`":
            quote = sign
        elif sign in _OPENING:
            left.append(_OPENING[sign])
        elif sign in ")]}":
            if not left or left[-1] != sign:
                continue  # closes nothing
            left.pop()
        kept += sign
    closing = "".join(reversed(left))
    tries = [kept + quote + closing] if quote else [_LOOSE_END.sub("", kept) + closing,
                                                    kept.rstrip() + closing]  # fmt: skip
    return next((each for each in tries if each != text and _is_code(each)), None)


def unknown_function(proposer: Proposer, problem: Problem, rule: RawRule) -> Iterator[Fix]:
    """As usual; where the whole rule is a call of nothing, what else may fill its target."""
    found = list(mending.unknown_function(proposer, problem, rule))
    expr = rule.get("expr") or {}
    if expr.get("op") == "call" and not expr.get("args"):
        yield from likely(proposer, rule)
    yield from found


def likely(proposer: Proposer, rule: RawRule) -> Iterator[Fix]:
    """Fields that may fill the target of a rule in place of what it has."""
    if rule.get("rows") is not None or not rule.get("target"):
        return
    bare = {key: value for key, value in rule.items() if key != "when"}
    taking = (
        fix
        for fix in filling.fill(proposer, rule["target"], bare)
        if fix.open is None and fix.title.startswith("Take it from")
    )
    for fix, _ in zip(taking, range(2), strict=False):
        yield Fix(fix.title, put=tuple({**each, **_kept(rule)} for each in fix.put))


def _kept(rule: RawRule) -> RawRule:
    return {"when": rule["when"]} if rule.get("when") else {}


def path(proposer: Proposer, problem: Problem, rule: RawRule) -> Iterator[Fix]:
    """As usual; a loop variable where there is no loop gives way to a field of that name."""
    for name in paths_of(rule) if not proposer.variables_around(rule) else ():
        variable, dot, rest = name.partition(".")
        if not variable.startswith("$") or not dot:
            continue
        around = tuple(proposer.each_around(rule.get("target", "")))
        for other in dict.fromkeys(
            [*proposer.fields.near(f"x.{rest}"), *proposer.fields.near(f"x[].{rest}")]
        ):
            if other.rpartition(".")[2] != rest.rpartition(".")[2]:
                continue
            inside = other.count("[]") == 0 or any(other.startswith(each) for each in around)
            if inside:
                put = rewritten(rule, {name: field_of(other)})
                yield Fix(f"Use {other}", put=(put,))
            else:
                put = rewritten(rule, {name: call("first", field_of(other))})
                yield Fix(f"Use the first {other}", put=(put,))
    yield from mending.path(proposer, problem, rule)


# --- values of documents ------------------------------------------------------------------------


def after_failure(rule: RawRule, error: RuleError) -> Iterator[Fix]:
    """Ways on where a value cannot be worked out for a document, the truest first."""
    text = (error.value or "").strip("“”")
    source = error.source if error.source in paths_of(rule.get("expr") or {}) else None
    if source is not None and error.code == "mapping.not_a_date":
        for form in _dates_in(text):
            read = call("parse_date", field_of(source), form)
            yield Fix(f"Read it as {form}", put=(_reading(rule, source, read),))
    if source is not None and error.code in ("mapping.not_a_number", "mapping.not_a_whole_number"):
        for point, number in _numbers_in(text):
            read = call("parse_number", field_of(source), point)
            if error.code == "mapping.not_a_whole_number":
                read = call("round", read, 0)
            title = f"Read the number in it: {number}"
            yield Fix(title, put=(_reading(rule, source, read),))
    if error.code == "mapping.missing" and rule.get("on_missing") == "fail":
        yield Fix("Leave the field out where there is no value",
                  put=({**rule, "on_missing": "omit"},))  # fmt: skip
    if error.code == "mapping.null" and rule.get("on_null") == "fail":
        yield Fix("Take null as missing", put=({**rule, "on_null": "missing"},))
    yield from mending.after_failure(rule)


def _reading(rule: RawRule, source: str, read: RawExpr) -> RawRule:
    """The rule with a field read in another way in its value, and nowhere else."""
    return {**rule, "expr": rewritten({"id": "", "expr": rule["expr"]}, {source: read})["expr"]}
