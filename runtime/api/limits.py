"""Limits of connections over HTTP."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from connectors import facade as connectors
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView
from runtime.limits.reading import describe


class ConnectionLimits(WorkspaceView):
    """What a connection has used of its vendor's limits."""

    needs: ClassVar = {"get": Right.CONNECTIONS_VIEW}

    def get(self, request: Request, workspace: str, connection_id: str) -> Response:
        """Limits with what is used of them, a forecast for limits of a day, and the circuit."""
        found = connectors.get_connection_by_id(self.workspace.id, connection_id)
        self.access.require(Right.CONNECTIONS_VIEW, found.environment)
        return Response(describe(found.ref))
