"""Connectors and their operations."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from connectors import facade
from connectors.api import shapes
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView


class ConnectorsView(WorkspaceView):
    """What can be connected."""

    needs = {"get": Right.CONNECTIONS_VIEW}
    query = {**PAGING, "q": "What name or description must contain.", "category": "A category."}

    def get(self, request: Request, workspace: str) -> Response:
        """Connectors by name, in short; one of them tells its ways to authorise and operations."""
        cursor, limit = self.position()
        asked = {"q": self.asked("q"), "category": self.asked("category")}
        page = facade.catalogue_page(self.workspace.id, cursor=cursor, limit=limit, **asked)
        mark = facade.catalogue_mark(page.items)
        headers = {"ETag": mark, "Cache-Control": "private, no-cache"}
        if mark in request.headers.get("If-None-Match", ""):
            return Response(status=304, headers=headers)
        return Response(page.map(shapes.connector_summary).document(), headers=headers)


class ConnectorView(WorkspaceView):
    """One connector: what a person types, what it can do, and its page of help."""

    needs = {"get": Right.CONNECTIONS_VIEW}

    def get(self, request: Request, workspace: str, slug: str) -> Response:
        """The connector."""
        return Response(shapes.connector(facade.connector_of(self.workspace.id, slug), readme=True))


class OperationView(WorkspaceView):
    """One operation with the schemas of what it takes and gives."""

    needs = {"get": Right.FLOWS_VIEW}

    def get(self, request: Request, workspace: str, slug: str, name: str) -> Response:
        """The operation."""
        facade.connector_of(self.workspace.id, slug)
        return Response(shapes.operation(facade.describe_operation(slug, name)))


class CanonicalView(WorkspaceView):
    """One canonical model."""

    needs = {"get": Right.FLOWS_VIEW}

    def get(self, request: Request, workspace: str, name: str) -> Response:
        """Its JSON Schema."""
        return Response({"name": name, "schema": facade.canonical_schema(name)})
