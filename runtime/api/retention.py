"""How long an environment keeps things, over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ipaas.tenancy import audit
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView
from runtime import faults
from runtime.archive import mover
from runtime.retention import keeper, policy


def _days(**options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(
        required=False, allow_null=True, min_value=policy.LEAST_DAYS, max_value=policy.MOST_DAYS
    )


class RetentionSerializer(serializers.Serializer):
    """Days that something is kept; null: for ever. What is left out stays as it is."""

    payload_days = _days()
    payload_failed_days = _days()
    journal_days = _days()
    journal_failed_days = _days()
    run_days = _days()
    run_failed_days = _days()
    letter_days = _days()
    letter_warning_days = serializers.IntegerField(required=False, min_value=0, max_value=365)
    environment = serializers.CharField(required=False, max_length=40)


class Retention(WorkspaceView):
    """How long this environment keeps documents, journals and runs."""

    needs: ClassVar = {"get": Right.SETTINGS_VIEW, "put": Right.SETTINGS_EDIT}
    bodies: ClassVar = {"put": RetentionSerializer}

    def get(self, request: Request, workspace: str) -> Response:
        """The days, what would go now, what went last time, and where documents are kept."""
        return Response(self._shown())

    @faults.repeats("api.retention")
    def put(self, request: Request, workspace: str) -> Response:
        """Takes effect when it is next tidied up, within hours."""
        wish = {name: days for name, days in self.given().items() if name != "environment"}
        by = request.user.get_full_name() or request.user.get_username()
        before = policy.policy_of(self.workspace.id, self.environment.slug).as_json()
        policy.set_policy(self.workspace.id, self.environment.slug, wish, by)
        changed = {name: [before[name], days] for name, days in wish.items()}
        audit.record(self.workspace, request.user, "retention.set", self.environment.slug, changed)
        return Response(self._shown())

    def _shown(self) -> dict[str, Any]:
        place = (self.workspace.id, self.environment.slug)
        return {
            "policy": policy.policy_of(*place).as_json(),
            "forecast": keeper.forecast(*place),
            "last": keeper.last(*place),
            "storage": mover.status(),
        }
