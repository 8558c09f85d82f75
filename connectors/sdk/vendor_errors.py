"""Reading what a vendor says went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_PLACEHOLDER = re.compile(r"%(\d+|[A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class VendorError:
    """The vendor's own words: its code, a sentence, details, and the field it complains about."""

    code: str
    message: str
    detail: str = ""
    field: str | None = None


def pick(document: Any, pointer: str) -> Any:
    """Value at JSON ``pointer`` ("/a/0/b"; "" is the whole), or None if any part is missing."""
    value = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, Sequence) and not isinstance(value, str) and name.isdigit():
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    return value


def fill_placeholders(text: str, parameters: Any) -> str:
    """``text`` with %1, %2 … filled from a list (counted from 1) or %name from an object."""

    def value_of(match: re.Match[str]) -> str:
        name = match.group(1)
        if isinstance(parameters, Mapping) and name in parameters:
            return str(parameters[name])
        if isinstance(parameters, list) and name.isdigit() and 0 < int(name) <= len(parameters):
            return str(parameters[int(name) - 1])
        return match.group(0)

    return _PLACEHOLDER.sub(value_of, text)
