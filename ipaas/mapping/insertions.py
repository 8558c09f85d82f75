"""Templates laid into mappings: read from other steps, put under another record, told apart.

A template speaks of its own steps, records, branches and ids. ``fitted`` says it in the words of
the mapping that it is laid into; ``given_back`` says a mapping in the words of the template again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ipaas.core.errors import Unprocessable
from ipaas.mapping.mending import calls_in
from ipaas.mapping.model import Insertion
from ipaas.mapping.parsing import parse_mapping
from ipaas.mapping.writing import write_insertion

Rule = dict[str, Any]
Document = dict[str, Any]

_PATHS: Final = {"path", "each"}
_GOES_ON: Final = re.compile(r"[A-Za-z0-9_$-]")
_IN_TEXT: Final = re.compile(
    r"(?:(?<![\w$.])|(?<=(?<![\w$])\$\$\.))"
    r"(trigger|vars|steps\.[A-Za-z_]\w*)(?:\.[A-Za-z_$][\w$]*)*",
    re.ASCII,
)
_BLOCK: Final = re.compile(r"`[^`]*`|\[([^\]]+)\]")


class FunctionsDiffer(Unprocessable):
    """The template and the mapping have two functions of one name."""

    code = "mapping_template.functions_differ"


@dataclass(frozen=True, slots=True)
class LaidIn:
    """The mapping with a template in it, and how many of its rules came or were left out."""

    document: Document
    added: int
    skipped: int


def insertions_of(mapping: Document) -> tuple[Insertion, ...]:
    """What was laid into a mapping; of one kept before there were insertions, its template."""
    found = parse_mapping(mapping).insertions
    old = mapping.get("template") or {}
    if isinstance(old.get("id"), str) and type(old.get("version")) is int:
        return (Insertion("", old["id"], old["version"]), *found)
    return found


def with_insertion(mapping: Document, insertion: Insertion) -> Document:
    """The mapping that remembers this of an insertion, in place of what it did."""
    if insertion.id == "":
        return {**mapping, "template": {"id": insertion.template, "version": insertion.version}}
    made = write_insertion(insertion)
    known = mapping.get("insertions") or []
    if not any(one["id"] == insertion.id for one in known):
        return {**mapping, "insertions": [*known, made]}
    kept = [made if one["id"] == insertion.id else one for one in known]
    return {**mapping, "insertions": kept}


def came_with(rule: Rule, insertion: Insertion) -> bool:
    """Whether a rule came with this insertion."""
    return bool(rule.get("origin")) and (rule.get("insertion") or "") == insertion.id


# --- in the words of the mapping ------------------------------------------------------------------


def fitted(template: Document, insertion: Insertion) -> Document:
    """The template as it reads and fills in the place where it is laid in; its ids stay its own."""
    made = _moved(_reading(template, dict(insertion.reads)), insertion.place)
    return _in_branches(made, dict(insertion.branches))


def given_back(mapping: Document, insertion: Insertion) -> Document:
    """The mapping as the template would say it; what two trees became one for stays one."""
    reads = {new: old for old, new in insertion.reads}
    place = insertion.place and (insertion.place[1], insertion.place[0])
    branches = {new: old for old, new in insertion.branches}
    return _in_branches(_moved(_reading(mapping, reads), place), branches)


def _reading(document: Document, trees: Mapping[str, str]) -> Document:
    if not trees:
        return document

    longest_first = sorted(trees, key=len, reverse=True)

    def path(text: str) -> str:
        for old in longest_first:
            if text.startswith(old) and not _GOES_ON.match(text, len(old)):
                return trees[old] + text[len(old) :]
        return text

    def code(text: str) -> str:
        return _IN_TEXT.sub(lambda found: path(found[0]), text)

    def walk(value: Any, key: str) -> Any:
        if isinstance(value, str):
            return path(value) if key in _PATHS else code(value) if key == "text" else value
        if isinstance(value, list):
            return [walk(one, key) for one in value]
        # A fixed value is the person's own text, whatever it looks like.
        if not isinstance(value, dict) or value.get("op") == "const":
            return value
        return {name: walk(one, name) for name, one in value.items()}

    changed = {part: walk(document[part], "") for part in ("rules", "branches") if part in document}
    return {**document, **changed}


def _moved(document: Document, place: tuple[str, str] | None) -> Document:
    if place is None or place[0] == place[1]:
        return document
    old, new = place

    def moved(path: str) -> str:
        if not old:
            return f"{new}.{path}" if path else new
        if not within(path, old):
            return path
        rest = path[len(old) :]
        return new + rest if new else rest.lstrip(".")

    rules = [{**rule, "target": moved(rule.get("target", ""))} for rule in document["rules"]]
    made = {**document, "rules": rules}
    if document.get("own_fields"):
        made["own_fields"] = [{**f, "path": moved(f["path"])} for f in document["own_fields"]]
    return made


def _in_branches(document: Document, names: Mapping[str, str]) -> Document:
    if not names:
        return document

    def named(item: dict[str, Any], *keys: str) -> dict[str, Any]:
        return {**item, **{key: names.get(item[key], item[key]) for key in keys if item.get(key)}}

    made = {**document, "rules": [named(rule, "branch") for rule in document["rules"]]}
    if document.get("branches"):
        made["branches"] = [named(branch, "id", "after") for branch in document["branches"]]
    return made


# --- paths of targets -----------------------------------------------------------------------------


def within(path: str, above: str) -> bool:
    """Whether a target path is another or lies below it."""
    if above == "":
        return True
    return path.startswith(above) and path[len(above) : len(above) + 1] in ("", ".", "[")


def blocks_along(target: str) -> list[str]:
    """Ids of the blocks of rows that a target stands in, outermost first."""
    return [found[1] for found in _BLOCK.finditer(target) if found[1]]


def with_blocks(target: str, name: Callable[[str], str]) -> str:
    """A target whose blocks have other names."""

    def swap(found: re.Match[str]) -> str:
        return f"[{name(found[1])}]" if found[1] else found[0]

    return _BLOCK.sub(swap, target)


def innermost(target: str) -> tuple[str, str]:
    """The id of the block that a target stands in, and its rest behind that; "" for none."""
    found = [one for one in _BLOCK.finditer(target) if one[1]]
    return (found[-1][1], target[found[-1].end() :]) if found else ("", target)


def makes_rows(rule: Rule) -> bool:
    """Whether a rule is a block of rows."""
    return rule.get("rows") is not None


def inside(rule: Rule) -> str:
    """The place below which a block's own rules stand: ``Line[b1]``."""
    return f"{rule.get('target', '')}[{rule['id']}]"


