"""The same thing done to many records or runs, in the background, or only worked out in advance.

A scheduler carries a job in pieces. Each record (of runs that are cancelled: some hundred) and the
job's progress are one commit, so a piece that dies is gone on with where it stopped and nothing is
dealt with twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import F

from ipaas.core import clock
from ipaas.core.errors import Conflict, IpaasError, NotFound, Unprocessable
from ipaas.core.ids import new_id
from ipaas.tenancy import paging
from runtime import control, faults
from runtime.live.news import BULK, tell_change
from runtime.models import BulkJob, DeadLetter
from runtime.records import acting, aftermath, cancelling_many
from runtime.records.cancelling_many import CANCEL
from runtime.records.choosing import Choice
from runtime.records.forecast import Wish, forecasts

log = logging.getLogger(__name__)
PIECE = 50
LEASE = timedelta(seconds=60)
MOST_PROBLEMS = 20
ACTIONS = ("retry", "skip", "assign")
RUNNING, PAUSED, DONE, CANCELLED = "running", "paused", "done", "cancelled"
_MOVES = {
    "pause": ((RUNNING,), PAUSED),
    "resume": ((PAUSED,), RUNNING),
    "cancel": ((RUNNING, PAUSED), CANCELLED),
}


class BulkNotFound(NotFound):
    """No bulk job by that id in this workspace."""

    code = "bulk.not_found"


class BulkOver(Conflict):
    """The job has ended already, or is not in the state that the change begins from."""

    code = "bulk.over"


class NothingChosen(Unprocessable):
    """The filter means no record."""

    code = "bulk.nothing_chosen"


def begin(
    workspace_id: str,
    environment: str,
    action: str,
    *,
    choice: Choice,
    options: Mapping[str, Any],
    rehearsal: bool,
    by: str,
) -> dict[str, Any]:
    """A new job over the open records that ``choice`` means now; later ones are left alone."""
    wanted = Choice.of({**choice.as_json(), "status": "open"})
    rows = wanted.rows(workspace_id, environment)
    total = rows.count()
    if not total:
        raise NothingChosen("No open record is like this.", hint="Change the filter.")
    if action == "assign" and options.get("member_id"):
        acting.member_name(workspace_id, str(options["member_id"]))
    now = clock.now()
    row = BulkJob.objects.create(
        id=new_id("bulk"),
        workspace_id=workspace_id,
        environment=environment,
        action=action,
        rehearsal=rehearsal,
        choice=wanted.as_json(),
        options=dict(options),
        status=RUNNING,
        until_id=rows.order_by("-id").values_list("id", flat=True)[0],
        total=total,
        due_at=now,
        created_by=by[:200],
        created_at=now,
        followed=action == "retry" and not rehearsal,
    )
    tell_change(workspace_id, environment, BULK)
    return shown(row)


def find(workspace_id: str, bulk_id: str) -> dict[str, Any]:
    """A job with its progress; raises BulkNotFound."""
    row = BulkJob.objects.filter(id=bulk_id, workspace_id=workspace_id).first()
    if row is None:
        raise BulkNotFound("There is no such job in this workspace.", hint="Reload the list.")
    return shown(row)


def page(
    workspace_id: str, environment: str, cursor: str | None, limit: int, *, of_runs: bool = False
) -> paging.Page[dict[str, Any]]:
    """Jobs that change something, newest first: those over records, or those over runs."""
    rows = BulkJob.objects.filter(
        workspace_id=workspace_id, environment=environment, rehearsal=False
    )
    rows = rows.filter(action=CANCEL) if of_runs else rows.exclude(action=CANCEL)
    found = paging.cut(rows, "-id", cursor=cursor, limit=limit)
    results = aftermath.results(row.id for row in found.items if row.action == "retry")
    return found.map(lambda row: _shown(row, results.get(row.id)))


def change(workspace_id: str, bulk_id: str, action: str) -> dict[str, Any]:
    """Pause, resume or cancel; what was done stays done."""
    begins, ends = _MOVES[action]
    with faults.commits("bulk.change"):
        rows = BulkJob.objects.select_for_update().filter(id=bulk_id, workspace_id=workspace_id)
        row = rows.first()
        if row is None:
            raise BulkNotFound("There is no such job in this workspace.", hint="Reload the list.")
        if row.status not in begins:
            raise BulkOver(f"This job is {row.status}.", hint="Reload the page.")
        now = clock.now()
        row.status, row.owner = ends, ""
        row.fence += 1  # a piece that is under way does nothing more
        row.due_at = now if ends == RUNNING else None
        row.finished_at = now if ends == CANCELLED else None
        row.save()
        tell_change(workspace_id, row.environment, BULK)
    return shown(row)


def shown(row: BulkJob) -> dict[str, Any]:
    """A job as people see it."""
    retries = row.action == "retry" and not row.rehearsal
    return _shown(row, aftermath.results([row.id])[row.id] if retries else None)


def _shown(row: BulkJob, results: dict[str, int] | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "environment": row.environment,
        "action": row.action,
        "rehearsal": row.rehearsal,
        "choice": row.choice,
        "options": {k: v for k, v in row.options.items() if k not in ("output", "part")},
        "status": row.status,
        "total": row.total,
        "done": row.done,
        "counts": row.counts,
        "results": results,  # of a retry: what became of its records by now
        "problems": row.problems,
        "created_by": row.created_by,
        "created_at": row.created_at.isoformat(),
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
    }


def claim(owner: str) -> Callable[[], list[str]] | None:
    """The next piece of the job that has been due for longest, for one lease."""
    now = clock.now()
    due = BulkJob.objects.filter(due_at__lte=now)
    if not due.exists():
        return None
    with faults.commits("bulk.claim"):
        row = due.select_for_update(skip_locked=True).order_by("due_at").first()
        if row is None:
            return None
        BulkJob.objects.filter(pk=row.pk).update(
            due_at=now + LEASE, owner=owner[:120], fence=F("fence") + 1
        )
    return partial(carry, row.id, row.fence + 1)


def carry(bulk_id: str, fence: int) -> list[str]:
    """Deal with the next records of a job; ids of the runs that go on."""
    job = BulkJob.objects.filter(id=bulk_id, fence=fence, status=RUNNING).first()
    if job is None:
        return []
    if job.action == CANCEL:
        cancelling_many.carry(job)
        return []
    rows = Choice.of(job.choice).rows(job.workspace_id, job.environment)
    rows = rows.filter(id__gt=job.last_id, id__lte=job.until_id).select_related("run")
    letters = list(rows.order_by("id")[:PIECE])
    if job.rehearsal and job.action == "retry":
        found = forecasts(letters, Wish.of(job.options))
        outcomes = [(each, found[each.id].outcome, found[each.id].why) for each in letters]
        _note(job, outcomes)
    elif job.rehearsal:
        _note(job, [(each, job.action, "") for each in letters])
    moved = [] if job.rehearsal else _act(job, letters)
    over = len(letters) < PIECE
    BulkJob.objects.filter(id=bulk_id, fence=fence, status=RUNNING).update(
        status=DONE if over else RUNNING,
        due_at=None if over else clock.now(),
        finished_at=clock.now() if over else None,
        owner="",
    )
    tell_change(job.workspace_id, job.environment, BULK)
    return moved


def _act(job: BulkJob, letters: list[DeadLetter]) -> list[str]:
    """Deal with each record in a commit of its own, until somebody else changes the job."""
    wish = Wish.of(job.options)
    expected = forecasts(letters, wish) if job.action == "retry" else {}
    moved: list[str] = []
    for letter in letters:
        outcome, why = expected[letter.id].outcome if letter.id in expected else job.action, ""
        with faults.commits("bulk.record"):
            held = BulkJob.objects.select_for_update().filter(
                id=job.id, fence=job.fence, status=RUNNING
            )
            if not held.exists():
                break
            try:
                with faults.commits("bulk.act"):
                    _deal_with(job, letter, wish)
            except IpaasError as error:
                outcome, why = "refused", error.message
            else:
                moved.append(letter.run_id)
            _note(job, [(letter, outcome, why)])
    return moved


def _deal_with(job: BulkJob, letter: DeadLetter, wish: Wish) -> None:
    place = (job.workspace_id, letter.id)
    reason = str(job.options.get("reason") or "")
    if job.action == "skip":
        control.skip_dead_letter(*place, by=job.created_by, reason=reason)
    elif job.action == "assign":
        member_id = str(job.options.get("member_id") or "")
        acting.assign(*place, member_id=member_id, by=job.created_by)
    else:
        control.retry_dead_letter(
            *place,
            from_start=wish.from_start,
            from_node=wish.from_node,
            newest=wish.newest,
            release_id=wish.release_id,
            document=None,
            edited=False,
            by=job.created_by,
            reason=reason,
            job=job.id,
        )


def _note(job: BulkJob, outcomes: list[tuple[DeadLetter, str, str]]) -> None:
    """Write down how far the job has come; nothing if it is no longer this worker's."""
    if not outcomes:
        return
    for letter, outcome, why in outcomes:
        job.counts[outcome] = job.counts.get(outcome, 0) + 1
        if why and len(job.problems) < MOST_PROBLEMS:
            key = letter.run.business_key
            problem = {"dead_letter_id": letter.id, "business_key": key, "why": why}
            job.problems = [*job.problems, problem]
    job.done += len(outcomes)
    job.last_id = outcomes[-1][0].id
    BulkJob.objects.filter(id=job.id, fence=job.fence).update(
        counts=job.counts,
        problems=job.problems,
        done=job.done,
        last_id=job.last_id,
        due_at=clock.now() + LEASE,
    )
    tell_change(job.workspace_id, job.environment, BULK)
