"""What is wrong with a mapping, found before it runs, in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from ipaas.core.errors import IpaasError
from ipaas.mapping import schemas
from ipaas.mapping.compiler import compile_guard
from ipaas.mapping.constants import faults_of
from ipaas.mapping.coverage import duplicate_targets, unmapped_fields
from ipaas.mapping.errors import Fix, MappingInvalid, Problem, Severity
from ipaas.mapping.evaluate import readable_target
from ipaas.mapping.expressions import ExpressionInvalid, compile_expression, user_functions
from ipaas.mapping.losses import losses
from ipaas.mapping.model import (
    Const,
    Document,
    Expr,
    Field,
    Jsonata,
    Rule,
    expressions,
    outer_expressions,
    row_expressions,
    walk,
)
from ipaas.mapping.parsing import parse_mapping
from ipaas.mapping.paths import SourcePath, parse_source, parse_target
from ipaas.mapping.proposing import unreadable, with_fixes
from ipaas.mapping.reachability import unreachable
from ipaas.mapping.reading import Scope
from ipaas.mapping.schemas import Schema, Standing
from ipaas.mapping.schemas.added import with_own_fields
from ipaas.mapping.shaping import compile_shape, element_scope, row_scope
from ipaas.mapping.static import Static, StaticReader
from ipaas.mapping.structure import Node, Structure, arrange
from ipaas.mapping.vendor_lists import VendorLists, also, list_name, not_listed
from ipaas.mapping.writing import write_rule

SCALARS: Final = frozenset({"string", "number", "integer", "boolean"})
_NUMBERS: Final = frozenset({"number", "integer"})
_WORDS: Final = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "a yes/no value",
    "object": "an object",
    "array": "a list",
    "null": "nothing",
}


def check(
    document: object,
    source_schema: Schema | None,
    target_schema: Schema | None,
    parsed: Document | None = None,
    lists: VendorLists | None = None,
) -> list[Problem]:
    """Everything that is wrong with a mapping, in rule order, then what is still unmapped.

    ``source_schema`` describes the whole context (``trigger``, ``steps``). A schema that is None
    or empty is not checked against. ``lists`` are those of the connected system that are known.
    Never raises for the content of the mapping, which ``parsed`` is if it has been read already.
    """
    try:
        parsed = parsed or parse_mapping(document)
    except MappingInvalid as error:
        return [unreadable(document, error)]
    target = with_own_fields(target_schema or {}, parsed.own_fields)
    checker = _Checker(parsed, source_schema or {}, target, arrange(parsed), lists or {})
    return with_fixes(checker.check(), document, source_schema or {}, target)


def unused_sources(document: object, source_schema: Schema, most: int = 500) -> list[str]:
    """Paths of the fields that no rule reads, in the order of the schema.

    Fields that JSONata text may read count as read: their names stand in it.
    """
    parsed = parse_mapping(document)
    checker = _Checker(parsed, source_schema, {}, arrange(parsed))
    checker.check()
    texts = [part.text for rule in parsed.rules for expr in expressions(rule)
             for part in walk(expr) if isinstance(part, Jsonata)]  # fmt: skip
    words = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", " ".join(texts)))
    read = {_names(path) for path in checker.read}
    unused = []
    for leaf in schemas.iter_leaves(source_schema):
        names = _names(parse_source(leaf.path))
        if schemas.types(leaf.schema) == {"object"}:
            continue  # it has no fields that could be read
        if names[-1] in words or any(names[:count] in read for count in range(1, len(names) + 1)):
            continue
        unused.append(leaf.path)
    return unused[:most]


@dataclass(slots=True)
class _Checker:
    document: Document
    source: Schema
    target: Schema
    structure: Structure
    lists: VendorLists = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    read: list[SourcePath] = field(default_factory=list)
    known: set[tuple[str, str, str]] = field(default_factory=set)
    part: Literal["expr", "default"] = "expr"
    source_at: schemas.Finder = field(init=False)
    target_at: schemas.Finder = field(init=False)

    def __post_init__(self) -> None:
        self.source_at, self.target_at = schemas.Finder(self.source), schemas.Finder(self.target)

    def check(self) -> list[Problem]:
        lost = {rule.id: error for rule, error in self.structure.misplaced}
        functions = user_functions(self.document.functions)
        scopes = dict(self.scopes(self.structure.root, Scope(functions=functions)))
        for rule in self.document.rules:
            if rule.disabled:
                continue
            if rule.id in lost:
                self.add(Severity.ERROR, lost[rule.id], rule)
            elif rule.unfinished:
                self.report(
                    Severity.ERROR,
                    "mapping.unfinished",
                    f"The rule for {self.name(rule)} is not finished.",
                    "Fill in the empty part, or remove the rule.",
                    rule,
                )
            elif rule.id in scopes:
                self.rule(rule, scopes[rule.id])
        self.problems += duplicate_targets(self.structure)
        if self.target:
            self.problems += unmapped_fields(self.structure, self.target)
        return self.problems

    def scopes(self, node: Node, scope: Scope) -> Iterator[tuple[str, Scope]]:
        """Each rule that runs, with the rows blocks around it."""
        for entry in node.entries:
            if isinstance(entry, Rule):
                yield entry.id, scope
                continue
            for rule, inside in entry.blocks:
                yield rule.id, scope
                yield from self.scopes(inside, self.inner(rule, scope))

    @staticmethod
    def inner(rule: Rule, scope: Scope) -> Scope:
        assert rule.rows is not None
        try:
            return row_scope(rule.rows, scope)
        except MappingInvalid:
            return scope

    # --- one rule ------------------------------------------------------------------------------

    def rule(self, rule: Rule, scope: Scope) -> None:
        inner = element = scope
        if rule.rows is not None:
            try:
                inner, element = row_scope(rule.rows, scope), element_scope(rule.rows, scope)
            except MappingInvalid as error:
                self.add(Severity.ERROR, error, rule)
                return
            if rule.rows.each is not None:
                self.source_path(rule.rows.each, rule, scope)
        can_run = True
        try:
            compile_guard(rule, self.document, scope)
            if rule.rows is not None:
                compile_shape(rule.rows, scope)
        except MappingInvalid as error:
            self.add(Severity.ERROR, error, rule)
            return
        places = self.places(rule, scope, element, inner)
        for expr, place in places:
            try:
                compile_expression(expr, place)
            except MappingInvalid as error:
                self.add(Severity.ERROR, error, rule)
                can_run = False
                continue
            for source in dict.fromkeys(
                part.path for part in walk(expr) if isinstance(part, Field)
            ):
                self.source_path(source, rule, place)
        if not can_run:
            return
        for expr, place in places:
            for misuse in StaticReader(self.source_at, place).misuses(expr):
                self.report(
                    Severity.ERROR, misuse.code, misuse.message, misuse.hint, rule, misused=True
                )
        for never in unreachable(rule, self.document):
            message = f"{self.name(rule)}: {never.message[0].lower()}{never.message[1:]}"
            fixes = () if never.mended is None else (_without(never.mended),)
            self.report(Severity.WARNING, "mapping.unreachable", message, never.hint, rule, fixes)
        path = parse_target(rule.target)
        found = self.target_at.find(schemas.as_source_path(path))
        if not self.target or not self.target_known(rule, found):
            return
        if rule.rows is not None:
            kinds = schemas.types(found.schema or {})
            if kinds and "array" not in kinds:
                self.report(
                    Severity.ERROR,
                    "mapping.rows_into_single",
                    f"{self.name(rule)} is not a list, so it cannot be filled with rows.",
                    "Use a value rule, or choose a list of the target.",
                    rule,
                )
        elif rule.expr is not None and found.schema is not None:
            self.value(rule, rule.expr, found.schema, inner)
            if rule.default is not None:
                self.part = "default"
                self.value(rule, rule.default, found.schema, inner)
                self.part = "expr"

    def value(self, rule: Rule, expr: Expr, target: Schema, inner: Scope) -> None:
        """Report what is wrong with a value for its target."""
        given = StaticReader(self.source_at, inner).read(expr)
        self.fits(rule, given, target)
        for loss in losses(given.schema, target, self.name(rule)):
            self.report(Severity.WARNING, loss.code, loss.message, loss.hint, rule)
        if isinstance(expr, Const):
            if expr.value is None and rule.default is None and self.is_required(rule):
                self.report(
                    Severity.ERROR,
                    "mapping.no_value",
                    f"{self.name(rule)} is required, but its fixed value is empty.",
                    "Type in a value, or draw a field to it.",
                    rule,
                )
            for fault in faults_of(expr.value, target, self.name(rule)):
                self.report(Severity.ERROR, fault.code, fault.message, fault.hint, rule)

        if self.lists:
            self.listed(rule, expr, target)

    def listed(self, rule: Rule, expr: Expr, target: Schema) -> None:
        """Report fixed values that a list of the connected system does not have."""
        path = parse_target(rule.target)
        above = self.target_at.find(schemas.as_source_path(path[:-1])).schema or {}
        title = list_name(target, above, path[-1].name if path else "")
        entries = self.lists.get(title or "")
        if title is None or entries is None:
            return
        for fault, value in not_listed(expr, entries, also(target, above), self.name(rule), title):
            problem = Problem(
                Severity.WARNING, fault.code, fault.message, fault.hint, rule.id, rule.target,
                part=self.part, choices=tuple(entries.like(str(value))), value=value,
            )  # fmt: skip
            self.problems.append(problem)

    def is_required(self, rule: Rule) -> bool:
        """Whether the target must be there in the record around it."""
        path = parse_target(rule.target)
        above = self.target_at.find(schemas.as_source_path(path[:-1])).schema or {}
        return bool(path) and path[-1].name in (above.get("required") or ())

    @staticmethod
    def places(rule: Rule, scope: Scope, element: Scope, row: Scope) -> list[tuple[Expr, Scope]]:
        """Every expression of a rule with what it can read."""
        rows = rule.rows
        if rows is None:
            return [(expr, scope) for expr in expressions(rule)]
        outer = [(expr, scope) for expr in (rule.when, *outer_expressions(rule)) if expr]
        early = {id(expr) for expr in (rows.where, rows.group)}
        early |= {id(expr) for join in rows.joins for expr in (join.left, join.right)}
        inside = [(expr, element if id(expr) in early else row) for expr in row_expressions(rule)]
        return outer + inside

    def source_path(self, path: str, rule: Rule, scope: Scope) -> None:
        origin = scope.origin(parse_source(path))
        if not self.source or origin is None:
            return
        if rule.rows is None or path != rule.rows.each:
            self.read.append(origin)
        found = self.source_at.find(origin)
        if found.standing is Standing.INSIDE_LIST:
            self.report(
                Severity.ERROR,
                "mapping.list_in_path",
                f"“{path}” leads into a list of several entries.",
                "Write [] after the list for all entries, or take one with first.",
                rule,
            )
        elif found.standing in (Standing.CLOSED, Standing.INSIDE_SCALAR):
            self.report(
                Severity.ERROR,
                "mapping.unknown_source",
                f"There is no field “{found.at}” in the source.",
                "It may have been renamed or removed. Choose another field.",
                rule,
            )
        elif found.standing is Standing.OPEN:
            self.report(
                Severity.WARNING,
                "mapping.unknown_source",
                f"The field “{found.at}” is not described by the source.",
                "Check the spelling; the value is left out where the field is missing.",
                rule,
            )

    def target_known(self, rule: Rule, found: schemas.Found) -> bool:
        if found.read_only:
            self.report(
                Severity.ERROR,
                "mapping.read_only",
                f"{self.name(rule)} is set by the other system and cannot be written.",
                "Remove the rule.",
                rule,
            )
        if found.standing is Standing.INSIDE_LIST:
            self.report(
                Severity.ERROR,
                "mapping.target_in_list",
                f"{self.name(rule)} lies in a list, which is filled by a rows rule.",
                "Draw the list first, then the fields of its rows.",
                rule,
            )
            return False
        if found.standing in (Standing.CLOSED, Standing.INSIDE_SCALAR, Standing.OPEN):
            severity = Severity.WARNING if found.standing is Standing.OPEN else Severity.ERROR
            self.report(
                severity,
                "mapping.unknown_target",
                f"The target has no field “{found.at.replace('[]', '')}”.",
                "It may have been renamed or removed. Choose another field.",
                rule,
            )
            return False
        return found.standing is Standing.KNOWN

    def fits(self, rule: Rule, given: Static, target: Schema) -> None:
        """Report a value whose type does not suit the target."""
        wanted = schemas.types(target) - {"null"}
        kinds = given.types - {"null"}
        if not wanted or not kinds:
            return
        name = self.name(rule)
        unfit = {kind for kind in kinds if not _suits(kind, wanted)}
        if not unfit:
            self.dates(rule, given, target)
            return
        said, asked = _in_words(unfit), _in_words(wanted)
        if "array" in unfit:
            self.report(
                Severity.ERROR,
                "mapping.list_into_single",
                f"{name} takes {asked}, but the rule gives a list.",
                "Take one entry with first or last, add up with sum, or join to a text.",
                rule,
            )
        elif not wanted & SCALARS and "object" not in wanted:
            self.report(
                Severity.ERROR,
                "mapping.single_into_list",
                f"{name} is a list, but the rule gives {said}.",
                "Use a rows rule to make the entries of the list.",
                rule,
            )
        elif "object" in unfit or not wanted & SCALARS:
            self.report(
                Severity.ERROR,
                "mapping.type_mismatch",
                f"{name} takes {asked}, but the rule gives {said}.",
                "Choose a field inside the object.",
                rule,
            )
        else:
            to = "to_text" if "string" in wanted else "number" if wanted & _NUMBERS else ""
            self.report(
                Severity.WARNING,
                "mapping.type_mismatch",
                f"{name} takes {asked}, but the rule gives {said}.",
                f"Convert it with {to}." if to else "Make it true or false with a comparison.",
                rule,
            )

    def dates(self, rule: Rule, given: Static, target: Schema) -> None:
        wanted = target.get("format")
        if wanted == given.format or {wanted, given.format} != {"date", "date-time"}:
            return
        function = "date" if wanted == "date" else "datetime"
        self.report(
            Severity.WARNING,
            "mapping.date_form",
            f"{self.name(rule)} takes a {_date_word(str(wanted))}, but the rule gives a "
            f"{_date_word(str(given.format))}.",
            f"Convert it with {function}.",
            rule,
        )

    # --- reporting -----------------------------------------------------------------------------

    @staticmethod
    def name(rule: Rule) -> str:
        """The target in words."""
        return readable_target(rule.target) or "The whole document"

    def add(self, severity: Severity, error: IpaasError, rule: Rule) -> None:
        code = error.problem_code if isinstance(error, ExpressionInvalid) else error.code
        self.report(severity, code, error.message, error.hint, rule)

    def report(
        self, severity: Severity, code: str, message: str, hint: str, rule: Rule,
        fixes: tuple[Fix, ...] = (), misused: bool = False,
    ) -> None:  # fmt: skip
        problem = Problem(
            severity, code, message, hint, rule.id, rule.target, fixes, self.part, misused
        )
        if (problem.code, problem.message, rule.id) not in self.known:
            self.known.add((problem.code, problem.message, rule.id))
            self.problems.append(problem)


def _without(mended: Rule) -> Fix:
    return Fix("Remove what is never used", put=(write_rule(mended),))


def _suits(kind: str, wanted: frozenset[str] | set[str]) -> bool:
    if kind in wanted:
        return True
    if kind == "integer" and "number" in wanted:
        return True
    # Whether a number is whole shows only in the document.
    return kind == "number" and "integer" in wanted


def _in_words(kinds: frozenset[str] | set[str]) -> str:
    return " or ".join(_WORDS.get(kind, kind) for kind in sorted(kinds))


def _names(path: SourcePath) -> tuple[str, ...]:
    return tuple(segment for segment in path if isinstance(segment, str))


def _date_word(form: str) -> str:
    return "date" if form == "date" else "date with time"
