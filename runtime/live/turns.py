"""A committed turn of a run as browsers are told of it."""

from __future__ import annotations

from datetime import datetime

from runtime.engine import Plan, Program
from runtime.live.publisher import RunChange
from runtime.live.summaries import step_summary, summary_of
from runtime.models import Run


def change_of(
    run: Run, program: Program, plan: Plan, from_seq: int, ended_at: datetime | None
) -> RunChange:
    """What a plan made of a run whose row was read before it; ``ended_at`` if the run is over."""
    shown = summary_of(run, program, plan.snapshot, ended_at)
    steps = {node: step_summary(node, plan.snapshot.step(node)) for node in plan.changed}
    return RunChange(run.workspace_id, run.environment, from_seq, shown, steps)
