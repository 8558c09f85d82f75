"""What a retry would do, worked out from what is stored; nothing is changed or asked of anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ipaas.core.errors import IpaasError
from runtime import store
from runtime.effects.programs import PROGRAMS
from runtime.engine import Program, Snapshot, StepStatus, loop_of, resume
from runtime.models import DeadLetter, Deployment, Effect

WILL_SEND = "will_send"  # something is posted that was not posted before
ALREADY_POSTED = "already_posted"  # all of it was posted; its result is found and used
IN_DOUBT = "in_doubt"  # something may have arrived; it is searched for before anything is sent
NOTHING_TO_SEND = "nothing_to_send"  # steps are done again, and none of them posts
CANNOT = "cannot"


@dataclass(frozen=True, slots=True)
class Wish:
    """How records are to be retried."""

    from_start: bool = False
    from_node: str = ""
    newest: bool = False
    release_id: str = ""

    @classmethod
    def of(cls, options: dict[str, Any]) -> Wish:
        """The wish of a request: ``from``, ``step``, ``release``, ``release_id``."""
        begin = options.get("from") or "failed"
        return cls(
            begin == "start",
            str(options.get("step") or "") if begin == "step" else "",
            options.get("release") == "newest",
            str(options.get("release_id") or ""),
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would become of one record."""

    outcome: str
    why: str = ""
    steps: tuple[tuple[str, str], ...] = ()  # id of a step that posts, and what becomes of it

    def as_json(self) -> dict[str, Any]:
        """The shown form."""
        steps = [{"node_id": node_id, "outcome": outcome} for node_id, outcome in self.steps]
        return {"outcome": self.outcome, "why": self.why, "steps": steps}


def forecasts(
    letters: Sequence[DeadLetter], wish: Wish, drawn: Program | None = None
) -> dict[str, Forecast]:
    """By letter id; a few queries however many there are. Their runs are loaded with them.

    ``drawn`` is a version that is not stored, the draft, with which they would go on.
    """
    began = PROGRAMS.get({letter.run.release_id for letter in letters})
    programs: dict[str, Program | None] = (
        {letter.id: drawn for letter in letters} if drawn else _programs(letters, wish)
    )
    found: dict[str, Forecast] = {}
    plans: dict[str, list[tuple[str, str]]] = {}
    for letter in letters:
        run = letter.run
        program = programs[letter.id]
        if program is None or program.problem:
            why = program.problem if program else "This flow has no such version here."
            found[letter.id] = Forecast(CANNOT, why)
            continue
        snapshot = store.snapshot_of(run)
        try:
            if run.status not in ("failed", "waiting"):
                raise resume.NothingToDo(f"The run is {run.status}.")
            if program.release_id != run.release_id:
                snapshot = resume.moved(snapshot, began[run.release_id], program)
            redone = resume.to_redo(
                program, snapshot, from_start=wish.from_start, from_node=wish.from_node
            )
        except IpaasError as error:
            found[letter.id] = Forecast(CANNOT, error.message)
            continue
        plans[letter.id] = _keys(program, snapshot, redone)
    keys = {key for plan in plans.values() for _, key in plan}
    workspaces = {letter.workspace_id for letter in letters}
    states = dict(
        Effect.objects.filter(workspace_id__in=workspaces, key__in=keys).values_list("key", "state")
    )
    for letter_id, plan in plans.items():
        found[letter_id] = _judged([(node, states.get(key, "")) for node, key in plan])
    return found


def _programs(letters: Sequence[DeadLetter], wish: Wish) -> dict[str, Program | None]:
    """By letter id, the version that its run would go on with."""
    releases = {letter.id: letter.run.release_id for letter in letters}
    if wish.release_id:
        releases = dict.fromkeys(releases, wish.release_id)
    elif wish.newest:
        flows = {(letter.environment, letter.flow_id) for letter in letters}
        live = {
            (row.environment, row.flow_id): row.release_id
            for row in Deployment.objects.filter(
                workspace_id__in={letter.workspace_id for letter in letters},
                flow_id__in={flow_id for _, flow_id in flows},
            )
        }
        for letter in letters:
            known = releases[letter.id]
            releases[letter.id] = live.get((letter.environment, letter.flow_id), known)
    programs = PROGRAMS.get(releases.values())
    found: dict[str, Program | None] = {}
    for letter in letters:
        program = programs.get(releases[letter.id])
        own = program is not None and program.flow_id == letter.flow_id
        found[letter.id] = program if own else None
    return found


def _keys(program: Program, snapshot: Snapshot, redone: list[str]) -> list[tuple[str, str]]:
    """Steps that may post, with the names of their effects: those done again, and those to come."""
    found = []
    for node_id in program.graph.body(loop_of(program, snapshot)):
        facts = program.facts.get(node_id)
        if facts is None or not facts.writes:
            continue
        settled = snapshot.step(node_id).status in (StepStatus.SUCCEEDED, StepStatus.SKIPPED)
        if node_id in redone or not settled:
            node = program.graph.nodes[node_id]
            key = program.effect_key(node, snapshot.source_key, snapshot.revision)
            found.append((node_id, key))
    return found


_OUTCOMES = {"confirmed": ALREADY_POSTED, "intended": IN_DOUBT}


def _judged(steps: list[tuple[str, str]]) -> Forecast:
    """The outcome of a record whose posting steps have effects in these states."""
    each = tuple((node, _OUTCOMES.get(state, WILL_SEND)) for node, state in steps)
    kinds = {outcome for _, outcome in each}
    for outcome in (IN_DOUBT, WILL_SEND, ALREADY_POSTED):
        if outcome in kinds:
            return Forecast(outcome, steps=each)
    return Forecast(NOTHING_TO_SEND)
