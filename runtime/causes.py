"""What dead letters have in common: a cause without the words that differ from record to record."""

from __future__ import annotations

import hashlib
import re

MOST = 300
_CHANGES = (
    (re.compile(r"[“\"'‘«][^”\"'’»]{1,200}[”\"'’»]"), "“…”"),
    (re.compile(r"https?://\S+"), "…"),
    (re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+\b"), "…"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "…"),
    (re.compile(r"\b(?=[\w-]*\d)[\w-]{6,}\b"), "…"),  # numbers of documents, ids, dates
    (re.compile(r"\d+(?:[.,:]\d+)*"), "#"),
    (re.compile(r"\s+"), " "),
)


def cause_of(message: str) -> str:
    """The message with everything replaced that names one record."""
    text = message[:2_000]
    for pattern, word in _CHANGES:
        text = pattern.sub(word, text)
    return text.strip()[:MOST]


def fingerprint(flow_id: str, node_id: str, code: str, message: str) -> str:
    """Name of a cause: the same for records that failed at one step for one reason."""
    parts = (flow_id, node_id, code, cause_of(message))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
