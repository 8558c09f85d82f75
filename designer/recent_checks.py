"""A mapping tried on what came in lately: codes without an entry, values that do not fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from connectors import facade as connectors
from designer import own_functions
from designer.preview import MAX_SAMPLES, context_of, find_step, first_mapping
from designer.sources import Connections, context_schema, input_schema, sources
from designer.vendor_lists import Reader, known_lists
from ipaas.core.errors import IpaasError
from ipaas.mapping import MISSING, Resources, check, compile_mapping, unused_sources
from ipaas.mapping.correcting import after_failure
from ipaas.mapping.errors import Fix, MappingInvalid
from ipaas.mapping.likeness import alike, decimals, readable
from ipaas.mapping.paths import parse_target
from ipaas.mapping.renaming import call, paths_of
from ipaas.mapping.resources import KeyHeld
from ipaas.mapping.schemas import as_source_path, find
from ipaas.mapping.unread import places_for
from ipaas.mapping.values import shown
from ipaas.mapping.vendor_lists import VendorEntries, VendorLists, also, list_name
from runtime import facade as runtime
from runtime.graph import way_of_writing

_MOST_VALUES = 10


@dataclass
class Finding:
    """Something that recent documents show about a rule; ``values`` are the offending ones."""

    code: str
    message: str
    hint: str
    rule_ids: tuple[str, ...]
    fixes: tuple[Fix, ...] = ()
    table: str | None = None
    values: list[Any] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    count: int = 0

    def seen(self, run_id: str, value: Any = None) -> None:
        """Count one more time, and remember where and what."""
        self.count += 1
        if run_id not in self.runs:
            self.runs.append(run_id)
        if value is not None and value not in self.values and len(self.values) < _MOST_VALUES:
            self.values.append(value)

    def as_json(self) -> dict[str, Any]:
        """Shape shown by the API."""
        return {
            "severity": "warning",
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "rule_ids": list(self.rule_ids),
            "table": self.table,
            "values": self.values,
            "runs": self.runs,
            "count": self.count,
            "fixes": [fix.as_json() for fix in self.fixes],
        }


class _Listening:
    """Resources that note which codes have no entry."""

    def __init__(self, inner: Resources) -> None:
        self.inner = inner
        self.misses: list[tuple[str, str]] = []

    def lookup(self, table: str, key: str, column: str | None) -> Any:
        try:
            found = self.inner.lookup(table, key, column)
        except KeyHeld:
            self.misses.append((table, key))
            raise
        if found is MISSING:
            self.misses.append((table, key))
        return found

    def xref(self, entity: str, from_connection: str, id: str, to_connection: str) -> str | None:
        return self.inner.xref(entity, from_connection, id, to_connection)

    def rate(self, base: str, quote: str, on: date) -> Decimal | None:
        return self.inner.rate(base, quote, on)


def checked(
    workspace_id: str, environment: str, flow_id: str, *, document: Any, node_id: str,
    mapping_name: str, mapping: Any, reader: Reader | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Problems of a mapping of a drawn flow, unread fields, and what recent runs show."""
    document = own_functions.embedded(workspace_id, document)
    mapping = own_functions.embedded(workspace_id, mapping)
    graph, node = find_step(document, node_id)
    mapping_name = mapping_name or first_mapping(node)
    connections = Connections(workspace_id, environment)
    source = context_schema(sources(graph, node_id, connections))
    target = input_schema(node, mapping_name, connections) or {}
    lists = known_lists(node, target, connections, reader)
    problems = check(mapping, source, target, lists=lists)
    answers = _Listening(connectors.resources(workspace_id, environment))
    compiled = compile_mapping(mapping)
    watch = _Watch(mapping, target, lists)
    tried = 0
    for record in runtime.recorded(workspace_id, environment, flow_id, MAX_SAMPLES):
        try:
            sample = {"run_id": record.run_id}
            seen = context_of(workspace_id, environment, document, node_id, sample)
        except IpaasError:
            continue  # the run left nothing to try this drawing on
        tried += 1
        answers.misses.clear()
        result = compiled.apply(
            seen.context, resources=answers, mode=way_of_writing(node, mapping_name)
        )
        watch.look(record.run_id, result, answers.misses)
    unread = unused_sources(mapping, source)
    places = places_for(unread, mapping, source, target)
    return {
        "problems": [problem.as_json() for problem in problems],
        "unused": unread,
        "unused_fixes": {path: [fix.as_json() for fix in fixes] for path, fixes in places.items()},
        "recent": {"tried": tried, "findings": [found.as_json() for found in watch.found()]},
    }


