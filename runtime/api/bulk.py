"""The same thing done to many records, over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ipaas.core.errors import Invalid
from ipaas.tenancy import audit
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView
from runtime import drafts, faults
from runtime.api.dead_letters import FROM, RELEASES, name_of
from runtime.api.triggers import BackfillChangeSerializer
from runtime.records import bulk
from runtime.records.choosing import MOST_IDS, Choice


class ChoiceSerializer(serializers.Serializer):
    """Which open records are meant; what is left out does not matter."""

    flow = serializers.CharField(max_length=40, required=False)
    code = serializers.CharField(max_length=80, required=False)
    cause = serializers.CharField(max_length=16, required=False)
    q = serializers.CharField(max_length=120, required=False)
    assignee = serializers.CharField(max_length=20, required=False)
    job = serializers.CharField(max_length=40, required=False)
    ids = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=MOST_IDS, required=False
    )


class BulkSerializer(serializers.Serializer):
    """What is to be done to which records; ``rehearsal`` only works out what would happen."""

    action = serializers.ChoiceField(choices=bulk.ACTIONS)
    choice = ChoiceSerializer()
    rehearsal = serializers.BooleanField(default=False)
    step = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    release = serializers.ChoiceField(choices=RELEASES, default="original")
    member_id = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    environment = serializers.CharField(max_length=40, default="test")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Adds ``from``: where a retry begins."""
        fields = super().get_fields()
        fields["from"] = serializers.ChoiceField(choices=FROM, default="failed")
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Leaving records undone needs a reason."""
        if attrs["action"] == "skip" and not attrs["rehearsal"] and not attrs["reason"]:
            raise serializers.ValidationError({"reason": "Say why they are left undone."})
        return attrs


class BulkJobs(WorkspaceView):
    """What is or was done to many records."""

    needs: ClassVar = {"get": Right.RUNS_VIEW, "post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": BulkSerializer}
    answers: ClassVar = {"post": 201}
    query: ClassVar = PAGING

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first, with progress; rehearsals are left out."""
        cursor, limit = self.position()
        return self.page(bulk.page(self.workspace.id, self.environment.slug, cursor, limit))

    @faults.repeats("api.bulk")
    def post(self, request: Request, workspace: str) -> Response:
        """Begins at once in the background; what fails again meanwhile is left alone."""
        given = self.given()
        choice = Choice.of(given["choice"])
        options = {name: given[name] for name in ("from", "step", "release", "member_id", "reason")}
        place = (self.workspace.id, self.environment.slug)
        if given["action"] == "retry" and given["release"] == "draft":
            self.access.require(Right.FLOWS_TEST, self.environment)
            if not choice.flow:
                raise Invalid("A draft is of one flow.", hint="Choose the records of one flow.")
            options["release_id"] = drafts.draft_release(*place, choice.flow, request.user)
        found = bulk.begin(
            *place,
            given["action"],
            choice=choice,
            options=options,
            rehearsal=given["rehearsal"],
            by=name_of(request.user),
        )
        if not given["rehearsal"]:
            details = {"choice": found["choice"], "total": found["total"], **options}
            action = f"dead_letters.{given['action']}"
            audit.record(self.workspace, request.user, action, found["id"], details)
        return Response(found, status=201)


class _BulkView(WorkspaceView):
    def _open(self, bulk_id: str, right: Right) -> dict[str, Any]:
        found = bulk.find(self.workspace.id, bulk_id)
        self.access.require(right, found["environment"])
        return found


class BulkDetail(_BulkView):
    """One job."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}

    def get(self, request: Request, workspace: str, bulk_id: str) -> Response:
        """How far it has come, counts by outcome, the first records that were refused, and of a
        retry what has become of its records by now."""
        return Response(self._open(bulk_id, Right.RUNS_VIEW))


class BulkChange(_BulkView):
    """Pause, resume or cancel a job."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": BackfillChangeSerializer}

    def post(self, request: Request, workspace: str, bulk_id: str) -> Response:
        """What was done stays done."""
        self._open(bulk_id, Right.RUNS_OPERATE)
        action = self.given()["action"]
        found = bulk.change(self.workspace.id, bulk_id, action)
        audit.record(self.workspace, request.user, f"bulk.{action}", bulk_id, {})
        return Response(found)
