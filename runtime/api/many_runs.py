"""Cancelling many runs in one act, over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ipaas.tenancy import audit
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView
from runtime import faults
from runtime.api.dead_letters import name_of
from runtime.records import bulk, cancelling_many
from runtime.records.choosing import MOST_IDS
from runtime.records.runs_meant import RunChoice, forecast

_FILTER = {
    "flow": "Id of a flow.",
    "connection": "Short name of a connection: runs that need it still.",
    "status": "One or more states, with commas between them.",
    "q": "Part of a business key, or the id of a run.",
}


class RunChoiceSerializer(serializers.Serializer):
    """Which runs are meant; only those under way. What is left out does not matter."""

    flow = serializers.CharField(max_length=40, required=False, allow_blank=True)
    connection = serializers.CharField(max_length=80, required=False, allow_blank=True)
    status = serializers.CharField(max_length=100, required=False, allow_blank=True)
    q = serializers.CharField(max_length=120, required=False, allow_blank=True)
    ids = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=MOST_IDS, required=False
    )


class CancelRunsSerializer(serializers.Serializer):
    """The runs to be cancelled, and what is done first so that no new ones come."""

    choice = RunChoiceSerializer()
    first = serializers.ChoiceField(
        choices=["", cancelling_many.PAUSE_FIRST, cancelling_many.SWITCH_OFF], default=""
    )
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    environment = serializers.CharField(max_length=40, default="test")


class RunsBulk(WorkspaceView):
    """What is or was done to many runs."""

    needs: ClassVar = {"get": Right.RUNS_VIEW, "post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": CancelRunsSerializer}
    answers: ClassVar = {"post": 201}
    query: ClassVar = PAGING

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first, with progress."""
        cursor, limit = self.position()
        place = (self.workspace.id, self.environment.slug)
        return self.page(bulk.page(*place, cursor, limit, of_runs=True))

    @faults.repeats("api.cancel_runs")
    def post(self, request: Request, workspace: str) -> Response:
        """Cancels the runs under way that are meant now, in the background; later ones are left
        alone. What was posted stays posted, and a call that has left is still answered."""
        given = self.given()
        first, choice = given["first"], RunChoice.of(given["choice"])
        if first == cancelling_many.SWITCH_OFF:
            self.access.require(Right.FLOWS_PUBLISH, self.environment)
        place = (self.workspace.id, self.environment.slug)
        by, reason = name_of(request.user), given["reason"].strip()
        row = cancelling_many.begin(*place, choice, first=first, by=by, reason=reason)
        details: dict[str, Any] = {"environment": self.environment.slug, "reason": reason}
        details |= {"choice": given["choice"], "total": row.total, "first": first}
        audit.record(self.workspace, request.user, "runs.cancel", row.id, details)
        return Response(bulk.shown(row), status=201)


class RunsForecast(WorkspaceView):
    """What cancelling many runs would mean."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}
    query: ClassVar = _FILTER

    def get(self, request: Request, workspace: str) -> Response:
        """How many runs are under way now, by status and by flow. Of a connection: those of flows
        that use it; what is past its last call by it will be left alone."""
        choice = RunChoice.of({name: self.asked(name) for name in _FILTER})
        return Response(forecast(self.workspace.id, self.environment.slug, choice))
