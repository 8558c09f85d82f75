"""A connection ready for use: settings and opened secrets, kept in memory for a few seconds."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.db.models import F

from connectors import health, registry, uses, vault
from connectors.auth.spec import Auth
from connectors.http import Door, Reach, masking
from connectors.models import ConnectionRow, Credential
from connectors.registry import Connector
from connectors.values import ConnectionRef
from ipaas.core import clock, jsonio
from ipaas.core.errors import NotFound

KEPT_S = 5.0
NOTE_USE_EVERY = timedelta(seconds=60)
NOTE_FAILURE_EVERY = timedelta(seconds=5)
PURPOSE = "connection.secrets"


class ConnectionNotFound(NotFound):
    """The workspace has no connection of that name in that environment."""

    code = "connection.not_found"


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection with its secrets in the clear; never leaves this process, never printed."""

    id: str
    ref: ConnectionRef
    name: str
    connector: Connector
    settings: dict[str, Any]
    account: str
    sandbox: bool
    on_premise: bool
    status: str
    version: int
    expires_at: datetime | None
    secrets: dict[str, Any] = field(repr=False)
    auth_name: str = ""
    ca: str = ""
    masked: tuple[str, ...] = field(default=(), repr=False)

    @property
    def auth(self) -> Auth:
        """How its calls are authorised."""
        return self.connector.manifest.auth_named(self.auth_name)

    @property
    def reach(self) -> Reach:
        """How far calls of this connection may go."""
        if self.sandbox:
            return Reach.SANDBOX
        return Reach.ON_PREMISE if self.on_premise else Reach.PUBLIC

    def door(self) -> Door:
        """The way out for this connection."""
        manifest = self.connector.manifest
        return Door(
            reach=self.reach,
            connect_timeout_s=manifest.connect_timeout_s,
            read_timeout_s=manifest.read_timeout_s,
            secrets=self.masked or _masked(self.secrets),
            ca=self.ca,
            limits=manifest.limit_headers,
        )


_kept: dict[ConnectionRef, tuple[float, Opened]] = {}
_lock = threading.Lock()


def opened(ref: ConnectionRef, *, fresh: bool = False) -> Opened:
    """The connection that ``ref`` names; raises ConnectionNotFound.

    One query, or none within five seconds of the last; changes made in this process show at once.
    """
    now_s = clock.monotonic_s()
    if not fresh and (held := _kept.get(ref)) and now_s - held[0] < KEPT_S:
        return held[1]
    row = (
        ConnectionRow.objects.select_related("credential")
        .filter(workspace_id=ref.workspace_id, environment=ref.environment, slug=ref.slug)
        .first()
    )
    if row is None:
        with _lock:
            _kept.pop(ref, None)
        raise ConnectionNotFound(
            f"There is no connection “{ref.slug}” in {ref.environment}.",
            hint="Create it, or choose another one.",
        )
    found = open_row(row)
    with _lock:
        if len(_kept) > 2000:
            _kept.clear()
        _kept[ref] = (now_s, found)
    return found


def open_row(row: ConnectionRow) -> Opened:
    """The connection of a row read together with its credential."""
    connector = registry.get(row.connector)
    credential = getattr(row, "credential", None)
    defaults = {spec.name: spec.default for spec in connector.manifest.settings if spec.default}
    secrets = (
        open_sealed_secrets(row.workspace_id, row.id, bytes(credential.sealed))
        if credential
        else {}
    )
    return Opened(
        id=row.id,
        ref=ConnectionRef(row.workspace_id, row.environment, row.slug),
        name=row.name,
        connector=connector,
        settings={**defaults, **row.settings},
        account=row.account,
        sandbox=row.sandbox,
        on_premise=row.on_premise,
        status=row.status,
        version=credential.version if credential else 0,
        expires_at=credential.expires_at if credential else None,
        secrets=secrets,
        auth_name=row.auth,
        ca=row.ca_certificate,
        masked=_masked(secrets),
    )


def _masked(secrets: dict[str, Any]) -> tuple[str, ...]:
    return masking.forms_of(str(value) for value in secrets.values() if value)


def forget(connection_id: str) -> None:
    """Read the connection anew at its next use."""
    with _lock:
        for ref in [ref for ref, (_, held) in _kept.items() if held.id == connection_id]:
            del _kept[ref]


def replace(
    workspace_id: str,
    connection_id: str,
    secrets: dict[str, Any],
    *,
    version: int | None,
    expires_at: datetime | None = None,
) -> bool:
    """Store all secrets of a connection; False if they changed since ``version`` was read.

    ``version`` None stores whatever was there before.
    """
    names = sorted(name for name, value in secrets.items() if value)
    sealed = vault.seal(workspace_id, PURPOSE, connection_id, jsonio.dumps(secrets))
    rows = Credential.objects.filter(connection_id=connection_id)
    if version is not None:
        rows = rows.filter(version=version)
    changed = rows.update(
        sealed=sealed,
        names=names,
        version=F("version") + 1,
        expires_at=expires_at,
        refreshing_until=None,
    )
    if not changed and version in (None, 0):
        _, made = Credential.objects.get_or_create(
            connection_id=connection_id,
            defaults={"sealed": sealed, "names": names, "expires_at": expires_at},
        )
        changed = int(made)
    forget(connection_id)
    return bool(changed)


def note_use(connection: Opened, error: str = "") -> None:
    """Remember when the connection was last used, at most once a minute, and its last failure.

    A success after a failure shows at once; a failure at most every five seconds.
    """
    uses.count(connection.id)
    now = clock.now()
    at, shown, failed_at = _noted.get(connection.id, (None, "", None))
    if at and shown == error and now - at < NOTE_USE_EVERY:
        return
    if error and failed_at and now - failed_at < NOTE_FAILURE_EVERY:
        return
    if len(_noted) > 5000:
        _noted.clear()
    _noted[connection.id] = (now, error, now if error else failed_at)
    if error != shown:
        health.record(connection.id, health.BROKEN if error else health.RECOVERED, error)
    ConnectionRow.objects.filter(id=connection.id).update(last_used_at=now, last_error=error[:500])


def note_message(connection: Opened) -> None:
    """Remember that a message came by the connection, at most once a minute; never fails."""
    now = clock.now()
    at = _heard.get(connection.id)
    if at and now - at < NOTE_USE_EVERY:
        return
    if len(_heard) > 5000:
        _heard.clear()
    _heard[connection.id] = now
    with suppress(DatabaseError):
        ConnectionRow.objects.filter(id=connection.id).update(last_used_at=now)


_heard: dict[str, datetime] = {}  # by connection: when a message was noted last
# By connection: when its use was noted last, the failure then, and when a failure was noted last.
_noted: dict[str, tuple[datetime | None, str, datetime | None]] = {}


def open_sealed_secrets(workspace_id: str, connection_id: str, sealed: bytes) -> dict[str, Any]:
    """Secrets of a connection's row; raises SealBroken."""
    secrets: dict[str, Any] = jsonio.loads(
        vault.open_sealed(workspace_id, PURPOSE, connection_id, sealed)
    )
    return secrets
