"""Master keys: where they come from, how they are changed while work goes on, and what is said."""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database

from connectors import credentials, facade, key_check, keys, rotation, vault
from connectors.models import Credential
from runtime.effects import payloads
from runtime.models import Payload
from tests.connectors.keyring_bench import Keyring, keyring
from tests.connectors.vault_server import ROLE, SECRET_ID, TOKEN, VaultServer, vault_server

FIXED = "k1:" + base64.b64encode(bytes(range(32))).decode()


def key(name: str) -> str:
    return f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    vault.forget_keys()
    yield
    vault.forget_keys()


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keys in a file that the operator named."""
    path = tmp_path / "keys"
    path.write_text(key("k1") + "\n")
    monkeypatch.delenv("CAUSEWAY_MASTER_KEY", raising=False)
    monkeypatch.setenv("CAUSEWAY_MASTER_KEY_FILE", str(path))
    vault.forget_keys()
    return path


@pytest.fixture
def ring(db: None, key_file: Path, settings: Any) -> Iterator[Keyring]:
    with keyring(settings) as made:
        yield made


@pytest.fixture
def hashicorp(monkeypatch: pytest.MonkeyPatch) -> Iterator[VaultServer]:
    pytest.importorskip("hvac")
    monkeypatch.delenv("CAUSEWAY_MASTER_KEY", raising=False)
    with vault_server() as server:
        monkeypatch.setenv("CAUSEWAY_VAULT_ADDR", server.url)
        monkeypatch.setenv("CAUSEWAY_VAULT_TOKEN", TOKEN)
        server.secrets["causeway"] = [{"master_keys": key("k1")}]
        vault.forget_keys()
        yield server


def rotate(*options: str) -> str:
    out = StringIO()
    call_command("rotate_keys", "--settle=0", *options, stdout=out)
    return out.getvalue()


def test_rotating_seals_everything_anew_and_retires_the_old_key(
    ring: Keyring, key_file: Path
) -> None:
    made = [ring.connect("basic") for _ in range(5)]
    box = payloads.PayloadBox(ring.workspace.id)
    references = [box.keep({"order": number}) for number in range(7)]
    payloads.write(box.rows())

    told = rotate("--batch=2", "--retire")

    assert "New master key: k2" in told and "Retired: k1" in told
    assert "secrets of connections: 2 sealed anew, 3 left" in told
    assert key_file.read_text().startswith("k2:") and "k1:" not in key_file.read_text()
    vault.forget_keys()
    assert ring.ask(made[0]).output == {"ok": True}
    assert len(payloads.load(ring.workspace.id, references)) == 7
    prefix = vault.newest_prefix()
    assert all(bytes(row.sealed).startswith(prefix) for row in Credential.objects.all())
    assert all(bytes(row.sealed).startswith(prefix) for row in Payload.objects.all())


def test_a_rotation_that_was_stopped_goes_on_where_it_was(ring: Keyring) -> None:
    for _ in range(6):
        ring.connect("basic")
    rotation.make_key()
    first = next(rotation.reseal(batch=2))
    assert (first.done, first.left) == (2, 4)
    assert "secrets of connections: 4 sealed anew, 0 left" in rotate("--no-new-key")
    assert rotation.left_to_do() == {}


def test_a_key_that_is_needed_is_not_retired(ring: Keyring) -> None:
    ring.connect("basic")
    rotation.make_key()
    with pytest.raises(rotation.KeyInUse) as caught:
        rotation.retire_old_keys()
    assert "1 secrets of connections" in caught.value.message


def test_a_value_no_key_opens_is_counted_and_left(ring: Keyring) -> None:
    made = ring.connect("basic")
    Credential.objects.filter(connection_id=made.id).update(sealed=b"\x01\x02k1" + b"x" * 40)
    with pytest.raises(CommandError) as caught:
        rotate()
    assert "Left: 1 secrets of connections" in str(caught.value)


@pytest.mark.django_db(transaction=True)
def test_secrets_change_and_are_used_while_keys_rotate(
    transactional_db: None, key_file: Path, settings: Any
) -> None:
    with keyring(settings) as ring:
        made = [ring.connect("basic") for _ in range(4)]
        failures: list[Exception] = []
        stop = threading.Event()

        def work(number: int) -> None:
            try:
                while not stop.is_set():
                    facade.save_secrets(ring.workspace.id, made[number].id, {"password": "x"})
                    credentials.forget(made[number].id)
                    credentials.opened(made[number].ref, fresh=True)
            except Exception as error:
                failures.append(error)
            finally:
                database.close()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(3):
                rotate("--batch=1", "--retire")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert failures == []
        for each in made:
            assert credentials.opened(each.ref, fresh=True).secrets["username"]


def test_a_process_that_holds_the_old_keys_opens_what_a_newer_one_sealed(key_file: Path) -> None:
    old = vault.workspace_cipher("ws_a")
    newer = keys.with_new(keys.source().read())
    keys.source().write(newer)
    sealed = vault.WorkspaceCipher("ws_a", newer).seal(b"new")
    assert old.open(sealed) == b"new"


def test_secrets_moved_to_another_row_do_not_open(ring: Keyring) -> None:
    one, other = ring.connect("basic"), ring.connect("bearer")
    moved = Credential.objects.get(connection_id=one.id).sealed
    Credential.objects.filter(connection_id=other.id).update(sealed=moved)
    credentials.forget(other.id)
    with pytest.raises(vault.SealBroken) as caught:
        ring.ask(other)
    assert caught.value.hint


def test_another_database_or_a_lost_key_is_told_at_the_start(ring: Keyring, key_file: Path) -> None:
    ring.connect("basic")
    assert key_check.check_keys().tried >= 1
    key_file.write_text(key("k1"))
    vault.forget_keys()
    with pytest.raises(key_check.KeysWrong) as caught:
        key_check.check_keys()
    assert "master.key" in caught.value.hint
    with pytest.raises(CommandError):
        call_command("check_keys")
    key_file.unlink()
    vault.forget_keys()
    with pytest.raises(keys.KeysUnavailable) as missing:
        key_check.check_keys()
    assert "CAUSEWAY_MASTER_KEY_FILE" in missing.value.hint


def test_keys_of_the_environment_are_changed_by_the_operator_only(
    monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setenv("CAUSEWAY_MASTER_KEY", key("k1"))
    vault.forget_keys()
    with pytest.raises(CommandError) as caught:
        rotate()
    assert "only you can change" in str(caught.value) and "operations.md" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "word"),
    [("k1:zz!", "base64"), ("k1:" + base64.b64encode(b"few").decode(), "3 bytes"),
     (" ", "no master key"), ("a b:AAAA", "base64"), (f"{FIXED},{FIXED}", "Two")],
)  # fmt: skip
def test_keys_of_the_wrong_form_are_refused_in_words(text: str, word: str) -> None:
    with pytest.raises(keys.KeysUnavailable) as caught:
        keys.parse(text)
    assert word in caught.value.message and caught.value.hint


# HashiCorp Vault


def test_keys_come_from_vaults_kv_and_rotate_there(hashicorp: VaultServer, db: None) -> None:
    sealed = vault.seal("ws_a", "p", "r", b"secret")
    assert "k2" in rotate()
    assert len(hashicorp.secrets["causeway"]) == 2
    vault.forget_keys()
    assert vault.open_sealed("ws_a", "p", "r", sealed) == b"secret"
    assert vault.seal("ws_a", "p", "r", b"new").startswith(b"\x01\x02k2")


def test_transit_wraps_the_keys_that_lie_here(
    hashicorp: VaultServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any, db: None
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setenv("CAUSEWAY_VAULT_TRANSIT", "transit/causeway")
    vault.forget_keys()
    sealed = vault.seal("ws_a", "p", "r", b"secret")
    wrapped = tmp_path / "master.key.wrapped"
    assert wrapped.read_text().startswith("k1:vault:v1:")
    rotate()
    vault.forget_keys()
    assert vault.open_sealed("ws_a", "p", "r", sealed) == b"secret"
    assert [line[:3] for line in wrapped.read_text().split()] == ["k2:", "k1:"]


def test_an_app_role_logs_in(hashicorp: VaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAUSEWAY_VAULT_TOKEN")
    monkeypatch.setenv("CAUSEWAY_VAULT_ROLE_ID", ROLE)
    monkeypatch.setenv("CAUSEWAY_VAULT_SECRET_ID", SECRET_ID)
    hashicorp.tokens.clear()
    assert list(keys.source().read()) == ["k1"]
    monkeypatch.setenv("CAUSEWAY_VAULT_SECRET_ID", "wrong")
    with pytest.raises(keys.KeysUnavailable) as caught:
        keys.source().read()
    assert "role" in caught.value.message


@pytest.mark.parametrize(
    ("setting", "value", "word"),
    [
        ("CAUSEWAY_VAULT_TOKEN", "wrong", "refuses"),
        ("CAUSEWAY_VAULT_KV", "secret/other", "no master keys"),
        ("CAUSEWAY_VAULT_KV", "nonsense", "mount/path"),
        ("CAUSEWAY_VAULT_ADDR", "http://127.0.0.1:9", "reached"),
        ("CAUSEWAY_VAULT_TOKEN", "", "who we are"),
    ],
)
def test_what_is_wrong_with_vault_is_said(
    hashicorp: VaultServer, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, word: str
) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.setenv(setting, value)
    with pytest.raises(keys.KeysUnavailable) as caught:
        keys.source().read()
    assert word in caught.value.message and caught.value.hint


def test_a_sealed_vault_stops_the_start_but_not_the_work(hashicorp: VaultServer) -> None:
    vault.seal("ws_a", "p", "r", b"x")
    hashicorp.sealed = True
    vault._held.look_at = 0.0
    assert vault.seal("ws_a", "p", "r", b"y"), "keys are in memory"
    vault.forget_keys()
    with pytest.raises(keys.KeysUnavailable) as caught:
        vault.seal("ws_a", "p", "r", b"z")
    assert "sealed" in caught.value.message
