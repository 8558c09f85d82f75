"""Start and end of a server process: on the embedded default it also works and schedules."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from django.conf import settings

from connectors import facade as connectors
from ipaas.core.errors import IpaasError
from runtime.live import publisher
from runtime.store import release_leases
from runtime.triggers import backfill, polling
from runtime.workers.actors import EMBEDDED_THREADS, drain, start_threads, worker
from runtime.workers.memory import settle_down
from runtime.workers.scheduler import Scheduler
from runtime.workers.topology import Presence


class Lifespan:
    """ASGI lifespan application."""

    def __init__(self) -> None:
        self._threads: Any = None
        self._scheduler: Scheduler | None = None
        self._presence = Presence("embedded" if settings.EMBEDDED else "web")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer the server's startup and shutdown."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self._start(asyncio.get_running_loop())
                except IpaasError as error:
                    why = f"{error.message} {error.hint}"
                    await send({"type": "lifespan.startup.failed", "message": why})
                    return
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await asyncio.to_thread(self._stop)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        publisher.use_loop(loop)
        settle_down()
        await asyncio.to_thread(self._presence.begin)
        # Nobody waits for it: whoever opens the catalogue first finds it read.
        threading.Thread(target=connectors.catalogue, name="catalogue", daemon=True).start()
        if settings.EMBEDDED:
            for release in (release_leases, polling.release_claims, backfill.release_claims):
                await asyncio.to_thread(release)
            self._threads = start_threads(EMBEDDED_THREADS)
            self._scheduler = Scheduler()
            self._scheduler.start()

    def _stop(self) -> None:
        if self._scheduler is not None:
            self._scheduler.stop()
            self._scheduler.join(10)
        if self._threads is not None:
            drain()
            self._threads.stop(timeout=10_000)
            worker().close()
        self._presence.end()
