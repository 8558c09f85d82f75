"""Bodies of requests from templates, and documents from the bodies of replies."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

from urllib3.filepost import encode_multipart_formdata

from connectors import xml
from connectors.manifest import templates
from connectors.manifest.parts import RequestTemplate
from connectors.sdk import FileContent, HttpResponse
from ipaas.core import jsonio

_FILE_NAME = re.compile(r'filename="?([^";]+)"?', re.IGNORECASE)


class ReplyUnreadable(ValueError):
    """The reply has another form than the manifest says."""


def encode(
    request: RequestTemplate, sources: Mapping[str, Any], extra: Mapping[str, Any] | None = None
) -> tuple[bytes | None, str]:
    """Bytes and content type of the request's body; ``extra`` are members added at its top."""
    if request.form is not None:
        values = {**templates.fill(request.form, sources), **(extra or {})}
        return urlencode(_pairs(values)).encode(), "application/x-www-form-urlencoded"
    if request.multipart is not None:
        return _multipart(templates.fill(request.multipart, sources))
    if request.xml is not None:
        return xml.dumps(templates.fill(request.xml, sources)), (
            request.content_type or "application/xml; charset=utf-8"
        )
    if request.raw:
        return _raw(request, sources)
    if request.body is None and not extra:
        return None, ""
    filled = templates.fill(request.body, sources) if request.body is not None else {}
    if extra:
        filled = {**filled, **extra}
    return jsonio.dumps(filled), request.content_type or "application/json"


def _pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, templates.as_text(value))
        for name, held in values.items()
        for value in (held if isinstance(held, list) else [held])
    ]


def _multipart(values: Mapping[str, Any]) -> tuple[bytes, str]:
    fields: list[tuple[str, Any]] = []
    mark = hashlib.sha256()
    for name, held in values.items():
        for value in held if isinstance(held, list) else [held]:
            file = FileContent.from_json(value)
            if file:
                fields.append((name, (file.name, file.content, file.content_type)))
                mark.update(file.content)
            else:
                fields.append((name, templates.as_text(value)))
                mark.update(templates.as_text(value).encode())
    # From the content, so that the same request is the same bytes each time it is tried.
    return encode_multipart_formdata(fields, boundary=mark.hexdigest()[:32])


def _raw(request: RequestTemplate, sources: Mapping[str, Any]) -> tuple[bytes, str]:
    value = templates.fill(request.raw, sources)
    file = FileContent.from_json(value)
    if file:
        return file.content, request.content_type or file.content_type
    if value is templates.MISSING:
        value = ""
    kind = request.content_type or "text/plain; charset=utf-8"
    return templates.as_text(value).encode(), kind


def decode(response: HttpResponse, form: Literal["json", "text", "xml", "file", "none"]) -> Any:
    """The reply's document. Raises MalformedJson or ReplyUnreadable."""
    match form:
        case "json":
            return response.json()
        case "text":
            return {"text": response.body.decode("utf-8", "replace")}
        case "none":
            return {}
        case "xml":
            try:
                return xml.loads(response.body) if response.body.strip() else {}
            except xml.XmlUnreadable as error:
                raise ReplyUnreadable(str(error)) from error
        case "file":
            kind = response.headers.get("content-type", "application/octet-stream")
            named = _FILE_NAME.search(response.headers.get("content-disposition", ""))
            name = re.split(r"[\\/]", named.group(1))[-1] if named else "file"
            return FileContent(name, kind, response.body).as_json()
