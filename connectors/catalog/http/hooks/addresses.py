"""Paths, parameters and headers of a request; what could lead it elsewhere is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.sdk import ConnectorError, Recovery, needed

_PLACE = re.compile(r"\{([^{}/]+)\}")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# These frame the message or belong to the connection; a step must not set them.
_OURS = {
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "proxy-authorization",
}


def path_of(inputs: Mapping[str, Any]) -> str:
    """The path with its {places} filled; it always stays below the connection's address."""
    path = str(inputs.get("path") or "").strip() or "/"
    values: Mapping[str, Any] = inputs.get("path_values") or {}

    def fill(match: re.Match[str]) -> str:
        value = values.get(match.group(1).strip())
        text = "" if value is None else as_text(value)
        if text in ("", ".", ".."):
            raise needed(f"path_values.{match.group(1).strip()}", match.group(1).strip())
        return quote(text, safe="")

    if not path.startswith("/"):
        path = f"/{path}"
    bare = path.split("?", 1)[0]
    if path.startswith("//") or "\\" in path or "#" in path or _climbs(bare):
        raise _refused_path()
    filled = _PLACE.sub(fill, path)
    if any(ord(char) <= 32 or ord(char) == 127 for char in filled):
        filled = quote(filled, safe="/?&=%:@!$'()*+,;~-._[]")
    return filled


def _climbs(path: str) -> bool:
    parts = path.lower().replace("%2e", ".").replace("%2f", "/").split("/")
    return any(part in (".", "..") for part in parts)


def _refused_path() -> ConnectorError:
    return ConnectorError(
        "The path leads out of the connection's address.",
        code="http.path_refused",
        recovery=Recovery.FIX_DATA,
        hint="Give the part behind the address, for example /orders/17.",
        field="path",
    )


def query_of(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that have a value; a list stays a list."""
    given = inputs.get("query")
    if not isinstance(given, Mapping):
        return {}
    found: dict[str, Any] = {}
    for name, value in given.items():
        values = [as_text(each) for each in _several(value) if each not in (None, "")]
        if values:
            found[str(name)] = values if isinstance(value, list) else values[0]
    return found


def headers_of(inputs: Mapping[str, Any]) -> dict[str, str]:
    """Headers of the step, their names in one spelling."""
    given = inputs.get("headers")
    found: dict[str, str] = {}
    for name, value in given.items() if isinstance(given, Mapping) else ():
        text = "" if value is None else as_text(value).strip()
        if not text:
            continue
        if any(ord(char) < 32 and char != "\t" for char in text) or "\x7f" in text:
            raise _refused_header(str(name), "Its value holds a line break.")
        try:
            text.encode("latin-1")
        except UnicodeEncodeError:
            raise _refused_header(str(name), "Its value holds letters a header cannot.") from None
        found[header_name(str(name))] = text
    return found


def header_name(name: str) -> str:
    """``name`` in the usual spelling; refused if it is none, or not a step's to set."""
    name = name.strip()
    if not _TOKEN.fullmatch(name):
        raise _refused_header(name, "This is not the name of a header.")
    if name.lower() in _OURS:
        raise _refused_header(name, "The platform sets it itself.")
    return "-".join(part[:1].upper() + part[1:] for part in name.split("-"))


def _refused_header(name: str, why: str) -> ConnectorError:
    return ConnectorError(
        f"The header “{name[:60]}” cannot be sent. {why}",
        code="http.header_refused",
        recovery=Recovery.FIX_DATA,
        hint="Correct the headers of the step.",
        field="headers",
    )


def as_text(value: Any) -> str:
    """How a value stands in an address or header: true/false, exact digits, else its text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
