"""Consent in the browser, activation by a shop's server: once, by the right ones, in codes."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connection as database
from django.test import Client

from connectors import credentials, facade, registry
from connectors.manifest.load import load_manifest
from connectors.models import ConnectionRow, ConsentState
from connectors.registry import Connector
from connectors.sandbox_kit import auth_server
from connectors.sandbox_kit.auth_server import AuthServer
from ipaas.core import clock
from ipaas.core.errors import IpaasError
from ipaas.tenancy.models import AuditEntry
from tests.connectors.https_server import Authority
from tests.connectors.keyring_bench import CLIENT, FOLDER, keyring
from tests.kit.cast import ApiClient, Cast

NORTH = "/api/v1/w/north"


@pytest.fixture
def server(db: None, settings: Any) -> Iterator[AuthServer]:
    known = registry.all_connectors()
    known["keyring"] = Connector(load_manifest(FOLDER), "tests.connectors.keyring")
    with auth_server.running() as running:
        settings.SANDBOX_URL = running.url
        yield running
    known.pop("keyring", None)


def make(alice: ApiClient, server: AuthServer, way: str, secrets: dict[str, str]) -> Any:
    body = {
        "connector": "keyring", "name": way, "environment": "test", "sandbox": True, "auth": way,
        "settings": {"base_url": server.url}, "secrets": secrets,
    }  # fmt: skip
    made = alice.post(f"{NORTH}/connections", body)
    assert made.status == 201, made
    return made.json


def approve(url: str) -> dict[str, str]:
    """What the vendor sends the browser back with."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request("GET", f"{parts.path}?{parts.query}")
    location = connection.getresponse().getheader("Location") or ""
    connection.close()
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def problem(answer: Any) -> str:
    return parse_qs(urlsplit(answer["Location"]).query).get("problem", [""])[0]


# Consent


def test_consent_uses_pkce_and_remembers_account_and_scopes(
    alice: ApiClient, server: AuthServer, cast: Cast
) -> None:
    server.granted_scope = "read"
    made = make(alice, server, "consent", CLIENT)
    assert made["status"] == "needs_consent"
    url = alice.post(f"{NORTH}/connections/{made['id']}/authorize").json["url"]
    asked = parse_qs(urlsplit(url).query)
    assert asked["code_challenge_method"] == ["S256"] and url.startswith(server.url)

    back = alice.http.get("/oauth/callback", approve(url))

    assert back["Location"] == f"/w/north/connections/{made['id']}?connected=1"
    shown = alice.get(f"{NORTH}/connections/{made['id']}").json
    assert (shown["status"], shown["account"]) == ("ready", "C-1")
    assert facade.missing_scopes(cast.north.id, made["id"], ["ask", "tell"]) == ("pay", "write")
    verifier = next(c["body"] for c in server.seen if c["target"] == "/token")
    assert b"code_verifier=" in verifier


def test_another_browser_cannot_finish_and_does_not_use_it_up(
    alice: ApiClient, server: AuthServer, cast: Cast
) -> None:
    made = make(alice, server, "consent", CLIENT)
    answer = approve(alice.post(f"{NORTH}/connections/{made['id']}/authorize").json["url"])
    other = Client()
    other.force_login(cast.alice)
    assert problem(other.get("/oauth/callback", answer)) == "consent.refused"
    assert "connected=1" in alice.http.get("/oauth/callback", answer)["Location"]
    assert problem(alice.http.get("/oauth/callback", answer)) == "consent.refused", "replayed"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"error": "access_denied"}, "consent.denied"),
        ({"code": ""}, "consent.denied"),
        ({"code": "wrong"}, "consent.not_accepted"),
        ({"company": ""}, "consent.no_account"),
        ({"company": "<script>"}, "consent.no_account"),
        ({"state": "wrong"}, "consent.refused"),
        ({"state": ""}, "consent.refused"),
    ],
)
def test_a_wrong_callback_is_told_by_a_code_and_changes_nothing(
    alice: ApiClient, server: AuthServer, change: dict[str, str], code: str
) -> None:
    made = make(alice, server, "consent", CLIENT)
    answer = approve(alice.post(f"{NORTH}/connections/{made['id']}/authorize").json["url"])
    back = alice.http.get("/oauth/callback", {**answer, **change})
    assert problem(back) == code
    assert set(parse_qs(urlsplit(back["Location"]).query)) == {"problem"}, "no words in addresses"
    assert alice.get(f"{NORTH}/connections/{made['id']}").json["status"] == "needs_consent"


