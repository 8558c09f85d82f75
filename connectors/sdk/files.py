"""A file inside a document: its bytes travel as base64 text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "File",
    "required": ["name", "content_type", "size", "base64"],
    "properties": {
        "name": {"type": "string", "title": "File name"},
        "content_type": {"type": "string", "title": "Kind of content"},
        "size": {"type": "integer", "title": "Bytes"},
        "base64": {"type": "string", "title": "Content", "contentEncoding": "base64"},
    },
}


@dataclass(frozen=True, slots=True)
class FileContent:
    """A name, a kind of content and the bytes."""

    name: str
    content_type: str
    content: bytes

    def as_json(self) -> dict[str, Any]:
        """How the file stands in a document."""
        return {
            "name": self.name,
            "content_type": self.content_type,
            "size": len(self.content),
            "base64": base64.b64encode(self.content).decode("ascii"),
        }

    @classmethod
    def from_json(cls, value: Any) -> FileContent | None:
        """The file that ``as_json`` wrote, or None if ``value`` is no file."""
        if not isinstance(value, Mapping) or not isinstance(value.get("base64"), str):
            return None
        try:
            content = base64.b64decode(value["base64"], validate=True)
        except (ValueError, binascii.Error):
            return None
        return cls(
            str(value.get("name") or "file"),
            str(value.get("content_type") or "application/octet-stream"),
            content,
        )
