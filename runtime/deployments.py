"""Releases and where they are live."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ipaas.core import clock
from ipaas.core.ids import new_id
from runtime import faults
from runtime.graph import parse
from runtime.lanes import Rules
from runtime.live.news import tell_change, trigger_of
from runtime.models import Deployment, Release
from runtime.triggers import arming
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
    """Make a release the live one of its flow; runs under way keep the release they began with.

    What its trigger needs (address, timer, cursor) is kept as far as the new release uses it.
    """
    release = Release.objects.get(id=release_id, workspace_id=workspace_id)
    trigger = parse(release.body["document"]).triggers[0]
    listens = trigger.type in arming.VENDOR
    with faults.commits("deployments.deploy"):
        row, _ = Deployment.objects.select_for_update().get_or_create(
            workspace_id=workspace_id,
            environment=environment,
            flow_id=flow_id,
            defaults={"release": release, "trigger_node": trigger.id},
        )
        row.release = release
        row.active = True
        row.trigger_node = trigger.id
        row.trigger_type = trigger.type
        row.connection = str(trigger.config.get("connection") or "") if listens else ""
        row.operation = str(trigger.config.get("operation") or "") if listens else ""
        row.lanes = Rules.of_trigger(trigger.config).as_json()
        row.save()
        arming.arm(row, trigger.config)
        tell_change(workspace_id, environment, trigger_of(flow_id))
    return _info(row)


def set_active(
    workspace_id: str,
    environment: str,
    flow_id: str,
    active: bool,
    *,
    from_now: bool = False,
) -> DeploymentInfo:
    """Let a live flow take events, or make it stop taking them; raises NotDeployed.

    What comes while it is off is kept and can be started later; a poll goes on where it stopped,
    unless ``from_now``.
    """
    with faults.commits("deployments.set_active"):
        row = (
            Deployment.objects.select_for_update(of=("self",))
            .select_related("release")
            .filter(workspace_id=workspace_id, environment=environment, flow_id=flow_id)
            .first()
        )
        if row is None:
            raise NotDeployed(
                "This flow has not been published there yet.", hint="Publish it first."
            )
        if row.active != active:
            row.active = active
            row.save(update_fields=["active"])
            arming.switch(row, from_now=from_now)
            tell_change(workspace_id, environment, trigger_of(flow_id))
    return _info(row)


def deployments(workspace_id: str, flow_ids: Iterable[str] | None = None) -> list[DeploymentInfo]:
    """Where flows of the workspace are live; of the given flows, or of all."""
    rows = Deployment.objects.filter(workspace_id=workspace_id).select_related("release")
    if flow_ids is not None:
        rows = rows.filter(flow_id__in=list(flow_ids))
    return [_info(row) for row in rows.defer("release__body").order_by("environment")]


def remove(workspace_id: str, flow_id: str) -> None:
    """Take a flow off every environment; its runs stay."""
    with faults.commits("deployments.remove"):
        rows = Deployment.objects.filter(workspace_id=workspace_id, flow_id=flow_id)
        arming.disarm(list(rows))
        rows.delete()


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
