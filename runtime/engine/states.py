"""States of runs and steps, and the one table of legal moves."""

from __future__ import annotations

from enum import StrEnum


class StepStatus(StrEnum):
    """Where one node's work stands in a run."""

    PENDING = "pending"
    RUNNING = "running"  # a call has been allowed to leave; its answer is not known yet
    RETRYING = "retrying"  # waits for its next attempt
    IN_DOUBT = "in_doubt"  # a write left and nobody knows whether it arrived
    WAITING = "waiting"  # for a time, a person, a connection, or runs of its own
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"  # it had begun when the run was cancelled; a call may still be away


class RunStatus(StrEnum):
    """Where a run stands as a whole."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"  # a timer, a person or a run of its own will wake it
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # a dead letter needs a person
    IN_DOUBT = "in_doubt"  # a person must say whether a write arrived
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"  # a newer event of the same record came before it began


S = StepStatus
LEGAL_MOVES: dict[StepStatus, frozenset[StepStatus]] = {
    S.PENDING: frozenset(
        {S.RUNNING, S.RETRYING, S.IN_DOUBT, S.WAITING, S.SUCCEEDED, S.FAILED, S.SKIPPED}
    ),
    S.RUNNING: frozenset({S.SUCCEEDED, S.FAILED, S.RETRYING, S.IN_DOUBT, S.WAITING, S.CANCELLED}),
    S.RETRYING: frozenset(
        {S.RUNNING, S.RETRYING, S.WAITING, S.SUCCEEDED, S.FAILED, S.CANCELLED, S.IN_DOUBT}
    ),
    S.WAITING: frozenset(
        {S.WAITING, S.RUNNING, S.RETRYING, S.SUCCEEDED, S.FAILED, S.CANCELLED, S.IN_DOUBT}
    ),
    S.IN_DOUBT: frozenset({S.IN_DOUBT, S.RUNNING, S.RETRYING, S.SUCCEEDED, S.FAILED}),
    S.FAILED: frozenset({S.PENDING}),  # a person resumes it
    S.SUCCEEDED: frozenset({S.PENDING}),  # a person retries the run from its start
    S.SKIPPED: frozenset({S.PENDING}),
    # What its call did is still found out; nothing else ever follows.
    S.CANCELLED: frozenset({S.SUCCEEDED, S.FAILED, S.IN_DOUBT, S.CANCELLED}),
}

FINISHED_RUN = frozenset(
    {RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.SUPERSEDED}
)


class IllegalMove(RuntimeError):
    """The engine tried a move that is not in the table: a bug, never bad data."""


def check_move(before: StepStatus, after: StepStatus) -> None:
    """Raise IllegalMove unless the table allows going from ``before`` to ``after``."""
    if after not in LEGAL_MOVES[before]:
        raise IllegalMove(f"a step cannot go from {before} to {after}")
