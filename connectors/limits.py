"""Which limits a call falls under, and with which other calls it shares them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from connectors import credentials
from connectors.registry import Connector
from connectors.values import ConnectionRef, Limit


@dataclass(frozen=True, slots=True)
class LimitScope:
    """Limits that all calls of the same ``key`` share, whichever workspace they belong to."""

    key: str
    limits: tuple[Limit, ...]


def limit_scopes(ref: ConnectionRef, operation: str | None = None) -> tuple[LimitScope, ...]:
    """Scopes of a call on that connection; the first is always the connection itself.

    Raises ConnectionNotFound. Keys hold no secret: an app is named by a digest of its client id.
    """
    held = credentials.opened(ref)
    return _scopes(
        held.connector,
        held.id,
        str(held.settings.get("base_url", "")),
        held.account,
        str(held.secrets.get("client_id") or ""),
        operation or "",
    )


def batch_scopes(ref: ConnectionRef, operation: str) -> tuple[LimitScope, ...]:
    """Scopes of a request that carries several calls of ``operation``, beside those of each call.

    Raises ConnectionNotFound.
    """
    batch = credentials.opened(ref).connector.operation(operation).batch
    if batch is None or not batch.under:
        return ()
    ending = f":{batch.under}"
    return tuple(each for each in limit_scopes(ref, batch.under) if each.key.endswith(ending))


def kept_entities_at(ref: ConnectionRef) -> frozenset[str]:
    """Kinds of records of a connection whose change makes kept answers old."""
    try:
        connector = credentials.opened(ref).connector
    except credentials.ConnectionNotFound:
        return frozenset()
    operations = connector.manifest.operations.values()
    return frozenset(entity for each in operations if each.cache for entity in each.cache.of)


@lru_cache(2_000)
def _scopes(
    connector: Connector, connection: str, address: str, account: str, app: str, operation: str
) -> tuple[LimitScope, ...]:
    vendor = connector.manifest.slug
    names = {
        "connection": connection,
        "account": _digest(vendor, address, account) if account else connection,
        "app": _digest(vendor, app) if app else connection,
    }
    groups: dict[str, list[Limit]] = {f"connection:{connection}": []}
    for limit in connector.manifest.limits:
        groups.setdefault(f"{limit.per}:{names[limit.per]}", []).append(limit)
    own = connector.manifest.operations.get(operation)
    for limit in own.limits if own else ():
        groups.setdefault(f"{limit.per}:{names[limit.per]}:{operation}", []).append(limit)
    return tuple(LimitScope(key, tuple(limits)) for key, limits in groups.items())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
