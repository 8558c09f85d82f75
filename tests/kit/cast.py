"""The people of the tests: Alice and her colleagues in one workspace, Bob in another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.contrib.auth import get_user_model
from django.test import Client
from django.test.client import ClientHandler

from ipaas.core import jsonio
from ipaas.tenancy import facade
from ipaas.tenancy.facade import WorkspaceRef
from tests.kit import contract

PASSWORD = "causeway"


@dataclass(frozen=True)
class Cast:
    """Everybody, and the two workspaces they work in."""

    north: WorkspaceRef
    south: WorkspaceRef
    alice: Any
    adam: Any
    ben: Any
    ana: Any
    vera: Any
    bob: Any


def make_cast() -> Cast:
    """Alice owns ``north``, where Adam administers, Ben builds, Ana repairs and Vera only views.

    Bob owns ``south``.
    """
    people = {
        name: get_user_model().objects.create_user(
            name, f"{name}@example.com", PASSWORD, first_name=name.title()
        )
        for name in ("alice", "adam", "ben", "ana", "vera", "bob")
    }
    north = facade.create_workspace("north", "North Trading", people["alice"])
    south = facade.create_workspace("south", "South Supply", people["bob"])
    roles = {"adam": "admin", "ben": "builder", "ana": "analyst", "vera": "viewer"}
    for name, role in roles.items():
        facade.add_member(north, people[name], role, by=people["alice"])
    return Cast(north=north, south=south, **people)


@cache
def _handler() -> ClientHandler:
    """The way into the product for all clients: to make one lists all static files."""
    handler = ClientHandler(enforce_csrf_checks=False)
    handler.load_middleware()
    return handler


class ApiClient:
    """One person's browser, as far as the API can tell: session cookie, JSON, CSRF token."""

    def __init__(self, user: Any = None) -> None:
        self.http = Client(enforce_csrf_checks=False)
        self.http.handler = _handler()
        if user is not None:
            self.http.force_login(user)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> ApiAnswer:
        """Answer to one request, held against the API's description; ``body`` is sent as JSON."""
        options: dict[str, Any] = {"headers": headers} if headers else {}
        if body is not None:
            options |= {"data": jsonio.dumps(body), "content_type": "application/json"}
        answer = ApiAnswer(self.http.generic(method.upper(), path, **options))
        address = urlsplit(path)
        is_json = "json" in answer.headers.get("Content-Type", "")
        contract.check(
            method.upper(),
            address.path,
            list(parse_qs(address.query)),
            body,
            answer.status,
            answer.headers.get("Content-Type", ""),
            answer.json if is_json and answer.text else None,
        )
        return answer

    def get(self, path: str) -> ApiAnswer:
        """GET."""
        return self.request("GET", path)

    def post(self, path: str, body: Any = None) -> ApiAnswer:
        """POST."""
        return self.request("POST", path, {} if body is None else body)

    def put(self, path: str, body: Any = None) -> ApiAnswer:
        """PUT."""
        return self.request("PUT", path, {} if body is None else body)

    def patch(self, path: str, body: Any = None) -> ApiAnswer:
        """PATCH."""
        return self.request("PATCH", path, {} if body is None else body)

    def delete(self, path: str) -> ApiAnswer:
        """DELETE."""
        return self.request("DELETE", path)


class ApiAnswer:
    """What came back: status, headers, and the document with exact numbers."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers = response.headers
        self.text: str = (
            b"".join(response).decode()
            if response.streaming
            else (response.content.decode(errors="replace"))
        )

    @property
    def json(self) -> Any:
        """The document; numbers with a point are Decimal."""
        return jsonio.loads(self.text)

    def __repr__(self) -> str:
        return f"{self.status} {self.text[:400]}"
