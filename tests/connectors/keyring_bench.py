"""Connections of the keyring connector, which knows every way to authorise, to a real server."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model

from connectors import credentials, facade, registry
from connectors.manifest.load import load_manifest
from connectors.registry import Connector
from connectors.sandbox_kit import auth_server
from connectors.sandbox_kit.auth_server import AuthServer
from ipaas.core.ids import new_id
from ipaas.tenancy import facade as tenancy

FOLDER = Path(__file__).parent / "keyring"
CLIENT = {"client_id": auth_server.CLIENT_ID, "client_secret": auth_server.CLIENT_SECRET}
ACCOUNT = {"username": auth_server.USER, "password": auth_server.PASSWORD}
SIGNING = {
    "consumer_key": auth_server.CONSUMER_KEY,
    "consumer_secret": auth_server.CONSUMER_SECRET,
    "token": auth_server.ACCESS_TOKEN,
    "token_secret": auth_server.ACCESS_SECRET,
}
_PAIR = base64.b64encode(f"{auth_server.CLIENT_ID}:{auth_server.CLIENT_SECRET}".encode()).decode()
SECRETS: dict[str, dict[str, str]] = {
    "bearer": {"access_token": auth_server.ACCESS_TOKEN},
    "basic": ACCOUNT,
    "key_header": {"api_key": auth_server.API_KEY},
    "key_query": {"api_key": auth_server.API_KEY},
    "consent": CLIENT,
    "client": CLIENT,
    "client_body": CLIENT,
    "service": {**CLIENT, **ACCOUNT},
    "typed_tokens": SIGNING,
    "activated": {},
    "logon": ACCOUNT,
    "own": {"seed": f"Basic {_PAIR}"},
}
WHERE = {
    "bearer": "bearer",
    "basic": "basic",
    "key_header": "key",
    "key_query": "key",
    "consent": "bearer",
    "client": "bearer",
    "client_body": "bearer",
    "service": "bearer",
    "typed_tokens": "signed",
    "activated": "signed",
    "logon": "session",
    "own": "custom",
}


@dataclass
class Keyring:
    """One workspace and the server; ``connect`` makes connections between them."""

    server: AuthServer
    workspace: Any
    user: Any

    def connect(
        self, way: str, secrets: dict[str, str] | None = None, **options: Any
    ) -> facade.Connection:
        """A connection that uses ``way``."""
        self.server.client_in = "body" if way == "client_body" else "basic"
        return facade.create_connection(
            self.workspace.id,
            "test",
            connector="keyring",
            name=way,
            settings={"base_url": self.server.url},
            secrets=SECRETS[way] if secrets is None else secrets,
            auth=way,
            **options,
        )

    def ask(self, made: facade.Connection, what: str = "", **inputs: Any) -> facade.Reply:
        """One call of the resource that asks for this way."""
        place = what or WHERE[made.auth]
        return facade.call(made.ref, "ask", {"what": place, **inputs})

    def reread(self, made: facade.Connection) -> facade.Connection:
        """The connection as it is stored now."""
        credentials.forget(made.id)
        return facade.get_connection_by_id(self.workspace.id, made.id)


@contextmanager
def keyring(settings: Any) -> Iterator[Keyring]:
    """The connector in the registry, its server as the sandbox, a workspace of its own."""
    known = registry.all_connectors()
    known["keyring"] = Connector(load_manifest(FOLDER), "tests.connectors.keyring")
    mark = new_id("t")[2:].replace("_", "")
    try:
        with auth_server.running() as server:
            settings.SANDBOX_URL = server.url
            user = get_user_model().objects.create_user(f"keys-{mark}")
            workspace = tenancy.create_workspace(f"k{mark}"[:40], "Keys", user)
            yield Keyring(server, workspace, user)
    finally:
        known.pop("keyring", None)
