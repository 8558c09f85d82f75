"""Runs that a person starts: with a form's checked input, or a schedule before its time."""

from __future__ import annotations

from typing import Any

import jsonschema
from django.db import transaction

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.errors import Conflict, NotFound, Unprocessable
from ipaas.core.ids import new_id
from runtime import faults
from runtime.effects.programs import PROGRAMS
from runtime.models import Deployment, Event, Run
from runtime.triggers import arrivals, schedules
from runtime.triggers.arrivals import Arrival, Start
from runtime.triggers.hooks import pointed
from runtime.workers.actors import wake


class TriggerNotFound(NotFound):
    """The flow is not published in this environment."""

    code = "trigger.not_found"


class NotByHand(Conflict):
    """The flow cannot be started by a person, or is switched off."""

    code = "trigger.not_by_hand"


class InputRefused(Unprocessable):
    """What was filled in does not fit the flow's form."""

    code = "trigger.input_refused"


def deployment_of(workspace_id: str, environment: str, flow_id: str) -> Deployment:
    """Where the flow is live; raises TriggerNotFound."""
    row = (
        Deployment.objects.filter(
            workspace_id=workspace_id, environment=environment, flow_id=flow_id
        )
        .select_related("release")
        .first()
    )
    if row is None:
        raise TriggerNotFound(
            "This flow is not published in this environment.", hint="Publish it first."
        )
    return row


def config_of(deployment: Deployment) -> dict[str, Any]:
    """Settings of the live release's trigger."""
    program = PROGRAMS.get([deployment.release_id])[deployment.release_id]
    return dict(program.graph.nodes[deployment.trigger_node].config)


def form_of(workspace_id: str, environment: str, flow_id: str) -> dict[str, Any]:
    """JSON Schema of what a person fills in, an example of it, and whether it may be started."""
    deployment = deployment_of(workspace_id, environment, flow_id)
    config = config_of(deployment)
    return {
        "form": config.get("form") or {},
        "sample": config.get("sample"),
        "by_hand": deployment.trigger_type in ("trigger.manual", schedules.KIND),
        "active": deployment.active,
        "release_id": deployment.release_id,
    }


def start(
    workspace_id: str, environment: str, flow_id: str, *, given: Any, key: str = ""
) -> tuple[str, bool]:
    """Id of the run, and whether it is new: the same ``key`` starts one run only.

    Raises TriggerNotFound, NotByHand, or InputRefused, which names every wrong field.
    """
    deployment = deployment_of(workspace_id, environment, flow_id)
    if not deployment.active:
        raise NotByHand("This flow is switched off.", hint="Switch it on first.")
    config = config_of(deployment)
    name = clock.now().strftime("%Y-%m-%d %H:%M")
    if deployment.trigger_type == schedules.KIND:
        now = clock.now()
        document: Any = schedules.document(config, now, now, 0)
    elif deployment.trigger_type == "trigger.manual":
        document = checked(config.get("form") or {}, given)
        name = pointed(document, str(config.get("business_key") or "")) or name
    else:
        raise NotByHand(
            "This flow is not started by hand.", hint="Test it in the designer, or replay a run."
        )
    event = connectors.Event(
        entity="manual",
        id=key or new_id("hand"),
        revision="",
        topic="manual",
        business_key=name,
        document=document,
    )
    source = f"flow/{flow_id}/{deployment.trigger_node}"
    arrival = Arrival(workspace_id, environment, source, event, flow_id)
    with faults.commits("manual.start"):
        only = Start(deployment, kind="manual")
        stored = arrivals.store([arrival], only=only)
        started = stored.new.get(arrival.place)
    if started:
        transaction.on_commit(wake)
        return started[0], True
    known = Event.objects.get(
        workspace_id=workspace_id, environment=environment, identity=arrival.identity
    )
    begun = Run.objects.filter(event_id=known.id).order_by("id").first()
    if begun is None:
        raise NotByHand(
            "The run of this start is no longer kept.", hint="Start it again with another key."
        )
    return begun.id, False


def checked(form: dict[str, Any], given: Any) -> Any:
    """The input with the form's defaults filled in; raises InputRefused."""
    properties = form.get("properties")
    if isinstance(properties, dict) and isinstance(given, dict):
        defaults = {
            name: field["default"]
            for name, field in properties.items()
            if isinstance(field, dict) and "default" in field
        }
        given = {**defaults, **given}
    if not form:
        return given
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validator = jsonschema.Draft202012Validator(form, format_checker=checker)
    errors = sorted(validator.iter_errors(given), key=lambda error: list(error.absolute_path))[:50]
    if errors:
        raise InputRefused(
            f"The input does not fit the form: {errors[0].message[:200]}",
            hint="Correct the fields that are named.",
            fields=[
                {
                    "pointer": "".join(f"/{part}" for part in error.absolute_path),
                    "message": error.message[:300],
                }
                for error in errors
            ],
        )
    return given
