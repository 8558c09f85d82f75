"""OAuth 2.0 tokens: fetched through requests-oauthlib, over our own door, refreshed only once."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from django.db.models import Q
from oauthlib.oauth2 import OAuth2Error
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session
from urllib3.exceptions import HTTPError

from connectors import credentials
from connectors.auth.spec import Endpoint
from connectors.credentials import Opened
from connectors.http import Reach
from connectors.http.guard import check_url
from connectors.http.pool import manager
from connectors.models import ConnectionRow, Credential
from connectors.sdk import ConnectorError
from ipaas.core import clock
from ipaas.core.errors import Recovery

# oauthlib refuses plain http outright. ``check_url`` is stricter where it counts (never http to a
# public address) and allows it for our sandbox, so the library's own check is switched off.
os.environ.setdefault("OAUTHLIB_INSECURE_TRANSPORT", "1")
# At DEBUG level both libraries write tokens into the log.
for _name in ("requests_oauthlib", "oauthlib"):
    logging.getLogger(_name).setLevel(logging.INFO)

TIMEOUT_S = (5, 30)
LEASE = timedelta(seconds=45)
_threads: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


class _GuardedAdapter(HTTPAdapter):
    """Sends the requests of ``requests`` through the guarded pool."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        self.poolmanager = manager(self._reach)


def endpoint(connection: Opened, which: Endpoint | None) -> str:
    """Address of an OAuth endpoint: the vendor's, or its imitation's on a sandbox connection."""
    assert which is not None, "the manifest of an oauth2 connector names its endpoints"
    if connection.sandbox:
        base = str(connection.settings["base_url"]).rstrip("/")
        return f"{base}{which.sandbox_path or urlsplit(which.url).path}"
    return which.url


def session(connection: Opened, **options: Any) -> OAuth2Session:
    """An OAuth session that can only reach what the connection may, and follows no redirect."""
    made = OAuth2Session(str(connection.secrets.get("client_id", "")), **options)
    made.trust_env = False
    made.max_redirects = 0
    made.mount("https://", _GuardedAdapter(connection.reach))
    made.mount("http://", _GuardedAdapter(connection.reach))
    made.register_compliance_hook("access_token_response", _refuse_trouble)
    made.register_compliance_hook("refresh_token_response", _refuse_trouble)
    return made


def client_auth(connection: Opened) -> HTTPBasicAuth:
    """Client id and secret as the token endpoint wants them."""
    secrets = connection.secrets
    return HTTPBasicAuth(str(secrets.get("client_id", "")), str(secrets.get("client_secret", "")))


