"""Connections: secrets are written here and can never be read back."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connectors import facade, health, making, sharing
from connectors.api import shapes
from connectors.catalogue import limits_of
from connectors.changing import change_connection
from connectors.consent import redirect_uri
from ipaas.tenancy import facade as tenancy
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView


class TextsField(serializers.DictField):
    """An object of texts; null is an empty text."""

    child = serializers.CharField(allow_blank=True, allow_null=True, trim_whitespace=False)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        """Texts by their names."""
        checked: dict[str, str | None] = super().to_internal_value(data)
        return {name: text or "" for name, text in checked.items()}


class ChangeConnectionSerializer(serializers.Serializer):
    """What may be changed of a connection; secrets that are not given stay."""

    name = serializers.CharField(max_length=120, required=False, allow_blank=True, allow_null=True)
    settings = TextsField(required=False, allow_null=True)
    secrets = TextsField(required=False, allow_null=True)
    disabled = serializers.BooleanField(required=False, allow_null=True)
    on_premise = serializers.BooleanField(required=False, allow_null=True)
    ca_certificate = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=20_000,
        help_text="Authority (PEM) trusted for this connection beside the usual ones.",
    )


class NewConnectionSerializer(serializers.Serializer):
    """A connection to be made; a sandbox connection needs no settings and no secrets."""

    connector = serializers.CharField()
    slug = serializers.SlugField(
        max_length=60,
        required=False,
        help_text="Name in flows, to be the same as in another environment; made from the name.",
    )
    name = serializers.CharField(max_length=120, allow_blank=True)
    environment = serializers.CharField(required=False)
    settings = TextsField(required=False, allow_null=True)
    secrets = TextsField(required=False, allow_null=True)
    sandbox = serializers.BooleanField(default=False, allow_null=True)
    on_premise = serializers.BooleanField(default=False, allow_null=True)
    auth = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="Name of one of the connector's ways to authorise; the usual one if left out.",
    )
    ca_certificate = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=20_000
    )
    test = serializers.BooleanField(
        default=False,
        help_text="Keep it only if a cheap call succeeds; one that needs consent is kept anyway.",
    )


class SharingSerializer(serializers.Serializer):
    """Who may use a connection besides owners and admins."""

    everybody = serializers.BooleanField()
    roles = serializers.ListField(child=serializers.CharField(), required=False)
    members = serializers.ListField(child=serializers.CharField(), required=False)


class ConnectionsView(WorkspaceView):
    """The workspace's connections."""

    needs = {"get": Right.CONNECTIONS_VIEW, "post": Right.CONNECTIONS_EDIT}
    query = {"environment": "Slug of an environment; all of them if left out."}
    bodies = {"post": NewConnectionSerializer}
    answers = {"post": 201}

    def get(self, request: Request, workspace: str) -> Response:
        """All connections, of one environment if it is named."""
        found = facade.list_connections(self.workspace.id, self.asked("environment") or None)
        uses = {
            slug: facade.uses_of_connections(self.workspace.id, slug)
            for slug in {connection.environment for connection in found}
        }
        shared = sharing.sharing_of(self.workspace.id, [entry.id for entry in found])
        waiting = {slug: health.waiting_runs(self.workspace.id, slug) for slug in uses}
        items = [
            {
                **shapes.connection(entry, uses[entry.environment].get(entry.slug, ())),
                "usable": shared[entry.id].allows(str(self.access.role), request.user.pk),
                "waiting_runs": waiting[entry.environment].get(entry.slug, 0),
            }
            for entry in found
        ]
        return Response({"items": items, "next": None})

    def post(self, request: Request, workspace: str) -> Response:
        """Make a connection."""
        given = self.given()
        make = making.create_tested if given["test"] else facade.create_connection
        made = make(
            self.workspace.id,
            self.environment.slug,
            connector=given["connector"],
            name=given["name"],
            settings=given.get("settings"),
            secrets=given.get("secrets"),
            sandbox=given["sandbox"] or False,
            on_premise=given["on_premise"] or False,
            slug=given.get("slug"),
            auth=given.get("auth") or "",
            ca_certificate=given.get("ca_certificate") or "",
        )
        details = {"connector": made.connector, "environment": made.environment}
        _log(self, made, "connection.created", details, health.CREATED)
        if given["test"] and made.status == "ready":
            health.record(made.id, health.TESTED, "", _name(self))
        return Response(shapes.connection(made), status=201)


