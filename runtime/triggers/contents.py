"""What an incoming message says: JSON, a form, XML or text, as one document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl
from xml.parsers.expat import ExpatError

import xmltodict

from ipaas.core import jsonio
from ipaas.core.errors import Invalid

FORMS = ("auto", "json", "form", "xml", "text")
MAX_FORM_FIELDS = 1_000
MAX_XML_DEPTH = 100


class ContentUnreadable(Invalid):
    """The body is not of the form that its type, or the trigger's setting, says."""

    code = "hook.unreadable"


class ContentUnknown(Invalid):
    """The body is of a type that no flow can read."""

    code = "hook.content_type"

    @property
    def status(self) -> int:
        """415, which no other error needs."""
        return 415


def content_type(headers: Mapping[str, str]) -> tuple[str, str]:
    """Media type in lower case, and the charset it names or UTF-8."""
    kind, _, rest = headers.get("content-type", "").partition(";")
    charset = "utf-8"
    for part in rest.split(";"):
        name, _, value = part.strip().partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"') or "utf-8"
    return kind.strip().lower(), charset


def read(headers: Mapping[str, str], body: bytes, form: str = "auto") -> Any:
    """The document of a body; raises ContentUnreadable, ContentUnknown or MalformedJson."""
    kind, charset = content_type(headers)
    form = _form(kind) if form == "auto" else form
    match form:
        case "json":
            return jsonio.loads(body)
        case "form":
            return _fields(_text(body, charset))
        case "xml":
            return _xml(body)
        case "text":
            return {"text": _text(body, charset)}
    raise ContentUnknown(
        f"A body of the type “{kind[:80]}” cannot be read.",
        hint="Send JSON, XML, a form (application/x-www-form-urlencoded) or text.",
    )


def _form(kind: str) -> str:
    if kind in ("", "application/json") or kind.endswith(("+json", "/json")):
        return "json"
    if kind == "application/x-www-form-urlencoded":
        return "form"
    if kind in ("application/xml", "text/xml") or kind.endswith("+xml"):
        return "xml"
    return "text" if kind in ("text/plain", "text/csv") else ""


def _text(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset)
    except (LookupError, ValueError) as error:
        raise ContentUnreadable(
            f"The body is not {charset[:40]} text.", hint="Send UTF-8, or name the charset."
        ) from error


def _fields(text: str) -> dict[str, Any]:
    """Fields by name; one that comes several times is a list."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
    except ValueError as error:
        raise ContentUnreadable(
            f"A form may have {MAX_FORM_FIELDS} fields.", hint="Send less at once."
        ) from error
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _xml(body: bytes) -> Any:
    """Elements as members, attributes as ``@name``, text beside them as ``#text``.

    A document type is refused: with it come entities, which can grow without end or read files.
    """
    if b"<!DOCTYPE" in body.upper() or b"<!ENTITY" in body.upper():
        raise ContentUnreadable(
            "XML with a document type is not taken.", hint="Send it without <!DOCTYPE …>."
        )
    depth = _Depth()
    try:
        found = xmltodict.parse(body, disable_entities=True, postprocessor=depth)
    except (ExpatError, ValueError) as error:
        raise ContentUnreadable(
            f"This is not XML that can be read: {str(error)[:120]}.", hint="Check the message."
        ) from error
    return found


class _Depth:
    """Refuses elements that are nested too deeply."""

    def __call__(self, path: Any, key: str, value: Any) -> tuple[str, Any]:
        if len(path) > MAX_XML_DEPTH:
            raise ValueError("it is nested too deeply")
        return key, value
