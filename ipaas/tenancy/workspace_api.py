"""People and settings of a workspace, over HTTP."""

from __future__ import annotations

from typing import ClassVar

from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ipaas.tenancy import audit, facade, variables
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView
from ipaas.tenancy.fields import DocumentField


class Members(WorkspaceView):
    """Who works here."""

    needs: ClassVar = {"get": Right.MEMBERS_VIEW}

    def get(self, request: Request, workspace: str) -> Response:
        """Everybody with the role, by name."""
        found = facade.members_of(self.workspace.id)
        items = [{"id": each.id, "name": each.name, "role": str(each.role)} for each in found]
        return Response({"items": items, "next": None})


class AuditLog(WorkspaceView):
    """What people did here."""

    needs: ClassVar = {"get": Right.AUDIT_VIEW}
    query: ClassVar = {
        **PAGING,
        "q": "Part of an action, of the id it was done to, or of a person's name.",
    }

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first, in all environments."""
        cursor, limit = self.position()
        query = self.asked("q")
        return self.page(audit.listed(self.workspace, query=query, cursor=cursor, limit=limit))


class AuditCheck(WorkspaceView):
    """Whether the log is as it was written."""

    needs: ClassVar = {"get": Right.AUDIT_VIEW}

    def get(self, request: Request, workspace: str) -> Response:
        """Reads the whole chain: intact, or the first entry that is not, and why."""
        verdict = audit.verify(self.workspace)
        return Response(
            {
                "intact": verdict.intact,
                "entries": verdict.entries,
                "broken_at": verdict.broken_at,
                "reason": verdict.reason,
            }
        )


class Variables(WorkspaceView):
    """What flows read as ``vars`` in this environment."""

    needs: ClassVar = {"get": Right.SETTINGS_VIEW}

    def get(self, request: Request, workspace: str) -> Response:
        """By name."""
        items = variables.listed(self.workspace.id, self.environment.slug)
        return Response({"items": items, "next": None})


class VariableSerializer(serializers.Serializer):
    """The value of a variable: any JSON. Secrets belong into connections."""

    value = DocumentField()
    environment = serializers.CharField(required=False, max_length=40)


class VariableDetail(WorkspaceView):
    """One variable."""

    needs: ClassVar = {"put": Right.SETTINGS_EDIT, "delete": Right.SETTINGS_EDIT}
    bodies: ClassVar = {"put": VariableSerializer}
    answers: ClassVar = {"delete": 204}

    @transaction.atomic
    def put(self, request: Request, workspace: str, name: str) -> Response:
        """Runs that begin from now on see it; others keep what they began with."""
        by = request.user.get_full_name() or request.user.get_username()
        value = self.given()["value"]
        place = (self.workspace.id, self.environment.slug)
        found = variables.put(*place, name, value, by)
        audit.record(self.workspace, request.user, "variable.set", name, {"environment": place[1]})
        return Response(found)

    @transaction.atomic
    def delete(self, request: Request, workspace: str, name: str) -> Response:
        """Flows that read it get nothing from now on."""
        variables.remove(self.workspace.id, self.environment.slug, name)
        audit.record(
            self.workspace,
            request.user,
            "variable.remove",
            name,
            {"environment": self.environment.slug},
        )
        return Response(status=204)
