"""Paths of files: always below the connection's folder, on every kind of place the same."""

from __future__ import annotations

import hashlib
from typing import Any

from connectors.sdk import ConnectorError, Recovery, needed


def clean(given: Any, field: str = "path", *, key: str | None = None) -> str:
    """``given`` as ``a/b/c``; refused if it could lead out of the folder.

    ``{key}`` becomes a mark that is the same for every try of one document.
    """
    text = str(given or "").strip()
    if "{key}" in text:
        mark = hashlib.sha256((key or "").encode()).hexdigest()[:12] if key else "test"
        text = text.replace("{key}", mark)
    parts = [part for part in text.strip("/").split("/") if part not in ("", ".")]
    if not parts:
        raise needed(field, field.capitalize())
    if any(part == ".." for part in parts) or "\\" in text or any(ord(c) < 32 for c in text):
        raise refused(text, field)
    if len(text) > 900 or any(len(part.encode()) > 240 for part in parts):
        raise refused(text, field)
    return "/".join(parts)


def clean_folder(given: Any) -> str:
    """Like ``clean``, but "" is the top."""
    text = str(given or "").strip().strip("/")
    return clean(text, "folder") if text and text != "." else ""


def refused(path: str, field: str = "path") -> ConnectorError:
    """The error for a path that leads elsewhere."""
    return ConnectorError(
        f"The path “{path[:80]}” is not allowed.",
        code="files.path_refused",
        recovery=Recovery.FIX_DATA,
        hint="Give a path below the connection's folder, without “..”.",
        field=field,
    )


def missing(path: str) -> ConnectorError:
    """The error for a file that is not there."""
    return ConnectorError(
        f"There is no file “{path[:200]}”.",
        code="files.not_found",
        recovery=Recovery.FIX_DATA,
        hint="Check the path; upper and lower case matter.",
        field="path",
    )


def exists(path: str) -> ConnectorError:
    """The error for a file that must not be replaced."""
    return ConnectorError(
        f"There is a file “{path[:200]}” already, with other content.",
        code="files.exists",
        recovery=Recovery.FIX_DATA,
        hint="Choose another name, such as one with {key}, or let it be replaced.",
        field="path",
    )


def hidden(name: str) -> bool:
    """Whether a name is that of a file still being written, by us or by others."""
    return name.startswith(".") or name.endswith(("~", ".part", ".tmp", ".filepart", ".crdownload"))
