"""What came from a template, brought to its new version without losing what people changed.

Rules are told apart by ``origin``, the id of the template's rule they came from, and ``insertion``,
the time they were laid in. Three versions are compared: the template then, the template now, both
as they read and stand in the mapping, and the mapping as people changed it. What only one side
changed is taken; what both changed differently stays as people have it, unless they choose else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from ipaas.mapping.insertions import (
    Document,
    Rule,
    blocks_along,
    came_with,
    fitted,
    free,
    innermost,
    inside,
    makes_rows,
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
        self.kept: set[str] = set()
        self.rules: list[Rule] = list(mine["rules"])
        # Where what stands in the template's rows is to be put: ``Line[b1]``.
        self.places = {o: inside(rule) for o, rule in self.mine.items() if makes_rows(rule)}

    def merge(self, version: int) -> Merged:
        """Outer rows are decided on before what stands in them, and go after what left them."""
        gone = [origin for origin in self.base if origin not in self.theirs]
        there, gone = self.outer_first(self.theirs), self.outer_first(gone)
        for origin in there:
            if origin in self.mine:
                self.keep(origin)
            elif makes_rows(self.theirs[origin]):
                self.bring(origin)
        for origin in gone:
            if origin in self.mine:
                self.remove(origin)
        for origin in there:
            if origin not in self.mine and not makes_rows(self.theirs[origin]):
                self.bring(origin)
        merged: Document = {**self.document, "rules": self.rules}
        for part in _KEYS:
            self.beside(merged, part)
        merged = with_insertion(merged, replace(self.insertion, version=version))
        parse_mapping(merged)
        order = {origin: n for n, origin in enumerate([*self.theirs, *gone])}
        self.changes.sort(key=lambda one: order.get(one.key.removeprefix("rule:"), len(order)))
        return Merged(merged, tuple(self.changes))

    # --- rules ---------------------------------------------------------------------------------

    def outer_first(self, origins: Iterable[str]) -> list[str]:
        """Rules of the template, each behind the rows that it stands in."""
        return sorted(origins, key=lambda origin: len(self.around(origin)))

    def around(self, origin: str) -> list[str]:
        """The template's rows that a rule of it stands in."""
        rule = self.theirs.get(origin) or self.base[origin]
        return blocks_along(rule.get("target", ""))

    def keep(self, origin: str) -> None:
        """A rule that both the mapping and the new version have."""
        rule, before, after = self.mine[origin], self.base.get(origin), self.theirs[origin]
        if before is not None and rule in self.rules:
            was, now = self.here(before), self.here(after)
            away = not self.absent.isdisjoint(self.around(origin))
            if away or within(now["target"], inside(rule)):
                now["target"] = was["target"]  # the rows it went into are not there, or its own
            if plain(now) not in (plain(was), plain(rule)):
                self.follow(origin, was, now)
        if makes_rows(after) and not makes_rows(self.mine[origin]):
            self.absent.add(origin)

    def follow(self, origin: str, was: Rule, now: Rule) -> None:
        """Put a changed rule in its place; what stands in its rows goes along, or with them."""
        rule = self.mine[origin]
        rows_end = makes_rows(rule) and not makes_rows(now)
        unchanged = plain(rule) == plain(was) and not (rows_end and self.own_inside(rule))
        if not self.change("rule", origin, "changed" if unchanged else "conflict", was, rule, now):
            if rows_end:
                self.kept.add(origin)
            return
        if rule.get("comment") and rule["comment"] != was.get("comment"):
            now["comment"] = rule["comment"]
        self.mine[origin] = now
        self.rules = [now if one is rule else one for one in self.rules]
        if rows_end:
            below = inside(rule)
            self.rules = [one for one in self.rules if not within(one.get("target", ""), below)]
        elif makes_rows(rule):
            self.move(inside(rule), inside(now))
        if makes_rows(now):
            self.places[origin] = inside(now)

    def move(self, old: str, new: str) -> None:
        """Put everything that stands in rows, whoever drew it, where these rows are now."""
        for number, one in enumerate(self.rules):
            target = one.get("target", "")
            if old == new or not within(target, old):
                continue
            moved = self.rules[number] = {**one, "target": new + target[len(old) :]}
            origin = one.get("origin", "")
            if self.mine.get(origin) is one:
                self.mine[origin] = moved
                if makes_rows(moved):
                    self.places[origin] = inside(moved)

    def remove(self, origin: str) -> None:
        """A rule of the mapping that the template has no more; kept rows keep what is in them."""
        rule, was = self.mine[origin], self.here(self.base[origin])
        if rule not in self.rules or not self.kept.isdisjoint(self.around(origin)):
            return
        unchanged = plain(rule) == plain(was) and not self.own_inside(rule)
        if self.change("rule", origin, "removed" if unchanged else "conflict", was, rule, None):
            self.rules = without(self.rules, rule)
        else:
            self.kept.add(origin)

    def bring(self, origin: str) -> None:
        """A rule of the template that the mapping has not: it is new, or people removed it."""
        after, before = self.here(self.theirs[origin]), self.base.get(origin)
        around = self.around(origin)
        if any(block in self.absent for block in around):
            self.absent.add(origin)
            return
        rivals = self.rivals(after)
        if before is None and self.adopt(origin, after, rivals):
            return
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
        if before is not None:
            self.restored.add(origin)
        if makes_rows(after):
            self.places[origin] = inside(after)
        self.insert(origin, after)

    def adopt(self, origin: str, after: Rule, rivals: list[Rule]) -> bool:
        """Let a rule that people drew just so be the template's from now on; whether there is."""
        own = (one for one in rivals if not one.get("origin") and plain(one) == plain(after))
        found = next(own, None)
        if found is None:
            return False
        came = {name: after[name] for name in ("origin", "insertion") if name in after}
        self.names[origin] = found["id"]
        self.mine[origin] = found | came
        self.rules = [self.mine[origin] if one is found else one for one in self.rules]
        if makes_rows(found):
            self.places[origin] = inside(found)
        return True

    def rivals(self, rule: Rule) -> list[Rule]:
        """What people have at the place of a rule of the template."""
        kept = {id(one) for origin, one in self.mine.items() if origin in self.theirs}
        if not makes_rows(rule):
            kept = set()
        return [
            one
            for one in self.rules
            if one.get("target", "") == rule.get("target", "")
            and makes_rows(one) == makes_rows(rule)
            and one.get("branch") == rule.get("branch")
            and one.get("only") == rule.get("only")
            and id(one) not in kept
            and not (makes_rows(one) and came_with(one, self.insertion))
        ]

    def own_inside(self, rule: Rule) -> bool:
        """Whether something stands in a block's rows that is not just as the template had it."""
        if not makes_rows(rule):
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
        """A template's rule with the ids that the mapping uses, in the rows as they stand there."""
        origin, target = rule["id"], rule.get("target", "")
        block, rest = innermost(target)
        if block in self.places:
            target = self.places[block] + rest
        else:
            target = with_blocks(target, lambda block: self.names.get(block, block))
        came = {"origin": origin} | ({"insertion": self.insertion.id} if self.insertion.id else {})
        return plainly(rule) | {"id": self.names.get(origin, origin), "target": target} | came

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
        if part == "rule" and makes_rows(shown):
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
