"""Model fields that every app uses."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
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


@extend_schema_field(OpenApiTypes.ANY)
class DocumentField(serializers.Field):
    """A JSON document in a request, taken as it was parsed: its Decimals stay exact."""

    def to_internal_value(self, data: Any) -> Any:
        """The document."""
        return data

    def to_representation(self, value: Any) -> Any:
        """The document."""
        return value


class OptionalDocumentField(DocumentField):
    """A JSON document that may be left out; null leaves it out too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """Skip null."""
        if data is None:
            raise serializers.SkipField
        checked: tuple[bool, Any] = super().validate_empty_values(data)
        return checked
