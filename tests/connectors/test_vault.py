"""Sealing: authentic, bound to workspace and record, rotatable, quick."""

from __future__ import annotations

import base64
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import keys, vault


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    vault.forget_keys()
    yield
    vault.forget_keys()


def key(key_id: str) -> str:
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


@given(plain=st.binary(max_size=5000), aad=st.binary(max_size=50))
def test_what_is_sealed_opens_again(plain: bytes, aad: bytes) -> None:
    cipher = vault.workspace_cipher("ws_a")
    assert cipher.open(cipher.seal(plain, aad), aad) == plain


def test_equal_texts_do_not_seal_equally_but_have_equal_digests() -> None:
    cipher = vault.workspace_cipher("ws_a")
    assert cipher.seal(b"same") != cipher.seal(b"same")
    assert cipher.digest(b"same") == cipher.digest(b"same")
    assert cipher.digest(b"same") != vault.workspace_cipher("ws_b").digest(b"same")


@pytest.mark.parametrize(
    ("workspace", "purpose", "record"),
    [("ws_b", "p", "r"), ("ws_a", "other", "r"), ("ws_a", "p", "other")],
)
def test_a_sealed_text_opens_only_where_it_belongs(
    workspace: str, purpose: str, record: str
) -> None:
    sealed = vault.seal("ws_a", "p", "r", b"secret")
    with pytest.raises(vault.SealBroken):
        vault.open_sealed(workspace, purpose, record, sealed)


@given(position=st.integers(min_value=0, max_value=60))
def test_any_changed_byte_is_noticed(position: int) -> None:
    sealed = bytearray(vault.seal("ws_a", "p", "r", b"a secret of some length ....."))
    sealed[position % len(sealed)] ^= 1
    with pytest.raises(vault.SealBroken):
        vault.open_sealed("ws_a", "p", "r", bytes(sealed))


@pytest.mark.parametrize("broken", [b"", b"\x01", b"\x01\x02k1", b"\x02rest"])
def test_a_cut_text_is_noticed(broken: bytes) -> None:
    with pytest.raises(vault.SealBroken):
        vault.workspace_cipher("ws_a").open(broken)


def test_after_a_rotation_old_texts_open_and_new_ones_use_the_new_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old, new = key("k1"), key("k2")
    monkeypatch.setenv("CAUSEWAY_MASTER_KEY", old)
    vault.forget_keys()
    sealed = vault.seal("ws_a", "p", "r", b"old")
    name = vault.workspace_cipher("ws_a").digest(b"content")

    monkeypatch.setenv("CAUSEWAY_MASTER_KEY", f"{new},{old}")
    vault.forget_keys()

    assert vault.open_sealed("ws_a", "p", "r", sealed) == b"old"
    assert b"k2" in vault.seal("ws_a", "p", "r", b"new")[:5]
    assert vault.workspace_cipher("ws_a").digest(b"content") == name

    monkeypatch.setenv("CAUSEWAY_MASTER_KEY", new)
    vault.forget_keys()
    with pytest.raises(vault.SealBroken):
        vault.open_sealed("ws_a", "p", "r", sealed)


def test_the_key_file_is_made_once_and_is_private(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CAUSEWAY_MASTER_KEY", raising=False)
    settings.DATA_DIR = tmp_path
    vault.forget_keys()
    sealed = vault.seal("ws_a", "p", "r", b"x")
    path = tmp_path / "master.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_text()
    vault.forget_keys()
    assert vault.open_sealed("ws_a", "p", "r", sealed) == b"x"
    assert path.read_text() == content
    assert [entry.name for entry in tmp_path.iterdir()] == ["master.key"]


@pytest.mark.parametrize(
    "text", ["k1:short", "k1:" + base64.b64encode(b"16 bytes are few").decode()]
)
def test_a_key_of_the_wrong_form_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUSEWAY_MASTER_KEY", text)
    vault.forget_keys()
    with pytest.raises(keys.KeysUnavailable) as caught:
        vault.workspace_cipher("ws_a")
    assert text.partition(":")[2] not in f"{caught.value.message} {caught.value.hint}"
