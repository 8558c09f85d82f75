"""``manage.py drain``: have workers end without losing anything, for a deploy."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from runtime import facade as runtime

LOOK_EVERY_S = 0.5


class Command(BaseCommand):
    """Ask workers to end; they finish their calls and leave their runs to others."""

    help = "Ask worker processes to end when their calls are done, and wait until they have."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which workers, and how long to wait."""
        parser.add_argument("--host", default="", help="only workers of this machine")
        parser.add_argument("--process", default="", help="only this process (host:pid:start)")
        parser.add_argument("--wait-s", type=float, default=180.0, help="0: do not wait")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ends with an error if a worker is still there after the wait."""
        asked = runtime.ask_to_end(host=options["host"], process_id=options["process"])
        if not asked:
            self.stdout.write("No such worker is running.")
            return
        workers = "1 worker was" if len(asked) == 1 else f"{len(asked)} workers were"
        self.stdout.write(f"{workers} asked to end.")
        deadline = time.monotonic() + options["wait_s"]
        while asked and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY_S)
            alive = {process.id for process in runtime.living()}
            asked = [each for each in asked if each in alive]
        if asked and options["wait_s"]:
            raise CommandError(f"Still there: {', '.join(asked)}.")
        if options["wait_s"]:
            self.stdout.write("All of them have ended.")
