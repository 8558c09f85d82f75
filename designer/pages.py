"""The single-page application, its schemas and the API's description."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import ensure_csrf_cookie
from rest_framework.request import Request
from rest_framework.response import Response

from designer.documents import FLOW_SCHEMA
from ipaas.mapping import MAPPING_SCHEMA
from ipaas.tenancy.api import ApiView

INDEX = settings.BASE_DIR / "static" / "designer" / "index.html"


@ensure_csrf_cookie
def app(request: HttpRequest) -> HttpResponse:
    """The application's page, for whoever is logged in; every client route leads here."""
    if not request.user.is_authenticated:
        return redirect(f"{settings.LOGIN_URL}?next={request.get_full_path()}")
    if not INDEX.exists():
        text = "The front end has not been built yet. Run “make build”, then reload this page."
        return HttpResponse(text, status=503, content_type="text/plain; charset=utf-8")
    response = HttpResponse(INDEX.read_bytes(), content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


class FlowSchema(ApiView):
    """JSON Schema of flow documents."""

    def get(self, request: Request) -> Response:
        """JSON Schema 2020-12."""
        return Response(FLOW_SCHEMA)


class MappingSchema(ApiView):
    """JSON Schema of mapping documents."""

    def get(self, request: Request) -> Response:
        """JSON Schema 2020-12."""
        return Response(MAPPING_SCHEMA)
