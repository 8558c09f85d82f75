"""Calls of token endpoints: made by requests-oauthlib, sent through our own door."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from oauthlib.oauth2 import OAuth2Error
from oauthlib.oauth2.rfc6749 import errors as oauth2_errors
from requests.adapters import BaseAdapter
from requests.auth import HTTPBasicAuth
from requests.structures import CaseInsensitiveDict
from requests_oauthlib import OAuth2Session

from connectors.auth import discovery
from connectors.auth.renewal import DefinitelyRefused, trouble
from connectors.auth.spec import Endpoint
from connectors.credentials import Opened
from connectors.http.guard import check_url
from connectors.manifest import templates
from connectors.sdk import ConnectorError, HttpRequest
from ipaas.core import clock
from ipaas.core.errors import Recovery

# At DEBUG level both libraries write tokens into the log.
for _name in ("requests_oauthlib", "oauthlib"):
    logging.getLogger(_name).setLevel(logging.INFO)

PATIENCE_S = 30.0
_FORM = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
_DEFINITE: tuple[type[OAuth2Error], ...] = (
    oauth2_errors.InvalidGrantError,
    oauth2_errors.AccessDeniedError,
    oauth2_errors.UnauthorizedClientError,
)
_PASSING: tuple[type[OAuth2Error], ...] = (
    oauth2_errors.TemporarilyUnavailableError,
    oauth2_errors.ServerError,
    oauth2_errors.MissingTokenError,
)


class ClientRefused(ConnectorError):
    """The vendor knows no such client, or its secret is another one."""


class DoorAdapter(BaseAdapter):
    """Sends the requests of ``requests`` through the door of a connection.

    Its libraries refuse plain http. A sandbox is reached by it all the same: for one, addresses
    with https that were made by ``shown`` are led back to http here, and nowhere else.
    """

    def __init__(self, connection: Opened) -> None:
        super().__init__()
        self._connection = connection

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        """The reply, whole; nothing of it is kept or logged."""
        url = str(request.url)
        if self._connection.sandbox and _plain(self._connection):
            url = url.replace("https://", "http://", 1)
        body = request.body.encode() if isinstance(request.body, str) else request.body
        headers = {str(name): _text(value) for name, value in request.headers.items()}
        door = self._connection.door()
        sent = replace(door, read_timeout_s=min(door.read_timeout_s, PATIENCE_S)).send(
            HttpRequest(str(request.method), url, headers, body or None), write=True
        )
        response = requests.Response()
        response.status_code = sent.response.status
        response.headers = CaseInsensitiveDict(sent.response.headers)
        response._content = sent.response.body
        response.encoding = "utf-8"
        response.url = url
        response.request = request
        return response

    def close(self) -> None:
        """Nothing to close: the door keeps its connections."""


def address(connection: Opened, which: Endpoint | None) -> str:
    """Where an OAuth endpoint is: as the vendor tells, the customer's own, or its imitation's.

    Raises AddressRefused for an address this connection may not reach.
    """
    if which is None:
        raise ConnectorError(
            "This connector's manifest names no such endpoint.",
            code="connector.endpoint_missing",
            recovery=Recovery.GIVE_UP,
        )
    if (told := discovery.told(connection, which)) is not None:
        url = told
    elif connection.sandbox:
        base = str(connection.settings["base_url"]).rstrip("/")
        url = f"{base}{which.sandbox_path or urlsplit(which.url).path}"
    else:
        filled = templates.fill_text(which.url, {"settings": connection.settings})
        if filled is templates.MISSING:
            raise ConnectorError(
                f"The connection “{connection.name}” lacks the address of its log-in server.",
                code="connection.incomplete",
                recovery=Recovery.REAUTHORISE,
                hint="Open the connection and complete its settings.",
            )
        url = str(filled)
    check_url(url, connection.reach)
    return url


def shown(connection: Opened, url: str) -> str:
    """``url`` as the OAuth libraries may see it: https also for a sandbox on plain http."""
    if connection.sandbox and url.startswith("http://"):
        return url.replace("http://", "https://", 1)
    return url


def session(connection: Opened, **options: Any) -> OAuth2Session:
    """An OAuth session that can only reach what the connection may, and follows no redirect."""
    made = OAuth2Session(str(connection.secrets.get("client_id", "")), **options)
    made.trust_env = False
    made.max_redirects = 0
    made.mount("https://", DoorAdapter(connection))
    made.mount("http://", DoorAdapter(connection))
    made.register_compliance_hook("access_token_response", _refuse_trouble)
    made.register_compliance_hook("refresh_token_response", _refuse_trouble)
    return made


def client_options(connection: Opened) -> dict[str, Any]:
    """Client id and secret as the token endpoint wants them, and the manifest's parameters."""
    secrets, auth = connection.secrets, connection.auth
    options: dict[str, Any] = {"headers": _FORM, **auth.parameters}
    if auth.client == "basic":
        options["auth"] = HTTPBasicAuth(
            str(secrets.get("client_id", "")), str(secrets.get("client_secret", ""))
        )
    else:
        options |= {
            "include_client_id": True,
            "client_id": str(secrets.get("client_id", "")),
            "client_secret": str(secrets.get("client_secret", "")),
        }
    return options


