"""Cross-references: which object in one system is which object in another."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from connectors.models import CrossReferenceRow
from connectors.values import CrossReference
from ipaas.tenancy.paging import Page, cut


def record_xref(
    workspace_id: str,
    environment: str,
    *,
    entity: str,
    left_connection: str,
    left_id: str,
    right_connection: str,
    right_id: str,
    run_id: str = "",
) -> None:
    """Store that the left object is the right one, inside the caller's transaction.

    Doing it again changes nothing; a new right id takes the place of the old one.
    """
    with transaction.atomic():
        CrossReferenceRow.objects.update_or_create(
            workspace_id=workspace_id,
            environment=environment,
            entity=entity,
            left_connection=left_connection,
            left_id=str(left_id),
            right_connection=right_connection,
            defaults={"right_id": str(right_id), "run_id": run_id},
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
