"""Every way to authorise, against a server that asks for it: got once, refused in words."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database

from connectors import credentials, facade
from connectors.models import ConnectionRow, Credential
from connectors.sdk import ConnectorError
from connectors.typed import ConnectionInvalid
from ipaas.core import clock
from ipaas.core.errors import IpaasError, Recovery
from tests.connectors.keyring_bench import ACCOUNT, CLIENT, SECRETS, SIGNING, Keyring, keyring

pytestmark = pytest.mark.django_db
TYPED = ["bearer", "basic", "key_header", "key_query", "typed_tokens"]
FETCHED = ["client", "client_body", "service", "logon", "own"]
IONAPI = {
    "ti": "ACME_TST", "cn": "ipaas", "dt": "12", "ci": "ACME_TST~q1", "cs": "file-secret-1",
    "iu": "https://ion.example", "pu": "https://sso.example:443/ACME_TST/as/",
    "oa": "authorization.oauth2", "ot": "token.oauth2", "or": "revoke_token.oauth2",
    "ev": "U1", "v": "1.0", "saak": "ACME_TST#abc", "sask": "file-secret-2",
}  # fmt: skip


@pytest.fixture
def ring(db: None, settings: Any) -> Iterator[Keyring]:
    with keyring(settings) as made:
        yield made


@pytest.fixture
def threaded_ring(transactional_db: None, settings: Any) -> Iterator[Keyring]:
    with keyring(settings) as made:
        yield made


@pytest.mark.parametrize("way", [*TYPED, *FETCHED])
def test_a_call_is_authorised_and_nothing_secret_is_kept_of_it(ring: Keyring, way: str) -> None:
    made = ring.connect(way)
    reply = ring.ask(made, q="a b&c")
    assert reply.output == {"ok": True}
    kept = str(reply.exchanges)
    for secret in credentials.opened(made.ref, fresh=True).secrets.values():
        assert len(str(secret)) < 6 or str(secret) not in kept


@pytest.mark.parametrize("way", FETCHED)
def test_what_was_fetched_is_used_again(ring: Keyring, way: str) -> None:
    made = ring.connect(way)
    for _ in range(3):
        ring.ask(made)
    assert ring.server.counts["/token"] + ring.server.counts["/logon"] == 1


@pytest.mark.parametrize("way", FETCHED)
def test_it_is_fetched_anew_ahead_of_its_end(ring: Keyring, way: str) -> None:
    made = ring.connect(way)
    ring.ask(made)
    Credential.objects.filter(connection_id=made.id).update(
        expires_at=clock.now() + timedelta(seconds=5)
    )
    credentials.forget(made.id)
    reply = ring.ask(made)
    assert len(reply.exchanges) == 1, "no refusal was met"
    assert ring.server.counts["/token"] + ring.server.counts["/logon"] == 2


@pytest.mark.parametrize("way", FETCHED)
def test_it_is_fetched_anew_when_the_vendor_has_forgotten_it(ring: Keyring, way: str) -> None:
    made = ring.connect(way)
    ring.ask(made)
    ring.server.tokens.clear()
    ring.server.sessions.clear()
    assert ring.ask(made).output == {"ok": True}
    assert ring.server.counts["/token"] + ring.server.counts["/logon"] == 2


@pytest.mark.parametrize("way", ["client", "client_body", "service", "logon"])
def test_a_wrong_credential_is_a_definite_refusal_until_it_is_corrected(
    ring: Keyring, way: str
) -> None:
    name = "client_secret" if way.startswith("client") else "password"
    made = ring.connect(way, {**SECRETS[way], name: "wrong-wrong"})
    with pytest.raises(ConnectorError) as caught:
        ring.ask(made)
    assert caught.value.recovery is Recovery.REAUTHORISE
    assert "wrong" in caught.value.message or "ended" in caught.value.message
    assert "wrong-wrong" not in str(caught.value) and caught.value.hint
    assert ring.reread(made).status == "reconnect"
    facade.save_secrets(ring.workspace.id, made.id, {name: SECRETS[way][name]})
    assert ring.reread(made).status == "ready"
    assert ring.ask(made).output == {"ok": True}


@pytest.mark.parametrize("way", ["client", "service", "logon"])
@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_log_in_server_in_trouble_is_no_reason_to_reconnect(
    ring: Keyring, way: str, status: int
) -> None:
    made = ring.connect(way)
    ring.server.trouble = status
    with pytest.raises(ConnectorError) as caught:
        ring.ask(made)
    assert (caught.value.recovery, caught.value.executed) == (Recovery.RETRY, "no")
    assert ring.reread(made).status == "ready"
    ring.server.trouble = 0
    assert ring.ask(made).output == {"ok": True}


def test_a_page_with_status_200_is_no_token(ring: Keyring) -> None:
    made = ring.connect("client")
    ring.server.trouble = 200
    with pytest.raises(ConnectorError) as caught:
        ring.ask(made)
    assert caught.value.recovery is Recovery.RETRY
    assert ring.reread(made).status == "ready"


@pytest.mark.parametrize("way", ["client", "logon", "own"])
def test_twenty_threads_fetch_it_once(threaded_ring: Keyring, way: str) -> None:
    made = threaded_ring.connect(way)
    start, failures = threading.Barrier(20), []

    def work() -> None:
        try:
            start.wait()
            threaded_ring.ask(made)
        except Exception as error:
            failures.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert threaded_ring.server.counts["/token"] + threaded_ring.server.counts["/logon"] == 1


# Client credentials and service accounts


def test_the_manifests_parameters_and_scope_go_into_the_token_request(ring: Keyring) -> None:
    ring.ask(ring.connect("client"))
    body = next(c["body"] for c in ring.server.seen if c["target"] == "/token").decode()
    assert "audience=https%3A%2F%2Fapi.example" in body and "scope=read" in body
    assert CLIENT["client_secret"] not in body


def test_a_service_account_uses_its_refresh_token_and_falls_back_to_the_password(
    ring: Keyring,
) -> None:
    made = ring.connect("service")
    ring.ask(made)
    for refuse, grants in ((False, 1), (True, 2)):
        ring.server.seen.clear()
        ring.server.refuse_refresh = refuse
        ring.server.tokens.clear()
        ring.ask(made)
        asked = [c["body"] for c in ring.server.seen if c["target"] == "/token"]
        assert [b"grant_type=refresh_token" in body for body in asked] == [True, False][:grants]
    assert ring.reread(made).status == "ready"


def test_a_new_password_voids_what_the_old_one_got(ring: Keyring) -> None:
    made = ring.connect("service")
    ring.ask(made)
    facade.save_secrets(ring.workspace.id, made.id, {"password": "changed"})
    with pytest.raises(ConnectorError):
        ring.ask(made)


def test_an_uploaded_credentials_file_fills_fields_and_settings(ring: Keyring) -> None:
    text = "\ufeff" + json.dumps(IONAPI)
    made = facade.create_connection(
        ring.workspace.id, "test", connector="keyring", name="Infor", auth="service",
        secrets={"ionapi": text},
    )  # fmt: skip
    assert made.settings["base_url"] == "https://ion.example"
    assert made.settings["token_url"] == "https://sso.example:443/ACME_TST/as/token.oauth2"
    assert made.settings["tenant"] == "ACME_TST"
    held = credentials.opened(made.ref).secrets
    assert (held["client_id"], held["username"]) == ("ACME_TST~q1", "ACME_TST#abc")
    assert "ionapi" not in held and "ionapi" not in made.has_secrets
    changed = json.dumps({**IONAPI, "cs": "file-secret-3", "iu": "https://ion2.example"})
    facade.save_secrets(ring.workspace.id, made.id, {"ionapi": changed})
    again = ring.reread(made)
    assert again.settings["base_url"] == "https://ion2.example"
    assert credentials.opened(made.ref).secrets["client_secret"] == "file-secret-3"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("<html>", "JSON"),
        ("[1]", "object"),
        (json.dumps({**IONAPI, "sask": ""}), "service account"),
        (json.dumps({k: v for k, v in IONAPI.items() if k not in ("saak", "sask")}), "service"),
        (json.dumps({**IONAPI, "ot": None}), "token path"),
        (json.dumps({**IONAPI, "pu": "http://sso.example/as/"}), "https"),
        ("x" * 30_000, "large"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(
    ring: Keyring, text: str, word: str
) -> None:
    with pytest.raises(IpaasError) as caught:
        facade.create_connection(
            ring.workspace.id, "test", connector="keyring", name="Infor", auth="service",
            secrets={"ionapi": text},
        )  # fmt: skip
    assert word in caught.value.message and caught.value.hint
    assert "file-secret" not in str(caught.value.problem())


# OAuth 1.0a


def test_query_form_and_json_are_signed_as_the_rfc_says(ring: Keyring) -> None:
    made = ring.connect("typed_tokens")
    assert ring.ask(made, "signed", q="ü & ~!*'()").output == {"ok": True}
    assert facade.call(made.ref, "tell", {"what": "signed", "a": 1}).output == {"ok": True}
    assert len(ring.server.nonces) == 2


def test_a_wrong_token_secret_is_a_refusal_to_reconnect(ring: Keyring) -> None:
    made = ring.connect("typed_tokens", {**SIGNING, "token_secret": "wrong"})
    with pytest.raises(ConnectorError) as caught:
        ring.ask(made)
    assert caught.value.recovery is Recovery.REAUTHORISE


# Session log-on


def test_a_session_that_ended_in_the_middle_is_replaced_also_when_the_vendor_answers_200(
    ring: Keyring,
) -> None:
    made = ring.connect("logon")
    for text in (True, False):
        ring.server.session_ended_text = text
        ring.server.sessions.clear()
        assert ring.ask(made).output == {"ok": True}
    assert ring.server.counts["/logon"] == 2


def test_deleting_a_connection_logs_off_and_withdraws_tokens(ring: Keyring) -> None:
    session, client, plain = ring.connect("logon"), ring.connect("client"), ring.connect("basic")
    for made in (session, client):
        ring.ask(made)
    token = credentials.opened(client.ref).secrets["access_token"]
    assert facade.delete_connection(ring.workspace.id, session.id) is True
    assert facade.delete_connection(ring.workspace.id, client.id) is True
    assert facade.delete_connection(ring.workspace.id, plain.id) is None
    assert (ring.server.sessions, ring.server.revoked) == (set(), [token])


def test_a_connection_is_deleted_also_when_the_vendor_is_away(ring: Keyring) -> None:
    made = ring.connect("client")
    ring.ask(made)
    ConnectionRow.objects.filter(id=made.id).update(settings={"base_url": "http://127.0.0.1:9"})
    assert facade.delete_connection(ring.workspace.id, made.id) is False
    assert not ConnectionRow.objects.filter(id=made.id).exists()


# What a person types


def test_an_unknown_way_is_refused_by_name(ring: Keyring) -> None:
    with pytest.raises(ConnectionInvalid) as caught:
        facade.create_connection(
            ring.workspace.id, "test", connector="keyring", name="x", auth="telepathy",
            settings={"base_url": ring.server.url}, secrets=ACCOUNT,
        )  # fmt: skip
    assert "auth" in caught.value.facts["fields"]


@pytest.mark.parametrize("value", ["two\nlines", "x" * 20_001])
def test_a_key_that_cannot_be_one_is_refused(ring: Keyring, value: str) -> None:
    with pytest.raises(ConnectionInvalid) as caught:
        ring.connect("key_header", {"api_key": value})
    assert value not in str(caught.value.problem())


def test_scopes_that_were_not_granted_are_named(ring: Keyring) -> None:
    made = ring.connect("client")
    ring.ask(made)
    missing = facade.missing_scopes(ring.workspace.id, made.id, ["ask", "tell", "unknown"])
    assert missing == ("pay", "write")
    plain = ring.connect("basic")
    assert facade.missing_scopes(ring.workspace.id, plain.id, ["tell"]) == ()


def test_uses_are_counted_by_flow(ring: Keyring) -> None:
    made = ring.connect("basic")
    for _ in range(3):
        with facade.by_flow("flow_1"):
            ring.ask(made)
    ring.ask(made)
    found = facade.uses_of_secrets(ring.workspace.id, made.id)
    assert [(use.flow_id, use.count) for use in found] == [("flow_1", 3), ("", 1)]


def test_plain_http_to_a_log_in_server_is_for_sandboxes_only(ring: Keyring) -> None:
    assert "OAUTHLIB_INSECURE_TRANSPORT" not in os.environ
    made = facade.create_connection(
        ring.workspace.id, "test", connector="keyring", name="Own", auth="service",
        settings={"base_url": "http://10.0.0.1", "token_url": "http://10.0.0.1/token"},
        secrets={**CLIENT, **ACCOUNT}, on_premise=True,
    )  # fmt: skip
    with pytest.raises(ConnectorError) as caught:
        ring.ask(made)
    assert (caught.value.code, caught.value.executed) == ("connector.address_refused", "no")
    assert "https" in caught.value.message
