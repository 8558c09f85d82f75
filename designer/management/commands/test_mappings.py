"""``manage.py test_mappings``: the saved tests of mappings, for continuous integration."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from designer import mapping_tests
from ipaas.tenancy import facade as tenancy


class Command(BaseCommand):
    """Run every test of every flow's draft; the exit code is 1 if one that blocks fails."""

    help = "Run the saved tests of mappings."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which workspace, and whose lookup tables and connections."""
        parser.add_argument("--workspace", help="only this workspace, by its short name")
        parser.add_argument("--environment", default="test")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line per test; differences under those that fail."""
        workspace_id = None
        if options["workspace"]:
            workspace_id = tenancy.workspace_by_slug(options["workspace"]).id
        count = failed = 0
        for owner, flow_id, name in mapping_tests.flows_with_tests(workspace_id):
            for outcome in mapping_tests.run(owner, flow_id, options["environment"]):
                count += 1
                failed += outcome.blocks and not outcome.passed
                word = "ok  " if outcome.passed else "FAIL" if outcome.blocks else "warn"
                self.stdout.write(f"{word} {name}: {outcome.name}")
                for sentence in (*outcome.errors, *outcome.differences):
                    self.stdout.write(f"     {sentence}")
        self.stdout.write(f"{count} tests, {failed} failed.")
        if failed:
            raise CommandError(f"{failed} tests of mappings failed.")
