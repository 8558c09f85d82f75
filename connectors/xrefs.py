"""Cross-references: which object in one system is which object in another."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from connectors.models import CrossReferenceRow
from connectors.values import CrossReference, NewReference
from ipaas.tenancy.paging import Page, cut


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
    q: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[CrossReference]:
    """References of the workspace, newest first; ``q`` is the beginning of an id on either side."""
    rows = CrossReferenceRow.objects.filter(workspace_id=workspace_id)
    if environment:
        rows = rows.filter(environment=environment)
    if entity:
        rows = rows.filter(entity=entity)
    if q:
        rows = rows.filter(Q(left_id__startswith=q) | Q(right_id__startswith=q))
    return cut(rows, "-created_at", "-id", cursor=cursor, limit=limit).map(_value)


def _value(row: CrossReferenceRow) -> CrossReference:
    return CrossReference(
        entity=row.entity,
        left_connection=row.left_connection,
        left_id=row.left_id,
        right_connection=row.right_connection,
        right_id=row.right_id,
        run_id=row.run_id,
        created_at=row.created_at,
    )
