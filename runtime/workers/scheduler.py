"""Wakes workers when a timer or an abandoned lease is due: the sweeper."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from django.db import close_old_connections

from ipaas.core import clock
from runtime import store
from runtime.workers.actors import wake

log = logging.getLogger(__name__)
SHORTEST_S = 0.02
LONGEST_S = 0.5


class Scheduler(threading.Thread):
    """Looks for the next due run and wakes the workers at its time.

    Several may run at once: a needless wake-up finds nothing to claim.
    """

    def __init__(self) -> None:
        super().__init__(name="scheduler", daemon=True)
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End soon."""
        self._stopped.set()

    def run(self) -> None:
        """Loop until stopped."""
        while not self._stopped.wait(self._tick()):
            pass

    def _tick(self) -> float:
        """Wake workers if something is due; seconds to sleep."""
        try:
            due = store.next_due()
        except Exception:  # whatever it was: without this thread no timer would ever ring again
            log.warning("the database did not answer the scheduler", exc_info=True)
            return LONGEST_S
        finally:
            close_old_connections()
        if due is None:
            return LONGEST_S
        left = (due - clock.now()) / timedelta(seconds=1)
        if left <= 0:
            wake()
            return 0.1  # the workers need a moment to claim it
        return min(LONGEST_S, max(SHORTEST_S, left))
