"""Magento's searchCriteria and ``fields`` (fact sheet section 4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.catalog.magento.sandbox import members
from connectors.catalog.magento.sandbox.errors import internal, refused, required
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.money import decimal_of

_RANGE_STARTS = {"gteq", "moreq", "gt", "from"}
_NAMES = {"filter_groups", "sort_orders", "page_size", "current_page", "request_name"}


@dataclass(frozen=True, slots=True)
class Filter:
    field: str
    value: str
    condition: str


@dataclass(frozen=True, slots=True)
class Criteria:
    """Groups are joined with AND, filters of a group with OR."""

    groups: tuple[tuple[Filter, ...], ...]
    sorts: tuple[tuple[str, bool], ...]
    page_size: int | None
    page: int

    def fields(self) -> set[str]:
        """Every field that is searched or sorted by."""
        return {f.field for group in self.groups for f in group} | {name for name, _ in self.sorts}

    def require_columns(self, known: Container[str]) -> None:
        """Refuse unknown columns of a flat table: the database does, in words of its own."""
        if any(name not in known for name in self.fields()):
            raise internal()

    def require_attributes(self, known: Container[str]) -> None:
        """Refuse unknown attributes of products, customers and categories."""
        for name in sorted(self.fields()):
            if name not in known:
                raise refused(
                    400, 'The "%1" attribute name is invalid. Reset the name and try again.', [name]
                )

    def echo(self) -> dict[str, Any]:
        """The ``search_criteria`` of an answer."""
        document: dict[str, Any] = {
            "filter_groups": [
                {
                    "filters": [
                        {"field": f.field, "value": f.value, "condition_type": f.condition}
                        for f in group
                    ]
                }
                for group in self.groups
            ]
        }
        if self.sorts:
            document["sort_orders"] = [
                {"field": name, "direction": "ASC" if ascending else "DESC"}
                for name, ascending in self.sorts
            ]
        if self.page_size is not None:
            document["page_size"] = self.page_size
            document["current_page"] = self.page
        return document


def parse(query: Iterable[tuple[str, str]]) -> Criteria:
    """Criteria of a query string; camelCase and snake_case names are the same."""
    tree: dict[str, Any] = {}
    given = False
    for key, value in query:
        parts = [_snake(part) for part in re.findall(r"[^\[\]]+", key)]
        if not parts or parts[0] != "search_criteria":
            continue
        given = True
        node = tree
        for part in parts[1:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise _invalid(key)
        if len(parts) > 1:
            if parts[1] not in _NAMES:
                raise members.unknown(parts[1], "Magento\\Framework\\Api\\SearchCriteriaInterface")
            node[parts[-1]] = value
    if not given:
        raise required("searchCriteria")
    return Criteria(
        groups=tuple(
            tuple(_filter(f) for f in _numbered(group.get("filters", {})))
            for group in _numbered(tree.get("filter_groups", {}))
            if _only(group, ("filters",), "Search\\FilterGroup")
        ),
        sorts=tuple(_sort(entry) for entry in _numbered(tree.get("sort_orders", {}))),
        page_size=_whole(tree.get("page_size")),
        page=_whole(tree.get("current_page")) or 1,
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda m: "_" + m[1].lower(), name)


def _numbered(node: Any) -> list[dict[str, Any]]:
    if not isinstance(node, dict):
        raise _invalid("searchCriteria")
    entries = sorted(node.items(), key=lambda entry: (len(entry[0]), entry[0]))
    values = [value for _, value in entries]
    if any(not isinstance(value, dict) for value in values):
        raise _invalid("searchCriteria")
    return values


def _only(node: Mapping[str, Any], names: tuple[str, ...], interface: str) -> bool:
    for name in node:
        if name not in names:
            raise members.unknown(name, f"Magento\\Framework\\Api\\{interface}")
    return True


def _sort(node: Mapping[str, Any]) -> tuple[str, bool]:
    """Field, and whether it ascends."""
    _only(node, ("field", "direction"), "SortOrder")
    direction = str(node.get("direction") or "DESC").upper()
    if not node.get("field"):
        raise required("field")
    if direction not in ("ASC", "DESC"):
        raise refused(
            400,
            'The "%1" sort order isn\'t valid. Use ASC or DESC and try again.',
            [str(node["direction"])],
        )
    return str(node["field"]), direction == "ASC"


def _filter(node: Mapping[str, Any]) -> Filter:
    _only(node, ("field", "value", "condition_type"), "Filter")
    name = node.get("field")
    condition = str(node.get("condition_type") or "eq")
    if not name:
        raise required("field")
    if condition not in _CONDITIONS:
        raise refused(400, "Invalid condition type: %1", [condition])
    return Filter(str(name), str(node.get("value", "")), condition)


def _whole(text: Any) -> int | None:
    if text in (None, ""):
        return None
    if not str(text).isdigit() or int(text) == 0:
        raise refused(
            400,
            'The "%value" value\'s type is invalid. The "%type" type was expected. '
            "Verify and try again.",
            {"value": text, "type": "int"},
        )
    return int(text)


def _invalid(key: str) -> Exception:
    return refused(
        400,
        'Error occurred during "%fieldName" processing. %details',
        {"fieldName": "searchCriteria", "details": f"{key} is not a criteria name."},
    )


# --- evaluation


def _compare(have: Any, want: str) -> int | None:
    """Below zero, zero or above, as numbers when both are; None when there is nothing."""
    if have is None:
        return None
    left, right = decimal_of(have), decimal_of(want)
    a: Any
    b: Any
    a, b = (left, right) if left is not None and right is not None else (_text(have), _text(want))
    return (a > b) - (a < b)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value).casefold()


def _like(have: Any, pattern: str) -> bool:
    if have is None:
        return False
    expression = "".join(
        ".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern.casefold()
    )
    return re.fullmatch(expression, _text(have), re.DOTALL) is not None


def _listed(have: Any, values: str) -> bool:
    return any(_compare(have, value.strip()) == 0 for value in values.split(","))


def _in_set(have: Any, value: str) -> bool:
    return have is not None and _text(value) in [_text(p) for p in str(have).split(",")]


def _ordering(test: Callable[[int], bool]) -> Callable[[Any, str], bool]:
    def condition(have: Any, want: str) -> bool:
        order = _compare(have, want)
        return order is not None and test(order)

    return condition


_CONDITIONS: dict[str, Callable[[Any, str], bool]] = {
    "eq": _ordering(lambda order: order == 0),
    "neq": _ordering(lambda order: order != 0),
    "gt": _ordering(lambda order: order > 0),
    "gteq": _ordering(lambda order: order >= 0),
    "moreq": _ordering(lambda order: order >= 0),
    "from": _ordering(lambda order: order >= 0),
    "lt": _ordering(lambda order: order < 0),
    "lteq": _ordering(lambda order: order <= 0),
    "to": _ordering(lambda order: order <= 0),
    "like": _like,
    "nlike": lambda have, want: have is not None and not _like(have, want),
    "in": lambda have, want: have is not None and _listed(have, want),
    "nin": lambda have, want: have is not None and not _listed(have, want),
    "null": lambda have, _want: have is None,
    "notnull": lambda have, _want: have is not None,
    "finset": _in_set,
    "nfinset": lambda have, want: not _in_set(have, want),
}
_OPPOSITES = {"neq": "eq", "nin": "in", "nlike": "like", "nfinset": "finset"}


def _holds(condition: str, have: Any, want: str) -> bool:
    """A tuple is a field with several values, as the categories of a product: one is enough."""
    if not isinstance(have, tuple):
        return _CONDITIONS[condition](have, want)
    if condition in _OPPOSITES:
        return not _holds(_OPPOSITES[condition], have, want)
    return any(_CONDITIONS[condition](value, want) for value in have or (None,))


def search(
    ledger: Ledger,
    entity: str,
    criteria: Criteria,
    *,
    keys: Sequence[str],
    read: Callable[[Any, str], Any] = lambda record, name: record.get(name),
) -> tuple[list[Any], int]:
    """Records of the asked page and the number of all matches.

    ``keys`` are the indexed names. A page beyond the end repeats the last one, as Magento's
    collections do, so a client must stop on the total.
    """
    return matching(_candidates(ledger, entity, criteria, keys), criteria, read=read)


def matching(
    records: Iterable[Any],
    criteria: Criteria,
    *,
    read: Callable[[Any, str], Any] = lambda record, name: record.get(name),
) -> tuple[list[Any], int]:
    """Those of ``records`` on the asked page, and the number of all matches."""
    matches = [
        record
        for record in records
        if all(
            any(_holds(f.condition, read(record, f.field), f.value) for f in group)
            for group in criteria.groups
            if group
        )
    ]
    for name, ascending in reversed(criteria.sorts):
        matches.sort(key=_by(name, read), reverse=not ascending)
    total = len(matches)
    if criteria.page_size is None:
        return matches, total
    last_page = max(1, -(-total // criteria.page_size))
    start = (min(criteria.page, last_page) - 1) * criteria.page_size
    return matches[start : start + criteria.page_size], total


def _candidates(ledger: Ledger, entity: str, criteria: Criteria, keys: Sequence[str]) -> list[Any]:
    for group in criteria.groups:
        if len(group) == 1 and group[0].field in keys:
            only = group[0]
            if only.condition == "eq":
                return ledger.find(entity, only.field, only.value)
            if only.condition in _RANGE_STARTS and only.field.endswith("_at"):
                return ledger.find_from(entity, only.field, only.value)
    return ledger.all(entity)


def _by(name: str, read: Callable[[Any, str], Any]) -> Callable[[Any], tuple[int, Any]]:
    return lambda record: _order_key(read(record, name))


def _order_key(value: Any) -> tuple[int, Any]:
    if value is None:
        return (0, "")
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return (1, value)
    return (2, _text(value))


# --- fields


def project(document: Any, fields: str) -> Any:
    """Only the named members, ``items[sku,qty_ordered],total_count``; unknown ones are dropped."""
    tree, _ = _field_tree(fields, 0)
    return _keep(document, tree) if tree else document


def _field_tree(text: str, at: int) -> tuple[dict[str, Any], int]:
    tree: dict[str, Any] = {}
    name = ""
    while at < len(text):
        char = text[at]
        at += 1
        if char == "[":
            tree[name.strip()], at = _field_tree(text, at)
            name = ""
        elif char in ",]":
            if name.strip():
                tree[name.strip()] = {}
            name = ""
            if char == "]":
                break
        else:
            name += char
    if name.strip():
        tree[name.strip()] = {}
    return tree, at


def _keep(value: Any, tree: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_keep(element, tree) for element in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _keep(value[name], below) if below else value[name]
        for name, below in tree.items()
        if name in value
    }
