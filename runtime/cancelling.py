"""Ending runs at a person's wish: one, or many in one commit; what they made ends with them.

A call that has left is not called back. Its answer is noted in the cancelled run when it comes
(``effects.late``). If it never comes, the run is due once more when no call can be on its way, and
a worker finds out what became of it (``engine.late.settle``); nothing is sent again.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from functools import partial

from django.db import transaction
from django.db.models import F

from ipaas.core import clock
from runtime import children, lanes, store
from runtime.effects.programs import PROGRAMS
from runtime.engine import FINISHED_RUN, Moment, RunStatus, resume
from runtime.live.counts import tell_count
from runtime.live.families import tell_families
from runtime.live.news import RUNS, tell_change
from runtime.live.publisher import Unseen, publish_watched, run_group
from runtime.live.turns import change_of
from runtime.live.watchers import watched
from runtime.models import DeadLetter, Run
from runtime.needing import Needing
from runtime.records import aftermath
from runtime.workers.actors import wake

CANCELLED, UNDER_WAY, OVER, NOT_NEEDED = "cancelled", "under_way", "over", "not_needed"
AT_ONCE = 200  # rows in memory
TOLD_ONE_BY_ONE = 20


def cancel(
    workspace_id: str,
    run_ids: Sequence[str],
    *,
    by: str = "",
    reason: str = "",
    needing: Needing | None = None,
    failed_too: bool = False,
) -> dict[str, str]:
    """What became of each run: ``cancelled``; ``under_way`` (cancelled too, but a call of it had
    left); ``over`` (it had ended); ``not_needed`` (it is past its last call by that connection).

    Inside the caller's transaction. Runs below are locked before those above, as workers do.
    """
    lanes.lock_of_run(workspace_id, *run_ids)
    for some in _portions(children.begun_below(run_ids)):
        _lock(some)
    rows = _locked(workspace_id, run_ids)
    found = dict.fromkeys(run_ids, OVER)
    chosen: list[Run] = []
    for row in rows:
        status = RunStatus(row.status)
        if status in FINISHED_RUN and not (failed_too and status is RunStatus.FAILED):
            continue
        if needing is not None and not needing.still(store.snapshot_of(row), row.release_id):
            found[row.id] = NOT_NEEDED
            continue
        found[row.id] = CANCELLED
        chosen.append(row)
    ids = [row.id for row in chosen]
    for some in _portions(children.unfinished(ids)):
        _end(_locked(workspace_id, some), by, reason)
    found |= dict.fromkeys(_end(chosen, by, reason), UNDER_WAY)
    _close_letters(ids, by, reason)
    places = {(row.environment, row.parent_id) for row in chosen}
    for environment in {environment for environment, _ in places}:
        tell_change(workspace_id, environment, RUNS)
    told = {(workspace_id, environment) for environment, _ in places}
    transaction.on_commit(partial(aftermath.tell, told))
    above = {parent for _, parent in places if parent}
    transaction.on_commit(partial(tell_families, above))
    transaction.on_commit(wake)
    return found


def _portions(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _lock(run_ids: Sequence[str]) -> None:
    rows = Run.objects.select_for_update().filter(id__in=run_ids).order_by("id")
    list(rows.values_list("id"))


def _locked(workspace_id: str, run_ids: Sequence[str]) -> list[Run]:
    rows = Run.objects.select_for_update().filter(id__in=run_ids, workspace_id=workspace_id)
    return list(rows.order_by("id"))


def _end(rows: Sequence[Run], by: str, reason: str) -> list[str]:
    """Write the end of these runs; ids of those of which a call had left."""
    if not rows:
        return []
    now = clock.now()
    moment = Moment(now, random.random, _nothing_to_keep)
    programs = PROGRAMS.get(row.release_id for row in rows)
    turns: list[store.Turn] = []
    unseen: list[Unseen] = []
    calling: list[str] = []
    for row in rows:
        before, program = store.snapshot_of(row), programs[row.release_id]
        plan = resume.cancel(program, before, moment, by=by, reason=reason)
        if any(state.under_way for state in before.steps.values()):
            calling.append(row.id)
        turns.append(
            store.Turn(
                row.id,
                row.workspace_id,
                row.environment,
                row.flow_id,
                row.started_at,
                plan,
                before.status,
                place=lanes.Place(row.lane, row.slot, row.waits_in),
            )
        )
        change = partial(change_of, row, program, plan, before.seq, now)
        unseen.append(Unseen(row.workspace_id, row.environment, row.id, change))
    store.save(turns, now)
    Run.objects.filter(id__in=[row.id for row in rows]).update(fence=F("fence") + 1)
    transaction.on_commit(partial(_tell, unseen))
    return calling


def _nothing_to_keep(document: object) -> str:
    raise AssertionError("ending a run makes no document")


def _tell(unseen: Sequence[Unseen]) -> None:
    """A few runs are told one by one; of many, those only that somebody looks at: lists ask."""
    if len(unseen) > TOLD_ONE_BY_ONE:
        seen = watched([run_group(each.run_id) for each in unseen])
        unseen = [each for each in unseen if run_group(each.run_id) in seen]
    publish_watched(unseen)


def _close_letters(run_ids: Sequence[str], by: str, reason: str) -> None:
    """Records of cancelled runs need nobody any more."""
    environments: dict[str, str] = {}
    letters = DeadLetter.objects.select_for_update().filter(run_id__in=run_ids, status="open")
    now = clock.now()
    closed = {"at": now.isoformat(), "by": by, "reason": reason or "Cancelled", "did": "skipped"}
    for letter in letters:
        environments[letter.environment] = letter.workspace_id
        letter.status, letter.closed_at = "skipped", now
        letter.edits = [*letter.edits, closed]
        letter.save(update_fields=["status", "closed_at", "edits"])
    for environment, workspace_id in environments.items():
        transaction.on_commit(partial(tell_count, workspace_id, environment))
