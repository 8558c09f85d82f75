"""Filling the places of a request template.

``{inputs.a.b}`` inside a text is replaced by that value as text; ``$inputs.a.b`` as a whole value
keeps its type. The sources are ``inputs``, ``settings`` and ``account``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.sdk import ConnectorError
from ipaas.core.errors import Recovery

_PLACE = re.compile(r"\{((?:inputs|settings|output|item|env)\.[\w.]+|account|batch_key)\}")
_WHOLE = ("$inputs", "$items")
MOST_DIGITS = 400
MISSING: Any = object()


def value_at(sources: Mapping[str, Any], name: str) -> Any:
    """Value of a dotted name such as ``inputs.customer.id``, or MISSING (also when null)."""
    value: Any = sources
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return MISSING
        value = value[part]
    return MISSING if value is None else value


def as_text(value: Any) -> str:
    """How ``value`` is written in an address: true/false, exact digits, else its text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        plain = value.is_finite() and abs(value.adjusted()) <= MOST_DIGITS
        return format(value, "f" if plain else "")  # 1e999999999 would have a thousand million
    return str(value)


def fill_text(template: str, sources: Mapping[str, Any]) -> Any:
    """``template`` with its places filled, or MISSING if a value is missing."""
    missing = False

    def replace(match: re.Match[str]) -> str:
        nonlocal missing
        value = value_at(sources, match.group(1))
        if value is MISSING:
            missing = True
            return ""
        return as_text(value)

    text = _PLACE.sub(replace, template)
    return MISSING if missing else text


def fill_path(template: str, sources: Mapping[str, Any]) -> str:
    """``template`` as an address path; values are percent-encoded, and none may be missing."""

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        value = value_at(sources, name)
        text = "" if value is MISSING else as_text(value)
        if not text or text in (".", ".."):
            raise ConnectorError(
                f"“{name.removeprefix('inputs.')}” is needed but empty.",
                code="connector.input_missing",
                recovery=Recovery.FIX_DATA,
                hint="Map a value to it.",
                field=name.removeprefix("inputs."),
            )
        return quote(text, safe="")

    return _PLACE.sub(replace, template)


def fill(template: Any, sources: Mapping[str, Any]) -> Any:
    """``template`` (any JSON value) with its places filled; those without a value go."""
    if isinstance(template, str):
        if template in _WHOLE or template.startswith(("$inputs.", "$settings.", "$item.")):
            return value_at(sources, template[1:])
        return fill_text(template, sources)
    if isinstance(template, Mapping):
        filled = {name: fill(value, sources) for name, value in template.items()}
        return {name: value for name, value in filled.items() if value is not MISSING}
    if isinstance(template, list):
        return [value for item in template if (value := fill(item, sources)) is not MISSING]
    return template
