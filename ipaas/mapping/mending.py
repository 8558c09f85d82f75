"""Fixes for rules that cannot run as they are: calls, constants, paths, branches, code, places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from ipaas.mapping import schemas
from ipaas.mapping.convert import CONVERTERS
from ipaas.mapping.errors import ExpressionFailed, Fix, MappingInvalid, Problem
from ipaas.mapping.functions import FUNCTIONS
from ipaas.mapping.likeness import ALIKE, alike, readable
from ipaas.mapping.paths import format_target, parse_source, parse_target
from ipaas.mapping.renaming import RawExpr, RawRule, call, paths_of, renamed

if TYPE_CHECKING:
    from ipaas.mapping.proposing import Proposer

HOLE: Final[RawExpr] = {"op": "hole"}
_LOOP_VARIABLE: Final = re.compile(r"^\$[A-Za-z_][A-Za-z0-9_]*")


def changed(value: Any, change: Callable[[RawExpr], RawExpr | None]) -> Any:
    """A rule, or a part of one, with expressions replaced, the outermost first; None keeps one."""
    if isinstance(value, list):
        return [changed(item, change) for item in value]
    if not isinstance(value, dict):
        return value
    if "op" in value:
        other = change(value)
        if other is not None:
            return other
        if value["op"] == "const":
            return value
    return {
        key: inner if key == "functions" else changed(inner, change) for key, inner in value.items()
    }


def calls_in(value: Any) -> Iterator[RawExpr]:
    """Every function call in a rule, the outermost first."""
    found: list[RawExpr] = []

    def note(expr: RawExpr) -> None:
        if expr["op"] == "call":
            found.append(expr)

    changed(value, note)  # type: ignore[arg-type]
    yield from found


def field_of(path: str) -> RawExpr:
    """A source field as JSON."""
    return {"op": "field", "path": path}


def less(rule: RawRule, name: str) -> RawRule:
    """The rule without one of its settings."""
    return {key: value for key, value in rule.items() if key != name}


def anew(rule: RawRule) -> RawRule:
    """The rule with its value still to be filled in, and nothing that could not run."""
    names = ("id", "target", "comment", "branch", "only", "origin", "insertion", "on_missing",
             "on_null")  # fmt: skip
    kept = {name: rule[name] for name in names if rule.get(name)}
    return (
        {**kept, "rows": {"each": ""}} if rule.get("rows") is not None else {**kept, "expr": HOLE}
    )


def begin_anew(rule: RawRule, title: str) -> Fix:
    """A fix that leaves an unfinished rule and opens it."""
    return Fix(title, put=(anew(rule),), open=rule["id"])


def after_failure(rule: RawRule) -> Iterator[Fix]:
    """Ways on where a value cannot be worked out for a document."""
    yield Fix("Open the rule", open=rule["id"])
    paths = paths_of(rule["expr"]) if rule.get("expr") is not None else []
    if len(paths) == 1 and rule.get("when") is None:
        exists = call("exists", field_of(paths[0]))
        yield Fix("Only where the field has a value", put=({**rule, "when": exists},))
    yield Fix("Switch the rule off", put=({**rule, "disabled": True},))


# --- calls -------------------------------------------------------------------------------------


def unknown_function(proposer: Proposer, _: Problem, rule: RawRule) -> Iterator[Fix]:
    """Like functions for a name that there is not, wherever it stands; else its first value."""
    known = {*FUNCTIONS, *proposer.own_functions}
    for name in dict.fromkeys(str(expr.get("fn")) for expr in calls_in(rule)):
        if name in known:
            continue
        for other in get_close_matches(name, sorted(known), n=2):
            title = FUNCTIONS[other].title if other in FUNCTIONS else other
            yield Fix(f"Use {title}", put=(changed(rule, _calling(name, other)),))
    yield from without(rule, lambda expr: str(expr.get("fn")) not in known)
    yield from own_function(proposer, _, rule)


def _calling(name: str, other: str) -> Callable[[RawExpr], RawExpr | None]:
    def change(expr: RawExpr) -> RawExpr | None:
        if expr["op"] != "call" or expr.get("fn") != name:
            return None
        return {**expr, "fn": other, "args": changed(expr.get("args") or [], change)}

    return change


def without(rule: RawRule, bad: Callable[[RawExpr], bool]) -> Iterator[Fix]:
    """The rule with the first value of each bad call in its place."""

    def change(expr: RawExpr) -> RawExpr | None:
        if expr["op"] != "call" or not bad(expr):
            return None
        args = expr.get("args") or []
        return changed(args[0], change) if args else HOLE

    made = changed(rule, change)
    if made == rule:
        return
    if unfinished(made):
        yield Fix("Choose another function", put=(made,), open=rule["id"])
    else:
        yield Fix("Take the value without the function", put=(made,))


def unfinished(value: Any) -> bool:
    """Whether an expression, or any in a rule, is still to be filled."""
    return any(expr.get("op") == "hole" for expr in _all(value))


def _all(value: Any) -> Iterator[RawExpr]:
    found: list[RawExpr] = []
    changed(value, found.append)  # type: ignore[arg-type]
    yield from found


def own_function(proposer: Proposer, _: Problem, rule: RawRule) -> Iterator[Fix]:
    """A function of one's own that cannot run: its first value, or another function."""
    yield from without(rule, lambda expr: expr.get("fn") in proposer.own_functions)


