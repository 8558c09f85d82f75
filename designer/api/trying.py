"""Checking, previewing and testing flows over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from designer import flows, preview, publish
from designer.checking import problems_of
from designer.documents import require_shape
from ipaas.core.errors import Invalid
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView
from ipaas.tenancy.fields import DocumentField
from runtime import facade as runtime


class DocumentSerializer(serializers.Serializer):
    """A flow document as it is drawn."""

    document = DocumentField()


class _TryView(WorkspaceView):
    """A view whose body carries a flow document."""

    def _document(self, request: Request, flow_id: str) -> Any:
        flows.get(self.workspace.id, flow_id)
        body = DocumentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        document = body.validated_data["document"]
        require_shape(document)
        return document


class FlowCheck(_TryView):
    """Problems of a flow as it is drawn."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Errors stand in the way of publishing; warnings do not."""
        document = self._document(request, flow_id)
        found = problems_of(self.workspace.id, self.environment.slug, document)
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


class FlowSources(_TryView):
    """What a step can read."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Source trees and the target schema of one step (``node_id``; ``mapping_name``)."""
        document = self._document(request, flow_id)
        return Response(
            preview.visible_sources(
                self.workspace.id,
                self.environment.slug,
                document,
                str(request.data.get("node_id")),
                str(request.data.get("mapping_name") or ""),
            )
        )


class FlowPreview(_TryView):
    """A mapping worked out on a sample."""

    needs: ClassVar = {"post": Right.RUNS_DATA_VIEW}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Result, value of every rule, problems, and the mapping as JSONata text."""
        document = self._document(request, flow_id)
        mapping = request.data.get("mapping") or {"schema": 1, "rules": []}
        return Response(
            preview.preview(
                self.workspace.id,
                self.environment.slug,
                document=document,
                node_id=str(request.data.get("node_id")),
                mapping=mapping,
                mapping_name=str(request.data.get("mapping_name") or ""),
                sample=_sample(request.data.get("sample")),
            )
        )


class FlowTest(_TryView):
    """Run a flow as it is drawn."""

    needs: ClassVar = {"post": Right.FLOWS_TEST}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Id of the run; it calls the connected systems of the environment."""
        document = self._document(request, flow_id)
        sample = _sample(request.data.get("sample"))
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
            document=document,
            sample=trigger,
            title=title,
        )
        return Response({"run_id": run_id}, status=201)


def _sample(given: Any) -> dict[str, Any]:
    if given is None:
        return {"document": {}}
    if not isinstance(given, dict) or not ({"document", "run_id"} & given.keys()):
        raise Invalid(
            "sample must name a run_id or hold a document.",
            hint='Send {"sample": {"document": {…}}}.',
        )
    return given
