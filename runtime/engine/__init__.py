"""The engine, pure: turns (program, snapshot, outcomes) into (snapshot, commands)."""

from runtime.engine import resume
from runtime.engine.advance import advance, give_up
from runtime.engine.evaluate import failure_of
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
    "failure_of",
    "give_up",
    "resume",
]
