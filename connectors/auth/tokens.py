"""OAuth 2.0: bearer tokens by consent, client credentials, or a service account's password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oauthlib.oauth2 import BackendApplicationClient, LegacyApplicationClient

from connectors import credentials
from connectors.auth import endpoint, plain, renewal
from connectors.auth.endpoint import ClientRefused
from connectors.auth.renewal import DefinitelyRefused, Fresh
from connectors.credentials import Opened
from connectors.sdk import ConnectorError, HttpRequest, HttpResponse

_OF_TOKEN = frozenset(("access_token", "refresh_token", "lifetime_s"))


class Tokens:
    """What all three grants share; each says how a new token is got."""

    derived = _OF_TOKEN

    def ahead(self, connection: Opened) -> Opened:
        """The connection with a token that will last for the next calls."""
        if renewal.needs_renewal(connection) or not connection.secrets.get("access_token"):
            return renewal.renewed(connection, self.fetched)
        return connection

    def signed(self, connection: Opened, request: HttpRequest) -> HttpRequest:
        """``request`` with the access token as its bearer."""
        token = connection.secrets.get("access_token", "")
        return plain.with_header(request, "Authorization", f"Bearer {token}")

    def refused(self, connection: Opened, response: HttpResponse) -> bool:
        """Whether the vendor does not accept the token (any more)."""
        return response.status == 401

    def renewed(self, connection: Opened) -> Opened:
        """The connection with a newer token than the one just refused."""
        credentials.forget(connection.id)
        return renewal.renewed(connection, self.fetched)

    def withdrawn(self, connection: Opened) -> bool | None:
        """Whether the vendor confirmed that our tokens are void; None if there is no way to ask."""
        token = connection.secrets.get("refresh_token") or connection.secrets.get("access_token")
        if connection.auth.revoke is None or not token:
            return None
        try:
            url = endpoint.address(connection, connection.auth.revoke)
            secrets = connection.secrets
            session = endpoint.session(connection)
            answer = session.post(
                endpoint.shown(connection, url),
                data={"token": str(token)},
                headers={
                    "Accept": "application/json",
                    "Authorization": plain.basic_value(
                        str(secrets.get("client_id", "")), str(secrets.get("client_secret", ""))
                    ),
                },
                withhold_token=True,
            )
        except (ConnectorError, OSError):
            return False
        return bool(200 <= answer.status_code < 300)

    def fetched(self, connection: Opened) -> Fresh:
        """A new token and all secrets with it."""
        try:
            token = self.asked(connection)
        except ClientRefused as error:
            raise DefinitelyRefused(error.message) from None
        return Fresh(endpoint.secrets_of(token, connection.secrets), endpoint.expiry(token))

    def asked(self, connection: Opened) -> Mapping[str, Any]:
        """The token endpoint's answer."""
        raise NotImplementedError

    def refreshed(self, connection: Opened) -> Mapping[str, Any]:
        """The answer to a refresh token."""
        url = endpoint.shown(connection, endpoint.address(connection, connection.auth.token))
        options = endpoint.client_options(connection)
        return endpoint.token_from(
            connection,
            lambda: endpoint.session(connection).refresh_token(
                url, refresh_token=str(connection.secrets["refresh_token"]), **options
            ),
        )


class ByConsent(Tokens):
    """A person agreed at the vendor (authorisation code); renewed by the refresh token."""

    derived: frozenset[str] = frozenset()

    def ahead(self, connection: Opened) -> Opened:
        """The connection with a token that will last for the next calls."""
        if renewal.needs_renewal(connection):
            return renewal.renewed(connection, self.fetched)
        return connection

    def asked(self, connection: Opened) -> Mapping[str, Any]:
        """The answer to the refresh token."""
        if not connection.secrets.get("refresh_token"):
            raise DefinitelyRefused("It was never authorised, or its authorisation was removed.")
        return self.refreshed(connection)


class ByClient(Tokens):
    """The client itself is the account (client credentials)."""

    def asked(self, connection: Opened) -> Mapping[str, Any]:
        """The answer to client id and secret."""
        secrets, auth = connection.secrets, connection.auth
        url = endpoint.shown(connection, endpoint.address(connection, auth.token))
        client = BackendApplicationClient(str(secrets.get("client_id", "")), scope=auth.scope)
        options = endpoint.client_options(connection)
        options.pop("client_id", None)
        return endpoint.token_from(
            connection,
            lambda: endpoint.session(connection, client=client).fetch_token(url, **options),
        )


class ByPassword(Tokens):
    """A service account's name and password; the refresh token first, where there is one."""

    def asked(self, connection: Opened) -> Mapping[str, Any]:
        """The answer to the refresh token, else to name and password."""
        secrets, auth = connection.secrets, connection.auth
        if secrets.get("refresh_token"):
            try:
                return self.refreshed(connection)
            except DefinitelyRefused:
                pass  # refresh tokens of service accounts may end; the password is still good
        url = endpoint.shown(connection, endpoint.address(connection, auth.token))
        client = LegacyApplicationClient(str(secrets.get("client_id", "")), scope=auth.scope)
        options = endpoint.client_options(connection)
        options.pop("client_id", None)
        return endpoint.token_from(
            connection,
            lambda: endpoint.session(connection, client=client).fetch_token(
                url,
                username=str(secrets.get(auth.username, "")),
                password=str(secrets.get(auth.password, "")),
                **options,
            ),
        )
