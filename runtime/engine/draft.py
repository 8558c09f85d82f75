"""A plan in the making: keeps snapshot, journal and commands together while deciding."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from runtime.engine.program import Program
from runtime.engine.states import FINISHED_RUN, RunStatus, StepStatus, check_move
from runtime.engine.step import StepState
from runtime.engine.values import (
    Ask,
    Call,
    DeadLetter,
    Document,
    Entry,
    Failure,
    Moment,
    Pair,
    Plan,
    Snapshot,
    Spawn,
)
from runtime.graph import Node, Work

_ENDED = (StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.CANCELLED)


class PlanDraft:
    """Collects what one turn of the engine decides; ``finish`` gives the frozen plan."""

    def __init__(self, program: Program, snapshot: Snapshot, data: Document, moment: Moment):
        self.program = program
        self.snapshot = snapshot
        self.data = data
        self.moment = moment
        self.entries: list[Entry] = []
        self.calls: list[Call] = []
        self.pairs: list[Pair] = []
        self.dead_letters: list[DeadLetter] = []
        self.changed: set[str] = set()
        self.spawns: list[Spawn] = []
        self.ended_families: list[str] = []
        self.asks: list[Ask] = []
        self.answered: list[tuple[str, str]] = []
        self.parked: set[str] = set()
        self.unparked: set[str] = set()
        self.claimed = False  # a worker has just taken the run over

    def step(self, node_id: str) -> StepState:
        """Current state of a node."""
        return self.snapshot.step(node_id)

    def note(self, kind: str, node_id: str | None, text: str, **data: Any) -> None:
        """Append a line to the journal."""
        seq = self.snapshot.seq + 1
        self.entries.append(Entry(seq, self.moment.now, kind, node_id, text, data))
        self.snapshot = replace(self.snapshot, seq=seq)

    def move(self, node_id: str, status: StepStatus, **changes: Any) -> StepState:
        """Change a step's state by a legal move."""
        before = self.step(node_id)
        check_move(before.status, status)
        if before.started_at is None and status is not StepStatus.SKIPPED:
            changes.setdefault("started_at", self.moment.now)
        if status in _ENDED and not changes.get("away"):
            changes.setdefault("finished_at", self.moment.now)
        changes.setdefault("next_at", None)
        changes.setdefault("away", False)
        after = replace(before, status=status, **changes)
        self.snapshot = self.snapshot.with_step(node_id, after)
        self.changed.add(node_id)
        return after

    def succeed(self, node: Node, output: Document, port: str = "out", text: str = "") -> None:
        """The node is done; later steps see its output."""
        reference = self.moment.keep(output)  # may be refused: nothing has changed yet
        self.data["steps"][node.id] = output
        self.move(node.id, StepStatus.SUCCEEDED, port=port, output=reference, error=None)
        self.note("step.succeeded", node.id, text or f"{node.name}: done", port=port)

    def input_of(self, node_id: str, reference: str) -> None:
        """Remember what the node was given."""
        self.snapshot = self.snapshot.with_step(
            node_id, replace(self.step(node_id), input=reference)
        )

    def fail(self, node: Node, failure: Failure, **more: Any) -> None:
        """The node failed for good: its error port is taken, else a person must look.

        ``more`` is what the steps behind the error port see beside the error.
        """
        handled = self.handles_errors(node) and not failure.for_person
        error = failure.as_json()
        if handled:
            output = {"error": error, **more}
            self.data["steps"][node.id] = output
            self.move(
                node.id,
                StepStatus.FAILED,
                port="error",
                error=error,
                output=self.moment.keep(output),
            )
        else:
            self.move(node.id, StepStatus.FAILED, port=None, error=error)
            self.bury(node.id, node.name, failure)
            self.parked.update(failure.awaits)
        self.note("step.failed", node.id, failure.message, **error, handled=handled)

    def handles_errors(self, node: Node) -> bool:
        """Whether something is wired to the node's error exit."""
        return any(e.source_port == "error" for e in self.program.graph.outgoing[node.id])

    def bury(self, node_id: str, name: str, failure: Failure) -> None:
        """A dead letter, unless the run above deals with the failure."""
        if self.snapshot.scope is None or not self.snapshot.scope.silent:
            self.dead_letters.append(DeadLetter(node_id, name, failure))

    def wait(
        self, node: Node, status: StepStatus, delay_s: float, why: str, **changes: Any
    ) -> None:
        """A timer wakes the step; no worker sleeps for it."""
        next_at = self.moment.now + timedelta(seconds=delay_s)
        self.move(node.id, status, next_at=next_at, **changes)
        self.note("step.waits", node.id, why, next_at=next_at.isoformat(), delay_s=delay_s)

    def finish(self, status: RunStatus | None = None) -> Plan:
        """The plan; unless given, the run's status is worked out from its steps."""
        states = self.snapshot.steps.values()
        due_at = min((s.next_at for s in states if s.next_at is not None), default=None)
        status = status or self._status()
        if status is RunStatus.QUEUED:
            due_at = self.moment.now
        elif status in FINISHED_RUN and status is not RunStatus.CANCELLED:
            due_at = None  # what a cancelled run may have sent is still searched for
        if status is not self.snapshot.status:
            self.snapshot = replace(self.snapshot, status=status)
            self.note("run.status", None, _STATUS_TEXT[status], status=str(status))
        return Plan(
            self.snapshot,
            tuple(self.entries),
            tuple(self.calls),
            tuple(self.pairs),
            tuple(self.dead_letters),
            frozenset(self.changed),
            due_at,
            tuple(self.spawns),
            tuple(self.ended_families),
            tuple(self.asks),
            tuple(self.answered),
            tuple(sorted(self.parked)),
            tuple(sorted(self.unparked - self.parked)),
            self._watched(),
        )

    def family(self, node_id: str) -> str:
        """Name of the family of runs that a step makes in this round."""
        return f"{self.snapshot.run_id}/{node_id}/{self.step(node_id).generation}"

    def _watched(self) -> dict[str, int]:
        nodes = self.program.graph.nodes
        return {
            self.family(node_id): state.seen
            for node_id, state in self.snapshot.steps.items()
            if state.status is StepStatus.WAITING
            and node_id in nodes
            and nodes[node_id].kind.work is Work.FAMILY
        }

    def _status(self) -> RunStatus:
        states = list(self.snapshot.steps.values())
        if self.snapshot.status is RunStatus.CANCELLED:
            return RunStatus.CANCELLED
        if any(s.under_way for s in states):
            return RunStatus.RUNNING
        if any(s.next_at is not None for s in states):
            return RunStatus.WAITING
        if any(s.status is StepStatus.WAITING and not s.person for s in states):
            return RunStatus.WAITING
        if any(s.status is StepStatus.IN_DOUBT for s in states):
            return RunStatus.IN_DOUBT
        if any(s.needs_mending for s in states):
            return RunStatus.FAILED
        return RunStatus.SUCCEEDED


_STATUS_TEXT = {
    RunStatus.QUEUED: "The run waits for a worker",
    RunStatus.RUNNING: "The run is moving",
    RunStatus.WAITING: "The run waits",
    RunStatus.SUCCEEDED: "The run has finished",
    RunStatus.FAILED: "The run stopped and needs a person",
    RunStatus.IN_DOUBT: "A person must decide whether a document has arrived",
    RunStatus.CANCELLED: "The run was cancelled",
    RunStatus.SUPERSEDED: "A newer event of the same record took its place",
}
