"""Operations as one connection's account has them, with fields and tables of its own."""

from __future__ import annotations

import threading

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.errors import IpaasError

KEEP_S = 60.0
ASK_AGAIN_S = 30.0
_MOST = 500
_kept: dict[tuple[str, str, str], tuple[float, connectors.OperationSpec | None]] = {}
_lock = threading.Lock()


def discovered(
    connection: connectors.Connection, ref: connectors.ConnectionRef, operation: str
) -> connectors.OperationSpec | None:
    """The operation with the account's own fields; None while the vendor cannot be asked.

    An answer is kept for a minute, that there is none for half of one, so that a mapper in use
    does not wait for a vendor that is away.
    """
    key, now_s = (connection.id, ref.environment, operation), clock.monotonic_s()
    held = _kept.get(key)
    if held is not None and 0 <= now_s - held[0] < (KEEP_S if held[1] else ASK_AGAIN_S):
        return held[1]
    try:
        found: connectors.OperationSpec | None = connectors.describe_operation_of(ref, operation)
    except IpaasError:
        found = None
    with _lock:
        if len(_kept) > _MOST:
            _kept.clear()
        _kept[key] = (now_s, found)
    return found


def forget() -> None:
    """Ask anew at the next use."""
    with _lock:
        _kept.clear()
