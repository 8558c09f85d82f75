"""The engine, pure: turns (program, snapshot, outcomes) into (snapshot, commands)."""

from runtime.engine import resume
from runtime.engine.advance import advance, recover
from runtime.engine.program import CallFacts, Program
from runtime.engine.states import FINISHED_RUN, LEGAL_MOVES, RunStatus, StepStatus
from runtime.engine.values import (
    Call,
    DeadLetter,
    Document,
    Entry,
    Failure,
    Moment,
    Outcome,
    Pair,
    Plan,
    Snapshot,
    StepState,
)

__all__ = [
    "FINISHED_RUN",
    "LEGAL_MOVES",
    "Call",
    "CallFacts",
    "DeadLetter",
    "Document",
    "Entry",
    "Failure",
    "Moment",
    "Outcome",
    "Pair",
    "Plan",
    "Program",
    "RunStatus",
    "Snapshot",
    "StepState",
    "StepStatus",
    "advance",
    "recover",
    "resume",
]
