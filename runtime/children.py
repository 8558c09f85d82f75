"""Runs that a step of another run made: its items, and the flows it calls.

They are claimed like all runs. What is counted of them changes in the transaction that changes
them, and so does the wake-up of the run above: it can get lost with neither. Locks are taken in one
order: runs, then their family, then the run above.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import InterfaceError, OperationalError
from django.db.models import F

from ipaas.core import clock
from ipaas.core.errors import Unprocessable
from runtime import faults, sql
from runtime.effects import payloads
from runtime.effects.programs import PROGRAMS
from runtime.engine import FINISHED_RUN, NotNow, RunStatus, Snapshot, Spawn, StepStatus, result_of
from runtime.engine import Family as FamilyView
from runtime.models import Family, Payload, Run

if TYPE_CHECKING:
    from runtime.store import Claim, Turn

log = logging.getLogger(__name__)

PAGE = 500
MAX_RESULTS_BYTES = 4 * 1024 * 1024
MAX_FAILURES = 1_000
MAX_FAILED_ITEMS_BYTES = 1024 * 1024
_WOKEN = ["waiting", "failed", "in_doubt"]


class ResultsTooLarge(Unprocessable):
    """The results of all items do not fit into one document."""

    code = "for_each.results_too_large"


def save(turns: Sequence[Turn], now: datetime) -> None:
    """Make the runs that plans ask for, count those that ended, wake the runs above.

    Inside the transaction that writes the turns.
    """
    for turn in turns:
        for spawn in turn.plan.spawns:
            _make(turn, spawn, now)
        if turn.plan.ended_families:
            Family.objects.filter(id__in=turn.plan.ended_families).update(closed=True)
            _cancel_held(turn.plan.ended_families, now)
    _count(_changes(turns), now)
    _look_again(turns, now)


def _make(turn: Turn, spawn: Spawn, now: datetime) -> None:
    above = Run.objects.filter(id=turn.run_id).values(
        "release_id", "flow_id", "kind", "priority", "business_key", "revision", "event_id"
    )[0]
    if spawn.first:
        Family.objects.create(
            id=spawn.family,
            workspace_id=turn.workspace_id,
            run_id=turn.run_id,
            node_id=spawn.node_id,
            kind=spawn.kind,
            total=spawn.total,
            made=0,
            parallel=spawn.parallel,
            stops=spawn.stops,
            waits=spawn.waits,
            created_at=now,
        )
    flows = _flows({child.release_id for child in spawn.children if child.release_id})
    Run.objects.bulk_create(
        Run(
            id=child.run_id,
            workspace_id=turn.workspace_id,
            environment=turn.environment,
            flow_id=flows.get(child.release_id, above["flow_id"]),
            release_id=child.release_id or above["release_id"],
            kind=above["kind"],
            priority=above["priority"],
            status=RunStatus.QUEUED,
            trigger_node=child.trigger_node,
            trigger=child.trigger,
            source_key=child.source_key,
            business_key=_labelled(above["business_key"], child.label),
            revision=above["revision"],
            event_id=above["event_id"] if spawn.kind == "flow" else None,
            parent_id=turn.run_id,
            family_id=spawn.family,
            item_index=child.index,
            scope=child.scope.as_json(),
            due_at=None,
            created_at=now,
        )
        for child in spawn.children
    )
    Family.objects.filter(id=spawn.family).update(made=F("made") + len(spawn.children))
    family = Family.objects.select_for_update().get(id=spawn.family)
    _release(family, now)
    family.save(update_fields=["released"])


def _flows(release_ids: set[str]) -> dict[str, str]:
    return {
        release_id: program.flow_id
        for release_id, program in (PROGRAMS.get(release_ids) if release_ids else {}).items()
    }


def _labelled(business_key: str, label: str) -> str:
    label = label.replace("\0", "")
    return f"{business_key[: 117 - len(label)]} #{label}".strip() if label else business_key


_BUCKETS = {
    RunStatus.SUCCEEDED: "succeeded",
    RunStatus.FAILED: "failed",
    RunStatus.CANCELLED: "cancelled",
}


def _changes(turns: Iterable[Turn]) -> dict[str, Counter[str]]:
    """By family, how many of its runs have ended more (or fewer) in each way."""
    found: dict[str, Counter[str]] = {}
    for turn in turns:
        scope = turn.plan.snapshot.scope
        before, after = _BUCKETS.get(turn.before), _BUCKETS.get(turn.plan.snapshot.status)
        if scope is not None and before != after:
            counter = found.setdefault(scope.family, Counter())
            if before is not None:
                counter[before] -= 1
            if after is not None:
                counter[after] += 1
    return found


def _count(changes: dict[str, Counter[str]], now: datetime) -> None:
    """Count, let the next ones move, and wake the runs above where there is news."""
    if not changes:
        return
    woken: set[str] = set()
    for family in Family.objects.select_for_update().filter(id__in=changes).order_by("id"):
        change = changes[family.id]
        for name, difference in change.items():
            setattr(family, name, getattr(family, name) + difference)
        _release(family, now)
        reopened = any(difference < 0 for difference in change.values())
        if family.waits and (reopened or _at_rest(family)):
            family.version += 1
            woken.add(family.run_id)
        family.save(
            update_fields=["succeeded", "failed", "cancelled", "released", "closed", "version"]
        )
    wake_runs(woken, now)


def _ended(family: Family) -> int:
    return family.succeeded + family.failed + family.cancelled


def _at_rest(family: Family) -> bool:
    """Whether all runs exist and none of them moves."""
    return family.made == family.total and _ended(family) >= family.released


def _release(family: Family, now: datetime) -> None:
    """Let as many runs move as may at once; the family's row is locked by the caller."""
    if family.closed or (family.stops and family.failed):
        return
    room = family.parallel - (family.released - _ended(family))
    last = min(family.made, family.released + room)
    if last <= family.released:
        return
    Run.objects.filter(
        family_id=family.id,
        item_index__gte=family.released,
        item_index__lt=last,
        status=RunStatus.QUEUED,
    ).update(due_at=now)
    family.released = last


