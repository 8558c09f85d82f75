"""QuickBooks' two fault envelopes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sdk import HttpResponse, VendorError

_TITLES = (
    "Business Validation Error",
    "Property Name",
    "QueryParserError",
    "QueryValidationError",
    "System Failure Error",
)


def read_fault(response: HttpResponse) -> VendorError | None:
    """The first error of a fault envelope, in either letter case; also inside a 200 reply."""
    document = response.document()
    if not isinstance(document, Mapping):
        return None
    return of_document(document)


def _sentence(detail: str, message: str) -> str:
    """The detail without the title that QuickBooks often repeats in front, as a sentence."""
    for title in (message, *_TITLES):
        start, colon, rest = detail.partition(":")
        if colon and rest.strip() and start.strip().casefold() == title.casefold():
            detail = rest.strip()
    return detail if not detail or detail.endswith((".", "!", "?")) else f"{detail}."


def of_document(document: Mapping[str, Any]) -> VendorError | None:
    """The first error of a fault, if the document holds one."""
    fault = document.get("Fault") or document.get("fault")
    if not isinstance(fault, Mapping):
        return None
    errors = fault.get("Error") or fault.get("error") or [{}]
    first = errors[0] if isinstance(errors, list) else errors
    element = str(first.get("element") or "")
    message = str(first.get("Message") or first.get("message") or fault.get("type") or "Fault")
    return VendorError(
        code=str(first.get("code") or ""),
        message=message,
        detail=_sentence(str(first.get("Detail") or first.get("detail") or ""), message),
        field=element if element and " " not in element else None,  # “Reference Id” is none
    )
