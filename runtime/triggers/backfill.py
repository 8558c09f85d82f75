"""A trigger's past: read in pieces behind live work, with progress, pause and cancel."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.db.models import Count, F

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.errors import Conflict, IpaasError, NotFound, Unprocessable
from ipaas.core.ids import new_id
from ipaas.tenancy import paging
from runtime import control, faults
from runtime.engine import FINISHED_RUN, RunStatus
from runtime.limits import looks
from runtime.limits.keeper import Want
from runtime.live.news import tell_change, trigger_of
from runtime.models import Backfill, Deployment, Run
from runtime.triggers import arming, arrivals, polling
from runtime.triggers.arrivals import BACKFILL, Arrival, Start
from runtime.values import NotDeployed

log = logging.getLogger(__name__)
PIECE = 200  # events read and committed at a time
MOST_WAITING = 1_000  # unfinished runs of one backfill; it reads on when there are fewer
RUNNING, PAUSED, DONE, CANCELLED = "running", "paused", "done", "cancelled"
_BUSY = timedelta(seconds=1)


class BackfillNotFound(NotFound):
    """No backfill by that id in this workspace."""

    code = "backfill.not_found"


class BackfillOver(Conflict):
    """The backfill has ended already, or is not in the state that the change begins from."""

    code = "backfill.over"


class CannotBackfill(Unprocessable):
    """The flow's trigger has no past that could be read."""

    code = "backfill.impossible"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a backfill that this scheduler carries until its lease ends."""

    backfill_id: str
    fence: int
    ref: connectors.ConnectionRef
    operation: str
    inputs: dict[str, Any]
    cursor: dict[str, Any] | None
    since: datetime
    until: datetime


def begin(
    workspace_id: str,
    environment: str,
    flow_id: str,
    *,
    since: datetime,
    until: datetime | None,
    by: str,
) -> dict[str, Any]:
    """A new backfill of a live flow's trigger from ``since`` to ``until`` (now if left out)."""
    now = clock.now()
    ends = min(until or now, now)
    if since >= ends:
        raise CannotBackfill(
            "The time to read ends before it begins.", hint="Choose an earlier beginning."
        )
    with faults.commits("backfill.begin"):
        deployment = _deployment(workspace_id, environment, flow_id, lock=True)
        _require_on(deployment)
        _require_past(deployment)
        open_ones = Backfill.objects.filter(
            workspace_id=workspace_id,
            environment=environment,
            flow_id=flow_id,
            status__in=(RUNNING, PAUSED),
        )
        if open_ones.exists():
            raise BackfillOver(
                "A backfill of this flow is under way.", hint="Let it end, or cancel it first."
            )
        timer = getattr(deployment, "timer", None)
        row = Backfill.objects.create(
            id=new_id("bf"),
            workspace_id=workspace_id,
            environment=environment,
            flow_id=flow_id,
            connection=deployment.connection,
            operation=deployment.operation,
            inputs=(timer.settings.get("inputs") or {}) if timer else {},
            since=since,
            until=ends,
            status=RUNNING,
            due_at=now,
            created_by=by[:200],
            created_at=now,
        )
        _tell(row)
    return shown(row)


def change(workspace_id: str, backfill_id: str, action: str) -> dict[str, Any]:
    """Pause, resume or cancel; what was started goes on, what waits is cancelled with it."""
    now = clock.now()
    with faults.commits("backfill.change"):
        if action == "resume":
            known = _row(workspace_id, backfill_id)
            _require_on(_deployment(workspace_id, known.environment, known.flow_id, lock=True))
        row = _locked(workspace_id, backfill_id)
        begins, ends = {
            "pause": ((RUNNING,), PAUSED),
            "resume": ((PAUSED,), RUNNING),
            "cancel": ((RUNNING, PAUSED), CANCELLED),
        }[action]
        if row.status not in begins:
            raise BackfillOver(
                f"This backfill is {row.status}; it cannot be changed so.", hint="Reload the page."
            )
        row.status = ends
        row.fence += 1  # a piece that is under way commits nothing
        row.owner, row.failures, row.error = "", 0, None
        row.due_at = now if ends == RUNNING else None
        row.finished_at = now if ends == CANCELLED else None
        row.save()
        _tell(row)
    if ends == CANCELLED:
        _cancel_waiting(workspace_id, backfill_id)
    return shown(row)


def _cancel_waiting(workspace_id: str, backfill_id: str) -> None:
    """Cancel the runs that no worker has begun yet; one that begins just now goes on."""
    rows = Run.objects.filter(
        workspace_id=workspace_id, backfill_id=backfill_id, status=RunStatus.QUEUED
    )
    for run_id in list(rows.order_by("id").values_list("id", flat=True)):
        try:
            control.cancel(workspace_id, run_id)
        except IpaasError:
            continue


