"""That something has changed, told to browsers by name only; they ask for it themselves.

Names are ``approvals``, ``pauses``, ``bulk``, ``connections``, ``runs`` (many at once), ``calls``
(some were made, so limits and sandboxes stand differently) and ``trigger:<flow>``. What changes
within half a second is told together, and always after it was committed.
"""

from __future__ import annotations

import logging
import threading
from functools import partial

from django.db import transaction

from runtime.live.publisher import list_group, send_to
from runtime.live.watchers import watched

log = logging.getLogger(__name__)
TOGETHER_S = 0.5
APPROVALS, PAUSES, BULK, CONNECTIONS = "approvals", "pauses", "bulk", "connections"
RUNS, CALLS = "runs", "calls"
_pending: dict[str, set[str]] = {}  # names by group
_lock = threading.Lock()


def trigger_of(flow_id: str) -> str:
    """Name of what is shown of a flow's trigger: its state, backfills, samples, missed events."""
    return f"trigger:{flow_id}"


def tell_change(workspace_id: str, environment: str, *names: str) -> None:
    """Tell those who look at the environment, soon after the transaction; never raises."""
    group = list_group(workspace_id, environment)
    transaction.on_commit(partial(_soon, group, names))


def tell_connections(workspace_id: str, environment: str) -> None:
    """Tell them that a connection stands differently."""
    tell_change(workspace_id, environment, CONNECTIONS)


def _soon(group: str, names: tuple[str, ...]) -> None:
    try:
        if _joined(group, names) or not watched([group]):
            return
        with _lock:
            first = group not in _pending
            _pending.setdefault(group, set()).update(names)
        if first:
            timer = threading.Timer(TOGETHER_S, _tell, (group,))
            timer.daemon = True
            timer.start()
    except Exception:
        log.warning("a change of %s was not told", group, exc_info=True)


def _joined(group: str, names: tuple[str, ...]) -> bool:
    """Whether somebody is about to tell of this group anyhow."""
    with _lock:
        if group not in _pending:
            return False
        _pending[group].update(names)
        return True


def _tell(group: str) -> None:
    with _lock:
        names = _pending.pop(group)
    send_to(group, {"type": "changed", "what": sorted(names)})
