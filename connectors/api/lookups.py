"""Lookup tables over the API."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.api import lookup_shapes
from connectors.api.uploads import FORMATS, table_file
from connectors.models import LookupTable
from connectors.tables import imports, reading, rows, store, versions
from connectors.tables.cells import TYPES
from connectors.tables.values import Table
from ipaas.core.errors import Invalid
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView
from ipaas.tenancy.fields import DocumentField


class LookupColumnSerializer(serializers.Serializer):
    """A column; ``name`` is what mappings and files know it by."""

    name = serializers.CharField(max_length=40)
    title = serializers.CharField(max_length=80, required=False, allow_blank=True)
    type = serializers.ChoiceField(choices=TYPES, default="text")
    key = serializers.BooleanField(default=False)
    required = serializers.BooleanField(default=False)


@extend_schema_field({"type": "object", "additionalProperties": {}})
class ValuesField(serializers.DictField):
    """Cells by the name of their column."""

    child = DocumentField(allow_null=True)


class OnMissSerializer(serializers.Serializer):
    """What a key that is not in the table means; ``values`` stand in for ``default``."""

    policy = serializers.ChoiceField(choices=store.POLICIES)
    values = ValuesField(required=False, allow_null=True)


class NewTableSerializer(serializers.Serializer):
    """A table to be made; exchange rates bring their own columns."""

    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    environment = serializers.CharField(required=False)
    kind = serializers.ChoiceField(choices=LookupTable.Kind.values, default="table")
    columns = LookupColumnSerializer(many=True, required=False)
    on_miss = OnMissSerializer(required=False)
    ignore_case = serializers.BooleanField(default=False)
    ignore_space = serializers.BooleanField(default=True)


class ChangeTableSerializer(serializers.Serializer):
    """What may be changed; what is not given stays."""

    name = serializers.CharField(max_length=120, required=False)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    columns = LookupColumnSerializer(many=True, required=False)
    on_miss = OnMissSerializer(required=False)
    ignore_case = serializers.BooleanField(required=False, allow_null=True)
    ignore_space = serializers.BooleanField(required=False, allow_null=True)


class LookupRowSerializer(serializers.Serializer):
    """A row to be written; without an id it is a new one."""

    id = serializers.IntegerField(required=False, allow_null=True)
    values = ValuesField()


class ChangeRowsSerializer(serializers.Serializer):
    """Edits of rows, which become one version. ``based_on`` is the version that was looked at."""

    based_on = serializers.IntegerField(min_value=1)
    put = LookupRowSerializer(many=True, required=False, max_length=1000)
    remove = serializers.ListField(
        child=serializers.IntegerField(), required=False, max_length=1000
    )
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class RollBackTableSerializer(serializers.Serializer):
    """The version to go back to."""

    to = serializers.IntegerField(min_value=1)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class PreviewImportSerializer(serializers.Serializer):
    """A file, and which of its headers holds which column."""

    upload = serializers.CharField()
    matching = serializers.DictField(child=serializers.CharField(allow_blank=True))
    mode = serializers.ChoiceField(choices=imports.MODES)


class ImportFileSerializer(PreviewImportSerializer):
    """A file to be taken over."""

    based_on = serializers.IntegerField(min_value=1)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)
    skip_faulty = serializers.BooleanField(default=False)


class TablesView(WorkspaceView):
    """The workspace's lookup tables."""

    needs = {"get": Right.LOOKUPS_VIEW, "post": Right.LOOKUPS_EDIT}
    query = {"environment": "Slug of an environment; all of them if left out."}
    bodies = {"post": NewTableSerializer}
    answers = {"post": 201}

    def get(self, request: Request, workspace: str) -> Response:
        """All tables, of one environment if it is named."""
        found = store.list_tables(self.workspace.id, self.asked("environment") or None)
        uses = {
            slug: store.uses_of_tables(self.workspace.id, slug)
            for slug in {table.environment for table in found}
        }
        items = [
            lookup_shapes.table(table, uses[table.environment].get(table.slug, ()))
            for table in found
        ]
        return Response({"items": items, "next": None})

    def post(self, request: Request, workspace: str) -> Response:
        """Make a table."""
        given = self.given()
        given.pop("environment", None)
        made = store.create_table(
            self.workspace.id, self.environment.slug, actor=request.user, **given
        )
        return Response(lookup_shapes.table(made), status=201)


class TableView(WorkspaceView):
    """One lookup table."""

    needs = {
        "get": Right.LOOKUPS_VIEW,
        "patch": Right.LOOKUPS_EDIT,
        "delete": Right.LOOKUPS_EDIT,
    }
    bodies = {"patch": ChangeTableSerializer}
    answers = {"delete": 204}

    def get(self, request: Request, workspace: str, table_id: str) -> Response:
        """The table, the flows that read it, and the keys that records wait for."""
        found = _table(self, table_id, Right.LOOKUPS_VIEW)
        uses = store.uses_of_tables(self.workspace.id, found.environment)
        shown = lookup_shapes.table(found, uses.get(found.slug, ()))
        waiting = store.awaited_keys(found)
        shown["awaited"] = [{"key": key, "records": waiting[key]} for key in list(waiting)[:50]]
        return Response(shown)

    def patch(self, request: Request, workspace: str, table_id: str) -> Response:
        """Change name, columns or rules; other columns or keys make a version."""
        _table(self, table_id, Right.LOOKUPS_EDIT)
        store.change_table(self.workspace.id, table_id, actor=request.user, **self.given())
        return self.get(request, workspace, table_id)

    def delete(self, request: Request, workspace: str, table_id: str) -> Response:
        """Remove the table with all its versions, unless a flow reads it."""
        _table(self, table_id, Right.LOOKUPS_EDIT)
        store.delete_table(self.workspace.id, table_id, request.user)
        return Response(status=204)


