"""The mapping language over HTTP: text and rules, schemas, templates, functions of one's own."""

from __future__ import annotations

from typing import ClassVar

from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from designer import function_uses, own_functions, templates
from ipaas.mapping import (
    check,
    from_jsonata,
    reread,
    to_jsonata,
    unused_sources,
)
from ipaas.mapping.limits import JSONATA_MAX_IMPORT
from ipaas.mapping.schemas.archives import MAX_ARCHIVE, schema_of_archive
from ipaas.mapping.schemas.drift import compare, touched
from ipaas.mapping.schemas.uploads import KINDS, document_of, schema_of
from ipaas.tenancy import audit
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import PAGING, WorkspaceView
from ipaas.tenancy.fields import DocumentField, OptionalDocumentField


class TextSerializer(serializers.Serializer):
    """JSONata text, the schema of the context it reads, and the mapping whose text it was."""

    text = serializers.CharField(max_length=JSONATA_MAX_IMPORT, trim_whitespace=False)
    source_schema = OptionalDocumentField()
    mapping = OptionalDocumentField()


class FromText(WorkspaceView):
    """JSONata text as rules."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}
    bodies: ClassVar = {"post": TextSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """The mapping, notes with positions, and the rules that stayed JSONata text.

        A text that cannot be read is refused; ``position`` counts characters from 1. With a
        mapping, what the text does not change in it stays as it was, also what no text shows.
        """
        given = self.given()
        text, schema, mapping = given["text"], given.get("source_schema"), given.get("mapping")
        if not mapping:
            return Response(from_jsonata(text, schema).as_json())
        whole = own_functions.embedded(self.workspace.id, mapping)
        return Response(reread(mapping, text, schema, whole).as_json())


class MappingSerializer(serializers.Serializer):
    """A mapping, and the schemas it stands between."""

    mapping = DocumentField()
    source_schema = OptionalDocumentField()
    target_schema = OptionalDocumentField()


class ToText(WorkspaceView):
    """Rules as JSONata text."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}
    bodies: ClassVar = {"post": MappingSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """The text that gives what the mapping, or one expression, gives."""
        mapping = own_functions.embedded(self.workspace.id, self.given()["mapping"])
        return Response({"text": to_jsonata(mapping)})


class MappingCheck(WorkspaceView):
    """A mapping checked against its schemas."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}
    bodies: ClassVar = {"post": MappingSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """Problems in the order of the rules, each with fixes; and source fields nothing reads.

        A fix is taken by putting its rules in place of those with their ids (new ones at the end)
        and removing the rules it names.
        """
        given = self.given()
        mapping = own_functions.embedded(self.workspace.id, given["mapping"])
        found = check(mapping, given.get("source_schema"), given.get("target_schema"))
        source = given.get("source_schema")
        return Response(
            {
                "problems": [problem.as_json() for problem in found],
                "unused": unused_sources(mapping, source) if source else [],
            }
        )


class PartSerializer(serializers.Serializer):
    """A further file of an XML Schema."""

    name = serializers.CharField(max_length=400)
    text = serializers.CharField(max_length=5_000_000, trim_whitespace=False)


class UploadSerializer(serializers.Serializer):
    """A text that is, or shows, a shape of documents; ``parts`` are what an XSD includes.

    In place of text and parts, an XSD may come as a ZIP ``archive`` in Base64; ``main`` names the
    file in it that documents begin in, where that is not clear.
    """

    kind = serializers.ChoiceField(choices=KINDS)
    text = serializers.CharField(
        max_length=5_000_000, trim_whitespace=False, required=False, default="", allow_blank=True
    )
    archive = serializers.CharField(
        max_length=MAX_ARCHIVE * 4 // 3 + 4, required=False, default="", allow_blank=True
    )
    main = serializers.CharField(max_length=400, required=False, default="", allow_blank=True)
    parts = PartSerializer(many=True, required=False, default=list, max_length=100)


class SchemaUpload(WorkspaceView):
    """A schema made of a JSON Schema, an XSD, a CSV header or a sample."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}
    bodies: ClassVar = {"post": UploadSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """The JSON Schema, and the document itself where the text is one.

        Of an archive also its ``files`` and which of them is ``main``. If several may be, the
        answer is a refusal with ``candidates``.
        """
        given = self.given()
        if given["archive"]:
            found = schema_of_archive(given["archive"], given["main"])
            files = {"main": found.main, "files": list(found.files)}
            return Response({"schema": found.schema, "document": None, **files})
        kind, text = given["kind"], given["text"]
        shows = kind in ("json", "xml", "csv")
        document = document_of(kind, text) if shows else None
        parts = {part["name"]: part["text"] for part in given["parts"]}
        return Response({"schema": schema_of(kind, text, parts), "document": document})


class DriftSerializer(serializers.Serializer):
    """Two versions of a schema, and the mapping that may be touched."""

    old = DocumentField()
    new = DocumentField()
    mapping = OptionalDocumentField()
    side = serializers.ChoiceField(choices=("source", "target"), required=False, default="source")
    prefix = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class SchemaDrift(WorkspaceView):
    """What changed between two schemas."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}
    bodies: ClassVar = {"post": DriftSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """Changes, and the rules that they touch; ``prefix`` is where a source stands."""
        given = self.given()
        changes = compare(given["old"], given["new"])
        rules = []
        if given.get("mapping"):
            rules = touched(given["mapping"], changes, given["side"], given["prefix"])
        return Response(
            {
                "changes": [change.as_json() for change in changes],
                "touched": [finding.as_json() for finding in rules],
            }
        )


# --- functions of one's own ---------------------------------------------------------------------


class OwnFunctionSerializer(serializers.Serializer):
    """A function: name, params and body, and words for people."""

    function = DocumentField()
    description = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=2000
    )


class OwnFunctionVersionSerializer(OwnFunctionSerializer):
    """A new version of a function."""

    even_so = serializers.BooleanField(
        required=False, default=False, help_text="Also if mappings call it with other values."
    )


class OwnFunctions(WorkspaceView):
    """Functions that the workspace made."""

    needs: ClassVar = {"get": Right.FLOWS_VIEW, "post": Right.FLOWS_EDIT}
    query: ClassVar = PAGING
    bodies: ClassVar = {"post": OwnFunctionSerializer}
    answers: ClassVar = {"post": 201}

    def get(self, request: Request, workspace: str) -> Response:
        """Each in its newest version."""
        return self.page(own_functions.page(self.workspace.id, *self.position()))

    @transaction.atomic
    def post(self, request: Request, workspace: str) -> Response:
        """A new function."""
        made = own_functions.create(self.workspace.id, user=request.user, **self.given())
        audit.record(self.workspace, request.user, "own_function.create", made["id"], {})
        return Response(made, status=201)


class OwnFunctionDetail(WorkspaceView):
    """One function that the workspace made."""

    needs: ClassVar = {
        "get": Right.FLOWS_VIEW,
        "put": Right.FLOWS_EDIT,
        "delete": Right.FLOWS_EDIT,
    }
    bodies: ClassVar = {"put": OwnFunctionVersionSerializer}
    answers: ClassVar = {"delete": 204}

    def get(self, request: Request, workspace: str, function_id: str) -> Response:
        """The function with all its versions."""
        return Response(own_functions.get(self.workspace.id, function_id))

    @transaction.atomic
    def put(self, request: Request, workspace: str, function_id: str) -> Response:
        """A new version; what is published keeps the version it was published with.

        Refused with the ``callers`` that give it fewer or more values than it takes, unless
        ``even_so``: these drafts then have a problem with a fix.
        """
        given = self.given()
        if not given.pop("even_so"):
            function_uses.require_suited(self.workspace.id, function_id, given["function"])
        made = own_functions.change(self.workspace.id, function_id, user=request.user, **given)
        audit.record(self.workspace, request.user, "own_function.change", function_id, {})
        return Response(made)

    @transaction.atomic
    def delete(self, request: Request, workspace: str, function_id: str) -> Response:
        """Remove it; drafts that call it show a problem."""
        own_functions.delete(self.workspace.id, function_id)
        audit.record(self.workspace, request.user, "own_function.delete", function_id, {})
        return Response(status=204)


# --- templates ----------------------------------------------------------------------------------


class TemplateSerializer(serializers.Serializer):
    """A mapping to be kept as a template."""

    name = serializers.CharField(max_length=200)
    description = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=2000
    )
    mapping = DocumentField()


class TemplateVersionSerializer(serializers.Serializer):
    """A new state of a template."""

    mapping = DocumentField()
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)


class PlaceSerializer(serializers.Serializer):
    """The record that the targets of a template stand under, and another; empty is the whole."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Its two members, one of which has the name of a word of the language."""
        return {name: serializers.CharField(allow_blank=True, max_length=1000)
                for name in ("from", "to")}  # fmt: skip


class TemplateInsertSerializer(serializers.Serializer):
    """A mapping, and how a template is to be laid into it."""

    mapping = DocumentField()
    reads = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=1000), required=False,
        default=dict, help_text="Trees to read instead of the template's.",
    )  # fmt: skip
    place = PlaceSerializer(required=False, allow_null=True, default=None)
    instead = serializers.BooleanField(
        required=False, default=False, help_text="What is filled already gives way."
    )


