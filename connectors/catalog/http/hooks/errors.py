"""What services say went wrong, in the forms most of them use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sdk import HttpResponse, VendorError


def read_error(response: HttpResponse) -> VendorError | None:
    """The service's words: RFC 9457 problems, ``error`` objects, ``errors`` lists, messages."""
    if response.status < 400:
        return None
    return _words(response.document())


def _words(document: Any) -> VendorError | None:
    if isinstance(document, list) and document:
        return _words(document[0])
    if not isinstance(document, Mapping):
        return None
    inner = document.get("error") or document.get("errors") or document.get("fault")
    if isinstance(inner, (Mapping, list)) and inner:
        if isinstance(inner, list) and isinstance(inner[0], str):
            return VendorError("", inner[0])
        found = _words(inner)
        if found:
            return found
    code = _first(document, "code", "error_code", "errorCode", "type")
    message = _first(document, "message", "title", "error", "msg", "description", "fault")
    detail = _first(document, "detail", "error_description", "details", "description")
    if not message and not detail:
        return None
    field = _first(document, "field", "pointer", "param", "path")
    return VendorError(code[:80], message or detail, detail, field or None)


def _first(document: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = document.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value):
            return str(value)
    return ""
