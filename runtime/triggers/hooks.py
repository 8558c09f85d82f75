"""Addresses of flows' own: who listens, whether a message is right, and which events it brings."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

from connectors import facade as connectors
from ipaas.core import clock, jsonio
from ipaas.core.errors import IpaasError, NotFound
from ipaas.core.ids import new_id
from runtime.live.news import tell_change, trigger_of
from runtime.models import Hook, HookSample
from runtime.triggers import cloudevents, contents, signatures
from runtime.triggers.arrivals import Arrival, fitted

log = logging.getLogger(__name__)
ID_HEADERS = ("idempotency-key", "webhook-id", "x-webhook-id", "x-event-id")
MOST_SAMPLES = 20
MAX_SAMPLE_BYTES = 256 * 1024
SHOWN_REFUSAL_EVERY = timedelta(seconds=10)
ANSWERS = (200, 201, 202, 204)
SECRET = "hook.secret"
_SAMPLE = b"hook-sample"
_KEPT_HEADERS = ("content-type", "user-agent", *ID_HEADERS)


class UnknownHook(NotFound):
    """Nothing listens at this address."""

    code = "hook.unknown"


class Message(Protocol):
    """What came in at an address; header names are lower case."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers."""

    @property
    def body(self) -> bytes:
        """Raw body."""


@dataclass(frozen=True, slots=True)
class Listener:
    """An address and what is needed to judge a message to it."""

    hook_id: int
    workspace_id: str
    environment: str
    flow_id: str
    node_id: str
    kind: str
    settings: Mapping[str, Any]
    deployed: bool
    learns: bool
    secrets: list[str] = field(repr=False)

    @property
    def status(self) -> int:
        """HTTP status of an acknowledgement."""
        chosen = self.settings.get("respond")
        return int(chosen) if chosen in ANSWERS else 200

    @property
    def signature(self) -> Mapping[str, Any]:
        """Settings of the signature."""
        found = self.settings.get("signature")
        return found if isinstance(found, Mapping) else {}


def listeners(tokens: Iterable[str]) -> dict[str, Listener]:
    """Who listens at the addresses, by token, in one query or none."""
    wanted = set(tokens)
    if not wanted:
        return {}
    now = clock.now()
    return {row.token: _listener(row, now) for row in Hook.objects.filter(token__in=wanted)}


def _listener(row: Hook, now: datetime) -> Listener:
    secrets = []
    if row.secret is not None:
        secrets.append(_open(row.workspace_id, row.token, bytes(row.secret)))
    if row.previous is not None and row.previous_until and row.previous_until > now:
        secrets.append(_open(row.workspace_id, row.token, bytes(row.previous)))
    return Listener(
        row.pk,
        row.workspace_id,
        row.environment,
        row.flow_id,
        row.node_id,
        row.kind,
        row.settings or {},
        row.deployed,
        row.learning_until is not None and row.learning_until > now,
        secrets,
    )


@lru_cache(maxsize=2048)
def _open(workspace_id: str, token: str, sealed: bytes) -> str:
    return connectors.open_sealed(workspace_id, SECRET, token, sealed).decode()


def seal_secret(workspace_id: str, token: str, secret: str) -> bytes:
    """Sealed form of an address's secret, which opens for this address of this workspace only."""
    return connectors.seal(workspace_id, SECRET, token, secret.encode())


def arrivals_of(listener: Listener, message: Message) -> list[Arrival]:
    """The events of a message to a flow's own address.

    Raises UnknownHook while no release is live, HookRefused, or an error that says why the body
    cannot be read. While the address learns, any message is taken as a sample first.
    """
    if not listener.deployed:
        if listener.learns:
            return []
        raise unknown()
    signatures.require(
        listener.signature, listener.secrets, message.headers, message.body, clock.now()
    )
    if listener.kind == "trigger.cloudevents":
        types = listener.settings.get("types")
        found = cloudevents.read(message.headers, message.body)
        return [_cloud_event(listener, e) for e in found if cloudevents.wanted(e, types)]
    form = str(listener.settings.get("content") or "auto")
    document = contents.read(message.headers, message.body, form)
    return [_generic(listener, message, document)]


def _generic(listener: Listener, message: Message, document: Any) -> Arrival:
    signed = "webhook-id" if listener.signature.get("kind") == "standard" else ""
    event_id, named = _identity(listener.settings.get("dedupe"), message, document, signed)
    key = pointed(document, str(listener.settings.get("business_key") or ""))
    event = connectors.Event(
        entity="webhook",
        id=event_id,
        revision="",
        topic="webhook",
        business_key=(key or (event_id if named else event_id[:12]))[:120],
        document=document,
    )
    return _arrival(listener, event)


def _cloud_event(listener: Listener, found: dict[str, Any]) -> Arrival:
    event = connectors.Event(
        entity="cloudevent",
        id=cloudevents.identity(found),
        revision="",
        topic=str(found["type"]),
        business_key=str(found.get("subject") or found["id"])[:120],
        document=found,
    )
    return _arrival(listener, event)


