"""One-click fixes for problems of a mapping: what a person would most likely do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

from ipaas.mapping import schemas
from ipaas.mapping.candidates import SourceFields
from ipaas.mapping.errors import Fix, MappingInvalid, Problem
from ipaas.mapping.functions import FUNCTIONS
from ipaas.mapping.likeness import alike, decimals, numeric, readable
from ipaas.mapping.nearest import Names
from ipaas.mapping.paths import (
    EACH,
    SourcePath,
    format_source,
    format_target,
    parse_source,
    parse_target,
)
from ipaas.mapping.renaming import (
    RawExpr,
    RawRule,
    call,
    constant,
    paths_of,
    renamed,
    rewritten,
)
from ipaas.mapping.schemas import Leaf, Schema, Standing
from ipaas.mapping.values import shown

_CONVERSIONS: Final = (
    ("string", "to_text", "Convert to text"),
    ("integer", "to_integer", "Convert to a whole number"),
    ("number", "number", "Convert to a number"),
    ("boolean", "to_condition", "Convert to yes/no"),
)
_MOST: Final = 4


def with_fixes(
    problems: list[Problem], document: Any, source: Schema, target: Schema
) -> list[Problem]:
    """The problems, each with the fixes that can be proposed for it."""
    proposer = Proposer(document, source, target)
    return [
        problem if problem.fixes else replace(problem, fixes=tuple(proposer.fixes(problem))[:6])
        for problem in problems
    ]


class Proposer:
    """Proposes fixes for the problems of one mapping."""

    def __init__(self, document: Any, source: Schema, target: Schema) -> None:
        self.rules: dict[str, RawRule] = {rule["id"]: rule for rule in document["rules"]}
        self.source = source
        self.target = target
        self.source_at, self.target_schema_at = schemas.Finder(source), schemas.Finder(target)
        self._siblings: dict[SourcePath, Names] = {}
        self.fields = SourceFields(source)
        self.by_code: dict[str, Callable[[Problem, RawRule], Iterator[Fix]]] = {
            "mapping.type_mismatch": self.convert,
            "mapping.date_form": self.convert_date,
            "mapping.target_in_list": self.into_rows,
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
        return self.target_schema_at.find(path).schema or {}

    @staticmethod
    def with_expr(rule: RawRule, expr: RawExpr, title: str) -> Fix:
        return Fix(title, put=({**rule, "expr": expr},))

    # --- conversions ---------------------------------------------------------------------------

    def convert(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        expr, kinds = rule.get("expr"), schemas.types(self.wanted(rule))
        if expr is None or "object" in kinds or "array" in kinds:
            return
        inside = self.inside(expr, rule["target"], kinds)
        if inside is not None:
            for path in inside:
                yield self.with_expr(rule, {"op": "field", "path": path}, f"Take {path} of it")
            return
        for kind, fn, title in _CONVERSIONS:
            if kind in kinds:
                yield self.with_expr(rule, call(fn, expr), title)

    def inside(self, expr: RawExpr, target: str, kinds: frozenset[str]) -> list[str] | None:
        """The likeliest fields in an object that is copied whole; None if it is no object."""
        if expr.get("op") != "field":
            return None
        try:
            path = parse_source(expr["path"])
        except MappingInvalid:
            return None
        if "object" not in schemas.types(self.source_at.find(path).schema or {}):
            return None
        suiting = [
            leaf.path
            for leaf in self.leaves()
            if leaf.path.startswith(f"{expr['path']}.")
            and "[]" not in leaf.path[len(expr["path"]) :]
            and (schemas.types(leaf.schema) & kinds or numeric(kinds, schemas.types(leaf.schema)))
        ]
        return sorted(suiting, key=lambda path: -alike(path, readable(target)))[:3]

    def into_rows(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        """A rule for a field in a list, put into rows of that list."""
        path = parse_target(rule["target"])
        found = self.target_at(path)
        if found is None or "expr" not in rule:
            return
        array = format_target(path[:found])
        rest = format_target(path[found:])
        blocks = [r["id"] for r in self.rules.values()
                  if r.get("rows") is not None and r.get("target") == array]  # fmt: skip
        for block in blocks[:2]:
            moved = {**rule, "target": f"{array}[{block}].{rest}"}
            yield Fix(f"Put it into the rows of {readable(array)}", put=(moved,))
        block = self.free_id("rows")
        moved = {**rule, "target": f"{array}[{block}].{rest}"}
        lists = [path[: path.rindex("[]") + 2] for path in paths_of(rule) if "[]" in path]
        for each in dict.fromkeys(
            [*lists, *self.fields.lists_like(array)][:2] if not blocks else []
        ):
            around = {"id": block, "target": array, "rows": {"each": each}}
            yield Fix(f"Make one row for each of {each}", put=(around, moved))
        if not blocks:
            yield Fix(
                "Make one row for it", put=({"id": block, "target": array, "rows": {}}, moved)
            )

    def target_at(self, path: Any) -> int | None:
        """How many steps of a target lead to the first list that it goes into without rows."""
        for count in range(1, len(path)):
            above = self.target_schema_at.find(schemas.as_source_path(path[:count])).schema or {}
            if "array" in schemas.types(above) and path[count - 1].block is None:
                return count
        return None

    def convert_date(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        if self.wanted(rule).get("format") == "date":
            yield self.with_expr(rule, call("date", rule["expr"]), "Keep the date only")
        else:
            yield self.with_expr(rule, call("datetime", rule["expr"]), "Add the time")

    def shorten(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        limit, expr = self.wanted(rule).get("maxLength"), rule.get("expr")
        if isinstance(limit, int) and expr is not None:
            if expr.get("op") == "const" and isinstance(expr.get("value"), str):
                cut = constant(expr["value"][:limit])
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
        found = self.source_at.find(path).schema
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
            found = self.source_at.find(segments)
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
        return self.fields.leaves

    def similar_source(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        for path in paths_of(rule):
            try:
                standing = self.source_at.find(parse_source(path)).standing
            except MappingInvalid:
                continue
            if standing in (Standing.KNOWN, Standing.SHAPELESS):
                continue
            for name in self.fields.near(path):
                yield Fix(f"Use {name}", put=(renamed(rule, {path: name}),))
        yield Fix("Remove the rule", remove=tuple(self.with_inner(rule["id"])))

    def similar_target(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        path = parse_target(rule["target"])
        around = schemas.as_source_path(path[:-1])
        siblings = self._siblings.get(around)
        if siblings is None:
            above = self.target_schema_at.find(around).schema or {}
            siblings = self._siblings[around] = Names(above.get("properties") or {})
        for name in siblings.close(path[-1].name, 2, 0.6):
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
            yield self.with_expr(rule, constant(option), f"Use {shown(option)}")

    # --- what is still to be filled ------------------------------------------------------------

    def fill(self, target: str) -> Iterator[Fix]:
        """Rules for a target that nothing fills yet."""
        try:
            path = parse_target(target)
        except MappingInvalid:
            return
        wanted = self.target_schema_at.find(schemas.as_source_path(path)).schema or {}
        new = self.free_id("r")
        if "array" in schemas.types(wanted):
            for each in self.fields.lists_like(target):
                rule = {"id": new, "target": target, "rows": {"each": each}}
                yield Fix(f"Make one row for each of {each}", put=(rule,))
            return
        for source in self.fields.like(target, wanted, self.each_around(target)):
            rule = {"id": new, "target": target, "expr": {"op": "field", "path": source}}
            yield Fix(f"Take it from {source}", put=(rule,))
        given = [wanted[key] for key in ("const", "default") if key in wanted]
        if not given:
            given = list(wanted.get("enum") or ())[:_MOST]
        if not given and schemas.types(wanted) - {"null"} == {"boolean"}:
            given = [True, False]
        for value in given:
            yield Fix(f"Set it to {shown(value)}", put=(
                {"id": new, "target": target, "expr": constant(value)},))  # fmt: skip

    def place_of(self, leaf: str, source: str) -> str | None:
        """The target of a leaf such as Line[].Sku in the rows that read the list of a source."""
        if "[]" not in leaf:
            return leaf if "[]" not in source else None
        array, _, rest = leaf.partition("[].")
        for rule in self.rules.values():
            each = (rule.get("rows") or {}).get("each")
            if rule.get("target") != array or not rest or "[]" in rest or not each:
                continue
            if source.startswith(f"{each}.") and "[]" not in source[len(each) :]:
                return f"{array}[{rule['id']}].{rest}"
        return None

    def free_id(self, start: str) -> str:
        number = 1
        while f"{start}{number}" in self.rules:
            number += 1
        return f"{start}{number}"


_REMOVES: Final = frozenset(
    {"mapping.unfinished", "mapping.duplicate_target", "mapping.read_only", "mapping.unreachable",
     "mapping.rows_into_single", "mapping.target"}
)  # fmt: skip
