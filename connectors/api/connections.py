"""Connections: secrets are written here and can never be read back."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from connectors import facade
from connectors.api import shapes
from connectors.consent import redirect_uri
from ipaas.core.errors import Invalid
from ipaas.tenancy import facade as tenancy
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView


class ConnectionsView(WorkspaceView):
    """The workspace's connections."""

    needs = {"get": Right.CONNECTIONS_VIEW, "post": Right.CONNECTIONS_EDIT}

    def get(self, request: Request, workspace: str) -> Response:
        """All connections, of one environment if it is named."""
        environment = request.query_params.get("environment")
        found = facade.list_connections(self.workspace.id, environment)
        uses = {
            slug: facade.uses_of_connections(self.workspace.id, slug)
            for slug in {connection.environment for connection in found}
        }
        items = [
            shapes.connection(entry, uses[entry.environment].get(entry.slug, ())) for entry in found
        ]
        return Response({"items": items, "next": None})

    def post(self, request: Request, workspace: str) -> Response:
        """Make a connection."""
        made = facade.create_connection(
            self.workspace.id,
            self.environment.slug,
            connector=_text(request.data, "connector"),
            name=_text(request.data, "name"),
            settings=_texts(request.data, "settings"),
            secrets=_texts(request.data, "secrets"),
            sandbox=_flag(request.data, "sandbox") or False,
            on_premise=_flag(request.data, "on_premise") or False,
        )
        details = {"connector": made.connector, "environment": made.environment}
        _log(self, made, "connection.created", details)
        return Response(shapes.connection(made), status=201)


class ConnectionView(WorkspaceView):
    """One connection."""

    needs = {
        "get": Right.CONNECTIONS_VIEW,
        "patch": Right.CONNECTIONS_EDIT,
        "delete": Right.CONNECTIONS_EDIT,
    }

    def get(self, request: Request, workspace: str, connection_id: str) -> Response:
        """The connection, the flows that use it, and the address to enter at the vendor."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        return Response(_shown(self, found))

    def patch(self, request: Request, workspace: str, connection_id: str) -> Response:
        """Change name, settings or secrets; what is not given stays."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        self.access.require(Right.CONNECTIONS_EDIT, found.environment)
        secrets = _texts(request.data, "secrets")
        if secrets:
            facade.save_secrets(self.workspace.id, connection_id, secrets)
        changed = facade.update_connection(
            self.workspace.id,
            connection_id,
            name=_text(request.data, "name") or None,
            settings=_texts(request.data, "settings") or None,
            disabled=_flag(request.data, "disabled"),
            on_premise=_flag(request.data, "on_premise"),
        )
        changes = {
            "fields": sorted(set(request.data) - {"secrets"}),
            "secrets": sorted(secrets),
        }
        _log(self, changed, "connection.changed", changes)
        return Response(_shown(self, changed))

    def delete(self, request: Request, workspace: str, connection_id: str) -> Response:
        """Remove the connection and its secrets, unless a flow uses it."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        self.access.require(Right.CONNECTIONS_EDIT, found.environment)
        facade.delete_connection(self.workspace.id, connection_id)
        _log(self, found, "connection.deleted", {"connector": found.connector})
        return Response(status=204)


class TestView(WorkspaceView):
    """Whether a connection works."""

    __test__ = False
    needs = {"post": Right.CONNECTIONS_EDIT}

    def post(self, request: Request, workspace: str, connection_id: str) -> Response:
        """Make one cheap call."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        self.access.require(Right.CONNECTIONS_EDIT, found.environment)
        result = facade.test_connection(self.workspace.id, connection_id)
        return Response({"ok": result.ok, "message": result.message, "hint": result.hint})


class AuthorizeView(WorkspaceView):
    """The way to the vendor's consent page."""

    needs = {"post": Right.CONNECTIONS_EDIT}

    def post(self, request: Request, workspace: str, connection_id: str) -> Response:
        """Address to send the person to."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        self.access.require(Right.CONNECTIONS_EDIT, found.environment)
        url = facade.begin_consent(self.workspace.id, connection_id, request.user.pk)
        _log(self, found, "connection.consent_begun", {})
        return Response({"url": url, "redirect_uri": redirect_uri()})


class OptionsView(WorkspaceView):
    """Pick-lists that are read from the vendor."""

    needs = {"get": Right.FLOWS_EDIT}

    def get(self, request: Request, workspace: str, connection_id: str, name: str) -> Response:
        """Entries that match ``?q=``."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        self.access.require(Right.FLOWS_EDIT, found.environment)
        query = request.query_params.get("q", "")
        entries = facade.options(self.workspace.id, connection_id, name, query)
        items = [{"value": entry.value, "label": entry.label} for entry in entries]
        return Response({"items": items, "next": None})


def _shown(view: WorkspaceView, found: facade.Connection) -> dict[str, Any]:
    uses = facade.uses_of_connections(view.workspace.id, found.environment)
    document = shapes.connection(found, uses.get(found.slug, ()))
    return {**document, "redirect_uri": redirect_uri()}


def _log(
    view: WorkspaceView, found: facade.Connection, action: str, details: dict[str, Any]
) -> None:
    tenancy.record_audit(
        view.workspace.id, view.request.user, action, f"connection:{found.id}", details
    )


def _text(data: Any, name: str) -> str:
    value = data.get(name) or ""
    if not isinstance(value, str):
        raise Invalid(f"{name} must be a text.")
    return value.strip()


def _flag(data: Any, name: str) -> bool | None:
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise Invalid(f"{name} must be true or false.")
    return value


def _texts(data: Any, name: str) -> dict[str, str]:
    value = data.get(name) or {}
    if not isinstance(value, dict) or not all(
        isinstance(entry, str | None) for entry in value.values()
    ):
        raise Invalid(f"{name} must be an object of texts.")
    return {key: entry or "" for key, entry in value.items()}
