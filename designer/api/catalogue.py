"""What a flow can be made of, over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from connectors import facade as connectors
from designer.models import Flow
from designer.settings_schemas import CONFIG_SCHEMAS, DEFAULTS
from ipaas.mapping import FUNCTIONS
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView
from runtime import facade as runtime
from runtime.graph import NODE_KINDS, NodeKind

GROUPS = (
    ("trigger", "Start with", "trigger"),
    ("action", "Systems", "action"),
    ("transform", "Data", "transform"),
    ("control", "Control", "control"),
)


class Palette(WorkspaceView):
    """Kinds of steps, and what each connector can do."""

    needs: ClassVar = {"get": Right.FLOWS_VIEW}

    def get(self, request: Request, workspace: str) -> Response:
        """Groups of step kinds, connectors with their operations, names of standard records."""
        groups = [
            {
                "name": name,
                "title": title,
                "items": [_kind(k) for k in NODE_KINDS.values() if k.shape == shape],
            }
            for name, title, shape in GROUPS
        ]
        return Response(
            {
                "groups": groups,
                "connectors": [
                    _connector(each)
                    for each in connectors.catalogue_of(self.workspace.id)
                    if each.enabled
                ],
                "canonical": list(connectors.canonical_names()),
            }
        )


def _kind(kind: NodeKind) -> dict[str, Any]:
    return {
        "type": kind.type,
        "title": kind.title,
        "description": kind.description,
        "icon": kind.icon,
        "shape": kind.shape,
        "ports": {"in": [] if kind.is_trigger else ["in"], "out": list(kind.ports)},
        "ports_from": kind.branches or None,
        "config_schema": CONFIG_SCHEMAS[kind.type],
        "default_config": DEFAULTS.get(kind.type, {}),
    }


def _connector(info: connectors.ConnectorInfo) -> dict[str, Any]:
    return {
        "slug": info.slug,
        "name": info.name,
        "icon": info.icon,
        "description": info.description,
        "categories": list(info.categories),
        "operations": [operation.as_json() for operation in info.operations],
        "find_or_create": [
            {"entity": entry.entity, "title": entry.title} for entry in info.find_or_create
        ],
        "options": list(info.options),
    }


class Functions(WorkspaceView):
    """Functions of the mapping language."""

    needs: ClassVar = {"get": Right.FLOWS_VIEW}

    def get(self, request: Request, workspace: str) -> Response:
        """Every function with its arguments and examples."""
        items = [function.as_json() for function in FUNCTIONS.values()]
        return Response({"items": items, "next": None})


class Overview(WorkspaceView):
    """The state of everything at a glance."""

    needs: ClassVar = {"get": Right.RUNS_VIEW}

    def get(self, request: Request, workspace: str) -> Response:
        """Flows and connections with their health, counts of the last 24 hours and of each hour."""
        environment = self.environment.slug
        seen = runtime.overview(self.workspace.id, environment)
        names = dict(
            Flow.objects.filter(workspace_id=self.workspace.id, archived_at=None)
            .order_by("-id")
            .values_list("id", "name")
        )
        active = {
            live.flow_id: live.active
            for live in runtime.deployments(self.workspace.id)
            if live.environment == environment
        }
        quiet = {"runs_24h": 0, "failed_24h": 0, "last_run_at": None}
        flows = [
            {
                "id": flow_id,
                "name": name,
                "status": _flow_status(active.get(flow_id), seen["flows"].get(flow_id, quiet)),
                **seen["flows"].get(flow_id, quiet),
            }
            for flow_id, name in names.items()
        ]
        flows.sort(key=lambda flow: flow["status"] != "attention")  # trouble first, else as listed
        connections = [
            {"id": c.id, "name": c.name, "connector": c.connector, "status": c.status}
            for c in connectors.list_connections(self.workspace.id, environment)
        ]
        return Response(
            {
                "flows": flows,
                "connections": connections,
                "counts": seen["counts"],
                "hours": seen["hours"],
                "dead_letters_open": seen["dead_letters_open"],
            }
        )


def _flow_status(active: bool | None, day: dict[str, Any]) -> str:
    if active is None:
        return "draft"
    if not active:
        return "off"
    return "attention" if day["failed_24h"] else "healthy"
