"""What the runtime's facade hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ipaas.core.errors import Conflict, NotFound


class RunNotFound(NotFound):
    """No run by that id in this workspace."""

    code = "run.not_found"


class DeadLetterNotFound(NotFound):
    """No dead letter by that id in this workspace."""

    code = "dead_letter.not_found"


class NotDeployed(Conflict):
    """The flow has no live release there."""

    code = "flow.not_deployed"


@dataclass(frozen=True, slots=True)
class DeploymentInfo:
    """A release that is live in an environment."""

    flow_id: str
    environment: str
    version: int
    release_id: str
    active: bool
    hook_token: str | None
    connection: str


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run of a flow."""

    run_id: str
    flow_id: str
    status: str
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a run left behind: its trigger document, the outputs of its steps, steps not taken.

    ``empty`` are loops that had no item or were not taken: no step in them was done.
    """

    run_id: str
    business_key: str
    status: str
    created_at: datetime
    trigger: Any
    outputs: dict[str, Any]
    skipped: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()