def wake_runs(run_ids: Iterable[str], now: datetime) -> None:
    """Make runs that stand still due. Each row is written whoever holds it, and so locked: a worker
    that has the run commits before or after, and looks for news in that commit."""
    for run_id in sorted(run_ids):
        sql.change(
            "UPDATE runtime_run SET due_at = CASE WHEN owner = '' AND status = ANY(%s)"
            " THEN %s ELSE due_at END WHERE id = %s",
            _WOKEN,
            now,
            run_id,
        )


def _look_again(turns: Iterable[Turn], now: datetime) -> None:
    """Runs whose families have changed since they were looked at are due at once."""
    watched = {family: (t, seen) for t in turns for family, seen in t.plan.watched.items()}
    if not watched:
        return
    versions = Family.objects.filter(id__in=watched).values_list("id", "version")
    wake_runs({watched[i][0].run_id for i, version in versions if version > watched[i][1]}, now)


# What the engine is told


def views(claims: Iterable[Claim]) -> dict[str, dict[str, FamilyView]]:
    """By run and node, how far the runs of waiting steps have come."""
    wanted = {
        f"{claim.run_id}/{node_id}/{state.generation}": (claim.run_id, node_id)
        for claim in claims
        for node_id, state in claim.snapshot.steps.items()
        if state.status is StepStatus.WAITING and state.total
    }
    found: dict[str, dict[str, FamilyView]] = {}
    for family in Family.objects.filter(id__in=wanted) if wanted else ():
        run_id, node_id = wanted[family.id]
        found.setdefault(run_id, {})[node_id] = FamilyView(
            family.version,
            family.total,
            family.made,
            family.released,
            family.succeeded,
            family.failed,
            family.cancelled,
            partial(_gathered, family),
        )
    return found


def _gathered(family: Family, wants_results: bool) -> dict[str, Any]:
    """What ``_gather`` finds; a database that is away is no fault of the run, which looks again."""
    try:
        return _gather(family, wants_results)
    except (OperationalError, InterfaceError) as error:
        raise NotNow("Our own database did not answer.") from error


def _gather(family: Family, wants_results: bool) -> dict[str, Any]:
    """Results in the order of the items (nothing for those without), and the failures."""
    results: list[Any] = []
    failures: list[dict[str, Any]] = []
    run_ids: list[str] = []
    size = failed_size = 0
    for rows in _pages(family.id):
        programs = PROGRAMS.get(row.release_id for row in rows)
        done = {
            row.id: result_of(programs[row.release_id], _snapshot(row))
            for row in rows
            if wants_results and row.status == RunStatus.SUCCEEDED
        }
        failed = [row for row in rows if row.status == RunStatus.FAILED]
        sizes = _sizes(family.workspace_id, [*done.values(), *(row.trigger for row in failed)])
        size += sum(sizes.get(reference or "", 0) for reference in done.values())
        if size > MAX_RESULTS_BYTES:
            raise ResultsTooLarge(
                f"The results of the {family.total} items have more than "
                f"{MAX_RESULTS_BYTES // 1024 // 1024} MB.",
                hint="All items are done. Switch “Keep the items' results” off and publish again.",
            )
        shown = []
        for row in failed[: MAX_FAILURES - len(failures)]:
            failed_size += sizes.get(row.trigger, 0)
            shown.append(row.trigger if failed_size <= MAX_FAILED_ITEMS_BYTES else None)
        documents = payloads.load(family.workspace_id, [*done.values(), *shown])
        if wants_results:
            results.extend(documents.get(done.get(row.id) or "") for row in rows)
        failures.extend(
            {
                "index": row.item_index,
                "run_id": row.id,
                "item": documents.get(reference or ""),
                "error": {k: v for k, v in (row.error or {}).items() if k != "node_id"},
            }
            for row, reference in zip(failed, shown, strict=False)
        )
        run_ids.extend(row.id for row in rows if family.kind == "flow")
    found: dict[str, Any] = {"results": results, "failures": failures}
    return {**found, "run_ids": run_ids} if family.kind == "flow" else found


