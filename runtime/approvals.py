"""Questions to people: written with the runs that ask them, read as lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from ipaas.core.errors import NotFound
from ipaas.core.ids import new_id
from ipaas.tenancy import paging
from runtime.live.news import APPROVALS, tell_change
from runtime.models import Approval

if TYPE_CHECKING:
    from runtime.store import Turn


ANSWERED = ("approved", "rejected", "expired")


class ApprovalNotFound(NotFound):
    """No question by that id in this workspace."""

    code = "approval.not_found"


def save(turns: Iterable[Turn], now: datetime) -> None:
    """Ask and close questions; inside the transaction that writes the turns."""
    for turn in turns:
        if turn.plan.answered or turn.plan.asks:
            tell_change(turn.workspace_id, turn.environment, APPROVALS)
        for node_id, status in turn.plan.answered:
            Approval.objects.filter(run_id=turn.run_id, node_id=node_id, status="open").update(
                status=status, decided_at=now
            )
        for ask in turn.plan.asks:
            open_one = Approval.objects.filter(
                run_id=turn.run_id, node_id=ask.node_id, status="open"
            )
            if not open_one.update(
                assignee_kind=ask.assignee_kind,
                assignee=ask.assignee,
                expires_at=ask.expires_at,
                escalated=bool(ask.escalated),
            ):
                Approval.objects.create(
                    id=new_id("apr"),
                    workspace_id=turn.workspace_id,
                    environment=turn.environment,
                    run_id=turn.run_id,
                    flow_id=turn.flow_id,
                    node_id=ask.node_id,
                    node_name=ask.node_name.replace("\0", "")[:200],
                    text=ask.text.replace("\0", ""),
                    assignee_kind=ask.assignee_kind,
                    assignee=ask.assignee,
                    asked_at=now,
                    expires_at=ask.expires_at,
                )


def list_approvals(
    workspace_id: str,
    environment: str,
    *,
    status: str = "open",
    run_id: str = "",
    asked: tuple[str, str] | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> paging.Page[dict[str, Any]]:
    """One page of questions, newest first; ``asked`` is a user name and a role."""
    rows = _of(workspace_id, environment, asked)
    if status == "answered":
        rows = rows.filter(status__in=ANSWERED)
    elif status != "all":
        rows = rows.filter(status=status)
    if run_id:
        rows = rows.filter(run_id=run_id)
    if cursor:
        rows = rows.filter(id__lt=paging.decode(cursor, 1)[0])
    found = list(
        rows.select_related("run__release")
        .defer("run__release__body", "run__state")
        .order_by("-id")[: limit + 1]
    )
    more = len(found) > limit
    page = paging.Page(found[:limit], paging.encode(found[limit - 1].id) if more else None)
    return page.map(as_json)


def open_count(workspace_id: str, environment: str, asked: tuple[str, str] | None) -> int:
    """How many questions wait, of everybody or of those that user name and role were asked."""
    return _of(workspace_id, environment, asked).filter(status="open").count()


def _of(
    workspace_id: str, environment: str, asked: tuple[str, str] | None
) -> QuerySet[Approval, Approval]:
    rows = Approval.objects.filter(workspace_id=workspace_id, environment=environment)
    if asked is None:
        return rows
    username, role = asked
    return rows.filter(
        Q(assignee_kind="user", assignee=username) | Q(assignee_kind="role", assignee=role)
    )


def get(workspace_id: str, approval_id: str) -> Approval:
    """One question; raises ApprovalNotFound."""
    found = (
        Approval.objects.select_related("run__release")
        .filter(id=approval_id, workspace_id=workspace_id)
        .first()
    )
    if found is None:
        raise ApprovalNotFound(
            "There is no such question in this workspace.", hint="Open it from the list."
        )
    return found


def as_json(row: Approval) -> dict[str, Any]:
    """Shape shown by the API."""
    return {
        "id": row.id,
        "run_id": row.run_id,
        "flow": {"id": row.flow_id, "name": row.run.release.flow_name},
        "node": {"id": row.node_id, "name": row.node_name},
        "environment": row.environment,
        "business_key": row.run.business_key,
        "text": row.text,
        "assignee": {"kind": row.assignee_kind, "name": row.assignee},
        "escalated": row.escalated,
        "status": row.status,
        "asked_at": row.asked_at.isoformat(),
        "expires_at": row.expires_at and row.expires_at.isoformat(),
        "decided_at": row.decided_at and row.decided_at.isoformat(),
        "decided_by": row.decided_by or None,
        "note": row.note,
    }