def free(wanted: str, taken: Iterable[str]) -> str:
    """A name that is not taken: the wanted one, with a number if it must be."""
    found, number, known = wanted, 2, set(taken)
    while found in known:
        found, number = f"{wanted[:56]}_{number}", number + 1
    return found


# --- laying in ------------------------------------------------------------------------------------


def lay_in(
    mapping: Document, template: Document, insertion: Insertion, *, instead: bool = False
) -> LaidIn:
    """The mapping with the template's rules, each of which remembers where it came from.

    What is filled already stays, with all that the template has for its rows, or gives way where
    ``instead`` says so.
    """
    parse_mapping(template)
    parse_mapping(mapping)
    insertion, branches = _branches(mapping, template, insertion)
    fit = fitted(template, insertion)
    rules, filled = list(mapping["rules"]), {rule.get("target", "") for rule in mapping["rules"]}
    names, left, laid = dict[str, str](), list[str](), dict[str, Rule]()
    # A block may stand behind what is in its rows.
    for rule in sorted(fit["rules"], key=lambda rule: len(blocks_along(rule.get("target", "")))):
        target = rule.get("target", "")
        if any(within(target, block) for block in left) or (target in filled and not instead):
            if makes_rows(rule):
                left.append(inside(rule))
            continue
        for rival in [one for one in rules if one.get("target", "") == target]:
            rules = without(rules, rival)
        names[rule["id"]] = free(rule["id"], {one["id"] for one in rules} | set(names.values()))
        here = with_blocks(target, lambda block: names.get(block, block))
        came = {"origin": rule["id"]} | ({"insertion": insertion.id} if insertion.id else {})
        laid[rule["id"]] = plainly(rule) | {"id": names[rule["id"]], "target": here} | came
    rules += [laid[rule["id"]] for rule in fit["rules"] if rule["id"] in laid]
    added = len(laid)
    if not added:
        return LaidIn(mapping, 0, len(fit["rules"]))
    _require_same_functions(mapping, template)
    made = {**mapping, "rules": rules}
    if branches:
        made["branches"] = branches
    for part, key in (("functions", "name"), ("own_fields", "path")):
        present = {item[key] for item in made.get(part) or []}
        more = [item for item in fit.get(part) or [] if item[key] not in present]
        if more:
            made[part] = [*(made.get(part) or []), *more]
    made = with_insertion(made, insertion)
    parse_mapping(made)
    return LaidIn(made, added, len(fit["rules"]) - added)


