"""Messages that vendors send us: verified over the raw bytes, then read into events."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Mapping

from connectors import credentials
from connectors.credentials import Opened
from connectors.manifest.parts import Handshake
from connectors.models import ConnectionRow
from connectors.models.connections import WEBHOOK_TOKEN_PREFIX
from connectors.sdk import pick
from connectors.signatures import SignatureWrong, require_recipient, verify
from connectors.triggering import for_triggers, read_by_fields, triggers_of
from connectors.values import ConnectionRef, HandshakeReply, WebhookIntake
from ipaas.core import jsonio
from ipaas.core.errors import Invalid, IpaasError, NotFound

_refs: dict[str, ConnectionRef] = {}
_lock = threading.Lock()


class WebhookUnknown(NotFound):
    """No connection has this address."""

    code = "webhook.unknown"


__all__ = [
    "MessageUnreadable",
    "SignatureWrong",
    "WebhookUnknown",
    "answer_handshake",
    "forget",
    "is_connection_token",
    "receive_webhook",
]


class MessageUnreadable(Invalid):
    """The message is JSON, but not of the form this vendor sends."""

    code = "webhook.unreadable"


def is_connection_token(token: str) -> bool:
    """Whether ``token`` has the form of a connection's web hook address."""
    return token.startswith(WEBHOOK_TOKEN_PREFIX)


def receive_webhook(token: str, headers: Mapping[str, str], body: bytes) -> WebhookIntake:
    """The events in a vendor's message, after its signature was verified.

    Nothing of it is stored. Raises WebhookUnknown, SignatureWrong, MalformedJson or
    MessageUnreadable.
    """
    connection = _connection(token)
    connector = connection.connector
    webhook = connector.manifest.webhook
    if webhook is None or connection.status == ConnectionRow.Status.DISABLED:
        raise WebhookUnknown("This connection takes no messages.")
    plain = {name.lower(): value for name, value in headers.items()}
    signature = webhook.signature_for(plain)
    verify(signature, connection, plain, body)
    document = jsonio.loads(body)
    if signature.recipient:
        require_recipient(signature, connection, document)
    try:
        if webhook.event_fields:
            events = read_by_fields(webhook.event_fields, plain, document)
        else:
            events = connector.hook(webhook.events)(plain, document, connection.account)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MessageUnreadable(
            f"This is not a message of {connector.manifest.name}.",
            hint="Check which module or app sends it, and its version.",
        ) from error
    triggers = triggers_of(connector)
    credentials.note_message(connection)
    return WebhookIntake(
        workspace_id=connection.ref.workspace_id,
        environment=connection.ref.environment,
        connection=connection.ref.slug,
        connection_id=connection.id,
        connector=connector.slug,
        events=tuple(made for event in events for made in for_triggers(event, triggers)),
    )


def answer_handshake(
    token: str, method: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
) -> HandshakeReply | None:
    """What to answer a vendor that asks whether this address is ours; None if it asks nothing.

    Some vendors send a challenge before they send events, and want it back. Ask this first: a
    challenge is not signed like an event. Raises WebhookUnknown and SignatureWrong.
    """
    if not is_connection_token(token):
        return None
    connection = _connection(token)
    webhook = connection.connector.manifest.webhook
    if webhook is None or webhook.handshake is None or webhook.handshake.method != method:
        return None
    shake = webhook.handshake
    if method == "GET":
        challenge, shown = query.get(shake.echo), query.get(shake.token_at)
        asked = not shake.when or _holds(shake.when, query.get)
    else:
        plain = {name.lower(): value for name, value in headers.items()}
        document = _document(body)
        challenge = plain.get(shake.echo.lower()) or pick(document, shake.echo)
        shown = pick(document, shake.token_at) if shake.token_at else None
        asked = not shake.when or _holds(shake.when, lambda name: pick(document, name))
    if not asked or not isinstance(challenge, str) or not 0 < len(challenge) <= 1000:
        return None
    if shake.token and not _same(str(shown or ""), connection.secrets.get(shake.token)):
        raise SignatureWrong(
            "The vendor showed another token than this connection holds.",
            hint="Enter the same verification token on both sides.",
        )
    return _reply(shake, challenge)


def _holds(condition: str, read: Callable[[str], object]) -> bool:
    name, _, value = condition.partition("=")
    return str(read(name)) == value


def _same(shown: str, secret: object) -> bool:
    return bool(secret) and hmac.compare_digest(shown.encode(), str(secret).encode())


def _reply(shake: Handshake, challenge: str) -> HandshakeReply:
    if shake.reply == "json":
        return HandshakeReply("application/json", jsonio.dumps({shake.reply_name: challenge}))
    return HandshakeReply("text/plain; charset=utf-8", challenge.encode())


def _document(body: bytes) -> object:
    try:
        return jsonio.loads(body)
    except IpaasError:
        return None


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
