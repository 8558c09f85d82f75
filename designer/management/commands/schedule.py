"""``manage.py schedule``: the process that wakes runs whose timer or lease has ended."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from runtime import facade as runtime


class Command(BaseCommand):
    """Run a scheduler until stopped; two do no harm."""

    help = "Run a scheduler process of a production installation."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT."""
        scheduler = runtime.Scheduler()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: scheduler.stop())
        self.stdout.write("This scheduler is ready.")
        self.stdout.flush()
        scheduler.run()
