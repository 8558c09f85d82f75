"""A mapping after its text was changed: what the text says anew, all else as it was.

A text cannot say everything: ids, comments, branches, origins and what does not run are only in
rules. So the old text is read as well. Where the new text says the same as the old one, the rules
stay the very same; only what a person changed is made of the text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.jsonata_text import written
from ipaas.mapping.model import Rule
from ipaas.mapping.parsing import parse_mapping
from ipaas.mapping.paths import TargetPath, TargetStep, format_target, parse_target
from ipaas.mapping.schemas import Schema
from ipaas.mapping.structure import ArrayEntry, Node, arrange
from ipaas.mapping.text_rules import Imported, from_jsonata
from ipaas.mapping.writing import write_rule

RawRule: TypeAlias = dict[str, Any]
Names: TypeAlias = tuple[str, ...]
_KEPT = ("id", "comment", "origin", "insertion")
_OF_A_PLACE = frozenset({"id", "target"})


def reread(
    before: dict[str, Any],
    text: str,
    source_schema: Schema | None = None,
    whole: dict[str, Any] | None = None,
) -> Imported:
    """``before`` with what ``text`` changes in it; raises JsonataInvalid with the position.

    ``whole`` is ``before`` with the functions of a workspace, as its text was shown.
    """
    old = written(before if whole is None else whole)
    if old.text == text:
        return Imported(before, (), ())
    said, echo = from_jsonata(text, source_schema), from_jsonata(old.text, source_schema)
    return _Reread(before, old.rules, echo, said).made()


@dataclass(slots=True)
class _Side:
    """The rules of one version, sorted by what they fill."""

    rules: dict[str, RawRule]
    root: Node

    @classmethod
    def of(cls, document: dict[str, Any], only: frozenset[str] | None = None) -> _Side:
        parsed = parse_mapping(document)
        kept = [rule for rule in parsed.rules if only is None or rule.id in only]
        root = arrange(replace(parsed, rules=tuple(kept))).root
        return cls({raw["id"]: raw for raw in document["rules"]}, root)


@dataclass(slots=True)
class _Place:
    """What fills one target of a node: value rules, and blocks of rows."""

    values: list[Rule] = field(default_factory=list)
    blocks: list[tuple[Rule, Node]] = field(default_factory=list)


def _places(node: Node | None) -> dict[Names, _Place]:
    found: dict[Names, _Place] = {}
    for entry in node.entries if node is not None else ():
        path = entry.path if isinstance(entry, ArrayEntry) else node.inner_path(entry)  # type: ignore[union-attr]
        place = found.setdefault(tuple(step.name for step in path), _Place())
        if isinstance(entry, ArrayEntry):
            place.blocks += entry.blocks
        else:
            place.values.append(entry)
    return found


class _Reread:
    def __init__(
        self, before: dict[str, Any], told: frozenset[str], echo: Imported, said: Imported
    ) -> None:
        self.before, self.told, self.said = before, told, said
        self.mine = _Side.of(before, told)
        self.echo = _Side.of(echo.document)
        self.new = _Side.of(said.document)
        self.echoed = echo
        self.out: list[RawRule] = []
        self.names: dict[str, str] = {}
        """Ids of rules of the text, and what these rules are called in the mapping."""

    def made(self) -> Imported:
        self.node(self.mine.root, self.echo.root, self.new.root, ())
        rules = self.ordered([*self.out, *self.untold()])
        document = {**self.before, "rules": rules}
        functions = self.functions()
        if functions or "functions" in document:
            document["functions"] = functions
        parse_mapping(document)
        code = tuple(self.names[rule] for rule in self.said.code_rules if rule in self.names)
        notes = tuple(
            replace(note, rule_id=self.names.get(str(note.rule_id)))
            for note in self.said.notes
            if note.rule_id is None or note.rule_id in self.names
        )
        return Imported(document, notes, code)

    # --- what the text says --------------------------------------------------------------------

    def node(self, mine: Node | None, echo: Node | None, said: Node, prefix: TargetPath) -> None:
        """Rules of one document or row."""
        before, shown = _places(mine), _places(echo)
        for names, place in _places(said).items():
            own = before.pop(names, _Place())
            old = shown.get(names)
            if old is not None and (own.values or own.blocks) and _same(old, place):
                self.keep(own)
            elif old is not None and own.blocks and place.blocks and not place.values:
                self.blocks(own, old, place, (*prefix, *map(TargetStep, names)))
            else:
                self.take(own, place, (*prefix, *map(TargetStep, names)))
        for names, own in before.items():
            if names not in shown:
                self.keep(own)  # the old text did not say it either

    def keep(self, own: _Place) -> None:
        """Rules as they were, with all that stands in their rows."""
        for rule in own.values:
            self.out.append(self.mine.rules[rule.id])
        for rule, inside in own.blocks:
            self.out.append(self.mine.rules[rule.id])
            for below in _places(inside).values():
                self.keep(below)

    def take(self, own: _Place, place: _Place, target: TargetPath) -> None:
        """Rules as the text says them; a single one goes on as the rule that it was."""
        for rule in place.values:
            last = own.values[0] if len(own.values) == len(place.values) == 1 else None
            self.add(rule, target, last)
        for rule, inside in place.blocks:
            block = self.add(rule, target, None)
            self.node(None, None, inside, _row(target, block))

    def blocks(self, own: _Place, old: _Place, place: _Place, target: TargetPath) -> None:
        """Blocks of rows, each beside the one that it was."""
        left = list(range(len(old.blocks))) if len(own.blocks) == len(old.blocks) else []
        for number in _paired(place.blocks, old.blocks, left):
            (rule, inside), at = place.blocks[number[0]], number[1]
            if at is None:
                block = self.add(rule, target, None)
                self.node(None, None, inside, _row(target, block))
                continue
            (was, shown), (mine, within) = old.blocks[at], own.blocks[at]
            if _block(rule, inside) == _block(was, shown):
                self.keep(_Place(blocks=[own.blocks[at]]))
            elif _plain(rule) == _plain(was) and _variable(mine) in (None, _variable(was)):
                raw = self.mine.rules[mine.id]
                if _variable(mine) is None and _variable(was) is not None:
                    raw = {**raw, "rows": {**raw["rows"], "as": _variable(was)}}
                self.out.append(raw)
                self.node(within, shown, inside, _row(target, mine.id))
            else:
                block = self.add(rule, target, mine)
                same_names = _variable(mine) in (None, _variable(rule))
                known = (within, shown) if same_names else (None, None)
                self.node(known[0], known[1], inside, _row(target, block))

    def add(self, rule: Rule, target: TargetPath, was: Rule | None) -> str:
        """A rule of the text, under the name of the rule that it takes the place of."""
        raw = {**self.new.rules[rule.id], "target": format_target(target)}
        if was is None:
            raw["id"] = self.free_id(rule.id)
        else:
            old = self.mine.rules[was.id]
            raw |= {name: old[name] for name in _KEPT if old.get(name)}
        self.names[rule.id] = raw["id"]
        self.out.append(raw)
        return str(raw["id"])

    def free_id(self, wanted: str) -> str:
        taken = {*self.mine.rules, *(rule["id"] for rule in self.out)}
        found, number = wanted, 2
        while found in taken:
            found, number = f"{wanted}_{number}", number + 1
        return found

    # --- what it does not say ------------------------------------------------------------------

    def untold(self) -> Iterable[RawRule]:
        """Rules that no text shows, but those in rows that a person took out of the text."""
        there = {rule["id"] for rule in self.out}
        gone = {rule_id for rule_id in self.told if rule_id not in there}
        for raw in self.before["rules"]:
            if raw["id"] in self.told or raw["id"] in there:
                continue
            try:
                path = parse_target(raw.get("target", ""))
            except MappingInvalid:
                path = ()
            if not any(step.block in gone for step in path):
                yield raw

    def ordered(self, rules: list[RawRule]) -> list[RawRule]:
        """Rules in the order they had, new ones behind what stands before them in the text."""
        place = {raw["id"]: at for at, raw in enumerate(self.before["rules"])}
        made = sorted((raw for raw in rules if raw["id"] in place), key=lambda r: place[r["id"]])
        last: str | None = None
        for raw in rules:
            if raw["id"] not in place:
                at = [one["id"] for one in made].index(last) + 1 if last is not None else 0
                made.insert(at, raw)
            last = raw["id"]
        return made if _row_order(made) == _row_order(rules) else rules

    def functions(self) -> list[dict[str, Any]]:
        """Functions of the mapping's own: those that the text changed or added stand in it."""
        known = {fn["name"]: fn for fn in self.before.get("functions") or ()}
        shown = {fn["name"]: fn for fn in self.echoed.document.get("functions") or ()}
        for function in self.said.document.get("functions") or ():
            if function != shown.get(function["name"]):
                known[function["name"]] = function
        return list(known.values())


