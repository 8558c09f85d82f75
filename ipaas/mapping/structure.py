"""Which rule fills what: the rules of a mapping sorted into the document, its arrays, their rows.

The compiler, the checks and the JSONata text all read this one arrangement.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.model import Document, Rule
from ipaas.mapping.paths import TargetPath, TargetStep, format_target, parse_target


class Misplaced(MappingInvalid):
    """A rule whose target leads nowhere."""

    code = "mapping.target"


@dataclass(slots=True)
class ArrayEntry:
    """An array filled by rows rules: its path inside the node, and the rules in their order."""

    path: TargetPath
    blocks: list[tuple[Rule, Node]] = field(default_factory=list)


@dataclass(slots=True)
class Node:
    """One document or one kind of row: the rules and arrays that fill it, in rule order."""

    prefix: TargetPath = ()
    entries: list[Rule | ArrayEntry] = field(default_factory=list)
    targets: dict[str, TargetPath] = field(default_factory=dict)

    def inner_path(self, rule: Rule) -> TargetPath:
        """The target of a value rule, seen from this node."""
        return self.targets[rule.id]

    def array(self, path: TargetPath) -> ArrayEntry:
        """The array entry at a path, made if it is not there yet."""
        for entry in self.entries:
            if isinstance(entry, ArrayEntry) and entry.path == path:
                return entry
        made = ArrayEntry(path)
        self.entries.append(made)
        return made


@dataclass(frozen=True, slots=True)
class Structure:
    """The arrangement of all rules that run.

    ``skipped`` are disabled and unfinished rules and what stands in their rows; ``misplaced`` are
    rules whose target cannot be followed, each with the reason.
    """

    root: Node
    misplaced: tuple[tuple[Rule, MappingInvalid], ...]
    skipped: tuple[Rule, ...]


def arrange(document: Document) -> Structure:
    """The rules of a mapping, each in the document or row it fills."""
    return _Arranger(document).arrange()


class _Arranger:
    """Places rows rules first, parents before children, so that rules may stand in any order."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.root = Node()
        self.nodes: dict[str, Node] = {}
        self.paths: dict[str, TargetPath] = {}
        self.rows_rules = {rule.id: rule for rule in document.rules if rule.rows is not None}
        self.places: dict[str, tuple[Node, TargetPath]] = {}
        self.misplaced: list[tuple[Rule, MappingInvalid]] = []
        self.skipped: list[Rule] = []
        self.lost: set[str] = set()

    def arrange(self) -> Structure:
        for rule in self.document.rules:
            try:
                self.paths[rule.id] = parse_target(rule.target)
            except MappingInvalid as error:
                self.lose(rule, error)
        blocks = [rule for rule in self.rows_rules.values() if rule.id not in self.lost]
        blocks.sort(key=lambda rule: sum(step.block is not None for step in self.paths[rule.id]))
        for rule in blocks:
            try:
                self.place_block(rule)
            except MappingInvalid as error:
                self.lose(rule, error)
        for rule in self.document.rules:
            if rule.id in self.lost:
                continue
            if self.is_off(rule):
                self.skipped.append(rule)
            else:
                self.enter(rule)
        return Structure(self.root, tuple(self.misplaced), tuple(self.skipped))

    def lose(self, rule: Rule, error: MappingInvalid) -> None:
        self.lost.add(rule.id)
        if rule.disabled or rule.unfinished:
            self.skipped.append(rule)
        else:
            self.misplaced.append((rule, error))

    def place_block(self, rule: Rule) -> None:
        path = self.paths[rule.id]
        if not path or path[-1].block is not None:
            raise Misplaced(
                "A rows rule needs an array to fill.", hint="Choose an array of the target."
            )
        self.places[rule.id] = self.place(path)
        self.nodes[rule.id] = Node(prefix=_row_prefix(path, rule.id))

    def is_off(self, rule: Rule) -> bool:
        """Whether the rule, or a rows rule around it, does not run."""
        if rule.disabled or rule.unfinished or rule.id in self.lost:
            return True
        around = [step.block for step in self.paths[rule.id] if step.block is not None]
        return any(
            block in self.rows_rules and self.is_off(self.rows_rules[block])
            for block in around[-1:]
        )

    def enter(self, rule: Rule) -> None:
        if rule.rows is not None:
            node, inner = self.places[rule.id]
            node.array(inner).blocks.append((rule, self.nodes[rule.id]))
            return
        try:
            node, inner = self.place(self.paths[rule.id])
        except MappingInvalid as error:
            self.lose(rule, error)
            return
        node.targets[rule.id] = inner
        node.entries.append(rule)

    def place(self, path: TargetPath) -> tuple[Node, TargetPath]:
        """The node a target lies in, and its path inside; raises Misplaced."""
        node, rest = self.root, 0
        for index, step in enumerate(path):
            if step.block is None:
                continue
            array = (*path[:index], TargetStep(step.name))
            if step.block not in self.rows_rules or self.paths.get(step.block) != array:
                raise Misplaced(
                    f"There is no rows rule “{step.block}” on {format_target(array)}.",
                    hint="Draw the array to the array first, then the fields of its rows.",
                )
            if step.block not in self.nodes:
                raise Misplaced(
                    f"The rows rule “{step.block}” cannot run, so its fields cannot be filled.",
                    hint="Mend the rows rule first.",
                )
            node, rest = self.nodes[step.block], index + 1
        return node, path[rest:]


def _row_prefix(path: TargetPath, rule_id: str) -> TargetPath:
    return (*path[:-1], TargetStep(path[-1].name, rule_id))
