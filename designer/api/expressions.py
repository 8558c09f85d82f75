"""One expression over HTTP: text to blocks, and blocks to a line of text."""

from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from designer import own_functions
from ipaas.mapping import expression_from_jsonata, write_expr
from ipaas.mapping.formulas import formula
from ipaas.mapping.limits import JSONATA_MAX_TEXT
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView
from ipaas.tenancy.fields import DocumentField, OptionalDocumentField


class PlaceSerializer(serializers.Serializer):
    """The schema of the context that an expression reads, and the loop variables in reach."""

    source_schema = OptionalDocumentField()
    variables = serializers.ListField(
        child=serializers.RegexField(r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=64),
        required=False, default=list, max_length=50,
    )  # fmt: skip


class ExpressionTextSerializer(PlaceSerializer):
    """One JSONata expression, the schema of its context, and the loop variables it may read."""

    text = serializers.CharField(max_length=JSONATA_MAX_TEXT, trim_whitespace=False)


class ExpressionFromText(WorkspaceView):
    """One JSONata expression as blocks."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}
    bodies: ClassVar = {"post": ExpressionTextSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """The expression; one of kind ``jsonata`` where rules cannot say it."""
        given = self.given()
        made = expression_from_jsonata(
            given["text"],
            given.get("source_schema"),
            given["variables"],
            own_functions.parsed(self.workspace.id),
        )
        return Response({"expr": write_expr(made)})


class ExpressionSerializer(PlaceSerializer):
    """One expression made of blocks."""

    expr = DocumentField()


class ExpressionToText(WorkspaceView):
    """One expression as a line of text."""

    needs: ClassVar = {"post": Right.FLOWS_VIEW}
    bodies: ClassVar = {"post": ExpressionSerializer}

    def post(self, request: Request, workspace: str) -> Response:
        """Text that is read as the same blocks again; null where there is none."""
        given = self.given()
        text = formula(
            given["expr"],
            given.get("source_schema"),
            given["variables"],
            own_functions.parsed(self.workspace.id),
        )
        return Response({"text": text})
