"""How far the runs below a run have come, told to whoever looks at that run.

A loop has thousands of items: what ends within half a second is told together, and a change is
always told half a second after it was committed at the latest.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from django.db import connection

from runtime import family_tree
from runtime.live.publisher import run_group, send_to
from runtime.live.watchers import watched

log = logging.getLogger(__name__)
TOGETHER_S = 0.5
_pending: set[str] = set()
_lock = threading.Lock()


def tell_families(run_ids: Iterable[str]) -> None:
    """Tell those who look at these runs, soon; never raises."""
    groups = {run_group(run_id): run_id for run_id in run_ids if run_id}
    for group in watched(groups) if groups else ():
        run_id = groups[group]
        with _lock:
            if run_id in _pending:
                continue
            _pending.add(run_id)
        timer = threading.Timer(TOGETHER_S, _tell, (run_id,))
        timer.daemon = True
        timer.start()


def _tell(run_id: str) -> None:
    with _lock:
        _pending.discard(run_id)  # before they are counted: what comes later is told again
    try:
        found = family_tree.families(run_id)
        body = {"type": "run.families", "run_id": run_id, "families": found}
        send_to(run_group(run_id), body)
    except Exception:
        log.warning("the runs below %s could not be counted", run_id, exc_info=True)
    finally:
        connection.close()  # this thread ends
