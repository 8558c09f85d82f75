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


def alike(source: str, target: str) -> float:
    """How alike the last names of two paths are, from 0 to 1."""
    ends = [path.replace("[]", "").split(".") for path in (source, target)]
    one, two = (_PLAIN.sub("", names[-1].lower()) for names in ends)
    if one == two:
        return 1.0
    joined = [_PLAIN.sub("", "".join(names[-2:]).lower()) for names in ends]
    best = max(
        SequenceMatcher(None, a, b).ratio()
        for a, b in ((one, two), (joined[0], two), tuple(joined))
    )
    return best * 0.98


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
