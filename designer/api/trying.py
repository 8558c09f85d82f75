"""Checking, previewing and testing flows over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from designer import drift, flows, preview, publish
from designer.documents import require_shape
from designer.vendor_lists import Reader
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView
from ipaas.tenancy.fields import DocumentField, OptionalDocumentField
from runtime import facade as runtime


class DrawnSerializer(serializers.Serializer):
    """A flow as it is drawn, and the environment whose connections it is tried with."""

    document = DocumentField()
    environment = serializers.CharField(required=False)


class StepSerializer(DrawnSerializer):
    """One step of a flow as it is drawn, or one of its mappings if it has several."""

    node_id = serializers.CharField()
    mapping_name = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, default=""
    )


class SampleSerializer(serializers.Serializer):
    """What a flow is tried on: a document, or a run that was recorded."""

    document = OptionalDocumentField()
    run_id = serializers.CharField(required=False, allow_blank=True, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two must be there."""
        if not attrs:
            raise serializers.ValidationError("Give a run_id or a document.")
        return attrs


class PreviewSerializer(StepSerializer):
    """A mapping to be worked out on a sample; without one, on an empty document."""

    mapping = OptionalDocumentField()
    sample = SampleSerializer(required=False, allow_null=True)
    part = serializers.ChoiceField(choices=("all", "values"), required=False, default="all")


class TestSerializer(DrawnSerializer):
    """A flow to be run as it is drawn."""

    __test__ = False
    sample = SampleSerializer(required=False, allow_null=True)


class TryView(WorkspaceView):
    """A view whose body carries a flow document."""

    def drawn(self, flow_id: str) -> dict[str, Any]:
        flows.require(self.workspace.id, flow_id)
        given = self.given()
        require_shape(given["document"])
        return given

    def reader(self) -> Reader:
        """Whose eyes the answer is for."""
        edits = self.access.allows(Right.FLOWS_EDIT, self.environment)
        return Reader(edits, str(self.access.role), self.request.user.pk)


class FlowCheck(TryView):
    """Problems of a flow as it is drawn."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}
    bodies: ClassVar = {"post": DrawnSerializer}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Errors stand in the way of publishing; warnings do not."""
        document = self.drawn(flow_id)["document"]
        place = (self.workspace.id, self.environment.slug)
        found = drift.flow_problems(*place, flow_id, document)
        return Response({"problems": [problem.as_json() for problem in found]})


class FlowSamples(WorkspaceView):
    """Documents to try a flow on."""

    needs: ClassVar = {"get": Right.RUNS_DATA_VIEW}

    def get(self, request: Request, workspace: str, flow_id: str) -> Response:
        """What came in lately, then sandbox documents, then an example."""
        found = preview.samples(
            self.workspace.id, self.workspace.slug, self.environment.slug, flow_id
        )
        return Response({"items": found, "next": None})


class FlowSources(TryView):
    """What a step can read."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}
    bodies: ClassVar = {"post": StepSerializer}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Source trees and the target schema of one step, and what of them has changed."""
        given = self.drawn(flow_id)
        return Response(
            preview.visible_sources(
                self.workspace.id,
                self.environment.slug,
                flow_id,
                given["document"],
                given["node_id"],
                given["mapping_name"] or "",
            )
        )


class FlowPreview(TryView):
    """A mapping worked out on a sample."""

    needs: ClassVar = {"post": Right.RUNS_DATA_VIEW}
    bodies: ClassVar = {"post": PreviewSerializer}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Result, value of every rule, problems, and the mapping as JSONata text.

        ``part`` asks for the values alone, which takes half the time for a large mapping.
        """
        given = self.drawn(flow_id)
        return Response(
            preview.preview(
                self.workspace.id,
                self.environment.slug,
                document=given["document"],
                node_id=given["node_id"],
                mapping=given.get("mapping") or {"schema": 1, "rules": []},
                mapping_name=given["mapping_name"] or "",
                sample=given.get("sample") or {"document": {}},
                values_only=given["part"] == "values",
                reader=self.reader(),
            )
        )


class FlowTest(TryView):
    """Run a flow as it is drawn."""

    needs: ClassVar = {"post": Right.FLOWS_TEST}
    bodies: ClassVar = {"post": TestSerializer}
    answers: ClassVar = {"post": 201}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Id of the run; it calls the connected systems of the environment."""
        given = self.drawn(flow_id)
        sample = given.get("sample") or {"document": {}}
        trigger, title = sample.get("document"), "Test"
        if sample.get("run_id"):
            record = runtime.recorded_run(self.workspace.id, sample["run_id"])
            trigger, title = record.trigger, record.business_key or "Test"
        elif isinstance(trigger, dict) and trigger.get("increment_id"):
            title = str(trigger["increment_id"])
        run_id = publish.test_run(
            self.workspace.id,
            flow_id,
            environment=self.environment.slug,
            document=given["document"],
            sample=trigger,
            title=title,
            user=request.user,
        )
        return Response({"run_id": run_id}, status=201)
