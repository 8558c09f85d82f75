"""Records that need a person, over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ipaas.tenancy import audit
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView
from ipaas.tenancy.fields import DocumentField
from runtime import control, drafts, faults
from runtime.records import acting, reading
from runtime.records.choosing import Choice
from runtime.records.forecast import Wish

FILTER = {
    "status": "``open`` (if left out), ``retried``, ``skipped``, ``expired`` or ``all``.",
    "flow": "Id of a flow.",
    "code": "Code of an error.",
    "cause": "Name of a cause, as the groups give it.",
    "q": "Part of a business key, or the id of a run.",
    "assignee": "Id of a member, or ``none``.",
    "job": "Id of a job that had retried them before they failed again.",
}
FROM = ["failed", "step", "start"]
RELEASES = ["original", "newest", "draft"]


def name_of(user: Any) -> str:
    """The name under which a person's deeds are kept."""
    return str(user.get_full_name() or user.get_username())


def _choice(view: WorkspaceView) -> Choice:
    return Choice.of({name: view.asked(name) for name in FILTER})


class DeadLetters(WorkspaceView):
    """The list of records that need a person."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}
    query: ClassVar = {**PAGING, **FILTER}

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first, with groups by cause."""
        cursor, limit = self.position()
        page, groups = reading.page(
            self.workspace.id, self.environment.slug, _choice(self), cursor=cursor, limit=limit
        )
        return self.page(page, groups=groups)


class DeadLetterExport(WorkspaceView):
    """The list as a file."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}
    query: ClassVar = FILTER

    def get(self, request: Request, workspace: str) -> HttpResponseBase:
        """All records of a filter as CSV, without their documents."""
        lines = reading.export(self.workspace.id, self.environment.slug, _choice(self))
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        name = f"errors-{self.environment.slug}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


class _LetterView(WorkspaceView):
    def _open(self, dead_letter_id: str, right: Right) -> dict[str, Any]:
        letter = reading.get(self.workspace.id, dead_letter_id)
        self.access.require(right, letter["environment"])
        return letter

    def _audit(self, request: Request, verb: str, dead_letter_id: str, **details: Any) -> None:
        audit.record(self.workspace, request.user, f"dead_letter.{verb}", dead_letter_id, details)


class DeadLetterDetail(_LetterView):
    """One record with its document."""

    needs: ClassVar = {"get": Right.RUNS_DATA_VIEW}

    def get(self, request: Request, workspace: str, dead_letter_id: str) -> Response:
        """The document as it came in, the failed step's input, the cause and what was done."""
        return Response(self._open(dead_letter_id, Right.RUNS_DATA_VIEW))


class DeadLetterEdit(_LetterView):
    """One change of a record's document."""

    needs: ClassVar = {"get": Right.RUNS_DATA_VIEW}

    def get(self, request: Request, workspace: str, dead_letter_id: str, number: int) -> Response:
        """The document before and after it; ``number`` is its place in ``edits``."""
        self._open(dead_letter_id, Right.RUNS_DATA_VIEW)
        return Response(reading.edit_of(self.workspace.id, dead_letter_id, number))


