"""``manage.py check_connector <folder>``: what is wrong with a connector, by line and column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from connectors.manifest.checking import MANIFEST, check_folder
from connectors.registry import CATALOG


class Command(BaseCommand):
    """Check folders of connectors; ends with 1 if something is wrong."""

    help = "Check a connector's manifest, schemas and hooks; its code is not run."

    def add_arguments(self, parser: CommandParser) -> None:
        """Folders, or slugs of built-in connectors."""
        parser.add_argument("folders", nargs="+", metavar="folder")

    def handle(self, *args: Any, folders: list[str], **options: Any) -> None:
        """Write one line for each fault."""
        wrong = 0
        for name in folders:
            folder = Path(name) if Path(name).is_dir() else CATALOG / name
            faults = check_folder(folder.resolve())
            wrong += len(faults)
            for fault in faults:
                self.stdout.write(
                    f"{folder / MANIFEST}:{fault.line}:{fault.column}: {fault.where}: "
                    f"{fault.message} {fault.hint}".rstrip()
                )
            if not faults:
                self.stdout.write(f"{folder.name}: all is well.")
        if wrong:
            raise SystemExit(1)
