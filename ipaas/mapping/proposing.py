"""One-click fixes for problems of a mapping: what a person would most likely do next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

from ipaas.mapping import correcting, filling, fitting, mending, schemas
from ipaas.mapping.candidates import SourceFields
from ipaas.mapping.errors import Fix, MappingInvalid, Problem, Severity
from ipaas.mapping.functions import FUNCTIONS
from ipaas.mapping.likeness import readable
from ipaas.mapping.mending import HOLE, changed
from ipaas.mapping.nearest import Names
from ipaas.mapping.paths import (
    EACH,
    SourcePath,
    TargetPath,
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

_MOST: Final = 4
_MOST_FIXES: Final = 8


def with_fixes(
    problems: list[Problem], document: Any, source: Schema, target: Schema
) -> list[Problem]:
    """The problems, each with the fixes that can be proposed for it."""
    proposer = Proposer(document, source, target)
    return [
        problem if problem.fixes else replace(problem, fixes=tuple(proposer.fixes(problem))[:6])
        for problem in problems
    ]


def unreadable(document: Any, error: MappingInvalid) -> Problem:
    """The problem of a document that is no mapping; one rule that is to blame can be begun anew."""
    found = re.match(r"rules\[(\d+)\]", error.where)
    try:
        rule = document["rules"][int(found.group(1))] if found else {}
        rule_id = str(rule["id"])
        alone = [each.get("id") for each in document["rules"]].count(rule_id) == 1
    except (LookupError, TypeError, AttributeError):
        return Problem(Severity.ERROR, error.code, error.message, error.hint)
    fixes: list[Fix] = []
    if alone and error.where != f"{found.group(0) if found else ''}.id":
        target = rule["target"] if isinstance(rule.get("target"), str) else ""
        begun: RawRule = {"id": rule_id, "target": target, "expr": HOLE}
        fixes = [Fix("Begin the rule anew", put=(begun,), open=rule_id),
                 Fix("Remove the rule", remove=(rule_id,))]  # fmt: skip
    return Problem(
        Severity.ERROR, error.code, error.message, error.hint, rule_id, None, tuple(fixes)
    )


class Proposer:
    """Proposes fixes for the problems of one mapping."""

    def __init__(self, document: Any, source: Schema, target: Schema) -> None:
        self.rules: dict[str, RawRule] = {rule["id"]: rule for rule in document["rules"]}
        self.branches: list[dict[str, Any]] = document.get("branches") or []
        self.own_functions = _own_functions(document)
        self.source = source
        self.target = target
        self.source_at, self.target_schema_at = schemas.Finder(source), schemas.Finder(target)
        self._siblings: dict[SourcePath, Names] = {}
        self.fields = SourceFields(source)
        self.by_code: dict[str, Callable[[Problem, RawRule], Iterator[Fix]]] = {
            "mapping.unfinished": self.finish,
            "mapping.no_value": self.finish,
            "mapping.type_mismatch": partial(fitting.convert, self),
            "mapping.date_form": partial(fitting.convert_date, self),
            "mapping.target_in_list": self.into_rows,
            "mapping.list_into_single": self.take_one,
            "mapping.list_in_path": self.enter_list,
            "mapping.single_into_list": self.make_list,
            "mapping.each_not_a_list": self.close_each,
            "mapping.unknown_source": self.similar_source,
            "mapping.unknown_target": self.similar_target,
            "mapping.not_an_option": partial(fitting.options, self),
            "mapping.not_in_list": partial(fitting.options, self),
            "mapping.too_long": partial(fitting.shorten, self),
            "mapping.lossy_text": partial(fitting.shorten, self),
            "mapping.lossy_number": partial(fitting.round_off, self),
            "mapping.pattern": partial(fitting.fit_pattern, self),
            "mapping.duplicate_target": partial(fitting.join_both, self),
            "mapping.unreachable": fitting.reach,
        }

    def fixes(self, problem: Problem) -> Iterator[Fix]:
        """What may be proposed, the likeliest first; at last what is always possible."""
        if problem.code == "mapping.required":
            yield from filling.fill(self, problem.target or "")
            return
        rule = self.rules.get(problem.rule_id or "")
        if rule is None:
            return
        found = list(self.proposed(problem, rule))
        yield from found[: _MOST_FIXES - 2]
        if problem.code in _REMOVES:
            yield Fix("Remove the rule", remove=tuple(self.with_inner(rule["id"])))
        elif problem.code in _CANNOT_RUN or all(fix.open for fix in found):
            if not any(fix.open for fix in found):
                yield Fix("Open the rule", open=rule["id"])
            yield Fix("Switch the rule off", put=({**rule, "disabled": True},))

    def proposed(self, problem: Problem, rule: RawRule) -> Iterator[Fix]:
        """What this problem of a rule in particular suggests."""
        propose, mend = self.by_code.get(problem.code), _MENDS.get(problem.code)
        if propose is not None:
            yield from propose(problem, rule)
        elif mend is not None:
            yield from mend(self, problem, rule)
        else:
            yield from correcting.bad_constant(self, problem, rule)

    def with_inner(self, rule_id: str) -> Iterator[str]:
        """A rule and, if it makes rows, the rules in them."""
        yield rule_id
        for other, rule in self.rules.items():
            if other != rule_id and f"[{rule_id}]" in rule.get("target", ""):
                yield other

    def blocks_on(self, array: str) -> list[str]:
        """Ids of the rows rules that fill a list."""
        return [each for each, rule in self.rules.items()
                if rule.get("rows") is not None and rule.get("target") == array]  # fmt: skip

    def variables_around(self, rule: RawRule) -> list[str]:
        """Names of the loop variables that a rule can read, the nearest first."""
        try:
            blocks = [step.block for step in parse_target(rule.get("target", "")) if step.block]
        except MappingInvalid:
            return []
        found: list[str] = []
        for around in [rule, *(self.rules.get(block) or {} for block in reversed(blocks))]:
            rows = around.get("rows") or {}
            usual = "group" if rows.get("group") else "item" if rows.get("items") else None
            found += [name for name in (rows.get("as") or usual, rows.get("number_as")) if name]
            found += [part["as"] for key in ("running", "join") for part in rows.get(key) or ()]
        return list(dict.fromkeys(found))

    def arity(self, name: str) -> tuple[int, int | None] | None:
        """The fewest and the most values that a function takes; None if there is no such one."""
        own = self.own_functions.get(name)
        if own is not None:
            params = own.get("params") or []
            needed = [at for at, each in enumerate(params, 1) if _is_required(each)]
            return max(needed, default=0), len(params)
        fn = FUNCTIONS.get(name)
        return None if fn is None else (fn.min_args, fn.max_args)

    def argument_names(self, name: str) -> list[str]:
        """Names of the arguments that a function always takes, in their order."""
        own = self.own_functions.get(name)
        if own is not None:
            return [str(param.get("name")) for param in own.get("params") or []]
        fn = FUNCTIONS.get(name)
        return [] if fn is None else [fn.arg_at(at).name for at in range(fn.min_args)]

    def accepts(self, expr: RawExpr) -> bool:
        """Whether a call has as many values as its function takes."""
        bounds = self.arity(str(expr.get("fn")))
        count = len(expr.get("args") or ())
        return bounds is None or (bounds[0] <= count and (bounds[1] is None or count <= bounds[1]))

    def schema_at(self, path: TargetPath) -> Schema:
        """What the target's schema says about a path; empty if nothing."""
        return self.target_schema_at.find(schemas.as_source_path(path)).schema or {}

    def record_at(self, path: TargetPath) -> str:
        """The kind of record that a target refers to; empty for none."""
        above = self.schema_at(path[:-1]) if path else {}
        record = above.get("x-ref") if path and path[-1].name == "value" else None
        return str(self.schema_at(path).get("x-ref") or record or "")

    def types_at(self, source: str) -> frozenset[str]:
        """Types of a source field."""
        return schemas.types(self.source_at.find(parse_source(source)).schema or {})

    def wanted(self, rule: RawRule) -> Schema:
        """The schema of a rule's target; empty if it is unknown."""
        try:
            return self.schema_at(parse_target(rule["target"]))
        except MappingInvalid:
            return {}

    @staticmethod
    def with_expr(rule: RawRule, expr: RawExpr, title: str, part: str = "expr") -> Fix:
        return Fix(title, put=({**rule, part: expr},))

    def finish(self, problem: Problem, rule: RawRule) -> Iterator[Fix]:
        """What a rule without a value may be filled with."""
        rows, expr = rule.get("rows"), rule.get("expr") or HOLE
        if rows is not None:
            for each in self.fields.lists_like(rule["target"]) if not rows.get("each") else ():
                put = {**rule, "rows": {**rows, "each": each}}
                if not mending.unfinished(put):
                    yield Fix(f"Make one row for each of {each}", put=(put,))
        elif expr in (HOLE, {}, constant(None)) and not rule.get("default"):
            for fix in filling.fill(self, rule["target"], rule):
                if fix.open is None:
                    yield fix
        yield Fix("Fill it in", open=rule["id"])
        if problem.code == "mapping.no_value":
            yield Fix("Remove the rule", remove=(rule["id"],))

    def into_rows(self, problem: Problem, rule: RawRule) -> Iterator[Fix]:
        """A rule for a field in a list, put into rows of that list, with the rows it stands in."""
        path = parse_target(rule["target"])
        found = self.target_at(path)
        if found is None:
            return
        around = next((step.block for step in path[found:] if step.block in self.rules), None)
        if around is not None:
            yield from self.into_rows(problem, self.rules[around])
            return
        array, old = format_target(path[:found]), format_target(path[:found])
        for block in self.blocks_on(array)[:2]:
            put = mending.moved(self, rule, old, f"{array}[{block}]")
            yield Fix(f"Put it into the rows of {readable(array)}", put=put)
        if not self.blocks_on(array):
            yield from mending.with_rows(self, rule, array, old)

    def target_at(self, path: Any) -> int | None:
        """How many steps of a target lead to the first list that it goes into without rows."""
        for count in range(1, len(path)):
            above = self.target_schema_at.find(schemas.as_source_path(path[:count])).schema or {}
            if "array" in schemas.types(above) and path[count - 1].block is None:
                return count
        return None

    # --- lists ---------------------------------------------------------------------------------

    def take_one(self, problem: Problem, rule: RawRule) -> Iterator[Fix]:
        expr = rule.get(problem.part)
        if problem.misused or expr is None or not self.is_list(expr):
            mended = self.firsts(rule)
            if mended != rule:
                yield Fix("Take the first entry", put=(mended,))
            return
        kinds = schemas.types(self.wanted(rule))
        if kinds & {"number", "integer"}:
            yield self.with_expr(rule, call("sum", expr), "Add up the entries", problem.part)
        if "string" in kinds:
            joined = call("join", expr, ", ")
            yield self.with_expr(rule, joined, "Join the entries with commas", problem.part)
        for fn in ("first", "last"):
            yield self.with_expr(rule, call(fn, expr), f"Take the {fn} entry", problem.part)

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

    def firsts(self, rule: RawRule) -> RawRule:
        """The rule with the first entry in place of each list that is used as a single value."""

        def change(expr: RawExpr) -> RawExpr | None:
            if expr["op"] not in ("call", "concat"):
                return None
            fn, args = FUNCTIONS.get(str(expr.get("fn"))), []
            for index, arg in enumerate(expr.get("args") or ()):
                takes_list = fn is not None and fn.arg_at(index).type in ("list", "any")
                listed = not takes_list and arg.get("op") == "field" and self.is_list(arg)
                args.append(call("first", arg) if listed else changed(arg, change))
            return {**expr, "args": args}

        made: RawRule = changed(rule, change)
        return made

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
        kinds = schemas.types(self.wanted(rule))
        if kinds & {"number", "integer"}:
            sums = {old: call("sum", {"op": "field", "path": new}) for old, new in changed.items()}
            yield Fix("Add up all entries", put=(rewritten(rule, sums),))
        elif "string" in kinds:
            texts = {old: call("join", {"op": "field", "path": new}, ", ")
                     for old, new in changed.items()}  # fmt: skip
            yield Fix("Join all entries with commas", put=(rewritten(rule, texts),))
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
            near = self.fields.near(path)
            for name in near:
                yield Fix(f"Use {name}", put=(renamed(rule, {path: name}),))
            if not near and rule.get("expr") == {"op": "field", "path": path}:
                yield from correcting.likely(self, rule)

    def similar_target(self, _: Problem, rule: RawRule) -> Iterator[Fix]:
        path = parse_target(rule["target"])
        around = schemas.as_source_path(path[:-1])
        siblings = self._siblings.get(around)
        if siblings is None:
            above = self.target_schema_at.find(around).schema or {}
            siblings = self._siblings[around] = Names(above.get("properties") or {})
        for name in siblings.close(path[-1].name, 2, 0.6):
            target = format_target((*path[:-1], replace(path[-1], name=name)))
            if all(other.get("target") != target for other in self.rules.values()):
                yield Fix(f"Fill {name} instead", put=({**rule, "target": target},))

    # --- what is still to be filled ------------------------------------------------------------

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


