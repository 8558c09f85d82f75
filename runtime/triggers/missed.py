"""Events that came while a flow was switched off: seen, started or dismissed by a person."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from ipaas.tenancy import paging
from runtime import faults
from runtime.live.news import tell_change, trigger_of
from runtime.models import Deployment, MissedEvent
from runtime.triggers import arrivals
from runtime.triggers.manual import NotByHand, deployment_of
from runtime.workers.actors import wake

MOST_AT_ONCE = 5_000
_PIECE = 500


def count(deployment: Deployment) -> int:
    """How many events wait for a decision."""
    return MissedEvent.objects.filter(deployment=deployment, reason=MissedEvent.Reason.OFF).count()


def page(
    workspace_id: str, environment: str, flow_id: str, cursor: str | None, limit: int
) -> tuple[paging.Page[dict[str, Any]], int]:
    """One page of what a flow missed, newest first, and how many there are in all."""
    deployment = deployment_of(workspace_id, environment, flow_id)
    rows = MissedEvent.objects.filter(deployment=deployment, reason=MissedEvent.Reason.OFF)
    total = rows.count()
    if cursor:
        rows = rows.filter(id__lt=paging.number(paging.decode(cursor, 1)[0]))
    found = list(rows.select_related("event").order_by("-id")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    items = [
        {
            "id": note.pk,
            "business_key": note.business_key,
            "entity": note.event.entity,
            "entity_id": note.event.entity_id,
            "received_at": note.received_at.isoformat(),
        }
        for note in found
    ]
    return paging.Page(items, paging.encode(str(found[-1].pk)) if more else None), total


def settle(workspace_id: str, environment: str, flow_id: str, action: str) -> tuple[int, int]:
    """Start a run for each, oldest first, or dismiss them; how many were done, and are left.

    In pieces of some hundred, each of which is one commit. Raises NotByHand while the flow is off.
    """
    deployment = deployment_of(workspace_id, environment, flow_id)
    if action == "start" and not deployment.active:
        raise NotByHand("This flow is switched off.", hint="Switch it on first.")
    done = 0
    while done < MOST_AT_ONCE:
        with faults.commits("missed.settle"):
            notes = list(
                MissedEvent.objects.select_for_update(of=("self",), skip_locked=True)
                .filter(deployment_id=deployment.pk, reason=MissedEvent.Reason.OFF)
                .select_related("event", "deployment")
                .order_by("id")[:_PIECE]
            )
            if not notes:
                break
            if action == "start":
                arrivals.start_missed(notes)
            else:
                MissedEvent.objects.filter(pk__in=[note.pk for note in notes]).update(
                    reason=MissedEvent.Reason.DISMISSED
                )
        done += len(notes)
    if done:
        tell_change(workspace_id, environment, trigger_of(flow_id))
    if done and action == "start":
        transaction.on_commit(wake)
    return done, count(deployment)