def test_a_wrong_client_secret_is_told_by_its_code(alice: ApiClient, server: AuthServer) -> None:
    made = make(alice, server, "consent", {**CLIENT, "client_secret": "wrong"})
    answer = approve(alice.post(f"{NORTH}/connections/{made['id']}/authorize").json["url"])
    assert problem(alice.http.get("/oauth/callback", answer)) == "connection.client_refused"


# Activation


@pytest.fixture
def activating(alice: ApiClient, server: AuthServer) -> Any:
    """A connection that waits for its shop, and the two addresses to enter there."""
    made = make(alice, server, "activated", {})
    assert made["status"] == "needs_consent"
    begun = alice.post(f"{NORTH}/connections/{made['id']}/activation")
    assert begun.status == 200, begun
    return made, begun.json


def posted(url: str, server: AuthServer, **change: str) -> Any:
    """The shop's message to the callback."""
    form = {
        "oauth_consumer_key": auth_server.CONSUMER_KEY,
        "oauth_consumer_secret": auth_server.CONSUMER_SECRET,
        "oauth_verifier": auth_server.VERIFIER,
        "store_base_url": server.url + "/",
        **change,
    }
    return Client().post(
        urlsplit(url).path, urlencode(form), content_type="application/x-www-form-urlencoded"
    )


def test_a_shop_activates_the_connection_and_the_browser_goes_back(
    alice: ApiClient, server: AuthServer, activating: Any
) -> None:
    made, begun = activating
    assert posted(begun["callback_url"], server).status_code == 200
    assert alice.get(f"{NORTH}/connections/{made['id']}").json["status"] == "ready"
    found = facade.call(
        facade.ConnectionRef(_north(made), "test", made["slug"]), "ask", {"what": "signed"}
    )
    assert found.output == {"ok": True}
    question = {
        "oauth_consumer_key": auth_server.CONSUMER_KEY,
        "success_call_back": f"{server.url}/done",
    }
    path = urlsplit(begun["identity_url"]).path
    assert alice.http.get(path, question)["Location"] == f"{server.url}/done"
    away = {**question, "success_call_back": "https://evil.example/"}
    assert problem(alice.http.get(path, away)) == "activation.invalid"
    wrong = {**question, "oauth_consumer_key": "other"}
    assert problem(alice.http.get(path, wrong)) == "activation.invalid"


def test_an_activation_is_good_once_and_for_an_hour(server: AuthServer, activating: Any) -> None:
    _, begun = activating
    later = clock.VirtualClock(clock.now() + timedelta(minutes=61))
    with clock.use(later):
        late = posted(begun["callback_url"], server)
    assert late.status_code == 400 and "too long ago" in late.json()["title"]
    assert posted(begun["callback_url"], server).status_code == 200
    again = posted(begun["callback_url"], server)
    assert again.status_code == 400 and again.json()["hint"]


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"store_base_url": "https://other.example/"}, 400, "another shop"),
        ({"oauth_consumer_secret": ""}, 400, "lacks secret"),
        ({"oauth_verifier": "x" * 500}, 400, "lacks verifier"),
        ({"oauth_verifier": "x" * 20_000}, 413, "too large"),
    ],
)
def test_a_wrong_activation_is_refused_and_the_right_one_still_works(
    server: AuthServer, activating: Any, change: dict[str, str], status: int, word: str
) -> None:
    _, begun = activating
    answer = posted(begun["callback_url"], server, **change)
    assert (answer.status_code, word in answer.json()["title"]) == (status, True)
    assert posted(begun["callback_url"], server).status_code == 200


def test_a_verifier_the_shop_does_not_know_is_refused(
    alice: ApiClient, server: AuthServer, activating: Any
) -> None:
    made, begun = activating
    answer = posted(begun["callback_url"], server, oauth_verifier="guessed-verifier")
    assert answer.status_code == 502 and answer.json()["code"] == "connection.activation_refused"
    assert alice.get(f"{NORTH}/connections/{made['id']}").json["status"] == "needs_consent"


def test_bob_learns_nothing_from_the_identity_address(
    bob: ApiClient, server: AuthServer, activating: Any
) -> None:
    _, begun = activating
    for path in (urlsplit(begun["identity_url"]).path, "/oauth1/identity/con_unknown"):
        answer = bob.http.get(path, {"success_call_back": f"{server.url}/done"})
        assert answer["Location"].startswith("/?problem=")


