"""The log-in page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.test import Client, override_settings

from ipaas.core import clock
from ipaas.core.clock import VirtualClock
from ipaas.tenancy.pages import TRIES_PER_ADDRESS, TRIES_PER_NAME, WINDOW
from tests.kit.cast import PASSWORD, Cast


def try_login(client: Client, name: str, password: str, target: str = "") -> tuple[int, str]:
    """Status, and the page or the address it leads to."""
    answer = client.post("/login", {"username": name, "password": password, "next": target})
    return answer.status_code, answer.headers.get("Location") or answer.content.decode()


def test_alice_logs_in_and_goes_where_she_wanted(cast: Cast) -> None:
    client = Client()
    assert try_login(client, "alice", PASSWORD, "/w/north/flows") == (302, "/w/north/flows")
    assert client.get("/api/v1/me").status_code == 200


def test_nobody_is_sent_to_another_site(cast: Cast) -> None:
    assert try_login(Client(), "alice", PASSWORD, "https://elsewhere.example/") == (302, "/")


def test_a_wrong_password_is_explained_and_the_name_is_kept(cast: Cast) -> None:
    status, page = try_login(Client(), "alice", "wrong")
    assert status == 401
    assert "do not match" in page
    assert 'value="alice"' in page
    assert "wrong" not in page


def test_a_name_that_does_not_exist_looks_the_same(cast: Cast) -> None:
    real = try_login(Client(), "alice", "wrong")[1].replace('value="alice"', "")
    made_up = try_login(Client(), "zoe", "wrong")[1].replace('value="zoe"', "")
    assert _without_token(real) == _without_token(made_up)


def test_after_too_many_wrong_passwords_even_the_right_one_waits(cast: Cast) -> None:
    with clock.use(VirtualClock(datetime.now(UTC))) as time:
        client = Client()
        for _ in range(TRIES_PER_NAME):
            assert try_login(client, "alice", "wrong")[0] == 401
        status, page = try_login(client, "Alice ", PASSWORD)
        assert status == 429
        assert "Too many wrong passwords" in page
        assert try_login(client, "vera", PASSWORD)[0] == 302
        assert isinstance(time, VirtualClock)
        time.advance(WINDOW + timedelta(seconds=1))
        assert try_login(Client(), "alice", PASSWORD)[0] == 302


def test_trying_many_names_from_one_address_is_stopped(cast: Cast) -> None:
    client = Client()
    for number in range(TRIES_PER_ADDRESS):
        assert try_login(client, f"name{number}", "wrong")[0] == 401
    assert try_login(client, "another", "wrong")[0] == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert try_login(elsewhere, "alice", PASSWORD)[0] == 302


def test_logging_out_needs_a_form_and_ends_the_session(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.alice)
    assert client.get("/logout").status_code == 405
    answer = client.post("/logout")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")
    assert client.get("/api/v1/me").status_code == 401


def test_demo_accounts_are_shown_on_a_demo_only(db: None) -> None:
    assert b"This is a demo" not in Client().get("/login").content
    with override_settings(CAUSEWAY_DEMO=True):
        assert b"This is a demo" in Client().get("/login").content


def test_the_page_needs_no_script_and_no_inline_style(db: None) -> None:
    page = Client().get("/login").content.decode()
    assert "<script" not in page
    assert "style=" not in page
    assert "<style" not in page


def _without_token(page: str) -> str:
    return "".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)
