"""Who may answer a question, and what an answer does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ipaas.core import clock
from ipaas.core.errors import Conflict, Forbidden
from ipaas.tenancy.access import Access
from runtime import approvals, control, faults
from runtime.live.news import APPROVALS, tell_change
from runtime.models import Approval

_ADMINISTER = ("owner", "admin")


class NotAsked(Forbidden):
    """Somebody else was asked."""

    code = "approval.not_asked"


class AlreadyAnswered(Conflict):
    """The question is no longer open."""

    code = "approval.already_answered"


@dataclass(frozen=True, slots=True)
class Person:
    """Who answers."""

    username: str
    name: str
    role: str

    @classmethod
    def of(cls, access: Access) -> Person:
        """The person behind a request."""
        user = access.user
        name = user.get_full_name() or user.get_username()
        return cls(user.get_username(), name, str(access.role))

    @property
    def asked(self) -> tuple[str, str]:
        """By what name and role this person is asked."""
        return self.username, self.role

    @property
    def administers(self) -> bool:
        """Whether this person may answer whatever is asked."""
        return self.role in _ADMINISTER

    def may_answer(self, question: Mapping[str, Any]) -> bool:
        """Whoever was asked, by name or role, and administrators."""
        who = question["assignee"]
        asked = self.username if who["kind"] == "user" else self.role
        return self.administers or asked == who["name"]


def answer(
    workspace_id: str, approval_id: str, person: Person, *, approved: bool, note: str
) -> None:
    """Let the run that asks go on; raises NotAsked, or AlreadyAnswered if somebody was faster."""
    with faults.commits("deciding.answer"):
        row = approvals.get(workspace_id, approval_id)
        if not person.may_answer(approvals.as_json(row)):
            raise NotAsked(
                f"This question is for {row.assignee_kind} {row.assignee}.",
                hint="Ask them, or an administrator.",
            )
        changed = Approval.objects.filter(id=row.id, status="open").update(
            status="approved" if approved else "rejected",
            decided_at=clock.now(),
            decided_by=person.name[:150],
            note=note,
        )
        if not changed:
            raise AlreadyAnswered("This question has been answered.", hint="Reload the page.")
        tell_change(workspace_id, row.environment, APPROVALS)
        control.answer(
            workspace_id, row.run_id, row.node_id, approved=approved, by=person.name, note=note
        )
