"""HTTP messages as hooks see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ipaas.core import jsonio


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request as it leaves, the Authorization header not yet added."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One complete reply; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Document of the body (numbers with a point are Decimal), or None if it is empty."""
        return jsonio.loads(self.body) if self.body.strip() else None

    def document(self) -> Any:
        """Like ``json``, but None when the body is no JSON (an HTML error page)."""
        try:
            return self.json()
        except jsonio.MalformedJson:
            return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its reply as people may see them: every secret is masked.

    ``request`` = {method, url, headers, body}; ``response`` = {status, headers, body} or None when
    none came. Bodies are text. ``retry_after_s``, ``limit_remaining`` and ``limit_reset_s`` (in
    how many seconds the limit begins anew) are what the vendor told about its limits, if it did.
    """

    request: dict[str, Any]
    response: dict[str, Any] | None
    duration_ms: int
    retry_after_s: float | None = None
    limit_remaining: float | None = None
    limit_reset_s: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The JSON form that the run inspector shows."""
        return {
            "request": self.request,
            "response": self.response,
            "duration_ms": self.duration_ms,
        }
