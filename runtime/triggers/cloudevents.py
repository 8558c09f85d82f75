"""CloudEvents 1.0 over HTTP: structured, binary and batched messages, as plain documents.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from ipaas.core import jsonio
from ipaas.core.errors import Invalid
from runtime.triggers.contents import ContentUnknown, content_type

MAX_BATCH = 1_000
_NAME = re.compile(r"^[a-z0-9]{1,40}$")
_REQUIRED = ("id", "source", "specversion", "type")
_PREFIX = "application/cloudevents"


class NotACloudEvent(Invalid):
    """The message is no CloudEvent, or one of its attributes is missing or wrong."""

    code = "cloudevents.invalid"


def read(headers: Mapping[str, str], body: bytes) -> list[dict[str, Any]]:
    """The events of a message, each in its JSON form; raises NotACloudEvent or ContentUnknown."""
    kind, _ = content_type(headers)
    if kind.startswith(f"{_PREFIX}-batch"):
        _require_json(kind, f"{_PREFIX}-batch+json")
        events = jsonio.loads(body)
        if not isinstance(events, list):
            raise NotACloudEvent("A batch of CloudEvents is a list.", hint="Send [] for none.")
        if len(events) > MAX_BATCH:
            raise NotACloudEvent(
                f"A batch may hold {MAX_BATCH} events.", hint="Send them in several messages."
            )
        return [_checked(event) for event in events]
    if kind.startswith(_PREFIX):
        _require_json(kind, f"{_PREFIX}+json")
        return [_checked(jsonio.loads(body))]
    if "ce-specversion" in headers or "ce-id" in headers:
        return [_checked({**_attributes(headers), **_data(kind, body)})]
    raise NotACloudEvent(
        "This message is no CloudEvent.",
        hint="Send the ce- headers, or a body of the type application/cloudevents+json.",
    )


def identity(event: Mapping[str, Any]) -> str:
    """Source and id, which together name an event; a source holds no blanks."""
    return f"{event['source']} {event['id']}"


def wanted(event: Mapping[str, Any], types: Any) -> bool:
    """Whether the event is of one of the types; ``*`` at the end of a type stands for any rest."""
    if not types:
        return True
    kind = str(event["type"])
    return any(
        kind.startswith(each[:-1]) if each.endswith("*") else kind == each
        for each in map(str, types)
    )


def handshake(headers: Mapping[str, str], origins: Any) -> dict[str, str] | None:
    """Headers that allow a sender to deliver here; None if it is not among ``origins``.

    https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#4-abuse-protection
    """
    origin = headers.get("webhook-request-origin", "").strip()
    if origin and origins and origin not in origins:
        return None
    answer = {"Allow": "POST"}
    if origin:
        answer["WebHook-Allowed-Origin"] = origin
        answer["WebHook-Allowed-Rate"] = headers.get("webhook-request-rate", "").strip() or "*"
    return answer


def _require_json(kind: str, accepted: str) -> None:
    if kind != accepted:
        raise ContentUnknown(
            f"CloudEvents of the type “{kind[:80]}” cannot be read.", hint=f"Send {accepted}."
        )


def _attributes(headers: Mapping[str, str]) -> dict[str, Any]:
    found = {
        name[3:]: unquote(value.strip('"'), errors="replace")
        for name, value in headers.items()
        if name.startswith("ce-")
    }
    if headers.get("content-type"):
        found["datacontenttype"] = headers["content-type"]
    return found


def _data(kind: str, body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    if kind in ("", "application/json") or kind.endswith("+json"):
        return {"data": jsonio.loads(body)}
    try:
        return {"data": body.decode()}
    except UnicodeDecodeError:
        return {"data_base64": base64.b64encode(body).decode()}


def _checked(event: Any) -> dict[str, Any]:
    if not isinstance(event, dict):
        raise NotACloudEvent("A CloudEvent is an object.", hint="Check the message.")
    for name in _REQUIRED:
        if not isinstance(event.get(name), str) or not event[name]:
            raise NotACloudEvent(
                f"The CloudEvent has no “{name}”.", hint="It must be there and not be empty."
            )
    if event["specversion"] != "1.0":
        raise NotACloudEvent(
            f"CloudEvents {event['specversion'][:10]} cannot be read.", hint="Send version 1.0."
        )
    if any(character.isspace() for character in event["source"]):
        raise NotACloudEvent("The CloudEvent's source is no URI.", hint="It holds a blank.")
    for name in event:
        if name not in ("data", "data_base64") and not _NAME.match(name):
            raise NotACloudEvent(
                f"“{name[:40]}” is no name of an attribute.", hint="Small letters and digits only."
            )
    if "data" in event and "data_base64" in event:
        raise NotACloudEvent("The CloudEvent carries data twice.", hint="Send one of the two.")
    return event