def _require_same_functions(mapping: Document, template: Document) -> None:
    """Raise FunctionsDiffer where calls of one would run a function of the other."""
    mine, theirs = (
        {each["name"]: each for each in document.get("functions") or ()}
        for document in (mapping, template)
    )
    called, calling = (
        {str(expr.get("fn")) for expr in calls_in(document["rules"])}
        for document in (mapping, template)
    )
    # Neither brings the other names: they are functions of the workspace.
    others = (theirs.keys() & called - mine.keys()) | (mine.keys() & calling - theirs.keys())
    for name in sorted(theirs.keys() & mine.keys()):
        one, other = mine[name], theirs[name]
        if (one.get("params"), one["body"]) != (other.get("params"), other["body"]):
            others.add(name)
    if others:
        raise FunctionsDiffer(
            f"The mapping and the template mean different functions by “{min(others)}”.",
            hint="Give one of the two another name, or bring an older insertion of this template "
            "to its newest version first.",
        )


def plainly(rule: Rule) -> Rule:
    """A rule without where it came from."""
    return {key: value for key, value in rule.items() if key not in ("origin", "insertion")}


def without(rules: list[Rule], gone: Rule) -> list[Rule]:
    """The rules without one of them; a block goes with everything in its rows."""
    below = inside(gone) if makes_rows(gone) else None
    return [
        rule
        for rule in rules
        if rule["id"] != gone["id"]
        and not (below is not None and within(rule.get("target", ""), below))
    ]


def _branches(
    mapping: Document, template: Document, insertion: Insertion
) -> tuple[Insertion, list[dict[str, Any]]]:
    """The insertion with the names that the template's branches get, and all branches then."""
    made, names = list(mapping.get("branches") or []), dict(insertion.branches)
    wanted = _wanted(template)
    read = _reading({"rules": [], "branches": template.get("branches") or []},
                    dict(insertion.reads))["branches"]  # fmt: skip
    for branch in (one for one in read if one["id"] in wanted):
        here = dict(branch)
        if here.get("after"):
            here["after"] = names.get(here["after"], here["after"])
        if here not in made:
            here["id"] = free(branch["id"], {one["id"] for one in made})
            made.append(here)
        names[branch["id"]] = here["id"]
    return replace(insertion, branches=tuple(names.items())), made


def _wanted(template: Document) -> set[str]:
    """Branches that rules stand in; one that is an “else” with what it follows."""
    after: dict[str, str | None] = {
        branch["id"]: branch.get("after") for branch in template.get("branches") or []
    }
    found: set[str] = set()
    for rule in template["rules"]:
        branch: str | None = rule.get("branch")
        while branch is not None and branch not in found:
            found.add(branch)
            branch = after.get(branch)
    return found


# --- a new version --------------------------------------------------------------------------------


def continued(before: Document, document: Document, origins: Mapping[str, str]) -> Document:
    """A template's new version whose rules keep the ids they had in the version before.

    ``origins`` are rules of the new version that are known to be those of the template. Of the rest
    a rule goes on that fills the same target, then one that has the same id.
    """
    old = {_place(rule, n): rule["id"] for rule, n in _numbered(before["rules"])}
    free_ids, names = {rule["id"] for rule in before["rules"]}, dict[str, str]()
    new = _numbered(document["rules"])

    def claim(rule: Rule, wanted: str | None) -> None:
        if wanted is not None and rule["id"] not in names and wanted in free_ids:
            names[rule["id"]] = wanted
            free_ids.discard(wanted)

    for rule, _ in new:
        claim(rule, origins.get(rule["id"]))
    for rule, number in new:
        claim(rule, old.get(_place(rule, number)))
    for rule, _ in new:
        claim(rule, rule["id"])
    taken = {*names.values(), *(rule["id"] for rule in before["rules"])}
    for rule, _ in new:
        if rule["id"] not in names:
            names[rule["id"]] = free(rule["id"], taken)
            taken.add(names[rule["id"]])
    rules = [
        {
            **plainly(rule),
            "id": names[rule["id"]],
            "target": with_blocks(rule.get("target", ""), lambda block: names.get(block, block)),
        }
        for rule in document["rules"]
    ]
    return {**document, "rules": rules}


def _place(rule: Rule, number: int) -> tuple[Any, ...]:
    target = with_blocks(rule.get("target", ""), lambda _: "")
    return target, makes_rows(rule), rule.get("branch"), rule.get("only"), number


def _numbered(rules: list[Rule]) -> list[tuple[Rule, int]]:
    """Rules with how many of the same place came before them."""
    seen: dict[tuple[Any, ...], int] = {}
    found = []
    for rule in rules:
        place = _place(rule, 0)
        found.append((rule, seen.get(place, 0)))
        seen[place] = seen.get(place, 0) + 1
    return found
