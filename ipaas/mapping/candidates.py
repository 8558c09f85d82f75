"""Source fields that somebody may have meant, or might map next."""

from __future__ import annotations

from functools import cached_property

from ipaas.mapping import schemas
from ipaas.mapping.likeness import ALIKE, alike, numeric, readable
from ipaas.mapping.nearest import Fields, Names
from ipaas.mapping.schemas import Leaf, Schema

_SAME_FORM = 0.2


class SourceFields:
    """The fields of a source, to be searched by name, type and place."""

    def __init__(self, source: Schema) -> None:
        self.source = source
        self._fields: dict[tuple[frozenset[str], tuple[str, ...]], Fields[Leaf]] = {}

    @cached_property
    def leaves(self) -> list[Leaf]:
        """All of them, in the order of the schema."""
        return list(schemas.iter_leaves(self.source)) if self.source else []

    @cached_property
    def _names(self) -> Names:
        return Names(leaf.path for leaf in self.leaves)

    @cached_property
    def _by_last(self) -> dict[tuple[str, int], list[str]]:
        found: dict[tuple[str, int], list[str]] = {}
        for leaf in self.leaves:
            found.setdefault(_last(leaf.path), []).append(leaf.path)
        return found

    def near(self, path: str) -> list[str]:
        """What a path that leads nowhere may have meant: like ones, and its name elsewhere."""
        close = self._names.close(path, 2, 0.75)
        moved = self._by_last.get(_last(path), [])[:2]
        return [*close, *(name for name in moved if name not in close)]

    def below(self, path: str, target: str, kinds: frozenset[str]) -> list[str]:
        """Single fields of a record that suit a target, those most like it first."""
        suiting = [
            leaf.path
            for leaf in self.leaves
            if leaf.path.startswith(f"{path}.")
            and "[]" not in leaf.path[len(path) :]
            and (schemas.types(leaf.schema) & kinds or numeric(kinds, schemas.types(leaf.schema)))
        ]
        return sorted(suiting, key=lambda found: -alike(found, readable(target)))

    def like(self, target: str, wanted: Schema, around: list[str], record: str = "") -> list[str]:
        """Fields whose names are like the target's and whose types suit, best first.

        Where no name is like it, those of the same form (dates, e-mail addresses) or, at last,
        those that are least unlike. ``around`` are the lists that the target's rows go over. A
        reference to a ``record`` takes the ids that steps about such records gave.
        """
        form = wanted.get("format")

        def bonus(leaf: Leaf) -> float:
            return _SAME_FORM if form is not None and leaf.schema.get("format") == form else 0.0

        kinds = schemas.types(wanted) - {"null"}
        if record:
            ids = [
                path for path, _ in self._of(kinds, tuple(around)).fields if _is_id(path, record)
            ]
            if ids:
                return sorted(ids, key=lambda path: path.count("."))[:3]
        most = _SAME_FORM if form is not None else 0.0
        likely = self._of(kinds, tuple(around)).best(readable(target), 3, bonus, most)
        return [path for score, path in likely if score >= ALIKE or likely[0][0] < ALIKE]

    def _of(self, kinds: frozenset[str], around: tuple[str, ...]) -> Fields[Leaf]:
        known = self._fields.get((kinds, around))
        if known is not None:
            return known
        found: list[tuple[str, Leaf]] = []
        for leaf in self.leaves:
            have = schemas.types(leaf.schema) - {"null"}
            fits = not kinds or not have or bool(kinds & have) or numeric(kinds, have)
            if fits and reachable(leaf.path, around):
                found.append((leaf.path, leaf))
        made = self._fields[(kinds, around)] = Fields(found)
        return made

    def lists_like(self, target: str) -> list[str]:
        """Source lists, those first whose names are like the target's."""
        return sorted(self._lists, key=lambda each: -alike(each[:-2], readable(target)))[:3]

    @cached_property
    def _lists(self) -> list[str]:
        return list(dict.fromkeys(
            leaf.path[: leaf.path.index("[]") + 2] for leaf in self.leaves if "[]" in leaf.path
        ))  # fmt: skip


def reachable(path: str, around: tuple[str, ...]) -> bool:
    """Whether one value of a path can be read inside rows over certain lists."""
    depth = path.count("[]")
    return depth == 0 or any(path.startswith(each) and depth == each.count("[]") for each in around)


def _is_id(path: str, record: str) -> bool:
    """Whether a path is the id of a record that an earlier step found or made."""
    names = path.split(".")
    return (
        names[0] == "steps"
        and names[-1].lower() == "id"
        and any(alike(name, record) >= ALIKE for name in names[1:-1])
    )


def _last(path: str) -> tuple[str, int]:
    return path.rpartition(".")[2], path.count("[]")