def argument_count(proposer: Proposer, _: Problem, rule: RawRule) -> Iterator[Fix]:
    """Calls with too many values lose the last ones, those with too few get places for them."""
    added = False

    def change(expr: RawExpr) -> RawExpr | None:
        nonlocal added
        bounds = proposer.arity(str(expr.get("fn"))) if expr["op"] == "call" else None
        if bounds is None:
            return None
        args, (least, most) = changed(expr.get("args") or [], change), bounds
        added = added or len(args) < least
        missing = [HOLE] * (least - len(args))
        return {**expr, "args": [*args[:most], *missing]}

    made = changed(rule, change)
    if added:
        yield from _likely_values(proposer, rule)
        yield Fix("Fill in the values that are missing", put=(made,), open=rule["id"])
    elif made != rule:
        yield Fix("Leave out the values that are too many", put=(made,))
    yield from without(rule, lambda expr: not proposer.accepts(expr))


def _likely_values(proposer: Proposer, rule: RawRule) -> Iterator[Fix]:
    """Fields named like the arguments that are missing, where there is one for each."""
    given: list[str] = []
    lacking = False

    def change(expr: RawExpr) -> RawExpr | None:
        nonlocal lacking
        bounds = proposer.arity(str(expr.get("fn"))) if expr["op"] == "call" else None
        if bounds is None:
            return None
        args = changed(expr.get("args") or [], change)
        for name in proposer.argument_names(str(expr["fn"]))[len(args) : bounds[0]]:
            like = proposer.fields.like(name, {}, proposer.each_around(rule.get("target", "")))
            if not like or alike(like[0], name) < ALIKE:
                lacking = True
                break
            args = [*args, field_of(like[0])]
            given.append(f"{name} from {like[0]}")
        return {**expr, "args": args}

    made = changed(rule, change)
    if given and not lacking:
        yield Fix(f"Take {', '.join(given)}"[:200], put=(made,))


def bad_constant(_: Proposer, __: Problem, rule: RawRule) -> Iterator[Fix]:
    """Fixed values that a function cannot use: left out where they may be, else asked for."""
    left_out, asked = _constants(rule, leave_out=True), _constants(rule, leave_out=False)
    if left_out not in (rule, asked):
        yield Fix("Leave that value out", put=(left_out,))
    if asked != rule:
        yield Fix("Type in another value", put=(asked,), open=rule["id"])


