"""``manage.py make_connector <slug>``: the folder of a new connector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors import scaffold
from connectors.registry import CATALOG
from ipaas.core.errors import IpaasError


class Command(BaseCommand):
    """Make a connector that works at once, against a small sandbox of its own."""

    help = "Make the folder of a new connector; it passes the tests of every connector."

    def add_arguments(self, parser: CommandParser) -> None:
        """The slug, and where the folder goes."""
        parser.add_argument("slug", help="small letters, digits and _")
        parser.add_argument("--name", default="", help="what people call the vendor")
        parser.add_argument(
            "--package",
            type=Path,
            metavar="FOLDER",
            help="make an installable package there, not a folder of the catalogue",
        )

    def handle(
        self, *args: Any, slug: str, name: str, package: Path | None, **options: Any
    ) -> None:
        """Make it, and say what comes next."""
        try:
            if package:
                folder = scaffold.make_package(slug, package.resolve(), name=name)
            else:
                folder = scaffold.make_connector(slug, CATALOG, name=name)
        except IpaasError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        self.stdout.write(f"Made {folder}. Next:")
        if package:
            self.stdout.write(f"  pip install -e {package}")
        self.stdout.write(f"  python manage.py check_connector {folder}")
        self.stdout.write(f"  pytest {folder}")
