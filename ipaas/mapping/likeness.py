"""How alike fields are: by their names, their types, what they may hold."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

from ipaas.mapping import schemas
from ipaas.mapping.schemas import Schema

ALIKE: Final = 0.72
"""From here on two names are taken to mean the same."""
_PLAIN: Final = re.compile(r"[^a-z0-9]")


def readable(target: str) -> str:
    """A target without the ids of its rows rules."""
    return re.sub(r"\[[^\]]*\]", "", target)


def ends(path: str) -> tuple[str, str]:
    """What a path is compared by: its last name, and its last two joined."""
    names = path.replace("[]", "").split(".")
    return _PLAIN.sub("", names[-1].lower()), _PLAIN.sub("", "".join(names[-2:]).lower())


class Like:
    """Likeness to one target, to be asked of many sources."""

    def __init__(self, target: str) -> None:
        self.end = ends(target)
        self._last = SequenceMatcher(None, "", self.end[0])
        both = self.end[1] != self.end[0]
        self._both = SequenceMatcher(None, "", self.end[1]) if both else self._last

    def to(self, end: tuple[str, str]) -> float:
        """How alike the last names are, from 0 to 1."""
        last, both = end
        if last == self.end[0]:
            return 1.0
        pairs = {(last, self._last), (both, self._last), (both, self._both)}
        return max(_ratio(name, matcher) for name, matcher in pairs) * 0.98


def _ratio(name: str, matcher: SequenceMatcher[str]) -> float:
    matcher.set_seq1(name)
    return matcher.ratio()


def alike(source: str, target: str) -> float:
    """How alike the last names of two paths are, from 0 to 1."""
    return Like(target).to(ends(source))


def numeric(one: frozenset[str], two: frozenset[str]) -> bool:
    """Whether both types are numbers of some kind."""
    return bool(one & {"number", "integer"}) and bool(two & {"number", "integer"})


def decimals(schema: Schema) -> int | None:
    """Decimal places that a number of this schema may have; None if any number."""
    kinds = schemas.types(schema) - {"null"}
    if kinds == {"integer"}:
        return 0
    places = schema.get("x-decimals")
    if isinstance(places, int) and places >= 0:
        return places
    step = str(schema.get("multipleOf", ""))
    if re.fullmatch(r"0?\.0*1", step):
        return len(step.partition(".")[2])
    return None
