"""Flows, drafts and versions over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from designer import flows, mapping_tests, publish
from designer.models import Flow, Version
from ipaas.core.errors import NotFound
from ipaas.tenancy import audit
from ipaas.tenancy.access import Access, Right
from ipaas.tenancy.api import PAGING, WorkspaceView
from ipaas.tenancy.fields import DocumentField
from runtime import facade as runtime


class NewFlowSerializer(serializers.Serializer):
    """A flow to be made."""

    name = serializers.CharField(max_length=200)
    description = serializers.CharField(
        max_length=2000, required=False, default="", allow_blank=True
    )
    document = DocumentField(required=False)


class Flows(WorkspaceView):
    """The list of flows."""

    needs: ClassVar = {"get": Right.FLOWS_VIEW, "post": Right.FLOWS_EDIT}
    query: ClassVar = PAGING
    bodies: ClassVar = {"post": NewFlowSerializer}
    answers: ClassVar = {"post": 201}

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first, with where each is live and its last run."""
        cursor, limit = self.position()
        return self.page(flows.page(self.workspace.id, cursor, limit))

    @transaction.atomic
    def post(self, request: Request, workspace: str) -> Response:
        """A new flow; without ``document`` it starts empty."""
        given = self.given()
        flow = flows.create(
            self.workspace.id,
            name=given["name"],
            description=given["description"],
            document=given.get("document"),
            user=request.user,
        )
        audit.record(self.workspace, request.user, "flow.create", flow.id, {"name": flow.name})
        return Response(_detail(self.access, flow.id), status=201)


class ChangeFlowSerializer(serializers.Serializer):
    """What may be changed of a flow itself."""

    name = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class FlowDetail(WorkspaceView):
    """One flow."""

    needs: ClassVar = {
        "get": Right.FLOWS_VIEW,
        "patch": Right.FLOWS_EDIT,
        "delete": Right.FLOWS_EDIT,
    }
    bodies: ClassVar = {"patch": ChangeFlowSerializer}
    answers: ClassVar = {"delete": 204}

    def get(self, request: Request, workspace: str, flow_id: str) -> Response:
        """The flow with its draft, versions and deployments."""
        return Response(_detail(self.access, flow_id))

    def patch(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Rename it or describe it anew."""
        given = self.given()
        flows.rename(
            self.workspace.id,
            flow_id,
            name=given.get("name"),
            description=given.get("description"),
        )
        return Response(_detail(self.access, flow_id))

    @transaction.atomic
    def delete(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Take it off every environment and out of the list; its runs stay."""
        flows.archive(self.workspace.id, flow_id)
        audit.record(self.workspace, request.user, "flow.archive", flow_id, {})
        return Response(status=204)


def _detail(access: Access, flow_id: str) -> dict[str, Any]:
    workspace_id = access.workspace.id
    flow: Flow = flows.get(workspace_id, flow_id)
    # Whoever knows an address may start runs by it, so it is for those who build flows.
    addresses = access.allows(Right.FLOWS_EDIT)
    versions = flow.versions.select_related("published_by").defer("document").order_by("-number")
    return {
        "id": flow.id,
        "name": flow.name,
        "description": flow.description,
        "draft": {
            "revision": flow.draft.revision,
            "document": flow.draft.document,
            "updated_at": flow.draft.updated_at.isoformat(),
            "updated_by": flows.name_of(flow.draft.updated_by),
        },
        "versions": [_version(version) for version in versions[:50]],
        "deployments": [
            {
                "environment": live.environment,
                "version": live.version,
                "active": live.active,
                "webhook_url": f"{settings.PUBLIC_URL}/hooks/{live.hook_token}"
                if live.hook_token and addresses
                else None,
            }
            for live in runtime.deployments(workspace_id, [flow.id])
        ],
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "note": version.note,
        "environment": version.environment,
        "published_at": version.published_at.isoformat(),
        "published_by": flows.name_of(version.published_by),
    }


class SaveDraftSerializer(serializers.Serializer):
    """A draft to be saved, and the revision it began from."""

    revision = serializers.IntegerField(min_value=1)
    document = DocumentField()


class FlowDraft(WorkspaceView):
    """The draft of a flow."""

    needs: ClassVar = {"put": Right.FLOWS_EDIT}
    bodies: ClassVar = {"put": SaveDraftSerializer}

    def put(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Save, and run the flow's mapping tests; ``failing_tests`` are problems.

        Refused with the newer draft if somebody saved in the meantime.
        """
        given = self.given()
        saved = mapping_tests.save_draft(
            self.workspace.id,
            self.environment.slug,
            flow_id,
            revision=given["revision"],
            document=given["document"],
            user=request.user,
        )
        return Response(saved)


class PublishSerializer(serializers.Serializer):
    """What is published where."""

    revision = serializers.IntegerField(min_value=1)
    environment = serializers.CharField(max_length=40, default="test")
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class FlowPublish(WorkspaceView):
    """Make the draft live."""

    needs: ClassVar = {"post": Right.FLOWS_PUBLISH}
    bodies: ClassVar = {"post": PublishSerializer}
    answers: ClassVar = {"post": 201}

    @transaction.atomic
    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """A new version and release; refused with the list of problems if it has errors."""
        given = self.given()
        number, warnings = publish.publish(
            self.workspace.id,
            flow_id,
            revision=given["revision"],
            environment=self.environment.slug,
            note=given["note"],
            user=request.user,
        )
        details = {"version": number, "environment": self.environment.slug}
        audit.record(self.workspace, request.user, "flow.publish", flow_id, details)
        problems = [problem.as_json() for problem in warnings]
        return Response({**details, "problems": problems}, status=201)


class FlowVersion(WorkspaceView):
    """One published version."""

    needs: ClassVar = {"get": Right.FLOWS_VIEW}

    def get(self, request: Request, workspace: str, flow_id: str, number: int) -> Response:
        """The version with its document."""
        flow = flows.get(self.workspace.id, flow_id)
        version = flow.versions.select_related("published_by").filter(number=number).first()
        if version is None:
            raise NotFound("This flow has no such version.", hint="Choose one from its list.")
        return Response({**_version(version), "document": version.document})


class ActivateSerializer(serializers.Serializer):
    """Whether a live flow takes events."""

    active = serializers.BooleanField()
    environment = serializers.CharField(max_length=40, default="test")


class FlowActivate(WorkspaceView):
    """Switch a live flow on or off."""

    needs: ClassVar = {"post": Right.FLOWS_PUBLISH}
    bodies: ClassVar = {"post": ActivateSerializer}

    @transaction.atomic
    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Runs under way go on either way."""
        active = self.given()["active"]
        place = (self.workspace.id, self.environment.slug)
        live = publish.set_active(*place, flow_id, active, user=request.user)
        details = {"active": active, "environment": self.environment.slug}
        audit.record(self.workspace, request.user, "flow.activate", flow_id, details)
        return Response(
            {"environment": live.environment, "version": live.version, "active": live.active}
        )
