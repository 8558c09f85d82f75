"""How calls of a connection prove who they are, and how that proof is renewed.

``Session`` hands every request through here: ``ahead`` before a step's first request, ``signed``
for each request as it leaves, ``refused`` for each reply, ``renewed`` once after the vendor
refused it. ``connectors.auth`` holds one module for each way.
"""

from __future__ import annotations

from connectors.auth import kinds
from connectors.credentials import Opened
from connectors.sdk import HttpRequest, HttpResponse


def ahead(connection: Opened) -> Opened:
    """The connection with a credential that will last for the next calls."""
    return kinds.of(connection).ahead(connection)


def signed(connection: Opened, request: HttpRequest) -> HttpRequest:
    """``request`` with the vendor's proof in it."""
    return kinds.of(connection).signed(connection, request)


def refused(connection: Opened, response: HttpResponse) -> bool:
    """Whether the reply says that our proof is not accepted; nothing was done then."""
    return kinds.of(connection).refused(connection, response)


def renewed(connection: Opened) -> Opened:
    """The connection with a newer credential than the one just refused, if there is one."""
    return kinds.of(connection).renewed(connection)
