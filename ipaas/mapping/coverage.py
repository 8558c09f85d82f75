"""Targets that no rule fills although they are required, and targets that two rules fill."""

from __future__ import annotations

from ipaas.mapping import schemas
from ipaas.mapping.errors import Problem, Severity
from ipaas.mapping.model import Rule
from ipaas.mapping.paths import TargetPath, TargetStep, format_target
from ipaas.mapping.schemas import Schema
from ipaas.mapping.structure import ArrayEntry, Node, Structure

_MAX_DEPTH = 8


def duplicate_targets(structure: Structure) -> list[Problem]:
    """A problem for each rule that fills again, or wipes out, what an earlier one filled.

    Single fields laid over an object that an earlier rule copied are no problem.
    """
    return _duplicates(structure.root)


def _duplicates(node: Node) -> list[Problem]:
    found: list[Problem] = []
    seen: set[tuple[tuple[str, ...], object]] = set()
    filled: dict[tuple[str, ...], set[object]] = {}  # conditions of what was filled at or below
    for path, entry in _entries(node):
        names = tuple(step.name for step in path)
        rule = entry.blocks[0][0] if isinstance(entry, ArrayEntry) else entry
        given = _condition(entry)
        before = filled.get(names, ()) if names else ()
        wiped_out = given in before or (given is None and bool(before))
        if wiped_out or (names, given) in seen:
            target = format_target((*node.prefix, *path), blocks=False) or "the whole document"
            found.append(
                Problem(
                    Severity.ERROR,
                    "mapping.duplicate_target",
                    f"Two rules fill {target}.",
                    "Remove one of them, or join them to one value.",
                    rule.id,
                    rule.target,
                )
            )
        seen.add((names, given))
        for count in range(1, len(names) + 1):
            filled.setdefault(names[:count], set()).add(given)
        if isinstance(entry, ArrayEntry):
            for _, inside in entry.blocks:
                found += _duplicates(inside)
    return found


def _condition(entry: Rule | ArrayEntry) -> object:
    """What a rule depends on; None for one that always runs. Different ones may share a target."""
    if isinstance(entry, ArrayEntry):
        return None
    if entry.when is not None:
        return entry.id
    return (entry.branch, entry.only) if entry.branch or entry.only else None


def unmapped_fields(structure: Structure, target: Schema) -> list[Problem]:
    """A problem for each required field that no rule fills, down to the leaves.

    Only objects and rows that will exist are asked for: the document itself, every object and
    rows block that a rule begins, and what is required in them.
    """
    finder = _Unmapped(structure, target)
    finder.look(_entries(structure.root), target, ())
    return finder.found


Entries = list[tuple[TargetPath, Rule | ArrayEntry]]


def _entries(node: Node) -> Entries:
    return [
        (entry.path, entry) if isinstance(entry, ArrayEntry) else (node.inner_path(entry), entry)
        for entry in node.entries
    ]


class _Unmapped:
    def __init__(self, structure: Structure, root: Schema) -> None:
        self.root = root
        self.found: list[Problem] = []
        self.begun = [rule.target for rule in structure.skipped if not rule.disabled]

    def look(self, entries: Entries, schema: object, prefix: TargetPath) -> None:
        """Compare the rules of one object or kind of row with its schema."""
        if any(not path for path, _ in entries):
            return  # one rule fills all of it
        seen = schemas.view(self.root, schema)
        properties = seen.get("properties") or {}
        required = set(seen.get("required") or ())
        filled: dict[str, Entries] = {}
        for path, entry in entries:
            filled.setdefault(path[0].name, []).append((path[1:], entry))
        for name in [*properties, *sorted(required - set(properties))]:
            inside = filled.get(name, [])
            if not inside and name not in required:
                continue
            below = schemas.view(self.root, properties.get(name, {}))
            here = (*prefix, TargetStep(name))
            if not inside:
                if not below.get("readOnly"):
                    self.report(below, here, 0)
                continue
            for path, entry in inside:
                if not path and isinstance(entry, ArrayEntry):
                    for rule, rows in entry.blocks:
                        row = (*prefix, TargetStep(name, rule.id))
                        self.look(_entries(rows), below.get("items") or {}, row)
            self.look(inside, below, here)

    def report(self, schema: Schema, path: TargetPath, depth: int) -> None:
        """Report one required field, or instead of it the required fields inside."""
        properties = schema.get("properties") or {}
        is_list = "array" in schemas.types(schema)
        inside = {
            name: below
            for name in schema.get("required") or ()
            if not (below := schemas.view(self.root, properties.get(name))).get("readOnly")
        }
        if inside and not is_list and depth < _MAX_DEPTH:
            for name, below in inside.items():
                self.report(below, (*path, TargetStep(name)), depth + 1)
            return
        target = format_target(path)
        # An unfinished rule about this field is reported already.
        if any(
            begun == target or begun.startswith((f"{target}.", f"{target}["))
            for begun in self.begun
        ):
            return
        self.found.append(
            Problem(
                Severity.ERROR,
                "mapping.required",
                f"{format_target(path, blocks=False)} is required, but nothing is mapped to it.",
                "Draw a list to it." if is_list else "Draw a field to it, or set a constant.",
                None,
                target,
            )
        )
