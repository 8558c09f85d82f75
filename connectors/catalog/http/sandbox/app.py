"""Routes of the service: entries in every style of paging, an echo, and a place for messages."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from xml.sax.saxutils import escape

from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import (
    Call,
    CallKind,
    Entity,
    Refused,
    Reply,
    Vendor,
    html_reply,
    json_reply,
)
from ipaas.core.jsonio import MalformedJson

ENTRIES = 25


@dataclass(frozen=True)
class ServiceSandbox(Vendor):
    """Entries with a reference and a name; writes honour Idempotency-Key."""

    slug: str = "http"
    name: str = "HTTP service"
    entities: tuple[Entity, ...] = (Entity("entry", "Entries"), Entity("message", "Messages"))
    default_settings: Mapping[str, Any] = field(
        default_factory=lambda: {"retry_after_s": 1, "largest_page": 10}
    )

    def new_credentials(self, instance: str) -> dict[str, Any]:
        return {
            "access_token": secrets.token_urlsafe(24),
            "api_key": secrets.token_urlsafe(24),
            "username": "demo",
            "password": secrets.token_urlsafe(12),
        }

    def seed(self, ledger: Ledger) -> None:
        for number in range(1, ENTRIES + 1):
            _put(ledger, {"reference": f"REF-{number:03}", "name": f"Entry {number}"})

    def kind(self, call: Call) -> CallKind:
        return CallKind.READ if call.method in ("GET", "HEAD") else CallKind.WRITE

    def handle(self, call: Call, ledger: Ledger) -> Reply:
        if not _known(call, ledger):
            raise _refused(401, "unauthorised", "The service does not know who asks.")
        try:
            return self._route(call, ledger)
        except MalformedJson:
            raise _refused(400, "malformed", "The body is not JSON.") from None

    def _route(self, call: Call, ledger: Ledger) -> Reply:
        match (call.method, *call.segments):
            case ("GET",) | ("GET", ""):
                return json_reply({"service": "sandbox"})
            case ("GET", "entries"):
                return _unless_known(call, _listed(call, ledger))
            case ("GET", "entries.xml"):
                return _unless_known(call, _as_xml(ledger), _last_change(ledger))
            case ("POST", "entries"):
                return _created(call, ledger)
            case ("GET" | "HEAD", "entries", number):
                return json_reply(_entry(ledger, number))
            case ("PUT" | "PATCH", "entries", number):
                changed = {**_entry(ledger, number), **_object(call), "id": int(number)}
                ledger.put("entry", changed["id"], changed)
                ledger.put("key", "changed", {"at_s": int(ledger.now_s())})
                return json_reply(changed)
            case ("DELETE", "entries", number):
                _entry(ledger, number)
                ledger.remove("entry", number)
                return Reply(204)
            case (_, "echo"):
                seen = {
                    "method": call.method,
                    "query": call.query,
                    "content_type": call.headers.get("content-type", ""),
                    "body": call.body.decode("utf-8", "replace"),
                }
                return json_reply(seen)
            case ("POST", "messages"):
                message = {"id": ledger.next_number("message"), **_object(call)}
                ledger.put("message", message["id"], message)
                return json_reply({"id": message["id"]}, 201)
        raise _refused(404, "not_found", "There is nothing at this address.")

    def refusal(self, fault: str, call: Call, ledger: Ledger) -> Reply:
        match fault:
            case "rate_limited":
                reply = _problem(429, "too_many", "Too many requests.")
                return reply.with_header("Retry-After", str(ledger.setting("retry_after_s")))
            case "unavailable":
                return html_reply("<html><title>Maintenance</title></html>", 503)
            case "token_expired":
                return _problem(401, "unauthorised", "The token has expired.")
        return _problem(500, "broken", "Something broke.")


def _known(call: Call, ledger: Ledger) -> bool:
    basic = f"{ledger.setting('username')}:{ledger.setting('password')}".encode()
    accepted = {
        f"Bearer {ledger.setting('access_token')}",
        f"Basic {base64.b64encode(basic).decode()}",
    }
    key = call.headers.get("x-api-key") or call.param("X-API-Key") or ""
    return call.headers.get("authorization", "") in accepted or secrets.compare_digest(
        key.encode(), str(ledger.setting("api_key")).encode()
    )


def _listed(call: Call, ledger: Ledger) -> Reply:
    """Entries by reference, or one page in the style that the parameters ask for."""
    entries = sorted(ledger.all("entry"), key=lambda entry: entry["id"])
    if wanted := call.param("reference"):
        found = [entry for entry in entries if entry["reference"] == wanted]
        return json_reply({"items": found, "total": len(found)})
    size = min(_number(call, "limit", 10), int(ledger.setting("largest_page")))
    start = _number(call, "offset", 0)
    if call.param("page") is not None:
        start = (_number(call, "page", 1) - 1) * size
    if cursor := call.param("cursor"):
        start = int(base64.urlsafe_b64decode(cursor + "==").decode() or 0)
    page = entries[start : start + size]
    more = start + size < len(entries)
    after = base64.urlsafe_b64encode(str(start + size).encode()).decode().rstrip("=")
    document = {"items": page, "total": len(entries), "next": after if more else None}
    reply = json_reply(document)
    if more:
        # Relative to the address that was asked for, as RFC 8288 allows.
        link = f"?offset={start + size}&limit={size}"
        reply = reply.with_header("Link", f'<{link}>; rel="next"')
    return reply


def _created(call: Call, ledger: Ledger) -> Reply:
    given = _object(call)
    if not given.get("reference"):
        raise _refused(422, "reference_missing", "A reference is needed.", field="reference")
    key = call.headers.get("idempotency-key", "")
    if key and (known := ledger.get("key", key)):
        return json_reply(ledger.get("entry", known["id"]), 200)
    entry = _put(ledger, given)
    if key:
        ledger.put("key", key, {"id": entry["id"]})
    return json_reply(entry, 201)


def _unless_known(call: Call, reply: Reply, changed: datetime | None = None) -> Reply:
    """304 if the client has that already, as RFC 9110 says: the ETag decides if one was sent."""
    mark = f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"'
    reply = reply.with_header("ETag", mark)
    if changed is not None:
        reply = reply.without_header("ETag")
        reply = reply.with_header("Last-Modified", format_datetime(changed, usegmt=True))
    known, since = call.headers.get("if-none-match"), call.headers.get("if-modified-since")
    same = known == mark if known else False
    if changed is not None and since:
        same = changed <= parsedate_to_datetime(since)
    return Reply(304, headers=reply.headers) if same else reply


def _last_change(ledger: Ledger) -> datetime:
    found: dict[str, Any] = ledger.get("key", "changed") or {}
    return datetime.fromtimestamp(found.get("at_s", 0), UTC)


def _put(ledger: Ledger, given: Mapping[str, Any]) -> dict[str, Any]:
    number = ledger.next_number("entry")
    entry = {**given, "id": number}
    ledger.put("entry", number, entry)
    ledger.put("key", "changed", {"at_s": int(ledger.now_s())})
    return entry


def _entry(ledger: Ledger, number: str) -> dict[str, Any]:
    found: dict[str, Any] | None = ledger.get("entry", number)
    if found is None:
        raise _refused(404, "not_found", f"There is no entry {number[:20]}.")
    return found


def _object(call: Call) -> dict[str, Any]:
    given = call.document()
    if not isinstance(given, dict):
        raise _refused(400, "malformed", "The body must be an object.")
    return given


def _as_xml(ledger: Ledger) -> Reply:
    rows = "".join(
        f'<entry id="{entry["id"]}"><reference>{escape(entry["reference"])}</reference></entry>'
        for entry in sorted(ledger.all("entry"), key=lambda entry: entry["id"])
    )
    return Reply(200, f"<entries>{rows}</entries>".encode(), content_type="application/xml")


def _number(call: Call, name: str, otherwise: int) -> int:
    text = call.param(name)
    if text is None:
        return otherwise
    if not text.isdigit():
        raise _refused(400, "malformed", f"“{name}” must be a number.", field=name)
    return int(text)


def _problem(status: int, code: str, message: str, **more: Any) -> Reply:
    return json_reply({"code": code, "message": message, **more}, status)


def _refused(status: int, code: str, message: str, **more: Any) -> Refused:
    return Refused(_problem(status, code, message, **more))
