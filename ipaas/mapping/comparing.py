"""Two documents compared field by field, in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ipaas.mapping.paths import quote
from ipaas.mapping.values import Value, exact, shown

_MOST = 50


def differences(expected: Value, given: Value) -> list[str]:
    """What differs, at most fifty sentences. Numbers are the same if their values are."""
    return list(islice(_different(expected, given, ""), _MOST))


def _different(expected: Value, given: Value, path: str) -> Iterator[str]:
    expected, given = exact(expected), exact(given)
    if isinstance(expected, dict) and isinstance(given, dict):
        for name in [*expected, *(name for name in given if name not in expected)]:
            below = f"{path}.{quote(name)}" if path else quote(name)
            if name not in given:
                yield f"{below} is missing; {shown(expected[name])} is expected."
            elif name not in expected:
                yield f"{below} is {shown(given[name])}; nothing is expected there."
            else:
                yield from _different(expected[name], given[name], below)
    elif isinstance(expected, list) and isinstance(given, list):
        if len(expected) != len(given):
            yield f"{path or 'The list'} has {len(given)} entries; {len(expected)} are expected."
        for index, (one, other) in enumerate(zip(expected, given, strict=False)):
            yield from _different(one, other, f"{path}[{index}]")
    elif isinstance(expected, bool) is not isinstance(given, bool) or expected != given:
        yield f"{path or 'The result'} is {shown(given)}; {shown(expected)} is expected."
