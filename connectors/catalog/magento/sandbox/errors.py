"""Magento's error envelope: message with %placeholders, parameters (fact sheet section 3)."""

from __future__ import annotations

import secrets
from typing import Any

from connectors.sandbox_kit.vendor import Refused, json_reply

NO_ENTITY = "The entity that was requested doesn't exist. Verify the entity and try again."
NO_PRODUCT = "The product that was requested doesn't exist. Verify the product and try again."
NOT_HERE = object()
NO_ROUTE = "Request does not match any route."
NOT_AUTHORISED = "The consumer isn't authorized to access %resources."
REQUIRED = '"%fieldName" is required. Enter and try again.'


def refused(
    status: int,
    message: str,
    parameters: dict[str, Any] | list[Any] | None = None,
    *,
    errors: list[dict[str, Any]] | None = None,
) -> Refused:
    """Exception that answers with the envelope; parameters and errors only when there are any."""
    document: dict[str, Any] = {"message": message}
    if parameters is not None:
        document["parameters"] = parameters
    if errors:
        document["errors"] = errors
    return Refused(json_reply(document, status))


def required(field_name: str) -> Refused:
    return refused(400, REQUIRED, {"fieldName": field_name})


def no_such(field_name: str, value: Any) -> Refused:
    return refused(
        404,
        "No such entity with %fieldName = %fieldValue",
        {"fieldName": field_name, "fieldValue": value},
    )


def internal() -> Refused:
    """What Magento says of any failure it did not foresee."""
    report = f"webapi-{secrets.token_hex(6)}"
    text = f"Internal Error. Details are available in Magento log file. Report ID: {report}"
    return Refused(json_reply({"message": text}, 500))