class RetrySerializer(serializers.Serializer):
    """How a record is retried."""

    # "from" is a Python keyword, hence the declared mapping below.
    release = serializers.ChoiceField(choices=RELEASES, default="original")
    step = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    document = DocumentField(required=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Adds ``from``: the start, a step that was reached, or the step that failed."""
        fields = super().get_fields()
        fields["from"] = serializers.ChoiceField(choices=FROM, default="failed")
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An edit needs its reason, and a chosen step its name."""
        if "document" in attrs and not attrs.get("reason"):
            raise serializers.ValidationError({"reason": "Say why the document was changed."})
        if attrs["from"] == "step" and not attrs["step"]:
            raise serializers.ValidationError({"step": "Choose the step to begin from."})
        return attrs


class DeadLetterForecast(_LetterView):
    """What a retry would do."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}
    query: ClassVar = {
        "from": "``failed`` (if left out), ``step`` or ``start``.",
        "step": "Id of the step to begin from.",
        "release": "``original`` (if left out), ``newest`` or ``draft``.",
    }

    def get(self, request: Request, workspace: str, dead_letter_id: str) -> Response:
        """What was posted already, what will be posted, what is in doubt; nothing is done."""
        letter = self._open(dead_letter_id, Right.RUNS_VIEW)
        options = {name: self.asked(name) for name in self.query}
        drawn = None
        if options["release"] == "draft":
            self.access.require(Right.FLOWS_TEST, letter["environment"])
            drawn = request.user
        wish = Wish.of(options)
        return Response(reading.forecast(self.workspace.id, dead_letter_id, wish, drawn))


class DeadLetterRetry(_LetterView):
    """Retry a record, as it is or edited."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": RetrySerializer}

    @faults.repeats("api.dead_letter_retry")
    def post(self, request: Request, workspace: str, dead_letter_id: str) -> Response:
        """The same run goes on; nothing that was confirmed is posted again."""
        letter = self._open(dead_letter_id, Right.RUNS_OPERATE)
        given = self.given()
        place = (self.workspace.id, letter["environment"], letter["flow"]["id"])
        draft = given["release"] == "draft"
        if draft:  # it was never published: whoever may only repair runs may not run it
            self.access.require(Right.FLOWS_TEST, letter["environment"])
        release_id = drafts.draft_release(*place, request.user) if draft else ""
        run_id = control.retry_dead_letter(
            self.workspace.id,
            dead_letter_id,
            from_start=given["from"] == "start",
            from_node=given["step"] if given["from"] == "step" else "",
            newest=given["release"] == "newest",
            release_id=release_id,
            document=given.get("document"),
            edited="document" in given,
            by=name_of(request.user),
            reason=given["reason"],
        )
        self._audit(
            request,
            "retry",
            dead_letter_id,
            edited="document" in given,
            reason=given["reason"],
            begin=given["step"] or given["from"],
            release=given["release"],
        )
        return Response({"run_id": run_id})


class SkipSerializer(serializers.Serializer):
    """Why a record is left undone, or taken up again."""

    reason = serializers.CharField(max_length=500)


class DeadLetterSkip(_LetterView):
    """Close a record without doing anything about it."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": SkipSerializer}

    @faults.repeats("api.dead_letter_skip")
    def post(self, request: Request, workspace: str, dead_letter_id: str) -> Response:
        """Needs a reason, which is kept."""
        self._open(dead_letter_id, Right.RUNS_OPERATE)
        reason = self.given()["reason"]
        control.skip_dead_letter(
            self.workspace.id, dead_letter_id, by=name_of(request.user), reason=reason
        )
        self._audit(request, "skip", dead_letter_id, reason=reason)
        return Response({"status": "skipped"})


class GoPastSerializer(serializers.Serializer):
    """What a step that is left out would have given."""

    output = DocumentField()
    reason = serializers.CharField(max_length=500)


class DeadLetterGoPast(_LetterView):
    """Leave out the step that failed."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": GoPastSerializer}

    @faults.repeats("api.dead_letter_go_past")
    def post(self, request: Request, workspace: str, dead_letter_id: str) -> Response:
        """The run goes on behind it, as if it had given ``output``."""
        self._open(dead_letter_id, Right.RUNS_OPERATE)
        given = self.given()
        run_id = acting.go_past(
            self.workspace.id,
            dead_letter_id,
            output=given["output"],
            by=name_of(request.user),
            reason=given["reason"],
        )
        self._audit(request, "go_past", dead_letter_id, reason=given["reason"])
        return Response({"run_id": run_id})


class DeadLetterReopen(_LetterView):
    """Put a record back among the open ones."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": SkipSerializer}

    @faults.repeats("api.dead_letter_reopen")
    def post(self, request: Request, workspace: str, dead_letter_id: str) -> Response:
        """Of records that were skipped or have expired."""
        self._open(dead_letter_id, Right.RUNS_OPERATE)
        reason = self.given()["reason"]
        acting.reopen(self.workspace.id, dead_letter_id, by=name_of(request.user), reason=reason)
        self._audit(request, "reopen", dead_letter_id, reason=reason)
        return Response({"status": "open"})


class AssignSerializer(serializers.Serializer):
    """Who is to deal with a record; an empty text for nobody."""

    member_id = serializers.CharField(max_length=20, allow_blank=True)


class DeadLetterAssign(_LetterView):
    """Give a record to somebody."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": AssignSerializer}

    @faults.repeats("api.dead_letter_assign")
    def post(self, request: Request, workspace: str, dead_letter_id: str) -> Response:
        """To a member of the workspace, or to nobody."""
        self._open(dead_letter_id, Right.RUNS_OPERATE)
        member_id = self.given()["member_id"]
        acting.assign(
            self.workspace.id, dead_letter_id, member_id=member_id, by=name_of(request.user)
        )
        self._audit(request, "assign", dead_letter_id, member_id=member_id)
        return Response({"status": "assigned"})
