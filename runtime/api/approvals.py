"""Questions to people, over HTTP."""

from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ipaas.tenancy import audit
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView
from runtime import approvals, deciding, faults


class Approvals(WorkspaceView):
    """The list of questions."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}
    query: ClassVar = {
        **PAGING,
        "status": "``open`` (if left out), ``approved``, ``rejected``, ``expired``, ``cancelled``, "
        "``answered`` (the first three) or ``all``.",
        "asked": "``me``: only what the reader was asked, by name or by role.",
        "run": "Id of a run: only what it asks.",
    }

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first; ``mine`` says whether the reader may answer, ``for_you`` how many wait."""
        cursor, limit = self.position()
        person = deciding.Person.of(self.access)
        page = approvals.list_approvals(
            self.workspace.id,
            self.environment.slug,
            status=self.asked("status") or "open",
            run_id=self.asked("run"),
            asked=person.asked if self.asked("asked") == "me" else None,
            cursor=cursor,
            limit=limit,
        )
        waiting = approvals.open_count(
            self.workspace.id, self.environment.slug, None if person.administers else person.asked
        )
        shown = page.map(lambda row: {**row, "mine": person.may_answer(row)})
        return self.page(shown, for_you=waiting)


class _ApprovalView(WorkspaceView):
    def _row(self, approval_id: str) -> dict[str, object]:
        row = approvals.as_json(approvals.get(self.workspace.id, approval_id))
        self.access.require(Right.RUNS_VIEW, str(row["environment"]))
        return {**row, "mine": deciding.Person.of(self.access).may_answer(row)}


class ApprovalDetail(_ApprovalView):
    """One question."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}

    def get(self, request: Request, workspace: str, approval_id: str) -> Response:
        """What is asked, of whom, and until when."""
        return Response(self._row(approval_id))


class AnswerSerializer(serializers.Serializer):
    """A person's answer."""

    approved = serializers.BooleanField()
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class ApprovalDecide(_ApprovalView):
    """Approve or reject."""

    needs: ClassVar = {"post": Right.RUNS_VIEW}
    bodies: ClassVar = {"post": AnswerSerializer}

    @faults.repeats("api.approval_decide")
    def post(self, request: Request, workspace: str, approval_id: str) -> Response:
        """For whoever was asked, and for administrators; the run goes on at once."""
        self._row(approval_id)
        given = self.given()
        deciding.answer(
            self.workspace.id,
            approval_id,
            deciding.Person.of(self.access),
            approved=given["approved"],
            note=given["note"],
        )
        audit.record(
            self.workspace,
            request.user,
            "approval.approve" if given["approved"] else "approval.reject",
            approval_id,
            {"note": given["note"]},
        )
        return Response(self._row(approval_id))
