"""What a live flow needs in order to be started: an address, a timer, or nothing.

Both outlive releases: a flow that is published again keeps its address, its secret and, as long as
it reads the same thing, its cursor.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.errors import IpaasError
from runtime.models import Backfill, Deployment, Hook, Timer
from runtime.triggers.cron import schedule_of

HOOKS = ("trigger.webhook", "trigger.cloudevents")
SCHEDULE, POLL = "trigger.schedule", "trigger.poll"
TIMERS = (SCHEDULE, POLL)
VENDOR = ("trigger.event", POLL)  # triggers that listen to a connection
DEFAULT_EVERY_S = 300
LEAST_EVERY_S = 15


def arm(deployment: Deployment, config: Mapping[str, Any]) -> None:
    """Give the deployment (saved, locked by the caller) what its trigger needs."""
    if deployment.trigger_type in HOOKS:
        hook = open_hook(
            deployment.workspace_id,
            deployment.environment,
            deployment.flow_id,
            kind=deployment.trigger_type,
            node_id=deployment.trigger_node,
        )
        hook.settings = {k: v for k, v in config.items() if k != "sample"}
        hook.deployed = True
        hook.save(update_fields=["settings", "deployed"])
        deployment.hook_token = hook.token
    else:
        _hooks(deployment).update(deployed=False)
        deployment.hook_token = None
    deployment.save(update_fields=["hook_token"])
    if deployment.trigger_type in TIMERS:
        _set_timer(deployment, config)
    else:
        Timer.objects.filter(deployment=deployment).delete()
    _end_other_backfills(deployment, config)


def _end_other_backfills(deployment: Deployment, config: Mapping[str, Any]) -> None:
    """A backfill that reads something else than what starts the flow now reads no further."""
    now = clock.now()
    inputs = (config.get("inputs") or {}) if deployment.trigger_type == POLL else {}
    wanted = (deployment.connection, deployment.operation, inputs)
    for row in _open_backfills(deployment).select_for_update():
        if (row.connection, row.operation, row.inputs) == wanted:
            continue
        row.status, row.due_at, row.finished_at = "cancelled", None, now
        row.fence += 1  # a piece that is under way commits nothing
        row.owner, row.error = "", {**_OTHER_TRIGGER, "at": now.isoformat()}
        row.save()


_OTHER_TRIGGER = {
    "code": "backfill.other_trigger",
    "message": "The flow was published with another trigger; what this backfill read no longer "
    "starts it.",
    "hint": "What had started goes on. Begin a backfill of the new trigger.",
}


def switch(deployment: Deployment, *, from_now: bool = False) -> None:
    """Start or stop the timer of a deployment that was just switched on or off.

    A schedule goes on with its next fire time. A poll goes on where it stopped, and so finds what
    changed in the meantime, unless ``from_now``. A backfill of a flow that is off is paused.
    """
    if not deployment.active:
        _open_backfills(deployment).filter(status="running").update(
            status="paused", due_at=None, owner="", fence=F("fence") + 1
        )
    timer = Timer.objects.select_for_update().filter(deployment=deployment).first()
    if timer is None:
        return
    now = clock.now()
    timer.fence += 1  # a look that is under way commits nothing
    timer.failures, timer.error, timer.updated_at = 0, None, now
    if from_now and timer.kind == POLL:
        timer.cursor = None
    _plan(timer, deployment.active, now)
    timer.save()


def disarm(deployments: list[Deployment]) -> None:
    """Close the addresses of flows that are taken off, and end the reading of their past.

    An address is never given to anybody else.
    """
    now = clock.now()
    for row in deployments:
        _hooks(row).update(deployed=False)
        _open_backfills(row).update(status="cancelled", due_at=None, finished_at=now)


def open_hook(
    workspace_id: str, environment: str, flow_id: str, *, kind: str, node_id: str
) -> Hook:
    """The flow's address in an environment, made at the first call."""
    hook, _ = Hook.objects.select_for_update().get_or_create(
        workspace_id=workspace_id,
        environment=environment,
        flow_id=flow_id,
        defaults={"token": secrets.token_urlsafe(24), "node_id": node_id, "kind": kind},
    )
    if (hook.kind, hook.node_id) != (kind, node_id):
        hook.kind, hook.node_id = kind, node_id
        hook.save(update_fields=["kind", "node_id"])
    return hook


def _open_backfills(deployment: Deployment) -> QuerySet[Backfill, Backfill]:
    return Backfill.objects.filter(
        workspace_id=deployment.workspace_id,
        environment=deployment.environment,
        flow_id=deployment.flow_id,
        status__in=("running", "paused"),
    )


def _hooks(deployment: Deployment) -> Any:
    return Hook.objects.filter(
        workspace_id=deployment.workspace_id,
        environment=deployment.environment,
        flow_id=deployment.flow_id,
    )


def _set_timer(deployment: Deployment, config: Mapping[str, Any]) -> None:
    now = clock.now()
    settings = _settings(deployment, config)
    timer = Timer.objects.select_for_update().filter(deployment=deployment).first()
    if timer is None:
        timer = Timer(
            workspace_id=deployment.workspace_id,
            environment=deployment.environment,
            deployment=deployment,
        )
    if timer.kind != deployment.trigger_type or _matter(timer.settings) != _matter(settings):
        timer.cursor, timer.planned_at = None, None
    unchanged = timer.settings == settings and timer.due_at is not None
    timer.kind, timer.settings = deployment.trigger_type, settings
    timer.failures, timer.error, timer.updated_at = 0, None, now
    if not unchanged:
        timer.fence += 1
        _plan(timer, deployment.active, now)
    timer.save()


def _plan(timer: Timer, active: bool, now: datetime) -> None:
    timer.owner = ""
    if not active:
        timer.planned_at = timer.due_at = None
    elif timer.kind == SCHEDULE:
        timer.planned_at = timer.due_at = schedule_of(timer.settings).next(now)
    else:
        if timer.cursor is None and not timer.settings.get("since"):
            timer.planned_at = timer.planned_at or now  # what it reads begins here
        timer.due_at = now


def _settings(deployment: Deployment, config: Mapping[str, Any]) -> dict[str, Any]:
    settings = {k: v for k, v in config.items() if k != "sample"}
    if deployment.trigger_type == POLL and not settings.get("every_s"):
        settings["every_s"] = _default_every_s(deployment)
    return settings


def operation_of(deployment: Deployment) -> connectors.OperationSpec | None:
    """What the deployment's connector says of the operation it listens to, if both are there."""
    known = connectors.list_connections(deployment.workspace_id, deployment.environment)
    connector = next((c.connector for c in known if c.slug == deployment.connection), None)
    if connector is None:
        return None
    try:
        return connectors.describe_operation(connector, str(deployment.operation))
    except IpaasError:
        return None


def _default_every_s(deployment: Deployment) -> int:
    """What the connector suggests: it knows how fast its vendor changes."""
    spec = operation_of(deployment)
    return max(LEAST_EVERY_S, (spec.poll_every_s if spec else 0) or DEFAULT_EVERY_S)


def _matter(settings: Mapping[str, Any]) -> Any:
    """The settings that say what is read, apart from how often."""
    return [settings.get(name) for name in ("connection", "operation", "inputs", "since")]
