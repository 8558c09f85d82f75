"""Files attached to records."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from connectors.catalog.quickbooks.hooks.entities import KINDS, held, text
from connectors.sdk import FileContent, OperationContext, needed
from ipaas.core import jsonio


def upload_attachment(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The description of the stored file, linked to a record if one is named."""
    file = FileContent.from_json(inputs.get("file"))
    if file is None:
        raise needed("file", "File")
    described: dict[str, Any] = {"FileName": file.name, "ContentType": file.content_type}
    if text(inputs.get("note")):
        described["Note"] = text(inputs["note"])
    kind = KINDS.get(text(inputs.get("entity")))
    if kind and text(inputs.get("id")):
        described["AttachableRef"] = [
            {
                "EntityRef": {"type": kind.name, "value": text(inputs["id"])},
                "IncludeOnSend": bool(inputs.get("include_on_send")),
            }
        ]
    mark = hashlib.sha256(file.content).hexdigest()[:32]
    name = file.name.replace('"', "'").replace("\r", " ").replace("\n", " ")
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="file_metadata_01"; '
        'filename="attachment.json"\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n',
        jsonio.dumps(described).decode(),
        f'\r\n--{mark}\r\nContent-Disposition: form-data; name="file_content_01"; '
        f'filename="{name}"\r\nContent-Type: {file.content_type}\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n",
        base64.b64encode(file.content).decode(),
        f"\r\n--{mark}--\r\n",
    ]
    response = context.exchange(
        "POST",
        "/upload",
        content="".join(parts).encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={mark}"},
    )
    return held(response.document()["AttachableResponse"][0], "Attachable")
