"""How codes become tokens, and how tokens are renewed, bound and taken back."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from connectors.catalog.quickbooks.tests.sandbox.company import App, Books
from connectors.sandbox_kit.testing import send


def test_a_code_gives_tokens_once(app: App) -> None:
    code = app.code()["code"]
    tokens = app.exchange(code).document()
    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == 3600
    assert tokens["x_refresh_token_expires_in"] == 8_726_400
    again = app.exchange(code)
    assert (again.status, again.document()["error"]) == (400, "invalid_grant")


def test_a_code_expires_after_ten_minutes(app: App) -> None:
    code = app.code()["code"]
    app.control.change_settings("quickbooks", clock_offset_s=601)
    assert app.exchange(code).document()["error"] == "invalid_grant"


def test_another_redirect_address_is_an_invalid_grant(app: App) -> None:
    answer = app.exchange(app.code()["code"], redirect_uri="http://127.0.0.1:9/other")
    assert answer.document()["error"] == "invalid_grant"


def test_a_wrong_secret_is_an_invalid_client(app: App) -> None:
    app.basic = "Basic " + base64.b64encode(b"who:knows").decode()
    answer = app.exchange(app.code()["code"])
    assert (answer.status, answer.document()["error"]) == (401, "invalid_client")


def test_an_unknown_grant_type_is_refused(app: App) -> None:
    assert app.token(grant_type="password").document()["error"] == "unsupported_grant_type"


def test_a_code_challenge_has_to_be_met(app: App) -> None:
    verifier = "v" * 50
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    sent = {"code_challenge": challenge, "code_challenge_method": "S256"}
    wrong = app.exchange(app.code(**sent)["code"], code_verifier="w" * 50)
    assert wrong.document()["error"] == "invalid_grant"
    assert app.exchange(app.code(**sent)["code"], code_verifier=verifier).status == 200


def test_an_access_token_ends_after_its_lifetime_with_the_gateway_body(books: Books) -> None:
    books.control.change_settings("quickbooks", clock_offset_s=3601)
    answer = books.call("GET", "customer/1")
    assert answer.status == 401
    fault = answer.document()["fault"]
    assert fault["type"] == "AUTHENTICATION"
    assert fault["error"][0]["code"] == "3200"
    assert "errorCode=003200; statusCode=401" in fault["error"][0]["message"]
    assert answer.headers["intuit_tid"]
    books.tokens = books.app.refresh(books.tokens["refresh_token"]).document()
    assert books.call("GET", "customer/1").status == 200


def test_rotation_on_every_refresh_keeps_the_previous_token_for_a_day(books: Books) -> None:
    first = books.tokens["refresh_token"]
    second = books.app.refresh(first).document()["refresh_token"]
    assert second != first
    assert books.app.refresh(first).document()["refresh_token"] == second
    books.control.change_settings("quickbooks", clock_offset_s=86_401)
    late = books.app.refresh(first)
    assert (late.status, late.document()["error"]) == (400, "invalid_grant")
    assert books.app.refresh(second).status == 200


def test_daily_rotation_keeps_the_refresh_token_within_a_day(books: Books) -> None:
    books.control.change_settings("quickbooks", refresh_rotation="daily")
    first = books.tokens["refresh_token"]
    assert books.app.refresh(first).document()["refresh_token"] == first
    books.control.change_settings("quickbooks", clock_offset_s=86_401)
    assert books.app.refresh(first).document()["refresh_token"] != first


def test_the_hard_limit_is_told_when_asked_for(books: Books) -> None:
    answer = send(
        "POST",
        f"{books.app.url}/oauth2/v1/tokens/bearer",
        form={"grant_type": "refresh_token", "refresh_token": books.tokens["refresh_token"]},
        headers={
            "authorization": books.app.basic,
            "x-include-refresh-token-hard-expires-in": "true",
        },
    )
    assert 0 < answer.document()["x_refresh_token_hard_expires_in"] <= 157_680_000


@pytest.mark.parametrize("encoding", ["document", "form"])
@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_revoking_either_token_ends_both(books: Books, encoding: str, which: str) -> None:
    body: Any = {encoding: {"token": books.tokens[which]}}
    headers = {"authorization": books.app.basic}
    answer = send("POST", f"{books.app.url}/v2/oauth2/tokens/revoke", headers=headers, **body)
    assert (answer.status, answer.body) == (200, b"")
    assert books.call("GET", "customer/1").status == 401
    assert books.app.refresh(books.tokens["refresh_token"]).document()["error"] == "invalid_grant"


def test_access_taken_back_refuses_calls_and_refreshes_until_switched_off(books: Books) -> None:
    books.control.fault_on("quickbooks", "access_revoked")
    assert books.call("GET", "customer/1").status == 401
    assert books.app.refresh(books.tokens["refresh_token"]).document()["error"] == "invalid_grant"
    books.control.fault_off("quickbooks", "access_revoked")
    assert books.call("GET", "customer/1").status == 200


def test_a_token_is_bound_to_its_company(books: Books) -> None:
    books.realm = books.app.settings["realm_ids"][1]
    answer = books.call("GET", "customer/1")
    assert (answer.status, answer.document()["fault"]["error"][0]["code"]) == (403, "3100")


def test_userinfo_names_a_person(books: Books) -> None:
    headers = {"authorization": f"Bearer {books.tokens['access_token']}"}
    document = send("GET", f"{books.app.url}/v1/openid_connect/userinfo", headers=headers)
    assert document.document()["email"]
