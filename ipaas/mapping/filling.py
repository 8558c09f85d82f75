"""Fixes for targets that nothing fills: a field, a value, a table, rows, or no record at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ipaas.mapping import schemas
from ipaas.mapping.errors import Fix, MappingInvalid
from ipaas.mapping.likeness import ALIKE, alike, readable
from ipaas.mapping.mending import HOLE, field_of
from ipaas.mapping.paths import TargetPath, format_target, parse_target
from ipaas.mapping.renaming import RawRule, call, constant
from ipaas.mapping.schemas import Schema
from ipaas.mapping.values import shown

if TYPE_CHECKING:
    from ipaas.mapping.proposing import Proposer

CONVERSIONS: Final = (
    ("string", "to_text", "text"),
    ("integer", "to_integer", "a whole number"),
    ("number", "number", "a number"),
    ("boolean", "to_condition", "yes/no"),
)
_DATES: Final = {"date": "date", "date-time": "datetime"}
_SINGLE: Final = frozenset({"string", "number", "integer", "boolean"})
_MOST_OPTIONS: Final = 4


def fill(proposer: Proposer, target: str, rule: RawRule | None = None) -> Iterator[Fix]:
    """Rules for a target that nothing fills yet; ``rule`` is the unfinished one that is there."""
    try:
        path = parse_target(target)
    except MappingInvalid:
        return
    wanted = proposer.schema_at(path)
    kept = {key: value for key, value in (rule or {}).items() if key not in ("expr", "rows")}
    base: RawRule = {"id": proposer.free_id("r"), **kept, "target": target}
    if "array" in schemas.types(wanted):
        yield from _rows(proposer, base)
    else:
        yield from _single(proposer, base, wanted)
    if rule is None:
        yield from _without_the_record(proposer, path)


def _rows(proposer: Proposer, base: RawRule) -> Iterator[Fix]:
    for each in proposer.fields.lists_like(base["target"]):
        yield Fix(f"Make one row for each of {each}", put=({**base, "rows": {"each": each}},))
    yield Fix("Make one row", put=({**base, "rows": {}},), open=base["id"])


def _single(proposer: Proposer, base: RawRule, wanted: Schema) -> Iterator[Fix]:
    target, kinds = base["target"], schemas.types(wanted) - {"null"}
    around = proposer.each_around(target)
    record = proposer.record_at(parse_target(target))
    like = proposer.fields.like(target, wanted, around, record)
    for source in like:
        yield Fix(f"Take it from {source}", put=({**base, "expr": field_of(source)},))
    if not like or not record and alike(like[0], readable(target)) < ALIKE:
        yield from _converted(proposer, base, wanted, around)
    given = [wanted[key] for key in ("const", "default") if key in wanted]
    if not given:
        given = list(wanted.get("enum") or ())[:_MOST_OPTIONS]
    if not given and kinds == {"boolean"}:
        given = [True, False]
    for value in given:
        yield Fix(f"Set it to {shown(value)}", put=({**base, "expr": constant(value)},))
    if not kinds or kinds & _SINGLE:
        if not given:
            put = {**base, "expr": constant(None)}
            yield Fix("Type in a value", put=(put,), open=base["id"])
        key = field_of(like[0]) if like else HOLE
        asked = {**base, "expr": call("lookup_table", HOLE, key)}
        yield Fix("Look it up in a table", put=(asked,), open=base["id"])
    elif not like:
        yield Fix("Begin a rule for it", put=({**base, "expr": HOLE},), open=base["id"])


def _converted(
    proposer: Proposer, base: RawRule, wanted: Schema, around: list[str]
) -> Iterator[Fix]:
    """Fields of another type by that name, converted."""
    kinds = schemas.types(wanted)
    function = _DATES.get(str(wanted.get("format")))
    for kind, fn, words in CONVERSIONS:
        if kind not in kinds:
            continue
        for source in proposer.fields.like(base["target"], {}, around)[:2]:
            if alike(source, readable(base["target"])) < ALIKE:
                break
            have = proposer.types_at(source)
            if have & ({"object", "array"} | kinds):
                continue
            expr = call(function or fn, field_of(source))
            words = "a date" if function else words
            title = f"Take it from {source}, converted to {words}"
            yield Fix(title, put=({**base, "expr": expr},))
        return


def _without_the_record(proposer: Proposer, path: TargetPath) -> Iterator[Fix]:
    """Leave out the innermost record around a field that need not be there."""
    for count in range(len(path) - 1, 0, -1):
        above, name = proposer.schema_at(path[: count - 1]), path[count - 1].name
        if path[count - 1].block is not None:
            return
        if name in (above.get("required") or ()):
            continue
        place = format_target(path[:count])
        inside = [each for each, rule in proposer.rules.items()
                  if rule.get("target", "").startswith((f"{place}.", f"{place}["))]  # fmt: skip
        if inside:
            removed = tuple(
                dict.fromkeys(one for each in inside for one in proposer.with_inner(each))
            )
            yield Fix(f"Leave {readable(place)} out", remove=removed)
        return
