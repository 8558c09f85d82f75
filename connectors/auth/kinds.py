"""All ways to authorise calls, by the name a manifest uses."""

from __future__ import annotations

from typing import Protocol

from connectors.auth import plain
from connectors.auth.custom import Custom
from connectors.auth.logon import SessionLogOn
from connectors.auth.oauth1 import Signed
from connectors.auth.plain import Plain
from connectors.auth.tokens import ByClient, ByConsent, ByPassword
from connectors.credentials import Opened
from connectors.sdk import HttpRequest, HttpResponse


class AuthKind(Protocol):
    """One way to authorise calls.

    ``derived`` names secrets that we got by means of others: they go when those change.
    """

    @property
    def derived(self) -> frozenset[str]:
        """Secrets that no person typed."""

    def ahead(self, connection: Opened) -> Opened:
        """The connection with a proof that will last for the next calls."""

    def signed(self, connection: Opened, request: HttpRequest) -> HttpRequest:
        """``request`` with the proof in it."""

    def refused(self, connection: Opened, response: HttpResponse) -> bool:
        """Whether the reply says that the proof is not accepted."""

    def renewed(self, connection: Opened) -> Opened:
        """The connection with a newer proof than the one refused, if there is one."""

    def withdrawn(self, connection: Opened) -> bool | None:
        """Whether the vendor confirmed that the proof is void; None if it cannot be asked."""


_KINDS: dict[str, AuthKind] = {
    "none": Plain(plain.unsigned),
    "api_key": Plain(plain.api_key),
    "basic": Plain(plain.basic),
    "bearer": Plain(plain.bearer),
    "oauth2": ByConsent(),
    "client_credentials": ByClient(),
    "password": ByPassword(),
    "oauth1": Signed(),
    "session": SessionLogOn(),
    "custom": Custom(),
}


def of(connection: Opened) -> AuthKind:
    """The way this connection uses."""
    return _KINDS[connection.auth.kind]
