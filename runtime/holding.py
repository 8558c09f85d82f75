"""Pausing and resuming: what people do to hold back a flow, a connection or a run."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.errors import Conflict, NotFound
from ipaas.tenancy import paging
from runtime import faults, pausing
from runtime.engine import FINISHED_RUN
from runtime.live.news import PAUSES, tell_change
from runtime.models import Deployment, Pause, Run
from runtime.parking import pause_key
from runtime.reconnection import connection_ready
from runtime.values import NotDeployed, RunNotFound


class AlreadyPaused(Conflict):
    """It is paused already."""

    code = "pause.exists"


class PauseNotFound(NotFound):
    """Nothing is paused by that id in this workspace."""

    code = "pause.not_found"


def pause(
    workspace_id: str, environment: str, kind: str, ref: str, *, by: str, reason: str
) -> dict[str, Any]:
    """Hold back what ``ref`` names; raises AlreadyPaused, or what says that there is no such."""
    _require(workspace_id, environment, kind, ref)
    try:
        with faults.commits("pausing.pause"):
            row = Pause.objects.create(
                workspace_id=workspace_id,
                environment=environment,
                kind=kind,
                ref=ref,
                by=by[:200],
                reason=reason,
                at=clock.now(),
            )
            tell_change(workspace_id, environment, PAUSES)
    except IntegrityError as error:
        raise AlreadyPaused("This is paused already.", hint="Reload the page.") from error
    pausing.forget()
    return pausing.shown(row)


def resume(workspace_id: str, pause_id: int) -> dict[str, Any]:
    """Let it go on, and wake the runs that stood still; raises PauseNotFound."""
    return wake_held(lift(workspace_id, pause_id))


def lift(workspace_id: str, pause_id: int) -> Pause:
    """Take the pause away; raises PauseNotFound. Once that is committed, ``wake_held`` follows:
    a run that is parked at this moment is seen by one of the two (``comebacks``)."""
    row = find(workspace_id, pause_id)
    with faults.commits("pausing.resume"):
        if not Pause.objects.filter(id=pause_id).delete()[0]:
            raise PauseNotFound("Somebody has just let it go on.", hint="Reload the page.")
        tell_change(workspace_id, row.environment, PAUSES)
    pausing.forget()
    return row


def wake_held(row: Pause) -> dict[str, Any]:
    """The pause that was taken away, and how many runs go on."""
    woken = connection_ready(row.workspace_id, row.environment, pause_key(row.kind, row.ref))
    tell_change(row.workspace_id, row.environment, PAUSES)
    return {**pausing.shown(row), "woken": woken}


def find(workspace_id: str, pause_id: int) -> Pause:
    """The pause; raises PauseNotFound."""
    row = Pause.objects.filter(id=pause_id, workspace_id=workspace_id).first()
    if row is None:
        raise PauseNotFound("Nothing is paused by that name.", hint="Reload the page.")
    return row


def page(
    workspace_id: str,
    environment: str,
    cursor: str | None,
    limit: int,
    **only: str,
) -> paging.Page[dict[str, Any]]:
    """What is paused, newest first; ``only`` by ``kind`` and ``ref``, where they are not empty."""
    rows = Pause.objects.filter(workspace_id=workspace_id, environment=environment)
    rows = rows.filter(**{name: value for name, value in only.items() if value})
    return paging.cut(rows, "-id", cursor=cursor, limit=limit).map(pausing.shown)


def _require(workspace_id: str, environment: str, kind: str, ref: str) -> None:
    """Raise what says that there is nothing by that name."""
    place = {"workspace_id": workspace_id, "environment": environment}
    if kind == Pause.Kind.FLOW:
        if not Deployment.objects.filter(flow_id=ref, **place).exists():
            raise NotDeployed("This flow is not live there.", hint="Publish it first.")
    elif kind == Pause.Kind.RUN:
        moving = Run.objects.filter(id=ref, **place).exclude(status__in=_FINISHED)
        if not moving.exists():
            raise RunNotFound("There is no such run that moves.", hint="Reload the page.")
    else:
        connectors.get_connection(workspace_id, environment, ref)


_FINISHED = [str(status) for status in FINISHED_RUN]
