"""What every answer carries: an id to ask about, and headers that keep the browser safe."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse

from ipaas.core.ids import new_id

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")

_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

# Component styles are set by script at run time, hence 'unsafe-inline' for styles only.
CONTENT_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def _begin(request: HttpRequest) -> str:
    asked = request.headers.get("X-Request-Id", "")
    request_id = asked if _ACCEPTABLE_ID.fullmatch(asked) else new_id("req")
    request.request_id = request_id  # type: ignore[attr-defined]
    current_request_id.set(request_id)
    return request_id


def _finish(request: HttpRequest, response: HttpResponse, request_id: str) -> HttpResponse:
    response.headers["X-Request-Id"] = request_id
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


class RequestIdMiddleware:
    """Gives each request an id (``X-Request-Id``) and each answer its safety headers."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        """Answer of the inner layers, with id and headers."""
        if self._is_async:
            return self._answer_async(request)
        request_id = _begin(request)
        return _finish(request, self._get_response(request), request_id)

    async def _answer_async(self, request: HttpRequest) -> HttpResponse:
        request_id = _begin(request)
        return _finish(request, await self._get_response(request), request_id)
