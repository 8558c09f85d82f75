"""Ways that need nothing but what was typed: none, API key, Basic, Bearer."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from connectors import credentials
from connectors.auth.spec import Auth
from connectors.credentials import Opened
from connectors.sdk import HttpRequest, HttpResponse

Sign = Callable[[HttpRequest, Opened], HttpRequest]


@dataclass(frozen=True)
class Plain:
    """A way whose secrets change only when a person changes them."""

    sign: Sign
    derived: frozenset[str] = frozenset()

    def ahead(self, connection: Opened) -> Opened:
        """The connection as it is."""
        return connection

    def signed(self, connection: Opened, request: HttpRequest) -> HttpRequest:
        """``request`` with the vendor's proof in it."""
        return self.sign(request, connection)

    def refused(self, connection: Opened, response: HttpResponse) -> bool:
        """Whether the reply says that our proof is not accepted."""
        return response.status == 401

    def renewed(self, connection: Opened) -> Opened:
        """The connection as it is stored now: somebody may have entered new secrets."""
        credentials.forget(connection.id)
        return credentials.opened(connection.ref, fresh=True)

    def withdrawn(self, connection: Opened) -> bool | None:
        """None: there is nothing the vendor could forget."""
        return None


def unsigned(request: HttpRequest, connection: Opened) -> HttpRequest:
    """``request`` as it is."""
    return request


def basic(request: HttpRequest, connection: Opened) -> HttpRequest:
    """User name and password in the usual header."""
    auth, secrets = connection.auth, connection.secrets
    return with_header(
        request,
        "Authorization",
        basic_value(str(secrets.get(auth.username, "")), str(secrets.get(auth.password, ""))),
    )


def bearer(request: HttpRequest, connection: Opened) -> HttpRequest:
    """A token in the usual header."""
    token = connection.secrets.get(connection.auth.secret, "")
    return with_header(request, "Authorization", f"Bearer {token}")


def api_key(request: HttpRequest, connection: Opened) -> HttpRequest:
    """A key in a header or in the address."""
    return placed(request, connection.auth, str(connection.secrets.get(connection.auth.secret, "")))


def placed(request: HttpRequest, auth: Auth, value: str) -> HttpRequest:
    """``request`` with ``value`` where the manifest says: a header, or a query parameter."""
    if auth.query:
        joint = "&" if "?" in request.url else "?"
        added = f"{joint}{quote(auth.query, safe='')}={quote(value, safe='')}"
        return replace(request, url=request.url + added)
    return with_header(request, auth.header, f"{auth.prefix}{value}")


def with_header(request: HttpRequest, name: str, value: str) -> HttpRequest:
    """``request`` with one header more, or another value of it."""
    return replace(request, headers=_without(request.headers, name) | {name: value})


def basic_value(user: str, password: str) -> str:
    """Header value of HTTP Basic."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _without(headers: Mapping[str, str], name: str) -> dict[str, str]:
    wanted = name.lower()
    return {known: value for known, value in headers.items() if known.lower() != wanted}
