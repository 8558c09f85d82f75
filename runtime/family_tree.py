"""The runs below a run, as people read them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from ipaas.tenancy import paging
from runtime.effects.programs import PROGRAMS
from runtime.live.summaries import summary_of
from runtime.models import Family, Run


def families(run_id: str) -> list[dict[str, Any]]:
    """Each step that made runs, with how many are in which state."""
    found = list(Family.objects.filter(run_id=run_id).order_by("created_at", "id"))
    counts: dict[str, dict[str, int]] = {family.id: {} for family in found}
    for row in (
        Run.objects.filter(family_id__in=counts)
        .values("family_id", "status")
        .annotate(n=Count("id"))
        .order_by()
        if found
        else ()
    ):
        counts[row["family_id"]][row["status"]] = row["n"]
    return [
        {
            "node_id": family.node_id,
            "kind": family.kind,
            "total": family.total,
            "made": family.made,
            "waits": family.waits,
            "counts": counts[family.id],
        }
        for family in found
    ]


def list_children(
    workspace_id: str,
    run_id: str,
    *,
    node_id: str = "",
    status: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> paging.Page[dict[str, Any]]:
    """One page of the runs that a run made, in the order of the items."""
    made = Family.objects.filter(workspace_id=workspace_id, run_id=run_id)
    if node_id:
        made = made.filter(node_id=node_id)
    rows = Run.objects.filter(family_id__in=list(made.values_list("id", flat=True)))
    if status:
        rows = rows.filter(status__in=status.split(","))
    page = paging.cut(rows, "family_id", "item_index", cursor=cursor, limit=limit)
    programs = PROGRAMS.get(row.release_id for row in page.items)
    return page.map(lambda run: summary_of(run, programs[run.release_id]))
