"""What came from a template, brought to its new version without losing what people changed.

Rules are told apart by ``origin``, the id of the template's rule they came from, and ``insertion``,
the time they were laid in. Three versions are compared: the template then, the template now, both
as they read and stand in the mapping, and the mapping as people changed it. What only one side
changed is taken; what both changed differently stays as people have it, unless they choose else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from ipaas.mapping.insertions import (
    Document,
    Rule,
    blocks_along,
    came_with,
    fitted,
    free,
    inside,
    plainly,
    with_blocks,
    with_insertion,
    within,
    without,
)
from ipaas.mapping.model import Insertion
from ipaas.mapping.parsing import parse_mapping

Kind = Literal["added", "changed", "removed", "conflict"]
Part = Literal["rule", "branch", "function", "own_field"]
_KEYS: Final[dict[Part, tuple[str, str]]] = {
    "branch": ("branches", "id"),
    "function": ("functions", "name"),
    "own_field": ("own_fields", "path"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a new version brings, all in the words of the mapping.

    ``mine`` of a conflict is what stays unless ``taken``: None if people removed it. ``theirs`` is
    None where the template has it no more.
    """

    key: str
    part: Part
    kind: Kind
    target: str
    base: Rule | None
    mine: Rule | None
    theirs: Rule | None
    taken: bool

    def as_json(self) -> dict[str, Any]:
        """The change as a JSON object."""
        return {
            "key": self.key,
            "part": self.part,
            "kind": self.kind,
            "target": self.target,
            "base": self.base,
            "mine": self.mine,
            "theirs": self.theirs,
            "taken": self.taken,
        }


@dataclass(frozen=True, slots=True)
class Merged:
    """The mapping with the changes that are taken, and all changes."""

    document: Document
    changes: tuple[Change, ...]


def merge(
    base: Document,
    theirs: Document,
    mine: Document,
    insertion: Insertion,
    version: int,
    choices: Mapping[str, bool] | None = None,
) -> Merged:
    """``mine`` with the changes that lead from template ``base`` to template ``theirs``.

    Only what came with ``insertion`` is touched. Rules and the blocks they stand in keep the ids
    they have in ``mine``; new ones get the template's, with a number if it is taken. ``choices``
    says by a change's key whether it is taken; else all are but conflicts.
    """
    for document in (base, theirs, mine):
        parse_mapping(document)
    return _Merger(base, theirs, mine, insertion, choices or {}).merge(version)