# Changes after which calls that were refused may succeed.
_MENDING = frozenset({"settings", "on_premise", "ca_certificate"})


class ConnectionView(WorkspaceView):
    """One connection."""

    needs = {
        "get": Right.CONNECTIONS_VIEW,
        "patch": Right.CONNECTIONS_EDIT,
        "delete": Right.CONNECTIONS_EDIT,
    }
    bodies = {"patch": ChangeConnectionSerializer}
    answers = {"delete": 204}

    def get(self, request: Request, workspace: str, connection_id: str) -> Response:
        """The connection, the flows that use it, and the address to enter at the vendor."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        return Response(_shown(self, found))

    def patch(self, request: Request, workspace: str, connection_id: str) -> Response:
        """Change name, settings or secrets; what is not given stays."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        self.access.require(Right.CONNECTIONS_EDIT, found.environment)
        given = self.given()
        secrets = given.pop("secrets", None) or {}
        changed = change_connection(
            self.workspace.id,
            connection_id,
            secrets=secrets,
            actor=_name(self),
            name=given.get("name") or None,
            settings=given.get("settings") or None,
            disabled=given.get("disabled"),
            on_premise=given.get("on_premise"),
            ca_certificate=given.get("ca_certificate"),
        )
        changes = {"fields": sorted(given), "secrets": sorted(secrets)}
        _log(self, changed, "connection.changed", changes)
        may_mend = found.status != "ready" or secrets or _MENDING.intersection(given)
        if changed.status == "ready" and may_mend:
            health.tell_ready(self.workspace.id, changed.environment, changed.slug)
        return Response(_shown(self, changed))

    def delete(self, request: Request, workspace: str, connection_id: str) -> Response:
        """Remove the connection and its secrets, unless a flow uses it.

        Our tokens are withdrawn at the vendor where it offers that; the header Causeway-Withdrawn
        and the audit log say whether it confirmed.
        """
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        self.access.require(Right.CONNECTIONS_EDIT, found.environment)
        withdrawn = facade.delete_connection(self.workspace.id, connection_id)
        told = {None: "not possible", True: "confirmed", False: "failed"}[withdrawn]
        details = {"connector": found.connector, "withdrawn_at_vendor": told}
        _log(self, found, "connection.deleted", details)
        response = Response(status=204)
        response["Causeway-Withdrawn"] = told
        return response


class TestView(WorkspaceView):
    """Whether a connection works."""

    __test__ = False
    needs = {"post": Right.CONNECTIONS_EDIT}

    def post(self, request: Request, workspace: str, connection_id: str) -> Response:
        """Make one cheap call."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        self.access.require(Right.CONNECTIONS_EDIT, found.environment)
        result = facade.test_connection(self.workspace.id, connection_id)
        kind = health.TESTED if result.ok else health.TEST_FAILED
        health.record(found.id, kind, result.message, _name(self))
        _log(self, found, "connection.tested", {"ok": result.ok})
        if result.ok:
            health.tell_ready(self.workspace.id, found.environment, found.slug)
        return Response({"ok": result.ok, "message": result.message, "hint": result.hint})


class AuthorizeView(WorkspaceView):
    """The way to the vendor's consent page."""

    needs = {"post": Right.CONNECTIONS_EDIT}

    def post(self, request: Request, workspace: str, connection_id: str) -> Response:
        """Address to send the person to."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        self.access.require(Right.CONNECTIONS_EDIT, found.environment)
        url = facade.begin_consent(
            self.workspace.id, connection_id, request.user.pk, request.session.session_key or ""
        )
        _log(self, found, "connection.consent_begun", {})
        return Response({"url": url, "redirect_uri": redirect_uri()})


class ActivationView(WorkspaceView):
    """What to enter at a vendor that activates the connection from its side."""

    needs = {"post": Right.CONNECTIONS_EDIT}

    def post(self, request: Request, workspace: str, connection_id: str) -> Response:
        """Two addresses, good for one activation within an hour."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        self.access.require(Right.CONNECTIONS_EDIT, found.environment)
        begun = facade.begin_activation(self.workspace.id, connection_id, request.user.pk)
        _log(self, found, "connection.consent_begun", {})
        return Response(
            {
                "callback_url": begun.callback_url,
                "identity_url": begun.identity_url,
                "expires_at": begun.expires_at,
            }
        )


