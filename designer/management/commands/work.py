"""``manage.py work``: a worker process of a production installation."""

from __future__ import annotations

import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from designer.management.ending import Ending
from ipaas.core.errors import IpaasError
from runtime import facade as runtime

GRACE_S = 140  # no call lives longer


class Command(BaseCommand):
    """Carry runs until stopped; SIGTERM lets calls under way finish."""

    help = "Run a worker process (needs CAUSEWAY_REDIS_URL); start as many as you want."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many threads, and whether this process also schedules."""
        parser.add_argument("--threads", type=int, default=runtime.WORKER_THREADS)
        parser.add_argument(
            "--grace-s", type=int, default=GRACE_S, help="seconds that calls may still take"
        )
        parser.add_argument("--scheduler", action="store_true", help="also wake due runs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT."""
        if settings.EMBEDDED:
            raise CommandError(
                "Worker processes need Redis: set CAUSEWAY_REDIS_URL and CAUSEWAY_DATABASE_URL, "
                "or use “manage.py up”, which works in one process."
            )
        stopped = threading.Event()
        presence = runtime.Presence("worker", stopped.set)
        try:
            presence.begin()
        except IpaasError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        ending = Ending()
        threads = runtime.start_threads(options["threads"])
        scheduler = runtime.Scheduler() if options["scheduler"] else None
        if scheduler is not None:
            scheduler.start()
        self.stdout.write("This worker is ready.")
        self.stdout.flush()
        ending.wait(stopped.is_set)
        self.stdout.write("This worker ends when its calls have been answered.")
        self.stdout.flush()
        runtime.drain()
        if scheduler is not None:
            scheduler.stop()
            scheduler.join(10)
        threads.stop(timeout=options["grace_s"] * 1000)
        presence.end()
