"""Removal of journals, and of whole runs with all that belongs to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from ipaas.core.ids import oldest_id
from runtime import faults, sql
from runtime.engine import FINISHED_RUN
from runtime.models import DeadLetter, Event, JournalBatch, MissedEvent, Run
from runtime.retention.policy import Policy

PAGE = 200  # whole runs, each with all runs below it, looked at together
AT_ONCE = 500  # rows of the table of runs that one transaction removes
_FINISHED = [str(status) for status in FINISHED_RUN]
_BELONGING = ("journalbatch", "attempt", "deadletter", "approval", "parked", "family")
_PARTS = ("journalbatch", "attempt")


def old_runs(
    workspace_id: str, environment: str, policy: Policy, what: str, now: datetime
) -> QuerySet[Run]:
    """Finished whole runs whose ``what`` (payload, journal, run) is no longer kept.

    Those that a person still has to look at are among them.
    """
    ended = Q(pk__in=())
    latest: datetime | None = None
    for status in ("succeeded", "failed"):
        limit = policy.limit(what, status, now)
        if limit is None:
            continue
        statuses = [s for s in _FINISHED if (s == "succeeded") == (status == "succeeded")]
        ended |= Q(status__in=statuses, finished_at__lt=limit)
        latest = limit if latest is None else max(latest, limit)
    rows = Run.objects.filter(
        ended, workspace_id=workspace_id, environment=environment, parent_id=""
    )
    # Who ended before was made before: a short range of the index.
    return rows if latest is None else rows.filter(id__lt=oldest_id("run", latest))


def remove_journals(workspace_id: str, environment: str, policy: Policy, now: datetime) -> int:
    """Remove journals and attempts of old runs; of how many whole runs."""
    rows = old_runs(workspace_id, environment, policy, "journal", now).filter(
        Exists(JournalBatch.objects.filter(run_id=OuterRef("pk")))
    )
    done = 0
    for whole, tree in _trees(rows):
        done += whole
        for ids in _cut(tree):
            _delete(_PARTS, ids, "retention.journals")
    return done


def remove_runs(workspace_id: str, environment: str, policy: Policy, now: datetime) -> int:
    """Remove old runs with all that belongs to them; how many rows, runs below others included.

    What names an effect stays: it keeps a document from being posted twice, however old.
    """
    done = 0
    for _, tree in _trees(old_runs(workspace_id, environment, policy, "run", now)):
        for ids in _cut(tree[::-1]):  # the lowest first: a whole run never lacks its upper part
            events = set(Run.objects.filter(id__in=ids, event__isnull=False).values_list("event"))
            _delete(_BELONGING, ids, "retention.runs", last=True)
            _forget([event for (event,) in events])
        done += len(tree)
    return done


def remove_events(workspace_id: str, environment: str, policy: Policy, now: datetime) -> int:
    """Remove old events that started nothing and that no person has decided about; how many."""
    limits = [policy.limit("run", status, now) for status in ("succeeded", "failed")]
    if None in limits:
        return 0
    before = min(limit for limit in limits if limit is not None)
    decided = MissedEvent.objects.exclude(reason=MissedEvent.Reason.HISTORY)
    rows = (
        Event.objects.filter(workspace_id=workspace_id, environment=environment)
        .filter(id__lt=oldest_id("ev", before), received_at__lt=before)
        .filter(~Exists(Run.objects.filter(event_id=OuterRef("pk"))))
        .filter(~Exists(decided.filter(event_id=OuterRef("pk"))))
    )
    done, after = 0, ""
    while ids := list(rows.filter(id__gt=after).order_by("id").values_list("id", flat=True)[:PAGE]):
        after = ids[-1]
        with faults.commits("retention.idle_events"):
            notes = MissedEvent.objects.filter(event_id__in=ids)
            notes.filter(reason=MissedEvent.Reason.HISTORY).delete()
            _, counts = rows.filter(id__in=ids).delete()
        done += counts.get("runtime.Event", 0)
    return done


def _trees(rows: QuerySet[Run]) -> Iterator[tuple[int, list[str]]]:
    """Of old runs of which all have ended and none needs a person: how many, and the ids of them
    and of all below them. Those with nothing below, which are most, come many at once.
    """
    after = ""
    while True:
        roots = list(rows.filter(id__gt=after).order_by("id").values_list("id", flat=True)[:PAGE])
        if not roots:
            return
        after = roots[-1]
        above = set(Run.objects.filter(parent_id__in=roots).values_list("parent_id", flat=True))
        open_letters = DeadLetter.objects.filter(run_id__in=roots, status="open")
        needed = set(open_letters.values_list("run_id", flat=True))
        alone = [root for root in roots if root not in above and root not in needed]
        if alone:
            yield len(alone), alone
        for root in sorted(above):
            tree = _tree(root)
            if tree:
                yield 1, tree


def _tree(root: str) -> list[str]:
    """The run and those below it, or nothing if one of them is still needed."""
    found, level = [root], [root]
    while level:
        below = list(Run.objects.filter(parent_id__in=level).values_list("id", "status"))
        if any(status not in _FINISHED for _, status in below):
            return []
        level = [run_id for run_id, _ in below]
        found += level
    for ids in _cut(found):
        if DeadLetter.objects.filter(run_id__in=ids, status="open").exists():
            return []
        if Run.objects.filter(id__in=ids).exclude(status__in=_FINISHED).exists():
            return []
    return found


def _cut(ids: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(ids), AT_ONCE):
        yield ids[first : first + AT_ONCE]


def _delete(tables: tuple[str, ...], ids: list[str], name: str, *, last: bool = False) -> None:
    """Remove rows of runs that are still at rest; a person may have retried one just now."""
    with faults.commits(name):
        locked = sql.fetch(
            "SELECT id FROM runtime_run WHERE id = ANY(%s) AND status = ANY(%s)"
            " AND due_at IS NULL AND NOT EXISTS (SELECT 1 FROM runtime_deadletter d"
            " WHERE d.run_id = runtime_run.id AND d.status = 'open') ORDER BY id FOR UPDATE",
            ids,
            _FINISHED,
        )
        free = [run_id for (run_id,) in locked]
        for table in tables:
            sql.change(f"DELETE FROM runtime_{table} WHERE run_id = ANY(%s)", free)
        if last:
            sql.change("DELETE FROM runtime_run WHERE id = ANY(%s)", free)


def _forget(event_ids: list[str]) -> None:
    """Remove events that no run and no decision of a person refers to any more."""
    with faults.commits("retention.events"):
        rows = Event.objects.filter(id__in=event_ids)
        rows = rows.filter(~Exists(Run.objects.filter(event_id=OuterRef("pk"))))
        rows = rows.filter(~Exists(MissedEvent.objects.filter(event_id=OuterRef("pk"))))
        rows.delete()
