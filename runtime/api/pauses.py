"""What people hold back, over HTTP."""

from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ipaas.tenancy import audit
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView
from runtime import faults, holding
from runtime.api.dead_letters import name_of


class PauseSerializer(serializers.Serializer):
    """What is to stand still: a run or flow by its id, a connection by its short name."""

    kind = serializers.ChoiceField(choices=["flow", "connection", "run"])
    ref = serializers.CharField(max_length=80)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    environment = serializers.CharField(max_length=40, default="test")


class Pauses(WorkspaceView):
    """What stands still here."""

    needs: ClassVar = {"get": Right.RUNS_VIEW, "post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": PauseSerializer}
    answers: ClassVar = {"post": 201}
    query: ClassVar = {
        **PAGING,
        "kind": "Only these: ``flow``, ``connection`` or ``run``.",
        "ref": "Only this one.",
    }

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first, with who paused it, when and why."""
        cursor, limit = self.position()
        only = {name: self.asked(name) for name in ("kind", "ref")}
        place = (self.workspace.id, self.environment.slug)
        return self.page(holding.page(*place, cursor, limit, **only))

    @faults.commits("api.pause")
    def post(self, request: Request, workspace: str) -> Response:
        """Events are still taken and steps worked out; no further call leaves."""
        given = self.given()
        found = holding.pause(
            self.workspace.id,
            self.environment.slug,
            given["kind"],
            given["ref"],
            by=name_of(request.user),
            reason=given["reason"],
        )
        details = {"environment": self.environment.slug, "reason": given["reason"]}
        audit.record(self.workspace, request.user, f"{given['kind']}.pause", given["ref"], details)
        return Response(found, status=201)


class PauseDetail(WorkspaceView):
    """One thing that stands still."""

    needs: ClassVar = {"delete": Right.RUNS_OPERATE}

    def delete(self, request: Request, workspace: str, pause_id: int) -> Response:
        """It goes on; how many runs were woken."""
        row = holding.find(self.workspace.id, pause_id)
        self.access.require(Right.RUNS_OPERATE, row.environment)
        with faults.commits("api.resume"):
            holding.lift(self.workspace.id, pause_id)
            details = {"environment": row.environment}
            audit.record(self.workspace, request.user, f"{row.kind}.resume", row.ref, details)
        return Response(holding.wake_held(row))
