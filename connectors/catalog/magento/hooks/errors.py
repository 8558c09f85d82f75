"""Magento's sentences: placeholders filled, and those beneath them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sdk import HttpResponse, VendorError, fill_placeholders, pick


def read_error(response: HttpResponse) -> VendorError | None:
    """Magento's sentence with its placeholders filled, and the sentences under it."""
    document = response.document()
    if not isinstance(document, Mapping):
        return None
    fatal = pick(document, "/messages/error/0")
    if isinstance(fatal, Mapping):
        return VendorError("", str(fatal.get("message", "")))
    if not isinstance(document.get("message"), str):
        return None
    below = document.get("errors")
    under = below if isinstance(below, list) else []
    parts = [_sentence(document), *(_sentence(part) for part in under)]
    field = pick(document, "/parameters/fieldName") or pick(
        document, "/errors/0/parameters/fieldName"
    )
    return VendorError(
        code="",
        message=parts[0],
        detail=" ".join(part for part in parts if part),
        field=str(field) if field else None,
    )


def _sentence(part: Any) -> str:
    if not isinstance(part, Mapping):
        return ""
    return fill_placeholders(str(part.get("message", "")), part.get("parameters"))
