"""Consent and tokens: given once, renewed once however many ask, and never used when refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.db import connection as database

from connectors import consent, credentials, facade
from connectors.models import ConsentState, Credential
from connectors.sandbox_kit.testing import SandboxHandle
from connectors.sdk import ConnectorError
from connectors.testing.bench import Bench, approve
from ipaas.core import clock
from ipaas.core.errors import Recovery
from ipaas.tenancy import facade as tenancy

Make = Callable[[str], Bench]


@pytest.fixture
def waiting(db: None, sandbox_process: SandboxHandle, settings: Any) -> Any:
    """A QuickBooks connection that nobody has authorised yet, with its workspace and owner."""
    settings.SANDBOX_URL = sandbox_process.base_url
    user = get_user_model().objects.create_user("owner")
    workspace = tenancy.create_workspace(f"w{id(user)}", "W", user)
    made = facade.create_connection(
        workspace.id, "test", connector="quickbooks", name="Books", sandbox=True
    )
    return workspace, user, made


def test_a_connection_waits_for_consent_and_refuses_calls_until_then(waiting: Any) -> None:
    _, _, made = waiting
    assert made.status == "needs_consent"
    with pytest.raises(ConnectorError) as caught:
        facade.call(made.ref, "company_info", {})
    assert (caught.value.recovery, caught.value.exchanges) == (Recovery.REAUTHORISE, ())


def test_consent_makes_the_connection_ready_and_remembers_the_company(waiting: Any) -> None:
    workspace, user, made = waiting
    url = facade.begin_consent(workspace.id, made.id, user.pk)
    query = parse_qs(urlsplit(url).query)
    assert query["scope"] == ["com.intuit.quickbooks.accounting"]
    assert query["redirect_uri"] == [consent.redirect_uri()]
    answer = approve(url)

    found = facade.finish_consent(
        user.pk, state=answer["state"], code=answer["code"], account=answer["realmId"]
    )

    assert (found.status, found.account) == ("ready", answer["realmId"])
    assert found.expires_at is not None and found.expires_at > clock.now()
    assert facade.test_connection(workspace.id, made.id).ok


def test_a_state_is_good_for_one_use(waiting: Any) -> None:
    workspace, user, made = waiting
    answer = approve(facade.begin_consent(workspace.id, made.id, user.pk))
    options = {"state": answer["state"], "code": answer["code"], "account": answer["realmId"]}
    facade.finish_consent(user.pk, **options)
    with pytest.raises(consent.ConsentRefused):
        facade.finish_consent(user.pk, **options)


def test_a_state_belongs_to_the_person_who_began(waiting: Any) -> None:
    workspace, user, made = waiting
    bob = get_user_model().objects.create_user("bob")
    answer = approve(facade.begin_consent(workspace.id, made.id, user.pk))
    options = {"state": answer["state"], "code": answer["code"], "account": answer["realmId"]}
    with pytest.raises(consent.ConsentRefused):
        facade.finish_consent(bob.pk, **options)
    assert facade.finish_consent(user.pk, **options).status == "ready", "Bob's try took nothing"


def test_a_state_ends_after_ten_minutes(waiting: Any) -> None:
    workspace, user, made = waiting
    answer = approve(facade.begin_consent(workspace.id, made.id, user.pk))
    later = clock.VirtualClock(clock.now() + timedelta(minutes=11))
    with clock.use(later), pytest.raises(consent.ConsentRefused):
        facade.finish_consent(
            user.pk, state=answer["state"], code=answer["code"], account=answer["realmId"]
        )


def test_saying_no_at_the_vendor_changes_nothing(waiting: Any) -> None:
    workspace, user, made = waiting
    url = facade.begin_consent(workspace.id, made.id, user.pk)
    state = parse_qs(urlsplit(url).query)["state"][0]
    with pytest.raises(consent.ConsentDenied):
        facade.finish_consent(user.pk, state=state, error="access_denied")
    assert facade.get_connection_by_id(workspace.id, made.id).status == "needs_consent"
    assert not ConsentState.objects.exists()


def test_another_company_is_refused_for_an_authorised_connection(make: Make, db: None) -> None:
    bench = make("quickbooks")
    answer = approve(facade.begin_consent(bench.workspace.id, bench.connection.id, bench.user.pk))
    with pytest.raises(consent.ConsentRefused):
        facade.finish_consent(
            bench.user.pk, state=answer["state"], code=answer["code"], account="999"
        )


def test_no_secret_is_stored_in_the_clear(make: Make, db: None) -> None:
    bench = make("quickbooks")
    stored = bytes(Credential.objects.get(connection_id=bench.connection.id).sealed)
    for secret in credentials.opened(bench.ref).secrets.values():
        if len(str(secret)) >= 6:
            assert str(secret).encode() not in stored


def test_a_token_is_renewed_before_it_ends(make: Make, db: None) -> None:
    bench = make("quickbooks")
    before = credentials.opened(bench.ref)
    Credential.objects.filter(connection_id=bench.connection.id).update(
        expires_at=clock.now() + timedelta(seconds=30)
    )
    credentials.forget(bench.connection.id)

    reply = bench.call("company_info")

    after = credentials.opened(bench.ref)
    assert len(reply.exchanges) == 1, "no 401 was met"
    assert after.version == before.version + 1
    assert after.secrets["refresh_token"] != before.secrets["refresh_token"]
    assert after.secrets["client_id"] == before.secrets["client_id"]


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_that_need_a_new_token_renew_it_once(make: Make) -> None:
    bench = make("quickbooks")
    before = credentials.opened(bench.ref)
    Credential.objects.filter(connection_id=bench.connection.id).update(
        expires_at=clock.now() - timedelta(seconds=1)
    )
    credentials.forget(bench.connection.id)
    start, failures = threading.Barrier(20), []

    def work() -> None:
        try:
            start.wait()
            bench.call("company_info")
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
    assert credentials.opened(bench.ref, fresh=True).version == before.version + 1


@pytest.mark.django_db(transaction=True)
def test_a_renewal_by_another_process_is_waited_for_and_used(make: Make) -> None:
    bench = make("quickbooks")
    before = credentials.opened(bench.ref, fresh=True)
    row = Credential.objects.filter(connection_id=bench.connection.id)
    row.update(
        expires_at=clock.now() - timedelta(seconds=1),
        refreshing_until=clock.now() + timedelta(seconds=30),
    )
    credentials.forget(bench.connection.id)
    replies: list[Any] = []

    def work() -> None:
        try:
            replies.append(bench.call("company_info"))
        finally:
            database.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(timeout=0.3)
    assert thread.is_alive(), "it waits for the other process"
    credentials.replace(
        bench.workspace.id,
        bench.connection.id,
        before.secrets,
        version=before.version,
        expires_at=clock.now() + timedelta(hours=1),
    )
    thread.join(timeout=10)
    assert len(replies) == 1


def test_a_renewal_whose_process_died_is_taken_over(make: Make, db: None) -> None:
    bench = make("quickbooks")
    Credential.objects.filter(connection_id=bench.connection.id).update(
        expires_at=clock.now() - timedelta(seconds=1),
        refreshing_until=clock.now() - timedelta(seconds=1),
    )
    credentials.forget(bench.connection.id)
    assert bench.call("company_info").output["CompanyName"]


def test_a_withdrawn_authorisation_asks_for_a_reconnect(make: Make, db: None) -> None:
    bench = make("quickbooks")
    held = credentials.opened(bench.ref)
    credentials.replace(
        bench.workspace.id,
        bench.connection.id,
        {**held.secrets, "refresh_token": "gone"},
        version=None,
        expires_at=clock.now() - timedelta(seconds=1),
    )

    with pytest.raises(ConnectorError) as caught:
        bench.call("company_info")

    assert (caught.value.code, caught.value.recovery) == (
        "connection.expired",
        Recovery.REAUTHORISE,
    )
    assert bench.reread().status == "reconnect"
    assert "gone" not in bench.reread().last_error


def test_a_token_endpoint_in_trouble_is_no_reason_to_reconnect(
    make: Make, db: None, sandbox_process: SandboxHandle, settings: Any
) -> None:
    bench = make("quickbooks")
    row = Credential.objects.filter(connection_id=bench.connection.id)
    row.update(expires_at=clock.now() - timedelta(seconds=1))
    from connectors.models import ConnectionRow

    settings.SANDBOX_URL = "http://127.0.0.1:9"
    ConnectionRow.objects.filter(id=bench.connection.id).update(
        settings={"base_url": "http://127.0.0.1:9/x/quickbooks"}
    )
    credentials.forget(bench.connection.id)
    with pytest.raises(ConnectorError) as caught:
        bench.call("company_info")
    assert (caught.value.recovery, caught.value.executed) == (Recovery.RETRY, "no")
    assert bench.reread().status == "ready"
    assert row.get().refreshing_until is None, "the next one may try at once"


def test_a_write_that_meets_an_ended_token_is_sent_again_with_a_new_one(
    make: Make, db: None
) -> None:
    bench = make("quickbooks")
    bench.fault("token_expired", times=1)
    reply = bench.call("create_customer", "key", DisplayName="Just Once Ltd")
    assert [entry.response["status"] for entry in reply.exchanges if entry.response] == [401, 200]
    names = [record["DisplayName"] for record in bench.records("Customer")]
    assert names.count("Just Once Ltd") == 1