def _row(target: TargetPath, block: str) -> TargetPath:
    return (*target[:-1], TargetStep(target[-1].name, block))


def _plain(rule: Rule) -> RawRule:
    return {key: value for key, value in write_rule(rule).items() if key not in _OF_A_PLACE}


def _variable(rule: Rule) -> str | None:
    return None if rule.rows is None else rule.rows.variable


def _block(rule: Rule, inside: Node) -> Any:
    return _plain(rule), {names: _content(place) for names, place in _places(inside).items()}


def _content(place: _Place) -> Any:
    return [_plain(rule) for rule in place.values], [_block(*block) for block in place.blocks]


def _same(one: _Place, other: _Place) -> bool:
    return bool(_content(one) == _content(other))


def _paired(
    said: list[tuple[Rule, Node]], old: list[tuple[Rule, Node]], left: list[int]
) -> list[tuple[int, int | None]]:
    """Each block of the text with the old one that it is: the same, else of the same rows, else
    over the same list."""
    found: dict[int, int] = {}
    alike = (
        lambda one, other: _block(*one) == _block(*other),
        lambda one, other: _plain(one[0]) == _plain(other[0]),
        lambda one, other: _list_of(one[0]) == _list_of(other[0]),
    )
    for test in alike:
        for number, block in enumerate(said):
            at = next((at for at in left if number not in found and test(block, old[at])), None)
            if at is not None:
                found[number] = at
                left.remove(at)
    return [(number, found.get(number)) for number in range(len(said))]


def _list_of(rule: Rule) -> Any:
    assert rule.rows is not None
    return rule.rows.each, rule.rows.items


def _row_order(rules: list[RawRule]) -> dict[str, list[str]]:
    """The blocks of rows of each list, whose order is that of the rows."""
    found: dict[str, list[str]] = {}
    for raw in rules:
        if raw.get("rows") is not None:
            found.setdefault(raw.get("target", ""), []).append(raw["id"])
    return found
