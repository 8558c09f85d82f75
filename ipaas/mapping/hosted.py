"""Mapping functions for use inside JSONata text: ``$phone(...)``, ``$lookup_table(...)``.

A JSONata engine is handed the functions that its text names. Numbers cross as binary doubles, as
everywhere in JSONata; what a function works out in between is exact.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from ipaas.mapping.errors import ExpressionFailed
from ipaas.mapping.functions import FUNCTIONS
from ipaas.mapping.jsonata_definitions import BUILT_IN
from ipaas.mapping.values import Value

_CALLED: Final = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)\s*\(")

Evaluate = Callable[[str, tuple[Value, ...]], Value]
"""Works out a function by name for given arguments, with conversions and bounds."""


def called_functions(text: str) -> frozenset[str]:
    """Names of mapping functions that a JSONata text may call; its own built-ins come first."""
    return frozenset(_CALLED.findall(text)) & (FUNCTIONS.keys() - BUILT_IN)


def host_functions(names: frozenset[str], evaluate: Evaluate) -> dict[str, Callable[..., Any]]:
    """One callable per name, in the number forms that JSONata engines know."""

    def made(name: str) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            fn = FUNCTIONS[name]
            if not fn.accepts(len(args)):
                raise ExpressionFailed(
                    f"${name} takes {fn.arity()} values, but has {len(args)}",
                    code="mapping.argument_count",
                )
            return in_doubles(evaluate(name, tuple(_exact(arg) for arg in args)))

        return call

    return {name: made(name) for name in names}


def _exact(value: Any) -> Value:
    """A value of an engine with exact numbers; what is not JSON becomes missing."""
    kind = type(value)
    if kind is float:
        if value != value or value in (float("inf"), float("-inf")):
            raise ExpressionFailed("A number is not finite", code="mapping.not_a_number")
        return int(value) if value.is_integer() and abs(value) < 1e15 else Decimal(repr(value))
    if isinstance(value, dict):
        return {str(key): _exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return value if kind in (str, int, bool, Decimal) else None


def in_doubles(value: Value) -> Any:
    """The value with its decimals as the doubles that an engine knows."""
    if type(value) is Decimal:
        return float(value)
    if type(value) is dict:
        return {key: in_doubles(item) for key, item in value.items()}
    if type(value) is list:
        return [in_doubles(item) for item in value]
    return value
