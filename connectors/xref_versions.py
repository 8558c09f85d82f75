"""What people changed of the cross-references, as versions; and the way back.

Runs record pairs all the time and make no version. Going back therefore undoes what people did
since, newest first, and stops at whatever a run has recorded in between: that is a fact about the
systems, and forgetting it would create the record a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, NamedTuple, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from connectors.models import CrossReferenceChange, CrossReferenceRow, CrossReferenceVersion
from connectors.tables.saving import name_of
from connectors.tables.values import Difference, Save
from connectors.values import NewReference
from connectors.xrefs import record_xrefs
from ipaas.core.errors import Conflict, NotFound
from ipaas.tenancy import facade as tenancy
from ipaas.tenancy.paging import Page, cut

SHOWN = 500
BATCH = 900
Item = TypeVar("Item")


class VersionNotFound(NotFound):
    """The cross-references have no such version."""

    code = "xref.no_version"


class ChangedAtOnce(Conflict):
    """Two people saved cross-references in the same moment."""

    code = "xref.busy"


class Pair(NamedTuple):
    """What has one counterpart: an object of one system, as seen from another."""

    entity: str
    left_connection: str
    left_id: str
    right_connection: str


class Counterpart(NamedTuple):
    """Id in the other system, None for none, and the run that recorded it."""

    id: str | None
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class WayBack:
    """What going back would do, and ``kept``: pairs that runs have recorded since."""

    added: int
    changed: int
    removed: int
    kept: int
    rows: tuple[Difference, ...]
    kept_rows: tuple[Difference, ...]


class Edit:
    """One version in the making, inside its transaction."""

    def __init__(self, row: CrossReferenceVersion) -> None:
        self.row = row

    def note(self, pair: Pair, before: Counterpart, after: str | None) -> None:
        """Keep one change that the caller makes itself."""
        self._keep([(pair, before, after)])

    def put(self, wanted: Mapping[Pair, Counterpart]) -> None:
        """Give these pairs these counterparts, in this transaction."""
        rows = _rows(self.row, wanted, lock=True)
        known = {pair: Counterpart(row.right_id, row.run_id) for pair, row in rows.items()}
        none = Counterpart(None)
        changes = [
            (pair, known.get(pair, none), after.id)
            for pair, after in sorted(wanted.items())
            if known.get(pair, none).id != after.id
        ]
        gone = [rows[pair].pk for pair, _, after in changes if after is None]
        CrossReferenceRow.objects.filter(id__in=gone).delete()
        record_xrefs(
            NewReference(
                workspace_id=self.row.workspace_id,
                environment=self.row.environment,
                **pair._asdict(),
                right_id=after,
                run_id=wanted[pair].run_id,
            )
            for pair, _, after in changes
            if after is not None
        )
        self._keep(changes)

    def _keep(self, changes: Sequence[tuple[Pair, Counterpart, str | None]]) -> None:
        CrossReferenceChange.objects.bulk_create(
            [
                CrossReferenceChange(
                    version=self.row,
                    **pair._asdict(),
                    before=before.id,
                    before_run_id=before.run_id,
                    after=after,
                )
                for pair, before, after in changes
            ],
            batch_size=BATCH,
        )
        for _, before, after in changes:
            kind = _kind(before.id, after)
            setattr(self.row, kind, getattr(self.row, kind) + 1)


@contextmanager
def edit(
    workspace_id: str, environment: str, action: str, *, actor: Any, note: str = ""
) -> Iterator[Edit]:
    """One transaction that becomes one version, or none if it changes nothing.

    Raises ChangedAtOnce if somebody else saves in the same moment.
    """
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = CrossReferenceVersion.objects.create(
                    workspace_id=workspace_id,
                    environment=environment,
                    number=_newest(workspace_id, environment) + 1,
                    action=action,
                    note=note[:300],
                    author=name_of(actor),
                )
        except IntegrityError as error:
            raise ChangedAtOnce(
                "Somebody else is changing cross-references right now.", hint="Try again."
            ) from error
        yield Edit(row)
        if row.added or row.changed or row.removed:
            row.save(update_fields=["added", "changed", "removed"])
        else:
            row.delete()


def list_versions(
    workspace_id: str, environment: str, *, cursor: str | None = None, limit: int = 50
) -> Page[Save]:
    """What people did, newest first."""
    rows = _versions(workspace_id, environment)
    return cut(rows, "-number", cursor=cursor, limit=limit).map(_value)


def changes_of(workspace_id: str, environment: str, number: int) -> list[Difference]:
    """The first 500 pairs that a version changed."""
    row = _versions(workspace_id, environment).filter(number=number).first()
    if row is None:
        raise _unknown(number)
    changes = row.changes.order_by("id")[:SHOWN]
    return [_difference(pair_of(change), change.before, change.after) for change in changes]


def way_back(workspace_id: str, environment: str, number: int) -> WayBack:
    """What ``roll_back`` would do."""
    counts = {"added": 0, "changed": 0, "removed": 0, "kept": 0}
    rows: list[Difference] = []
    kept: list[Difference] = []
    for pair, now, then, overruled in _steps_back(workspace_id, environment, number):
        if now.id != then.id:
            counts[_kind(now.id, then.id)] += 1
            if len(rows) < SHOWN:
                rows.append(_difference(pair, now.id, then.id))
        if overruled:
            counts["kept"] += 1
            if len(kept) < SHOWN:
                kept.append(_difference(pair, then.id, then.id))
    return WayBack(**counts, rows=tuple(rows), kept_rows=tuple(kept))


def roll_back(
    workspace_id: str, environment: str, number: int, *, actor: Any, note: str = ""
) -> Save | None:
    """A new version that undoes what people did after version ``number``; None if nothing is left.

    0 undoes all of it. Pairs that a run has recorded since stay as the run left them.
    """
    note = note or (f"Back to version {number}" if number else "Back to before the first change")
    with edit(workspace_id, environment, "rolled_back", actor=actor, note=note) as making:
        row = making.row
        steps = _steps_back(workspace_id, environment, number, before=row.number)
        for some in batches(steps):
            making.put({pair: then for pair, now, then, _ in some if now.id != then.id})
        if not (row.added or row.changed or row.removed):
            return None
        facts = {"environment": environment, "to": number, "version": row.number}
        facts |= {"added": row.added, "changed": row.changed, "removed": row.removed}
        tenancy.record_audit(workspace_id, actor, "xref.rolled_back", "xref", facts)
    return _value(row)


def _steps_back(
    workspace_id: str, environment: str, number: int, before: int | None = None
) -> Iterator[tuple[Pair, Counterpart, Counterpart, bool]]:
    """By pair: what it is now, what it becomes, and whether a run stands in the way of more."""
    versions = _versions(workspace_id, environment)
    if number and not versions.filter(number=number).exists():
        raise _unknown(number)
    last = _newest(workspace_id, environment) if before is None else before - 1
    changes = CrossReferenceChange.objects.filter(
        version__workspace_id=workspace_id,
        version__environment=environment,
        version__number__gt=number,
        version__number__lte=last,
    ).order_by(*Pair._fields, "id")
    scope = CrossReferenceVersion(workspace_id=workspace_id, environment=environment)
    grouped = ((pair, list(some)) for pair, some in groupby(changes.iterator(2000), pair_of))
    for batch in batches(grouped):
        rows = _rows(scope, [pair for pair, _ in batch], lock=before is not None)
        for pair, some in batch:
            row = rows.get(pair)
            now = Counterpart(row.right_id, row.run_id) if row else Counterpart(None)
            yield pair, now, *_undone(now, some)


def _undone(now: Counterpart, changes: Sequence[CrossReferenceChange]) -> tuple[Counterpart, bool]:
    """The counterpart with as many changes undone as follow on one another."""
    then = now
    for change in reversed(changes):
        if change.after != then.id:
            return then, True
        then = Counterpart(change.before, change.before_run_id)
    return then, False


def _rows(
    scope: CrossReferenceVersion, pairs: Iterable[Pair], lock: bool = False
) -> dict[Pair, CrossReferenceRow]:
    wanted = set(pairs)
    rows = CrossReferenceRow.objects.filter(
        workspace_id=scope.workspace_id,
        environment=scope.environment,
        left_id__in={pair.left_id for pair in wanted},
    )
    if lock:
        rows = rows.order_by(*Pair._fields).select_for_update()
    found = {pair_of(row): row for row in rows}
    return {pair: row for pair, row in found.items() if pair in wanted}


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items in lists that one statement can name."""
    waiting = iter(items)
    while some := list(islice(waiting, BATCH)):
        yield some


