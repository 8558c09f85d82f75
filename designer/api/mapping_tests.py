"""Tests of a flow's mappings over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from designer import flows, mapping_tests
from designer.documents import require_shape
from ipaas.tenancy import audit
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView
from ipaas.tenancy.fields import DocumentField, OptionalDocumentField


class MappingTestSerializer(serializers.Serializer):
    """What a mapping is given (the whole context), and what it must make of it."""

    name = serializers.CharField(max_length=200)
    node_id = serializers.CharField(max_length=64)
    mapping_name = serializers.CharField(max_length=40)
    input = DocumentField()
    expected = DocumentField()
    blocks = serializers.BooleanField(required=False, default=True)


class FromRunSerializer(serializers.Serializer):
    """A run and the step whose mapping is to be tested with what it saw there."""

    name = serializers.CharField(max_length=200)
    run_id = serializers.CharField(max_length=64)
    node_id = serializers.CharField(max_length=64)
    mapping_name = serializers.CharField(max_length=40)
    blocks = serializers.BooleanField(required=False, default=True)


class TestedFlowSerializer(serializers.Serializer):
    """A flow as it is drawn; without it, its draft."""

    document = OptionalDocumentField()


class MappingTests(WorkspaceView):
    """Tests of a flow."""

    needs: ClassVar = {"get": Right.RUNS_DATA_VIEW, "post": Right.FLOWS_EDIT}
    query: ClassVar = PAGING
    bodies: ClassVar = {"post": MappingTestSerializer}
    answers: ClassVar = {"post": 201}

    def get(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Each with its documents."""
        return self.page(mapping_tests.page(self.workspace.id, flow_id, *self.position()))

    @transaction.atomic
    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """A new test."""
        made = mapping_tests.save(self.workspace.id, flow_id, **self.given())
        audit.record(self.workspace, request.user, "mapping_test.create", made["id"], {})
        return Response(made, status=201)


class MappingTestDetail(WorkspaceView):
    """One test."""

    needs: ClassVar = {
        "get": Right.RUNS_DATA_VIEW,
        "put": Right.FLOWS_EDIT,
        "delete": Right.FLOWS_EDIT,
    }
    bodies: ClassVar = {"put": MappingTestSerializer}
    answers: ClassVar = {"delete": 204}

    def get(self, request: Request, workspace: str, flow_id: str, test_id: str) -> Response:
        """The test with its documents."""
        row = mapping_tests.get_row(self.workspace.id, flow_id, test_id)
        return Response(mapping_tests.shown(row))

    @transaction.atomic
    def put(self, request: Request, workspace: str, flow_id: str, test_id: str) -> Response:
        """Change it."""
        given = self.given()
        made = mapping_tests.save(self.workspace.id, flow_id, test_id=test_id, **given)
        audit.record(self.workspace, request.user, "mapping_test.change", test_id, {})
        return Response(made)

    @transaction.atomic
    def delete(self, request: Request, workspace: str, flow_id: str, test_id: str) -> Response:
        """Remove it."""
        mapping_tests.delete(self.workspace.id, flow_id, test_id)
        audit.record(self.workspace, request.user, "mapping_test.delete", test_id, {})
        return Response(status=204)


class MappingTestsFromRun(WorkspaceView):
    """A test made of a run."""

    needs: ClassVar = {"post": Right.FLOWS_EDIT}
    bodies: ClassVar = {"post": FromRunSerializer}
    answers: ClassVar = {"post": 201}

    @transaction.atomic
    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """What the step saw is the input; what the draft makes of it is expected."""
        self.access.require(Right.RUNS_DATA_VIEW, self.environment)
        made = mapping_tests.from_run(
            self.workspace.id, flow_id, environment=self.environment.slug, **self.given()
        )
        audit.record(self.workspace, request.user, "mapping_test.create", made["id"], {})
        return Response(made, status=201)


class MappingTestsRun(WorkspaceView):
    """All tests of a flow, run."""

    needs: ClassVar = {"post": Right.RUNS_DATA_VIEW}
    bodies: ClassVar = {"post": TestedFlowSerializer}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Outcomes, and the rules that no test made run."""
        document: Any = self.given().get("document")
        if document is None:
            document = flows.get(self.workspace.id, flow_id).draft.document
        require_shape(document)
        found = mapping_tests.run(self.workspace.id, flow_id, self.environment.slug, document)
        return Response(
            {
                "outcomes": [outcome.as_json() for outcome in found],
                "coverage": mapping_tests.coverage(document, found),
            }
        )
