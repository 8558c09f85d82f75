"""QuickBooks' two fault envelopes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sdk import HttpResponse, VendorError


def read_fault(response: HttpResponse) -> VendorError | None:
    """The first error of a fault envelope, in either letter case; also inside a 200 reply."""
    document = response.document()
    if not isinstance(document, Mapping):
        return None
    return of_document(document)


def of_document(document: Mapping[str, Any]) -> VendorError | None:
    """The first error of a fault, if the document holds one."""
    fault = document.get("Fault") or document.get("fault")
    if not isinstance(fault, Mapping):
        return None
    errors = fault.get("Error") or fault.get("error") or [{}]
    first = errors[0] if isinstance(errors, list) else errors
    return VendorError(
        code=str(first.get("code") or ""),
        message=str(first.get("Message") or first.get("message") or fault.get("type") or "Fault"),
        detail=str(first.get("Detail") or first.get("detail") or ""),
        field=str(first["element"]) if first.get("element") else None,
    )
