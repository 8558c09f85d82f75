"""``manage.py bring_documents_back``: leave the object store without losing a document."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ipaas.core.errors import IpaasError
from runtime import facade as runtime

TELL_EVERY = 10_000


class Command(BaseCommand):
    """Bring all documents into the database; from then on none moves away."""

    help = "Bring documents of runs back from the object store; everything may run meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do with what cannot be read, and how to undo it."""
        parser.add_argument(
            "--forget-unreadable",
            action="store_true",
            help="give up documents that are no longer in the store, or were changed there",
        )
        parser.add_argument(
            "--move-again", action="store_true", help="use the store again, as before"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Ends with an error while documents are left that cannot be read."""
        self._told = 0
        try:
            if options["move_again"]:
                runtime.move_again()
                self.stdout.write("Documents move to the object store again.")
                return
            found = runtime.bring_back(
                forget_unreadable=options["forget_unreadable"], tell=self._tell
            )
        except (IpaasError, runtime.StorageMisset) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{found.came} documents came back. None moves away any more.")
        if found.unreadable > found.forgotten:
            raise CommandError(
                f"{found.unreadable} documents could not be read: their objects are missing or "
                "were changed. Restore the bucket and run this again, or give them up with "
                "--forget-unreadable."
            )
        if found.forgotten:
            self.stdout.write(f"{found.forgotten} documents that could not be read are given up.")
        self.stdout.write(
            "Take CAUSEWAY_STORAGE_URL away and restart all processes; then delete what is left "
            "under the prefix."
        )

    def _tell(self, came: int) -> None:
        if came - self._told >= TELL_EVERY:
            self._told = came
            self.stdout.write(f"{came} documents so far.")
