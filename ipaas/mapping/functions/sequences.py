"""More functions on lists: order, groups, parts, totals."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Final

from ipaas.mapping.convert import Number, to_number
from ipaas.mapping.errors import ExpressionFailed
from ipaas.mapping.functions.lists import field_of, given, identity
from ipaas.mapping.functions.logic import order, same
from ipaas.mapping.functions.numbers import add_two
from ipaas.mapping.functions.registry import Arg, function, option
from ipaas.mapping.limits import MAX_LIST
from ipaas.mapping.values import Value

_LIST: Final = Arg("list", "list")
_FIELD: Final = Arg("field", "text")
DIRECTIONS: Final = ("up", "down")


def compare(a: Value, b: Value) -> int:
    """Order of two values for sorting: missing ones last, yes/no values no before yes."""
    if a is None or b is None:
        return (a is None) - (b is None)
    if type(a) is bool and type(b) is bool:
        return int(a) - int(b)
    return order(a, b) or 0


def _field(item: Value, field: str) -> Value:
    return field_of(item, field) if field else item


@function(
    "sort_by", "Sort by a field", "list",
    [_LIST, _FIELD, Arg("direction", "text", required=False, options=DIRECTIONS)], "list",
    (([{"n": 2}, {"n": 1}], "n"), [{"n": 1}, {"n": 2}]), (([3, 1, 2], "", "down"), [3, 2, 1]),
)  # fmt: skip
def sort_by(items: list[Value], field: str, direction: str = "up") -> list[Value]:
    """The entries in the order of one of their fields, up or down; entries without it come last,
    equal ones keep their order. An empty field sorts single values."""
    down = option(direction, DIRECTIONS, "direction") == "down"
    found = given(items)
    there = [item for item in found if _field(item, field) is not None]
    rest = [item for item in found if _field(item, field) is None]
    sign = -1 if down else 1
    key = cmp_to_key(lambda a, b: sign * compare(_field(a, field), _field(b, field)))
    return sorted(there, key=key) + rest


@function(
    "where_field", "Entries with a value", "list", [_LIST, _FIELD, Arg("equals", "any")], "list",
    (([{"t": "a", "n": 1}, {"t": "b", "n": 2}], "t", "b"), [{"t": "b", "n": 2}]),
    takes_missing=True,
)  # fmt: skip
def where_field(items: list[Value] | None, field: str | None, equals: Value) -> list[Value] | None:
    """The entries whose field equals a value; with a missing value, those without the field."""
    if items is None:
        return None
    return [item for item in given(items) if same(_field(item, field or ""), equals)]


@function(
    "group_by", "Group by a field", "list", [_LIST, _FIELD], "list",
    (([{"t": "a", "n": 1}, {"t": "b", "n": 2}, {"t": "a", "n": 3}], "t"),
     [{"key": "a", "items": [{"t": "a", "n": 1}, {"t": "a", "n": 3}]},
      {"key": "b", "items": [{"t": "b", "n": 2}]}]),
)  # fmt: skip
def group_by(items: list[Value], field: str) -> list[Value]:
    """One entry per value of a field, in order of first sight: its key and the items that share
    it; entries without the field are a group without key."""
    groups: dict[object, dict[str, Value]] = {}
    for item in given(items):
        key = _field(item, field)
        name = None if key is None else identity(key)
        if name not in groups:
            groups[name] = {"items": []} if key is None else {"key": key, "items": []}
        groups[name]["items"].append(item)
    return list(groups.values())


@function(
    "distinct_by", "Without repeats of a field", "list", [_LIST, _FIELD], "list",
    (([{"t": "a", "n": 1}, {"t": "a", "n": 2}], "t"), [{"t": "a", "n": 1}]),
)  # fmt: skip
def distinct_by(items: list[Value], field: str) -> list[Value]:
    """The first entry for each value of a field."""
    return [group["items"][0] for group in group_by(items, field)]


@function(
    "flatten", "Lists to one list", "list", [_LIST], "list", (([[1, 2], 3, [[4]]],), [1, 2, 3, 4])
)
def flatten(items: list[Value]) -> list[Value]:
    """All entries of lists in lists as one list."""
    found: list[Value] = []
    waiting = [iter(items)]
    while waiting:
        for item in waiting[-1]:
            if type(item) is list:
                waiting.append(iter(item))
                break
            if item is not None:
                found.append(item)
        else:
            waiting.pop()
        if len(found) > MAX_LIST or len(waiting) > 1_000:
            raise ExpressionFailed("The list is too large", code="mapping.too_large")
    return found


@function("backwards", "Backwards", "list", [_LIST], "list", ((["a", "b"],), ["b", "a"]))
def backwards(items: list[Value]) -> list[Value]:
    """The entries, last one first."""
    return given(items)[::-1]


@function(
    "part_of", "Part of a list", "list",
    [_LIST, Arg("number", "integer"), Arg("count", "integer", required=False)], "list",
    ((["a", "b", "c"], 2), ["b", "c"]), ((["a", "b", "c"], -2, 1), ["b"]),
)  # fmt: skip
def part_of(items: list[Value], number: int, count: int | None = None) -> list[Value]:
    """The entries from a number on (1 is the first, -1 the last), as many as asked for."""
    found = given(items)
    begin = max(number - 1, 0) if number > 0 else max(len(found) + number, 0) if number else 0
    return found[begin:] if count is None else found[begin : begin + max(count, 0)]


@function(
    "item_at", "Entry by number", "list", [_LIST, Arg("number", "integer")], "any",
    ((["a", "b"], 2), "b"), ((["a", "b"], -1), "b"), ((["a"], 3), None),
)  # fmt: skip
def item_at(items: list[Value], number: int) -> Value:
    """The entry with this number (1 is the first, -1 the last); missing if there is none. Missing
    entries count, so that lists of the same length stay side by side."""
    index = number - 1 if number > 0 else len(items) + number
    return items[index] if number and 0 <= index < len(items) else None


@function(
    "position_of", "Number of an entry", "list", [_LIST, Arg("value", "any")], "integer",
    ((["a", "b"], "b"), 2),
)  # fmt: skip
def position_of(items: list[Value], value: Value) -> int | None:
    """At which place (from 1) a value first stands in the list; missing if it does not."""
    return next((n + 1 for n, item in enumerate(items) if same(item, value)), None)


@function(
    "append", "Lists one after the other", "list",
    [Arg("list", "list"), Arg("more", "list", repeats=True)], "list",
    ((["a"], ["b", "c"]), ["a", "b", "c"]), takes_missing=True,
)  # fmt: skip
def append(*lists: list[Value] | None) -> list[Value] | None:
    """The entries of all lists as one list; missing if all are."""
    if all(items is None for items in lists):
        return None
    found = [item for items in lists for item in given(items)]
    if len(found) > MAX_LIST:
        raise ExpressionFailed("The list is too large", code="mapping.too_large")
    return found


@function(
    "sum_of", "Sum of a field", "list", [_LIST, _FIELD], "number",
    (([{"n": "1.10"}, {"n": 2}], "n"), to_number("3.10")),
)  # fmt: skip
def sum_of(items: list[Value], field: str) -> Number:
    """The sum of one field of all entries; entries without it count as nothing."""
    total: Number = 0
    for item in given(items):
        value = _field(item, field)
        if value is not None:
            total = add_two(total, to_number(value))
    return total


@function(
    "running_totals", "Running totals", "list", [_LIST, Arg("field", "text", required=False)],
    "list", (([1, 2, 3],), [1, 3, 6]), (([{"n": 5}, {"n": 2}], "n"), [5, 7]),
)  # fmt: skip
def running_totals(items: list[Value], field: str = "") -> list[Value]:
    """For each entry the sum of it and all before it, of the entry or of one of its fields."""
    total: Number = 0
    totals: list[Value] = []
    for item in items:
        value = _field(item, field)
        if value is not None:
            total = add_two(total, to_number(value))
        totals.append(total)
    return totals


@function(
    "entry_with_most", "Entry with the most", "list", [_LIST, _FIELD], "any",
    (([{"n": 1}, {"n": 9}], "n"), {"n": 9}),
)  # fmt: skip
def entry_with_most(items: list[Value], field: str) -> Value:
    """The entry with the greatest value in a field, the first of equals."""
    return next((item for item in sort_by(items, field, "down")), None)


@function(
    "entry_with_least", "Entry with the least", "list", [_LIST, _FIELD], "any",
    (([{"n": 1}, {"n": 9}], "n"), {"n": 1}),
)  # fmt: skip
def entry_with_least(items: list[Value], field: str) -> Value:
    """The entry with the smallest value in a field, the first of equals."""
    return next((item for item in sort_by(items, field)), None)


@function(
    "joined_by_key", "Join two lists", "list",
    [Arg("left", "list"), Arg("right", "list"), Arg("left_key", "text"), Arg("right_key", "text"),
     Arg("keep", "text", required=False, options=("all", "matched"))], "list",
    (([{"sku": "A", "qty": 2}], [{"code": "A", "bin": "7"}], "sku", "code"),
     [{"sku": "A", "qty": 2, "code": "A", "bin": "7"}]),
)  # fmt: skip
def joined_by_key(
    left: list[Value], right: list[Value], left_key: str, right_key: str, keep: str = "all"
) -> list[Value]:
    """Each entry of the first list with the fields of the first entry of the second list that has
    the same key; fields of the first list win. Without a match an entry stays as it is, or is left
    out if only matched ones are kept."""
    only_matched = option(keep, ("all", "matched"), "choice") == "matched"
    index = KeyIndex()
    for item in given(right):
        key = field_of(item, right_key)
        if key is not None and type(item) is dict:
            index.add(key, item)
    found = []
    for item in given(left):
        key = field_of(item, left_key)
        matches = [] if key is None else index.find(key)
        if matches and type(item) is dict:
            found.append({**matches[0], **item})
        elif not only_matched:
            found.append(item)
    return found


class KeyIndex:
    """Entries by key: a text key matches only itself, but numbers match numeric texts."""

    def __init__(self) -> None:
        self._entries: list[Value] = []
        self._places: dict[tuple[str, object], list[int]] = {}

    def add(self, key: Value, entry: Value) -> None:
        """Remember an entry under a key."""
        place = len(self._entries)
        self._entries.append(entry)
        if type(key) is str:
            self._place("text", key, place)
            number = _number(key)
            if number is not None:
                self._place("numeric", number, place)
        elif _number(key) is not None:
            self._place("number", _number(key), place)
        else:
            self._place("other", identity(key), place)

    def find(self, key: Value) -> list[Value]:
        """Entries with an equal key, in the order they were added."""
        if type(key) is str:
            names: list[tuple[str, object]] = [("text", key), ("number", _number(key))]
        elif _number(key) is not None:
            names = [("number", _number(key)), ("numeric", _number(key))]
        else:
            names = [("other", identity(key))]
        places = [place for name in names for place in self._places.get(name, ())]
        return [self._entries[place] for place in sorted(places)]

    def _place(self, kind: str, key: object, place: int) -> None:
        self._places.setdefault((kind, key), []).append(place)


def _number(key: Value) -> Number | None:
    try:
        return to_number(key)
    except ExpressionFailed:
        return None
