"""Renewing a token once, however many threads and processes ask at the same time."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from connectors import credentials, health
from connectors.credentials import Opened
from connectors.models import ConnectionRow, Credential
from connectors.sdk import ConnectorError
from ipaas.core import clock
from ipaas.core.errors import Recovery

LEASE = timedelta(seconds=45)
_threads: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


@dataclass(frozen=True)
class Fresh:
    """All secrets with the new token among them, and when it ends (None: it is not known)."""

    secrets: dict[str, Any]
    expires_at: datetime | None


class DefinitelyRefused(Exception):
    """The vendor said that this authorisation is over; ``why`` is our sentence about it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def needs_renewal(connection: Opened, ahead_s: float = 300) -> bool:
    """Whether the token ends within ``ahead_s`` seconds, or a tenth of its life if shorter."""
    if connection.expires_at is None:
        return False
    lifetime_s = float(connection.secrets.get("lifetime_s") or 3600)
    ahead = timedelta(seconds=min(ahead_s, lifetime_s / 10))
    return clock.now() >= connection.expires_at - ahead


def renewed(connection: Opened, fetch: Callable[[Opened], Fresh]) -> Opened:
    """The connection with a newer token than it holds now.

    One of all who ask calls ``fetch``: it holds a lease in the credential's row and stores the
    answer by compare-and-swap before anybody uses it. The others wait for the new version. Raises
    ConnectorError: reauthorise after a definite refusal (the connection's status then says so),
    else retry.
    """
    deadline = time.monotonic() + LEASE.total_seconds()
    with _threads[connection.id]:
        while True:
            newest = credentials.opened(connection.ref, fresh=True)
            if newest.version != connection.version:
                return newest
            if _claim(newest):
                break
            if time.monotonic() > deadline:
                raise trouble(newest, "another process is refreshing its token")
            time.sleep(0.05)
        try:
            fresh = fetch(newest)
        except DefinitelyRefused as refused:
            # Definite, unless somebody has authorised it anew in the meantime.
            latest = credentials.opened(connection.ref, fresh=True)
            if latest.version != newest.version:
                return latest
            _release(newest)
            error = expired(newest, refused.why)
            ConnectionRow.objects.filter(id=newest.id, status=ConnectionRow.Status.READY).update(
                status=ConnectionRow.Status.RECONNECT, last_error=error.message
            )
            credentials.forget(newest.id)
            health.record(newest.id, health.REFUSED, error.message)
            raise error from None
        except BaseException:
            _release(newest)
            raise
        credentials.replace(
            newest.ref.workspace_id,
            newest.id,
            fresh.secrets,
            version=newest.version,
            expires_at=fresh.expires_at,
        )
        health.record(newest.id, health.REFRESHED)
        return credentials.opened(connection.ref, fresh=True)


def expired(connection: Opened, why: str) -> ConnectorError:
    """The authorisation is over; a person must give it again."""
    return ConnectorError(
        f"The connection “{connection.name}” is no longer authorised. {why}",
        code="connection.expired",
        recovery=Recovery.REAUTHORISE,
        hint="Reconnect it; runs that wait for it then go on by themselves."
        if connection.auth.needs_consent
        else "Enter its credentials again; runs that wait for it then go on by themselves.",
    )


def trouble(connection: Opened, why: str) -> ConnectorError:
    """No token now, for a reason that passes."""
    return ConnectorError(
        f"The token of “{connection.name}” cannot be refreshed now: {why}.",
        code="connection.refresh_failed",
        recovery=Recovery.RETRY,
        hint="It is tried again by itself.",
    )


def _claim(connection: Opened) -> bool:
    now = clock.now()
    rows = Credential.objects.filter(
        Q(refreshing_until__isnull=True) | Q(refreshing_until__lt=now),
        connection_id=connection.id,
        version=connection.version,
    )
    return bool(rows.update(refreshing_until=now + LEASE))


def _release(connection: Opened) -> None:
    Credential.objects.filter(connection_id=connection.id, version=connection.version).update(
        refreshing_until=None
    )
