"""Removal of documents that nothing needs any more. None of them is ever loaded for that.

A document's name holds the day on which it was written, so a new run never comes to share a
document that is old enough to go: what nobody refers to when the marks are made stays so. Only a
run itself hands its references on, and a run that can still move is marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from runtime import faults, sql
from runtime.engine import FINISHED_RUN
from runtime.models import DeadLetter, MissedEvent, Payload, Run
from runtime.retention.marks import Marks, references_in
from runtime.retention.policy import LEAST_DAYS, Policy

PAGE = 1_000
_FINISHED = {str(status) for status in FINISHED_RUN}
Policies = Mapping[tuple[str, str], Policy]


class _Row(NamedTuple):
    id: str
    workspace_id: str
    environment: str
    status: str
    finished_at: Any
    trigger: str
    state: str
    scope: str
    parent_id: str


_PAGE = (
    f"SELECT {', '.join(_Row._fields)} FROM runtime_run WHERE id > %s"
    " AND (finished_at IS NULL OR finished_at >= %s OR parent_id <> '') ORDER BY id LIMIT %s"
)
_SOME = f"SELECT {', '.join(_Row._fields)} FROM runtime_run WHERE id = ANY(%s)"
_EXCHANGES = "SELECT exchanges FROM runtime_attempt WHERE run_id = ANY(%s) AND exchanges <> ''"


def remove(policies: Policies, now: datetime) -> dict[str, int]:
    """How many documents were removed, by workspace."""
    before = _before(policies, now)
    ages = Payload.objects.order_by("id").values_list("created_at", flat=True)
    oldest = ages.first()
    if before is None or oldest is None or oldest >= before:
        return {}
    marks = Marks(8 * Run.objects.count() + 4 * DeadLetter.objects.count())
    last = Payload.objects.order_by("-id").values_list("id", flat=True).first() or 0
    for references in _needed(policies, now):
        marks.add(references)
    return _sweep(marks, before, last)


def _before(policies: Policies, now: datetime) -> datetime | None:
    """No document that was written later can go."""
    days = [
        each
        for policy in policies.values()
        for each in (policy.payload_days, policy.payload_failed_days)
        if each is not None
    ]
    return now - timedelta(days=max(LEAST_DAYS, min(days))) if days else None


def _needed(policies: Policies, now: datetime) -> Iterator[Iterable[str]]:
    """References of everything that may still be read."""
    for rows in _pages(policies, now):
        yield from _of_runs([row for row in rows if _keeps(row, policies, now)])
    for ids in _ids_with_letters():
        rows = _fetch(ids)
        yield from _of_runs(rows)
        yield from _of_runs(_fetch({row.parent_id for row in rows} - {""}))
    edits = DeadLetter.objects.exclude(edits=[]).only("id", "edits")
    for letter in edits.iterator(chunk_size=PAGE):
        yield references_in(sql.text(letter.edits))
    waiting = MissedEvent.objects.exclude(reason=MissedEvent.Reason.DISMISSED)
    yield waiting.values_list("event__payload", flat=True).iterator(chunk_size=PAGE)


def _pages(policies: Policies, now: datetime) -> Iterator[list[_Row]]:
    """All runs that may keep their documents, oldest first."""
    limits = [
        policy.limit("payload", status, now)
        for policy in policies.values()
        for status in ("succeeded", "failed")
    ]
    known = [limit for limit in limits if limit is not None]
    earliest = min(known) if len(known) == len(limits) else datetime.min.replace(tzinfo=now.tzinfo)
    after = ""
    while True:
        rows = [_Row._make(row) for row in sql.fetch(_PAGE, after, earliest, PAGE)]
        if not rows:
            return
        after = rows[-1].id
        above = {row.parent_id for row in rows if row.parent_id}
        moving = set(
            Run.objects.filter(id__in=above)
            .exclude(status__in=_FINISHED)
            .values_list("id", flat=True)
        )
        # What a step above has not gathered yet is needed, however long ago it was made.
        yield [row._replace(finished_at=None) if row.parent_id in moving else row for row in rows]


def _keeps(row: _Row, policies: Policies, now: datetime) -> bool:
    if row.finished_at is None:
        return True
    policy = policies.get((row.workspace_id, row.environment), Policy())
    limit = policy.limit("payload", row.status, now)
    return limit is None or sql.moment(row.finished_at) >= limit


def _of_runs(rows: list[_Row]) -> Iterator[Iterable[str]]:
    if not rows:
        return
    for row in rows:
        yield references_in(row.trigger, row.state, row.scope)
    yield {name for (name,) in sql.fetch(_EXCHANGES, [row.id for row in rows])}


def _ids_with_letters() -> Iterator[list[str]]:
    ids = DeadLetter.objects.filter(status="open").order_by("run_id").values_list("run_id")
    page: list[str] = []
    for (run_id,) in ids.iterator(chunk_size=PAGE):
        page.append(run_id)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def _fetch(ids: Iterable[str]) -> list[_Row]:
    return [_Row._make(row) for row in sql.fetch(_SOME, list(ids))]


def _sweep(marks: Marks, before: datetime, last: int) -> dict[str, int]:
    """Remove what is old and not marked, page by page."""
    removed: dict[str, int] = {}
    after = 0
    while True:
        page = sql.fetch(
            "SELECT id, workspace_id, digest, created_at FROM runtime_payload"
            " WHERE id > %s AND id <= %s ORDER BY id LIMIT %s",
            after,
            last,
            PAGE,
        )
        old = [row for row in page if sql.moment(row[3]) < before]
        if not old:
            return removed  # they were written in this order
        after = page[-1][0]
        gone = [(row_id, ws) for row_id, ws, digest, _ in old if digest not in marks]
        if not gone:
            continue
        with faults.commits("retention.documents"):
            sql.change(
                "DELETE FROM runtime_payload WHERE id = ANY(%s)", [row_id for row_id, _ in gone]
            )
        for _, workspace_id in gone:
            removed[workspace_id] = removed.get(workspace_id, 0) + 1
