"""Runs over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ipaas.core.errors import Invalid
from ipaas.tenancy import audit
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView
from ipaas.tenancy.fields import DocumentField
from runtime import control, family_tree, faults, reading
from runtime.api.dead_letters import name_of
from runtime.records import doubts


class _RunView(WorkspaceView):
    """A view of one run: the right is checked again in the run's own environment."""

    def _open(self, run_id: str, right: Right) -> None:
        environment = reading.run_environment(self.workspace.id, run_id)
        self.access.require(right, environment)


class Runs(WorkspaceView):
    """The list of runs."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}
    query: ClassVar = {
        **PAGING,
        "flow": "Id of a flow.",
        "status": "One or more states, with commas between them.",
        "q": "Part of a business key, or the id of a run.",
        "parent": "Id of a run: only the runs that it made.",
    }

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first, with how many there are in each state."""
        cursor, limit = self.position()
        page, counts = reading.list_runs(
            self.workspace.id,
            self.environment.slug,
            flow_id=self.asked("flow"),
            status=self.asked("status"),
            query=self.asked("q"),
            parent=self.asked("parent"),
            cursor=cursor,
            limit=limit,
        )
        return self.page(page, counts=counts)


class RunDetail(_RunView):
    """One run."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}

    def get(self, request: Request, workspace: str, run_id: str) -> Response:
        """The run with its flow document and the state of every step."""
        self._open(run_id, Right.RUNS_VIEW)
        return Response(reading.get_run(self.workspace.id, run_id))


class RunChildren(_RunView):
    """Runs that a run made: items of its loops, and flows that it called."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}
    query: ClassVar = {
        **PAGING,
        "node": "Id of the step that made them.",
        "status": "One or more states, with commas between them.",
    }

    def get(self, request: Request, workspace: str, run_id: str) -> Response:
        """In the order of the items."""
        self._open(run_id, Right.RUNS_VIEW)
        cursor, limit = self.position()
        return self.page(
            family_tree.list_children(
                self.workspace.id,
                run_id,
                node_id=self.asked("node"),
                status=self.asked("status"),
                cursor=cursor,
                limit=limit,
            )
        )


class RunStep(_RunView):
    """One step of a run."""

    needs: ClassVar = {"get": Right.RUNS_DATA_VIEW}

    def get(self, request: Request, workspace: str, run_id: str, node_id: str) -> Response:
        """Input, output and attempts with their HTTP exchanges."""
        self._open(run_id, Right.RUNS_DATA_VIEW)
        return Response(reading.get_step(self.workspace.id, run_id, node_id))


class RunJournal(_RunView):
    """The journal of a run."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}
    query: ClassVar = {"after": "Only entries with a higher ``seq``; 0 if left out."}

    def get(self, request: Request, workspace: str, run_id: str) -> Response:
        """Entries, oldest first."""
        self._open(run_id, Right.RUNS_VIEW)
        after = self.asked("after") or "0"
        if not after.isdecimal():
            raise Invalid("after must be a whole number.", hint="Use the seq of the last entry.")
        return Response(
            {"items": reading.journal(self.workspace.id, run_id, int(after)), "next": None}
        )


class RunCancel(_RunView):
    """Stop a run."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}

    @faults.repeats("api.run_cancel")
    def post(self, request: Request, workspace: str, run_id: str) -> Response:
        """What has been posted stays posted."""
        self._open(run_id, Right.RUNS_OPERATE)
        control.cancel(self.workspace.id, run_id, by=name_of(request.user))
        audit.record(self.workspace, request.user, "run.cancel", run_id, {})
        return Response({"run_id": run_id})


class RunReplay(_RunView):
    """A new run from stored input."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}
    answers: ClassVar = {"post": 201}

    @faults.repeats("api.run_replay")
    def post(self, request: Request, workspace: str, run_id: str) -> Response:
        """Whatever was posted for the same document before is found again, not posted twice."""
        self._open(run_id, Right.RUNS_OPERATE)
        new = control.replay(self.workspace.id, run_id)
        audit.record(self.workspace, request.user, "run.replay", run_id, {"run_id": new})
        return Response({"run_id": new}, status=201)


class RunHurry(_RunView):
    """The next try, right away."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}

    def post(self, request: Request, workspace: str, run_id: str) -> Response:
        """For runs that wait for a timer."""
        self._open(run_id, Right.RUNS_OPERATE)
        control.hurry(self.workspace.id, run_id)
        return Response({"run_id": run_id})


class DecisionSerializer(serializers.Serializer):
    """How a person settles a doubt."""

    node_id = serializers.CharField(max_length=40)
    choice = serializers.ChoiceField(choices=["resend", "adopt", "look"])
    # What is adopted: the record's id in the other system, or the whole result of the step.
    id = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    output = DocumentField(required=False)


class RunDecide(_RunView):
    """Settle a step that is in doubt."""

    needs: ClassVar = {"post": Right.RUNS_OPERATE}
    bodies: ClassVar = {"post": DecisionSerializer}

    def post(self, request: Request, workspace: str, run_id: str) -> Response:
        """``resend`` sends it again; ``look`` searches; ``adopt`` takes what is there.

        That is the record with ``id``, which is read if the other system can be asked for it, or
        ``output`` as it stands.
        """
        self._open(run_id, Right.RUNS_OPERATE)
        given = self.given()
        place, output = (self.workspace.id, run_id, given["node_id"]), given.get("output")
        if given["choice"] == "adopt" and given["id"].strip() and output is None:
            output = doubts.adopted(*place, given["id"].strip())
        self._decide(place, given["choice"], output or {})
        audit.record(
            self.workspace, request.user, "run.decide", run_id, {"choice": given["choice"]}
        )
        return Response({"run_id": run_id})

    @faults.repeats("api.run_decide")
    def _decide(self, place: tuple[str, str, str], choice: str, output: Any) -> None:
        control.decide(*place, choice, output)
