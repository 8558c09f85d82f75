"""What starts flows, over HTTP: state, starts by hand, missed events, the past."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ipaas.tenancy import audit
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView
from ipaas.tenancy.fields import DocumentField
from runtime import faults
from runtime.triggers import backfill, manual, missed, status


class Trigger(WorkspaceView):
    """What starts a live flow."""

    needs: ClassVar = {"get": Right.FLOWS_VIEW}

    def get(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Kind, timer with its next times and last error, cursor, how many events were missed."""
        found = status.trigger_status(self.workspace.id, self.environment.slug, flow_id)
        address = found["webhook_url"] if self.access.allows(Right.FLOWS_EDIT) else None
        return Response({**found, "webhook_url": address})


class PollNow(WorkspaceView):
    """Ask the connected system at once."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """For flows that ask for changes; the answer comes with the next look."""
        status.poll_now(self.workspace.id, self.environment.slug, flow_id)
        return Response({"flow_id": flow_id})


class StartForm(WorkspaceView):
    """What a person fills in to start a flow."""

    needs: ClassVar = {"get": Right.FLOWS_VIEW}

    def get(self, request: Request, workspace: str, flow_id: str) -> Response:
        """JSON Schema of the form, an example, and whether the flow may be started by hand."""
        return Response(manual.form_of(self.workspace.id, self.environment.slug, flow_id))


class StartSerializer(serializers.Serializer):
    """Input of a run; with a ``key``, the same start sent twice makes one run."""

    input = DocumentField(required=False)
    key = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    environment = serializers.CharField(max_length=40, default="test")


class Start(WorkspaceView):
    """Start a flow by hand."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": StartSerializer}
    answers: ClassVar = {"post": 201}

    @faults.repeats("api.start")
    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """The input is checked against the flow's form; each wrong field is named."""
        given = self.given()
        run_id, new = manual.start(
            self.workspace.id,
            self.environment.slug,
            flow_id,
            given=given.get("input", {}),
            key=given["key"],
        )
        if new:
            audit.record(self.workspace, request.user, "flow.start", flow_id, {"run_id": run_id})
        return Response({"run_id": run_id, "new": new}, status=201)


class MissedSerializer(serializers.Serializer):
    """What becomes of events that came while the flow was off."""

    action = serializers.ChoiceField(choices=["start", "dismiss"])
    environment = serializers.CharField(max_length=40, default="test")


class Missed(WorkspaceView):
    """Events that came while a flow was switched off."""

    needs: ClassVar = {"get": Right.RUNS_VIEW, "post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": MissedSerializer}
    query: ClassVar = {**PAGING}

    def get(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Newest first, with how many there are."""
        cursor, limit = self.position()
        page, total = missed.page(self.workspace.id, self.environment.slug, flow_id, cursor, limit)
        return self.page(page, total=total)

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Start a run for each, or dismiss them; up to some thousand at once."""
        action = self.given()["action"]
        done, left = missed.settle(self.workspace.id, self.environment.slug, flow_id, action)
        details = {"action": action, "events": done}
        audit.record(self.workspace, request.user, "flow.missed", flow_id, details)
        return Response({"done": done, "left": left})


class BackfillSerializer(serializers.Serializer):
    """Which past of which flow is read."""

    flow_id = serializers.CharField(max_length=40)
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    environment = serializers.CharField(max_length=40, default="test")


class Backfills(WorkspaceView):
    """Readings of the past."""

    needs: ClassVar = {"get": Right.RUNS_VIEW, "post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": BackfillSerializer}
    answers: ClassVar = {"post": 201}
    query: ClassVar = {**PAGING, "flow": "Id of a flow."}

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first, with progress."""
        cursor, limit = self.position()
        return self.page(
            backfill.page(
                self.workspace.id, self.environment.slug, self.asked("flow"), cursor, limit
            )
        )

    @faults.repeats("api.backfills")
    def post(self, request: Request, workspace: str) -> Response:
        """Its runs go behind live ones; what has started a run before starts none again."""
        given = self.given()
        found = backfill.begin(
            self.workspace.id,
            self.environment.slug,
            given["flow_id"],
            since=given["since"],
            until=given["until"],
            by=request.user.get_full_name() or request.user.get_username(),
        )
        details = {"backfill": found["id"], "since": found["since"], "until": found["until"]}
        audit.record(self.workspace, request.user, "backfill.begin", given["flow_id"], details)
        return Response(found, status=201)


class _BackfillView(WorkspaceView):
    def _open(self, backfill_id: str, right: Right) -> dict[str, Any]:
        found = backfill.find(self.workspace.id, backfill_id)
        self.access.require(right, found["environment"])
        return found


class BackfillDetail(_BackfillView):
    """One reading of the past."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}

    def get(self, request: Request, workspace: str, backfill_id: str) -> Response:
        """Its progress: events read, runs started, where they stand."""
        return Response(self._open(backfill_id, Right.RUNS_VIEW))


class BackfillChangeSerializer(serializers.Serializer):
    """What work in the background is told."""

    action = serializers.ChoiceField(choices=["pause", "resume", "cancel"])


class BackfillChange(_BackfillView):
    """Pause, resume or cancel a reading of the past."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": BackfillChangeSerializer}

    def post(self, request: Request, workspace: str, backfill_id: str) -> Response:
        """Cancelling also cancels its runs that have not begun."""
        self._open(backfill_id, Right.RUNS_OPERATE)
        action = self.given()["action"]
        found = backfill.change(self.workspace.id, backfill_id, action)
        audit.record(self.workspace, request.user, f"backfill.{action}", backfill_id, {})
        return Response(found)


class ScheduleSerializer(serializers.Serializer):
    """A schedule to be looked at."""

    preset = DocumentField(required=False)
    cron = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    timezone = serializers.CharField(max_length=60, required=False, default="UTC")
    after = serializers.DateTimeField(required=False, allow_null=True, default=None)


class SchedulePreview(WorkspaceView):
    """A schedule in words, with its next times."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}
    bodies: ClassVar = {"post": ScheduleSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """The next five fire times, after now or after a time that is given."""
        given = self.given()
        after: datetime | None = given.pop("after")
        return Response(status.preview(given, after))
