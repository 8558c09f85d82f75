"""Wakes workers for what is due, fires schedules, asks vendors what changed.

Any number may run. One leads: it wakes workers and fires schedules. All of them carry polls and
backfills, which are claimed row by row. What a leader does is harmless when two do it.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import close_old_connections

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.ids import new_id
from runtime import children, held, reconnection, store
from runtime.archive import mover
from runtime.models import Timer
from runtime.records import aftermath, bulk
from runtime.retention import keeper as retention
from runtime.triggers import backfill, polling, schedules
from runtime.workers import clocks
from runtime.workers.actors import wake
from runtime.workers.leadership import Leadership

log = logging.getLogger(__name__)
SHORTEST_S = 0.02
LONGEST_S = 0.5
LOOKS_AT_ONCE = 4
SWEEP_S = 15.0
RENEW_S = 5.0
CLOCKS_S = 300.0
TIDY_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed look at a connected system; ``renew`` keeps the claim while it is under way."""

    carry: Callable[[], list[str]]
    renew: Callable[[], None]

    def __call__(self) -> list[str]:
        """Carry it; ids of the runs that started."""
        return self.carry()


class Scheduler(threading.Thread):
    """Looks for what is due next and sees that it is done at its time."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name="scheduler", daemon=True)
        self._stopped = threading.Event()
        self._owner = name or f"{socket.gethostname()}:{os.getpid()}:{new_id('sch')[-6:]}"
        self._swept_s = self._renewed_s = clock.monotonic_s()
        self._under_way: set[Job] = set()
        self._tidied_s = self._clocks_s = float("-inf")
        self.leadership = Leadership(self._owner)
        self._pool = ThreadPoolExecutor(LOOKS_AT_ONCE, thread_name_prefix="polls")
        self._looks = threading.BoundedSemaphore(LOOKS_AT_ONCE)

    def stop(self) -> None:
        """End soon; another scheduler may lead at once."""
        self._stopped.set()

    def run(self) -> None:
        """Loop until stopped."""
        while not self._stopped.wait(self._tick()):
            pass
        self._pool.shutdown(wait=True, cancel_futures=True)
        try:
            self.leadership.resign()
        except Exception:
            log.warning("the lead could not be given back; it ends by itself", exc_info=True)
        finally:
            close_old_connections()

    def _tick(self) -> float:
        """Do what is due; seconds to sleep."""
        try:
            self._renew_looks()
            self._start_looks()
            if not self.leadership.leads():
                return LONGEST_S
            if schedules.fire_due():
                wake()
            self._sweep()
            due = store.next_due()
            planned = next_schedule()
        except Exception:  # whatever it was: without this thread no timer would ever ring again
            log.warning("the database did not answer the scheduler", exc_info=True)
            return LONGEST_S
        finally:
            close_old_connections()
        now = clock.now()
        if due is not None and due <= now:
            wake()
            return 0.1  # the workers need a moment to claim it
        left = [(at - now) / timedelta(seconds=1) for at in (due, planned) if at is not None]
        return min(LONGEST_S, max(SHORTEST_S, min(left, default=LONGEST_S)))

    def _sweep(self) -> None:
        """Now and then, look for what was not told that it may go on; throw away what is old."""
        if clock.monotonic_s() - self._swept_s > SWEEP_S:
            self._swept_s = clock.monotonic_s()
            children.sweep(wake)
            held.sweep()
            aftermath.sweep()
            if reconnection.sweep():
                wake()
        if clock.monotonic_s() - self._clocks_s > CLOCKS_S:
            self._clocks_s = clock.monotonic_s()
            if found := clocks.set_right():
                log.warning("%d claims and timers of a clock that ran ahead were set right", found)
        if clock.monotonic_s() - self._tidied_s > TIDY_S:
            self._tidied_s = clock.monotonic_s()
            connectors.tidy()

    def _renew_looks(self) -> None:
        """Keep the claims of looks that are under way, so that short ones suffice."""
        if clock.monotonic_s() - self._renewed_s > RENEW_S:
            self._renewed_s = clock.monotonic_s()
            for job in list(self._under_way):
                job.renew()

    def _start_looks(self) -> None:
        """Carry polls and pieces of backfills that are due, a few at once."""
        for carry in (_poll_one, _backfill_one, bulk.claim, retention.claim, mover.claim):
            if not self._looks.acquire(blocking=False):
                return
            try:
                job = carry(self._owner)
            except BaseException:
                self._looks.release()
                raise
            if job is None:
                self._looks.release()
            else:
                if isinstance(job, Job):
                    self._under_way.add(job)
                self._pool.submit(self._carry, job)

    def _carry(self, job: Callable[[], list[str]]) -> None:
        try:
            if job():
                wake()
        except Exception:  # its claim ends by itself, and then it is tried again
            log.warning("a look at a connected system failed", exc_info=True)
        finally:
            if isinstance(job, Job):
                self._under_way.discard(job)
            self._looks.release()
            close_old_connections()


def next_schedule() -> datetime | None:
    """When the next schedule fires, or None."""
    return (
        Timer.objects.filter(kind=schedules.KIND, due_at__isnull=False)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )


def _poll_one(owner: str) -> Job | None:
    look = polling.claim(owner)
    if look is None:
        return None
    return Job(partial(polling.carry, look), partial(polling.renew, look))


def _backfill_one(owner: str) -> Job | None:
    piece = backfill.claim(owner)
    if piece is None:
        return None
    return Job(partial(backfill.carry, piece), partial(backfill.renew, piece))


def turn(owner: str = "by hand") -> int:
    """Do all that is due now in this thread, for tests and commands; how many things were done."""
    done = len(schedules.fire_due())
    for one in (_poll_one, _backfill_one, bulk.claim):
        while (job := one(owner)) is not None:
            job()
            done += 1
    return done