class _Watch:
    def __init__(self, mapping: dict[str, Any], target: dict[str, Any], lists: VendorLists) -> None:
        self.rules = {rule["id"]: rule for rule in mapping["rules"]}
        self.listed: dict[str, VendorEntries] = {}
        self.also: dict[str, frozenset[str]] = {}
        self.findings: dict[tuple[str, ...], Finding] = {}
        self.schemas: dict[str, dict[str, Any]] = {}
        self.pairs: dict[str, dict[Any, Any]] = {}
        for rule_id, rule in self.rules.items():
            try:
                path = as_source_path(parse_target(rule.get("target", "")))
            except MappingInvalid:
                continue
            schema = find(target, path).schema or {}
            self.schemas[rule_id] = dict(schema)
            above = find(target, path[:-1]).schema or {}
            listed = list_name(schema, above, str(path[-1]) if path else "")
            # What a step of this run answered is newer than a list that is kept.
            if (
                listed
                and listed in lists
                and not any(p.startswith("steps.") for p in paths_of(rule))
            ):
                self.listed[rule_id] = lists[listed]
                self.also[rule_id] = also(schema, above)

    def found(self) -> list[Finding]:
        """The findings, those that most documents show first."""
        return sorted(self.findings.values(), key=lambda finding: -finding.count)

    def look(self, run_id: str, result: Any, misses: list[tuple[str, str]]) -> None:
        """Take in what came of one document."""
        for table, key in misses:
            self.miss(run_id, table, key)
        for error in result.errors:
            if error.code in ("mapping.lookup_hold", "mapping.lookup_miss"):
                continue
            name = ("mapping.recent_failure", error.rule_id, error.code)
            if name not in self.findings:
                fixes = tuple(after_failure(self.rules[error.rule_id], error))
                self.findings[name] = Finding(
                    name[0], error.message, error.hint, (error.rule_id,), fixes
                )  # fmt: skip
            self.findings[name].seen(run_id, error.value)
        for rule_id, live in result.values.items():
            given = live.values if live.values else (live.value,)
            if rule_id in self.listed:  # one question for all values
                self.listed[rule_id].among([str(each) for each in given if _single(each)])
            for value in given:
                self.fits(run_id, rule_id, value)

    def miss(self, run_id: str, table: str, key: str) -> None:
        name = ("mapping.recent_lookup_miss", table)
        if name not in self.findings:
            asking = tuple(r for r, rule in self.rules.items() if _lookups(rule, table))
            fixes = []
            if asking:
                put = tuple(_lenient(self.rules[rule_id], table) for rule_id in asking)
                if put != tuple(self.rules[rule_id] for rule_id in asking):
                    fixes.append(Fix("Leave the field out where the table has no entry", put=put))
            self.findings[name] = Finding(
                name[0], f"Recent documents hold codes that the table “{table}” does not have.",
                "Add them to the table, or say what happens without an entry.", asking,
                tuple(fixes), table,
            )  # fmt: skip
        self.findings[name].seen(run_id, key)

    def fits(self, run_id: str, rule_id: str, value: Any) -> None:
        """Note a value that the target's schema does not take."""
        schema, rule = self.schemas.get(rule_id) or {}, self.rules[rule_id]
        limit, options, places = schema.get("maxLength"), schema.get("enum"), decimals(schema)
        target, expr = readable(rule.get("target", "")), rule.get("expr")
        code, message, hint, fix = "", "", "", None
        if isinstance(value, str) and isinstance(limit, int) and len(value) > limit:
            code = "mapping.recent_too_long"
            message = f"{target} takes at most {limit} characters; recent values are longer."
            hint = "Shorten it."
            put = ({**rule, "expr": call("truncate", expr, limit)},)
            fix = Fix(f"Keep the first {limit} characters", put=put)
        elif options and expr and isinstance(value, (str, int, Decimal)) and value not in options:
            code = "mapping.recent_not_an_option"
            message = f"{target} does not allow values that recent documents hold."
            hint = "Translate them with choose or a lookup table."
        elif self.unlisted(rule_id, value):
            code = "mapping.recent_not_in_list"
            message = f"{target}: recent documents give values that the connected system lacks."
            hint = "Translate them with a lookup table, or fetch the list anew under Result."
        elif places is not None and isinstance(value, Decimal) and value != round(value, places):
            code = "mapping.recent_too_fine"
            message = f"{target} takes {places} decimal places; recent values have more."
            hint = "Round it."
            put = ({**rule, "expr": call("round", expr, places)},)
            fix = Fix(f"Round to {places} decimal places", put=put)
        if not code:
            return
        name = (code, rule_id)
        if name not in self.findings:
            fixes = () if fix is None else (fix,)
            self.findings[name] = Finding(code, message, hint, (rule_id,), fixes)
        finding = self.findings[name]
        finding.seen(run_id, shown(value))
        if code == "mapping.recent_not_an_option" and options:
            self.translate(finding, rule, value, options)
        if code == "mapping.recent_not_in_list" and expr:
            likely = self.listed[rule_id].like(str(value))
            if likely:
                best = max(likely, key=lambda choice: alike(str(value), choice.label))
                self.translate(finding, rule, value, [best.value])

    def unlisted(self, rule_id: str, value: Any) -> bool:
        """Whether a list of the connected system that is known does not have a value."""
        entries = self.listed.get(rule_id)
        return (
            entries is not None
            and _single(value)
            and value != ""
            and str(value) not in self.also[rule_id]
            and not entries.among([str(value)])
        )

    def translate(
        self, finding: Finding, rule: dict[str, Any], value: Any, options: list[Any]
    ) -> None:
        """Let the fix give each value that is not allowed the option that is most like it."""
        pairs = self.pairs.setdefault(rule["id"], {})
        if value not in pairs and len(pairs) == _MOST_VALUES:
            return  # as many as are shown; the others are found once these are translated
        pairs[value] = max(options, key=lambda option: alike(str(value), str(option)))
        told = ", ".join(f"{shown(one)} → {shown(other)}" for one, other in pairs.items())
        given = [part for pair in pairs.items() for part in pair]
        # What is not among them stays as it is.
        put = {**rule, "expr": call("choose", rule["expr"], *given, rule["expr"])}
        finding.fixes = (Fix(f"Translate {told}"[:200], put=(put,)),)


