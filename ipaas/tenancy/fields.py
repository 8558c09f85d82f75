"""Model fields that every app uses."""

from __future__ import annotations

from typing import Any

from django.db import models

from ipaas.core import jsonio


class JsonText(models.TextField):
    """A JSON document kept as text, so that no database rewrites its numbers."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        """Document of the stored text."""
        return None if value is None else jsonio.loads(value)

    def get_prep_value(self, value: Any) -> str | None:
        """Text to store."""
        return None if value is None else jsonio.dumps(value).decode()
