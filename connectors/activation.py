"""OAuth 1.0a activation: the vendor's server posts key and verifier to us, we fetch the tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from connectors import credentials, health, vault, vendor_lists
from connectors.auth import oauth1
from connectors.consent import ConsentRefused
from connectors.links import get_connection_by_id
from connectors.models import ConnectionRow, ConsentState
from connectors.values import Connection
from ipaas.core import clock
from ipaas.core.errors import Conflict, Invalid

LIFETIME = timedelta(hours=1)
MOST_TEXT = 400
_PURPOSE = "activation"


class ActivationInvalid(Invalid):
    """The message lacks something, or comes from another shop."""

    code = "activation.invalid"


@dataclass(frozen=True, slots=True)
class Activation:
    """What to enter at the vendor, before ``expires_at``."""

    callback_url: str
    identity_url: str
    expires_at: datetime


def begin_activation(workspace_id: str, connection_id: str, user_id: Any) -> Activation:
    """Addresses to enter at the vendor; the callback is good for one activation within an hour."""
    found = get_connection_by_id(workspace_id, connection_id)
    connection = credentials.opened(found.ref, fresh=True)
    if not connection.auth.activation:
        raise Conflict(
            "This connection is not activated from the vendor's side.",
            hint="Enter its credentials, or authorise it.",
        )
    state = secrets.token_urlsafe(32)
    digest = _digest(state)
    expires_at = clock.now() + LIFETIME
    ConsentState.objects.filter(expires_at__lt=clock.now()).delete()
    ConsentState.objects.filter(connection_id=connection.id, activation=True).delete()
    ConsentState.objects.create(
        digest=digest,
        connection_id=connection.id,
        user_id=user_id,
        activation=True,
        sealed_verifier=vault.seal(workspace_id, _PURPOSE, digest, b"-"),
        expires_at=expires_at,
    )
    return Activation(
        f"{settings.PUBLIC_URL}/oauth1/activate/{state}",
        f"{settings.PUBLIC_URL}/oauth1/identity/{connection.id}",
        expires_at,
    )


def finish_activation(
    state: str, *, key: str, secret: str, verifier: str, store_base_url: str
) -> Connection:
    """The connection, ready, after the vendor's server posted its key and verifier.

    A message from another shop than the connection's leaves the state as it was. Raises
    ConsentRefused, ActivationInvalid or ConnectorError.
    """
    given = {"key": key, "secret": secret, "verifier": verifier, "address": store_base_url}
    lacking = [name for name, text in given.items() if not 0 < len(text) <= MOST_TEXT]
    if lacking:
        raise ActivationInvalid(
            f"The activation lacks {', '.join(lacking)}.",
            hint="It must be sent by the shop itself: press “Activate” there.",
        )
    waiting = (
        ConsentState.objects.select_related("connection__workspace", "connection__credential")
        .filter(digest=_digest(state), activation=True)
        .first()
    )
    if waiting is None or waiting.expires_at < clock.now():
        raise ConsentRefused(
            "This activation was begun too long ago, or is finished already.",
            hint="Open the connection in Causeway, press “Authorise”, and enter the new address.",
        )
    row = waiting.connection
    connection = credentials.open_row(row)
    if _host(store_base_url) != _host(str(connection.settings.get("base_url", ""))):
        raise ActivationInvalid(
            "This activation comes from another shop than the connection was made for.",
            hint="Check the shop's address in the connection.",
        )
    if not ConsentState.objects.filter(pk=waiting.pk).delete()[0]:
        raise ConsentRefused("This activation is finished already.", hint="Begin a new one.")
    fresh = oauth1.exchanged(connection, key, secret, verifier)
    with transaction.atomic():
        credentials.replace(row.workspace_id, row.id, fresh, version=None)
        ConnectionRow.objects.filter(id=row.id).update(
            status=ConnectionRow.Status.READY, last_error=""
        )
        health.record(row.id, health.AUTHORISED)  # whoever tells of it may die first
        vendor_lists.forget(row.id)
    credentials.forget(row.id)
    return get_connection_by_id(row.workspace_id, row.id)


def identified(workspace_id: str, connection_id: str, *, key: str, back_to: str) -> str:
    """Where to send the administrator's browser after the vendor asked who we are.

    Only back to the shop of the connection, and only for the key that it activated. Raises
    ActivationInvalid.
    """
    found = get_connection_by_id(workspace_id, connection_id)
    connection = credentials.opened(found.ref, fresh=True)
    known = str(connection.secrets.get("consumer_key", ""))
    back, ours = urlsplit(back_to), urlsplit(str(connection.settings.get("base_url", "")))
    same_shop = (back.scheme, back.netloc.lower()) == (ours.scheme, ours.netloc.lower())
    if not known or not hmac.compare_digest(known.encode(), key.encode()) or not same_shop:
        raise ActivationInvalid(
            "The shop's question does not fit this connection.",
            hint="Activate the integration again.",
        )
    return back_to


def owner_of(connection_id: str) -> tuple[str, str, str]:
    """Workspace id and slug, and environment, of a connection; "" if there is none."""
    row = ConnectionRow.objects.select_related("workspace").filter(id=connection_id).first()
    return (row.workspace_id, row.workspace.slug, row.environment) if row else ("", "", "")


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
