"""``manage.py schedule``: the process that wakes runs whose timer or lease has ended."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from designer.management.ending import Ending
from ipaas.core.errors import IpaasError
from runtime import facade as runtime


class Command(BaseCommand):
    """Run a scheduler until stopped; of several one leads, and another follows when it dies."""

    help = "Run a scheduler process of a production installation."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT."""
        if settings.EMBEDDED:
            raise CommandError(
                "A scheduler process needs Redis: set CAUSEWAY_REDIS_URL and "
                "CAUSEWAY_DATABASE_URL, or use “manage.py up”, which schedules by itself."
            )
        presence = runtime.Presence("scheduler")
        try:
            presence.begin()
        except IpaasError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        scheduler = runtime.Scheduler()
        ending = Ending()
        scheduler.start()
        self.stdout.write("This scheduler is ready.")
        self.stdout.flush()
        ending.wait(lambda: not scheduler.is_alive())
        scheduler.stop()
        scheduler.join()
        presence.end()
