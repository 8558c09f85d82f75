"""Dead letters as runs make them, and those that a run has outlived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from ipaas.core.ids import new_id
from runtime import causes
from runtime.engine import RunStatus, StepStatus
from runtime.live.counts import tell_count
from runtime.models import DeadLetter
from runtime.triggers import failures

if TYPE_CHECKING:
    from runtime.store import Turn

BY = "Causeway"
WHY = "The run went on by itself."


def save(turns: Sequence[Turn], now: datetime) -> None:
    """Write the dead letters of these turns, start what listens to them, close what is over.

    Inside the transaction that writes the turns.
    """
    letters = DeadLetter.objects.bulk_create(_dead_letters(turns, now))
    failures.start(letters)
    _close_outlived([turn for turn in turns if _goes_on(turn)], now)


def _goes_on(turn: Turn) -> bool:
    """Whether a run moves again that had stopped: nobody needs to retry it."""
    stopped = (RunStatus.FAILED, RunStatus.CANCELLED)
    return turn.before is RunStatus.FAILED and turn.plan.snapshot.status not in stopped


def _close_outlived(turns: Sequence[Turn], now: datetime) -> None:
    """A run that its workers could not carry on is woken by the items below it all the same, and
    one can carry it then. What stopped at a step that has failed stays with a person."""
    if not turns:
        return
    snapshots = {turn.run_id: turn.plan.snapshot for turn in turns}
    edit = {"at": now.isoformat(), "by": BY, "reason": WHY, "did": "went_on"}
    for letter in DeadLetter.objects.select_for_update().filter(
        run_id__in=snapshots, status="open"
    ):
        if snapshots[letter.run_id].step(letter.node_id).status is StepStatus.FAILED:
            continue
        letter.status, letter.closed_at = "retried", now
        letter.edits = [*letter.edits, edit]
        letter.save(update_fields=["status", "closed_at", "edits"])
        place = (letter.workspace_id, letter.environment)
        transaction.on_commit(lambda place=place: tell_count(*place))


def _dead_letters(turns: Iterable[Turn], now: datetime) -> list[DeadLetter]:
    return [
        DeadLetter(
            id=new_id("dl"),
            workspace_id=turn.workspace_id,
            environment=turn.environment,
            run_id=turn.run_id,
            flow_id=turn.flow_id,
            node_id=letter.node_id,
            node_name=_storable(letter.node_name)[:200],
            code=_storable(letter.failure.code)[:80],
            message=_storable(letter.failure.message),
            hint=_storable(letter.failure.hint),
            fingerprint=causes.fingerprint(
                turn.flow_id, letter.node_id, letter.failure.code, letter.failure.message
            ),
            created_at=now,
        )
        for turn in turns
        for letter in turn.plan.dead_letters
    ]


def _storable(text: str) -> str:
    """Text that every database takes: PostgreSQL refuses the character 0."""
    return text.replace("\0", "")
