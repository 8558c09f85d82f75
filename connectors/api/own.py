"""A workspace's own connectors, and packaged ones it allows."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.api import shapes
from connectors.manifest.source import MOST_BYTES
from connectors.own import drafting, installed, uploads, visible
from ipaas.tenancy import audit
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView


class ManifestSerializer(serializers.Serializer):
    """A connector.yaml without code."""

    manifest = serializers.CharField(
        max_length=MOST_BYTES, trim_whitespace=False, help_text="Text of a connector.yaml."
    )


class DraftSerializer(serializers.Serializer):
    """An OpenAPI document, and which of its operations are wanted."""

    document = serializers.CharField(
        max_length=drafting.MOST_BYTES,
        trim_whitespace=False,
        help_text="OpenAPI 3 as JSON or YAML.",
    )
    slug = serializers.RegexField(r"^[a-z][a-z0-9_]*\Z", max_length=40, required=False)
    operations = serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        max_length=200,
        help_text="Ids of operations; left out, the answer only lists what there is.",
    )


class EnabledView(WorkspaceView):
    """Whether the code of a packaged connector may run in this workspace."""

    needs = {"put": Right.CONNECTIONS_EDIT, "delete": Right.CONNECTIONS_EDIT}

    def put(self, request: Request, workspace: str, slug: str) -> Response:
        """Allow it."""
        if visible.enable(self.workspace.id, slug, request.user):
            audit.record(self.workspace, request.user, "connector.enabled", slug)
        return Response({"slug": slug, "enabled": True})

    def delete(self, request: Request, workspace: str, slug: str) -> Response:
        """Forbid it again; refused while connections use it."""
        if visible.disable(self.workspace.id, slug):
            audit.record(self.workspace, request.user, "connector.disabled", slug)
        return Response({"slug": slug, "enabled": False})


class OwnConnectorsView(WorkspaceView):
    """Connectors that this workspace uploaded."""

    needs = {"get": Right.CONNECTIONS_VIEW, "post": Right.CONNECTIONS_EDIT}
    bodies = {"post": ManifestSerializer}
    answers = {"post": 201}

    def get(self, request: Request, workspace: str) -> Response:
        """All of them; there are at most a hundred."""
        items = [own.as_json() for own in uploads.list_own(self.workspace.id)]
        return Response({"items": items, "next": None})

    def post(self, request: Request, workspace: str) -> Response:
        """Upload a new one."""
        made = uploads.upload(self.workspace.id, self.given()["manifest"], request.user)
        audit.record(self.workspace, request.user, "connector.uploaded", made.slug)
        return Response(made.as_json(), status=201)


class OwnConnectorView(WorkspaceView):
    """One uploaded connector."""

    needs = {
        "get": Right.CONNECTIONS_VIEW,
        "put": Right.CONNECTIONS_EDIT,
        "delete": Right.CONNECTIONS_EDIT,
    }
    bodies = {"put": ManifestSerializer}

    query = {"version": "Number of a version; the one in use if left out."}

    def get(self, request: Request, workspace: str, own_connector_id: str) -> Response:
        """The connector with its manifest."""
        asked = self.asked("version")
        version = int(asked) if asked.isdecimal() else None
        return Response(uploads.get_own(self.workspace.id, own_connector_id, version).as_json())

    def put(self, request: Request, workspace: str, own_connector_id: str) -> Response:
        """Replace it by a new version."""
        text = self.given()["manifest"]
        made = uploads.replace(self.workspace.id, own_connector_id, text, request.user)
        details = {"version": made.version}
        audit.record(self.workspace, request.user, "connector.replaced", made.slug, details)
        return Response(made.as_json())

    def delete(self, request: Request, workspace: str, own_connector_id: str) -> Response:
        """Remove it; refused while connections use it."""
        slug = uploads.delete(self.workspace.id, own_connector_id)
        audit.record(self.workspace, request.user, "connector.deleted", slug)
        return Response({"slug": slug})


class OwnConnectorVersionsView(WorkspaceView):
    """Versions of an uploaded connector."""

    needs = {"get": Right.CONNECTIONS_VIEW}
    query = PAGING

    def get(self, request: Request, workspace: str, own_connector_id: str) -> Response:
        """Newest first, with who uploaded them."""
        cursor, limit = self.position()
        return self.page(
            uploads.list_versions(self.workspace.id, own_connector_id, cursor=cursor, limit=limit)
        )


class InstalledConnectorsView(WorkspaceView):
    """Every connector there is, also those that cannot be used, and what is made with them."""

    needs = {"get": Right.CONNECTIONS_VIEW}
    query = PAGING

    def get(self, request: Request, workspace: str) -> Response:
        """Those that cannot be read first, then by name."""
        cursor, limit = self.position()
        page = installed.list_installed(self.workspace.id, cursor=cursor, limit=limit)
        return self.page(page.map(shapes.installed))


class OwnConnectorCheckView(WorkspaceView):
    """What is wrong with a manifest that is not uploaded yet."""

    needs = {"post": Right.CONNECTIONS_EDIT}
    bodies = {"post": ManifestSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """Every fault with line, column and what to do."""
        faults = uploads.check(self.given()["manifest"])
        return Response({"items": [fault.as_json() for fault in faults], "next": None})


class OwnConnectorDraftView(WorkspaceView):
    """A manifest drafted from an OpenAPI document."""

    needs = {"post": Right.CONNECTIONS_EDIT}
    bodies = {"post": DraftSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """Its operations, and a manifest of those that were chosen; nothing is kept."""
        given = self.given()
        drafted = drafting.draft(
            given["document"], slug=given.get("slug", ""), operations=given.get("operations")
        )
        return Response(drafted.as_json())
