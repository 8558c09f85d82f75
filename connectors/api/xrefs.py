"""Which object in one system is which in another."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from connectors import facade
from connectors.api import shapes
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView, cursor_of


class CrossReferencesView(WorkspaceView):
    """Cross-references of the workspace."""

    needs = {"get": Right.RUNS_VIEW}

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first; ``?entity=``, ``?environment=`` and ``?q=`` (begin of an id) narrow it."""
        cursor, limit = cursor_of(request)
        page = facade.list_xrefs(
            self.workspace.id,
            request.query_params.get("environment"),
            entity=request.query_params.get("entity", ""),
            q=request.query_params.get("q", ""),
            cursor=cursor,
            limit=limit,
        )
        return self.page(page.map(shapes.cross_reference))