def _constants(rule: RawRule, *, leave_out: bool) -> RawRule:
    def change(expr: RawExpr) -> RawExpr | None:
        fn = FUNCTIONS.get(str(expr.get("fn"))) if expr["op"] == "call" else None
        if fn is None or not expr.get("args"):
            return None
        args = changed(expr["args"], change)
        bad = [at for at, arg in enumerate(args) if not _usable(fn.arg_at(at).type, arg)]
        if not bad:
            return {**expr, "args": args}
        if leave_out and fn.accepts(bad[0]):
            return {**expr, "args": args[: bad[0]]}
        made = [HOLE if at in bad else arg for at, arg in enumerate(args)]
        return {**expr, "args": made}

    made: RawRule = changed(rule, change)
    return made


def _usable(kind: str, arg: RawExpr) -> bool:
    convert = CONVERTERS.get(kind)
    if arg.get("op") != "const" or arg.get("value") is None or convert is None:
        return True
    try:
        convert(arg["value"])
    except ExpressionFailed:
        return False
    return True


# --- paths, branches, code ---------------------------------------------------------------------


def path(proposer: Proposer, _: Problem, rule: RawRule) -> Iterator[Fix]:
    """Paths that cannot be read, and loop variables that there are not."""
    try:
        parse_target(rule.get("target", ""))
    except MappingInvalid:
        target = _tidied(rule["target"].replace("[]", ""))
        if _readable(parse_target, target):
            yield Fix(f"Fill {readable(target)} instead", put=({**rule, "target": target},))
        return
    for name in paths_of(rule):
        found = _LOOP_VARIABLE.match(name)
        if found:
            rest = name[found.end() :]
            for variable in proposer.variables_around(rule):
                if f"${variable}" != found.group(0):
                    other = f"${variable}{rest}"
                    yield Fix(f"Use {other}", put=(renamed(rule, {name: other}),))
            continue
        if _readable(parse_source, name):
            continue
        tidied = _tidied(name)
        other_names = [tidied] if _readable(parse_source, tidied) else proposer.fields.near(name)
        for other in other_names[:2]:
            yield Fix(f"Use {other}", put=(renamed(rule, {name: other}),))
    yield from own_function(proposer, _, rule)
    yield begin_anew(rule, "Choose another field")


def _readable(parse: Callable[[str], Any], text: str) -> bool:
    try:
        parse(text)
    except MappingInvalid:
        return False
    return True


def _tidied(text: str) -> str:
    """A path without what can only be a slip: spaces, doubled or loose dots, open brackets."""
    text = re.sub(r"\s+", "", text)
    text = re.sub(r"\[(?![\w-]*\])|(?<![\w\[-])\]", "", text)
    return re.sub(r"\.{2,}", ".", text).strip(".")


def branch(proposer: Proposer, _: Problem, rule: RawRule) -> Iterator[Fix]:
    """A branch that there is not: none, or one that there is."""
    yield Fix(
        "Take it out of the branch",
        put=(less(rule, "branch"),),
    )
    for known in proposer.branches[:2]:
        name = known.get("title") or known["id"]
        yield Fix(f"Put it into the branch {name}", put=({**rule, "branch": known["id"]},))


def code(_: Proposer, __: Problem, rule: RawRule) -> Iterator[Fix]:
    """Text that cannot be read: to be corrected, or kept as a note beside a new beginning."""
    texts = [str(expr["text"]) for expr in _all(rule) if expr.get("op") == "jsonata"]
    yield Fix("Correct the text", open=rule["id"])
    if texts:
        note = "\n".join([*([rule["comment"]] if rule.get("comment") else ()), *texts])
        yield begin_anew({**rule, "comment": note}, "Begin anew, the text kept as a comment")


# --- places ------------------------------------------------------------------------------------


