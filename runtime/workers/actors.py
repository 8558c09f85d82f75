"""Dramatiq: a message says "there may be work" and nothing more.

Database rows are the queue; a lost message costs one sweep, a doubled one finds nothing to claim.
On Redis, messages of a killed worker come back by Dramatiq's own maintenance only after a while
(hence the short heartbeat), which no run depends on: its lease ends first.
"""

from __future__ import annotations

import logging
import os
import socket
import threading

import dramatiq
from django.conf import settings
from django.db import close_old_connections
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AgeLimit, Retries, ShutdownNotifications, TimeLimit

from ipaas.core import clock
from runtime.effects.hands import LONGEST_S, Worker
from runtime.workers.memory import settle_down

log = logging.getLogger(__name__)

QUEUE = "runs"
BATCH = 32
EMBEDDED_THREADS = 4
WORKER_THREADS = 4


def make_broker() -> dramatiq.Broker:
    """Broker for the settings in force: in this process, or on Redis."""
    middleware = [
        AgeLimit(max_age=60_000),
        Retries(max_retries=0),
        TimeLimit(time_limit=3_600_000),
        ShutdownNotifications(),
    ]
    if settings.EMBEDDED:
        return StubBroker(middleware=middleware)
    from dramatiq.brokers.redis import RedisBroker

    return RedisBroker(
        url=settings.REDIS_URL,
        middleware=middleware,
        heartbeat_timeout=15_000,
        maintenance_chance=1_000_000,
    )


broker = make_broker()
dramatiq.set_broker(broker)
broker.declare_queue(QUEUE)

_worker: Worker | None = None
_lock = threading.Lock()


def worker() -> Worker:
    """This process's worker, made at first use."""
    global _worker
    with _lock:
        if _worker is None:
            _worker = Worker(f"{socket.gethostname()}:{os.getpid()}")
        return _worker


def drain() -> None:
    """Let this process's worker come to an end: it takes nothing new and finishes its calls."""
    worker().drain()


@dramatiq.actor(queue_name=QUEUE, max_retries=0)
def work() -> None:
    """Carry due runs until there are none, or for a while: the broker ends what lasts for hours."""
    until_s = clock.monotonic_s() + LONGEST_S
    try:
        while worker().work_once(BATCH):
            if clock.monotonic_s() > until_s:
                wake()
                return
    finally:
        close_old_connections()


def wake() -> None:
    """Tell workers that a run may be due. Cheap, never raises; for use after every commit.

    A wake-up that is lost costs the time until the scheduler's next look.
    """
    if isinstance(broker, StubBroker) and broker.queues[QUEUE].qsize() >= EMBEDDED_THREADS:
        return  # every thread will look at the table once more anyway
    try:
        work.send()
    except Exception:
        log.warning("the workers could not be told of new work", exc_info=True)


def start_threads(count: int) -> dramatiq.Worker:
    """Dramatiq worker of this process, started; ``stop()`` lets calls under way end."""
    settle_down()
    found = dramatiq.Worker(broker, worker_threads=count, worker_timeout=50)
    found.start()
    return found
