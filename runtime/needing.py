"""Which releases and runs need a connection: by a step of their own, or by a flow they call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from runtime.effects.programs import PROGRAMS
from runtime.engine import Program, Snapshot, StepStatus, loop_of
from runtime.graph import Node
from runtime.models import Deployment

_CALL_FLOW = "call_flow"


@dataclass(frozen=True, slots=True)
class Needing:
    """What needs one connection."""

    connection: str
    release_ids: frozenset[str]
    flow_ids: frozenset[str]  # live flows that need it: whoever calls them does too

    @classmethod
    def of(
        cls, workspace_id: str, environment: str, connection: str, release_ids: Iterable[str]
    ) -> Needing:
        """Those among these releases, and the live ones, that need it."""
        live = dict(
            Deployment.objects.filter(
                workspace_id=workspace_id, environment=environment
            ).values_list("release_id", "flow_id")
        )
        programs = PROGRAMS.get({*release_ids, *live})
        found, flows = _closure(connection, programs, live)
        return cls(connection, frozenset(found), frozenset(flows))

    def still(self, snapshot: Snapshot, release_id: str) -> bool:
        """Whether the run has not come past its last step that needs it."""
        program = PROGRAMS.get([release_id])[release_id]
        loops, level = program.graph.loops, loop_of(program, snapshot)
        for node in program.graph.nodes.values():
            if not _uses(node, self.connection, self.flow_ids):
                continue
            here = node.id
            while loops[here] not in (level, ""):
                here = loops[here]  # the step of this run in which it stands
            state = snapshot.step(here)
            past = state.status in _PAST or (state.status is StepStatus.FAILED and state.port)
            if loops[here] == level and not past:
                return True
        return False


_PAST = (StepStatus.SUCCEEDED, StepStatus.SKIPPED)


def _closure(
    connection: str, programs: Mapping[str, Program], live: Mapping[str, str]
) -> tuple[set[str], set[str]]:
    flows: set[str] = set()
    while True:
        found = {
            release_id
            for release_id, program in programs.items()
            if any(_uses(node, connection, flows) for node in program.graph.nodes.values())
        }
        more = {live[release_id] for release_id in found if release_id in live}
        if more == flows:
            return found, flows
        flows = more


def _uses(node: Node, connection: str, flow_ids: Iterable[str]) -> bool:
    if node.kind.is_trigger:
        return False  # it has begun already
    if node.type == _CALL_FLOW:
        return str(node.config.get("flow") or "") in flow_ids
    return node.config.get("connection") == connection
