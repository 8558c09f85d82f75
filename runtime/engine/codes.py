"""Steps that translate values: by a lookup table, or field by field with mapping functions."""

from __future__ import annotations

from typing import Any

from ipaas.core.errors import Recovery
from ipaas.mapping.copying import Copier
from ipaas.mapping.errors import ExpressionFailed
from ipaas.mapping.resources import MISSING, KeyHeld
from runtime.engine.awaited import place
from runtime.engine.values import Failure
from runtime.engine.view import Done, View


def look_up(view: View) -> Done | Failure:
    """The value that a lookup table has for a code; its policy decides about a miss."""
    table = str(view.config.get("table"))
    key = view.value("key", view.config.get("key"))
    column = view.config.get("column") or None
    found: Any = MISSING
    policy = view.config.get("on_miss") or "fail"
    if key is not None and key != "":
        try:
            found = view.resources.lookup(table, str(key), column)
        except KeyHeld:  # the table's own rule, unless this step says what to use instead
            policy = "person" if policy == "fail" else policy
    if found is not MISSING:
        return Done({"found": True, "key": key, "value": found})
    if policy == "default":
        default = view.config.get("default")
        value = view.value("default", default) if default else None
        return Done({"found": False, "key": key, "value": value})
    named = key not in (None, "")
    shown = str(key)[:100] if named else "an empty code"
    awaited = place(table, str(key)) if named and policy == "person" else None
    return Failure(
        "lookup.missing",
        f"The table “{table}” has no entry for {shown}.",
        "Add it to the table; this record then goes on by itself."
        if awaited
        else "Add it to the table, then retry this record.",
        Recovery.FIX_DATA,
        for_person=policy == "person",
        awaits=(awaited,) if awaited else (),
    )


def convert(view: View) -> Done:
    """A copy of the source document with the chosen fields converted."""
    source = view.config.get("source") or "trigger"
    document = Copier().copy(view.at("source", source))
    for number, entry in enumerate(view.config.get("fields") or ()):
        parts = [part for part in str(entry.get("path") or "").split(".") if part]
        _walk(view, document, parts, number, entry)
    return Done(document)


def _walk(view: View, place: Any, parts: list[str], number: int, entry: Any) -> None:
    """Convert what stands at the path; a name followed by [] means each entry of a list."""
    if not parts:
        return
    name, each = parts[0].removesuffix("[]"), parts[0].endswith("[]")
    if name == "" and each:
        for inner in place if isinstance(place, list) else ():
            _walk(view, inner, parts[1:], number, entry)
        return
    if not isinstance(place, dict) or place.get(name) is None:
        return
    if each:
        held = place[name]
        if not isinstance(held, list):
            raise ExpressionFailed(
                f"“{entry.get('path')}”: “{name}” is not a list", code="convert.not_a_list"
            )
        if len(parts) == 1:
            place[name] = [_converted(view, value, number, entry) for value in held]
        for inner in held if len(parts) > 1 else ():
            _walk(view, inner, parts[1:], number, entry)
    elif len(parts) == 1:
        place[name] = _converted(view, place[name], number, entry)
    else:
        _walk(view, place[name], parts[1:], number, entry)


def conversion(entry: Any) -> dict[str, Any]:
    """The expression that converts ``value``: a mapping function with its other arguments."""
    field = {"op": "field", "path": "value"}
    return {"op": "call", "fn": str(entry.get("fn")), "args": [field, *(entry.get("args") or ())]}


def _converted(view: View, value: Any, number: int, entry: Any) -> Any:
    return view.value(f"field{number}", conversion(entry), {**view.data, "value": value})
