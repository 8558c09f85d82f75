"""``manage.py rotate_keys``: a new master key, everything sealed anew, the old keys retired."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors import rotation, vault
from ipaas.core.errors import IpaasError


class Command(BaseCommand):
    """Rotates master keys while the product runs."""

    help = "Make a new master key, seal everything anew with it, and retire the old ones."

    def add_arguments(self, parser: CommandParser) -> None:
        """What can be chosen."""
        parser.add_argument(
            "--no-new-key",
            action="store_true",
            help="use the newest key there is: after a stop, or when you added one yourself",
        )
        parser.add_argument("--batch", type=int, default=rotation.BATCH, help="rows at a time")
        parser.add_argument("--pause", type=float, default=0.0, help="seconds between batches")
        parser.add_argument(
            "--settle",
            type=float,
            default=2 * vault.LOOK_AGAIN_S,
            help="seconds until every process uses the new key",
        )
        parser.add_argument(
            "--retire", action="store_true", help="take the old keys away when nothing needs them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say how far it is."""
        try:
            self._rotate(options)
        except IpaasError as error:
            raise CommandError(f"{error.message} {error.hint}".strip()) from None

    def _rotate(self, options: dict[str, Any]) -> None:
        if not options["no_new_key"]:
            self.stdout.write(f"New master key: {rotation.make_key()}")
        began = time.monotonic()
        self._pass(options)
        waiting_s = options["settle"] - (time.monotonic() - began)
        if waiting_s > 0:
            self.stdout.write(f"Waiting {waiting_s:.0f} s until every process uses the new key.")
            time.sleep(waiting_s)
        self._pass(options)
        if left := rotation.left_to_do():
            words = ", ".join(f"{count} {title}" for title, count in left.items())
            raise CommandError(
                f"Left: {words}. Run rotate_keys --no-new-key again; what no key opens needs the "
                "key it was sealed with."
            )
        self.stdout.write("Everything is sealed with the newest key.")
        if options["retire"]:
            gone = rotation.retire_old_keys()
            self.stdout.write(f"Retired: {', '.join(gone) or 'none'}.")

    def _pass(self, options: dict[str, Any]) -> None:
        for progress in rotation.reseal(max(1, options["batch"])):
            bad = f", {progress.unreadable} unreadable" if progress.unreadable else ""
            line = f"{progress.title}: {progress.done} sealed anew, {progress.left} left{bad}"
            self.stdout.write(line)
            if options["pause"]:
                time.sleep(options["pause"])
