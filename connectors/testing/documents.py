"""Comparing documents: with documented examples, with what was sent, and walking their schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

_KINDS: tuple[Any, ...] = (bool, str, (int, float, Decimal), dict, list, type(None))


def _kind(value: Any) -> int:
    return next(n for n, kind in enumerate(_KINDS) if isinstance(value, kind))


def has_form_of(example: Any, actual: Any, where: str = "") -> bool:
    """Whether every documented member is there, of the same JSON type; lists by their first.

    Fails with the place of the first difference.
    """
    assert _kind(example) == _kind(actual), (where, example, actual)
    if isinstance(example, dict):
        for name, part in example.items():
            assert name in actual, f"{where}/{name} is missing"
            has_form_of(part, actual[name], f"{where}/{name}")
    if isinstance(example, list) and example:
        assert actual, where
        has_form_of(example[0], actual[0], f"{where}/0")
    return True


def kept(sent: Any, stored: Any, *, unless: tuple[str, ...] = ()) -> bool:
    """Whether all that was sent is there, but for members named in ``unless``; more may be."""
    if isinstance(sent, dict):
        return isinstance(stored, dict) and all(
            name in unless or kept(value, stored.get(name), unless=unless)
            for name, value in sent.items()
        )
    if isinstance(sent, list):
        if not isinstance(stored, list) or len(stored) < len(sent):
            return False
        return all(kept(*pair, unless=unless) for pair in zip(sent, stored, strict=False))
    if stored is None:
        return sent is None
    if isinstance(sent, int | float | Decimal) and not isinstance(sent, bool):
        return Decimal(str(sent)) == Decimal(str(stored))
    return bool(sent == stored)


def members(part: Mapping[str, Any], where: str = "") -> Iterator[tuple[str, Any]]:
    """Every member of a schema with its place, ``/items/price``; references are not followed."""
    for name, spec in part.get("properties", {}).items():
        yield f"{where}/{name}", spec
        yield from members(spec, f"{where}/{name}")
        yield from members(spec.get("items", {}), f"{where}/{name}")
    for spec in part.get("$defs", {}).values():
        yield from members(spec, where)
