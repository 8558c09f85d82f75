"""Templates and mappings changed at random: whatever is merged, nothing of people's is lost."""

from __future__ import annotations

import copy
import random
import re
from typing import Any

import pytest

from ipaas.mapping.insertions import insertions_of, inside, lay_in, within
from ipaas.mapping.merging import merge
from ipaas.mapping.model import Insertion
from tests.mapping.builders import const, mapping, rows, rule

Rules = list[dict[str, Any]]


def template(chance: random.Random) -> dict[str, Any]:
    made: Rules = []
    for number in range(chance.randint(1, 9)):
        target = place(chance, made, None) + chance.choice("ABCDEFGH")
        if chance.random() < 0.35:
            made.append(rows(f"b{number}", target, f"trigger.l{number}[]"))
        else:
            made.append(rule(f"r{number}", target, const(number)))
    return mapping(*made)


def place(chance: random.Random, rules: Rules, moved: dict[str, Any] | None) -> str:
    """The document or rows in it; not the own rows of what is moved there."""
    own = inside(moved) if moved is not None else "-"
    blocks = [inside(r) for r in rules if "rows" in r and not within(inside(r), own)]
    return chance.choice(["", *(f"{block}." for block in blocks)])


def edited(chance: random.Random, document: dict[str, Any], by: str) -> dict[str, Any]:
    rules: Rules = copy.deepcopy(document["rules"])
    for number in range(chance.randint(0, 4)):
        if not rules:
            break
        one, name = chance.choice(rules), f"{by}{number}"
        match chance.choice(["change", "remove", "add", "move", "kind", "shuffle"]):
            case "change" if "rows" in one:
                one["rows"] = {"each": f"trigger.{name}[]"}
            case "change":
                one["expr"] = const(name)
            case "remove":
                gone = inside(one) if "rows" in one else "-"
                rules = [r for r in rules if r is not one and not within(r["target"], gone)]
            case "add":
                target = place(chance, rules, None) + chance.choice("ABCDPQ")
                more = rule(name, target, const(by))
                rules.append(more if chance.random() < 0.7 else rows(name, target, "trigger.z[]"))
            case "move":
                old = inside(one) if "rows" in one else "-"
                one["target"] = place(chance, rules, one) + chance.choice("ABCMN")
                for inner in rules:
                    if within(inner["target"], old):
                        inner["target"] = inside(one) + inner["target"][len(old) :]
            case "kind" if "rows" in one:
                old = inside(one)
                del one["rows"]
                one["expr"] = const(name)
                rules = [r for r in rules if not within(r["target"], old)]
            case "kind":
                del one["expr"]
                one["rows"] = {"each": f"trigger.{name}[]"}
            case _:
                chance.shuffle(rules)
    return {**document, "rules": rules}


def misplaced(rules: Rules) -> list[str]:
    """Rules that stand in rows that are not there."""
    blocks = {inside(r) for r in rules if "rows" in r}
    return [r["id"] for r in rules for end in re.finditer(r"\]", r["target"])
            if r["target"][: end.end()] not in blocks]  # fmt: skip


@pytest.mark.parametrize("seed", range(400))
def test_nothing_of_peoples_is_lost_and_no_rule_is_left_without_its_rows(seed: int) -> None:
    chance = random.Random(seed)
    base = template(chance)
    newer = edited(chance, base, "t")
    own = template(chance)["rules"] if seed % 3 else []
    laid = lay_in(mapping(*own), base, Insertion("i", "tpl", 1), instead=seed % 2 == 0).document
    assert misplaced(laid["rules"]) == []
    mine = edited(chance, laid, "m")
    if not insertions_of(mine):
        return
    merged = merge(base, newer, mine, insertions_of(mine)[0], 2)
    after = {r["id"]: r for r in merged.document["rules"]}
    assert misplaced(merged.document["rules"]) == []
    before = {r["id"]: r for r in base["rules"]}
    for one in mine["rules"]:
        if "origin" not in one:
            assert one["id"] in after
        elif one.get("expr") and one["expr"] != before.get(one["origin"], one).get("expr"):
            assert after[one["id"]].get("expr") == one["expr"]
    again = merge(newer, newer, merged.document, insertions_of(merged.document)[0], 2)
    assert again.changes == () and again.document == merged.document
    choices = {change.key: chance.random() < 0.5 for change in merged.changes}
    chosen = merge(base, newer, mine, insertions_of(mine)[0], 2, choices)
    assert misplaced(chosen.document["rules"]) == []
