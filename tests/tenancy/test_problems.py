"""Every failure is a problem document that says what happened and what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import Http404
from django.test import Client, override_settings
from django.urls import path
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ipaas.core import clock
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import ApiView, WorkspaceView
from ipaas.urls import handler404, handler500
from ipaas.urls import urlpatterns as product_addresses
from tests.kit.cast import PASSWORD, ApiAnswer, ApiClient, Cast


class Echo(ApiView):
    """Says back what it was sent; ``?fail=`` makes it fail."""

    def post(self, request: Request) -> Response:
        match request.query_params.get("fail"):
            case "missing":
                raise Http404
            case "fields":
                raise ValidationError({"name": ["Too long."], "lines": [{}, {"sku": ["Empty."]}]})
            case "bug":
                raise RuntimeError("password=hunter2")
        return Response(request.data)


class Place(WorkspaceView):
    """Says in which environment it was asked."""

    needs = {"get": Right.FLOWS_VIEW, "post": Right.FLOWS_PUBLISH}

    def get(self, request: Request, workspace: str) -> Response:
        return Response({"environment": self.environment.slug})

    def post(self, request: Request, workspace: str) -> Response:
        return Response({"environment": self.environment.slug})


urlpatterns = [
    path("api/v1/echo", Echo.as_view(), name="echo"),
    path("api/v1/place/<slug:workspace>", Place.as_view(), name="place"),
    *product_addresses,
]
assert handler404 and handler500

here = override_settings(ROOT_URLCONF=__name__)


@pytest.fixture(autouse=True)
def _own_addresses() -> object:
    with here:
        yield


def problem(answer: ApiAnswer, status: int, code: str) -> dict[str, object]:
    """The problem document, after checks that hold for all of them."""
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    document: dict[str, object] = answer.json
    assert document["status"] == status
    assert document["code"] == code
    assert document["title"] and document["detail"] and document["hint"]
    assert document["request_id"] == answer.headers["X-Request-Id"]
    return document


def test_amounts_come_back_digit_for_digit(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.alice)
    text = '{"amount":10.10,"big":12345678901234567890.000000001}'
    answer = client.post("/api/v1/echo", text, content_type="application/json")
    assert answer.content.decode() == text


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        ('{"a": 1', "application/json", 400, "request.malformed_json"),
        ("[1]", "application/json", 400, "request.invalid"),
        ("a=1", "application/x-www-form-urlencoded", 415, "request.media_type"),
    ],
)
def test_a_body_that_cannot_be_read_is_explained(
    cast: Cast, body: str, content_type: str, status: int, code: str
) -> None:
    client = Client()
    client.force_login(cast.alice)
    problem(ApiAnswer(client.post("/api/v1/echo", body, content_type=content_type)), status, code)


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=2048)
@pytest.mark.parametrize("declared", [None, "5000", "10"])
def test_too_large_a_body_is_refused_whatever_length_it_declares(
    cast: Cast, declared: str | None
) -> None:
    client = Client()
    client.force_login(cast.alice)
    extra = {} if declared is None else {"CONTENT_LENGTH": declared}
    body = b'{"a":"' + b"x" * 4000 + b'"}'
    answer = ApiAnswer(
        client.generic("POST", "/api/v1/echo", body, content_type="application/json", **extra)
    )
    if declared == "10":  # the server reads no more than was declared
        problem(answer, 400, "request.malformed_json")
    else:
        problem(answer, 413, "too_large")


def test_fields_that_are_wrong_are_named(cast: Cast) -> None:
    document = problem(
        ApiClient(cast.alice).post("/api/v1/echo?fail=fields"), 422, "request.unprocessable"
    )
    assert document["errors"] == [
        {"field": "name", "message": "Too long."},
        {"field": "lines[1].sku", "message": "Empty."},
    ]


def test_a_bug_is_logged_and_never_shown(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    answer = ApiClient(cast.alice).post("/api/v1/echo?fail=bug")
    problem(answer, 500, "internal")
    assert "hunter2" not in answer.text
    assert "hunter2" in caplog.text


def test_what_is_not_there_is_a_problem_inside_and_outside_of_views(cast: Cast) -> None:
    problem(ApiClient(cast.alice).post("/api/v1/echo?fail=missing"), 404, "not_found")
    problem(ApiClient(cast.alice).get("/api/v1/no-such-thing"), 404, "not_found")


def test_a_method_that_is_not_offered_is_named(cast: Cast) -> None:
    answer = ApiClient(cast.alice).put("/api/v1/echo")
    problem(answer, 405, "request.method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_a_request_without_the_csrf_token_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice)
    answer = ApiAnswer(client.post("/api/v1/echo", "{}", content_type="application/json"))
    problem(answer, 403, "request.forged")


def test_an_ended_session_is_401_for_the_api(cast: Cast) -> None:
    client = ApiClient(cast.alice)
    assert client.get("/api/v1/me").status == 200
    session = client.http.session
    session.set_expiry(clock.now() - timedelta(seconds=1))
    session.save()
    answer = client.get("/api/v1/me")
    problem(answer, 401, "session.required")
    assert answer.headers["WWW-Authenticate"] == "Session"


def test_the_environment_comes_from_the_address_or_the_body_else_it_is_test(cast: Cast) -> None:
    client = ApiClient(cast.alice)
    place = "/api/v1/place/north"
    assert client.get(place).json == {"environment": "test"}
    assert client.get(f"{place}?environment=production").json == {"environment": "production"}
    assert client.post(place, {"environment": "production"}).json["environment"] == "production"
    problem(client.get(f"{place}?environment=nowhere"), 400, "environment.unknown")


def test_the_right_is_checked_in_the_environment_of_the_request(cast: Cast) -> None:
    ben = ApiClient(cast.ben)
    assert ben.post("/api/v1/place/north").status == 200
    document = problem(
        ben.post("/api/v1/place/north", {"environment": "production"}), 403, "access.right_missing"
    )
    assert document["roles"] == ["owner", "admin"]


def test_a_request_keeps_a_sensible_id_and_loses_a_strange_one(cast: Cast) -> None:
    client = ApiClient(cast.alice)
    kept = client.request("GET", "/api/v1/me", None, **{"X-Request-Id": "abc-12345678"})
    assert kept.headers["X-Request-Id"] == "abc-12345678"
    made = client.request("GET", "/api/v1/me", None, **{"X-Request-Id": "<script>"})
    assert made.headers["X-Request-Id"].startswith("req_")


def test_answers_tell_the_browser_to_be_careful(cast: Cast) -> None:
    answer = Client().get("/login")
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    logged_in = Client()
    logged_in.post("/login", {"username": "alice", "password": PASSWORD})
    cookie = logged_in.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