class RowsView(WorkspaceView):
    """Rows of a lookup table."""

    needs = {"get": Right.LOOKUPS_VIEW, "patch": Right.LOOKUPS_EDIT}
    query = {
        **PAGING,
        "q": "What a cell must contain.",
        "version": "Number of a version; the newest if left out.",
    }
    bodies = {"patch": ChangeRowsSerializer}

    def get(self, request: Request, workspace: str, table_id: str) -> Response:
        """By key."""
        _table(self, table_id, Right.LOOKUPS_VIEW)
        cursor, limit = self.position()
        page = reading.list_rows(
            self.workspace.id,
            table_id,
            q=self.asked("q"),
            version=number_of(self.asked("version")),
            cursor=cursor,
            limit=limit,
        )
        return self.page(page.map(lookup_shapes.row))

    def patch(self, request: Request, workspace: str, table_id: str) -> Response:
        """Add, change and remove rows, all or none."""
        _table(self, table_id, Right.LOOKUPS_EDIT)
        made = rows.change_rows(self.workspace.id, table_id, actor=request.user, **self.given())
        return Response(lookup_shapes.saved(made))


class VersionsView(WorkspaceView):
    """Versions of a lookup table."""

    needs = {"get": Right.LOOKUPS_VIEW}
    query = PAGING

    def get(self, request: Request, workspace: str, table_id: str) -> Response:
        """Newest first."""
        _table(self, table_id, Right.LOOKUPS_VIEW)
        cursor, limit = self.position()
        page = versions.list_versions(self.workspace.id, table_id, cursor=cursor, limit=limit)
        return self.page(page.map(lookup_shapes.version))


class CompareView(WorkspaceView):
    """Two versions side by side."""

    needs = {"get": Right.LOOKUPS_VIEW}
    query = {
        "before": "Number of a version.",
        "after": "Number of a version; the newest if left out.",
    }

    def get(self, request: Request, workspace: str, table_id: str) -> Response:
        """Counts, and the first 500 rows that differ."""
        found = _table(self, table_id, Right.LOOKUPS_VIEW)
        before = number_of(self.asked("before")) or max(1, found.version - 1)
        after = number_of(self.asked("after")) or found.version
        compared = versions.compare(self.workspace.id, table_id, before, after)
        return Response(lookup_shapes.comparison(compared))


class RollBackView(WorkspaceView):
    """The way back to an older version."""

    needs = {"post": Right.LOOKUPS_EDIT}
    bodies = {"post": RollBackTableSerializer}

    def post(self, request: Request, workspace: str, table_id: str) -> Response:
        """Make a new version with the rows of an older one."""
        _table(self, table_id, Right.LOOKUPS_EDIT)
        given = self.given()
        made = versions.roll_back(
            self.workspace.id,
            table_id,
            given["to"],
            actor=request.user,
            note=given.get("note") or "",
        )
        return Response(lookup_shapes.saved(made))


class ImportPreviewView(WorkspaceView):
    """What a file would do."""

    needs = {"post": Right.LOOKUPS_EDIT}
    bodies = {"post": PreviewImportSerializer}

    def post(self, request: Request, workspace: str, table_id: str) -> Response:
        """Counts, the faults of the file by row, and examples of what changes."""
        _table(self, table_id, Right.LOOKUPS_EDIT)
        given = self.given()
        found = imports.preview_import(
            self.workspace.id,
            table_id,
            given["upload"],
            matching=given["matching"],
            mode=given["mode"],
        )
        return Response(lookup_shapes.preview(found))


class ImportView(WorkspaceView):
    """A file taken over."""

    needs = {"post": Right.LOOKUPS_EDIT}
    bodies = {"post": ImportFileSerializer}

    def post(self, request: Request, workspace: str, table_id: str) -> Response:
        """Make a version from the file; refused while rows are faulty, unless they are skipped."""
        _table(self, table_id, Right.LOOKUPS_EDIT)
        given = self.given()
        upload_id = given.pop("upload")
        made = imports.import_file(
            self.workspace.id, table_id, upload_id, actor=request.user, **given
        )
        return Response(lookup_shapes.saved(made))


class ExportView(WorkspaceView):
    """A lookup table as a file."""

    needs = {"get": Right.LOOKUPS_VIEW}
    query = {"form": FORMATS, "version": "Number of a version; the newest if left out."}

    def get(self, request: Request, workspace: str, table_id: str) -> HttpResponseBase:
        """All rows, as CSV or Excel; the same file can be imported again."""
        found = _table(self, table_id, Right.LOOKUPS_VIEW)
        headers, lines = imports.export_rows(found, number_of(self.asked("version")))
        return table_file(self.asked("form"), found.slug, headers, lines)


def _table(view: WorkspaceView, table_id: str, right: Right) -> Table:
    found = reading.get_table(view.workspace.id, table_id)
    view.access.require(right, found.environment)
    return found


def number_of(text: str) -> int | None:
    """The number of a version out of an address; None if it names none."""
    if not text:
        return None
    if not text.isdecimal() or len(text) > 9:
        raise Invalid("A version is a whole number.", hint="Choose one from the list.")
    return int(text)
