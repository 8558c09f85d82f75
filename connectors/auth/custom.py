"""A way that only code can say: functions of the connector's hooks sign and renew."""

from __future__ import annotations

from datetime import timedelta

from connectors import credentials
from connectors.auth import renewal
from connectors.auth.renewal import Fresh
from connectors.credentials import Opened
from connectors.sdk import HttpRequest, HttpResponse
from ipaas.core import clock


class Custom:
    """``hook(request, secrets, settings)`` gives the signed request.

    ``renew_hook(secrets, settings, send)``, if there is one, gives ``(new secrets, seconds they
    last or None)`` and is called by one worker at a time; ``send`` takes an HttpRequest.
    """

    derived: frozenset[str] = frozenset()

    def ahead(self, connection: Opened) -> Opened:
        """The connection with secrets that will last for the next calls."""
        if connection.auth.renew_hook and (
            renewal.needs_renewal(connection) or connection.secrets.get("renewed") != "1"
        ):
            return renewal.renewed(connection, _fetched)
        return connection

    def signed(self, connection: Opened, request: HttpRequest) -> HttpRequest:
        """``request`` as the hook signed it; the hook can not lead it elsewhere unseen."""
        sign = connection.connector.hook(connection.auth.hook)
        made: HttpRequest = sign(request, dict(connection.secrets), dict(connection.settings))
        return made

    def refused(self, connection: Opened, response: HttpResponse) -> bool:
        """Whether the vendor does not accept our proof."""
        return response.status == 401

    def renewed(self, connection: Opened) -> Opened:
        """The connection with newer secrets than those just refused, if there are any."""
        credentials.forget(connection.id)
        if connection.auth.renew_hook:
            return renewal.renewed(connection, _fetched)
        return credentials.opened(connection.ref, fresh=True)

    def withdrawn(self, connection: Opened) -> bool | None:
        """None: the manifest names no way."""
        return None


def _fetched(connection: Opened) -> Fresh:
    renew = connection.connector.hook(connection.auth.renew_hook)

    def send(request: HttpRequest) -> HttpResponse:
        return connection.door().send(request, write=True).response

    found, seconds = renew(dict(connection.secrets), dict(connection.settings), send)
    secrets = {**connection.secrets, **found, "renewed": "1", "lifetime_s": seconds or 86_400}
    return Fresh(secrets, clock.now() + timedelta(seconds=seconds) if seconds else None)