def _north(made: Any) -> str:
    return str(ConnectionRow.objects.get(id=made["id"]).workspace_id)


# Secrets


def test_no_endpoint_ever_shows_a_secret_or_what_was_got_with_it(
    alice: ApiClient, server: AuthServer, cast: Cast
) -> None:
    made = make(alice, server, "client", {**CLIENT})
    base = f"{NORTH}/connections/{made['id']}"
    ref = facade.ConnectionRef(cast.north.id, "test", made["slug"])
    facade.call(ref, "ask", {"what": "bearer"})
    server.trouble = 503
    hidden = [str(v) for v in credentials.opened(ref).secrets.values() if len(str(v)) > 5]
    hidden += ["typed-just-now"]
    answers = [
        alice.get(f"{NORTH}/connections"),
        alice.get(base),
        alice.post(f"{base}/test"),
        alice.get(f"{base}/uses"),
        alice.post(f"{base}/authorize"),
        alice.post(f"{base}/activation"),
        alice.get(f"{base}/options/none"),
        alice.patch(base, {"secrets": {"client_secret": "typed-just-now"}}),
        alice.patch(base, {"secrets": {"nonsense": "typed-just-now"}}),
        alice.patch(base, {"ca_certificate": "typed-just-now"}),
        alice.post(f"{NORTH}/connections", {"connector": "keyring", "name": "x", "auth": "client",
                   "secrets": {"client_secret": "typed-just-now"}}),
        alice.request("DELETE", base),
    ]  # fmt: skip
    for answer in answers:
        for secret in hidden:
            assert secret not in answer.text + str(answer.headers), answer
    log = str(list(AuditEntry.objects.values_list("action", "details")))
    assert all(secret not in log for secret in hidden)
    for action in ("created", "changed", "tested", "deleted"):
        assert f"connection.{action}" in log
    assert not ConsentState.objects.exists()


def test_an_authority_is_uploaded_and_never_a_private_key(
    alice: ApiClient, server: AuthServer
) -> None:
    made = make(alice, server, "basic", {"username": "u", "password": "p"})
    base = f"{NORTH}/connections/{made['id']}"
    shown = alice.patch(base, {"ca_certificate": Authority().pem})
    assert (shown.status, shown.json["has_ca_certificate"]) == (200, True)
    for text in ("-----BEGIN PRIVATE KEY-----\nx", "no certificate"):
        refused = alice.patch(base, {"ca_certificate": text})
        assert refused.status == 422 and "ca_certificate" in refused.json["fields"]


# Several processes

WORK = """
import os, sys
import django
django.setup()
from connectors import facade, registry
from connectors.manifest.load import load_manifest
from connectors.registry import Connector
from tests.connectors.https_server import Authority
from tests.connectors.keyring_bench import FOLDER
registry.all_connectors()["keyring"] = Connector(load_manifest(FOLDER), "tests.connectors.keyring")
print("ready", flush=True)
sys.stdin.readline()
ref = facade.ConnectionRef(sys.argv[1], "test", sys.argv[2])
print(facade.call(ref, "ask", {"what": "bearer"}).output, flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_several_processes_that_need_a_token_fetch_it_once(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "causeway.sqlite3").symlink_to(database.settings_dict["NAME"])
    root = str(FOLDER.parents[2])
    with keyring(settings) as ring:
        made = ring.connect("client")
        environment = {
            **os.environ, "CAUSEWAY_DATA_DIR": str(tmp_path), "CAUSEWAY_DATABASE_URL": "",
            "CAUSEWAY_SANDBOX_URL": ring.server.url, "CAUSEWAY_REDIS_URL": "",
            "DJANGO_SETTINGS_MODULE": "ipaas.settings", "PYTHONPATH": root,
        }  # fmt: skip
        workers = [
            subprocess.Popen(
                [sys.executable, "-c", WORK, ring.workspace.id, made.slug], env=environment,
                text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root,
            )
            for _ in range(4)
        ]  # fmt: skip
        for worker in workers:
            assert worker.stdout is not None and worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("\n")
            worker.stdin.flush()
        answers = [worker.communicate(timeout=60)[0] for worker in workers]
        assert all("'ok': True" in answer for answer in answers), answers
        assert ring.server.counts["/token"] == 1


def test_an_unknown_way_back_is_an_error_not_a_redirect(db: None) -> None:
    with pytest.raises(IpaasError):
        facade.finish_activation("x", key="a", secret="b", verifier="c", store_base_url="d")
