"""All runs of a filter cancelled: begun by a person, carried in pieces by a scheduler.

The newest go first: those that wait in line for others are gone before those, so none is let in
only to be cancelled. What comes in later is left alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from django.db.models import QuerySet

from ipaas.core import clock
from ipaas.core.errors import Unprocessable
from ipaas.core.ids import new_id
from runtime import cancelling, deployments, faults, holding
from runtime.live.news import BULK, tell_change
from runtime.models import BulkJob, Deployment, Pause, Run
from runtime.records.runs_meant import BELOW, ROOTS, Meant, RunChoice

CANCEL = "cancel"
PAUSE_FIRST, SWITCH_OFF = "pause", "switch_off"
AT_ONCE = 100  # runs in one commit
CARRIED_S = 3.0  # then others have their turn
LEASE = timedelta(seconds=60)
_RUNNING, _DONE = "running", "done"


class NothingUnderWay(Unprocessable):
    """No run of the filter is under way."""

    code = "bulk.nothing_under_way"


class CannotHold(Unprocessable):
    """What is to be held back beforehand is not one flow or one connection."""

    code = "bulk.cannot_hold"


def begin(
    workspace_id: str, environment: str, choice: RunChoice, *, first: str, by: str, reason: str
) -> BulkJob:
    """A new job over the runs that are under way now; later ones are left alone.

    With ``first`` no new ones come behind them: the chosen flow or connection is paused (``pause``)
    or the flow switched off (``switch_off``), in the same commit.
    """
    with faults.commits("cancelling_many.begin"):
        _hold(workspace_id, environment, choice, first, by, reason)
        meant = Meant(workspace_id, environment, choice)
        if choice.q:  # what a search finds is bounded, and a later run is not meant
            ids = tuple(meant.roots().values_list("id", flat=True))
            choice = replace(choice, q="", ids=ids)
            meant = Meant(workspace_id, environment, choice)
        total = meant.roots().count() + meant.below().count()
        if not total:
            raise NothingUnderWay("No run like this is under way.", hint="Reload the page.")
        now = clock.now()
        row = BulkJob.objects.create(
            id=new_id("bulk"),
            workspace_id=workspace_id,
            environment=environment,
            action=CANCEL,
            rehearsal=False,
            choice=choice.as_json(),
            options={"reason": reason, "first": first},
            status=_RUNNING,
            until_id=max(_newest_id(meant.roots()), _newest_id(meant.below())),
            total=total,
            due_at=now,
            created_by=by[:200],
            created_at=now,
        )
        tell_change(workspace_id, environment, BULK)
    return row


def _newest_id(rows: QuerySet[Run]) -> str:
    return rows.order_by("-id").values_list("id", flat=True).first() or ""


def _hold(
    workspace_id: str, environment: str, choice: RunChoice, first: str, by: str, reason: str
) -> None:
    if not first:
        return
    kind = Pause.Kind.FLOW if choice.flow else Pause.Kind.CONNECTION
    ref = choice.flow or choice.connection
    one = bool(choice.flow) != bool(choice.connection) and not (choice.status or choice.q)
    if not one or choice.ids or (first == SWITCH_OFF and not choice.flow):
        raise CannotHold(
            "Only one flow, or one connection, can be held back beforehand.",
            hint="Choose a flow or a connection without any other filter.",
        )
    place = {"workspace_id": workspace_id, "environment": environment}
    if first == SWITCH_OFF:
        if Deployment.objects.filter(flow_id=ref, **place).exists():
            deployments.set_active(workspace_id, environment, ref, False)
    elif not Pause.objects.filter(kind=kind, ref=ref, **place).exists():
        holding.pause(workspace_id, environment, kind, ref, by=by, reason=reason)


def carry(job: BulkJob) -> None:
    """Cancel the next runs of a job, for a while; nothing if it is somebody else's now."""
    until_s = clock.monotonic_s() + CARRIED_S
    meant = Meant(job.workspace_id, job.environment, RunChoice.of(job.choice))
    while _some(job.id, job.fence, meant) and clock.monotonic_s() < until_s:
        pass
    BulkJob.objects.filter(id=job.id, fence=job.fence, status=_RUNNING).update(
        due_at=clock.now(), owner=""
    )


@faults.repeats("cancelling_many.some")
def _some(job_id: str, fence: int, meant: Meant) -> bool:
    """Cancel some runs and note it, in one commit; whether there may be more."""
    rows = BulkJob.objects.select_for_update()
    job = rows.filter(id=job_id, fence=fence, status=_RUNNING).first()
    if job is None:
        return False
    part = job.options.get("part", ROOTS)
    ids = meant.newest(part, before=job.last_id, until=job.until_id, limit=AT_ONCE)
    became = cancelling.cancel(
        job.workspace_id,
        ids,
        by=job.created_by,
        reason=str(job.options.get("reason") or ""),
        needing=meant.needing,
    )
    job.counts = dict(Counter(job.counts) + Counter(became.values()))
    job.done += len(ids)
    job.due_at = clock.now() + LEASE
    if len(ids) == AT_ONCE:
        job.last_id = ids[-1]
    elif part == ROOTS:
        job.last_id, job.options = "", {**job.options, "part": BELOW}
    else:
        job.status, job.due_at, job.finished_at, job.owner = _DONE, None, clock.now(), ""
        job.total = job.done  # some had ended before it was their turn
    job.save()
    tell_change(job.workspace_id, job.environment, BULK)
    return job.status == _RUNNING