def _arrival(listener: Listener, event: connectors.Event) -> Arrival:
    source = f"flow/{listener.flow_id}/{listener.node_id}"
    return Arrival(listener.workspace_id, listener.environment, source, event, listener.flow_id)


def _identity(dedupe: Any, message: Message, document: Any, signed: str = "") -> tuple[str, bool]:
    """What makes this message one, and whether its sender named it.

    An id header that is ``signed`` goes before others, which anybody could change.
    """
    setting = dedupe if isinstance(dedupe, Mapping) else {}
    by = setting.get("by", "auto")
    given = ""
    if by == "auto":
        names = (signed, *ID_HEADERS)
        given = next((message.headers[name] for name in names if name in message.headers), "")
    elif by == "header":
        given = message.headers.get(str(setting.get("header", "")).lower(), "")
    elif by == "pointer":
        given = pointed(document, str(setting.get("pointer", "")))
    elif by == "none":
        return new_id("msg"), False
    if given:
        return fitted(given, 200), True
    return hashlib.sha256(message.body).hexdigest(), False


def pointed(document: Any, pointer: str) -> str:
    """Text at a JSON pointer; empty if there is none."""
    if not pointer:
        return ""
    value = document
    for part in pointer.lstrip("/").split("/"):
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return ""
    return "" if value is None or isinstance(value, (Mapping, list)) else str(value)


def handshake(token: str, headers: Mapping[str, str]) -> dict[str, str]:
    """Headers of the answer to OPTIONS; raises UnknownHook or HookRefused."""
    listener = listeners([token]).get(token)
    if listener is None or not (listener.deployed or listener.learns):
        raise unknown()
    allowed = cloudevents.handshake(headers, listener.settings.get("origins"))
    if allowed is None:
        raise signatures.HookRefused(
            "This origin may not deliver here.", hint="Add it to the flow's trigger."
        )
    return allowed


def learn(heard: Iterable[tuple[Listener, Message]]) -> None:
    """Keep messages of addresses that are learning, the newest only; content stays sealed."""
    now = clock.now()
    for listener, message in heard:
        if not listener.learns or len(message.body) > MAX_SAMPLE_BYTES:
            continue
        cipher = connectors.workspace_cipher(listener.workspace_id)
        found = _sample(listener, message, now)
        sealed = cipher.seal(jsonio.dumps(found), _SAMPLE)
        HookSample.objects.create(
            hook_id=listener.hook_id,
            workspace_id=listener.workspace_id,
            content_type=fitted(contents.content_type(message.headers)[0], 120),
            sealed=sealed,
            size=len(message.body),
            received_at=now,
        )
        rows = HookSample.objects.filter(hook_id=listener.hook_id).order_by("-id")
        kept = list(rows.values_list("id", flat=True)[:MOST_SAMPLES])
        rows.exclude(id__in=kept).delete()
        tell_change(listener.workspace_id, listener.environment, trigger_of(listener.flow_id))


def _sample(listener: Listener, message: Message, now: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {
        "headers": {n: message.headers[n] for n in _KEPT_HEADERS if n in message.headers}
    }
    try:
        signatures.require(listener.signature, listener.secrets, message.headers, message.body, now)
        found["signature"] = "right" if listener.signature.get("kind", "none") != "none" else "none"
    except IpaasError as error:
        found["signature"], found["why"] = "wrong", error.message
    try:
        if listener.kind == "trigger.cloudevents":
            found["document"] = next(iter(cloudevents.read(message.headers, message.body)), None)
        else:
            form = str(listener.settings.get("content") or "auto")
            found["document"] = contents.read(message.headers, message.body, form)
    except IpaasError as error:
        found["unreadable"] = error.message
    return found


def open_sample(row: HookSample) -> dict[str, Any]:
    """What ``learn`` kept of a message."""
    cipher = connectors.workspace_cipher(row.workspace_id)
    found: dict[str, Any] = jsonio.loads(cipher.open(bytes(row.sealed), _SAMPLE))
    return found


def show_refusals(refused: Mapping[int, IpaasError]) -> None:
    """Note on addresses why a message was refused, now and then, for whoever sets them up."""
    now = clock.now()
    for hook_id, error in refused.items():
        row = Hook.objects.filter(pk=hook_id).first()
        if row is None:
            continue
        last = (row.refusal or {}).get("at", "")
        if last and datetime.fromisoformat(last) > now - SHOWN_REFUSAL_EVERY:
            continue
        shown = {"code": error.code, "message": error.message, "hint": error.hint}
        Hook.objects.filter(pk=hook_id).update(refusal={**shown, "at": now.isoformat()})
        tell_change(row.workspace_id, row.environment, trigger_of(row.flow_id))


def unknown() -> UnknownHook:
    """The error of an address at which nobody listens."""
    return UnknownHook(
        "Nothing listens at this address.",
        hint="Copy the address again from the connection or from the published flow.",
    )
