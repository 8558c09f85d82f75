"""Schema drift: a vendor's answers that no longer look as they used to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.sandbox_kit.vendor import (
    DRIFT_ADDED,
    DRIFT_REMOVED,
    DRIFT_RENAMED,
    DRIFT_RETYPED,
    Reply,
)
from ipaas.core import jsonio

_SUFFIX = "_v2"


def drifted(reply: Reply, fault: str, field: str) -> Reply:
    """The same answer after the change; objects without ``field`` stay as they are.

    Without a field (empty text), every record's first plain value is the one that changes.
    """
    if not reply.body or "json" not in reply.content_type:
        return reply
    changed = jsonio.dumps(_walk(jsonio.loads(reply.body), fault, field))
    return Reply(reply.status, changed, reply.headers, reply.content_type)


def _walk(value: Any, fault: str, field: str) -> Any:
    if isinstance(value, list):
        return [_walk(item, fault, field) for item in value]
    if not isinstance(value, Mapping):
        return value
    document = {name: _walk(inner, fault, field) for name, inner in value.items()}
    name = field or next((key for key, inner in document.items() if _is_plain(inner)), "")
    if name not in document:
        return document
    match fault:
        case DRIFT_ADDED.name:
            document[name + _SUFFIX] = document[name]
        case DRIFT_REMOVED.name:
            del document[name]
        case DRIFT_RENAMED.name:
            document[name + _SUFFIX] = document.pop(name)
        case DRIFT_RETYPED.name:
            document[name] = _retyped(document[name])
    return document


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | Decimal)


def _retyped(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return {"value": value}
    if isinstance(value, int | float | Decimal):
        return str(value)
    return {"value": value}
