"""Which object in one system is which in another."""

from __future__ import annotations

from dataclasses import asdict

from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connectors import facade, xref_edits, xref_files, xref_versions, xrefs
from connectors.api import lookup_shapes, shapes
from connectors.api.lookups import number_of
from connectors.api.uploads import FORMATS, table_file
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView

FILTERS = {
    "environment": "Slug of an environment; all of them if left out.",
    "entity": "Kind of object, such as ``order``.",
    "connection": "Slug of a connection on either side.",
    "q": "What an id begins with.",
}


class ChangeReferenceSerializer(serializers.Serializer):
    """The two ids as they should be."""

    left_id = serializers.CharField(max_length=120)
    right_id = serializers.CharField(max_length=120)


class DeleteReferencesSerializer(serializers.Serializer):
    """References to forget."""

    environment = serializers.CharField(required=False)
    ids = serializers.ListField(child=serializers.IntegerField(), max_length=1000)


class ImportReferencesSerializer(serializers.Serializer):
    """A file of pairs."""

    environment = serializers.CharField(required=False)
    upload = serializers.CharField()
    skip_faulty = serializers.BooleanField(default=False)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class RollBackReferencesSerializer(serializers.Serializer):
    """The version to go back to; 0 is the time before the first one."""

    environment = serializers.CharField(required=False)
    to = serializers.IntegerField(min_value=0)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class CrossReferencesView(WorkspaceView):
    """Cross-references of the workspace."""

    needs = {"get": Right.RUNS_VIEW}
    query = {**PAGING, **FILTERS}

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first, with the kinds of objects there are."""
        cursor, limit = self.position()
        environment = self.asked("environment") or None
        page = facade.list_xrefs(
            self.workspace.id,
            environment,
            entity=self.asked("entity"),
            connection=self.asked("connection"),
            q=self.asked("q"),
            cursor=cursor,
            limit=limit,
        )
        entities = [] if cursor else xrefs.list_entities(self.workspace.id, environment)
        return self.page(page.map(shapes.cross_reference), entities=entities)


class CrossReferenceView(WorkspaceView):
    """One cross-reference."""

    needs = {"get": Right.RUNS_VIEW, "patch": Right.LOOKUPS_EDIT}
    bodies = {"patch": ChangeReferenceSerializer}

    def get(self, request: Request, workspace: str, xref_id: int) -> Response:
        """The pair."""
        return Response(shapes.cross_reference(xrefs.get_xref(self.workspace.id, xref_id)))

    def patch(self, request: Request, workspace: str, xref_id: int) -> Response:
        """Correct an id; later runs then find the other object."""
        found = xrefs.get_xref(self.workspace.id, xref_id)
        self.access.require(Right.LOOKUPS_EDIT, found.environment)
        changed = xref_edits.change_xref(
            self.workspace.id, xref_id, actor=request.user, **self.given()
        )
        return Response(shapes.cross_reference(changed))


class DeleteReferencesView(WorkspaceView):
    """Cross-references to forget."""

    needs = {"post": Right.LOOKUPS_EDIT}
    bodies = {"post": DeleteReferencesSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """Forget pairs: a later run searches the object anew, or creates it."""
        ids = self.given()["ids"]
        deleted = xref_edits.delete_xrefs(
            self.workspace.id, self.environment.slug, ids, actor=request.user
        )
        return Response({"deleted": deleted})


class PreviewReferencesView(WorkspaceView):
    """What a file of pairs would do."""

    needs = {"post": Right.LOOKUPS_EDIT}
    bodies = {"post": ImportReferencesSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """Counts, faults by row, and examples."""
        found = xref_files.preview_xrefs(
            self.workspace.id, self.environment.slug, self.given()["upload"]
        )
        return Response(lookup_shapes.preview(found))


class ImportReferencesView(WorkspaceView):
    """A file of pairs taken over."""

    needs = {"post": Right.LOOKUPS_EDIT}
    bodies = {"post": ImportReferencesSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """Add and change pairs; nothing is removed."""
        given = self.given()
        done = xref_files.import_xrefs(
            self.workspace.id,
            self.environment.slug,
            given["upload"],
            actor=request.user,
            skip_faulty=given["skip_faulty"],
            note=given.get("note") or "",
        )
        return Response(lookup_shapes.preview(done))


class ExportReferencesView(WorkspaceView):
    """Cross-references as a file."""

    needs = {"get": Right.LOOKUPS_VIEW}
    query = {"form": FORMATS, **FILTERS}

    def get(self, request: Request, workspace: str) -> HttpResponseBase:
        """What the filters leave, as CSV or Excel."""
        found = xrefs.all_xrefs(
            self.workspace.id,
            self.asked("environment") or None,
            entity=self.asked("entity"),
            connection=self.asked("connection"),
            q=self.asked("q"),
        )
        lines = xref_files.xref_lines(found)
        return table_file(self.asked("form"), "cross-references", xref_files.TITLES, lines)


ENVIRONMENT = "Slug of the environment, test if left out."


class ReferenceVersionsView(WorkspaceView):
    """What people changed of an environment's cross-references."""

    needs = {"get": Right.LOOKUPS_VIEW}
    query = {**PAGING, "environment": ENVIRONMENT}

    def get(self, request: Request, workspace: str) -> Response:
        """Newest first; what runs recorded is not among it."""
        cursor, limit = self.position()
        page = xref_versions.list_versions(
            self.workspace.id, self.environment.slug, cursor=cursor, limit=limit
        )
        return self.page(page.map(asdict))


class ReferenceChangesView(WorkspaceView):
    """What one version changed."""

    needs = {"get": Right.LOOKUPS_VIEW}
    query = {"environment": ENVIRONMENT, "version": "Number of the version."}

    def get(self, request: Request, workspace: str) -> Response:
        """The first 500 pairs."""
        changes = xref_versions.changes_of(
            self.workspace.id, self.environment.slug, number_of(self.asked("version")) or 0
        )
        return Response({"items": [lookup_shapes.difference(one) for one in changes], "next": None})


class ReferencesWayBackView(WorkspaceView):
    """What going back to a version would do."""

    needs = {"get": Right.LOOKUPS_EDIT}
    query = {"environment": ENVIRONMENT, "to": "Number of the version, 0 for before the first."}

    def get(self, request: Request, workspace: str) -> Response:
        """Counts, the first 500 pairs that change, and those that runs have recorded since."""
        found = xref_versions.way_back(
            self.workspace.id, self.environment.slug, number_of(self.asked("to")) or 0
        )
        shown = asdict(found) | {"next": None}
        return Response(shown | {"items": shown.pop("rows"), "kept_items": shown.pop("kept_rows")})


class RollBackReferencesView(WorkspaceView):
    """The way back to an older version."""

    needs = {"post": Right.LOOKUPS_EDIT}
    bodies = {"post": RollBackReferencesSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """Undo what people did after a version, as a new version."""
        given = self.given()
        made = xref_versions.roll_back(
            self.workspace.id,
            self.environment.slug,
            given["to"],
            actor=request.user,
            note=given.get("note") or "",
        )
        return Response({"version": None if made is None else asdict(made)})
