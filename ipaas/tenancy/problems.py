"""One handler that turns every failure of the API into ``application/problem+json``."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from ipaas.core import jsonio
from ipaas.core.errors import IpaasError
from ipaas.tenancy.rendering import PROBLEM_TYPE

log = logging.getLogger("causeway.api")

# What Django REST framework raises by itself: our code, title and hint for each.
_FRAMEWORK: list[tuple[type[Exception], int, str, str, str]] = [
    (drf.NotAuthenticated, 401, "session.required", "You are not logged in.", "Log in again."),
    (
        drf.AuthenticationFailed,
        401,
        "session.required",
        "You are not logged in.",
        "Log in again.",
    ),
    (
        drf.PermissionDenied,
        403,
        "request.forged",
        "The request did not prove that it comes from this site.",
        "Reload the page and try again.",
    ),
    (PermissionDenied, 403, "forbidden", "You may not do this.", "Ask an owner of the workspace."),
    (drf.NotFound, 404, "not_found", "There is nothing here.", "Check the address."),
    (Http404, 404, "not_found", "There is nothing here.", "Check the address."),
    (
        drf.MethodNotAllowed,
        405,
        "request.method_not_allowed",
        "This address does not offer that method.",
        "See the Allow header for those it offers.",
    ),
    (
        drf.NotAcceptable,
        406,
        "request.not_acceptable",
        "The answer exists only as JSON.",
        "Accept application/json.",
    ),
    (RequestDataTooBig, 413, "too_large", "The request is too large.", "Send less at once."),
    (
        drf.UnsupportedMediaType,
        415,
        "request.media_type",
        "The request must be JSON.",
        "Send Content-Type: application/json.",
    ),
    (
        drf.ParseError,
        400,
        "request.malformed_json",
        "The request is not valid JSON.",
        "Check the text for a missing quote or comma.",
    ),
    (drf.Throttled, 429, "too_many", "Too many requests.", "Wait a moment and try again."),
]


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """Answer for any failure inside an API view; an unforeseen one is logged, never shown."""
    request = context.get("request")
    request_id = getattr(getattr(request, "_request", request), "request_id", "")
    headers: dict[str, str] = {}
    if isinstance(error, IpaasError):
        document = error.problem()
        if error.status >= 500:
            log.error("%s: %s", error.code, error.message, extra={"request_id": request_id})
    elif isinstance(error, drf.ValidationError):
        document = _problem(
            422,
            "request.unprocessable",
            "Some fields are not right.",
            "Correct the fields listed in errors.",
            errors=list(_field_errors(error.detail)),
        )
    else:
        document = _framework_problem(error)
        if document["status"] == 500:
            log.exception("unforeseen failure", exc_info=error, extra={"request_id": request_id})
    if document["status"] == 401:
        headers["WWW-Authenticate"] = "Session"
    if isinstance(error, drf.Throttled) and error.wait:
        headers["Retry-After"] = str(int(error.wait) + 1)
    set_rollback()
    return Response(
        {**document, "request_id": request_id},
        status=document["status"],
        headers=headers,
        content_type=PROBLEM_TYPE,
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's 404: a problem document for the API, a page for people."""
    return _site_problem(request, 404, "not_found", "There is nothing here.", "Check the address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's 500: a problem document for the API, a page for people."""
    return _site_problem(
        request,
        500,
        "internal",
        "Something went wrong on our side.",
        "Try again; if it stays, give the request id to whoever runs this server.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's answer to a form without a valid token."""
    return _site_problem(
        request,
        403,
        "request.forged",
        "The form was open for too long, or cookies are off.",
        "Go back, reload the page and try again.",
    )


def _site_problem(
    request: HttpRequest, status: int, code: str, title: str, hint: str
) -> HttpResponse:
    request_id = getattr(request, "request_id", "")
    document = {**_problem(status, code, title, hint), "request_id": request_id}
    if request.path.startswith(("/api/", "/hooks/", "/ws/")):
        return HttpResponse(jsonio.dumps(document), status=status, content_type=PROBLEM_TYPE)
    return render(request, "site/problem.html", {"problem": document}, status=status)


def _framework_problem(error: Exception) -> dict[str, Any]:
    for kind, status, code, title, hint in _FRAMEWORK:
        if isinstance(error, kind):
            return _problem(status, code, title, hint)
    if isinstance(error, drf.APIException):
        title = HTTPStatus(error.status_code).phrase
        return _problem(error.status_code, "request.refused", title, str(error.detail))
    return _problem(
        500,
        "internal",
        "Something went wrong on our side.",
        "Try again; if it stays, give the request id to whoever runs this server.",
    )


def _problem(status: int, code: str, title: str, hint: str, **facts: Any) -> dict[str, Any]:
    return {
        "type": f"/docs/errors#{code}",
        "title": title,
        "status": status,
        "detail": hint or title,
        "code": code,
        "hint": hint,
        **facts,
    }


def _field_errors(detail: Any, path: str = "") -> Any:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            yield from _field_errors(inner, own)
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _field_errors(inner, f"{path}[{index}]" if nested else path)
    else:
        yield {"field": path, "message": str(detail)}
