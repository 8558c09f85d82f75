"""Model fields that every app uses."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework import serializers

from ipaas.core import jsonio


class JsonText(models.TextField):
    """A JSON document kept as text, so that no database rewrites its numbers."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        """Document of the stored text."""
        return None if value is None else jsonio.loads(value)

    def get_prep_value(self, value: Any) -> str | None:
        """Text to store."""
        return None if value is None else jsonio.dumps(value).decode()


class DocumentField(serializers.Field):
    """A JSON document in a request, taken as it was parsed: its Decimals stay exact."""

    def to_internal_value(self, data: Any) -> Any:
        """The document."""
        return data

    def to_representation(self, value: Any) -> Any:
        """The document."""
        return value