class TemplateMergeSerializer(serializers.Serializer):
    """A mapping, which of its insertions is meant, and which changes are taken."""

    mapping = DocumentField()
    insertion = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, default=None, max_length=64
    )
    choices = serializers.DictField(child=serializers.BooleanField(), required=False, default=dict)


class MappingTemplates(WorkspaceView):
    """Mappings kept to start others from."""

    needs: ClassVar = {"get": Right.FLOWS_VIEW, "post": Right.FLOWS_EDIT}
    query: ClassVar = PAGING
    bodies: ClassVar = {"post": TemplateSerializer}
    answers: ClassVar = {"post": 201}

    def get(self, request: Request, workspace: str) -> Response:
        """The workspace's own; ``starting_points`` come with the connectors.

        A mapping made of one of those remembers it by ``template``, from the first time on.
        """
        found = templates.page(self.workspace.id, *self.position())
        return self.page(found, starting_points=templates.offered(self.workspace.id))

    @transaction.atomic
    def post(self, request: Request, workspace: str) -> Response:
        """A new template."""
        made = templates.create(self.workspace.id, user=request.user, **self.given())
        audit.record(self.workspace, request.user, "mapping_template.create", made["id"], {})
        return Response(made, status=201)


class MappingTemplateDetail(WorkspaceView):
    """One template."""

    needs: ClassVar = {
        "get": Right.FLOWS_VIEW,
        "put": Right.FLOWS_EDIT,
        "delete": Right.FLOWS_EDIT,
    }
    bodies: ClassVar = {"put": TemplateVersionSerializer}
    answers: ClassVar = {"delete": 204}

    def get(self, request: Request, workspace: str, template_id: str) -> Response:
        """The template with all its versions, newest first, and a mapping to start with."""
        found = templates.get(self.workspace.id, template_id)
        return Response({**found, "start": templates.start(self.workspace.id, template_id)})

    @transaction.atomic
    def put(self, request: Request, workspace: str, template_id: str) -> Response:
        """A new version."""
        given = self.given()
        made = templates.add_version(self.workspace.id, template_id, user=request.user, **given)
        audit.record(self.workspace, request.user, "mapping_template.change", template_id, {})
        return Response(made)

    @transaction.atomic
    def delete(self, request: Request, workspace: str, template_id: str) -> Response:
        """Remove it; mappings made from it stay."""
        templates.delete(self.workspace.id, template_id)
        audit.record(self.workspace, request.user, "mapping_template.delete", template_id, {})
        return Response(status=204)


class MappingTemplateInsert(WorkspaceView):
    """A mapping with a template laid into it."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}
    bodies: ClassVar = {"post": TemplateInsertSerializer}

    def post(self, request: Request, workspace: str, template_id: str) -> Response:
        """The mapping, which remembers where each rule came from; it is not saved here.

        ``template_id`` may be a starting point. What is filled already stays, unless ``instead``.
        """
        return Response(templates.lay(self.workspace.id, template_id, **self.given()))


class MappingTemplateMerge(WorkspaceView):
    """A mapping brought up to a template's newest version."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}
    bodies: ClassVar = {"post": TemplateMergeSerializer}

    def post(self, request: Request, workspace: str, template_id: str) -> Response:
        """The merged mapping, and all changes; of those that both sides made the own was kept.

        ``choices`` says by a change's ``key`` whether it is taken; without, all are but conflicts.
        """
        return Response(templates.bring_up(self.workspace.id, template_id, **self.given()))
