"""Makes processes of the product by forking, so that thousands can be killed in minutes.

Everything is imported once. Then this process opens no database and starts no thread; it reads
orders from its standard input (one JSON object a line) and says which children have died. The
listening socket is made here and inherited, so senders find somebody to wait for.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import socket
import sys
import time
from datetime import datetime, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipaas.settings")

import django

django.setup()

import uvicorn  # noqa: E402
from django.conf import settings  # noqa: E402

import ipaas.asgi  # noqa: E402
from ipaas.core import clock  # noqa: E402
from runtime import facade as runtime  # noqa: E402
from runtime import faults  # noqa: E402
from runtime.workers.memory import settle_down  # noqa: E402
from tests.faults.yard import people, setting_up  # noqa: E402

_TELL = 200  # where a child finds the way to the test


class OffsetClock:
    """The machine's clock, wrong by a constant that may change once."""

    def __init__(self, offset_s: float, jump_s: float, after_s: float) -> None:
        self._offset, self._jump = timedelta(seconds=offset_s), timedelta(seconds=jump_s)
        self._jumps_at = time.monotonic() + after_s

    def now(self) -> datetime:
        """The wrong time."""
        jumped = self._jump if time.monotonic() >= self._jumps_at else timedelta(0)
        return clock.SystemClock().now() + self._offset + jumped


class Server(uvicorn.Server):
    """Says when it is there."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell the test."""
        await super().startup(sockets)
        ready()


def ready() -> None:
    """Tell the test that this process has begun its work; its life is counted from here."""
    say({"ready": os.getpid()}, _TELL)


def web(listener: socket.socket) -> None:
    """The server; on the embedded default, the whole product."""
    config = uvicorn.Config(
        ipaas.asgi.application, log_level="warning", access_log=False, lifespan="on"
    )
    Server(config).run(sockets=[listener])


def work() -> None:
    """A worker process, as ``manage.py work``."""
    runtime.Presence("worker").begin()
    runtime.start_threads(2)
    ready()
    signal.pause()


def schedule() -> None:
    """A scheduler process, as ``manage.py schedule``."""
    runtime.Presence("scheduler").begin()
    ready()
    runtime.Scheduler().run()


def be(order: dict[str, Any], listener: socket.socket) -> None:
    """Be the process that was ordered, until it is killed."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    random.seed()
    faults.arrange(order.get("faults", ""))
    skew = [float(s) for s in order.get("clock") or (0, 0, 0)]
    if any(skew):
        clock.use(OffsetClock(*skew)).__enter__()
    roles = {"web": lambda: web(listener), "work": work, "schedule": schedule,
             "people": lambda: people.run(order)}  # fmt: skip
    roles[order["role"]]()


def main() -> None:
    """Take orders until the input ends."""
    listener = socket.create_server(("127.0.0.1", settings.PORT), backlog=512, reuse_port=False)
    if sys.argv[1:]:
        child = os.fork()  # preparing opens the database
        if not child:
            setting_up.prepare(sys.argv[1], sys.argv[2])
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0, "the yard could not be set up"
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    settle_down()  # so that children need not look through what they inherit
    say({"ready": True})
    pending = b""
    while True:
        found, _, _ = select.select([0, read_end], [], [])
        if read_end in found:
            os.read(read_end, 4096)
            reap()
        if 0 not in found:
            continue
        data = os.read(0, 65536)
        if not data:
            return
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            order = json.loads(line)
            pid = os.fork()
            if not pid:
                try:
                    os.close(0)
                    os.dup2(1, _TELL)
                    log = os.open(order["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
                    os.dup2(log, 1)
                    os.dup2(log, 2)
                    be(order, listener)
                except BaseException:
                    sys.excepthook(*sys.exc_info())
                finally:
                    os._exit(3)
            say({"started": order["name"], "pid": pid})


def reap() -> None:
    """Tell who has died."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        say({"died": pid, "by": os.waitstatus_to_exitcode(status)})


def say(what: dict[str, Any], to: int = 1) -> None:
    """One line for the test."""
    os.write(to, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
