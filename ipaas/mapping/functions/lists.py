"""Functions on lists. A single value counts as a list of one; missing entries are left out."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ipaas.core import jsonio
from ipaas.mapping.convert import to_text
from ipaas.mapping.copying import TooBig, copy_value
from ipaas.mapping.errors import ExpressionFailed, unfit
from ipaas.mapping.functions.logic import same
from ipaas.mapping.functions.registry import Arg, function
from ipaas.mapping.functions.text import bounded
from ipaas.mapping.values import Value, exact, shown

_LIST: Final = Arg("list", "list")


def given(items: list[Value] | None) -> list[Value]:
    """The entries that are not missing."""
    return [] if items is None else [item for item in items if item is not None]


def field_of(item: Value, path: str) -> Value:
    """The value of a field of an object; dots lead into inner objects."""
    for name in path.split("."):
        if type(item) is not dict:
            return None
        item = item.get(name)
    return item


@function("count", "How many", "list", [_LIST], "integer", ((["a", "b"],), 2), takes_missing=True)
def count(items: list[Value] | None) -> int:
    """How many entries the list has; 0 if it is missing."""
    return len(given(items))


@function("first", "First of a list", "list", [_LIST], "any", ((["a", "b"],), "a"))
def first(items: list[Value]) -> Value:
    """The first entry; missing if there is none."""
    return next((item for item in items if item is not None), None)


@function("last", "Last of a list", "list", [_LIST], "any", ((["a", "b"],), "b"))
def last(items: list[Value]) -> Value:
    """The last entry; missing if there is none."""
    return next((item for item in reversed(items) if item is not None), None)


@function("distinct", "Without repeats", "list", [_LIST], "list", ((["a", "b", "a"],), ["a", "b"]))
def distinct(items: list[Value]) -> list[Value]:
    """The entries in their order, each only once."""
    seen: set[object] = set()
    result = []
    for item in given(items):
        key = identity(item)
        if key not in seen:
            seen.add(key)
            result.append(item)
    return result


def identity(item: Value) -> object:
    """A hashable stand-in: equal for equal values of one kind, whatever their zeros."""
    item = exact(item)
    if type(item) in (int, Decimal, str, bool):
        return ("condition" if type(item) is bool else "text" if type(item) is str else "", item)
    try:
        return jsonio.canonical(copy_value(item))
    except TooBig as error:
        raise unfit(item, f"is too large: {error}", code="mapping.too_large") from error


@function(
    "join",
    "Join to a text",
    "list",
    [_LIST, Arg("separator", "text", required=False)],
    "text",
    ((["A1", "B2"], ", "), "A1, B2"),
)
def join(items: list[Value], separator: str = ", ") -> str | None:
    """All entries as one text with a separator between them; missing if there are none."""
    texts = [to_text(item) for item in given(items)]
    return bounded(separator.join(texts)) if texts else None


@function(
    "lookup",
    "Look up in a list",
    "list",
    [
        _LIST,
        Arg("key_field", "text"),
        Arg("key", "any"),
        Arg("value_field", "text"),
        Arg("otherwise", "any", required=False),
    ],
    "any",
    (([{"code": "US", "id": 7}], "code", "US", "id"), 7),
    (([{"code": "US", "id": 7}], "code", "CA", "id", 0), 0),
)
def lookup(
    items: list[Value], key_field: str, key: Value, value_field: str, otherwise: Value = None
) -> Value:
    """The value of the entry whose key field equals the key; an error if there is no such entry
    and nothing to use otherwise."""
    for item in items:
        if same(field_of(item, key_field), key):
            return field_of(item, value_field)
    if otherwise is not None:
        return otherwise
    raise ExpressionFailed(
        f"There is no entry for {shown(key)}",
        code="mapping.no_entry",
        hint="Add the entry to the list, or say what to use otherwise.",
    )


@function(
    "pluck",
    "One field of each entry",
    "list",
    [_LIST, Arg("field", "text")],
    "list",
    (([{"sku": "A"}, {"sku": "B"}], "sku"), ["A", "B"]),
)
def pluck(items: list[Value], field: str) -> list[Value]:
    """The values of one field of all entries; entries without it are left out."""
    return given([field_of(item, field) for item in items])