class UsesView(WorkspaceView):
    """How often machines used the secrets of a connection."""

    needs = {"get": Right.CONNECTIONS_VIEW}

    def get(self, request: Request, workspace: str, connection_id: str) -> Response:
        """Uses of the last 90 days by flow, most first; an empty flow is the platform itself."""
        facade.get_connection_by_id(self.workspace.id, connection_id)
        found = facade.uses_of_secrets(self.workspace.id, connection_id)
        items = [
            {"flow_id": use.flow_id, "count": use.count, "last_at": use.last_at} for use in found
        ]
        return Response({"items": items, "next": None})


class HistoryView(WorkspaceView):
    """What happened to a connection."""

    needs = {"get": Right.CONNECTIONS_VIEW}
    query = PAGING

    def get(self, request: Request, workspace: str, connection_id: str) -> Response:
        """Tests, authorisations, refreshes and failures, newest first; the last 300 are kept."""
        facade.get_connection_by_id(self.workspace.id, connection_id)
        cursor, limit = self.position()
        page = health.history(self.workspace.id, connection_id, cursor=cursor, limit=limit)
        return self.page(page.map(shapes.health_event))


class SharingView(WorkspaceView):
    """Who may use a connection in flows."""

    needs = {"get": Right.CONNECTIONS_VIEW, "put": Right.CONNECTIONS_EDIT}
    bodies = {"put": SharingSerializer}

    def get(self, request: Request, workspace: str, connection_id: str) -> Response:
        """The rule, and whom it can name."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        rule = sharing.sharing_of(self.workspace.id, [found.id])[found.id]
        return Response(shapes.sharing(rule, tenancy.members_of(self.workspace.id)))

    def put(self, request: Request, workspace: str, connection_id: str) -> Response:
        """Change the rule; refused while it would cut off who published a live flow."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        self.access.require(Right.CONNECTIONS_EDIT, found.environment)
        given = self.given()
        uses = facade.uses_of_connections(self.workspace.id, found.environment)
        rule = sharing.share(
            self.workspace.id,
            found,
            uses=uses.get(found.slug, ()),
            everybody=given["everybody"],
            roles=given.get("roles", ()),
            members=given.get("members", ()),
            actor=request.user,
        )
        return Response(shapes.sharing(rule, tenancy.members_of(self.workspace.id)))


class OptionsView(WorkspaceView):
    """Pick-lists that are read from the vendor."""

    needs = {"get": Right.FLOWS_EDIT}
    query = {"q": "What the entries must contain."}

    def get(self, request: Request, workspace: str, connection_id: str, name: str) -> Response:
        """Entries to choose from."""
        found = facade.get_connection_by_id(self.workspace.id, connection_id)
        self.access.require(Right.FLOWS_EDIT, found.environment)
        facade.require_use(
            self.workspace.id,
            found.environment,
            [found.slug],
            role=str(self.access.role),
            user_id=request.user.pk,
        )
        entries = facade.options(self.workspace.id, connection_id, name, self.asked("q"))
        items = [{"value": entry.value, "label": entry.label} for entry in entries]
        return Response({"items": items, "next": None})


def _shown(view: WorkspaceView, found: facade.Connection) -> dict[str, Any]:
    uses = facade.uses_of_connections(view.workspace.id, found.environment)
    document = shapes.connection(found, uses.get(found.slug, ()))
    rule = sharing.sharing_of(view.workspace.id, [found.id])[found.id]
    return {
        **document,
        "redirect_uri": redirect_uri(),
        "usable": rule.allows(str(view.access.role), view.request.user.pk),
        "everybody": rule.everybody,
        "waiting_runs": health.waiting_runs(view.workspace.id, found.environment).get(
            found.slug, 0
        ),
        "limits": [shapes.limit(limit) for limit in limits_of(found.connector)],
        "scopes": shapes.scopes(making.scopes_of(found)),
    }


def _name(view: WorkspaceView) -> str:
    user: Any = view.request.user
    return str(user.get_full_name() or user.get_username())


def _log(
    view: WorkspaceView,
    found: facade.Connection,
    action: str,
    details: dict[str, Any],
    kind: str = "",
) -> None:
    if kind:
        health.record(found.id, kind, "", _name(view))
    tenancy.record_audit(
        view.workspace.id, view.request.user, action, f"connection:{found.id}", details
    )
