"""A mapping made from a template, brought to the template's new version without losing changes.

Rules are told apart by ``origin``, the id of the template's rule they came from. Three versions are
compared: the template then, the template now, and the mapping as people changed it. What only one
side changed is taken; what both changed differently stays as people have it and is listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ipaas.mapping.parsing import parse_mapping

Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A rule that both sides changed; ``mine`` was kept (None = I removed it)."""

    origin: str
    target: str
    kind: Literal["changed", "removed_there", "removed_here"]
    base: Rule | None
    mine: Rule | None
    theirs: Rule | None

    def as_json(self) -> dict[str, Any]:
        """The conflict as a JSON object."""
        return {
            "origin": self.origin,
            "target": self.target,
            "kind": self.kind,
            "base": self.base,
            "mine": self.mine,
            "theirs": self.theirs,
        }


@dataclass(frozen=True, slots=True)
class Merged:
    """The new mapping; ``taken`` are origins whose rules changed, came or went."""

    document: dict[str, Any]
    conflicts: tuple[Conflict, ...]
    taken: tuple[str, ...]


def from_template(template: dict[str, Any], name: str, version: int) -> dict[str, Any]:
    """A mapping that starts as a copy of a template and remembers where each rule came from."""
    parse_mapping(template)
    rules = [{**rule, "origin": rule["id"]} for rule in template["rules"]]
    return {**template, "rules": rules, "template": {"id": name, "version": version}}


def merge(
    base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any], version: int
) -> Merged:
    """``mine`` with the changes that lead from template ``base`` to template ``theirs``.

    Rules and the blocks they stand in keep the ids they have in ``mine``; new ones get theirs, with
    a number if it is taken.
    """
    for document in (base, theirs, mine):
        parse_mapping(document)
    return _Merger(base, theirs, mine).merge(version)


class _Merger:
    def __init__(self, base: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]) -> None:
        self.base = {rule["id"]: rule for rule in base["rules"]}
        self.theirs = {rule["id"]: rule for rule in theirs["rules"]}
        self.their_document = theirs
        self.document = mine
        self.mine = {rule["origin"]: rule for rule in mine["rules"] if rule.get("origin")}
        self.ids = {rule["id"] for rule in mine["rules"]}
        self.names = {origin: rule["id"] for origin, rule in self.mine.items()}
        self.conflicts: list[Conflict] = []
        self.taken: list[str] = []

    def merge(self, version: int) -> Merged:
        for origin in self.theirs:
            if origin not in self.names and origin not in self.base:
                self.names[origin] = self.free_id(origin)
        made = [self.kept(rule) for rule in self.document["rules"]]
        rules = [rule for rule in made if rule is not None]
        for origin, rule in self.theirs.items():
            if origin in self.base and origin not in self.mine:
                if self.plain(rule) != self.plain(self.base[origin]):
                    self.conflict("removed_here", origin, None, rule)
            elif origin not in self.base and origin not in self.mine:
                self.taken.append(origin)
                self.insert(rules, origin, self.renamed(rule, origin))
        template = {**(self.document.get("template") or {}), "version": version}
        merged = {**self.document, "rules": rules, "template": template}
        for member in ("branches", "functions"):
            key = "id" if member == "branches" else "name"
            present = {item[key] for item in merged.get(member, [])}
            more = [i for i in self.their_document.get(member, []) if i[key] not in present]
            if more:
                merged[member] = [*merged.get(member, []), *more]
        parse_mapping(merged)
        return Merged(merged, tuple(self.conflicts), tuple(self.taken))

    def kept(self, rule: Rule) -> Rule | None:
        """A rule of mine after the merge; None if it goes."""
        origin = rule.get("origin")
        if not origin or origin not in self.base:
            return rule
        before, after = self.base[origin], self.theirs.get(origin)
        unchanged = self.plain(rule) == self.plain(self.renamed(before, origin))
        if after is None:
            if unchanged:
                self.taken.append(origin)
                return None
            self.conflict("removed_there", origin, rule, None)
            return rule
        if self.plain(after) == self.plain(before):
            return rule
        renamed = self.renamed(after, origin)
        if unchanged:
            self.taken.append(origin)
            return renamed
        if self.plain(rule) != self.plain(renamed):
            self.conflict("changed", origin, rule, after)
        return rule

    def conflict(self, kind: Any, origin: str, mine: Rule | None, theirs: Rule | None) -> None:
        base = self.base.get(origin)
        target = (mine or theirs or base or {}).get("target", "")
        self.conflicts.append(Conflict(origin, target, kind, base, mine, theirs))

    @staticmethod
    def plain(rule: Rule) -> Rule:
        """What counts as the same rule: everything but where it came from and its comment."""
        return {
            key: value
            for key, value in rule.items()
            if key not in ("id", "origin", "comment") and value not in (None, "", False)
        }

    def renamed(self, rule: Rule, origin: str) -> Rule:
        """A template's rule with the ids that my mapping uses for it and the rows around it."""
        target = rule.get("target", "")
        for other, name in self.names.items():
            target = target.replace(f"[{other}]", f"[{name}]")
        return {
            **rule,
            "id": self.names.get(origin, rule["id"]),
            "target": target,
            "origin": origin,
        }

    def free_id(self, wanted: str) -> str:
        found, number = wanted, 2
        while found in self.ids:
            found, number = f"{wanted[:56]}_{number}", number + 1
        self.ids.add(found)
        return found

    def insert(self, rules: list[Rule], origin: str, rule: Rule) -> None:
        """Put a new rule behind the one that stands before it in the template."""
        order = list(self.theirs)
        before = set(order[: order.index(origin)])
        place = max((n + 1 for n, r in enumerate(rules) if r.get("origin") in before), default=0)
        rules.insert(place, rule)
