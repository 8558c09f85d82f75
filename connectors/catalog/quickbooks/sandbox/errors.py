"""The two fault envelopes and the catalogue of refusals (fact sheet A13)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from connectors.sandbox_kit.vendor import Refused, Reply, json_reply

_PACIFIC = timezone(timedelta(hours=-7))
_INACTIVE = (
    "Something you're trying to use has been made inactive. Check the fields with accounts, "
    "customers, items, vendors or employees."
)


def _time_text() -> str:
    return datetime.now(UTC).astimezone(_PACIFIC).isoformat(timespec="milliseconds")


class Fault(Refused):
    """A refusal in the validation style: ``Fault.Error[].Message/Detail/code``."""

    def __init__(
        self,
        code: str,
        message: str,
        detail: str,
        *,
        element: str = "",
        kind: str = "ValidationFault",
        status: int = 400,
    ) -> None:
        error = {"Message": message, "Detail": detail, "code": code, "element": element}
        self.document: dict[str, Any] = {"Error": [error], "type": kind}
        super().__init__(json_reply({"Fault": self.document, "time": _time_text()}, status))


def gateway(status: int, code: str, name: str, detail: str, kind: str) -> Reply:
    """A refusal in the gateway style: lower-case ``fault.error[].message/detail/code``."""
    message = f"message={name}; errorCode={code.zfill(6)}; statusCode={status}"
    error = {"message": message, "detail": detail, "code": code, "element": None}
    return json_reply(
        {
            "warnings": None,
            "intuitObject": None,
            "fault": {"error": [error], "type": kind},
            "report": None,
            "queryResponse": None,
            "batchItemResponse": [],
            "attachableResponse": [],
            "syncErrorResponse": None,
            "requestId": None,
            "time": int(time.time() * 1000),
            "status": None,
            "cdcresponse": [],
        },
        status,
    )


def token_refused(detail: str) -> Reply:
    return gateway(401, "3200", "AuthenticationFailed", detail, "AUTHENTICATION")


def wrong_company() -> Reply:
    return gateway(
        403,
        "3100",
        "ApplicationAuthorizationFailed",
        "The access token was not issued for this company.",
        "AUTHORIZATION",
    )


def throttled() -> Reply:
    return gateway(429, "3001", "ThrottleExceeded", "The request limit was reached.", "SERVICE")


def duplicate_name(what: str = "customer, vendor or employee") -> Fault:
    return Fault(
        "6240",
        "Duplicate Name Exists Error",
        f"The name supplied already exists. : Another {what} is already using this name. "
        "Please use a different name.",
    )


def stale() -> Fault:
    return Fault(
        "5010",
        "Stale Object Error",
        "Stale Object Error : You and root were working on this at the same time. root finished "
        "before you did, so your work was not saved.",
    )


def bad_reference(detail: str, element: str = "Reference Id") -> Fault:
    return Fault(
        "2500", "Invalid Reference Id", f"Invalid Reference Id : {detail}", element=element
    )


def inactive_reference(element: str = "Reference Id") -> Fault:
    return bad_reference(_INACTIVE, element)


def not_found() -> Fault:
    return Fault("610", "Object Not Found", f"Object Not Found : {_INACTIVE}")


def deleted_transaction() -> Fault:
    return Fault(
        "610", "Object Not Found", "Object Not Found : Another user has deleted this transaction."
    )


def missing(name: str) -> Fault:
    return Fault(
        "2020",
        "Required param missing, need to supply the required value for the API",
        f"Required parameter {name} is missing in the request",
        element=name,
    )


def unsupported_property(detail: str, element: str = "") -> Fault:
    return Fault(
        "2010",
        "Request has invalid or unsupported property",
        f"Property Name:{detail} is unsupported or invalid",
        element=element,
    )


def bad_number(name: str) -> Fault:
    return Fault("2040", "Invalid Number", f"Invalid Number : {name}", element=name)


def too_long(name: str, limit: int, length: int) -> Fault:
    return Fault(
        "2050",
        "String length is either shorter or longer than supported by specification",
        f"String length specified does not match the supported length. Min:0 Max:{limit} "
        f"supported. Supplied length:{length}",
        element=name,
    )


def bad_enum(name: str, value: str) -> Fault:
    return Fault("2170", "Invalid Enumeration", f"Invalid Enumeration : {value}", element=name)


def wrong_amount(supplied: str) -> Fault:
    return Fault(
        "6070",
        "Amount is not equal to UnitPrice * Qty",
        f"Amount is not equal to UnitPrice * Qty. Supplied value:{supplied}",
    )


def business(text: str, code: str = "6000") -> Fault:
    return Fault(
        code,
        "A business validation error has occurred while processing your request",
        f"Business Validation Error: {text}",
    )


def duplicate_number(number: str, kind: str, record_id: str) -> Fault:
    return Fault(
        "6140",
        "Duplicate Document Number Error",
        "Duplicate Document Number Error : You must specify a different number. This number has "
        f"already been used. DocNumber={number} is assigned to TxnType={kind} with "
        f"TxnId={record_id}",
    )


def unsupported_operation(what: str) -> Fault:
    return Fault("500", "Unsupported Operation", f"Operation {what} is not supported.")


def unknown_parameter(name: str) -> Fault:
    return unsupported_property(f'Unrecognized query parameter "{name}" specified', name)


def period_closed() -> Fault:
    return Fault(
        "6210",
        "Account Period Closed",
        "Account Period Closed, the books of that date cannot be changed.",
    )


def company_lapsed() -> Fault:
    return Fault("6190", "Invalid Company Status", "The subscription of the company has ended.")


def not_permitted() -> Fault:
    return Fault(
        "120",
        "Authorization Failure",
        "The person who connected the app may not do this in the company.",
        kind="AuthorizationFault",
        status=403,
    )


def too_many_mails(most: int) -> Fault:
    return business(f"No more than {most} e-mails a day are sent from a test company.")


def server_trouble(status: int) -> Reply:
    text = "An application error has occurred while processing your request"
    return Fault(
        "10000", text, f"System Failure Error: {text}", kind="SystemFault", status=status
    ).reply
