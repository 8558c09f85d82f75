"""Where source fields that no rule reads might go."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, Final

from ipaas.mapping import schemas
from ipaas.mapping.errors import Fix
from ipaas.mapping.likeness import ALIKE, alike, numeric, readable
from ipaas.mapping.proposing import Proposer
from ipaas.mapping.schemas import Leaf, Schema

_MOST: Final = 60


def places_for(
    unread: list[str], document: Any, source: Schema, target: Schema
) -> dict[str, tuple[Fix, ...]]:
    """For source fields that no rule reads: rules that take them where nothing is filled yet.

    For the first of many; of two large trees not every pair of names is compared.
    """
    proposer = Proposer(document, source, target)
    filled = {readable(rule.get("target", "")) for rule in proposer.rules.values()
              if rule.get("rows") is None}  # fmt: skip
    free = [leaf for leaf in schemas.iter_leaves(target)
            if not leaf.schema.get("readOnly") and not _is_filled(leaf.path, filled)]  # fmt: skip
    types_of = {leaf.path: schemas.types(leaf.schema) - {"null"} for leaf in proposer.leaves()}
    named: dict[str, list[Leaf]] = {}
    for leaf in free:
        named.setdefault(_last_name(leaf.path), []).append(leaf)
    found: dict[str, tuple[Fix, ...]] = {}
    for path in unread[:_MOST]:
        names = get_close_matches(_last_name(path), named, n=4, cutoff=ALIKE)
        near = [leaf for name in names for leaf in named[name][:20]]
        places = sorted(
            ((alike(path, leaf.path.removesuffix("[]")), leaf) for leaf in near),
            key=lambda pair: -pair[0],
        )
        fixes = []
        for score, leaf in places[:3]:
            have, kinds = types_of.get(path, frozenset()), schemas.types(leaf.schema) - {"null"}
            fits = not have or not kinds or bool(have & kinds) or numeric(have, kinds)
            place = proposer.place_of(leaf.path, path) if score >= ALIKE and fits else None
            if place is not None:
                rule = {"id": proposer.free_id("r"), "target": place,
                        "expr": {"op": "field", "path": path}}  # fmt: skip
                fixes.append(Fix(f"Fill {readable(place)} with it", put=(rule,)))
        if fixes:
            found[path] = tuple(fixes[:2])
    return found


def _last_name(path: str) -> str:
    return path.replace("[]", "").rpartition(".")[2].lower().replace("_", "")


def _is_filled(path: str, filled: set[str]) -> bool:
    names = path.replace("[]", "").split(".")
    return any(".".join(names[:count]) in filled for count in range(len(names) + 1))
