"""Attachments (notes and uploaded files), and their download (fact sheet A3)."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from typing import Any

from connectors.catalog.quickbooks.sandbox import checks
from connectors.catalog.quickbooks.sandbox.company import Company, EntityRules
from connectors.catalog.quickbooks.sandbox.errors import (
    Fault,
    bad_reference,
    missing,
    unsupported_property,
)
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import Call, Reply
from ipaas.core import jsonio
from ipaas.core.jsonio import MalformedJson

_FILES = "_file"
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_NAME = re.compile(r'\bname="([^"]+)"', re.IGNORECASE)
_FILE_NAME = re.compile(r'filename="([^"]+)"', re.IGNORECASE)
_REF_MEMBERS = {"EntityRef", "IncludeOnSend", "LineInfo", "NoRefOnly", "Inactive", "CustomField"}


def create(company: Company, entity: EntityRules, body: Mapping[str, Any]) -> dict[str, Any]:
    """A note or the description of a file, linked to records."""
    fields = checks.writable(company, entity, body)
    fields = {name: value for name, value in fields.items() if value is not None}
    if not fields.get("Note") and not fields.get("FileName"):
        raise missing("Note")
    return company.add("Attachable", _with_references(company, fields))


def update(
    company: Company, entity: EntityRules, before: Mapping[str, Any], body: Mapping[str, Any]
) -> dict[str, Any]:
    changes = checks.writable(company, entity, body)
    after = checks.merged(entity, before, changes, sparse=body.get("sparse") is True)
    return company.change("Attachable", _with_references(company, after))


def _with_references(company: Company, fields: dict[str, Any]) -> dict[str, Any]:
    """References to records, each of which must exist."""
    written = []
    for entry in fields.get("AttachableRef") or []:
        unknown = next((name for name in entry if name not in _REF_MEMBERS), None)
        if unknown:
            raise unsupported_property(f'Unrecognized field "AttachableRef.{unknown}" specified')
        named = entry.get("EntityRef")
        if named:
            kind = checks.rules_of(str(named.get("type") or ""))
            if kind is None or company.get(kind.name, str(named.get("value"))) is None:
                raise bad_reference(f"{named.get('type')} id {named.get('value')} not found")
            named = {"type": kind.name, "value": str(named["value"])}
            entry = {**entry, "EntityRef": named}
        written.append({"IncludeOnSend": False, **entry})
    return {**fields, "AttachableRef": written}


def upload(company: Company, entity: EntityRules, call: Call) -> list[dict[str, Any]]:
    """Entries of ``AttachableResponse``, one for every file of the multipart body."""
    parts = _parts(call)
    found = []
    for name, (headers, content) in parts.items():
        if not name.startswith("file_content_"):
            continue
        number = name.removeprefix("file_content_")
        _, described = parts.get(f"file_metadata_{number}", ({}, b"{}"))
        try:
            metadata = jsonio.loads(described)
        except MalformedJson:
            raise unsupported_property("The metadata of the file is not JSON and") from None
        if headers.get("content-transfer-encoding", "").lower() == "base64":
            content = _decoded(content)
        named = _FILE_NAME.search(headers.get("content-disposition", ""))
        given = {"FileName": named.group(1) if named else f"file-{number}", **metadata}
        record = create(company, entity, given)
        token = secrets.token_urlsafe(24)
        kind = record.get("ContentType") or headers.get("content-type", "application/octet-stream")
        kept = {
            **record,
            "ContentType": kind,
            "Size": len(content),
            "FileAccessUri": f"/v3/company/{company.realm}/download/{record['Id']}",
            "TempDownloadUri": f"{call.base_url}/download/{token}",
        }
        company.store("Attachable", kept)
        encoded = base64.b64encode(content).decode()
        company.ledger.put(_FILES, token, {"type": kind, "base64": encoded})
        found.append({"Attachable": kept})
    if not found:
        raise missing("file_content_01")
    return found


def _decoded(content: bytes) -> bytes:
    try:
        return base64.b64decode(content, validate=False)
    except binascii.Error:
        raise unsupported_property("The content of the file is not base64 and") from None


def _parts(call: Call) -> dict[str, tuple[dict[str, str], bytes]]:
    """Parts of a multipart body by name; line ends may be those of either world."""
    match = _BOUNDARY.search(call.headers.get("content-type", ""))
    if match is None:
        raise Fault("500", "Unsupported Operation", "An upload is multipart/form-data.")
    found = {}
    for raw in call.body.split(b"--" + match.group(1).encode())[1:]:
        if raw.startswith(b"--"):
            break
        raw = raw.removeprefix(b"\r\n").removeprefix(b"\n")
        blank = b"\r\n\r\n" if b"\r\n\r\n" in raw else b"\n\n"
        head, _, content = raw.partition(blank)
        headers = {}
        for line in head.decode("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        content = content.removesuffix(b"\n").removesuffix(b"\r")
        named = _NAME.search(headers.get("content-disposition", ""))
        if named:
            found[named.group(1)] = (headers, content)
    return found


def download(ledger: Ledger, token: str) -> Reply | None:
    """The content behind a temporary address."""
    found = ledger.get(_FILES, token)
    if found is None:
        return None
    return Reply(200, base64.b64decode(found["base64"]), content_type=found["type"])
