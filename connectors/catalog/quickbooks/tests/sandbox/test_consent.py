"""How a person lets an app into the books: discovery, the page, the way back."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.catalog.quickbooks.tests.sandbox.company import App, redirected
from connectors.sandbox_kit.testing import send


def test_discovery_names_the_endpoints_inside_this_instance(app: App) -> None:
    for ending in ("openid_sandbox_configuration", "openid_sandbox_configuration/"):
        document = send("GET", f"{app.url}/.well-known/{ending}").document()
        assert document["authorization_endpoint"] == f"{app.url}/connect/oauth2"
        assert document["token_endpoint"] == f"{app.url}/oauth2/v1/tokens/bearer"
        assert {"issuer", "userinfo_endpoint", "revocation_endpoint", "jwks_uri"} <= set(document)


def test_the_consent_page_offers_both_companies_and_both_answers(app: App) -> None:
    page = app.authorise().body.decode()
    for text in ("Demo Company", "Demo Company UK", ">Connect<", ">Cancel<"):
        assert text in page
    for realm in app.settings["realm_ids"]:
        assert realm in page


def test_the_page_escapes_what_came_in_the_request(app: App) -> None:
    page = app.authorise(state='"><script>alert(1)</script>').body.decode()
    assert "<script>" not in page


def test_connect_sends_back_code_state_and_the_chosen_company(app: App) -> None:
    chosen = app.settings["realm_ids"][1]
    answer = redirected(app.authorise("POST", decision="connect", realm=chosen))
    assert (answer["state"], answer["realmId"]) == ("a&b=c", chosen)
    assert answer["code"]


def test_cancel_sends_back_access_denied(app: App) -> None:
    answer = redirected(app.authorise("POST", decision="cancel"))
    assert answer == {"error": "access_denied", "state": "a&b=c"}


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "unknown"},
        {"redirect_uri": "https://elsewhere.example/callback"},
        {"redirect_uri": None},
    ],
)
def test_a_request_that_cannot_be_trusted_is_not_sent_back(
    app: App, changes: dict[str, Any]
) -> None:
    answer = app.authorise(auto_approve="1", **changes)
    assert answer.status == 400
    assert "location" not in answer.headers


def test_a_registered_address_is_accepted_and_loopback_can_be_closed(app: App) -> None:
    public = "https://app.example/oauth/callback"
    app.control.change_settings(
        "quickbooks", redirect_uris=[public], allow_loopback_redirects=False
    )
    answer = app.authorise(auto_approve="1", redirect_uri=public)
    assert answer.headers["location"].startswith(public)
    assert app.authorise(auto_approve="1").status == 400
