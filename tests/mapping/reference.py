"""A mapping worked out the slow and plain way, straight from its JSON, as a second opinion.

It shares with the product the functions themselves and how one argument is converted, and nothing
else: no compiling, no frames, no scopes. Only sound mappings are for it.
"""

from __future__ import annotations

import copy
import re
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from ipaas.mapping.convert import CONVERTERS, Moment, to_list, to_number, to_text, to_truth
from ipaas.mapping.errors import ExpressionFailed
from ipaas.mapping.functions import FUNCTIONS
from ipaas.mapping.functions.lists import identity
from ipaas.mapping.functions.logic import same
from ipaas.mapping.functions.sequences import compare
from ipaas.mapping.resources import NO_RESOURCES

NOTHING = object()
_PART = re.compile(r"`([^`]*)`|([^.\[`]+)|\[(-?\d*)\]|\.")
_BLOCK = re.compile(r"(`[^`]*`|[^.\[`]+)(?:\[([^\]]+)\])?\.?")


class Failed(Exception):
    """An expression has no answer."""


def split(path: str) -> list[Any]:
    """Names, positions, and ... for []."""
    parts: list[Any] = []
    for match in _PART.finditer(path):
        quoted, plain, index = match.groups()
        if quoted is not None or plain is not None:
            parts.append(quoted if quoted is not None else plain)
        elif index is not None:
            parts.append(... if index == "" else int(index))
    return parts


def target(path: str) -> list[tuple[str, str | None]]:
    """Names of a target, each with the block it stands in."""
    found = _BLOCK.findall(path)
    return [(name.strip("`"), block or None) for name, block in found]