def secrets_of(token: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """``before`` with the new tokens in it; a refresh token that was not sent again stays."""
    lifetime_s = int(token.get("expires_in") or 3600)
    return {
        **before,
        "access_token": token["access_token"],
        "refresh_token": token.get("refresh_token") or before.get("refresh_token", ""),
        "lifetime_s": lifetime_s,
    }


def expiry(token: Mapping[str, Any]) -> datetime:
    """When the access token ends."""
    return clock.now() + timedelta(seconds=int(token.get("expires_in") or 3600))


def needs_refresh(connection: Opened) -> bool:
    """Whether the access token ends within five minutes, or a tenth of its life if shorter."""
    if connection.expires_at is None:
        return False
    lifetime_s = float(connection.secrets.get("lifetime_s") or 3600)
    ahead = timedelta(seconds=min(300.0, lifetime_s / 10))
    return clock.now() >= connection.expires_at - ahead


def renewed(connection: Opened) -> Opened:
    """The connection with a newer access token than it holds now.

    However many threads and processes ask at once, one calls the token endpoint: it holds a lease
    in the credential's row and stores the answer by compare-and-swap before anybody uses it. The
    others wait for the new version. Raises ConnectorError: reauthorise if the vendor definitely
    refuses the refresh token (the connection's status then says so), else retry.
    """
    deadline = time.monotonic() + LEASE.total_seconds()
    with _threads[connection.id]:
        while True:
            newest = credentials.opened(connection.ref, fresh=True)
            if newest.version != connection.version:
                return newest
            if not newest.secrets.get("refresh_token"):
                raise _expired(newest, "It was never authorised, or its authorisation was removed.")
            if _claim(newest):
                break
            if time.monotonic() > deadline:
                raise _trouble(newest, "another process is refreshing its token")
            time.sleep(0.05)
        try:
            token = _refresh(newest)
        except InvalidGrantError:
            # Definite, unless somebody has authorised it anew in the meantime.
            latest = credentials.opened(connection.ref, fresh=True)
            if latest.version != newest.version:
                return latest
            _release(newest)
            expired = _expired(newest, "Its authorisation has ended or was withdrawn.")
            ConnectionRow.objects.filter(id=newest.id).update(
                status=ConnectionRow.Status.RECONNECT, last_error=expired.message
            )
            credentials.forget(newest.id)
            raise expired from None
        except BaseException:
            _release(newest)
            raise
        credentials.replace(
            newest.ref.workspace_id,
            newest.id,
            secrets_of(token, newest.secrets),
            version=newest.version,
            expires_at=expiry(token),
        )
        return credentials.opened(connection.ref, fresh=True)


def transport_error(connection: Opened, error: Exception) -> ConnectorError:
    """What a failed call of the token endpoint means; nothing of the vendor's text is repeated."""
    if isinstance(error, ConnectorError):
        return error
    if isinstance(error, OAuth2Error):
        name = error.error or type(error).__name__
        if name == "invalid_client":
            return ConnectorError(
                "The client id or client secret is wrong.",
                code="connection.client_refused",
                recovery=Recovery.REAUTHORISE,
                hint="Copy both again from the vendor's developer pages.",
            )
        return _expired(connection, f"The vendor refused the authorisation ({name}).")
    return _trouble(connection, "its token endpoint cannot be reached")


def _refresh(connection: Opened) -> Mapping[str, Any]:
    url = endpoint(connection, connection.connector.manifest.auth.token)
    check_url(url, connection.reach)
    try:
        token: Mapping[str, Any] = session(connection).refresh_token(
            url,
            refresh_token=str(connection.secrets["refresh_token"]),
            auth=client_auth(connection),
            timeout=TIMEOUT_S,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
    except InvalidGrantError:
        raise
    except (OAuth2Error, requests.RequestException, HTTPError, ConnectorError) as error:
        raise transport_error(connection, error) from None
    return token


def _refuse_trouble(response: requests.Response) -> requests.Response:
    """Keep the library from reading an error page as a token."""
    if response.status_code >= 500 or response.status_code == 429:
        raise ConnectorError(
            f"The vendor's token endpoint answered with status {response.status_code}.",
            code="connection.token_endpoint",
            recovery=Recovery.RETRY,
            hint="It is tried again by itself.",
        )
    return response


def _claim(connection: Opened) -> bool:
    now = clock.now()
    rows = Credential.objects.filter(
        Q(refreshing_until__isnull=True) | Q(refreshing_until__lt=now),
        connection_id=connection.id,
        version=connection.version,
    )
    return bool(rows.update(refreshing_until=now + LEASE))


def _release(connection: Opened) -> None:
    Credential.objects.filter(connection_id=connection.id, version=connection.version).update(
        refreshing_until=None
    )


def _expired(connection: Opened, why: str) -> ConnectorError:
    return ConnectorError(
        f"The connection “{connection.name}” is no longer authorised. {why}",
        code="connection.expired",
        recovery=Recovery.REAUTHORISE,
        hint="Reconnect it, then retry what stopped, under Errors.",
    )


def _trouble(connection: Opened, why: str) -> ConnectorError:
    return ConnectorError(
        f"The token of “{connection.name}” cannot be refreshed now: {why}.",
        code="connection.refresh_failed",
        recovery=Recovery.RETRY,
        hint="It is tried again by itself.",
    )
