"""``manage.py check_keys``: whether the master keys are there and open what is stored."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connectors import key_check
from ipaas.core.errors import IpaasError


class Command(BaseCommand):
    """Says which master keys are in use, or what is wrong with them."""

    help = "Check that the master keys open what is stored."

    def handle(self, *args: Any, **options: Any) -> None:
        """Try one value of each workspace."""
        try:
            found = key_check.check_keys()
        except IpaasError as error:
            raise CommandError(f"{error.message} {error.hint}".strip()) from None
        self.stdout.write(
            f"Keys from {found.source}: {', '.join(found.key_ids)}; {found.newest} seals. "
            f"{found.tried} stored credentials were opened."
        )
