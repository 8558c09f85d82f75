"""Asking a person to authorise a connection at the vendor (OAuth 2.0 authorisation code)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from connectors import credentials, health, vault, vendor_lists
from connectors.auth import endpoint
from connectors.auth.renewal import DefinitelyRefused
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


class NoAccount(ConsentRefused):
    """The vendor sent no name of an account, or none that looks like one."""

    code = "consent.no_account"


class AnotherAccount(ConsentRefused):
    """The person chose another account than the connection was made for."""

    code = "consent.another_account"


class ConsentDenied(Forbidden):
    """The person said no at the vendor, or the vendor did."""

    code = "consent.denied"


def redirect_uri() -> str:
    """Address to enter in the vendor's developer pages."""
    return f"{settings.PUBLIC_URL}/oauth/callback"


def begin_consent(workspace_id: str, connection_id: str, user_id: Any, browser: str = "") -> str:
    """Address at the vendor where the person authorises the connection, good for ten minutes.

    ``browser`` is the key of the browser's session; only the same one can finish.
    """
    found = get_connection_by_id(workspace_id, connection_id)
    connection = credentials.opened(found.ref, fresh=True)
    auth = connection.auth
    if auth.kind != "oauth2":
        raise Conflict(
            "This connection needs no authorisation at the vendor.",
            hint="Activate the integration in the shop."
            if auth.activation
            else "Enter its credentials instead.",
        )
    url = endpoint.address(connection, auth.authorize)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    digest = _digest(state)
    ConsentState.objects.filter(expires_at__lt=clock.now()).delete()
    ConsentState.objects.create(
        digest=digest,
        connection_id=connection.id,
        user_id=user_id,
        browser=_digest(browser) if browser else "",
        sealed_verifier=vault.seal(workspace_id, _PURPOSE, digest, verifier.encode()),
        expires_at=clock.now() + LIFETIME,
    )
    session = endpoint.session(
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
    address, _ = session.authorization_url(endpoint.shown(connection, url), **options)
    return str(address).replace(endpoint.shown(connection, url), url, 1)


def finish_consent(
    user_id: Any,
    *,
    state: str,
    code: str = "",
    account: str = "",
    error: str = "",
    browser: str = "",
    parameters: Mapping[str, str] | None = None,
    check: Callable[[str, str], None] | None = None,
    actor: str = "",
) -> Connection:
    """The authorised connection, after the vendor sent the person back to us.

    ``state`` is used up in any case. ``parameters`` are all that came back; the manifest says which
    of them names the account. ``check(workspace slug, environment)`` raises if the person may no
    longer do this. Raises ConsentRefused, ConsentDenied or ConnectorError; each has the fact
    ``connection`` and ``workspace`` once these are known.
    """
    waiting = _take(state, user_id, browser)
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
    account = _account(connection, account, parameters or {}, known)
    if row.account and account and row.account != account:
        raise AnotherAccount(
            "This is another company than the one this connection was made for.",
            hint="Choose the same company, or make a new connection for the other one.",
            **known,
        )
    token = _exchange(connection, waiting, code, known)
    with transaction.atomic():
        credentials.replace(
            row.workspace_id,
            row.id,
            endpoint.secrets_of(token, connection.secrets),
            version=None,
            expires_at=endpoint.expiry(token),
        )
        ConnectionRow.objects.filter(id=row.id).update(
            status=ConnectionRow.Status.READY,
            account=account or row.account,
            granted_scopes=endpoint.scopes_of(token, connection.auth.scope),
            last_error="",
        )
        health.record(row.id, health.AUTHORISED, "", actor)  # whoever tells of it may die first
        vendor_lists.forget(row.id)
    credentials.forget(row.id)
    return get_connection_by_id(row.workspace_id, row.id)


def _account(
    connection: credentials.Opened,
    account: str,
    parameters: Mapping[str, str],
    known: dict[str, str],
) -> str:
    """The vendor's name of the account that was chosen; it comes by way of the browser."""
    named = connection.auth.account_parameter
    if not named:
        return ""
    account = account or parameters.get(named, "")
    expected = connection.connector.manifest.account
    fits = re.fullmatch(expected.pattern, account) if expected and expected.pattern else True
    if not account or not fits or not re.fullmatch(r"[\w.:@/-]{1,120}", account):
        raise NoAccount(
            "The vendor did not say for which account.",
            hint="Try again; if it happens again, tell the vendor's support.",
            **known,
        )
    return account


def _take(state: str, user_id: Any, browser: str) -> ConsentState:
    """The consent under way; taken only once, and only by the person and browser that began it."""
    digest = _digest(state)
    mine = ConsentState.objects.filter(digest=digest, user_id=user_id, activation=False)
    waiting = mine.select_related("connection__workspace", "connection__credential").first()
    if waiting is not None and waiting.browser not in ("", _digest(browser)):
        waiting = None  # a stolen address must not use it up for the one who began
    elif not mine.delete()[0]:
        waiting = None
    if waiting is None or waiting.expires_at < clock.now():
        raise ConsentRefused(
            "This authorisation was begun too long ago, by somebody else or in another browser, "
            "or is finished already.",
            hint="Open the connection and press “Authorise” again.",
        )
    return waiting


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _exchange(
    connection: credentials.Opened, waiting: ConsentState, code: str, known: dict[str, str]
) -> Any:
    auth = connection.auth
    url = endpoint.shown(connection, endpoint.address(connection, auth.token))
    verifier = vault.open_sealed(
        connection.ref.workspace_id, _PURPOSE, waiting.digest, bytes(waiting.sealed_verifier)
    )
    options = endpoint.client_options(connection)
    options.pop("client_id", None)
    if auth.pkce:
        options["code_verifier"] = verifier.decode()
    session = endpoint.session(connection, redirect_uri=redirect_uri(), scope=auth.scope)
    try:
        return endpoint.token_from(
            connection, lambda: session.fetch_token(url, code=code, **options)
        )
    except (DefinitelyRefused, ConnectorError) as error:
        failure: ConnectorError
        if isinstance(error, ConnectorError) and error.code != "connection.refused":
            failure = error
        else:
            failure = ConnectorError(
                "The vendor did not accept the authorisation.",
                code="consent.not_accepted",
                recovery=Recovery.REAUTHORISE,
                hint="Press “Authorise” again; if it fails again, check client id, client secret "
                f"and that {redirect_uri()} is entered at the vendor.",
            )
        failure.facts.update(known)
        raise failure from None
