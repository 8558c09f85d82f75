"""The engine, pure: turns (program, snapshot, outcomes) into (snapshot, commands)."""

from runtime.engine import resume
from runtime.engine.advance import advance, loop_of
from runtime.engine.codes import conversion
from runtime.engine.endings import give_up, result_of
from runtime.engine.evaluate import failure_of
from runtime.engine.families import LOOK_AGAIN, MAX_PARALLEL
from runtime.engine.late import answered_late, settle
from runtime.engine.lists import AGGREGATES
from runtime.engine.program import CallFacts, Program
from runtime.engine.retry import CLASSES as RETRY_CLASSES
from runtime.engine.states import FINISHED_RUN, LEGAL_MOVES, RunStatus, StepStatus
from runtime.engine.step import StepState
from runtime.engine.values import (
    SENT,
    Ask,
    Call,
    Child,
    DeadLetter,
    Document,
    Entry,
    Failure,
    Family,
    Held,
    Live,
    Moment,
    NotNow,
    Outcome,
    Pair,
    Plan,
    Scope,
    Snapshot,
    Spawn,
    Stay,
)
from runtime.engine.waits import WAIT_UNITS

__all__ = [
    "SENT",
    "AGGREGATES",
    "LOOK_AGAIN",
    "MAX_PARALLEL",
    "RETRY_CLASSES",
    "WAIT_UNITS",
    "result_of",
    "Spawn",
    "Scope",
    "Live",
    "Family",
    "Child",
    "Ask",
    "FINISHED_RUN",
    "LEGAL_MOVES",
    "Call",
    "CallFacts",
    "DeadLetter",
    "Document",
    "Entry",
    "Failure",
    "Held",
    "Moment",
    "NotNow",
    "Outcome",
    "Pair",
    "Plan",
    "Program",
    "RunStatus",
    "Snapshot",
    "Stay",
    "StepState",
    "StepStatus",
    "advance",
    "answered_late",
    "conversion",
    "failure_of",
    "give_up",
    "loop_of",
    "resume",
    "settle",
]
