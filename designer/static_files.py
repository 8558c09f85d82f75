"""Static files through WhiteNoise, whole: an ASGI server needs no thread per piece for them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, but each file is answered as one message; the largest has half a megabyte."""

    def serve(self, static_file: Any, request: HttpRequest) -> HttpResponse:
        """The file with its headers, compressed if the browser takes that."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file:
                content = found.file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response
