"""Messages that vendors send us: verified over the raw bytes, then read into events."""

from __future__ import annotations

import base64
import binascii
import hmac
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors import credentials
from connectors.credentials import Opened
from connectors.manifest.model import Operation, Webhook
from connectors.models import ConnectionRow
from connectors.models.connections import WEBHOOK_TOKEN_PREFIX
from connectors.sdk import Event, pick
from connectors.values import ConnectionRef, WebhookIntake
from ipaas.core import jsonio
from ipaas.core.errors import Invalid, NotFound, Unauthenticated

_refs: dict[str, ConnectionRef] = {}
_lock = threading.Lock()


class WebhookUnknown(NotFound):
    """No connection has this address."""

    code = "webhook.unknown"


class SignatureWrong(Unauthenticated):
    """The message does not come from the vendor, or was changed on its way."""

    code = "webhook.signature_wrong"


class MessageUnreadable(Invalid):
    """The message is JSON, but not of the form this vendor sends."""

    code = "webhook.unreadable"


def is_connection_token(token: str) -> bool:
    """Whether ``token`` has the form of a connection's web hook address."""
    return token.startswith(WEBHOOK_TOKEN_PREFIX)


def receive_webhook(token: str, headers: Mapping[str, str], body: bytes) -> WebhookIntake:
    """The events in a vendor's message, after its signature was verified.

    Nothing is stored. Raises WebhookUnknown, SignatureWrong, MalformedJson or MessageUnreadable.
    """
    connection = _connection(token)
    connector = connection.connector
    webhook = connector.manifest.webhook
    if webhook is None or connection.status == ConnectionRow.Status.DISABLED:
        raise WebhookUnknown("This connection takes no messages.")
    plain = {name.lower(): value for name, value in headers.items()}
    _verify(webhook, connection, plain, body)
    document = jsonio.loads(body)
    read = connector.hook(webhook.events)
    try:
        events = read(plain, document, connection.account)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MessageUnreadable(
            f"This is not a message of {connector.manifest.name}.",
            hint="Check which module or app sends it, and its version.",
        ) from error
    triggers = [op for op in connector.manifest.operations.values() if op.kind == "trigger"]
    return WebhookIntake(
        workspace_id=connection.ref.workspace_id,
        environment=connection.ref.environment,
        connection=connection.ref.slug,
        connection_id=connection.id,
        connector=connector.slug,
        events=tuple(made for event in events for made in _for_triggers(event, triggers)),
    )


def _connection(token: str) -> Opened:
    ref = _refs.get(token)
    if ref is None:
        row = ConnectionRow.objects.filter(webhook_token=token).first()
        if row is None:
            raise WebhookUnknown("There is no connection with this address.")
        ref = ConnectionRef(row.workspace_id, row.environment, row.slug)
        with _lock:
            if len(_refs) > 5000:
                _refs.clear()
            _refs[token] = ref
    try:
        return credentials.opened(ref)
    except credentials.ConnectionNotFound:
        with _lock:
            _refs.pop(token, None)
        raise WebhookUnknown("There is no connection with this address.") from None


def forget(token: str) -> None:
    """Look the token up again at its next use."""
    with _lock:
        _refs.pop(token, None)


def _verify(webhook: Webhook, connection: Opened, headers: Mapping[str, str], body: bytes) -> None:
    secret = str(connection.secrets.get(webhook.secret) or "")
    if not secret:
        raise SignatureWrong(
            "The connection holds no secret to check this message with.",
            hint="Enter the web hook secret in the connection.",
        )
    given = headers.get(webhook.header, "").strip().removeprefix(webhook.prefix)
    try:
        claimed = (
            bytes.fromhex(given)
            if webhook.encoding == "hex"
            else base64.b64decode(given, validate=True)
        )
    except (ValueError, binascii.Error):
        claimed = b""
    if not hmac.compare_digest(claimed, hmac.digest(secret.encode(), body, "sha256")):
        raise SignatureWrong(
            "The signature of this message is missing or wrong.",
            hint="Both sides must hold the same web hook secret.",
        )


def _for_triggers(event: Event, triggers: list[Operation]) -> list[Event]:
    """The event once per identity: as it is, and once more for triggers that start only once."""
    every = [op.name for op in triggers if not op.once and _starts(op, event)]
    found = [replace(event, triggers=tuple(every))]
    for operation in triggers:
        if operation.once and _starts(operation, event):
            found.append(replace(event, revision=operation.once, triggers=(operation.name,)))
    return found


def _starts(operation: Operation, event: Event) -> bool:
    if event.topic not in operation.topics:
        return False
    if operation.when is None:
        return True
    pointer, accepted = operation.when
    value: Any = pick(event.document, pointer)
    return value in accepted
