"""Values that may lose something: longer texts and finer numbers than the target takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ipaas.mapping.likeness import decimals
from ipaas.mapping.schemas import Schema, types

_FINE: Final = 6
"""Targets that take so many decimal places are not warned about where the source does not say."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What may be lost, in words."""

    code: str
    message: str
    hint: str


def losses(source: Schema | None, target: Schema, name: str) -> Iterator[Loss]:
    """What a value of one schema may lose in a field of another.

    The source is that of a copied field, or what is known of a value that is worked out.
    """
    if source is None:
        return
    longest, limit = source.get("maxLength"), target.get("maxLength")
    options = source.get("enum")
    if isinstance(options, list) and all(isinstance(option, str) for option in options):
        longest = max(map(len, options), default=0)
    if isinstance(limit, int) and isinstance(longest, int) and longest > limit:
        yield Loss(
            "mapping.lossy_text",
            f"{name} takes at most {limit} characters, but the value may have {longest}.",
            "Shorten it; a text that is too long is refused by the other system.",
        )
    digits, finer = decimals(target), decimals(source)
    numbers = bool(types(source) & {"number"})
    if digits is None or not numbers:
        return
    if finer > digits if finer is not None else digits < _FINE:
        takes = "whole numbers" if digits == 0 else f"{digits} decimal places"
        yield Loss(
            "mapping.lossy_number",
            f"{name} takes {takes}, but the value may have more decimals.",
            "Round it, so that it is decided here how.",
        )
