"""Waiting to be asked to end."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

LOOK_S = 0.2


class Ending:
    """SIGTERM or SIGINT, whichever thread of the process the system hands it to.

    A main thread that waits without end does not notice a signal that another thread was handed,
    and an event that is set by a handler may find its own lock taken. So this only looks, often.
    """

    def __init__(self) -> None:
        self._asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self._asked = True

    def wait(self, over: Callable[[], bool]) -> None:
        """Until asked to end, or until ``over`` says so."""
        while not (self._asked or over()):
            time.sleep(LOOK_S)
