"""``manage.py create_workspace``: the first workspace of an installation, with its owner."""

from __future__ import annotations

import getpass
import os
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ipaas.core.errors import IpaasError
from ipaas.tenancy import facade as tenancy


class Command(BaseCommand):
    """Make a workspace with a test and a production environment."""

    help = "Make a workspace; its owner is made too if nobody bears that name yet."

    def add_arguments(self, parser: CommandParser) -> None:
        """Address, name and owner."""
        parser.add_argument("slug", help="short name in addresses, such as acme")
        parser.add_argument("name", help="name shown to people")
        parser.add_argument("--owner", required=True, help="log-in name of the owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """The password is asked for, or taken from CAUSEWAY_OWNER_PASSWORD."""
        users = get_user_model().objects
        owner = users.filter(username=options["owner"]).first()
        if owner is None:
            owner = users.create_user(options["owner"], password=self._password())
        try:
            tenancy.create_workspace(options["slug"], options["name"], owner)
        except IpaasError as error:
            raise CommandError(f"{error.message} {error.hint}") from error
        self.stdout.write(f"The workspace is at /w/{options['slug']}; its owner is {owner}.")

    def _password(self) -> str:
        given = os.environ.get("CAUSEWAY_OWNER_PASSWORD") or getpass.getpass("Password: ")
        try:
            validate_password(given)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return given