def misplaced(proposer: Proposer, _: Problem, rule: RawRule) -> Iterator[Fix]:
    """A rule in rows that there are not: other rows of that list, or rows made for it."""
    try:
        steps = parse_target(rule.get("target", ""))
    except MappingInvalid:
        return
    for index, step in enumerate(steps):
        if step.block is None:
            continue
        array = format_target((*steps[:index], replace(step, block=None)))
        around = proposer.rules.get(step.block)
        if around is not None and around.get("target") == array:
            if around.get("rows") is not None:
                continue
            yield Fix("Open the rule around it", open=step.block)
            return
        old = format_target(steps[: index + 1])
        for other in proposer.blocks_on(array)[:2]:
            put = moved(proposer, rule, old, f"{array}[{other}]")
            yield Fix(f"Put it into the rows of {readable(array)}", put=put)
        if not proposer.blocks_on(array):
            yield from with_rows(proposer, rule, array, old, around is None and step.block or "")
        return


def with_rows(
    proposer: Proposer, rule: RawRule, array: str, old: str, block: str = ""
) -> Iterator[Fix]:
    """The rule put into new rows of a list; ``old`` is what its target began with."""
    block = block or proposer.free_id("rows")
    put = moved(proposer, rule, old, f"{array}[{block}]")
    lists = [name[: name.rindex("[]") + 2] for name in paths_of(rule) if "[]" in name]
    # Where the rule does not run there is nothing to make an empty row of.
    times = {name: rule[name] for name in ("branch", "only") if rule.get(name)}
    bare: RawRule = {"id": block, "target": array, **times}
    for each in dict.fromkeys([*lists, *proposer.fields.lists_like(array)][:2]):
        around = {**bare, "rows": {"each": each}}
        yield Fix(f"Make one row for each of {each}", put=(around, *put))
    if not lists:
        yield Fix("Make one row for it", put=({**bare, "rows": {}}, *put))


def moved(proposer: Proposer, rule: RawRule, old: str, new: str) -> tuple[RawRule, ...]:
    """The rule, and the rules in its rows, with targets that begin otherwise."""
    inside = proposer.with_inner(rule["id"]) if rule.get("rows") is not None else (rule["id"],)
    found = [rule if each == rule["id"] else proposer.rules[each] for each in inside]
    return tuple({**one, "target": new + one["target"][len(old) :]} for one in found)


def into_single(proposer: Proposer, _: Problem, rule: RawRule) -> Iterator[Fix]:
    """Rows for what is no list: the value, or the fields of the record, of the first entry."""
    rows = rule.get("rows") or {}
    each = str(rows.get("each") or "")
    if not each.endswith("[]") or rows.keys() - {"each", "as"}:
        return
    inner = [proposer.rules[name] for name in proposer.with_inner(rule["id"])][1:]
    first = f"{each[:-2]}[0]"
    if not inner:
        kinds, bare = schemas.types(proposer.wanted(rule)) - {"null"}, less(rule, "rows")
        if "object" not in proposer.types_at(each) or "object" in kinds:
            yield Fix(
                "Take the first entry", put=({**bare, "expr": call("first", field_of(each))},)
            )
            return
        for path in proposer.fields.below(each, rule["target"], kinds)[:2]:
            taken = {**bare, "expr": field_of(first + path[len(each) :])}
            yield Fix(f"Take {path} of the first entry", put=(taken,))
        return
    if any(one.get("rows") is not None for one in inner):
        return
    if any(rule.get(name) for name in ("branch", "only", "disabled")):
        return
    # One by one, the first values may be those of different entries.
    names = (each, f"${rows.get('as')}")
    before, put = f"{rule['target']}[{rule['id']}]", []
    for one in inner:
        paths = {path: first + path[len(name) :] for path in paths_of(one) for name in names
                 if path == name or path.startswith(f"{name}.")}  # fmt: skip
        target = rule["target"] + one["target"][len(before) :]
        put.append({**renamed(one, paths), "target": target})
    yield Fix("Take the fields of the first entry", put=tuple(put), remove=(rule["id"],))
