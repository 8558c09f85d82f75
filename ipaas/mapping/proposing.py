"""One-click fixes for problems of a mapping: what a person would most likely do next."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher, get_close_matches
from typing import Any, Final

from ipaas.mapping import schemas
from ipaas.mapping.errors import Fix, MappingInvalid, Problem
from ipaas.mapping.functions import FUNCTIONS
from ipaas.mapping.paths import (
    EACH,
    SourcePath,
    format_source,
    format_target,
    parse_source,
    parse_target,
)
from ipaas.mapping.schemas import Leaf, Schema, Standing
from ipaas.mapping.values import shown

RawRule = dict[str, Any]
RawExpr = dict[str, Any]

_CONVERSIONS: Final = (
    ("string", "to_text", "Convert to text"),
    ("integer", "to_integer", "Convert to a whole number"),
    ("number", "number", "Convert to a number"),
    ("boolean", "to_condition", "Convert to yes/no"),
)
_MOST: Final = 4
_ALIKE: Final = 0.72
_PLAIN: Final = re.compile(r"[^a-z0-9]")


def call(fn: str, *args: Any) -> RawExpr:
    """A call as JSON; arguments that are no expressions become constants."""
    given = [arg if isinstance(arg, dict) and "op" in arg else _const(arg) for arg in args]
    return {"op": "call", "fn": fn, "args": given}


def _const(value: Any) -> RawExpr:
    return {"op": "const", "value": value}


def with_fixes(
    problems: list[Problem], document: Any, source: Schema, target: Schema
) -> list[Problem]:
    """The problems, each with the fixes that can be proposed for it."""
    proposer = _Proposer(document, source, target)
    return [replace(problem, fixes=tuple(proposer.fixes(problem))[:6]) for problem in problems]


class _Proposer:
    def __init__(self, document: Any, source: Schema, target: Schema) -> None:
        self.rules: dict[str, RawRule] = {rule["id"]: rule for rule in document["rules"]}
        self.source = source
        self.target = target
        self._leaves: list[Leaf] | None = None
        self.by_code: dict[str, Callable[[Problem, RawRule], Iterator[Fix]]] = {
            "mapping.type_mismatch": self.convert,
            "mapping.date_form": self.convert_date,
            "mapping.list_into_single": self.take_one,
            "mapping.list_in_path": self.enter_list,
            "mapping.single_into_list": self.make_list,
            "mapping.each_not_a_list": self.close_each,
            "mapping.unknown_source": self.similar_source,
            "mapping.unknown_target": self.similar_target,
            "mapping.unknown_function": self.similar_function,
            "mapping.not_an_option": self.options,
            "mapping.too_long": self.shorten,
            "mapping.lossy_text": self.shorten,
            "mapping.lossy_number": self.round_off,
        }

    def fixes(self, problem: Problem) -> Iterator[Fix]:
        """What may be proposed, the likeliest first."""
        if problem.code == "mapping.required":
            yield from self.fill(problem.target or "")
            return
        rule = self.rules.get(problem.rule_id or "")
        if rule is None:
            return
        propose = self.by_code.get(problem.code)
        if propose is not None:
            yield from propose(problem, rule)
        elif problem.code in _REMOVES:
            yield Fix("Remove the rule", remove=tuple(self.with_inner(rule["id"])))

    def with_inner(self, rule_id: str) -> Iterator[str]:
        """A rule and, if it makes rows, the rules in them."""
        yield rule_id
        for other, rule in self.rules.items():
            if other != rule_id and f"[{rule_id}]" in rule.get("target", ""):
                yield other

    def wanted(self, rule: RawRule) -> Schema:
        """The schema of a rule's target; empty if it is unknown."""
        try:
            path = schemas.as_source_path(parse_target(rule["target"]))
        except MappingInvalid:
            return {}
        return schemas.find(self.target, path).schema or {}

    @staticmethod
    def with_expr(rule: RawRule, expr: RawExpr, title: str) -> Fix:
        return Fix(title, put=({**rule, "expr": expr},))

    # --- conversions ---------------------------------------------------------------------------

    def convert(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        expr, kinds = rule.get("expr"), schemas.types(self.wanted(rule))
        if expr is None or "object" in kinds or "array" in kinds:
            return
        for kind, fn, title in _CONVERSIONS:
            if kind in kinds:
                yield self.with_expr(rule, call(fn, expr), title)

    def convert_date(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        if self.wanted(rule).get("format") == "date":
            yield self.with_expr(rule, call("date", rule["expr"]), "Keep the date only")
        else:
            yield self.with_expr(rule, call("datetime", rule["expr"]), "Add the time")

    def shorten(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        limit, expr = self.wanted(rule).get("maxLength"), rule.get("expr")
        if isinstance(limit, int) and expr is not None:
            if expr.get("op") == "const" and isinstance(expr.get("value"), str):
                cut = _const(expr["value"][:limit])
                yield self.with_expr(rule, cut, f"Keep the first {limit} characters")
            else:
                cut = call("truncate", expr, limit)
                yield self.with_expr(rule, cut, f"Keep the first {limit} characters")

    def round_off(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        wanted = self.wanted(rule)
        digits = decimals(wanted)
        if digits is None or "expr" not in rule:
            return
        title = "Round to a whole number" if digits == 0 else f"Round to {digits} decimal places"
        yield self.with_expr(rule, call("round", rule["expr"], digits), title)

    # --- lists ---------------------------------------------------------------------------------

    def take_one(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        expr = rule.get("expr")
        if expr is None:
            return
        if not self.is_list(expr):
            mended = self.firsts(expr)
            if mended != expr:
                yield self.with_expr(rule, mended, "Take the first entry")
            return
        kinds = schemas.types(self.wanted(rule))
        if kinds & {"number", "integer"}:
            yield self.with_expr(rule, call("sum", expr), "Add up the entries")
        if "string" in kinds:
            yield self.with_expr(rule, call("join", expr, ", "), "Join the entries with commas")
        yield self.with_expr(rule, call("first", expr), "Take the first entry")
        yield self.with_expr(rule, call("last", expr), "Take the last entry")

    def is_list(self, expr: RawExpr) -> bool:
        """Whether an expression, seen from outside of rows, is a list."""
        if expr.get("op") == "call":
            fn = FUNCTIONS.get(str(expr.get("fn")))
            return fn is not None and fn.returns == "list"
        if expr.get("op") != "field":
            return False
        try:
            path = parse_source(expr["path"])
        except MappingInvalid:
            return False
        found = schemas.find(self.source, path).schema
        return EACH in path or (found is not None and "array" in schemas.types(found))

    def firsts(self, expr: RawExpr) -> RawExpr:
        """The expression with the first entry in place of each list that it calls for one of."""
        made = dict(expr)
        for name in ("cond", "then", "else"):
            if isinstance(made.get(name), dict):
                made[name] = self.firsts(made[name])
        fn = FUNCTIONS.get(str(expr.get("fn")))
        args = []
        for index, arg in enumerate(expr.get("args") or ()):
            takes_list = fn is not None and fn.arg_at(index).type in ("list", "any")
            listed = not takes_list and arg.get("op") == "field" and self.is_list(arg)
            args.append(call("first", arg) if listed else self.firsts(arg))
        return {**made, "args": args} if "args" in expr else made

    def enter_list(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        """Paths that lead into a list without saying which entry."""
        changed: dict[str, str] = {}
        for path in paths_of(rule):
            entered = self.entered(path)
            if entered is not None:
                changed[path] = entered
        if not changed:
            return
        around = self.each_around(rule["target"])
        inside = all(any(new.startswith(each) for each in around) for new in changed.values())
        if inside and around:
            yield Fix("Take it from the current row", put=(renamed(rule, changed),))
            return
        firsts = {old: call("first", {"op": "field", "path": new}) for old, new in changed.items()}
        yield Fix("Take the first entry", put=(rewritten(rule, firsts),))
        if schemas.types(self.wanted(rule)) & {"number", "integer"}:
            sums = {old: call("sum", {"op": "field", "path": new}) for old, new in changed.items()}
            yield Fix("Add up all entries", put=(rewritten(rule, sums),))
        else:
            yield Fix("Take all entries", put=(renamed(rule, changed),))

    def entered(self, path: str) -> str | None:
        """The path with [] after each list that it leads into; None if it is sound."""
        try:
            segments: SourcePath = parse_source(path)
        except MappingInvalid:
            return None
        for _ in range(len(segments)):
            found = schemas.find(self.source, segments)
            if found.standing is not Standing.INSIDE_LIST:
                break
            place = len(parse_source(found.at)) - 1
            segments = (*segments[:place], EACH, *segments[place:])
        made = format_source(segments)
        return made if made != path else None

    def each_around(self, target: str) -> list[str]:
        """What the rows rules around a target go over."""
        try:
            blocks = [step.block for step in parse_target(target) if step.block]
        except MappingInvalid:
            return []
        found = [(self.rules.get(block) or {}).get("rows", {}).get("each") for block in blocks]
        return [each for each in found if each]

    def make_list(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        block = self.free_id("rows")
        around = {"id": block, "target": rule["target"], "rows": {}}
        inner = {**rule, "target": f"{rule['target']}[{block}]"}
        yield Fix("Make a list of one entry", put=(around, inner))

    def close_each(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        rows = rule.get("rows") or {}
        yield Fix(
            "Go over its entries", put=({**rule, "rows": {**rows, "each": f"{rows['each']}[]"}},)
        )

    # --- names ---------------------------------------------------------------------------------

    def leaves(self) -> list[Leaf]:
        """Fields of the source."""
        if self._leaves is None:
            self._leaves = list(schemas.iter_leaves(self.source)) if self.source else []
        return self._leaves

    def similar_source(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        known = [leaf.path for leaf in self.leaves()]
        for path in paths_of(rule):
            try:
                standing = schemas.find(self.source, parse_source(path)).standing
            except MappingInvalid:
                continue
            if standing in (Standing.KNOWN, Standing.SHAPELESS):
                continue
            for name in get_close_matches(path, known, n=2, cutoff=0.75):
                yield Fix(f"Use {name}", put=(renamed(rule, {path: name}),))

    def similar_target(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        path = parse_target(rule["target"])
        above = schemas.find(self.target, schemas.as_source_path(path[:-1])).schema or {}
        known = list(above.get("properties") or {})
        for name in get_close_matches(path[-1].name, known, n=2, cutoff=0.6):
            target = format_target((*path[:-1], replace(path[-1], name=name)))
            yield Fix(f"Fill {name} instead", put=({**rule, "target": target},))
        yield Fix("Remove the rule", remove=tuple(self.with_inner(rule["id"])))

    def similar_function(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        expr = rule.get("expr") or {}
        for name in get_close_matches(str(expr.get("fn")), list(FUNCTIONS), n=2):
            yield self.with_expr(rule, {**expr, "fn": name}, f"Use {FUNCTIONS[name].title}")

    def options(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        value = (rule.get("expr") or {}).get("value")
        listed = self.wanted(rule).get("enum") or []
        order = sorted(listed, key=lambda option: -alike(str(option), str(value)))
        for option in order[:_MOST]:
            yield self.with_expr(rule, _const(option), f"Use {shown(option)}")

    # --- what is still to be filled ------------------------------------------------------------

    def fill(self, target: str) -> Iterator[Fix]:
        """Rules for a target that nothing fills yet."""
        try:
            path = parse_target(target)
        except MappingInvalid:
            return
        wanted = schemas.find(self.target, schemas.as_source_path(path)).schema or {}
        new = self.free_id("r")
        if "array" in schemas.types(wanted):
            for each in self.lists_like(target):
                rule = {"id": new, "target": target, "rows": {"each": each}}
                yield Fix(f"Make one row for each of {each}", put=(rule,))
            return
        for source in self.fields_like(target, wanted):
            rule = {"id": new, "target": target, "expr": {"op": "field", "path": source}}
            yield Fix(f"Take it from {source}", put=(rule,))
        given = [wanted[key] for key in ("const", "default") if key in wanted]
        if not given and len(wanted.get("enum") or ()) <= _MOST:
            given = list(wanted.get("enum") or ())
        for value in given:
            yield Fix(f"Set it to {shown(value)}", put=(
                {"id": new, "target": target, "expr": _const(value)},))  # fmt: skip

    def fields_like(self, target: str, wanted: Schema) -> list[str]:
        """Source fields whose names are like the target's and whose types suit, best first."""
        around = self.each_around(target)
        name, kinds = readable(target), schemas.types(wanted) - {"null"}
        found: list[tuple[float, str]] = []
        for leaf in self.leaves():
            depth = leaf.path.count("[]")
            reachable = depth == 0 or any(
                leaf.path.startswith(each) and depth == each.count("[]") for each in around
            )
            have = schemas.types(leaf.schema) - {"null"}
            fits = not kinds or not have or bool(kinds & have) or _numeric(kinds, have)
            score = alike(leaf.path, name)
            if reachable and fits and score >= _ALIKE:
                found.append((score, leaf.path))
        return [path for _, path in sorted(found, key=lambda pair: -pair[0])[:3]]

    def lists_like(self, target: str) -> list[str]:
        """Source lists, those first whose names are like the target's."""
        lists = dict.fromkeys(
            leaf.path[: leaf.path.index("[]") + 2] for leaf in self.leaves() if "[]" in leaf.path
        )
        return sorted(lists, key=lambda each: -alike(each[:-2], readable(target)))[:3]

    def free_id(self, start: str) -> str:
        number = 1
        while f"{start}{number}" in self.rules:
            number += 1
        return f"{start}{number}"


_REMOVES: Final = frozenset(
    {"mapping.unfinished", "mapping.duplicate_target", "mapping.read_only", "mapping.unreachable",
     "mapping.rows_into_single", "mapping.target"}
)  # fmt: skip


def _numeric(one: frozenset[str], two: frozenset[str]) -> bool:
    return bool(one & {"number", "integer"}) and bool(two & {"number", "integer"})


def decimals(schema: Schema) -> int | None:
    """Decimal places that a number of this schema may have; None if any number."""
    kinds = schemas.types(schema) - {"null"}
    if kinds == {"integer"}:
        return 0
    places = schema.get("x-decimals")
    if isinstance(places, int) and places >= 0:
        return places
    step = str(schema.get("multipleOf", ""))
    if re.fullmatch(r"0?\.0*1", step):
        return len(step.partition(".")[2])
    return None


def readable(target: str) -> str:
    """A target without the ids of its rows rules."""
    return re.sub(r"\[[^\]]*\]", "", target)


def alike(source: str, target: str) -> float:
    """How alike the last names of two paths are, from 0 to 1."""
    ends = [path.replace("[]", "").split(".") for path in (source, target)]
    one, two = (_PLAIN.sub("", names[-1].lower()) for names in ends)
    if one == two:
        return 1.0
    joined = [_PLAIN.sub("", "".join(names[-2:]).lower()) for names in ends]
    best = max(
        SequenceMatcher(None, a, b).ratio()
        for a, b in ((one, two), (joined[0], two), tuple(joined))
    )
    return best * 0.98


def paths_of(value: Any) -> list[str]:
    """Source paths that a rule reads, each once."""
    found: dict[str, None] = {}

    def walk(item: Any) -> None:
        if isinstance(item, dict):
            if item.get("op") == "field" and isinstance(item.get("path"), str):
                found[item["path"]] = None
            if isinstance(item.get("each"), str):
                found[item["each"]] = None
            if item.get("op") != "const":
                for inner in item.values():
                    walk(inner)
        elif isinstance(item, list):
            for inner in item:
                walk(inner)

    walk(value)
    return list(found)


def renamed(rule: RawRule, paths: dict[str, str]) -> RawRule:
    """The rule with other source paths."""
    made = rewritten(rule, {old: {"op": "field", "path": new} for old, new in paths.items()})
    each = (made.get("rows") or {}).get("each")
    if each in paths:
        made["rows"] = {**made["rows"], "each": paths[each]}
    return made


def rewritten(rule: RawRule, fields: dict[str, RawExpr]) -> RawRule:
    """The rule with expressions in place of fields."""

    def walk(item: Any) -> Any:
        if isinstance(item, list):
            return [walk(inner) for inner in item]
        if not isinstance(item, dict) or item.get("op") == "const":
            return item
        if item.get("op") == "field" and item.get("path") in fields:
            return copy.deepcopy(fields[item["path"]])
        return {key: walk(inner) for key, inner in item.items()}

    made: RawRule = walk(rule)
    return made
