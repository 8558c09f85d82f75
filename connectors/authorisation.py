"""How calls of a connection prove who they are, and how that proof is renewed.

``Session`` hands every request through here: ``ahead`` before a step's first request, ``signed``
for each request as it leaves, ``renewed`` once after the vendor refused it.
"""

from __future__ import annotations

import base64
from dataclasses import replace

from connectors import credentials, oauth
from connectors.credentials import Opened
from connectors.sdk import HttpRequest


def ahead(connection: Opened) -> Opened:
    """The connection with a credential that will last for the next calls."""
    if connection.connector.manifest.auth.kind == "oauth2" and oauth.needs_refresh(connection):
        return oauth.renewed(connection)
    return connection


def signed(connection: Opened, request: HttpRequest) -> HttpRequest:
    """``request`` with the vendor's proof in its headers."""
    return replace(request, headers={**request.headers, **_headers(connection)})


def renewed(connection: Opened) -> Opened:
    """The connection with a newer credential than the one just refused, if there is one."""
    credentials.forget(connection.id)
    if connection.connector.manifest.auth.kind == "oauth2":
        return oauth.renewed(connection)
    return credentials.opened(connection.ref, fresh=True)


def _headers(connection: Opened) -> dict[str, str]:
    auth, secrets = connection.connector.manifest.auth, connection.secrets
    match auth.kind:
        case "bearer":
            return {"Authorization": f"Bearer {secrets.get(auth.secret, '')}"}
        case "oauth2":
            return {"Authorization": f"Bearer {secrets.get('access_token', '')}"}
        case "basic":
            pair = f"{secrets.get(auth.username, '')}:{secrets.get(auth.password, '')}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        case "api_key":
            return {auth.header: str(secrets.get(auth.secret, ""))}
        case "none":
            return {}
