"""Carries documents to the object store, tidies up and brings them back, and dies where it is told.

``python -m tests.faults.yard.archivist DATABASE`` reads orders from its standard input (one JSON
object a line: ``do``, ``faults``, ``skipped_s``, ``after_s``), forks a child for each, kills it
after that time if there is one, and says how it ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipaas.settings")

import django

django.setup()

from django.db import connections  # noqa: E402

from ipaas.core import clock  # noqa: E402
from runtime import faults  # noqa: E402
from runtime.archive import mover, returning, shelf  # noqa: E402
from tests.kit.order_flow import LaterClock  # noqa: E402


def move() -> None:
    """Move what is old enough, as a scheduler does."""
    job = mover.claim("archivist") or mover.claim("archivist")
    if job is not None:
        job()


def tidy() -> None:
    """Take away what holds nothing any more."""
    store = shelf.shelf()
    assert store is not None
    mover.tidy(store)


def bring_back() -> None:
    """Bring everything back."""
    returning.bring_back(wait_s=0.0)


DOES = {"move": move, "tidy": tidy, "bring_back": bring_back, "move_again": returning.move_again}


def be(order: dict[str, object]) -> None:
    """Do what was ordered, or die of it."""
    later = LaterClock()
    later.skipped = timedelta(seconds=float(str(order["skipped_s"])))
    faults.arrange(str(order["faults"]))
    with clock.use(later):
        DOES[str(order["do"])]()


def main() -> None:
    """Take orders until the input ends."""
    shelf.shelf()  # making a client takes longer than all else
    connections.databases["default"]["NAME"] = sys.argv[1]
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            try:
                be(order)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(3)
            os._exit(0)
        print(ended(pid, order["after_s"]), flush=True)


def ended(pid: int, after_s: float | None) -> int:
    """How a child ended; it is killed if it takes longer than it may."""
    dies_at = time.monotonic() + after_s if after_s is not None else None
    while dies_at is not None and time.monotonic() < dies_at:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    if dies_at is not None:
        os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main()
