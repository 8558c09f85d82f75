"""What a vendor's reply means: which failure it is, whether it was done, what can mend it."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.manifest.parts import ErrorFields, ErrorRule
from connectors.registry import Connector
from connectors.sdk import ConnectorError, Exchange, Executed, HttpResponse, VendorError, pick
from ipaas.core import clock
from ipaas.core.errors import Recovery

# What statuses mean when a manifest says nothing else.
_USUAL: tuple[ErrorRule, ...] = (
    ErrorRule(
        Recovery.REAUTHORISE,
        statuses=(401,),
        name="unauthorised",
        hint="Check the connection and authorise it again.",
    ),
    ErrorRule(
        Recovery.GIVE_UP,
        statuses=(402, 403),
        name="forbidden",
        hint="The account used by this connection lacks a permission for this.",
    ),
    ErrorRule(Recovery.RETRY, statuses=(408, 425), hint="It is tried again by itself."),
    ErrorRule(
        Recovery.RETRY,
        statuses=(429,),
        name="too_many_requests",
        after_s=60,
        hint="Its limit was reached; we slow down and go on by ourselves.",
    ),
)


# Many answer a form that they have taken in by showing the way to what came of it.
_PERHAPS_DONE = frozenset((302, 303))


def vendor_code(error: ConnectorError) -> str:
    """The vendor's own code of the failure, "" if it gave none."""
    return str(error.facts.get("vendor_code", ""))


def read_vendor_error(connector: Connector, response: HttpResponse) -> VendorError | None:
    """The vendor's own words about a failure, if the reply holds any."""
    if connector.manifest.error_fields:
        return _by_fields(connector.manifest.error_fields, response)
    if not connector.manifest.error_reader:
        return None
    found: VendorError | None = connector.hook(connector.manifest.error_reader)(response)
    return found


def _by_fields(fields: ErrorFields, response: HttpResponse) -> VendorError | None:
    document = response.document()

    def text(pointer: str) -> str:
        value = pick(document, pointer) if pointer else None
        return "" if value is None or isinstance(value, (dict, list)) else str(value)

    code, message, detail = text(fields.code), text(fields.message), text(fields.detail)
    if not (code or message or detail):
        return None
    return VendorError(code, message, detail, text(fields.field) or None)


def classify(
    connector: Connector,
    response: HttpResponse,
    said: VendorError | None,
    *,
    write: bool,
    exchanges: tuple[Exchange, ...],
) -> ConnectorError:
    """The failure that this reply is, by the manifest's rules first and the usual ones after."""
    status = response.status
    rule = _rule(connector.manifest.errors, status, said) or _rule(_USUAL, status, said)
    if rule is None:
        rule = ErrorRule(_recovery_of(status))
    name = connector.manifest.name
    words = (said.detail or said.message) if said else ""
    if rule.say:
        message = rule.say.format(
            message=said.message if said else "",
            detail=words,
            code=said.code if said else status,
            name=name,
        )
    else:
        message = words or _plain_message(name, status, response)
    code = said.code if said else ""
    unsure = write and (status >= 500 or status in _PERHAPS_DONE)
    executed: Executed = rule.executed or ("unknown" if unsure else "no")
    return ConnectorError(
        " ".join(message.split())[:500],
        code=f"{connector.slug}.{rule.name or code or f'http_{status}'}",
        recovery=rule.recovery,
        executed=executed,
        hint=rule.hint or _hint(rule.recovery, executed),
        retry_after_s=_wait_s(response, rule),
        field=rule.field or (said.field if said else None),
        status=status,
        exchanges=exchanges,
        vendor_code=code,
    )


def _rule(rules: tuple[ErrorRule, ...], status: int, said: VendorError | None) -> ErrorRule | None:
    words = f"{said.message} {said.detail}".lower() if said else ""
    for rule in rules:
        if rule.statuses and status not in rule.statuses:
            continue
        if rule.codes and (said is None or said.code not in rule.codes):
            continue
        if rule.text and rule.text not in words:
            continue
        return rule
    return None


def _recovery_of(status: int) -> Recovery:
    if status >= 500:
        return Recovery.RETRY
    return Recovery.GIVE_UP if 300 <= status < 400 else Recovery.FIX_DATA


def _plain_message(name: str, status: int, response: HttpResponse) -> str:
    if 300 <= status < 400:
        return f"{name} redirects to another address; redirects are not followed."
    return f"{name} answered with status {status}."


def _hint(recovery: Recovery, executed: Executed) -> str:
    if executed == "unknown":
        return "It may have been done: we look it up before anything is sent again."
    return {
        Recovery.RETRY: "It is tried again by itself.",
        Recovery.REAUTHORISE: "Authorise the connection again, then retry.",
        Recovery.FIX_DATA: "Correct the record or the mapping, then try again.",
        Recovery.GIVE_UP: "Check the connection's settings.",
    }[recovery]


def _wait_s(response: HttpResponse, rule: ErrorRule) -> float | None:
    """Seconds the vendor asks us to wait; an unreadable wish counts as none."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(min(int(text), 24 * 3600))
    if text:
        until = _http_date(text)
        if until is not None:
            return max(0.0, (until - clock.now()).total_seconds())
    return rule.after_s


def _http_date(text: str) -> datetime | None:
    try:
        found: Any = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
