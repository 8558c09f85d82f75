"""How a company is connected: endpoints as Intuit tells them, proof, rotation, the way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import credentials, facade
from connectors.auth import discovery
from connectors.sandbox_kit.testing import send
from connectors.testing import Bench
from connectors.testing.bench import approve
from ipaas.core import clock

pytestmark = pytest.mark.django_db
Make = Callable[[str], Bench]


@pytest.fixture(autouse=True)
def forgotten() -> None:
    discovery._told.clear()


def ended(bench: Bench) -> dict[str, Any]:
    """The connection's secrets, after its access token has run out."""
    held = credentials.opened(bench.ref)
    credentials.replace(
        bench.workspace.id,
        bench.connection.id,
        {**held.secrets, "access_token": "old"},
        version=None,
        expires_at=clock.now() - timedelta(seconds=1),
    )
    credentials.forget(bench.connection.id)
    return dict(held.secrets)


def test_endpoints_that_moved_are_found_by_the_discovery_document(make: Make) -> None:
    bench = make("quickbooks")
    bench.control.change_settings("quickbooks", oauth_moved_to="new-home")
    discovery._told.clear()
    before = ended(bench)
    assert bench.call("company_info").output["CompanyName"] == "Demo Company"
    assert credentials.opened(bench.ref).secrets["refresh_token"] != before["refresh_token"]
    url = facade.begin_consent(bench.workspace.id, bench.connection.id, bench.user.pk)
    assert "/new-home/connect/oauth2?" in url


def test_without_a_discovery_document_the_known_endpoints_are_used(make: Make) -> None:
    bench = make("quickbooks")
    discovery._told.clear()
    held = credentials.opened(bench.ref)
    url = f"{str(held.settings['base_url']).rstrip('/')}/.well-known/openid_configuration"
    discovery._told[url] = (clock.now() + timedelta(days=1), {})  # as after a silent look
    ended(bench)
    assert bench.call("company_info").output["CompanyName"] == "Demo Company"


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("oauth.platform.intuit.com", True),
        ("new.platform.intuit.com", True),
        ("login.intuit.com", True),
        ("intuit.com.evil.example", False),
        ("evil-intuit.com", False),
        ("evil.example", False),
        ("com", False),
        (None, False),
    ],
)
def test_secrets_go_to_the_vendors_own_hosts_only(
    make: Make, host: str | None, known: bool
) -> None:
    assert discovery._is_known(credentials.opened(make("quickbooks").ref), host) is known


def test_consent_proves_itself_and_takes_the_company_from_the_way_back(make: Make) -> None:
    bench = make("quickbooks")
    url = facade.begin_consent(bench.workspace.id, bench.connection.id, bench.user.pk)
    query = parse_qs(urlsplit(url).query)
    assert query["code_challenge_method"] == ["S256"] and len(query["code_challenge"][0]) == 43
    answer = approve(url)
    assert answer["realmId"] == bench.connection.account
    found = facade.finish_consent(
        bench.user.pk, state=answer["state"], code=answer["code"], account=answer["realmId"]
    )
    assert found.account == answer["realmId"]


def test_each_renewal_brings_a_new_refresh_token_which_is_kept(make: Make) -> None:
    bench = make("quickbooks")
    seen = set()
    for _ in range(3):
        seen.add(ended(bench)["refresh_token"])
        bench.call("company_info")
    seen.add(credentials.opened(bench.ref).secrets["refresh_token"])
    assert len(seen) == 4


def test_deleting_the_connection_voids_its_tokens_at_the_vendor(make: Make) -> None:
    bench = make("quickbooks")
    held = credentials.opened(bench.ref)
    url = f"{str(held.settings['base_url']).rstrip('/')}/v3/company/{held.account}/query"
    headers = {"authorization": f"Bearer {held.secrets['access_token']}"}
    asked = f"{url}?query=select+*+from+Term"
    assert send("GET", asked, headers=headers).status == 200
    assert facade.delete_connection(bench.workspace.id, bench.connection.id) is True
    assert send("GET", asked, headers=headers).status == 401
