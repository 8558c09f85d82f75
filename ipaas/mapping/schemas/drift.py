"""What changed between two versions of a schema, and which rules of a mapping it touches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from ipaas.mapping.errors import MappingInvalid
from ipaas.mapping.model import Document, Field, expressions, walk
from ipaas.mapping.parsing import parse_mapping
from ipaas.mapping.paths import EACH, SourcePath, format_source, parse_source, parse_target
from ipaas.mapping.schemas.reading import Schema, as_source_path, types, view

Kind: TypeAlias = Literal["added", "removed", "type", "required", "optional", "narrower", "wider"]
_MAX_DEPTH: Final = 12
_BREAKS_SOURCE: Final = frozenset({"removed", "type"})
_BREAKS_TARGET: Final = frozenset({"removed", "type", "required", "narrower"})


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs: its path, what happened, and the words for it."""

    kind: Kind
    path: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """The change as a JSON object."""
        return {"kind": self.kind, "path": self.path, "message": self.message}


@dataclass(frozen=True, slots=True)
class Touched:
    """A rule that a change touches; ``breaks`` if it will no longer do what it did."""

    rule_id: str | None
    target: str | None
    change: Change
    breaks: bool

    def as_json(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return {
            "rule_id": self.rule_id,
            "target": self.target,
            "breaks": self.breaks,
            **self.change.as_json(),
        }


def compare(old: Schema, new: Schema) -> list[Change]:
    """Every difference that matters to a mapping, in the order of the fields."""
    return list(_differences(old, old, new, new, (), 0))


def _differences(
    old_root: Schema, old: object, new_root: Schema, new: object, path: SourcePath, depth: int
) -> Iterator[Change]:
    before, after = view(old_root, old), view(new_root, new)
    if depth > _MAX_DEPTH:
        return
    here = format_source(path)
    was, now = types(before) - {"null"}, types(after) - {"null"}
    if was and now and was != now and not _only_wider(was, now):
        yield Change(
            "type", here, f"{here or 'The document'} was {_words(was)}, now {_words(now)}."
        )
        return
    yield from _limits(before, after, here)
    if "array" in was and "array" in now:
        items = before.get("items") or {}, after.get("items") or {}
        yield from _differences(old_root, items[0], new_root, items[1], (*path, EACH), depth + 1)
    fields, others = before.get("properties") or {}, after.get("properties") or {}
    needed, needs = set(before.get("required") or ()), set(after.get("required") or ())
    for name in [*fields, *(name for name in others if name not in fields)]:
        below = format_source((*path, name))
        if name not in others:
            yield Change("removed", below, f"{below} is gone.")
        elif name not in fields:
            word = "new and required" if name in needs else "new"
            yield Change("required" if name in needs else "added", below, f"{below} is {word}.")
        else:
            if name in needs - needed:
                yield Change("required", below, f"{below} is now required.")
            elif name in needed - needs:
                yield Change("optional", below, f"{below} may now be left out.")
            inner = (*path, name)
            yield from _differences(
                old_root, fields[name], new_root, others[name], inner, depth + 1
            )


def _only_wider(was: frozenset[str], now: frozenset[str]) -> bool:
    return was <= now or (was == {"integer"} and now == {"number"})


def _words(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(kinds))


def _limits(before: Schema, after: Schema, here: str) -> Iterator[Change]:
    was, now = before.get("maxLength"), after.get("maxLength")
    if isinstance(now, int) and (not isinstance(was, int) or now < was):
        yield Change("narrower", here, f"{here} now takes at most {now} characters.")
    elif isinstance(was, int) and (not isinstance(now, int) or now > was):
        yield Change("wider", here, f"{here} takes longer texts than before.")
    old, new = before.get("enum"), after.get("enum")
    if isinstance(new, list) and (not isinstance(old, list) or [o for o in old if o not in new]):
        gone = [str(o) for o in old or () if o not in new][:5]
        what = f"no longer allows {', '.join(gone)}" if gone else "now allows certain values only"
        yield Change("narrower", here, f"{here} {what}.")
    elif isinstance(old, list) and (not isinstance(new, list) or [o for o in new if o not in old]):
        yield Change("wider", here, f"{here} allows more values than before.")


def touched(
    document: object, changes: list[Change], side: Literal["source", "target"], prefix: str = ""
) -> list[Touched]:
    """Rules that the changes touch, and required targets that no rule fills.

    ``prefix`` is where a source schema stands in the context, such as ``trigger``.
    """
    parsed = parse_mapping(document)
    found: list[Touched] = []
    for change in changes:
        if side == "source":
            path = _joined(prefix, change.path)
            for rule_id, target in _readers(parsed, path):
                found.append(Touched(rule_id, target, change, change.kind in _BREAKS_SOURCE))
            continue
        filled = _fillers(parsed, change.path)
        breaks = change.kind in _BREAKS_TARGET
        if change.kind == "required":
            if not filled:
                found.append(Touched(None, change.path.replace("[]", ""), change, True))
            continue
        found += [Touched(rule_id, target, change, breaks) for rule_id, target in filled]
    return found


def _joined(prefix: str, path: str) -> SourcePath:
    text = f"{prefix}{'' if not prefix or not path or path.startswith('[') else '.'}{path}"
    return parse_source(text) if text else ()


def _plain(path: SourcePath) -> tuple[str, ...]:
    return tuple(segment for segment in path if isinstance(segment, str))


def _readers(document: Document, path: SourcePath) -> Iterator[tuple[str, str]]:
    wanted = _plain(path)
    for rule in document.rules:
        paths = [part.path for expr in expressions(rule) for part in walk(expr)
                 if isinstance(part, Field)]  # fmt: skip
        if rule.rows is not None and rule.rows.each:
            paths.append(rule.rows.each)
        if any(_begins(text, wanted) for text in paths):
            yield rule.id, rule.target


def _begins(text: str, wanted: tuple[str, ...]) -> bool:
    try:
        names = _plain(parse_source(text))
    except MappingInvalid:
        return False
    return names[: len(wanted)] == wanted


def _fillers(document: Document, path: str) -> list[tuple[str, str]]:
    wanted = _plain(parse_source(path)) if path else ()
    found = []
    for rule in document.rules:
        try:
            names = _plain(as_source_path(parse_target(rule.target)))
        except MappingInvalid:
            continue
        if rule.rows is None and (names[: len(wanted)] == wanted or not names):
            found.append((rule.id, rule.target))
    return found
