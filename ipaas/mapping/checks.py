"""What is wrong with a mapping, found before it runs, in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ipaas.core.errors import IpaasError
from ipaas.mapping import schemas
from ipaas.mapping.compiler import each_path
from ipaas.mapping.errors import MappingInvalid, Problem, Severity
from ipaas.mapping.expressions import (
    FIRST_ELEMENT,
    Block,
    ExpressionInvalid,
    Scope,
    compile_expression,
)
from ipaas.mapping.model import Const, Document, Field, Rule, expressions, parse_mapping, walk
from ipaas.mapping.paths import (
    TargetPath,
    TargetStep,
    format_target,
    parse_source,
    parse_target,
)
from ipaas.mapping.schemas import Schema, Standing
from ipaas.mapping.static import Static, StaticReader
from ipaas.mapping.structure import ArrayEntry, Node, Structure, arrange
from ipaas.mapping.values import shown

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
) -> list[Problem]:
    """Everything that is wrong with a mapping, in rule order, then what is still unmapped.

    ``source_schema`` describes the whole context (``trigger``, ``steps``). A schema that is None
    or empty is not checked against. Never raises for the content of the mapping.
    """
    try:
        parsed = parse_mapping(document)
    except MappingInvalid as error:
        return [Problem(Severity.ERROR, error.code, error.message, error.hint)]
    checker = _Checker(parsed, source_schema or {}, target_schema or {}, arrange(parsed))
    return checker.check()


@dataclass(slots=True)
class _Checker:
    document: Document
    source: Schema
    target: Schema
    structure: Structure
    problems: list[Problem] = field(default_factory=list)

    def check(self) -> list[Problem]:
        lost = {rule.id: error for rule, error in self.structure.misplaced}
        scopes = dict(self.scopes(self.structure.root, Scope(), 0))
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
        self.duplicates(self.structure.root)
        if self.target:
            self.required(
                self.structure.root, self.entries(self.structure.root), self.target, self.target, ()
            )
        return self.problems

    def scopes(self, node: Node, scope: Scope, depth: int) -> Iterator[tuple[str, Scope]]:
        """Each rule that runs, with the rows blocks around it."""
        for entry in node.entries:
            if isinstance(entry, Rule):
                yield entry.id, scope
                continue
            for rule, inside in entry.blocks:
                yield rule.id, scope
                yield from self.scopes(inside, self.inner(rule, scope, depth), depth + 1)

    def inner(self, rule: Rule, scope: Scope, depth: int) -> Scope:
        assert rule.rows is not None
        if rule.rows.each is None:
            return scope
        try:
            each = each_path(rule.rows.each)
        except MappingInvalid:
            return scope
        return Scope((*scope.blocks, Block(each, FIRST_ELEMENT + depth)))

    # --- one rule ------------------------------------------------------------------------------

    def rule(self, rule: Rule, scope: Scope) -> None:
        inner = scope
        if rule.rows is not None and rule.rows.each is not None:
            try:
                each_path(rule.rows.each)
            except MappingInvalid as error:
                self.add(Severity.ERROR, error, rule)
                return
            self.source_path(rule.rows.each, rule)
            inner = self.inner(rule, scope, 0)
        can_run = True
        for expr in expressions(rule):
            try:
                compile_expression(expr, inner)
            except MappingInvalid as error:
                self.add(Severity.ERROR, error, rule)
                can_run = False
                continue
            for source in dict.fromkeys(
                part.path for part in walk(expr) if isinstance(part, Field)
            ):
                self.source_path(source, rule)
        if not can_run:
            return
        reader = StaticReader(self.source, inner)
        for expr in expressions(rule):
            for misuse in reader.misuses(expr):
                self.report(Severity.ERROR, misuse.code, misuse.message, misuse.hint, rule)
        path = parse_target(rule.target)
        found = schemas.find(self.target, schemas.as_source_path(path))
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
            given = [rule.expr] if rule.default is None else [rule.expr, rule.default]
            for expr in given:
                self.fits(rule, reader.read(expr), found.schema)
                if isinstance(expr, Const):
                    self.constant(rule, expr, found.schema)

    def source_path(self, path: str, rule: Rule) -> None:
        if not self.source:
            return
        found = schemas.find(self.source, parse_source(path))
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

    def constant(self, rule: Rule, expr: Const, target: Schema) -> None:
        value, name = expr.value, self.name(rule)
        if value is None:
            return
        options = target.get("enum")
        if options and not any(value == option for option in options):
            listed = ", ".join(shown(option) for option in options[:8])
            more = " …" if len(options) > 8 else ""
            self.report(
                Severity.ERROR,
                "mapping.not_an_option",
                f"{name} does not allow {shown(value)}.",
                f"Allowed are {listed}{more}.",
                rule,
            )
        limit = target.get("maxLength")
        if isinstance(limit, int) and isinstance(value, str) and len(value) > limit:
            self.report(
                Severity.ERROR,
                "mapping.too_long",
                f"{name} takes at most {limit} characters; the constant has {len(value)}.",
                "Shorten the text.",
                rule,
            )
        pattern = target.get("pattern")
        if isinstance(pattern, str) and isinstance(value, str) and not _matches(pattern, value):
            self.report(
                Severity.ERROR,
                "mapping.pattern",
                f"{name} does not allow {shown(value)}: it must match {pattern}.",
                "Correct the text.",
                rule,
            )

    # --- the whole mapping ---------------------------------------------------------------------

    def duplicates(self, node: Node) -> None:
        seen: dict[tuple[str, ...], str] = {}
        for entry in node.entries:
            path = entry.path if isinstance(entry, ArrayEntry) else node.inner_path(entry)
            names = tuple(step.name for step in path)
            rule = entry.blocks[0][0] if isinstance(entry, ArrayEntry) else entry
            covered = [known for known in seen if names and known[: len(names)] == names]
            if names in seen or covered:
                self.report(
                    Severity.ERROR,
                    "mapping.duplicate_target",
                    f"Two rules fill {self.name(rule)}.",
                    "Remove one of them, or join them to one value.",
                    rule,
                )
            seen.setdefault(names, rule.id)
            if isinstance(entry, ArrayEntry):
                for _, inside in entry.blocks:
                    self.duplicates(inside)

    def entries(self, node: Node) -> list[tuple[TargetPath, Rule | ArrayEntry]]:
        return [
            (entry.path, entry)
            if isinstance(entry, ArrayEntry)
            else (node.inner_path(entry), entry)
            for entry in node.entries
        ]

    def required(
        self,
        node: Node,
        entries: list[tuple[TargetPath, Rule | ArrayEntry]],
        root: Schema,
        schema: object,
        prefix: TargetPath,
    ) -> None:
        """Report required fields that no rule fills, in the objects and rows that will exist."""
        if any(not path for path, _ in entries):
            return
        seen = schemas.view(root, schema)
        properties = seen.get("properties") or {}
        must = set(seen.get("required") or ())
        for name in [*properties, *sorted(must - set(properties))]:
            below = schemas.view(root, properties.get(name, {}))
            inside = [(path[1:], entry) for path, entry in entries if path[0].name == name]
            here = (*prefix, TargetStep(name))
            if not inside:
                if name in must and not below.get("readOnly"):
                    self.unmapped(root, below, here, 0)
                continue
            arrays = [entry for path, entry in inside if not path and isinstance(entry, ArrayEntry)]
            for array in arrays:
                for rule, rows in array.blocks:
                    row = (*prefix, TargetStep(name, rule.id))
                    items = below.get("items") or {}
                    self.required(rows, self.entries(rows), root, items, row)
            if all(path for path, _ in inside):
                self.required(node, inside, root, below, here)

    def unmapped(self, root: Schema, schema: Schema, path: TargetPath, depth: int) -> None:
        """Report one required field, or the required fields inside it."""
        inner = [
            name
            for name in schema.get("required") or ()
            if not schemas.view(root, (schema.get("properties") or {}).get(name)).get("readOnly")
        ]
        if inner and depth < 8 and "array" not in schemas.types(schema):
            for name in inner:
                below = schemas.view(root, (schema.get("properties") or {}).get(name))
                self.unmapped(root, below, (*path, TargetStep(name)), depth + 1)
            return
        if self.begun(path):
            return
        is_list = "array" in schemas.types(schema)
        self.problems.append(
            Problem(
                Severity.ERROR,
                "mapping.required",
                f"{format_target(path, blocks=False)} is required, but nothing is mapped to it.",
                "Draw a list to it." if is_list else "Draw a field to it, or set a constant.",
                None,
                format_target(path),
            )
        )

    def begun(self, path: TargetPath) -> bool:
        """Whether an unfinished rule is about this field: that rule is reported already."""
        text = format_target(path)
        for rule in self.structure.skipped:
            if not rule.disabled and (
                rule.target == text or rule.target.startswith((f"{text}.", f"{text}["))
            ):
                return True
        return False

    # --- reporting -----------------------------------------------------------------------------

    def name(self, rule: Rule) -> str:
        """The target in words."""
        try:
            return format_target(parse_target(rule.target), blocks=False) or "The whole document"
        except MappingInvalid:
            return f"“{rule.target}”"

    def add(self, severity: Severity, error: IpaasError, rule: Rule) -> None:
        code = error.problem_code if isinstance(error, ExpressionInvalid) else error.code
        self.report(severity, code, error.message, error.hint, rule)

    def report(self, severity: Severity, code: str, message: str, hint: str, rule: Rule) -> None:
        problem = Problem(severity, code, message, hint, rule.id, rule.target)
        if problem not in self.problems:
            self.problems.append(problem)


def _suits(kind: str, wanted: frozenset[str] | set[str]) -> bool:
    if kind in wanted:
        return True
    if kind == "integer" and "number" in wanted:
        return True
    # Whether a number is whole shows only in the document.
    return kind == "number" and "integer" in wanted


def _in_words(kinds: frozenset[str] | set[str]) -> str:
    return " or ".join(_WORDS.get(kind, kind) for kind in sorted(kinds))


def _date_word(form: str) -> str:
    return "date" if form == "date" else "date with time"


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True
