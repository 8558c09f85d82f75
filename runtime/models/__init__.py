"""Rows are the truth of every run; broker messages only say where to look."""

from runtime.models.control import BulkJob, Pause
from runtime.models.families import Approval, Family, Parked
from runtime.models.lanes import Lane
from runtime.models.limits import AllowanceRow
from runtime.models.releases import Deployment, Release
from runtime.models.retention import Pruning, RetentionRow
from runtime.models.runs import (
    Attempt,
    DeadLetter,
    Effect,
    Event,
    JournalBatch,
    Pack,
    Payload,
    Run,
)
from runtime.models.triggers import (
    Backfill,
    Hook,
    HookSample,
    Installation,
    Lease,
    MissedEvent,
    Process,
    Timer,
)

__all__ = [
    "AllowanceRow",
    "Approval",
    "Attempt",
    "Backfill",
    "BulkJob",
    "DeadLetter",
    "Deployment",
    "Effect",
    "Event",
    "Family",
    "Hook",
    "HookSample",
    "Installation",
    "JournalBatch",
    "Lane",
    "Lease",
    "MissedEvent",
    "Parked",
    "Pause",
    "Pack",
    "Payload",
    "Process",
    "Pruning",
    "Release",
    "RetentionRow",
    "Run",
    "Timer",
]
