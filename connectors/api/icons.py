"""Pictures of connectors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from connectors import facade
from connectors.registry import ConnectorNotFound


@require_GET
@cache_control(public=True, max_age=86400)
def icon(request: HttpRequest, slug: str) -> HttpResponse:
    """The connector's icon; it can hold no script that runs."""
    try:
        text = facade.icon_svg(slug)
    except ConnectorNotFound:
        text = ""
    response = HttpResponse(text, content_type="image/svg+xml", status=200 if text else 404)
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
