"""Steps that may have been done: what a person can choose, in words, and the record they adopt."""

from __future__ import annotations

from typing import Any

from connectors import facade as connectors
from ipaas.core.errors import IpaasError, Recovery, Unprocessable
from runtime import faults
from runtime.effects.programs import PROGRAMS
from runtime.engine import Program, Snapshot, StepStatus
from runtime.graph import Node
from runtime.models import Run
from runtime.values import RunNotFound


class NotThere(Unprocessable):
    """The other system has no record with the id that a person gave."""

    code = "doubt.not_there"


def doubts(program: Program, snapshot: Snapshot, workspace_id: str) -> list[dict[str, Any]]:
    """Each step that a person must settle, with the choices spelled out."""
    return [
        _shown(program, node, workspace_id)
        for node_id, state in snapshot.steps.items()
        if state.status is StepStatus.IN_DOUBT
        and state.person
        and (node := program.graph.nodes.get(node_id)) is not None
    ]


def _shown(program: Program, node: Node, workspace_id: str) -> dict[str, Any]:
    facts = program.facts.get(node.id)
    where = str(node.config.get("connection") or "the other system")
    searchable = facts is not None and facts.can_probe
    reader = _reader(workspace_id, node)
    why = (
        f"“{node.name}” was sent to “{where}” and its answer was lost. "
        + ("It was searched for, in vain. " if searchable else "That system cannot be searched. ")
        + "Look there, then say what you found; until then nothing is sent."
    )
    checked = "It is read there first, so a wrong id does no harm." if reader else ""
    choices = [
        {
            "choice": "adopt",
            "title": "It is there",
            "text": f"Give its id. The run takes that record as its own and goes on. {checked}"
            " Nothing is sent.",
            "checks_id": reader is not None,
        },
        {
            "choice": "resend",
            "title": "It is not there",
            "text": "It is sent once more. If the first one arrives after all, it is there twice: "
            "choose this only when you are sure.",
            "checks_id": False,
        },
    ]
    if searchable:
        text = "It is searched for once more, and sent only if it is not found."
        look = {"choice": "look", "title": "Search again", "text": text, "checks_id": False}
        choices.insert(0, look)
    return {"node_id": node.id, "node_name": node.name, "text": why, "choices": choices}


def adopted(workspace_id: str, run_id: str, node_id: str, external_id: str) -> Any:
    """The result of a step whose record a person found: the record itself if it can be read by
    its id, else a document that holds the id where the answer would have had it.

    Raises NotThere if the other system says that there is no such record.
    """
    run = Run.objects.filter(id=run_id, workspace_id=workspace_id).first()
    if run is None:
        raise RunNotFound("There is no such run in this workspace.", hint="Open it from the list.")
    node = PROGRAMS.get([run.release_id])[run.release_id].graph.nodes.get(node_id)
    if node is None:
        raise RunNotFound("The flow of this run has no such step.", hint="Reload the run.")
    found = _reader(workspace_id, node)
    if found is None:
        return _holding(_reference(node), external_id)
    operation, name = found
    connection = str(node.config.get("connection"))
    ref = connectors.ConnectionRef(workspace_id, run.environment, connection)
    faults.point("adopt.before_send")
    try:
        output = connectors.call(ref, operation, {name: external_id}).output
    except connectors.ConnectorError as error:
        if error.recovery is not Recovery.FIX_DATA:
            raise
        raise NotThere(
            f"“{connection}” has no record with the id “{external_id[:60]}”.",
            hint="Look at the id in the other system; nothing was changed.",
        ) from error
    faults.point("adopt.after_reply")
    return output


def _reader(workspace_id: str, node: Node) -> tuple[str, str] | None:
    """The operation that reads a record of the step's kind by its id, and that input's name."""
    connector = str(node.config.get("connector") or "")
    operation = str(node.config.get("operation") or "")
    if not connector or not operation:
        return None
    try:
        spec = connectors.describe_operation(connector, operation)
        others = connectors.connector_of(workspace_id, connector).operations
    except IpaasError:
        return None  # the connector has changed since
    for other in others:
        reads = other.name == f"get_{spec.entity}" and other.effect == "read"
        if reads and spec.reference:
            schema = connectors.describe_operation(connector, other.name).input_schema
            required = list(schema.get("required") or ())
            if len(required) == 1:
                return other.name, str(required[0])
    return None


def _reference(node: Node) -> str:
    connector, operation = node.config.get("connector"), node.config.get("operation")
    if not connector or not operation:
        return ""
    try:
        return connectors.describe_operation(str(connector), str(operation)).reference
    except IpaasError:
        return ""


def _holding(pointer: str, value: str) -> dict[str, Any]:
    """A document with ``value`` at the pointer, and as ``id``."""
    document: dict[str, Any] = {"id": value, "adopted": True}
    place = document
    parts = pointer.split("/")[1:]
    for part in parts[:-1]:
        place = place.setdefault(part, {})
    if parts:
        place[parts[-1]] = value
    return document
