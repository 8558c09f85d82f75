"""Flows and their drafts: create, list, save, delete."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from designer.documents import EMPTY, require_shape
from designer.models import Draft, Flow
from ipaas.core import clock
from ipaas.core.errors import Conflict, NotFound
from ipaas.core.ids import new_id
from ipaas.tenancy import paging
from runtime import facade as runtime


class FlowNotFound(NotFound):
    """No flow by that id in this workspace."""

    code = "flow.not_found"


class StaleDraft(Conflict):
    """Somebody saved a newer revision in the meantime."""

    code = "flow.stale_draft"


def get(workspace_id: str, flow_id: str) -> Flow:
    """The flow with its draft; raises FlowNotFound."""
    flow = _of(workspace_id, flow_id).select_related("draft__updated_by").first()
    if flow is None:
        raise _not_found()
    return flow


def require(workspace_id: str, flow_id: str) -> None:
    """Raises FlowNotFound; reads nothing of the flow, whose document may be large."""
    if not _of(workspace_id, flow_id).exists():
        raise _not_found()


def _of(workspace_id: str, flow_id: str) -> QuerySet[Flow]:
    return Flow.objects.filter(id=flow_id, workspace_id=workspace_id, archived_at=None)


def _not_found() -> FlowNotFound:
    return FlowNotFound(
        "There is no such flow in this workspace.", hint="Open it from the list of flows."
    )


def create(workspace_id: str, *, name: str, description: str, document: Any, user: Any) -> Flow:
    """A new flow with a first draft."""
    document = document or EMPTY
    require_shape(document)
    now = clock.now()
    with transaction.atomic():
        flow = Flow.objects.create(
            id=new_id("fl"),
            workspace_id=workspace_id,
            name=name,
            description=description,
            created_at=now,
            updated_at=now,
        )
        Draft.objects.create(flow=flow, document=document, updated_at=now, updated_by=user)
    return flow


def save_draft(workspace_id: str, flow_id: str, *, revision: int, document: Any, user: Any) -> int:
    """New revision of the draft. A save that began from an older one is refused with the newer."""
    require_shape(document)
    get(workspace_id, flow_id)
    now = clock.now()
    with transaction.atomic():
        draft = Draft.objects.select_for_update().get(flow_id=flow_id)
        if draft.revision != revision:
            raise StaleDraft(
                f"{name_of(draft.updated_by)} has saved this flow in the meantime.",
                hint="Load the newer draft, or keep yours as a copy.",
                current={
                    "revision": draft.revision,
                    "document": draft.document,
                    "updated_by": name_of(draft.updated_by),
                    "updated_at": draft.updated_at.isoformat(),
                },
            )
        draft.revision = revision + 1
        draft.document = document
        draft.updated_at = now
        draft.updated_by = user
        draft.save()
        Flow.objects.filter(id=flow_id).update(updated_at=now)
    return revision + 1


def rename(workspace_id: str, flow_id: str, *, name: str | None, description: str | None) -> Flow:
    """Change a flow's name or description."""
    flow = get(workspace_id, flow_id)
    if name is not None:
        flow.name = name
    if description is not None:
        flow.description = description
    flow.save(update_fields=["name", "description"])
    return flow


def archive(workspace_id: str, flow_id: str) -> None:
    """Take a flow off every environment and out of the list; its runs stay readable."""
    flow = get(workspace_id, flow_id)
    with transaction.atomic():
        runtime.remove(workspace_id, flow.id)
        flow.archived_at = clock.now()
        flow.save(update_fields=["archived_at"])


def page(workspace_id: str, cursor: str | None, limit: int) -> paging.Page[dict[str, Any]]:
    """One page of flows, newest first, with deployments and last runs (three queries in all)."""
    rows: QuerySet[Flow] = Flow.objects.filter(workspace_id=workspace_id, archived_at=None)
    if cursor:
        rows = rows.filter(id__lt=paging.decode(cursor, 1)[0])
    found = list(rows.select_related("draft").order_by("-id")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    ids = [flow.id for flow in found]
    live: dict[str, list[dict[str, Any]]] = {}
    for each in runtime.deployments(workspace_id, ids):
        live.setdefault(each.flow_id, []).append(
            {"environment": each.environment, "version": each.version, "active": each.active}
        )
    last = runtime.last_runs(workspace_id, ids)
    items = []
    for flow in found:
        run = last.get(flow.id)
        items.append(
            {
                "id": flow.id,
                "name": flow.name,
                "description": flow.description,
                "updated_at": flow.updated_at.isoformat(),
                "draft_revision": flow.draft.revision,
                "deployments": live.get(flow.id, []),
                "nodes": [
                    {
                        "type": node["type"],
                        "connection": (node.get("config") or {}).get("connection"),
                    }
                    for node in flow.draft.document["nodes"]
                ],
                "last_run": run
                and {
                    "id": run.run_id,
                    "status": run.status,
                    "finished_at": run.finished_at and run.finished_at.isoformat(),
                },
            }
        )
    return paging.Page(items, paging.encode(found[-1].id) if more else None)


def name_of(user: Any) -> str:
    """What people call a user."""
    return (user.get_full_name() or user.get_username()) if user else "Somebody"


def connections_of(document: dict[str, Any]) -> set[str]:
    """Slugs of the connections that a flow's steps name."""
    slugs: set[Any] = set()
    for node in document["nodes"]:
        config = node.get("config") or {}
        slugs.add(config.get("connection"))
        for side in ("left", "right"):
            if isinstance(config.get(side), dict):
                slugs.add(config[side].get("connection"))
    return {slug for slug in slugs if isinstance(slug, str) and slug}
