"""Records that need a person, over HTTP."""

from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ipaas.tenancy import audit
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView
from ipaas.tenancy.fields import DocumentField
from runtime import control, faults, reading


class DeadLetters(WorkspaceView):
    """The list of records that need a person."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}
    query: ClassVar = {
        **PAGING,
        "status": "``open`` (if left out), ``retried`` or ``skipped``.",
        "flow": "Id of a flow.",
        "code": "Code of a cause.",
    }

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first, with groups by cause."""
        cursor, limit = self.position()
        page, groups = reading.list_dead_letters(
            self.workspace.id,
            self.environment.slug,
            status=self.asked("status") or "open",
            flow_id=self.asked("flow"),
            code=self.asked("code"),
            cursor=cursor,
            limit=limit,
        )
        return self.page(page, groups=groups)


class _LetterView(WorkspaceView):
    def _open(self, dead_letter_id: str, right: Right) -> dict[str, object]:
        letter = reading.get_dead_letter(self.workspace.id, dead_letter_id)
        self.access.require(right, letter["environment"])
        return letter


class DeadLetterDetail(_LetterView):
    """One record with its document."""

    needs: ClassVar = {"get": Right.RUNS_DATA_VIEW}

    def get(self, request: Request, workspace: str, dead_letter_id: str) -> Response:
        """The document as it came in, the failed step's input, the cause and earlier edits."""
        return Response(self._open(dead_letter_id, Right.RUNS_DATA_VIEW))


class RetrySerializer(serializers.Serializer):
    """How a record is retried."""

    # "from" is a Python keyword, hence the declared mapping below.
    release = serializers.ChoiceField(choices=["original", "newest"], default="original")
    document = DocumentField(required=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Adds ``from``: the start, or the step that failed."""
        fields = super().get_fields()
        fields["from"] = serializers.ChoiceField(choices=["start", "failed"], default="failed")
        return fields

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        """An edit needs its reason, and the newest release means starting over."""
        if "document" in attrs and not attrs.get("reason"):
            raise serializers.ValidationError({"reason": "Say why the document was changed."})
        if attrs["release"] == "newest" and attrs["from"] != "start":
            raise serializers.ValidationError(
                {"release": "The newest version can only be used from the start."}
            )
        return attrs


class DeadLetterRetry(_LetterView):
    """Retry a record, as it is or edited."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": RetrySerializer}

    @faults.commits("api.dead_letter_retry")
    def post(self, request: Request, workspace: str, dead_letter_id: str) -> Response:
        """The same run goes on; nothing that was confirmed is posted again."""
        self._open(dead_letter_id, Right.RUNS_OPERATE)
        given = self.given()
        run_id = control.retry_dead_letter(
            self.workspace.id,
            dead_letter_id,
            from_start=given["from"] == "start",
            newest=given["release"] == "newest",
            document=given.get("document"),
            edited="document" in given,
            by=request.user.get_full_name() or request.user.get_username(),
            reason=given["reason"],
        )
        audit.record(
            self.workspace,
            request.user,
            "dead_letter.retry",
            dead_letter_id,
            {"edited": "document" in given, "reason": given["reason"]},
        )
        return Response({"run_id": run_id})


class SkipSerializer(serializers.Serializer):
    """Why a record is left undone."""

    reason = serializers.CharField(max_length=500)


class DeadLetterSkip(_LetterView):
    """Close a record without doing anything about it."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": SkipSerializer}

    @faults.commits("api.dead_letter_skip")
    def post(self, request: Request, workspace: str, dead_letter_id: str) -> Response:
        """Needs a reason, which is kept."""
        self._open(dead_letter_id, Right.RUNS_OPERATE)
        reason = self.given()["reason"]
        by = request.user.get_full_name() or request.user.get_username()
        control.skip_dead_letter(self.workspace.id, dead_letter_id, by=by, reason=reason)
        audit.record(
            self.workspace, request.user, "dead_letter.skip", dead_letter_id, {"reason": reason}
        )
        return Response({"status": "skipped"})
