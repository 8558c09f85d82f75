"""Copies of JSON values with exact numbers, within bounds."""

from __future__ import annotations

from decimal import Decimal

from ipaas.mapping import limits
from ipaas.mapping.values import Value


class TooBig(Exception):
    """The value has more parts, more text or more levels than allowed; the text says which."""


def copy_value(
    value: object,
    max_values: int = limits.MAX_OUTPUT_VALUES,
    max_text: int = limits.MAX_OUTPUT_TEXT,
) -> Value:
    """A deep copy in which a binary float became the Decimal people would write."""
    return Copier(max_values, max_text).copy(value)


class Copier:
    """Copies values and keeps count of what it has copied."""

    __slots__ = ("text_left", "values_left")

    def __init__(
        self,
        max_values: int = limits.MAX_OUTPUT_VALUES,
        max_text: int = limits.MAX_OUTPUT_TEXT,
    ) -> None:
        self.values_left = max_values
        self.text_left = max_text

    def copy(self, value: object, depth: int = 0) -> Value:
        """Deep copy of ``value``; raises TooBig when a bound is reached."""
        kind = type(value)
        if kind is str:
            self.text_left -= len(value)  # type: ignore[arg-type]
            if self.text_left < 0:
                raise TooBig("it holds too much text")
            return value
        if kind is dict:
            self._descend(len(value), depth)  # type: ignore[arg-type]
            deeper = depth + 1
            return {key: self.copy(item, deeper) for key, item in value.items()}  # type: ignore[attr-defined]
        if kind is list:
            self._descend(len(value), depth)  # type: ignore[arg-type]
            deeper = depth + 1
            return [self.copy(item, deeper) for item in value]  # type: ignore[attr-defined]
        if value is None or kind is bool or kind is int or kind is Decimal:
            return value
        if kind is float:
            if value - value != 0:  # type: ignore[operator]
                raise TooBig("it holds a number that is not finite")
            return Decimal(repr(value))
        raise TooBig(f"it holds something that is not JSON ({kind.__name__})")

    def _descend(self, size: int, depth: int) -> None:
        self.values_left -= size
        if self.values_left < 0:
            raise TooBig("it holds too many values")
        if depth >= limits.MAX_DOCUMENT_DEPTH:
            raise TooBig(f"it is nested more than {limits.MAX_DOCUMENT_DEPTH} deep")
