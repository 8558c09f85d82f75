"""Values that the connected system keeps a list of: its accounts, items, tax codes.

A field says which by ``x-options``, or by ``x-ref`` (on itself, or on the reference whose ``value``
it is), which names the kind of record. ``x-also`` are values that the system takes although its
list does not have them. What a list has is handed in; no system is asked here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from ipaas.mapping.constants import Fault
from ipaas.mapping.errors import Choice
from ipaas.mapping.model import Call, Const, Expr, If
from ipaas.mapping.schemas import Schema
from ipaas.mapping.values import shown


class VendorEntries(Protocol):
    """A list that is known; it may have more entries than anybody wants in memory."""

    def among(self, values: Collection[str]) -> Mapping[str, str]:
        """Those of the values that are in the list, each with its label."""

    def like(self, value: str) -> Sequence[Choice]:
        """Entries that may have been meant; none for who may not see them."""


@dataclass(frozen=True, slots=True)
class GivenEntries:
    """A list that is there as a whole."""

    choices: Sequence[Choice]

    def among(self, values: Collection[str]) -> Mapping[str, str]:
        """Those of the values that are in the list, each with its label."""
        wanted = frozenset(values)
        return {each.value: each.label for each in self.choices if each.value in wanted}

    def like(self, value: str) -> Sequence[Choice]:
        """All entries, as the likest of them are chosen from."""
        return self.choices


VendorLists: TypeAlias = Mapping[str, VendorEntries]
_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_REFERENCE: Final = "value"


def list_of_records(record: str) -> str:
    """The list of a kind of record: TaxCode is listed as tax_codes, Class as classes."""
    name = _WORDS.sub("_", record).lower()
    return f"{name}es" if name.endswith("s") else f"{name}s"


def list_name(schema: Schema, above: Schema, name: str) -> str | None:
    """The list that the values of a field are in; None for one that is in none."""
    options = schema.get("x-options")
    if isinstance(options, str):
        return options
    record = schema.get("x-ref") or (above.get("x-ref") if name == _REFERENCE else None)
    return list_of_records(record) if isinstance(record, str) else None


def also(schema: Schema, above: Schema) -> frozenset[str]:
    """Values that are taken although no list has them."""
    return frozenset(map(str, [*(schema.get("x-also") or ()), *(above.get("x-also") or ())]))


def list_names(schema: object) -> set[str]:
    """Every list that a schema names anywhere."""
    found: set[str] = set()
    left = [schema]
    while left:
        part = left.pop()
        if isinstance(part, list):
            left += part
        elif isinstance(part, dict):
            options, record = part.get("x-options"), part.get("x-ref")
            if isinstance(options, str):
                found.add(options)
            if isinstance(record, str):
                found.add(list_of_records(record))
            left += part.values()
    return found


def fixed_values(expr: Expr) -> Iterator[str | int]:
    """Constants that an expression may give as they are."""
    if isinstance(expr, Const) and isinstance(expr.value, (str, int)) and expr.value != "":
        if not isinstance(expr.value, bool):
            yield expr.value
    elif isinstance(expr, If):
        yield from fixed_values(expr.then)
        if expr.otherwise is not None:
            yield from fixed_values(expr.otherwise)
    elif isinstance(expr, Call) and expr.fn == "default":
        for arg in expr.args:
            yield from fixed_values(arg)


def not_listed(
    expr: Expr, entries: VendorEntries, extra: frozenset[str], name: str, title: str
) -> Iterator[
    tuple[Fault, str | int]
]:  # fmt: skip
    """Fixed values that a list does not have, each with what is wrong in words."""
    values = list(fixed_values(expr))
    known = extra.union(entries.among({str(value) for value in values} - extra)) if values else ()
    for value in values:
        if str(value) not in known:
            words = title.replace("_", " ")
            yield (
                Fault(
                    "mapping.not_in_list",
                    f"{name}: {shown(value)} is not among the {words} of the connected system.",
                    f"Choose one of them, or fetch the {words} anew under Result.",
                ),
                value,
            )
