"""Which object in one system is which in another."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from connectors import facade
from connectors.api import shapes
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView


class CrossReferencesView(WorkspaceView):
    """Cross-references of the workspace."""

    needs = {"get": Right.RUNS_VIEW}
    query = {
        **PAGING,
        "environment": "Slug of an environment; all of them if left out.",
        "entity": "Kind of object, such as ``order``.",
        "q": "What an id begins with.",
    }

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first."""
        cursor, limit = self.position()
        page = facade.list_xrefs(
            self.workspace.id,
            self.asked("environment") or None,
            entity=self.asked("entity"),
            q=self.asked("q"),
            cursor=cursor,
            limit=limit,
        )
        return self.page(page.map(shapes.cross_reference))
