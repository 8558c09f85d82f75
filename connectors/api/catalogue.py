"""Connectors and their operations."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from connectors import facade
from connectors.api import shapes
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView


class ConnectorsView(WorkspaceView):
    """What can be connected."""

    needs = {"get": Right.CONNECTIONS_VIEW}

    def get(self, request: Request, workspace: str) -> Response:
        """All connectors."""
        infos = facade.catalogue_of(self.workspace.id)
        mark = facade.catalogue_mark(infos)
        headers = {"ETag": mark, "Cache-Control": "private, no-cache"}
        if mark in request.headers.get("If-None-Match", ""):
            return Response(status=304, headers=headers)
        items = [shapes.connector(info) for info in infos]
        return Response({"items": items, "next": None}, headers=headers)


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
