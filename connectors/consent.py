"""Asking a person to authorise a connection at the vendor (OAuth 2.0 authorisation code)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import requests
from django.conf import settings
from django.db import transaction
from oauthlib.oauth2 import OAuth2Error
from urllib3.exceptions import HTTPError

from connectors import credentials, oauth, vault
from connectors.http.guard import check_url
from connectors.links import get_connection_by_id
from connectors.models import ConnectionRow, ConsentState
from connectors.sdk import ConnectorError
from connectors.values import Connection
from ipaas.core import clock
from ipaas.core.errors import Conflict, Forbidden, Invalid, Recovery

LIFETIME = timedelta(minutes=10)
_PURPOSE = "consent.verifier"


class ConsentRefused(Invalid):
    """The consent cannot be completed: begun by somebody else, too long ago, or used already."""

    code = "consent.refused"


class ConsentDenied(Forbidden):
    """The person said no at the vendor, or the vendor did."""

    code = "consent.denied"


def redirect_uri() -> str:
    """Address to enter in the vendor's developer pages."""
    return f"{settings.PUBLIC_URL}/oauth/callback"


def begin_consent(workspace_id: str, connection_id: str, user_id: Any) -> str:
    """Address at the vendor where the person authorises the connection, good for ten minutes."""
    found = get_connection_by_id(workspace_id, connection_id)
    connection = credentials.opened(found.ref, fresh=True)
    auth = connection.connector.manifest.auth
    if auth.kind != "oauth2":
        raise Conflict(
            "This connection needs no authorisation at the vendor.",
            hint="Enter its credentials instead.",
        )
    url = oauth.endpoint(connection, auth.authorize)
    check_url(url, connection.reach)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    digest = hashlib.sha256(state.encode()).hexdigest()
    ConsentState.objects.filter(expires_at__lt=clock.now()).delete()
    ConsentState.objects.create(
        digest=digest,
        connection_id=connection.id,
        user_id=user_id,
        sealed_verifier=vault.seal(workspace_id, _PURPOSE, digest, verifier.encode()),
        expires_at=clock.now() + LIFETIME,
    )
    session = oauth.session(
        connection,
        redirect_uri=redirect_uri(),
        scope=auth.scope,
        pkce="S256" if auth.pkce else None,
    )
    options: dict[str, Any] = {"state": state}
    if auth.pkce:
        options |= {
            "code_challenge": session._client.create_code_challenge(verifier, "S256"),
            "code_challenge_method": "S256",
        }
        session._pkce = None  # the challenge above belongs to the verifier we keep sealed
    address, _ = session.authorization_url(url, **options)
    return str(address)


def finish_consent(
    user_id: Any,
    *,
    state: str,
    code: str = "",
    account: str = "",
    error: str = "",
    check: Callable[[str, str], None] | None = None,
) -> Connection:
    """The authorised connection, after the vendor sent the person back to us.

    ``state`` is used up in any case. ``check(workspace slug, environment)`` raises if the person
    may no longer do this. Raises ConsentRefused, ConsentDenied or ConnectorError; each
    has the fact ``connection`` and ``workspace`` once these are known.
    """
    waiting = _take(state, user_id)
    row = waiting.connection
    if check:
        check(row.workspace.slug, row.environment)
    known = {"workspace": row.workspace.slug, "connection": row.id}
    if error or not code:
        raise ConsentDenied(
            "The authorisation was not given.",
            hint="Try again, and choose “Connect” at the vendor.",
            **known,
        )
    connection = credentials.open_row(row)
    auth = connection.connector.manifest.auth
    if auth.account_parameter and not account:
        raise ConsentRefused("The vendor did not say for which account.", **known)
    if row.account and account and row.account != account:
        raise ConsentRefused(
            "This is another company than the one this connection was made for.",
            hint="Choose the same company, or make a new connection for the other one.",
            **known,
        )
    token = _exchange(connection, waiting, code, known)
    with transaction.atomic():
        credentials.replace(
            row.workspace_id,
            row.id,
            oauth.secrets_of(token, connection.secrets),
            version=None,
            expires_at=oauth.expiry(token),
        )
        ConnectionRow.objects.filter(id=row.id).update(
            status=ConnectionRow.Status.READY, account=account, last_error=""
        )
    credentials.forget(row.id)
    return get_connection_by_id(row.workspace_id, row.id)


def _take(state: str, user_id: Any) -> ConsentState:
    """The consent under way; it can be taken only once, and only by who began it."""
    digest = hashlib.sha256(state.encode()).hexdigest()
    waiting = (
        ConsentState.objects.select_related("connection__workspace", "connection__credential")
        .filter(digest=digest, user_id=user_id)
        .first()
    )
    taken = ConsentState.objects.filter(digest=digest, user_id=user_id).delete()[0]
    if waiting is None or not taken or waiting.expires_at < clock.now():
        raise ConsentRefused(
            "This authorisation was begun too long ago, by somebody else, or is finished already.",
            hint="Open the connection and press “Authorise” again.",
        )
    return waiting


def _exchange(
    connection: credentials.Opened, waiting: ConsentState, code: str, known: dict[str, str]
) -> Any:
    auth = connection.connector.manifest.auth
    url = oauth.endpoint(connection, auth.token)
    check_url(url, connection.reach)
    verifier = vault.open_sealed(
        connection.ref.workspace_id, _PURPOSE, waiting.digest, bytes(waiting.sealed_verifier)
    )
    options: dict[str, Any] = {"code_verifier": verifier.decode()} if auth.pkce else {}
    session = oauth.session(connection, redirect_uri=redirect_uri(), scope=auth.scope)
    try:
        return session.fetch_token(
            url,
            code=code,
            auth=oauth.client_auth(connection),
            timeout=oauth.TIMEOUT_S,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            **options,
        )
    except (OAuth2Error, requests.RequestException, HTTPError, ConnectorError) as error:
        failure = oauth.transport_error(connection, error)
        if failure.code == "connection.expired":
            failure = ConnectorError(
                "The vendor did not accept the authorisation.",
                code="consent.refused",
                recovery=Recovery.REAUTHORISE,
                hint="Press “Authorise” again; if it fails again, check client id, client secret "
                f"and that {redirect_uri()} is entered at the vendor.",
            )
        failure.facts.update(known)
        raise failure from None
