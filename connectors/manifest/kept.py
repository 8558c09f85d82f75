"""Manifests that were checked before, so that a start with many connectors is quick.

A manifest is kept under a digest of its text and of the rules it was checked by; a change of either
has it checked anew. The folder may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

HERE = Path(__file__).resolve().parent
_RULES = ("schema.json", "references.py", "source.py", "checking.py")


def find(folder: Path, text: str) -> dict[str, Any] | None:
    """Data of a manifest that was found right before, or None."""
    try:
        found = msgspec.json.decode(_path(folder, text).read_bytes())
    except (OSError, msgspec.DecodeError):
        return None
    return found if isinstance(found, dict) else None


def keep(folder: Path, text: str, data: dict[str, Any]) -> None:
    """Remember that ``text`` is right; if it cannot be written, it is checked again next time."""
    path = _path(folder, text)
    part = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.encode(data))
        part.replace(path)
    except (OSError, TypeError):
        part.unlink(missing_ok=True)


def _path(folder: Path, text: str) -> Path:
    digest = hashlib.sha256(_rules() + text.encode()).hexdigest()
    return folder / f"{digest[:40]}.json"


@cache
def _rules() -> bytes:
    """Digest of what manifests are checked by."""
    digest = hashlib.sha256()
    for name in _RULES:
        digest.update((HERE / name).read_bytes())
    return digest.digest()
