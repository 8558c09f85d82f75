"""Cross-references: which object in one system is which object in another."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from connectors.models import CrossReferenceRow
from connectors.values import CrossReference, NewReference
from ipaas.core.errors import NotFound
from ipaas.tenancy.paging import Page, cut


class CrossReferenceNotFound(NotFound):
    """The workspace has no such pair."""

    code = "xref.not_found"


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
    return cut(rows, "-created_at", "-id", cursor=cursor, limit=limit).map(xref_value)


def all_xrefs(
    workspace_id: str, environment: str | None = None, *, entity: str, connection: str, q: str
) -> Iterable[CrossReference]:
    """The same references without pages, oldest first, for a file."""
    rows = _found(workspace_id, environment, entity, connection, q).order_by("id")
    return (xref_value(row) for row in rows.iterator(chunk_size=2000))


def list_entities(workspace_id: str, environment: str | None = None) -> list[str]:
    """Kinds of objects that have references, by name."""
    rows = _found(workspace_id, environment, "", "", "")
    return sorted(rows.order_by().values_list("entity", flat=True).distinct())


def get_xref(workspace_id: str, xref_id: int) -> CrossReference:
    """One reference; raises CrossReferenceNotFound, also for another workspace's."""
    return xref_value(xref_row(workspace_id, xref_id))


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


def xref_row(workspace_id: str, xref_id: int, lock: bool = False) -> CrossReferenceRow:
    """The stored pair; raises CrossReferenceNotFound, also for another workspace's."""
    rows = CrossReferenceRow.objects.filter(workspace_id=workspace_id, id=xref_id)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise CrossReferenceNotFound(
            "There is no such cross-reference.", hint="It may have been deleted; reload the list."
        )
    return row


def xref_value(row: CrossReferenceRow) -> CrossReference:
    """The pair as a value."""
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