def plain(value: Any) -> Any:
    """The value with exact numbers."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return Decimal(repr(value)) if type(value) is float else value


class Reference:
    """One mapping over one document; ``failed`` are ids of rules with an error."""

    def __init__(self, document: dict[str, Any], context: Any) -> None:
        self.rules = [rule for rule in document["rules"] if not rule.get("disabled")]
        self.branches = {branch["id"]: branch for branch in document.get("branches", ())}
        self.own = {fn["name"]: fn for fn in document.get("functions", ())}
        self.context = plain(context)
        self.failed: set[str] = set()

    def output(self) -> Any:
        """What the mapping makes."""
        return self.build((), [], {})

    # --- rules ---------------------------------------------------------------------------------

    def build(self, inside: tuple[str, ...], rows: list[Any], names: dict[str, Any]) -> Any:
        """The document, or the row of the innermost of the blocks ``inside``."""
        mine = []
        for rule in self.rules:
            path = target(rule["target"])
            around = tuple(block for _, block in path if block)
            if around == inside:
                last = max((n for n, (_, block) in enumerate(path) if block), default=-1)
                mine.append((rule, [name for name, _ in path[last + 1 :]]))
        whole = [rule for rule, path in mine if not path]
        others = [(rule, path) for rule, path in mine if path]
        built: Any = {}
        if whole:
            value = self.value(whole[-1], rows, names)
            if not others:
                return None if value is NOTHING else value
            if isinstance(value, dict):
                built = value
            elif value is not NOTHING and value is not None:
                self.failed.add(whole[-1]["id"])
        done: set[tuple[str, ...]] = set()
        for rule, path in others:
            if "rows" not in rule:
                value = self.value(rule, rows, names)
                if value is not NOTHING:
                    put(built, path, value)
            elif tuple(path) not in done:
                done.add(tuple(path))
                made = [row for other, there in others if there == path and "rows" in other
                        for row in self.rows(other, inside, rows, names)]  # fmt: skip
                if made:
                    put(built, path, made)
        return built

    def value(self, rule: dict[str, Any], rows: list[Any], names: dict[str, Any]) -> Any:
        """What a value rule gives; NOTHING if its target is left out."""
        try:
            if not self.runs(rule, rows, names):
                return NOTHING
            value = self.work(rule["expr"], rows, names)
            policy, expr = rule.get("on_null", "missing"), rule["expr"]
            copied = value is None and policy != "missing" and expr["op"] == "field"
            if copied and self.is_null(expr["path"], rows, names):
                if policy == "fail":
                    raise Failed
                return None if policy == "null" else NOTHING
            if value is None and rule.get("default") is not None:
                value = self.work(rule["default"], rows, names)
            if value is not None:
                return copy.deepcopy(value)
            if rule.get("on_missing") == "fail":
                raise Failed
        except (Failed, ExpressionFailed):
            self.failed.add(rule["id"])
            return NOTHING
        return None if rule.get("on_missing") == "null" else NOTHING

    def runs(self, rule: dict[str, Any], rows: list[Any], names: dict[str, Any]) -> bool:
        branch = self.branches.get(rule.get("branch") or "")
        chain = []
        while branch is not None:
            chain.append(branch)
            branch = self.branches.get(branch.get("after") or "")
        for earlier in reversed(chain[1:]):
            if earlier.get("when") is None or self.holds(earlier["when"], rows, names):
                return False
        last = [chain[0].get("when")] if chain else []
        return all(
            self.holds(when, rows, names) for when in (*last, rule.get("when")) if when is not None
        )

    def rows(
        self, rule: dict[str, Any], inside: tuple[str, ...], rows: list[Any], names: dict[str, Any]
    ) -> list[Any]:
        """Rows that one rows rule makes."""
        how, made = rule["rows"], []
        try:
            if not self.runs(rule, rows, names):
                return []
            if how.get("when") is not None and not self.holds(how["when"], rows, names):
                return []
            places = self.shaped(how, self.elements(how, rows, names), rows, names)
        except (Failed, ExpressionFailed):
            self.failed.add(rule["id"])
            return []
        totals: dict[str, Any] = {}
        for number, (element, known) in enumerate(places, start=1):
            below, seen = self.entered(how, element, rows, {**names, **known})
            if how.get("number_as"):
                seen[how["number_as"]] = number
            try:
                wanted = None if self.is_shaped(how) else how.get("where")
                if wanted is not None and not self.holds(wanted, below, seen):
                    continue
                for total in how.get("running", ()):
                    value = self.work(total["add"], below, seen)
                    before = totals.get(total["as"], 0)
                    totals[total["as"]] = before if value is None else before + to_number(value)
                    seen[total["as"]] = totals[total["as"]]
            except (Failed, ExpressionFailed):
                self.failed.add(rule["id"])
                continue
            row = self.build((*inside, rule["id"]), below, seen)
            if row is not None:
                made.append(row)
        return made

    def elements(
        self, how: dict[str, Any], rows: list[Any], names: dict[str, Any]
    ) -> list[tuple[Any, dict[str, Any]]]:
        """Elements, each with the entries of the lists around it under the name ""."""
        found = self.single_elements(how, rows, names)
        return found if how.get("each") else [(element, {}) for element in found]

    def single_elements(
        self, how: dict[str, Any], rows: list[Any], names: dict[str, Any]
    ) -> list[Any]:
        if how.get("each"):
            path = split(how["each"])
            value, rest = self.start(path, rows, names, whole=True)
            found: list[tuple[Any, dict[str, Any]]] = [(value, {"": []})]
            done = len(path) - len(rest)
            while rest:
                size, deeper = rest.index(...), []
                for item, known in found:
                    inner = walked(item, rest[:size])
                    around = known[""]
                    if done < len(path) - len(rest):
                        around = [*around, (path[: len(path) - len(rest)], item)]
                    for entry in inner if isinstance(inner, list) else [inner]:
                        if entry is not None:
                            deeper.append((entry, {"": around}))
                found, rest = deeper, rest[size + 1 :]
            return found
        if how.get("items") is not None:
            found = self.work(how["items"], rows, names)
            return [] if found is None else [item for item in to_list(found) if item is not None]
        return [True] if self.is_shaped(how) else [None]

    @staticmethod
    def is_shaped(how: dict[str, Any]) -> bool:
        return any(
            how.get(name) not in (None, [], ())
            for name in (
                "join",
                "group",
                "sort",
                "distinct",
                "first",
                "last",
                "running",
                "number_as",
            )
        )

    def entered(
        self, how: dict[str, Any], element: Any, rows: list[Any], names: dict[str, Any],
        group: bool = True,
    ) -> tuple[list[Any], dict[str, Any]]:  # fmt: skip
        """Rows and names as they are seen with an element of a rows rule."""
        grouped = group and how.get("group") is not None
        below, seen = rows, dict(names)
        around = seen.pop("", [])
        if how.get("each") and not grouped:
            below = [*rows, *around, (split(how["each"]), element)]
        name = how.get("as") or ("group" if grouped else "item" if how.get("items") else None)
        if name and (how.get("each") or how.get("items")):
            seen[name] = element
        return below, seen

    def shaped(
        self, how: dict[str, Any], places: list[tuple[Any, dict[str, Any]]], rows: list[Any],
        names: dict[str, Any],
    ) -> list[tuple[Any, dict[str, Any]]]:  # fmt: skip
        """Elements joined, filtered, grouped, sorted and cut, each with the names it brings."""
        if not self.is_shaped(how):
            return places

        def early(expr: Any, element: Any, known: dict[str, Any]) -> Any:
            return self.work(expr, *self.entered(how, element, rows, {**names, **known}, False))

        def late(expr: Any, element: Any, known: dict[str, Any]) -> Any:
            return self.work(expr, *self.entered(how, element, rows, {**names, **known}))

        blank = {join["as"]: None for join in how.get("join", ())}
        places = [(element, {**blank, **known}) for element, known in places]
        for join in how.get("join", ()):
            found = self.work(join["with"], rows, names)
            entries = [] if found is None else to_list(found)
            joined = []
            for element, known in places:
                left = early(join["left"], element, known)
                matches = []
                for entry in entries:
                    right = self.work(join["right"], rows, {**names, join["as"]: entry})
                    if left is not None and right is not None and same(left, right):
                        matches.append(entry)
                for match in matches if join.get("many") else matches[:1]:
                    joined.append((element, {**known, join["as"]: match}))
                if not matches and not join.get("inner"):
                    joined.append((element, known))
            places = joined
        if how.get("where") is not None:
            places = [place for place in places if to_truth(early(how["where"], *place))]
        if how.get("group") is not None:
            groups: dict[Any, dict[str, Any]] = {}
            for element, known in places:
                key = early(how["group"], element, known)
                name = None if key is None else identity(key)
                fresh = {"items": []} if key is None else {"key": key, "items": []}
                groups.setdefault(name, fresh)["items"].append(element)
            places = [(group, dict(blank)) for group in groups.values()]
        if how.get("sort"):
            keyed = [([late(key["by"], *place) for key in how["sort"]], place) for place in places]

            def before(one: Any, two: Any) -> int:
                for key, a, b in zip(how["sort"], one[0], two[0], strict=True):
                    if a is None or b is None:
                        order = (a is None) - (b is None)
                    else:
                        order = compare(a, b) * (-1 if key.get("down") else 1)
                    if order:
                        return order
                return 0

            places = [place for _, place in sorted(keyed, key=cmp_to_key(before))]
        if how.get("distinct") is not None:
            seen: list[Any] = []
            kept = []
            for place in places:
                key = late(how["distinct"], *place)
                name = None if key is None else identity(key)
                if name not in seen:
                    seen.append(name)
                    kept.append(place)
            places = kept
        if how.get("first") is not None:
            places = places[: how["first"]]
        if how.get("last") is not None:
            places = places[max(len(places) - how["last"], 0) :]
        return places

    # --- expressions ---------------------------------------------------------------------------

    def holds(self, expr: Any, rows: list[Any], names: dict[str, Any]) -> bool:
        return to_truth(self.work(expr, rows, names))

    def work(self, expr: Any, rows: list[Any], names: dict[str, Any]) -> Any:
        """The value of an expression."""
        match expr["op"]:
            case "const":
                return plain(expr["value"])
            case "field":
                return self.at(split(expr["path"]), rows, names)
            case "concat":
                values = [self.work(part, rows, names) for part in expr["args"]]
                texts = [to_text(value) for value in values if value is not None]
                return expr.get("separator", "").join(texts) if texts else None
            case "if":
                if self.holds(expr["cond"], rows, names):
                    return self.work(expr["then"], rows, names)
                return self.work(expr["else"], rows, names) if expr.get("else") else None
            case "call":
                return self.call(expr["fn"], expr["args"], rows, names)
        raise AssertionError(expr)

    def call(self, name: str, args: list[Any], rows: list[Any], names: dict[str, Any]) -> Any:
        if name in self.own:
            return self.call_own(self.own[name], args, rows, names)
        if name in ("and", "or"):
            return next(
                (name == "or" for arg in args if self.holds(arg, rows, names) is (name == "or")),
                name != "or",
            )
        if name == "default":
            values = (self.work(arg, rows, names) for arg in args)
            return next((value for value in values if value is not None), None)
        if name == "is_null" and args[0]["op"] == "field":
            return self.is_null(args[0]["path"], rows, names)
        fn, given = FUNCTIONS[name], []
        least = len(args) if fn.takes_missing else fn.min_args
        for index, arg in enumerate(args):
            spec = fn.arg_at(index)
            value = self.work(arg, rows, names)
            if value is None:
                if spec.required and not fn.takes_missing:
                    return None
                if index >= least:
                    break
            elif spec.type in CONVERTERS:
                value = CONVERTERS[spec.type](value)
            given.append(value)
        return plain(fn.apply(NO_RESOURCES, *given) if fn.asks else fn.apply(*given))

    def call_own(
        self, fn: dict[str, Any], args: list[Any], rows: list[Any], names: dict[str, Any]
    ) -> Any:
        inner: dict[str, Any] = {p["name"]: p.get("default") for p in fn.get("params", ())}
        for param, arg in zip(fn.get("params", ()), args, strict=False):
            value = self.work(arg, rows, names)
            if value is None and param.get("required", "default" not in param):
                return None
            value = param.get("default") if value is None else value
            if value is not None and param.get("type", "any") in CONVERTERS:
                converted = CONVERTERS[param["type"]](value)
                value = value if isinstance(converted, Moment) else converted
            inner[param["name"]] = value
        return self.work(fn["body"], [], inner)

    # --- paths ---------------------------------------------------------------------------------

    def start(
        self, path: list[Any], rows: list[Any], names: dict[str, Any], *, whole: bool = False
    ) -> tuple[Any, list[Any]]:
        """Where a path begins, and what is left of it."""
        best: tuple[list[Any], Any] | None = None
        for each, element in rows:
            begins = path[: len(each)] == each and not (whole and len(each) == len(path))
            if begins and (best is None or len(each) >= len(best[0])):
                best = (each, element)
        if best is not None:
            return best[1], path[len(best[0]) :]
        if path[0].startswith("$"):
            return names[path[0][1:]], path[1:]
        return self.context, path

    def at(
        self, path: list[Any], rows: list[Any], names: dict[str, Any], *, whole: bool = False
    ) -> Any:
        value, rest = self.start(path, rows, names, whole=whole)
        if ... not in rest:
            return walked(value, rest)
        values = [value]
        while rest:
            size = rest.index(...) if ... in rest else len(rest)
            found: list[Any] = []
            for item in values:
                inner = walked(item, rest[:size])
                found += inner if isinstance(inner, list) else [inner]
            values, rest = [item for item in found if item is not None], rest[size + 1 :]
        return values or None

    def is_null(self, path: str, rows: list[Any], names: dict[str, Any]) -> bool:
        parts = split(path)
        value, rest = self.start(parts, rows, names)
        if len(parts) == 1 or not rest or not isinstance(rest[-1], str) or ... in rest[:-1]:
            return False
        holder = walked(value, rest[:-1])
        return isinstance(holder, dict) and rest[-1] in holder and holder[rest[-1]] is None


def walked(value: Any, path: list[Any]) -> Any:
    for part in path:
        if value is None:
            return None
        if isinstance(part, int):
            if isinstance(value, list):
                value = value[part] if -len(value) <= part < len(value) else None
            elif part not in (0, -1):
                value = None
        elif isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and value:
            raise Failed
        else:
            value = None
    return value


def put(built: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        if not isinstance(built.get(name), dict):
            built[name] = {}
        built = built[name]
    built[path[-1]] = value
