"""Documents to bytes and back: JSON, forms, XML, text and files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.parsers.expat import ExpatError

import xmltodict

from connectors.catalog.http.hooks.addresses import as_text
from connectors.sdk import ConnectorError, FileContent, HttpResponse, Recovery
from ipaas.core import jsonio


def written(body: Any, send_as: str) -> tuple[bytes, str]:
    """Bytes of ``body`` and their content type."""
    match send_as:
        case "json":
            return jsonio.dumps(body), "application/json"
        case "form":
            if not isinstance(body, Mapping):
                raise _unfit("A form needs names and values.")
            pairs = [
                (str(name), "" if each is None else as_text(each))
                for name, value in body.items()
                for each in (value if isinstance(value, list) else [value])
            ]
            return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        case "xml":
            if isinstance(body, str):
                return body.encode(), "application/xml; charset=utf-8"
            if not isinstance(body, Mapping) or len(body) != 1:
                raise _unfit("An XML document needs exactly one outermost element.")
            return xmltodict.unparse(_plain(body)).encode(), "application/xml; charset=utf-8"
        case "text":
            text = body if isinstance(body, str) else jsonio.dumps(body).decode()
            return text.encode(), "text/plain; charset=utf-8"
    raise _unfit(f"“{send_as[:20]}” is not a form of sending.")


def read(response: HttpResponse, read_as: str) -> Any:
    """Document of an answer; ``auto`` goes by its content type. None if it is empty."""
    if not response.body.strip():
        return None
    kind = response.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if read_as == "auto":
        if kind.endswith(("json", "+json")):
            read_as = "json"
        elif kind.endswith(("/xml", "+xml")):
            read_as = "xml"
        elif kind.startswith("text/") or not kind:
            found = response.document() if not kind else None
            return _text(response) if found is None else found
        else:
            read_as = "file"
    try:
        match read_as:
            case "json":
                return response.json()
            case "xml":
                return xmltodict.parse(response.body)
            case "text":
                return _text(response)
    except (jsonio.MalformedJson, ExpatError, ValueError) as error:
        raise ConnectorError(
            f"The service answered with something that is not {read_as.upper()}.",
            code="http.unreadable_answer",
            recovery=Recovery.GIVE_UP,
            # It answered with success, so whatever it was asked for is done.
            executed="yes",
            hint="Look at the answer in the request, and choose how to read it.",
        ) from error
    name = response.headers.get("content-disposition", "").partition("filename=")[2].strip('"; ')
    return FileContent(name or "file", kind or "application/octet-stream", response.body).as_json()


def _text(response: HttpResponse) -> str:
    charset = response.headers.get("content-type", "").partition("charset=")[2]
    try:
        return response.body.decode(charset.split(";")[0].strip(' "') or "utf-8", "replace")
    except LookupError:
        return response.body.decode("utf-8", "replace")


def _plain(value: Any) -> Any:
    """``value`` with texts as leaves, as XML has nothing else."""
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return None if value is None else as_text(value)


def _unfit(message: str) -> ConnectorError:
    return ConnectorError(
        message,
        code="http.body_unfit",
        recovery=Recovery.FIX_DATA,
        hint="Correct the body, or choose another form of sending.",
        field="body",
    )