def _single(value: Any) -> bool:
    return isinstance(value, (str, int, Decimal)) and not isinstance(value, bool)


def _asks(expr: Any, table: str) -> bool:
    args = expr.get("args") or []
    named = bool(args) and isinstance(args[0], dict) and args[0].get("value") == table
    return expr.get("op") == "call" and expr.get("fn") == "lookup_table" and named


def _lookups(value: Any, table: str) -> bool:
    if isinstance(value, dict):
        return _asks(value, table) or any(_lookups(inner, table) for inner in value.values())
    return isinstance(value, list) and any(_lookups(inner, table) for inner in value)


def _lenient(value: Any, table: str) -> Any:
    """The rule with lookups in the table that leave the field out where there is no entry."""
    if isinstance(value, list):
        return [_lenient(inner, table) for inner in value]
    if not isinstance(value, dict):
        return value
    made = {key: _lenient(inner, table) for key, inner in value.items()}
    if not _asks(value, table):
        return made
    args = [*made["args"][:3]]
    if len(args) < 3:
        args.append({"op": "const", "value": ""})
    policy = made["args"][3].get("value") if len(made["args"]) > 3 else "hold"
    if policy not in ("hold", "fail"):
        return made
    return {**made, "args": [*args, {"op": "const", "value": "missing"}]}
