"""OAuth 1.0a: every request is signed; tokens are typed, or come by the vendor's activation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from oauthlib.oauth1 import SIGNATURE_TYPE_AUTH_HEADER, Client

from connectors import credentials
from connectors.auth import endpoint
from connectors.auth.spec import Endpoint
from connectors.credentials import Opened
from connectors.sdk import ConnectorError, HttpRequest, HttpResponse
from ipaas.core import clock
from ipaas.core.errors import Recovery

_FORM = "application/x-www-form-urlencoded"


class Signed:
    """Signs with the consumer's and the token's secret; nothing expires."""

    derived: frozenset[str] = frozenset()

    def ahead(self, connection: Opened) -> Opened:
        """The connection as it is."""
        return connection

    def signed(self, connection: Opened, request: HttpRequest) -> HttpRequest:
        """``request`` with its signature (RFC 5849) in the header."""
        return signed(connection, request, connection.secrets)

    def refused(self, connection: Opened, response: HttpResponse) -> bool:
        """Whether the vendor does not accept the signature."""
        return response.status == 401

    def renewed(self, connection: Opened) -> Opened:
        """The connection as it is stored now: it may have been activated anew."""
        credentials.forget(connection.id)
        return credentials.opened(connection.ref, fresh=True)

    def withdrawn(self, connection: Opened) -> bool | None:
        """None: OAuth 1.0a has no way to give a token back."""
        return None


def signed(
    connection: Opened,
    request: HttpRequest,
    secrets: Mapping[str, Any],
    *,
    verifier: str | None = None,
) -> HttpRequest:
    """``request`` signed with ``secrets`` (consumer_key, consumer_secret, token, token_secret).

    The query is part of what is signed, a form too, JSON is not.
    """
    client = Client(
        str(secrets.get("consumer_key", "")),
        client_secret=str(secrets.get("consumer_secret", "")),
        resource_owner_key=str(secrets.get("token", "")) or None,
        resource_owner_secret=str(secrets.get("token_secret", "")) or None,
        verifier=verifier,
        signature_method=connection.auth.signature,
        signature_type=SIGNATURE_TYPE_AUTH_HEADER,
        realm=None,
        timestamp=str(int(clock.now().timestamp())),
    )
    kind = next((v for n, v in request.headers.items() if n.lower() == "content-type"), "")
    form = kind.split(";", 1)[0].strip().lower() == _FORM
    try:
        _, headers, _ = client.sign(
            request.url,
            http_method=request.method,
            body=(request.body or b"").decode() if form else None,
            headers={"Content-Type": _FORM} if form else {},
        )
    except ValueError as error:
        raise ConnectorError(
            "The address of this request cannot be signed: its query holds a sign that must be "
            "percent-encoded.",
            code="connector.request_invalid",
            recovery=Recovery.FIX_DATA,
            hint="Correct the value that is mapped into the query.",
        ) from error
    return replace(
        request, headers={**request.headers, "Authorization": str(headers["Authorization"])}
    )


def exchanged(connection: Opened, key: str, secret: str, verifier: str) -> dict[str, Any]:
    """The secrets of an activated consumer: request token first, then the lasting access token.

    Raises ConnectorError.
    """
    auth = connection.auth
    consumer = {"consumer_key": key, "consumer_secret": secret}
    first = _token(connection, auth.request_token, consumer)
    lasting = _token(connection, auth.token, {**consumer, **first}, verifier)
    return {**connection.secrets, **consumer, **lasting}


def _token(
    connection: Opened,
    which: Endpoint | None,
    secrets: Mapping[str, Any],
    verifier: str | None = None,
) -> dict[str, str]:
    url = endpoint.address(connection, which)
    request = signed(connection, HttpRequest("POST", url, {}, b""), secrets, verifier=verifier)
    response = connection.door().send(request, write=True).response
    if response.status >= 500 or response.status == 429:
        raise ConnectorError(
            f"The shop answered the exchange of tokens with status {response.status}.",
            code="connection.token_endpoint",
            recovery=Recovery.RETRY,
            hint="Activate the integration again in a minute.",
        )
    told = dict(parse_qsl(response.body.decode("utf-8", "replace")))
    if response.status != 200 or "oauth_token" not in told or "oauth_token_secret" not in told:
        raise ConnectorError(
            "The vendor did not exchange the activation for an access token.",
            code="connection.activation_refused",
            recovery=Recovery.REAUTHORISE,
            hint="Activate the integration again; the consumer key is good for a few minutes only.",
        )
    return {"token": told["oauth_token"], "token_secret": told["oauth_token_secret"]}