class _Merger:
    def __init__(
        self,
        base: Document,
        theirs: Document,
        mine: Document,
        insertion: Insertion,
        choices: Mapping[str, bool],
    ) -> None:
        self.document, self.choices = mine, choices
        self.insertion = self.with_branches(theirs, insertion)
        self.old, self.new = fitted(base, self.insertion), fitted(theirs, self.insertion)
        self.base: dict[str, Rule] = {rule["id"]: rule for rule in self.old["rules"]}
        self.theirs: dict[str, Rule] = {rule["id"]: rule for rule in self.new["rules"]}
        self.mine: dict[str, Rule] = {}
        for rule in mine["rules"]:
            # Of a rule that was copied with its rows, the first is the template's.
            if came_with(rule, insertion):
                self.mine.setdefault(rule["origin"], rule)
        self.names = {origin: rule["id"] for origin, rule in self.mine.items()}
        taken = {rule["id"] for rule in mine["rules"]}
        for origin in self.theirs:
            if origin not in self.names:
                self.names[origin] = free(origin, taken)
                taken.add(self.names[origin])
        self.changes: list[Change] = []
        self.restored: set[str] = set()
        self.absent: set[str] = set()
        self.rules: list[Rule] = list(mine["rules"])

    def merge(self, version: int) -> Merged:
        """Outer rows are decided on before what stands in them."""
        origins = [*self.theirs, *(origin for origin in self.base if origin not in self.theirs)]
        outer_first = sorted(
            origins, key=lambda origin: len(blocks_along(self.found(origin).get("target", "")))
        )
        for origin in outer_first:
            if origin in self.mine:
                self.keep(origin)
        for origin in outer_first:
            if origin in self.theirs and origin not in self.mine:
                self.bring(origin)
        merged: Document = {**self.document, "rules": self.rules}
        for part in _KEYS:
            self.beside(merged, part)
        merged = with_insertion(merged, replace(self.insertion, version=version))
        parse_mapping(merged)
        order = {origin: n for n, origin in enumerate(origins)}
        self.changes.sort(key=lambda one: order.get(one.key.removeprefix("rule:"), len(order)))
        return Merged(merged, tuple(self.changes))

    # --- rules ---------------------------------------------------------------------------------

    def keep(self, origin: str) -> None:
        """A rule that is in the mapping still."""
        rule, before, after = self.mine[origin], self.base.get(origin), self.theirs.get(origin)
        if before is None or rule not in self.rules:
            return  # nothing is known of it, or its rows went
        was = self.here(before)
        unchanged = plain(rule) == plain(was)
        if after is None:
            kind: Kind = "removed" if unchanged and not self.own_inside(rule) else "conflict"
            if self.change("rule", origin, kind, was, rule, None):
                self.rules = without(self.rules, rule)
            return
        if plain(after) == plain(before):
            return
        now = self.here(after)
        if plain(rule) == plain(now):
            return
        if self.change("rule", origin, "changed" if unchanged else "conflict", was, rule, now):
            if rule.get("comment") and rule["comment"] != before.get("comment"):
                now["comment"] = rule["comment"]
            self.rules = [now if one is rule else one for one in self.rules]

    def bring(self, origin: str) -> None:
        """A rule of the template that the mapping has not: it is new, or people removed it."""
        after, before = self.here(self.theirs[origin]), self.base.get(origin)
        around = blocks_along(self.theirs[origin].get("target", ""))
        if any(block in self.absent for block in around):
            self.absent.add(origin)
            return
        rivals = self.rivals(after)
        back = any(block in self.restored for block in around)
        taken = False
        if before is None or back:
            kind: Kind = "conflict" if rivals else "added"
            taken = self.change("rule", origin, kind, None, rivals[0] if rivals else None, after)
        elif plain(self.theirs[origin]) != plain(before):
            was, mine = self.here(before), rivals[0] if rivals else None
            taken = self.change("rule", origin, "conflict", was, mine, after)
        if not taken:
            self.absent.add(origin)
            return
        for rival in rivals:
            self.rules = without(self.rules, rival)
        self.restored.add(origin)
        self.insert(origin, after)

    def rivals(self, rule: Rule) -> list[Rule]:
        """What people have at the place of a rule of the template."""
        kept = {id(one) for origin, one in self.mine.items() if origin in self.theirs}
        if rule.get("rows") is None:
            kept = set()
        return [
            one
            for one in self.rules
            if one.get("target", "") == rule.get("target", "")
            and (one.get("rows") is None) == (rule.get("rows") is None)
            and one.get("branch") == rule.get("branch")
            and one.get("only") == rule.get("only")
            and id(one) not in kept
            and not (one.get("rows") is not None and came_with(one, self.insertion))
        ]

    def own_inside(self, rule: Rule) -> bool:
        """Whether something stands in a block's rows that is not just as the template had it."""
        if rule.get("rows") is None:
            return False
        below = inside(rule)
        return any(
            within(one.get("target", ""), below) and not self.untouched(one) for one in self.rules
        )

    def untouched(self, rule: Rule) -> bool:
        origin = rule.get("origin", "")
        before = self.base.get(origin)
        mine = self.mine.get(origin) is rule
        return mine and before is not None and plain(rule) == plain(self.here(before))

    def here(self, rule: Rule) -> Rule:
        """A template's rule with the ids that the mapping uses for it and the rows around it."""
        origin = rule["id"]
        target = with_blocks(rule.get("target", ""), lambda block: self.names.get(block, block))
        came = {"origin": origin} | ({"insertion": self.insertion.id} if self.insertion.id else {})
        return plainly(rule) | {"id": self.names.get(origin, origin), "target": target} | came

    def found(self, origin: str) -> Rule:
        return self.theirs[origin] if origin in self.theirs else self.base[origin]

    def insert(self, origin: str, rule: Rule) -> None:
        """Put a new rule behind the one that stands before it in the template."""
        order = list(self.theirs)
        before = set(order[: order.index(origin)])
        place = max(
            (
                n + 1
                for n, one in enumerate(self.rules)
                if came_with(one, self.insertion) and one["origin"] in before
            ),
            default=len(self.rules),
        )
        self.rules = [*self.rules[:place], rule, *self.rules[place:]]

    # --- what stands beside the rules ----------------------------------------------------------

    def with_branches(self, theirs: Document, insertion: Insertion) -> Insertion:
        """The insertion with names for branches that the new version has more."""
        names = dict(insertion.branches)
        taken = {branch["id"] for branch in self.document.get("branches") or []}
        mine = {rule.get("branch") for rule in self.document["rules"] if came_with(rule, insertion)}
        for branch in theirs.get("branches") or []:
            if insertion.id and branch["id"] not in names and branch["id"] not in mine:
                names[branch["id"]] = free(branch["id"], taken)
            taken.add(names.get(branch["id"], branch["id"]))
        return replace(insertion, branches=tuple((a, b) for a, b in names.items()))

    def beside(self, merged: Document, part: Part) -> None:
        """Branches, functions and added fields; those that the template has no more stay."""
        member, key = _KEYS[part]
        old = {item[key]: item for item in self.old.get(member) or []}
        made = {item[key]: item for item in merged.get(member) or []}
        for item in self.new.get(member) or []:
            name, before = item[key], old.get(item[key])
            mine = made.get(name)
            if mine is None:
                if part != "branch" and before is not None:
                    continue  # people removed it
                if part != "branch" or self.needed(name):
                    made[name] = item
            elif mine != item and item != before:
                kind: Kind = "changed" if mine == before else "conflict"
                if self.change(part, name, kind, before, mine, item):
                    made[name] = item
        if made:
            merged[member] = list(made.values())

    def needed(self, branch: str) -> bool:
        after = {one["id"]: one.get("after") for one in self.new.get("branches") or []}
        for rule in self.rules:
            at = rule.get("branch")
            while at is not None and at != branch:
                at = after.get(at)
            if at == branch:
                return True
        return False

    # --- what is told --------------------------------------------------------------------------

    def change(self, part: Part, name: str, kind: Kind, base: Any, mine: Any, theirs: Any) -> bool:
        """Note a change; whether it is taken."""
        key = f"{part}:{name}"
        taken = self.choices.get(key, kind != "conflict")
        shown = mine or theirs or base or {}
        target = shown.get("target", "") if part == "rule" else name
        if part == "rule" and shown.get("rows") is not None:
            target = inside(shown)
        self.changes.append(Change(key, part, kind, target, base, mine, theirs, taken))
        return taken


def plain(rule: Rule) -> Rule:
    """What counts as the same rule: everything but where it came from and its comment."""
    return {
        key: value
        for key, value in rule.items()
        if key not in ("id", "origin", "insertion", "comment") and value not in (None, "", False)
    }
