"""Runs that wait until an impossibly late time, because a clock ran ahead when that was set."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from ipaas.core.errors import IpaasError
from runtime import control, store
from runtime.effects.programs import PROGRAMS
from runtime.engine import Program, RunStatus, Snapshot, timers
from runtime.models import Approval, JournalBatch, Run

log = logging.getLogger(__name__)
_SOME = 200
Waits = dict[str, float]  # by step, how many seconds its last wait was to last


def set_right(now: datetime) -> int:
    """Bring forward what rings later than it can; how many runs there were."""
    return sum(_set_right(run, program, lasts_s, now) for run, program, lasts_s in _late(now))


def _late(now: datetime) -> Iterator[tuple[Run, Program, Waits]]:
    rows = Run.objects.filter(owner="", due_at__gt=now + timers.MARGIN)
    ids = list(rows.order_by("id").values_list("id", flat=True))
    for first in range(0, len(ids), _SOME):
        some = ids[first : first + _SOME]
        runs = list(rows.filter(id__in=some).order_by("id"))
        programs = PROGRAMS.get(run.release_id for run in runs)
        lasts_s = _waits(some)
        for run in runs:
            yield run, programs[run.release_id], lasts_s.get(run.id, {})


def _waits(run_ids: Sequence[str]) -> dict[str, Waits]:
    found: dict[str, Waits] = {}
    batches = JournalBatch.objects.filter(run_id__in=run_ids).order_by("run_id", "from_seq")
    for batch in batches.iterator(chunk_size=_SOME):
        for entry in batch.entries:
            if entry["kind"] == "step.waits" and "delay_s" in entry["data"]:
                waits = found.setdefault(batch.run_id, {})
                waits[entry["node_id"]] = float(entry["data"]["delay_s"])
    return found


def _set_right(run: Run, program: Program, lasts_s: Waits, now: datetime) -> bool:
    snapshot = store.snapshot_of(run)
    try:
        late = timers.too_late(program, snapshot, now, lasts_s)
        if late:
            change = partial(timers.bring_forward, lasts_s=lasts_s)
            control.apply(run.workspace_id, run.id, change, intent=False)
            _tell_questions(run.id, late)
    except IpaasError as error:  # a worker has just taken it, or a person has changed it
        log.info("run %s keeps its timers: %s", run.id, error.message)
        return False
    due_at = _should_be_due(run, snapshot, now)
    if due_at is not None and due_at < run.due_at:
        Run.objects.filter(id=run.id, owner="", due_at__gt=due_at).update(due_at=due_at)
        return True
    return bool(late)


def _tell_questions(run_id: str, node_ids: Iterable[str]) -> None:
    """Questions show when they expire."""
    snapshot = store.snapshot_of(Run.objects.get(id=run_id))
    for node_id in node_ids:
        asked = Approval.objects.filter(run_id=run_id, node_id=node_id, status="open")
        asked.exclude(expires_at=None).update(expires_at=snapshot.step(node_id).next_at)


def _should_be_due(run: Run, snapshot: Snapshot, now: datetime) -> datetime | None:
    """The latest time for a run that no timer of its own makes due; else None."""
    if snapshot.status is RunStatus.QUEUED and not snapshot.seq:
        if run.family_id or run.lane or run.slot:
            return now  # it was let in when there was room
        # Its event may have to settle first.
        return now + max(timedelta(0), run.due_at - run.created_at)
    rings = [state.next_at for state in snapshot.steps.values() if state.next_at is not None]
    return None if run.due_at in rings else now  # somebody woke it
