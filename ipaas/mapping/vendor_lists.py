"""Values that the connected system keeps a list of: its accounts, items, tax codes.

A field says which by ``x-options``, or by ``x-ref`` (on itself, or on the reference whose ``value``
it is), which names the kind of record. ``x-also`` are values that the system takes although its
list does not have them. The entries are handed in; nobody is asked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from ipaas.mapping.constants import Fault
from ipaas.mapping.errors import Choice
from ipaas.mapping.model import Call, Const, Expr, If
from ipaas.mapping.schemas import Schema
from ipaas.mapping.values import shown

VendorLists: TypeAlias = Mapping[str, Sequence[Choice]]
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
    expr: Expr, choices: Sequence[Choice], extra: frozenset[str], name: str, title: str
) -> Iterator[
    tuple[Fault, str | int]
]:  # fmt: skip
    """Fixed values that a list does not have, each with what is wrong in words."""
    known = {choice.value for choice in choices} | extra
    for value in fixed_values(expr):
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
