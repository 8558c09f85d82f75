"""Files that people send, and files that they fetch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.api import lookup_shapes
from connectors.tables import files, imports
from ipaas.core.errors import Invalid, TooLarge
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView

FORMATS = "``csv`` (also if left out) or ``xlsx``."


class FileParser(BaseParser):
    """A file as the whole body."""

    media_type = "application/octet-stream"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Bytes of the file; raises TooLarge without reading all of it."""
        content: bytes = stream.read(files.MOST_BYTES + 1)
        if len(content) > files.MOST_BYTES:
            raise TooLarge(f"A file may have at most {files.MOST_BYTES // 2**20} MB.")
        return content


class UploadsView(WorkspaceView):
    """Files on their way into lookup tables and cross-references."""

    parser_classes = [FileParser]
    needs = {"post": Right.LOOKUPS_EDIT}
    answers = {"post": 201}

    def post(self, request: Request, workspace: str) -> Response:
        """Keep a CSV or Excel file for an hour; it is the whole body, as application/octet-stream.

        Its name goes in the header X-File-Name, percent-encoded.
        """
        content = request.data
        if not isinstance(content, bytes) or not content:
            raise Invalid("The file is empty.", hint="Choose another file.")
        name = unquote(request.headers.get("X-File-Name", "file.csv"))
        found = imports.keep_upload(self.workspace.id, name, content)
        return Response(lookup_shapes.upload(found), status=201)


def table_file(
    form: str, name: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]
) -> HttpResponseBase:
    """A file to fetch, as CSV or Excel."""
    answer: HttpResponseBase
    if form == "xlsx":
        answer = HttpResponse(files.excel_bytes(name, headers, rows), content_type=files.EXCEL_TYPE)
    elif form in ("", "csv"):
        answer = StreamingHttpResponse(files.csv_lines(headers, rows), content_type=files.CSV_TYPE)
        form = "csv"
    else:
        raise Invalid("There is no such format.", hint="Use csv or xlsx.")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
