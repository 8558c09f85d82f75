"""How a connection is doing: its history, and the runs that wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from connectors.models import ConnectionEvent, ConnectionRow
from ipaas.core import clock
from ipaas.tenancy.paging import Page, cut

MOST_EVENTS = 300
_TIDY_EVERY = 25

CREATED = "created"
TESTED = "tested"
TEST_FAILED = "test_failed"
AUTHORISED = "authorised"
AUTHORISATION_FAILED = "authorisation_failed"
REFRESHED = "refreshed"
REFUSED = "refused"
BROKEN = "broken"
RECOVERED = "recovered"
SECRETS_CHANGED = "secrets_changed"
CHANGED = "changed"
DISABLED = "disabled"
ENABLED = "enabled"
GOOD = frozenset({TESTED, AUTHORISED, REFRESHED, RECOVERED, ENABLED})
# After these a call that was refused may succeed.
MENDED = frozenset({AUTHORISED, ENABLED, TESTED, SECRETS_CHANGED, CHANGED})
BAD = frozenset({TEST_FAILED, AUTHORISATION_FAILED, REFUSED, BROKEN})

ReadyListener = Callable[[str, str, str], Any]
ChangeListener = Callable[[str, str], Any]
WaitingProvider = Callable[[str, str], Mapping[str, int]]
_listeners: list[ReadyListener] = []
_change_listeners: list[ChangeListener] = []
_providers: list[WaitingProvider] = []


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """One entry of a connection's history."""

    id: int
    kind: str
    good: bool | None
    message: str
    actor: str
    at: datetime
    last_at: datetime
    times: int


def record(connection_id: str, kind: str, message: str = "", actor: str = "") -> None:
    """Add to the history; the same as just before only counts up, old entries go.

    ``message`` is shown to people and must hold no secret.
    """
    places = ConnectionRow.objects.filter(id=connection_id).values_list(
        "workspace_id", "environment"
    )
    place = places.first()
    if place is None:
        return  # deleted while a call was under way
    newest = ConnectionEvent.objects.filter(connection_id=connection_id).order_by("-id").first()
    now, message = clock.now(), message[:500]
    if newest and (newest.kind, newest.message, newest.actor) == (kind, message, actor):
        ConnectionEvent.objects.filter(id=newest.pk).update(last_at=now, times=newest.times + 1)
        return
    made = ConnectionEvent.objects.create(
        connection_id=connection_id, kind=kind, message=message, actor=actor, at=now, last_at=now
    )
    for listener in _change_listeners:
        listener(*place)
    if made.pk % _TIDY_EVERY == 0:
        events = ConnectionEvent.objects.filter(connection_id=connection_id).order_by("-id")
        oldest = events.values_list("id", flat=True)[MOST_EVENTS : MOST_EVENTS + 1].first()
        if oldest:
            events.filter(id__lte=oldest).delete()


def history(
    workspace_id: str, connection_id: str, *, cursor: str | None = None, limit: int = 50
) -> Page[HealthEvent]:
    """What happened to the connection, newest first."""
    events = ConnectionEvent.objects.filter(
        connection_id=connection_id, connection__workspace_id=workspace_id
    )
    return cut(events, "-id", cursor=cursor, limit=limit).map(_value)


def register_ready_listener(listener: ReadyListener) -> None:
    """Let a higher app go on with what waited: ``listener(workspace_id, environment, slug)``."""
    if listener not in _listeners:
        _listeners.append(listener)


def register_change_listener(listener: ChangeListener) -> None:
    """Let a higher app tell people of news: ``listener(workspace_id, environment)``."""
    if listener not in _change_listeners:
        _change_listeners.append(listener)


def register_waiting_provider(provider: WaitingProvider) -> None:
    """Let a higher app say how many runs wait for each connection of an environment, by slug."""
    if provider not in _providers:
        _providers.append(provider)


def tell_ready(workspace_id: str, environment: str, slug: str) -> None:
    """The connection works again: what waited for it may go on."""
    for listener in _listeners:
        listener(workspace_id, environment, slug)


def mended(places: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], datetime]:
    """When somebody last did something that may have mended these connections (workspace,
    environment, slug); only of those that are ready now."""
    wanted = set(places)
    rows = ConnectionEvent.objects.filter(
        connection__workspace_id__in={workspace_id for workspace_id, _, _ in wanted},
        connection__slug__in={slug for _, _, slug in wanted},
        connection__status=ConnectionRow.Status.READY,
        kind__in=MENDED,
    )
    named = [f"connection__{name}" for name in ("workspace_id", "environment", "slug")]
    found = rows.order_by().values_list(*named).annotate(Max("last_at"))
    return {(w, e, s): at for w, e, s, at in found if (w, e, s) in wanted}


def waiting_runs(workspace_id: str, environment: str) -> dict[str, int]:
    """How many runs wait for each connection, by its slug."""
    found: dict[str, int] = {}
    for provider in _providers:
        for slug, count in provider(workspace_id, environment).items():
            found[slug] = found.get(slug, 0) + count
    return found


def _value(row: ConnectionEvent) -> HealthEvent:
    good = True if row.kind in GOOD else False if row.kind in BAD else None
    return HealthEvent(
        row.pk, row.kind, good, row.message, row.actor, row.at, row.last_at, row.times
    )
