"""One mapping of a step over HTTP: checked on recent runs, written down, its drift and refusals."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connectors import facade as connectors
from designer import drift, mapping_sheets, preview, recent_checks, refusals, vendor_lists
from designer.api.trying import SampleSerializer, StepSerializer, TryView
from designer.sources import Connections, input_schema
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView
from ipaas.tenancy.fields import DocumentField, OptionalDocumentField


class StepMappingSerializer(StepSerializer):
    """A mapping of one step, as it is drawn."""

    mapping = DocumentField()


class FlowMappingCheck(TryView):
    """A mapping checked against its schemas and against what came in lately."""

    needs: ClassVar = {"post": Right.RUNS_DATA_VIEW}
    bodies: ClassVar = {"post": StepMappingSerializer}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Problems with fixes, source fields that nothing reads, and what recent runs show."""
        given = self.drawn(flow_id)
        return Response(
            recent_checks.checked(
                self.workspace.id,
                self.environment.slug,
                flow_id,
                document=given["document"],
                node_id=given["node_id"],
                mapping_name=given["mapping_name"] or "",
                mapping=given["mapping"],
                reader=self.reader(),
            )
        )


class ListsSerializer(StepSerializer):
    """A step as it is drawn, and the lists that the connected system is to be asked for.

    ``values`` says, by list, which values of a long one are wanted.
    """

    fetch = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, default=list, max_length=20
    )
    values = serializers.DictField(
        child=serializers.ListField(
            child=serializers.CharField(max_length=1000, trim_whitespace=False), max_length=2000
        ),
        required=False, default=dict,
    )  # fmt: skip


class FlowMappingLists(TryView):
    """Lists of the connected system that a target refers to: its accounts, items, terms."""

    needs: ClassVar = {"post": Right.FLOWS_EDIT}
    bodies: ClassVar = {"post": ListsSerializer}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """What is kept of each, and when it was read; those named in ``fetch`` are read anew.

        A list that takes long is read for some seconds; ``reading`` then says how many entries
        there are so far, and naming it in ``fetch`` again goes on. Entries of a list of more than
        1,000 are shown only for ``values``. ``complete`` is false for one too long to be kept.
        """
        given = self.drawn(flow_id)
        place = (self.workspace.id, self.environment.slug)
        connections = Connections(*place)
        _, node = preview.find_step(given["document"], given["node_id"])
        name = given["mapping_name"] or preview.first_mapping(node)
        schema = input_schema(node, name, connections)
        connection = vendor_lists.connection_of(node, connections)
        if connection is not None:
            connectors.require_use(
                *place, [connection.slug], role=str(self.access.role), user_id=request.user.pk
            )
        found = vendor_lists.shown_lists(node, schema, connections, given["fetch"], given["values"])
        return Response({"items": found, "next": None})


class SheetSampleSerializer(SampleSerializer):
    """What the values beside the rules come from."""

    title = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class SheetSerializer(StepSerializer):
    """A mapping as it is on the screen, to be written down."""

    mapping = OptionalDocumentField()
    format = serializers.ChoiceField(choices=("xlsx", "pdf"), required=False, default="xlsx")
    sample = SheetSampleSerializer(required=False, allow_null=True)


class FlowMappingSheet(TryView):
    """A mapping as a spreadsheet."""

    needs: ClassVar = {"get": Right.FLOWS_VIEW, "post": Right.FLOWS_VIEW}
    query: ClassVar = {
        "node_id": "The step.",
        "mapping_name": "Which of its mappings; the first one if left out.",
    }
    bodies: ClassVar = {"post": SheetSerializer}

    def get(self, request: Request, workspace: str, flow_id: str) -> HttpResponseBase:
        """An Excel file of the draft: rules in words, problems, what is not filled or not used."""
        wanted = mapping_sheets.Wanted(self.asked("node_id"), self.asked("mapping_name"))
        return self._written(flow_id, wanted, "xlsx")

    def post(self, request: Request, workspace: str, flow_id: str) -> HttpResponseBase:
        """What is on the screen, as xlsx or pdf; with a sample, its values beside the rules."""
        given = self.drawn(flow_id)
        if given.get("sample"):
            self.access.require(Right.RUNS_DATA_VIEW, self.environment.slug)
        wanted = mapping_sheets.Wanted(
            given["node_id"],
            given["mapping_name"] or "",
            given["document"],
            given.get("mapping"),
            given.get("sample"),
        )
        return self._written(flow_id, wanted, given["format"])

    def _written(self, flow_id: str, wanted: mapping_sheets.Wanted, form: str) -> HttpResponseBase:
        place = (self.workspace.id, self.environment.slug)
        kind, name, content = mapping_sheets.written(*place, flow_id, wanted, form)
        answer = HttpResponse(content, content_type=kind)
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer


class DriftSeenSerializer(serializers.Serializer):
    """The step whose schemas are taken as they are now; without one, all steps."""

    node_id = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")


class FlowMappingDrift(WorkspaceView):
    """What changed in the schemas around a flow's mappings."""

    needs: ClassVar = {"get": Right.FLOWS_VIEW}

    def get(self, request: Request, workspace: str, flow_id: str) -> Response:
        """By mapping of the draft: changes since people last looked, and rules they touch."""
        place = (self.workspace.id, self.environment.slug)
        return Response({"items": drift.of_draft(*place, flow_id), "next": None})


class FlowMappingDriftSeen(WorkspaceView):
    """Schemas as they are now become the known ones."""

    needs: ClassVar = {"post": Right.FLOWS_EDIT}
    bodies: ClassVar = {"post": DriftSeenSerializer}
    answers: ClassVar = {"post": 204}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Of the draft; what changes later is told anew."""
        place = (self.workspace.id, self.environment.slug)
        drift.accept_draft(*place, flow_id, self.given()["node_id"])
        return Response(status=204)


class RefusalsSerializer(serializers.Serializer):
    """Lines that are not wanted: pairs of source path and target path."""

    node_id = serializers.CharField(max_length=64)
    mapping_name = serializers.CharField(max_length=40)
    pairs = serializers.ListField(
        child=serializers.ListField(
            child=serializers.CharField(max_length=1000), min_length=2, max_length=2
        ),
        max_length=500,
    )


class FlowMappingRefusals(WorkspaceView):
    """Proposed lines of a mapping that people refused."""

    needs: ClassVar = {
        "get": Right.FLOWS_VIEW,
        "post": Right.FLOWS_EDIT,
        "delete": Right.FLOWS_EDIT,
    }
    query: ClassVar = {"node_id": "The step.", "mapping_name": "Which of its mappings."}
    bodies: ClassVar = {"post": RefusalsSerializer}
    answers: ClassVar = {"delete": 204}

    def get(self, request: Request, workspace: str, flow_id: str) -> Response:
        """The pairs of one mapping."""
        return Response({"pairs": refusals.refused(self.workspace.id, flow_id, *self._which())})

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Add pairs; the answer holds all."""
        given: dict[str, Any] = self.given()
        return Response({"pairs": refusals.refuse(self.workspace.id, flow_id, **given)})

    def delete(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Forget them: everything may be proposed again."""
        refusals.ask_again(self.workspace.id, flow_id, *self._which())
        return Response(status=204)

    def _which(self) -> tuple[str, str]:
        query = self.request.query_params
        return query.get("node_id", ""), query.get("mapping_name", "")