def _pages(family_id: str) -> Iterable[list[Run]]:
    after = -1
    while True:
        rows = list(
            Run.objects.filter(family_id=family_id, item_index__gt=after).order_by("item_index")[
                :PAGE
            ]
        )
        if not rows:
            return
        yield rows
        after = rows[-1].item_index or 0


def _snapshot(row: Run) -> Snapshot:
    from runtime.store import snapshot_of

    return snapshot_of(row)


def _sizes(workspace_id: str, references: Iterable[str | None]) -> dict[str, int]:
    wanted = {reference for reference in references if reference}
    rows = Payload.objects.filter(workspace_id=workspace_id, digest__in=wanted)
    return dict(rows.values_list("digest", "size"))


# Ending, and the net


def unfinished(run_ids: Sequence[str]) -> list[str]:
    """Runs below some runs, at any depth, that have begun and not ended; those held are cancelled.

    No further ones are let go. For the transaction that cancels the runs above.
    """
    now = clock.now()
    found: list[str] = []
    level = list(run_ids)
    while level:
        families = list(Family.objects.filter(run_id__in=level).values_list("id", flat=True))
        Family.objects.filter(id__in=families).update(closed=True)
        _cancel_held(families, now)
        level = _moving(families)
        found.extend(level)
    return found


def begun_below(run_ids: Sequence[str]) -> list[str]:
    """The same runs as they stand now, without any lock and without a change."""
    found: list[str] = []
    level = list(run_ids)
    while level:
        families = list(Family.objects.filter(run_id__in=level).values_list("id", flat=True))
        level = _moving(families, held=False)
        found.extend(level)
    return found


def _moving(family_ids: Sequence[str], *, held: bool = True) -> list[str]:
    if not family_ids:
        return []
    rows = Run.objects.filter(family_id__in=family_ids)
    rows = rows.exclude(status__in=[str(status) for status in FINISHED_RUN])
    if not held:
        rows = rows.exclude(status=RunStatus.QUEUED, due_at=None, seq=0)
    return list(rows.values_list("id", flat=True))


def _cancel_held(family_ids: Iterable[str], now: datetime) -> None:
    """Cancel the runs that were made and never let go."""
    found = Family.objects.select_for_update().filter(id__in=list(family_ids)).order_by("id")
    for family in found:
        held = Run.objects.filter(
            family_id=family.id, status=RunStatus.QUEUED, due_at=None, seq=0
        ).update(status=RunStatus.CANCELLED, finished_at=now, fence=F("fence") + 1)
        family.cancelled += held
        family.released = family.made
        family.save(update_fields=["cancelled", "released"])


def sweep(wake: Callable[[], None], limit: int = 200) -> int:
    """Mend what should not be there: runs that wait for families at rest, and rooms left empty.

    Only a net: every change is woken for in its own transaction. How many were mended.
    """
    now = clock.now()
    starved = Family.objects.filter(
        closed=False,
        released__lt=F("made"),
        released__lte=F("succeeded") + F("failed") + F("cancelled"),
    ).values_list("id", flat=True)[:limit]
    mended = 0
    for family_id in list(starved):
        with faults.commits("children.sweep"):
            family = Family.objects.select_for_update().get(id=family_id)
            before = family.released
            _release(family, now)
            family.save(update_fields=["released"])
            mended += family.released > before
    with faults.commits("children.sweep_2"):
        idle = Family.objects.filter(
            closed=False,
            waits=True,
            made=F("total"),
            released__lte=F("succeeded") + F("failed") + F("cancelled"),
            run__status="waiting",
            run__due_at=None,
            run__owner="",
        ).values_list("run_id", flat=True)[:limit]
        found = set(idle)
        wake_runs(found, now)
    mended += len(found)
    if mended:
        wake()
    return mended