def _is_required(param: dict[str, Any]) -> bool:
    return param.get("default") is None and bool(param.get("required", True))


def _own_functions(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {each["name"]: each for each in document.get("functions") or ()}

    def note(expr: RawExpr) -> None:
        found.update({each["name"]: each for each in expr.get("functions") or ()})

    changed(document["rules"], note)  # type: ignore[arg-type]
    return found


_REMOVES: Final = frozenset(
    {"mapping.unfinished", "mapping.duplicate_target", "mapping.read_only", "mapping.unreachable",
     "mapping.rows_into_single", "mapping.target", "mapping.unknown_source",
     "mapping.unknown_target"}
)  # fmt: skip
_MENDS: Final[dict[str, Callable[[Proposer, Problem, RawRule], Iterator[Fix]]]] = {
    "mapping.unknown_function": correcting.unknown_function,
    "mapping.argument_count": mending.argument_count,
    "mapping.recursion": mending.own_function,
    "mapping.closed": mending.own_function,
    "mapping.path": correcting.path,
    "mapping.branch": mending.branch,
    "mapping.jsonata_syntax": correcting.code,
    "mapping.target": mending.misplaced,
    "mapping.rows_into_single": mending.into_single,
}
_CANNOT_RUN: Final = frozenset({"mapping.recursion", "mapping.closed", "mapping.argument_count",
                                "mapping.unknown_function", "mapping.path"})  # fmt: skip
