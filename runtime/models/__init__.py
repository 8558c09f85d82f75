"""Rows are the truth of every run; broker messages only say where to look."""

from runtime.models.releases import Deployment, Release
from runtime.models.runs import Attempt, DeadLetter, Effect, Event, JournalBatch, Payload, Run

__all__ = [
    "Attempt",
    "DeadLetter",
    "Deployment",
    "Effect",
    "Event",
    "JournalBatch",
    "Payload",
    "Release",
    "Run",
]