# Failures that say what a person can mend, and repeat nothing that a server said.
_OUR_OWN_WORDS = (
    "connection.token_endpoint",
    "connector.address_refused",
    "connector.name_unknown",
    "connector.tls",
)


def token_from(connection: Opened, ask: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """The token that ``ask`` gets. Raises DefinitelyRefused, ClientRefused or ConnectorError.

    Nothing of the vendor's text is repeated: it may hold what we sent.
    """
    try:
        return ask()
    except Warning as changed:  # oauthlib's way to say that other scopes were granted
        return dict(changed.token)  # type: ignore[attr-defined]
    except ConnectorError as error:
        if error.code in _OUR_OWN_WORDS:
            raise
        raise trouble(connection, "its token endpoint cannot be reached") from None
    except oauth2_errors.InvalidClientError:
        raise ClientRefused(
            "The client id or client secret is wrong.",
            code="connection.client_refused",
            recovery=Recovery.REAUTHORISE,
            hint="Copy both again from the vendor's developer pages.",
        ) from None
    except _DEFINITE:
        raise DefinitelyRefused("Its authorisation has ended or was withdrawn.") from None
    except oauth2_errors.InsecureTransportError:
        raise ConnectorError(
            "The address of the log-in server must begin with https://.",
            code="connector.address_refused",
            recovery=Recovery.GIVE_UP,
            hint="Correct the address in the connection's settings.",
        ) from None
    except _PASSING:
        raise trouble(connection, "its token endpoint gave no token") from None
    except OAuth2Error as error:
        raise ConnectorError(
            f"The vendor refused the authorisation ({(error.error or 'no reason')[:60]}).",
            code="connection.refused",
            recovery=Recovery.REAUTHORISE,
            hint="Check the connection's credentials and scopes at the vendor.",
        ) from None
    except (requests.RequestException, ValueError):
        raise trouble(connection, "its token endpoint gave no token") from None


def secrets_of(token: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """``before`` with the new tokens in it; a refresh token that was not sent again stays."""
    return {
        **before,
        "access_token": token["access_token"],
        "refresh_token": token.get("refresh_token") or before.get("refresh_token", ""),
        "lifetime_s": _lifetime_s(token),
    }


def expiry(token: Mapping[str, Any]) -> datetime:
    """When the access token ends; an hour from now if the vendor does not say."""
    return clock.now() + timedelta(seconds=_lifetime_s(token))


def scopes_of(token: Mapping[str, Any], asked: str) -> str:
    """Scopes that were granted: told in the answer, else (RFC 6749, 5.1) those asked for."""
    told = token.get("scope")
    if isinstance(told, (list, tuple)):
        return " ".join(str(scope) for scope in told)
    return str(told).replace(",", " ") if told else asked


def _lifetime_s(token: Mapping[str, Any]) -> int:
    try:
        return max(1, int(float(token.get("expires_in") or 3600)))
    except (TypeError, ValueError):
        return 3600


def _plain(connection: Opened) -> bool:
    return str(connection.settings.get("base_url", "")).startswith("http://")


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


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