def pair_of(row: CrossReferenceRow | CrossReferenceChange) -> Pair:
    """What the row names the counterpart of."""
    return Pair(*(getattr(row, name) for name in Pair._fields))


def _kind(before: str | None, after: str | None) -> str:
    return "added" if before is None else "removed" if after is None else "changed"


def _difference(pair: Pair, before: str | None, after: str | None) -> Difference:
    sides = [
        None if right is None else {**pair._asdict(), "right_id": right}
        for right in (before, after)
    ]
    return Difference(" · ".join(pair), *sides)


def _versions(workspace_id: str, environment: str) -> QuerySet[CrossReferenceVersion]:
    return CrossReferenceVersion.objects.filter(workspace_id=workspace_id, environment=environment)


def _newest(workspace_id: str, environment: str) -> int:
    found = _versions(workspace_id, environment).order_by().aggregate(last=Max("number"))
    return found["last"] or 0


def _unknown(number: int) -> VersionNotFound:
    return VersionNotFound(
        f"The cross-references have no version {number}.",
        hint="Choose one from the list of versions.",
    )


def _value(row: CrossReferenceVersion) -> Save:
    return Save(
        number=row.number,
        action=row.action,
        note=row.note,
        author=row.author,
        added=row.added,
        changed=row.changed,
        removed=row.removed,
        created_at=row.created_at,
    )
