"""JSON in and out of the API without changing a digit of an amount."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from ipaas.core import jsonio
from ipaas.core.errors import Invalid, TooLarge

PROBLEM_TYPE = "application/problem+json"


class ExactJsonParser(BaseParser):
    """Request bodies: numbers with a point become Decimal; too much of it is refused unread."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Document of the body; raises MalformedJson or TooLarge."""
        limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 2_621_440
        body = b"" if _declared_length(stream) > limit else stream.read(limit + 1)
        if not body or len(body) > limit:
            raise TooLarge(
                f"The request is larger than {limit // 1024} KiB.",
                hint="Send less at once.",
                limit_bytes=limit,
            )
        document = jsonio.loads(body)
        if not isinstance(document, dict):
            raise Invalid("The request must be a JSON object.", hint="Send { … }.")
        return document


class ExactJsonRenderer(BaseRenderer):
    """Response bodies: a Decimal keeps its digits, a time is ISO text."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """JSON text of ``data``; nothing for an empty answer."""
        return b"" if data is None else jsonio.dumps(data)


def _declared_length(stream: Any) -> int:
    text = getattr(stream, "META", {}).get("CONTENT_LENGTH") or "0"
    return int(text) if str(text).isdecimal() else 0