def find(workspace_id: str, backfill_id: str) -> dict[str, Any]:
    """One backfill with its progress; raises BackfillNotFound."""
    return shown(_row(workspace_id, backfill_id))


def page(
    workspace_id: str, environment: str, flow_id: str, cursor: str | None, limit: int
) -> paging.Page[dict[str, Any]]:
    """Backfills of an environment, newest first."""
    rows = Backfill.objects.filter(workspace_id=workspace_id, environment=environment)
    if flow_id:
        rows = rows.filter(flow_id=flow_id)
    if cursor:
        rows = rows.filter(id__lt=paging.decode(cursor, 1)[0])
    found = list(rows.order_by("-id")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return paging.Page([shown(row) for row in found], paging.encode(found[-1].id) if more else None)


def claim(worker: str) -> Piece | None:
    """The piece that has been due for longest, now this worker's for one lease."""
    now = clock.now()
    due = Backfill.objects.filter(due_at__lte=now)
    if not due.exists():
        return None
    with faults.commits("backfill.claim"):
        row = due.select_for_update(skip_locked=True).order_by("due_at").first()
        if row is None:
            return None
        Backfill.objects.filter(pk=row.pk).update(
            due_at=now + polling.LEASE, owner=worker, fence=F("fence") + 1
        )
    return Piece(
        row.id,
        row.fence + 1,
        connectors.ConnectionRef(row.workspace_id, row.environment, row.connection),
        row.operation,
        row.inputs,
        row.cursor,
        row.since,
        row.until,
    )


def renew(piece: Piece) -> None:
    """Keep the claim of a piece that is under way."""
    held = Backfill.objects.filter(pk=piece.backfill_id, fence=piece.fence).exclude(owner="")
    held.update(due_at=clock.now() + polling.LEASE)


def connection_ready(workspace_id: str, environment: str, slug: str) -> int:
    """Read on at once what a connection held up that works again; how many backfills."""
    now = clock.now()
    failing = Backfill.objects.filter(
        workspace_id=workspace_id,
        environment=environment,
        connection=slug,
        status=RUNNING,
        failures__gt=0,
        due_at__gt=now,
        owner="",
    )
    return failing.update(due_at=now)


def put_off() -> list[tuple[str, str, str]]:
    """Connections (workspace, environment, slug) that are read later because a piece failed."""
    late = Backfill.objects.filter(status=RUNNING, failures__gt=0, due_at__gt=clock.now(), owner="")
    return list(late.values_list("workspace_id", "environment", "connection").distinct())


def release_claims() -> int:
    """Make all claimed pieces due at once; only for a process that knows it is the only one."""
    held = Backfill.objects.filter(due_at__isnull=False).exclude(owner="")
    return held.update(due_at=clock.now(), owner="", fence=F("fence") + 1)


def carry(piece: Piece) -> list[str]:
    """Read one piece and commit it with the cursor; ids of the runs that started.

    While many runs of the backfill still wait, or the vendor's limits leave no room behind live
    work, it reads nothing more.
    """
    waiting = Run.objects.filter(backfill_id=piece.backfill_id).exclude(status__in=FINISHED_RUN)
    if waiting.count() >= MOST_WAITING:
        _put_off(piece, clock.now() + _BUSY)
        return []
    want = Want(f"backfill:{piece.backfill_id}", piece.ref, piece.operation, BACKFILL)
    if until := looks.held_until(want):
        _put_off(piece, until)
        return []
    faults.point("backfill.before_send")
    try:
        with looks.told(want):
            polled = connectors.poll(
                piece.ref,
                piece.operation,
                piece.cursor,
                inputs=piece.inputs,
                since=piece.since,
                until=piece.until,
                limit=PIECE,
            )
    except Exception as error:  # whatever it was: it is shown, and tried again
        _fail(piece, error)
        return []
    faults.point("backfill.after_reply")
    try:
        with faults.commits("backfill.carry"):
            row = _held(piece)
            if row is None:
                return []
            runs = _take(row, polled)
            _tell(row)
    except DatabaseError:
        raise  # the piece is repeated when its claim ends
    except Exception as error:
        _fail(piece, error)
        return []
    return runs


def _put_off(piece: Piece, until: datetime) -> None:
    held = Backfill.objects.filter(id=piece.backfill_id, fence=piece.fence, status=RUNNING)
    held.update(due_at=until, owner="")


def _take(row: Backfill, polled: connectors.Polled) -> list[str]:
    now = clock.now()
    deployment = _deployment(row.workspace_id, row.environment, row.flow_id)
    start = Start(deployment, kind="backfill", priority=BACKFILL, backfill_id=row.id)
    found = [
        Arrival(row.workspace_id, row.environment, row.connection, event, flow_id=None)
        for event in polled.events
        if row.operation in event.triggers
    ]
    stored = arrivals.store(found, only=start)
    known = [arrival for arrival in found if arrival.place not in stored.new]
    runs = [run for ids in stored.new.values() for run in ids]
    runs += arrivals.start_known(start, known, dismissed=True)
    places = {arrival.place for arrival in found}
    row.read += len(places)
    row.started += len(runs)
    row.known += len(places) - len(runs)
    row.cursor, row.owner, row.failures, row.error = polled.cursor, "", 0, None
    if polled.more:
        row.due_at = now
    else:
        row.status, row.due_at, row.finished_at = DONE, None, now
    row.save()
    return runs


def _fail(piece: Piece, error: Exception) -> None:
    if not isinstance(error, IpaasError):
        log.error("a backfill of %s failed", piece.operation, exc_info=error)
    now = clock.now()
    with faults.commits("backfill.fail"):
        row = _held(piece)
        if row is None:
            return
        row.failures += 1
        row.error = polling.problem_of(error, now)
        row.due_at = now + polling.pause_after(error, row.failures, 0)
        row.owner = ""
        row.save()
        _tell(row)


def _tell(row: Backfill) -> None:
    tell_change(row.workspace_id, row.environment, trigger_of(row.flow_id))


def _held(piece: Piece) -> Backfill | None:
    return (
        Backfill.objects.select_for_update()
        .filter(id=piece.backfill_id, fence=piece.fence, status=RUNNING)
        .first()
    )


def _row(workspace_id: str, backfill_id: str) -> Backfill:
    row = Backfill.objects.filter(workspace_id=workspace_id, id=backfill_id).first()
    if row is None:
        raise BackfillNotFound("There is no such backfill.", hint="Open it from the list.")
    return row


def _locked(workspace_id: str, backfill_id: str) -> Backfill:
    row = (
        Backfill.objects.select_for_update()
        .filter(workspace_id=workspace_id, id=backfill_id)
        .first()
    )
    if row is None:
        raise BackfillNotFound("There is no such backfill.", hint="Open it from the list.")
    return row


def _deployment(
    workspace_id: str, environment: str, flow_id: str, *, lock: bool = False
) -> Deployment:
    """Where the flow is live; with ``lock`` nobody publishes or switches it meanwhile."""
    rows = Deployment.objects.select_for_update() if lock else Deployment.objects
    row = rows.filter(workspace_id=workspace_id, environment=environment, flow_id=flow_id).first()
    if row is None:
        raise NotDeployed("This flow is not published there.", hint="Publish it first.")
    return row


def _require_on(deployment: Deployment) -> None:
    if not deployment.active:
        raise CannotBackfill("This flow is switched off.", hint="Switch it on first.")


def _require_past(deployment: Deployment) -> None:
    if not can_backfill(deployment):
        raise CannotBackfill(
            "What starts this flow has no past that could be read.",
            hint="Only changes of a connected system that can be asked for can be read again.",
        )


def can_backfill(deployment: Deployment) -> bool:
    """Whether the trigger's operation can be asked for what happened between two times."""
    if deployment.trigger_type not in arming.VENDOR:
        return False
    spec = arming.operation_of(deployment)
    return spec is not None and "poll" in spec.delivery


def shown(row: Backfill) -> dict[str, Any]:
    """Shape of the API: state, what was read, and where its runs stand."""
    counts = {
        each["status"]: each["n"]
        for each in Run.objects.filter(backfill_id=row.id)
        .values("status")
        .annotate(n=Count("id"))
        .order_by()
    }
    finished = sum(n for status, n in counts.items() if status in FINISHED_RUN)
    return {
        "id": row.id,
        "flow_id": row.flow_id,
        "environment": row.environment,
        "connection": row.connection,
        "operation": row.operation,
        "since": row.since.isoformat(),
        "until": row.until.isoformat(),
        "status": row.status,
        "read": row.read,
        "started": row.started,
        "known": row.known,
        "finished": finished,
        "runs": counts,
        "error": row.error,
        "created_by": row.created_by,
        "created_at": row.created_at.isoformat(),
        "finished_at": row.finished_at and row.finished_at.isoformat(),
    }
