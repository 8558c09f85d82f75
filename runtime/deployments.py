"""Releases and where they are live."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from ipaas.core import clock
from ipaas.core.ids import new_id
from runtime.graph import parse
from runtime.models import Deployment, Release
from runtime.values import DeploymentInfo, NotDeployed


def create_release(
    workspace_id: str,
    environment: str,
    *,
    flow_id: str,
    flow_name: str,
    version: int,
    body: dict[str, Any],
) -> str:
    """Id of a new release; ``body`` = {document, facts, schemas, names}. Version 0: only a test."""
    release = Release.objects.create(
        id=new_id("rel"),
        workspace_id=workspace_id,
        flow_id=flow_id,
        flow_name=flow_name,
        version=version,
        environment=environment,
        body=body,
        created_at=clock.now(),
    )
    return release.id


def deploy(workspace_id: str, environment: str, *, flow_id: str, release_id: str) -> DeploymentInfo:
    """Make a release the live one of its flow; runs under way keep the release they began with."""
    release = Release.objects.get(id=release_id, workspace_id=workspace_id)
    trigger = parse(release.body["document"]).triggers[0]
    generic = trigger.type == "trigger.webhook"
    with transaction.atomic():
        row, _ = Deployment.objects.select_for_update().get_or_create(
            workspace_id=workspace_id,
            environment=environment,
            flow_id=flow_id,
            defaults={"release": release, "trigger_node": trigger.id},
        )
        row.release = release
        row.active = True
        row.trigger_node = trigger.id
        is_event = trigger.type == "trigger.event"
        row.connection = str(trigger.config.get("connection") or "") if is_event else ""
        row.operation = str(trigger.config.get("operation") or "") if is_event else ""
        row.hook_token = (row.hook_token or secrets.token_urlsafe(24)) if generic else None
        row.save()
    return _info(row)


def set_active(workspace_id: str, environment: str, flow_id: str, active: bool) -> DeploymentInfo:
    """Let a live flow take events, or make it stop taking them; raises NotDeployed."""
    row = (
        Deployment.objects.select_related("release")
        .filter(workspace_id=workspace_id, environment=environment, flow_id=flow_id)
        .first()
    )
    if row is None:
        raise NotDeployed("This flow has not been published there yet.", hint="Publish it first.")
    row.active = active
    row.save(update_fields=["active"])
    return _info(row)


def deployments(workspace_id: str, flow_ids: Iterable[str] | None = None) -> list[DeploymentInfo]:
    """Where flows of the workspace are live; of the given flows, or of all."""
    rows = Deployment.objects.filter(workspace_id=workspace_id).select_related("release")
    if flow_ids is not None:
        rows = rows.filter(flow_id__in=list(flow_ids))
    return [_info(row) for row in rows.defer("release__body").order_by("environment")]


def remove(workspace_id: str, flow_id: str) -> None:
    """Take a flow off every environment; its runs stay."""
    Deployment.objects.filter(workspace_id=workspace_id, flow_id=flow_id).delete()


def _info(row: Deployment) -> DeploymentInfo:
    return DeploymentInfo(
        row.flow_id,
        row.environment,
        row.release.version,
        row.release_id,
        row.active,
        row.hook_token,
        row.connection,
    )
