"""Cross-references: which object in one system is which object in another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from connectors.models import CrossReferenceRow
from connectors.values import CrossReference, NewReference
from ipaas.core.errors import Conflict, NotFound, Unprocessable
from ipaas.tenancy import facade as tenancy
from ipaas.tenancy.paging import Page, cut


class CrossReferenceNotFound(NotFound):
    """The workspace has no such pair."""

    code = "xref.not_found"


class CrossReferenceInvalid(Unprocessable):
    """What was given is not a pair of ids."""

    code = "xref.invalid"


def record_xrefs(references: Iterable[NewReference]) -> None:
    """Store that left objects are right ones, in one statement of the caller's transaction.

    Doing it again changes nothing; a new right id takes the place of the old one.
    """
    rows = {}
    for reference in references:
        row = CrossReferenceRow(
            **{name: getattr(reference, name) for name in (*_IDENTITY, "right_id", "run_id")}
        )
        rows[tuple(getattr(reference, name) for name in _IDENTITY)] = row
    CrossReferenceRow.objects.bulk_create(
        [rows[key] for key in sorted(rows)],  # one order: no deadlock
        update_conflicts=True,
        unique_fields=_IDENTITY,
        update_fields=["right_id", "run_id"],
    )


_IDENTITY = (
    "workspace_id",
    "environment",
    "entity",
    "left_connection",
    "left_id",
    "right_connection",
)


def list_xrefs(
    workspace_id: str,
    environment: str | None = None,
    *,
    entity: str = "",
    connection: str = "",
    q: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[CrossReference]:
    """References of the workspace, newest first; ``q`` is the beginning of an id on either side."""
    rows = _found(workspace_id, environment, entity, connection, q)
    return cut(rows, "-created_at", "-id", cursor=cursor, limit=limit).map(_value)


def all_xrefs(
    workspace_id: str, environment: str | None = None, *, entity: str, connection: str, q: str
) -> Iterable[CrossReference]:
    """The same references without pages, oldest first, for a file."""
    rows = _found(workspace_id, environment, entity, connection, q).order_by("id")
    return (_value(row) for row in rows.iterator(chunk_size=2000))


def list_entities(workspace_id: str, environment: str | None = None) -> list[str]:
    """Kinds of objects that have references, by name."""
    rows = _found(workspace_id, environment, "", "", "")
    return sorted(rows.order_by().values_list("entity", flat=True).distinct())


def get_xref(workspace_id: str, xref_id: int) -> CrossReference:
    """One reference; raises CrossReferenceNotFound, also for another workspace's."""
    return _value(_row(workspace_id, xref_id))


def change_xref(
    workspace_id: str, xref_id: int, *, left_id: str, right_id: str, actor: Any
) -> CrossReference:
    """The reference with other ids; a person decided this, so it belongs to no run any more."""
    left_id, right_id = left_id.strip(), right_id.strip()
    if not left_id or not right_id:
        raise CrossReferenceInvalid(
            "Both ids are needed.", hint="To forget the pair, delete the cross-reference."
        )
    row = _row(workspace_id, xref_id)
    before = {"left_id": row.left_id, "right_id": row.right_id}
    row.left_id, row.right_id, row.run_id = left_id, right_id, ""
    try:
        with transaction.atomic():
            row.save(update_fields=["left_id", "right_id", "run_id"])
            facts = {"entity": row.entity, "before": before, "after": [left_id, right_id]}
            tenancy.record_audit(workspace_id, actor, "xref.changed", f"xref:{row.pk}", facts)
    except IntegrityError as error:
        raise Conflict(
            f"“{left_id[:80]}” of {row.left_connection} has a counterpart already.",
            hint="Change or delete that one instead.",
        ) from error
    return _value(row)


def delete_xrefs(
    workspace_id: str, environment: str, xref_ids: Sequence[int], *, actor: Any
) -> int:
    """How many of them were there and are forgotten now."""
    rows = CrossReferenceRow.objects.filter(
        workspace_id=workspace_id, environment=environment, id__in=xref_ids
    )
    with transaction.atomic():
        gone = [
            f"{r.entity}: {r.left_connection}/{r.left_id} = {r.right_connection}/{r.right_id}"
            for r in rows
        ]
        deleted, _ = rows.delete()
        if deleted:
            facts = {"environment": environment, "pairs": gone[:200], "count": deleted}
            tenancy.record_audit(workspace_id, actor, "xref.deleted", "xref", facts)
    return deleted


def _found(
    workspace_id: str, environment: str | None, entity: str, connection: str, q: str
) -> QuerySet[CrossReferenceRow]:
    rows = CrossReferenceRow.objects.filter(workspace_id=workspace_id)
    if environment:
        rows = rows.filter(environment=environment)
    if entity:
        rows = rows.filter(entity=entity)
    if connection:
        rows = rows.filter(Q(left_connection=connection) | Q(right_connection=connection))
    if q:
        rows = rows.filter(Q(left_id__startswith=q) | Q(right_id__startswith=q))
    return rows


def _row(workspace_id: str, xref_id: int) -> CrossReferenceRow:
    row = CrossReferenceRow.objects.filter(workspace_id=workspace_id, id=xref_id).first()
    if row is None:
        raise CrossReferenceNotFound(
            "There is no such cross-reference.", hint="It may have been deleted; reload the list."
        )
    return row


def _value(row: CrossReferenceRow) -> CrossReference:
    return CrossReference(
        id=row.pk,
        environment=row.environment,
        entity=row.entity,
        left_connection=row.left_connection,
        left_id=row.left_id,
        right_connection=row.right_connection,
        right_id=row.right_id,
        run_id=row.run_id,
        created_at=row.created_at,
    )
