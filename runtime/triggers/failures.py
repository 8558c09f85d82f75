"""Flows that start when another flow's record needs a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors import facade as connectors
from runtime.effects.programs import PROGRAMS
from runtime.models import DeadLetter, Deployment, Event, Run
from runtime.triggers import arrivals
from runtime.triggers.arrivals import Arrival

KIND = "trigger.error"
ENTITY = "failure"


def start(letters: Sequence[DeadLetter]) -> None:
    """Start the flows that listen to these failures, inside the caller's transaction.

    A flow never hears of its own failures, and the failure of a run that was itself started by a
    failure starts nothing: flows cannot chase each other. Neither does a run that was only a test.
    """
    if not letters:
        return
    listening = list(
        Deployment.objects.filter(
            workspace_id__in={letter.workspace_id for letter in letters},
            trigger_type=KIND,
            active=True,
        )
    )
    if not listening:
        return
    runs = {
        run["id"]: run
        for run in Run.objects.filter(id__in={letter.run_id for letter in letters}).values(
            "id", "kind", "business_key", "created_at", "release_id", "event_id"
        )
    }
    own = {run["event_id"] for run in runs.values() if run["event_id"]}
    guarded = set(Event.objects.filter(id__in=own, entity=ENTITY).values_list("id", flat=True))
    programs = PROGRAMS.get(
        {run["release_id"] for run in runs.values()} | {d.release_id for d in listening}
    )
    found = []
    for letter in letters:
        run = runs.get(letter.run_id)
        if run is None or run["kind"] == "test" or run["event_id"] in guarded:
            continue
        for deployment in listening:
            config = programs[deployment.release_id].graph.nodes[deployment.trigger_node].config
            if _wants(deployment, config, letter):
                document = _document(letter, run, programs[run["release_id"]].flow_name)
                found.append(_arrival(deployment, letter, document))
    arrivals.store(found)


def _wants(deployment: Deployment, config: Mapping[str, Any], letter: DeadLetter) -> bool:
    if (deployment.workspace_id, deployment.environment) != (
        letter.workspace_id,
        letter.environment,
    ):
        return False
    if deployment.flow_id == letter.flow_id:
        return False
    flows, codes = config.get("flows") or (), config.get("codes") or ()
    if flows and letter.flow_id not in flows:
        return False
    return not codes or any(
        letter.code.startswith(code[:-1]) if code.endswith("*") else letter.code == code
        for code in map(str, codes)
    )


def _document(letter: DeadLetter, run: Mapping[str, Any], flow_name: str) -> dict[str, Any]:
    return {
        "flow": {"id": letter.flow_id, "name": flow_name},
        "run": {
            "id": letter.run_id,
            "business_key": run["business_key"],
            "created_at": run["created_at"].isoformat(),
        },
        "step": {"id": letter.node_id, "name": letter.node_name},
        "error": {"code": letter.code, "message": letter.message, "hint": letter.hint},
        "dead_letter_id": letter.id,
        "environment": letter.environment,
        "failed_at": letter.created_at.isoformat(),
    }


def _arrival(deployment: Deployment, letter: DeadLetter, document: dict[str, Any]) -> Arrival:
    event = connectors.Event(
        entity=ENTITY,
        id=letter.id,
        revision="",
        topic=letter.code,
        business_key=document["run"]["business_key"] or letter.run_id,
        document=document,
    )
    source = f"flow/{deployment.flow_id}/{deployment.trigger_node}"
    return Arrival(
        str(letter.workspace_id), letter.environment, source, event, str(deployment.flow_id)
    )
