"""What people do to one record besides retrying it: leave out a step, reopen, assign."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from ipaas.core import clock
from ipaas.core.errors import Conflict
from ipaas.tenancy import facade as tenancy
from runtime import control, faults
from runtime.effects import payloads
from runtime.engine import RunStatus, resume
from runtime.live.counts import tell_count
from runtime.models import DeadLetter, Run
from runtime.values import DeadLetterNotFound


class CannotReopen(Conflict):
    """The record is open, or its run has gone on."""

    code = "dead_letter.cannot_reopen"


def go_past(workspace_id: str, dead_letter_id: str, *, output: Any, by: str, reason: str) -> str:
    """Id of the run, which goes on behind the failed step as if that had given ``output``."""
    letter = _open_letter(workspace_id, dead_letter_id)
    edit = {"at": clock.now().isoformat(), "by": by, "reason": reason, "did": "went_past"}
    with faults.commits("records.go_past"):
        changed = DeadLetter.objects.filter(id=letter.id, status="open").update(
            status="skipped", closed_at=clock.now(), edits=[*control.history(letter.id), edit]
        )
        if not changed:
            raise control.BadChoice(
                "Somebody has just dealt with this record.", hint="Reload the page."
            )
        control.apply(
            workspace_id,
            letter.run_id,
            lambda program, snapshot, moment: resume.go_past(
                program, snapshot, moment, node_id=letter.node_id, output=output
            ),
            intent=False,  # it says nothing of whether the document has arrived
        )
    transaction.on_commit(lambda: tell_count(workspace_id, letter.environment))
    return letter.run_id


def reopen(workspace_id: str, dead_letter_id: str, *, by: str, reason: str) -> None:
    """Put a record that was skipped, or has expired, back among the open ones.

    Raises CannotReopen if its run has gone on or its document is no longer kept.
    """
    with faults.commits("records.reopen"):
        letter = _letter(workspace_id, dead_letter_id)
        run = Run.objects.select_for_update().get(id=letter.run_id)
        stands = run.status == RunStatus.FAILED and letter.status in ("skipped", "expired")
        if not stands:
            raise CannotReopen(
                f"This record is {letter.status} and its run is {run.status}.",
                hint="Replay the run if its document is to be processed again.",
            )
        if run.trigger not in payloads.load(workspace_id, [run.trigger]):
            raise CannotReopen(
                "The document of this record is no longer kept.",
                hint="Have the other system send it again.",
            )
        edit = {"at": clock.now().isoformat(), "by": by, "reason": reason, "did": "reopened"}
        DeadLetter.objects.filter(id=letter.id).update(
            status="open", closed_at=None, edits=[*control.history(letter.id), edit]
        )
    transaction.on_commit(lambda: tell_count(workspace_id, letter.environment))


def assign(workspace_id: str, dead_letter_id: str, *, member_id: str, by: str) -> None:
    """Give the record to a member; "" to nobody."""
    name = member_name(workspace_id, member_id) if member_id else ""
    words = f"Given to {name}" if name else "Given to nobody"
    edit = {"at": clock.now().isoformat(), "by": by, "reason": words, "did": "assigned"}
    with faults.commits("records.assign"):
        letter = _letter(workspace_id, dead_letter_id)
        DeadLetter.objects.filter(id=letter.id).update(
            assignee_id=int(member_id) if member_id else None,
            edits=[*control.history(letter.id), edit],
        )


def member_name(workspace_id: str, member_id: str) -> str:
    """Name of a member; raises BadChoice for somebody else."""
    for member in tenancy.members_of(workspace_id):
        if member.id == member_id:
            return member.name
    raise control.BadChoice(
        "This person is not a member of the workspace.", hint="Choose one from the list."
    )


def _letter(workspace_id: str, dead_letter_id: str) -> DeadLetter:
    rows = DeadLetter.objects.filter(id=dead_letter_id, workspace_id=workspace_id)
    letter = rows.first()
    if letter is None:
        raise DeadLetterNotFound(
            "There is no such record in this workspace.", hint="Open it from the list of errors."
        )
    return letter


def _open_letter(workspace_id: str, dead_letter_id: str) -> DeadLetter:
    letter = _letter(workspace_id, dead_letter_id)
    if letter.status != "open":
        raise control.BadChoice(f"This record is already {letter.status}.", hint="Reload the page.")
    return letter
